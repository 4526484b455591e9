"""終わり方 as a form: one choice, and for whoever has begun a few lines that may stay empty."""

from datetime import date
from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core import taxonomy
from mentorlink.core.forms import Choice, DayLine, HouseForm, ListChoice, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.engagements.models import Side
from mentorlink.outcomes.services import STARTED

UNREACHABLE = "08"
OWN_WORDS = {"05": lazy("いったん休みます（災害・家庭・健康など）")}  # a wish, not a report


class BeginningLine(DayLine):
    """The day on which it began: none to come."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.day is None:
            return
        if form.ending.data != STARTED:
            raise StopValidation(lazy("はじめた日は、「動き出した」ときだけ書けます。"))
        if self.day > form.today:
            raise StopValidation(lazy("まだ来ていない日です。はじめた日を教えてください。"))


class EndingForm(HouseForm):
    ending = Choice(lazy("いまの気持ちや様子に、いちばん近いものはどれですか"))
    started_on = BeginningLine(lazy("始まった日（だいたいで大丈夫です）"))
    prefecture = ListChoice(lazy("始まった場所（都道府県）"), required=False)
    activity_name = TextLine(lazy("活動の名前"), 100)

    def __init__(self, side: Side, today: date, **arguments: Any):
        """``today`` on the office's clocks: nothing has begun after it."""
        super().__init__(**arguments)
        self.today = today
        self.ending.choices = ending_choices(side)
        self.prefecture.choices = [("", ""), *((each.code, each.label()) for each in taxonomy.prefectures())]

    def facts(self) -> dict[str, Any]:
        """The columns of Outcome that belong to a beginning; nothing for another ending."""
        if self.ending.data != STARTED:
            return {}
        return {
            "started_on": self.started_on.day,
            "prefecture": self.prefecture.data or None,
            "activity_name": self.activity_name.value,
        }


def ending_choices(side: Side) -> list[tuple[str, Any]]:
    """Each in the applicant's own words; 連絡がつかない is a word of the office alone."""
    return [
        (each.code, OWN_WORDS.get(each.code, each.said()))
        for each in taxonomy.terms("ending")
        if each.code != UNREACHABLE or side is Side.OFFICE
    ]
