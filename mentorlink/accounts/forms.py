"""What people type to come in. A password is never shown again, and never cleaned."""

from typing import Any

from wtforms import HiddenField, PasswordField
from wtforms.validators import StopValidation

from mentorlink.accounts.services import LONGEST_PASSWORD, SHORTEST_PASSWORD
from mentorlink.core.actor import Role
from mentorlink.core.forms import Choice, EmailLine, HouseForm, TextLine
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


ROLE_WORDS = {
    Role.OFFICE: lazy("事務局の担当"),
    Role.LEAD: lazy("事務局の責任者"),
    Role.ADMIN: lazy("管理者"),
}


class ColleagueForm(HouseForm):
    name = TextLine(lazy("お名前"), 60, required=True)
    email = EmailLine(lazy("メールアドレス"), required=True)
    role = Choice(lazy("役割"), choices=[])

    def offer(self, roles: tuple[Role, ...]) -> "ColleagueForm":
        """Only these may be chosen; the first stands chosen where nothing was sent."""
        self.role.choices = [(role.value, ROLE_WORDS[role]) for role in roles]
        self.role.data = self.role.data or roles[0].value
        return self
