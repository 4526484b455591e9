"""The supporter's week as it is sent back."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from werkzeug.datastructures import MultiDict

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.scheduling.forms.hours import WEEKDAYS, single
from mentorlink.scheduling.models import WeeklyWindow

ROWS_A_DAY = 2
HALF_HOURS = tuple(range(0, 24 * 60 + 1, 30))
EARLY = 6 * 60  # the lists begin here, to stay short; an earlier half hour that stands already is kept


class Row(NamedTuple):
    """One line of a weekday: what stands in its two lists."""

    name: str
    start: str
    end: str
    fault: LazyText | None = None


@dataclass
class WeekForm:
    """The supporter's week as lists 「から」 and 「まで」: two lines a day and one more where both are used."""

    days: list[list[Row]] = field(default_factory=list)

    @classmethod
    def of(cls, windows: Iterable[WeeklyWindow]) -> "WeekForm":
        found = list(windows)
        days = []
        for weekday in range(7):
            spans = [(str(w.start_minute), str(w.end_minute)) for w in found if w.weekday == weekday]
            number = max(ROWS_A_DAY, len(spans) + 1)
            spans += [("", "")] * (number - len(spans))
            days.append([Row(f"day{weekday}-{i}", *span) for i, span in enumerate(spans)])
        return cls(days)

    @classmethod
    def read(cls, sent: MultiDict[str, str]) -> "WeekForm":
        days = []
        for weekday in range(7):
            rows: list[Row] = []
            while (name := f"day{weekday}-{len(rows)}") + "-from" in sent or len(rows) < ROWS_A_DAY:
                start, end = single(sent, f"{name}-from"), single(sent, f"{name}-to")
                rows.append(Row(name, start, end, _fault_of(start, end)))
            days.append(rows)
        return cls(days)

    @property
    def faults(self) -> list[tuple[str, LazyText, LazyText]]:
        """For the summary: where, which day, what is still needed."""
        return [
            (f"{row.name}-from", WEEKDAYS[weekday], row.fault)
            for weekday, rows in enumerate(self.days)
            for row in rows
            if row.fault is not None
        ]

    def windows(self) -> list[tuple[int, int, int]]:
        return [
            (weekday, int(row.start), int(row.end))
            for weekday, rows in enumerate(self.days)
            for row in rows
            if row.start and row.end
        ]


def _fault_of(start: str, end: str) -> LazyText | None:
    known = {"", *map(str, HALF_HOURS)}
    if start not in known or end not in known:
        return lazy("この中から選んでください。")
    if bool(start) != bool(end):
        return lazy("「から」と「まで」の両方を選んでください。")
    if start and int(start) >= int(end):
        return lazy("「まで」は「から」より後の時間にしてください。")
    return None
