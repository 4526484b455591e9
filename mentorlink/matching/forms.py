"""What a supporter answers, and the order that the office ticks."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core.dates import BadDate, parse_date
from mentorlink.core.forms import Choice, HouseForm, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.matching.models import DeclineReason
from mentorlink.matching.words import DECLINE_WORDS

PLACE = "place-"
REASONS = [(reason.value, lazy(DECLINE_WORDS[reason.value])) for reason in DeclineReason]


class DeclineForm(HouseForm):
    reason = Choice(lazy("差しつかえない範囲で、理由を教えてください"), choices=REASONS)
    pause_until = TextLine(lazy("しばらくお休みする場合は、いつまでですか"), maximum=30)

    def validate_pause_until(self, field: Any) -> None:
        if field.value is not None:
            try:
                parse_date(field.value)
            except BadDate:
                raise StopValidation(lazy("「2026年12月31日」のように書いてください。")) from None

    def chosen_reason(self) -> DeclineReason:
        return DeclineReason(self.reason.data)

    def chosen_pause(self) -> date | None:
        return parse_date(self.pause_until.value) if self.pause_until.value else None


def chosen_order(form: Mapping[str, str]) -> list[int]:
    """Supporter ids by the numbers given to them (``place-12=1``). Raises ValueError where two have the same."""
    places = {
        int(name.removeprefix(PLACE)): int(value)
        for name, value in form.items()
        if name.startswith(PLACE) and name.removeprefix(PLACE).isdecimal() and value.isdecimal()
    }
    if len(set(places.values())) != len(places):
        raise ValueError("same place twice")
    return sorted(places, key=lambda supporter_id: places[supporter_id])
