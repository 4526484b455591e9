"""What each half-year needs next: one thing each, in the order of who needs somebody first, with its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mentorlink.core.i18n import mark

SILENCE = (30, 45, 60)  # days without a sign, as the board tells them apart
WRITE_AFTER, WORRY_AFTER, CALL_AFTER = SILENCE


class Need(StrEnum):
    """In the order of the board. ``lines.needs_of`` says from which rows each follows."""

    CALL = "call"  # no sign for so long that a letter is not enough
    MENTOR = "mentor"  # nobody supports, or somebody else was wished for
    WRITE = "write"  # no sign for a month
    RETURN = "return"  # the day until which it was to rest has come
    REST = "rest"  # it rests without a day to end on, and nobody has written for a month
    CLOSE = "close"  # the half year is over, or every step is done
    RECORD = "record"  # a talk is over, and nobody has written its three lines for days
    STEP = "step"  # a step's day has passed
    PLAN = "plan"  # no talk this month, or none ahead
    NOTHING = "nothing"


class Named(Protocol):
    """Of which row the button speaks."""

    @property
    def id(self) -> int: ...
    @property
    def application_id(self) -> int: ...
    @property
    def step_id(self) -> int | None: ...
    @property
    def unrecorded_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class NeedWords:
    """``why`` stands in the filter and beside the line, ``button`` on its one button, which leads to ``address``."""

    why: str
    button: str
    address: Callable[[Named], str]


WORDS: Mapping[Need, NeedWords] = {
    Need.CALL: NeedWords(
        mark("長く便りがありません"),
        mark("電話する"),
        lambda line: f"/office/applications/{line.application_id}?call=1#call",
    ),
    Need.MENTOR: NeedWords(
        mark("メンターがいません"),
        mark("メンターをさがす"),
        lambda line: f"/office/applications/{line.application_id}/candidates",
    ),
    Need.WRITE: NeedWords(
        mark("便りが止まっています"), mark("ひとこと送る"), lambda line: f"/engagements/{line.id}/thread"
    ),
    Need.RETURN: NeedWords(
        mark("お休みの予定の日になりました"),
        mark("再開を確かめる"),
        lambda line: f"/office/engagements/resumptions?chosen={line.id}",
    ),
    Need.REST: NeedWords(
        mark("お休み中の方に、ひと声"), mark("ひとこと送る"), lambda line: f"/engagements/{line.id}/thread"
    ),
    Need.CLOSE: NeedWords(
        mark("半年の終わりです"), mark("終わりを相談する"), lambda line: f"/engagements/{line.id}/ending"
    ),
    Need.RECORD: NeedWords(
        mark("お話しの記録が、まだです"),
        mark("代わりに記録"),
        lambda line: f"/meetings/{line.unrecorded_id}/record",
    ),
    Need.STEP: NeedWords(
        mark("日にちを過ぎた歩みがあります"), mark("歩みを見る"), lambda line: f"/milestones/{line.step_id}"
    ),
    Need.PLAN: NeedWords(
        mark("お話しの予定がありません"), mark("お話しを決める"), lambda line: f"/engagements/{line.id}/talks"
    ),
    Need.NOTHING: NeedWords(mark("順調です"), mark("ひらく"), lambda line: f"/engagements/{line.id}"),
}
