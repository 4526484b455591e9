"""What is written on the board's pages."""

from datetime import date, timedelta
from typing import Any

from flask import request
from wtforms import HiddenField
from wtforms.validators import Length, StopValidation

from mentorlink.core import taxonomy
from mentorlink.core.dates import local_date
from mentorlink.core.forms import Choice, Choices, DayLine, HouseForm, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.core.web import now
from mentorlink.engagements.forms import LONGEST_MESSAGE
from mentorlink.engagements.models import PauseReason
from mentorlink.home.board.many import ticked
from mentorlink.home.board.words import REST_WORDS

LONGEST_REST = timedelta(days=730)
TOKEN = [Length(min=8, max=64)]


class ViewForm(HouseForm):
    name = TextLine(lazy("絞り込みの名前"), 30, required=True)


class LetterForm(HouseForm):
    """``submission`` names this letter, ``seen`` proves that its effect was shown (``many.proof_of``)."""

    body = TextBlock(lazy("みなさんへのことば"), LONGEST_MESSAGE, required=True)
    submission = HiddenField(validators=TOKEN)
    seen = HiddenField()


class RestForm(HouseForm):
    """A rest of the ticked lines, else of a region. Looking at its effect changes nothing, so it comes by GET too."""

    region = Choices(lazy("お休みにする地域"))
    reason = Choice(lazy("お休みのわけ"))
    expected_until = DayLine(lazy("いつごろまで"))
    batch = HiddenField(validators=TOKEN)
    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.region.choices = [(each.code, each.label()) for each in taxonomy.prefectures()]
        self.reason.choices = [(reason.value, lazy(REST_WORDS[reason])) for reason in PauseReason]
        self.region.required = self.region.flags.required = not ticked(request.values)

    def validate_expected_until(self, field: DayLine) -> None:
        today = local_date(now())
        if field.day is not None and not today <= field.day <= today + LONGEST_REST:
            raise StopValidation(lazy("きょうから2年のあいだの日付でお願いします。"))

    @property
    def until(self) -> date | None:
        return self.expected_until.day


class ResumptionForm(HouseForm):
    seen = HiddenField()
