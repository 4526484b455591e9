"""Sets of hours as whole numbers: bit k is a quarter of an hour, so that what people have in common is one AND.

Quarters of UTC, because every zone's clocks differ from it by a multiple of 15 minutes. A set of *time* has a bit
for each free quarter, a set of *starts* one for each quarter at which something may begin. An instant is named by
its bit alone, so a meeting lasts as long as it should whatever the clocks do in between.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import numpy as np

from mentorlink.core.business_time import is_holiday
from mentorlink.core.dates import local_date
from mentorlink.scheduling.free_time import instant_of

QUARTER = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
MINUTES = 15
A_QUARTER = MINUTES * 60  # seconds
A_DAY = 24 * 4
AROUND = timedelta(days=2)  # a local day has begun, and ends, within two days of any instant in it
FURTHER = 38  # days: the week and month of an instant on the grid begin and end within

Window = tuple[int, int, int]  # weekday (Monday is 0), first and end minute of the local day
Indices = tuple[int, int]  # from and until which quarter
Seconds = tuple[int, int]  # from and until when, counted from the base of a grid


@dataclass(frozen=True, slots=True)
class Grid:
    """``size`` quarters from ``base``, which is a UTC midnight: grids of one day are equal and share what is cached."""

    base: datetime
    size: int

    @classmethod
    def around(cls, first: datetime, last: datetime) -> "Grid":
        """Room for every local day that touches ``first``–``last``, in any zone."""
        base = _midnight(first - AROUND)
        days = (_midnight(last + 2 * AROUND) - base).days
        return cls(base, days * A_DAY)

    def floor(self, instant: datetime) -> int:
        """The quarter in which the instant lies; it may lie outside of the grid."""
        return (instant - self.base) // QUARTER

    def ceil(self, instant: datetime) -> int:
        """The first quarter that begins at the instant or later."""
        return -((self.base - instant) // QUARTER)

    def moment(self, place: int) -> datetime:
        return self.base + place * QUARTER

    def between(self, first: datetime, last: datetime) -> int:
        """Starts from ``first`` to ``last``, both included."""
        return self.run(self.ceil(first), self.floor(last) + 1)

    def run(self, first: int, end: int) -> int:
        """Quarters from ``first`` until before ``end``; what lies outside of the grid is left out."""
        first, end = max(first, 0), min(end, self.size)
        return (1 << end) - (1 << first) if first < end else 0

    def time_between(self, spans: Iterable[tuple[datetime, datetime]]) -> int:
        """Time: whole quarters inside of the spans."""
        found = 0
        for start, end in spans:
            found |= self.run(self.ceil(start), self.floor(end))
        return found

    def seconds(self, start: datetime, end: datetime) -> Seconds:
        return (start - self.base) // SECOND, -((self.base - end) // SECOND)

    def barred(self, spans: Iterable[Seconds], minutes: int) -> int:
        """Starts at which something of ``minutes`` would touch one of the spans, which are seconds from ``base``."""
        found, before = 0, minutes * 60
        for start, end in spans:
            found |= self.run((start - before) // A_QUARTER + 1, -(-end // A_QUARTER))
        return found

    def everything(self) -> int:
        return (1 << self.size) - 1


def fitting(time: int, quarters: int) -> int:
    """Starts after which that many quarters in a row are free."""
    run = 1
    while run < quarters:
        step = min(run, quarters - run)
        time &= time >> step
        run += step
    return time


def quarters_of(minutes: int) -> int:
    """How many quarters something of that length needs."""
    return -(-minutes // MINUTES)


@dataclass(frozen=True)
class Calendar:
    """The days, weeks and months of one zone on a grid."""

    grid: Grid
    days: dict[date, Indices]  # what each day lasts
    plain: tuple[int, ...]  # per weekday: the first quarters of its days, added up as bits
    plain_holidays: tuple[int, ...]
    odd: tuple[date, ...]  # days with another length than 24 hours, or none at all
    weeks: tuple[
        int, ...
    ]  # the first quarters of ISO weeks: the first lies before the grid, the last behind it
    months: tuple[int, ...]
    half_hours: int  # starts at which the clocks show :00 or :30
    holidays: int  # time
    zone: str

    def weekly(self, windows: Iterable[Window], free_on_holidays: bool) -> int:
        """Time: the same windows every week. A day that is not plain is looked at minute by minute."""
        masks = [0] * 7
        for weekday, start, end in windows:
            masks[weekday] |= (1 << end // MINUTES) - (1 << start // MINUTES)
        found = 0
        for weekday, mask in enumerate(masks):
            if mask:  # days do not overlap: a product lays the mask on each of them
                found |= mask * self.plain[weekday]
                if free_on_holidays:
                    found |= mask * self.plain_holidays[weekday]
        for day in self.odd:
            if free_on_holidays or not is_holiday(day):
                found |= self.on(
                    day, [(start, end) for weekday, start, end in windows if weekday == day.weekday()]
                )
        return found

    def on(self, day: date, minutes: Iterable[tuple[int, int]]) -> int:
        """Time: these minutes of one local day."""
        spans = [
            (instant_of(day, start, self.zone), instant_of(day, end, self.zone)) for start, end in minutes
        ]
        return self.grid.time_between(spans)

    def whole(self, day: date) -> int:
        """Time: that local day."""
        return self.grid.run(*self.days.get(day, (0, 0)))

    def week_of(self, place: int) -> int:
        """A number for the ISO week in which that quarter lies."""
        return bisect_right(self.weeks, place)

    def full(self, begins: Sequence[int], spans: Sequence[Seconds], most: int) -> int:
        """Starts in a week (or month) in which as many of the spans begin already as there may be."""
        if most == 0:
            return self.grid.everything()
        if len(spans) < most:
            return 0
        found = 0
        for number, count in Counter(
            bisect_right(begins, start // A_QUARTER) for start, _end in spans
        ).items():
            if count >= most and 0 < number < len(begins):
                found |= self.grid.run(begins[number - 1], begins[number])
        return found


@lru_cache(maxsize=256)
def calendar_of(zone: str, grid: Grid) -> Calendar:
    """Worked out once a day for each zone."""
    days = _days(zone, grid)
    plain, holidays, odd = [0] * 7, [0] * 7, []
    for day, (first, end) in days.items():
        if end - first != A_DAY or instant_of(day, 12 * 60, zone) - grid.moment(first) != timedelta(hours=12):
            odd.append(day)
        elif is_holiday(day):
            holidays[day.weekday()] |= 1 << first
        else:
            plain[day.weekday()] |= 1 << first
    begins = list(_begins(zone, grid))
    kept = sum(grid.run(*span) for day, span in days.items() if is_holiday(day))
    weeks = tuple(first for day, first in begins if day.weekday() == 0)
    months = tuple(first for day, first in begins if day.day == 1)
    patterns = tuple(plain), tuple(holidays), tuple(odd)
    return Calendar(grid, days, *patterns, weeks, months, _half_hours(days, grid), kept, zone)


def moments(grid: Grid, sets: Sequence[int]) -> list[list[datetime]]:
    """The instants of each set, earliest first."""
    if not sets:
        return []
    size = grid.size // 8
    packed = np.frombuffer(b"".join(each.to_bytes(size, "little") for each in sets), dtype=np.uint8)
    bits = np.unpackbits(packed, bitorder="little").view(np.bool_).reshape(len(sets), grid.size)
    instants = _instants(grid)
    return [instants[row].tolist() for row in bits]


@lru_cache(maxsize=64)
def _instants(grid: Grid) -> np.ndarray:
    found = np.empty(grid.size, dtype=object)
    found[:] = [grid.moment(place) for place in range(grid.size)]
    return found


def _days(zone: str, grid: Grid) -> dict[date, Indices]:
    """Every local day that lies whole on the grid; one that the clocks skip lasts no quarter."""
    day, last = local_date(grid.base, zone), local_date(grid.moment(grid.size), zone)
    found: dict[date, Indices] = {}
    while day <= last:
        first, end = grid.ceil(instant_of(day, 0, zone)), grid.floor(instant_of(day, 24 * 60, zone))
        if first >= 0 and end <= grid.size:
            found[day] = (first, end)
        day += timedelta(days=1)
    return found


def _half_hours(days: dict[date, Indices], grid: Grid) -> int:
    """Half hours from each day's midnight: the clocks never change by a quarter."""
    found = 0
    for first, end in days.values():
        found |= grid.run(first, end) & (_EVERY_OTHER << first)
    return found


_EVERY_OTHER = sum(1 << place for place in range(0, 2 * A_DAY, 2))


def _begins(zone: str, grid: Grid) -> Iterable[tuple[date, int]]:
    """Where each week and month begins, the ones around the grid included."""
    day = local_date(grid.base, zone) - timedelta(days=FURTHER)
    last = local_date(grid.moment(grid.size), zone) + timedelta(days=FURTHER)
    while day <= last:
        if day.day == 1 or day.weekday() == 0:
            yield day, grid.ceil(instant_of(day, 0, zone))
        day += timedelta(days=1)


def _midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
