"""Which talks the office's calendar shows, as its address says it. What an address cannot mean is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.text_input import BadText, clean_text
from mentorlink.scheduling.models import TOOK_PLACE, MeetingState
from mentorlink.scheduling.queries.calendar import STANDING

LONGEST = 60  # characters of a name
STATES: Mapping[str, tuple[MeetingState, ...]] = {
    "": STANDING,
    "planned": (MeetingState.CONFIRMED,),
    "done": TOOK_PLACE,
    "missed": (MeetingState.NO_SHOW,),
    "cancelled": (MeetingState.CANCELLED,),
}
STATE_WORDS: Mapping[str, LazyText] = {
    "": lazy("中止のほかすべて"),
    "planned": lazy("予定・記録まだ"),
    "done": lazy("お話しできました"),
    "missed": lazy("お会いできませんでした"),
    "cancelled": lazy("中止になりました"),
}


@dataclass(frozen=True, slots=True)
class CalendarFilter:
    """Each field is a word of the address; "" does not filter."""

    run: str = ""  # code of a programme
    state: str = ""  # a key of STATES
    supporter: str = ""  # part of a name

    @classmethod
    def read(cls, words: Mapping[str, str], runs: frozenset[str]) -> Self:
        run, state = words.get("run", ""), words.get("state", "")
        try:
            supporter = clean_text(words.get("supporter", ""), maximum=LONGEST)
        except BadText:
            supporter = ""
        return cls(run if run in runs else "", state if state in STATES else "", supporter)

    @property
    def words(self) -> dict[str, Any]:
        """For an address: what is set."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: word for name, word in found.items() if word}
