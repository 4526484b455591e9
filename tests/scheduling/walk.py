"""The oracle of the bit sets: every quarter of an hour looked at by itself, on the clocks of a zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from mentorlink.core.business_time import is_holiday
from mentorlink.people.models import Receiving
from mentorlink.scheduling.free_time import day_windows
from mentorlink.scheduling.models import AvailabilityException, WeeklyWindow
from mentorlink.scheduling.queries.hours.people import ExceptionRow, People, SupporterRow
from mentorlink.scheduling.queries.hours.sets import Ask

QUARTER, MINUTE = timedelta(minutes=15), timedelta(minutes=1)
DAYS = 9
BEGINS = {  # instants a few days before the clocks change there, or before a day that never was
    "Asia/Tokyo": [datetime(2026, 12, 27, 3, 10, tzinfo=UTC)],
    "America/New_York": [
        datetime(2026, 10, 29, 4, 30, tzinfo=UTC),
        datetime(2027, 3, 11, 20, 1, tzinfo=UTC),
    ],
    "Europe/London": [datetime(2027, 3, 25, 11, 5, tzinfo=UTC), datetime(2026, 10, 22, 0, 14, tzinfo=UTC)],
    "Australia/Lord_Howe": [
        datetime(2027, 3, 31, 23, 0, tzinfo=UTC),
        datetime(2026, 10, 1, 9, 40, tzinfo=UTC),
    ],
    "Pacific/Apia": [datetime(2011, 12, 26, 15, 0, tzinfo=UTC), datetime(2010, 9, 23, 2, 0, tzinfo=UTC)],
    "Asia/Kathmandu": [datetime(2026, 5, 1, 1, 1, tzinfo=UTC)],
}
zones = st.sampled_from(sorted(BEGINS))
halves = st.integers(0, 47).flatmap(
    lambda s: st.tuples(st.just(s * 30), st.integers(s + 1, 48).map(lambda e: e * 30))
)
weeks = st.lists(
    st.tuples(st.integers(0, 6), halves), max_size=8, unique_by=lambda each: (each[0], each[1][0])
)
exceptions = st.lists(st.tuples(st.integers(0, DAYS), halves, st.booleans()), max_size=4)
minutes_away = st.integers(-40 * 60, (DAYS + 3) * 24 * 60)
spans = st.lists(st.tuples(minutes_away, st.integers(1, 300)), max_size=5)
lengths = st.sampled_from([15, 30, 45, 60, 90])


@dataclass(frozen=True)
class Facts:
    """What is known of one supporter, in plain rows."""

    row: SupporterRow
    windows: list[tuple[int, int, int]]
    exceptions: list[ExceptionRow]
    busy: list[tuple[datetime, datetime]]
    taken: list[tuple[datetime, datetime]]


@st.composite
def moments_and_zones(draw):
    zone = draw(zones)
    return draw(st.sampled_from(BEGINS[zone])), zone


@st.composite
def facts(draw, now, zone, number=1):
    first = now.astimezone(ZoneInfo(zone)).date()
    row = SupporterRow(
        id=number,
        person_id=100 + number,
        notice_hours=draw(st.sampled_from([0, 1, 48])),
        buffer_minutes=draw(st.sampled_from([0, 15, 20])),
        capacity_week=draw(st.sampled_from([0, 1, 2, *[9] * 7])),
        capacity_month=draw(st.sampled_from([0, 1, 2, *[9] * 7])),
        free_on_holidays=draw(st.booleans()),
        receiving=draw(st.sampled_from([*[Receiving.OPEN] * 6, Receiving.FEW, Receiving.PAUSED])),
        paused_until=draw(st.none() | st.integers(-1, DAYS).map(lambda n: first + timedelta(days=n))),
        zone=zone,
    )
    windows = [(weekday, start, end) for weekday, (start, end) in draw(weeks)]
    away = [(day + first.toordinal(), span, is_free) for day, span, is_free in draw(exceptions)]
    others = [ExceptionRow(number, date.fromordinal(day), *span, is_free) for day, span, is_free in away]
    return Facts(row, windows, others, instants(now, draw(spans)), instants(now, draw(spans)))


@st.composite
def situations(draw):
    """Somebody who looks for hours, and a supporter with all that can stand in the way."""
    now, zone = draw(moments_and_zones())
    return Ask(now, now + timedelta(days=DAYS), draw(lengths)), draw(facts(now, zone))


def people_of(known) -> People:
    return People(
        [each.row for each in known],
        {each.row.id: each.windows for each in known},
        {each.row.id: each.exceptions for each in known},
        {each.row.id: each.busy for each in known},
        {each.row.person_id: each.taken for each in known},
    )


def instants(now, drawn):
    starts = [(now + at * MINUTE, length * MINUTE) for at, length in drawn]
    return [(start, start + length) for start, length in starts]


class Walk:
    """What each quarter of an hour shows on the clocks of the zone, and what follows from it for one supporter."""

    def __init__(self, ask: Ask, facts: Facts):
        self.ask, self.facts, self.row, self.zone = ask, facts, facts.row, ZoneInfo(facts.row.zone)
        begin = ask.now.replace(hour=0, minute=0) - timedelta(days=3)
        self.quarters = [begin + number * QUARTER for number in range((DAYS + 11) * 96)]
        self.shown = [self.local(each) for each in self.quarters]
        self.given, self.said_no, more = set(), set(), set()
        for number in range(-2, DAYS + 5):
            self._add(self.local(ask.now).date() + timedelta(days=number))
        for day, start, end, is_free in [each[1:] for each in facts.exceptions]:
            (more if is_free else self.said_no).update(self._between(day, start, end))
        if not self.row.free_on_holidays:
            at_home = {a for a, b in zip(self.quarters, self.shown, strict=True) if is_holiday(b.date())}
            self.said_no |= at_home - more
        self.pause_ends = self.row.paused_until and self._first_at(
            datetime.combine(self.row.paused_until, datetime.min.time()) + timedelta(days=1)
        )

    def local(self, instant):
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def _first_at(self, wanted):
        """The first instant at which the clocks show that or later."""
        return next(each for each, shown in zip(self.quarters, self.shown, strict=True) if shown >= wanted)

    def _between(self, day, start, end):
        midnight = datetime.combine(day, datetime.min.time())
        first, last = (self._first_at(midnight + each * MINUTE) for each in (start, end))
        return {each for each in self.quarters if first <= each < last}

    def _add(self, day):
        windows = [WeeklyWindow(weekday=w, start_minute=s, end_minute=e) for w, s, e in self.facts.windows]
        others = [AvailabilityException(**each._asdict()) for each in self.facts.exceptions]
        for start, end in day_windows(windows, others, self.row.free_on_holidays, day):
            self.given |= self._between(day, start, end)

    def quarters_from(self, start):
        return [start + number * QUARTER for number in range(-(-self.ask.minutes // 15))]

    def is_given(self, start):
        return all(each in self.given for each in self.quarters_from(start))

    def is_told(self, start):
        return start >= self.ask.now + timedelta(hours=self.row.notice_hours)

    def is_taken(self, start):
        end = start + self.ask.minutes * MINUTE
        rested = end + self.row.buffer_minutes * MINUTE
        clashes = any(a < rested and start < b for a, b in self.facts.taken)
        return clashes or any(a < end and start < b for a, b in self.facts.busy)

    def is_full(self, start):
        talks = [self.local(begins) for begins, _end in self.facts.taken]
        here = self.local(start)
        in_week = sum(each.isocalendar()[:2] == here.isocalendar()[:2] for each in talks)
        in_month = sum((each.year, each.month) == (here.year, here.month) for each in talks)
        return in_week >= self.row.capacity_week or in_month >= self.row.capacity_month

    def is_away(self, start):
        """A quarter of it lies where they said no, on a holiday of theirs, or in their pause."""
        if any(each in self.said_no for each in self.quarters_from(start)):
            return True
        if self.row.receiving is not Receiving.PAUSED:
            return False
        return self.pause_ends is None or start < self.pause_ends

    def is_by_day(self, start):
        return all(8 <= self.local(each).hour < 21 for each in self.quarters_from(start))

    def is_free(self, start):
        barred = self.is_taken(start) or self.is_full(start) or self.is_away(start)
        return self.is_given(start) and self.is_told(start) and not barred

    def half_hours(self):
        return [each for each in self.quarters if self.local(each).minute in (0, 30)]

    def starts(self):
        inside = [each for each in self.half_hours() if self.ask.now <= each <= self.ask.until]
        return [each for each in inside if self.is_free(each)]
