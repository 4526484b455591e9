"""The supporter's week as half hours that were ticked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from flask import abort
from werkzeug.datastructures import MultiDict

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.scheduling.forms.hours import single
from mentorlink.scheduling.models import WeeklyWindow
from mentorlink.scheduling.services import merged

SHORT_DAYS: tuple[LazyText, ...] = (
    lazy("月曜"),
    lazy("火曜"),
    lazy("水曜"),
    lazy("木曜"),
    lazy("金曜"),
    lazy("土曜"),
    lazy("日曜"),
)
STEP = 30
DAY = 24 * 60
EARLY, LATE = 7 * 60, 22 * 60  # before and after are folded away while nothing stands there
Window = tuple[int, int, int]
_HALVES = {f"{weekday}-{minute}": (weekday, minute) for weekday in range(7) for minute in range(0, DAY, STEP)}
_WINDOW = re.compile(r"([0-6]):(\d{1,4})-(\d{1,4})")


@dataclass(frozen=True)
class WeekForm:
    """What is ticked, and the week from which the change began, as the page carried it."""

    ticked: frozenset[tuple[int, int]]
    seen: tuple[Window, ...]
    is_unknown: bool = False

    @classmethod
    def of(cls, windows: Iterable[WeeklyWindow]) -> "WeekForm":
        found = tuple(merged((w.weekday, w.start_minute, w.end_minute) for w in windows))
        halves = frozenset((day, minute) for day, start, end in found for minute in range(start, end, STEP))
        return cls(halves, found)

    @classmethod
    def read(cls, sent: MultiDict[str, str]) -> "WeekForm":
        """Aborts with 400 on a base that no page of ours carried."""
        chosen = sent.getlist("free")
        known = frozenset(_HALVES[each] for each in chosen if each in _HALVES)
        return cls(known, _unpacked(single(sent, "seen")), is_unknown=any(e not in _HALVES for e in chosen))

    def based_on(self, windows: Iterable[WeeklyWindow]) -> "WeekForm":
        """The same ticks upon what is saved now: sent again, they win."""
        return replace(self, seen=WeekForm.of(windows).seen)

    @property
    def windows(self) -> list[Window]:
        return merged((weekday, minute, minute + STEP) for weekday, minute in self.ticked)

    @property
    def base(self) -> str:
        return " ".join(f"{weekday}:{start}-{end}" for weekday, start, end in self.seen)

    @property
    def is_unfolded(self) -> bool:
        return any(minute < EARLY or minute >= LATE for _weekday, minute in self.ticked)

    @property
    def first_day(self) -> int:
        """The weekday that a narrow screen shows first."""
        return min((weekday for weekday, _minute in self.ticked), default=0)


def _unpacked(text: str) -> tuple[Window, ...]:
    found = [_WINDOW.fullmatch(part) for part in text.split()]
    if None in found:
        abort(400)
    windows = ((int(m[1]), int(m[2]), int(m[3])) for m in found if m)
    return tuple(merged(windows))
