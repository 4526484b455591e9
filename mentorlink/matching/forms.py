"""What a supporter answers, and the order that the office ticks."""

from collections.abc import Mapping
from datetime import date

from mentorlink.core.forms import Choice, DayLine, HouseForm
from mentorlink.core.i18n import lazy
from mentorlink.matching.models import DeclineReason
from mentorlink.matching.words import DECLINE_WORDS

PLACE = "place-"
REASONS = [(reason.value, lazy(DECLINE_WORDS[reason.value])) for reason in DeclineReason]


class DeclineForm(HouseForm):
    reason = Choice(lazy("差しつかえない範囲で、理由を教えてください"), choices=REASONS)
    pause_until = DayLine(lazy("しばらくお休みする場合は、いつまでですか"))

    def chosen_reason(self) -> DeclineReason:
        return DeclineReason(self.reason.data)

    def chosen_pause(self) -> date | None:
        return self.pause_until.day


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
