"""What people type to come in. A password is never shown again, and never cleaned."""

from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import StopValidation

from mentorlink.accounts.services import LONGEST_PASSWORD, SHORTEST_PASSWORD
from mentorlink.core.forms import EmailLine, HouseForm, TextLine
from mentorlink.core.i18n import lazy


class Secret(PasswordField):
    """Always needed, and its label says so."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.flags.required = True

    def pre_validate(self, form: object) -> None:
        if not self.data:
            raise StopValidation(lazy("ここを教えてください。"))


class NewSecret(Secret):
    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        if len(self.data) < SHORTEST_PASSWORD:
            raise StopValidation(lazy("合言葉は10文字以上でお願いします。長い文でも大丈夫です。"))
        if len(self.data) > LONGEST_PASSWORD:
            raise StopValidation(lazy("合言葉は200文字までです。少し短くしていただけますか。"))


class SignInForm(HouseForm):
    email = EmailLine(lazy("メールアドレス"), required=True)
    password = Secret(lazy("合言葉（パスワード）"))
    next = HiddenField()


class LinkForm(HouseForm):
    email = EmailLine(lazy("メールアドレス"), required=True)


class CodeForm(HouseForm):
    code = TextLine(lazy("6けたの数字"), 20, required=True)


class JoinForm(HouseForm):
    password = NewSecret(lazy("これから使う合言葉"))


class PasswordForm(HouseForm):
    current = Secret(lazy("いまの合言葉"))
    password = NewSecret(lazy("これから使う合言葉"))
