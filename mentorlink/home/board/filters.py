"""Which half-years the board shows, as its address says it. What an address cannot mean is left out, not refused."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from mentorlink.core import taxonomy
from mentorlink.core.text_input import BadText, clean_text
from mentorlink.engagements.models import EngagementState
from mentorlink.home.board.needs import SILENCE, Need

_S = EngagementState
LONGEST = 60  # characters of a search
GOING_ON, RESTING, ENDED, ALL = "going_on", "resting", "ended", "all"
STATES: Mapping[str, tuple[EngagementState, ...]] = {
    "": (_S.PREPARING, _S.RUNNING, _S.PAUSED),
    GOING_ON: (_S.PREPARING, _S.RUNNING),
    RESTING: (_S.PAUSED,),
    ENDED: (_S.COMPLETED, _S.STOPPED, _S.FOLLOWING, _S.FINISHED),
    ALL: tuple(_S),
}


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Each field is a word of the address; "" does not filter. Without a state those are shown that have not ended."""

    run: str = ""  # code of a programme
    state: str = ""  # a key of STATES
    prefecture: str = ""
    supporter: str = ""  # part of a name
    silence: str = ""  # days
    late: str = ""  # "1": a step's day has passed
    no_talk: str = ""  # "1": no talk this month
    need: str = ""
    q: str = ""  # receipt number or name

    @classmethod
    def read(cls, words: Mapping[str, str]) -> Self:
        """From the address, a form, or a saved view."""
        return cls(**{each.name: _known(each.name, words.get(each.name, "")) for each in fields(cls)})

    def words(self, **others: str) -> dict[str, Any]:
        """For an address: what is set, with ``others`` in its place."""
        found = {each.name: getattr(self, each.name) for each in fields(self)} | others
        return {name: word for name, word in found.items() if word}

    @property
    def states(self) -> tuple[EngagementState, ...]:
        return STATES[self.state]


_CHOICES: Mapping[str, frozenset[str]] = {
    "state": frozenset(STATES),
    "silence": frozenset(str(days) for days in SILENCE),
    "late": frozenset({"1"}),
    "no_talk": frozenset({"1"}),
    "need": frozenset(Need),
}


def _known(name: str, word: str) -> str:
    if name in _CHOICES:
        return word if word in _CHOICES[name] else ""
    if name == "prefecture":
        return word if word in {each.code for each in taxonomy.prefectures()} else ""
    try:
        return clean_text(word, maximum=LONGEST)
    except BadText:
        return ""
