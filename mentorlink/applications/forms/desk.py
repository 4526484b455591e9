"""The office's forms about an application."""

import re
from typing import Any

from wtforms import FileField
from wtforms.validators import StopValidation

from mentorlink.applications.forms.screens import (
    ContactForm,
    PlaceForm,
    StoryForm,
    TalkForm,
    ThemesForm,
    question_fields,
    written_answers,
)
from mentorlink.applications.models import ImportKind, Intake
from mentorlink.core.forms import Check, Choice, HouseForm, ListChoice, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.programmes.models import Programme

MOST_CALL_MINUTES = 600


class OnBehalfForm(ContactForm, PlaceForm, ThemesForm, StoryForm, TalkForm):
    """Everything on one page, for a paper or a telephone call. Only the person's own telephone connects LINE."""

    offers_line = False

    intake = Choice(
        lazy("どのように届きましたか"),
        choices=[(Intake.PHONE.value, lazy("電話")), (Intake.PAPER.value, lazy("紙"))],
    )
    programme_id = ListChoice(lazy("事業"))
    consents_heard = Check(
        lazy("個人情報のお預かりと、担当・講師への共有に同意をいただきました"), required=True
    )

    def values(self) -> dict[str, Any]:
        parts = (ContactForm, PlaceForm, ThemesForm, StoryForm, TalkForm)
        return {name: value for part in parts for name, value in part.values(self).items()}

    def sound(self, name: str) -> bool:
        return True

    def written(self) -> dict[int, str]:
        return written_answers(self)


def on_behalf_form(programme: Programme | None) -> type[OnBehalfForm]:
    """The one page, with the questions that this programme alone asks."""
    members: dict[str, Any] = dict(question_fields(programme)) if programme is not None else {}
    return type("OnBehalfForm", (OnBehalfForm,), members)


class QuestionForm(HouseForm):
    question = TextBlock(lazy("おたずねしたいこと（一つだけ）"), maximum=500, required=True)
    first_choice = TextLine(lazy("えらべる答え（1）"), maximum=60)
    second_choice = TextLine(lazy("えらべる答え（2）"), maximum=60)

    def validate_second_choice(self, field: Any) -> None:
        if bool(field.value) != bool(self.first_choice.value):
            raise StopValidation(lazy("えらべる答えは、2つとも書くか、2つとも空けてください。"))


class CallForm(HouseForm):
    minutes = TextLine(lazy("分"), maximum=10, required=True)
    reached = Check(lazy("つながりました"))

    def validate_minutes(self, field: Any) -> None:
        if not re.fullmatch(r"[0-9]{1,3}", field.text) or int(field.text) > MOST_CALL_MINUTES:
            raise StopValidation(lazy("0から600までの数字で教えてください。"))


class ImportForm(HouseForm):
    kind = Choice(
        lazy("何の一覧ですか"),
        choices=[
            (ImportKind.APPLICATIONS.value, lazy("申込")),
            (ImportKind.SUPPORTERS.value, lazy("講師・メンター")),
        ],
    )
    programme_id = ListChoice(lazy("事業（申込のとき）"), required=False)
    file = FileField(lazy("CSV ファイル"))

    def validate_file(self, field: Any) -> None:
        if not field.data:
            raise StopValidation(lazy("ファイルをえらんでください。"))

    def validate_programme_id(self, field: Any) -> None:
        if self.kind.data == ImportKind.APPLICATIONS and not field.data:
            raise StopValidation(lazy("申込のときは、事業をえらんでください。"))


class ImportConfirmForm(HouseForm):
    consents_heard = Check(
        lazy("この一覧の方は、個人情報のお預かりと、担当・講師への共有に同意しています"), required=True
    )
