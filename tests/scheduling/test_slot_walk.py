"""Sets of hours against a plain walk through the quarters of an hour, in zones whose clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.people.models import Receiving
from mentorlink.scheduling.free_time import day_windows
from mentorlink.scheduling.models import AvailabilityException, WeeklyWindow
from mentorlink.scheduling.queries.hours.people import ExceptionRow, People, SupporterRow
from mentorlink.scheduling.queries.hours.sets import Ask, half_hours, supporter_hours
from mentorlink.scheduling.slot_sets import Grid, fitting, moments

QUARTER = timedelta(minutes=15)
DAYS = 9
BEGINS = {  # an instant a few days before the clocks change, or before a day that never was
    "Asia/Tokyo": datetime(2026, 12, 27, 3, 10, tzinfo=UTC),
    "America/New_York": datetime(2026, 10, 29, 4, 30, tzinfo=UTC),
    "Europe/London": datetime(2027, 3, 25, 11, 5, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2027, 3, 31, 23, 0, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 26, 15, 0, tzinfo=UTC),
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


@st.composite
def situations(draw):
    zone = draw(zones)
    now = BEGINS[zone]
    first = now.astimezone(ZoneInfo(zone)).date()
    row = SupporterRow(
        id=1,
        person_id=2,
        notice_hours=draw(st.sampled_from([0, 1, 48])),
        buffer_minutes=draw(st.sampled_from([0, 15, 20])),
        capacity_week=draw(st.integers(0, 3)),
        capacity_month=draw(st.integers(0, 4)),
        free_on_holidays=draw(st.booleans()),
        receiving=draw(st.sampled_from(list(Receiving))),
        paused_until=draw(st.none() | st.integers(-1, DAYS).map(lambda n: first + timedelta(days=n))),
        zone=zone,
    )
    away = [(day + first.toordinal(), span, is_free) for day, span, is_free in draw(exceptions)]
    people = People(
        [row],
        {1: [(weekday, start, end) for weekday, (start, end) in draw(weeks)]},
        {1: [ExceptionRow(1, date.fromordinal(day), *span, is_free) for day, span, is_free in away]},
        {1: instants(now, draw(spans))},
        {2: instants(now, draw(spans))},
    )
    return Ask(now, now + timedelta(days=DAYS), draw(st.sampled_from([15, 45, 60, 90]))), people, row


def instants(now, lengths):
    starts = [(now + timedelta(minutes=at), timedelta(minutes=length)) for at, length in lengths]
    return [(start, start + length) for start, length in starts]


class Walk:
    """What each quarter of an hour shows on the clocks of the zone, and what follows from it for one supporter."""

    def __init__(self, ask, people, row):
        self.ask, self.people, self.row, self.zone = ask, people, row, ZoneInfo(row.zone)
        begin = ask.now.replace(hour=0, minute=0) - timedelta(days=3)
        self.quarters = [begin + number * QUARTER for number in range((DAYS + 11) * 96)]
        self.shown = [self.local(each) for each in self.quarters]
        self.free = set()
        self.pause_ends = (
            self.first_at(datetime.combine(row.paused_until, datetime.min.time()) + timedelta(days=1))
            if row.paused_until
            else None
        )
        for number in range(-2, DAYS + 5):
            self.add(self.local(ask.now).date() + timedelta(days=number))

    def local(self, instant):
        return instant.astimezone(self.zone).replace(tzinfo=None)

    def first_at(self, wanted):
        """The first instant at which the clocks show that or later."""
        return next(each for each, shown in zip(self.quarters, self.shown, strict=True) if shown >= wanted)

    def add(self, day):
        windows = [
            WeeklyWindow(weekday=w, start_minute=s, end_minute=e) for w, s, e in self.people.windows[1]
        ]
        others = [AvailabilityException(**each._asdict()) for each in self.people.exceptions[1]]
        midnight = datetime.combine(day, datetime.min.time())
        for start, end in day_windows(windows, others, self.row.free_on_holidays, day):
            first, last = (self.first_at(midnight + timedelta(minutes=each)) for each in (start, end))
            self.free |= {each for each in self.quarters if first <= each < last}

    def is_free(self, start):
        row, length = self.row, timedelta(minutes=self.ask.minutes)
        covered = all(start + number * QUARTER in self.free for number in range(-(-self.ask.minutes // 15)))
        told = start >= self.ask.now + timedelta(hours=row.notice_hours)
        with_rest = start + length + timedelta(minutes=row.buffer_minutes)
        clashes = any(a < with_rest and start < b for a, b in self.people.taken[2])
        busy = any(a < start + length and start < b for a, b in self.people.busy[1])
        return (
            covered
            and told
            and not clashes
            and not busy
            and not self.is_full(start)
            and not self.rests(start)
        )

    def is_full(self, start):
        talks = [self.local(begins) for begins, _end in self.people.taken[2]]
        here = self.local(start)
        in_week = sum(each.isocalendar()[:2] == here.isocalendar()[:2] for each in talks)
        in_month = sum((each.year, each.month) == (here.year, here.month) for each in talks)
        return in_week >= self.row.capacity_week or in_month >= self.row.capacity_month

    def rests(self, start):
        if self.row.receiving is not Receiving.PAUSED:
            return False
        return self.pause_ends is None or start < self.pause_ends

    def starts(self):
        ask = self.ask
        inside = [each for each in self.quarters if ask.now <= each <= ask.until]
        return [each for each in inside if self.local(each).minute in (0, 30) and self.is_free(each)]


@given(situations())
@settings(max_examples=150, deadline=None)
def test_the_sets_say_what_a_walk_through_the_quarters_says(situation):
    ask, people, row = situation
    free = supporter_hours(ask, people, row).free & half_hours(ask, [row.zone])
    assert moments(ask.grid, [free])[0] == Walk(ask, people, row).starts()


@given(st.sets(st.integers(0, 95)), st.integers(1, 12))
def test_what_fits_is_what_has_room_behind_it(free, quarters):
    time = sum(1 << place for place in free)
    fits = fitting(time, quarters)
    wanted = {place for place in range(96) if all(place + n in free for n in range(quarters))}
    assert {place for place in range(192) if fits >> place & 1} == wanted


@given(st.lists(st.sets(st.integers(0, 95)), max_size=4))
def test_a_set_is_read_back_as_its_instants(sets):
    grid = Grid(datetime(2026, 11, 25, tzinfo=UTC), 96)
    found = moments(grid, [sum(1 << place for place in each) for each in sets])
    assert found == [[grid.moment(place) for place in sorted(each)] for each in sets]


@pytest.mark.parametrize("zone", sorted(BEGINS))
def test_a_whole_week_free_has_every_quarter_once_whatever_the_clocks_do(zone):
    """Where they skip an hour or show it twice, and where a day never was: no start is lost, none stands twice."""
    now = BEGINS[zone]
    row = SupporterRow(1, 2, 0, 0, 99, 99, True, Receiving.OPEN, None, zone)
    week = [(weekday, 0, 1440) for weekday in range(7)]
    ask = Ask(now, now + timedelta(days=DAYS), 60)
    free = supporter_hours(ask, People([row], {1: week}, {}, {}, {}), row).free
    quarters = moments(ask.grid, [free & ask.grid.between(now, ask.until)])[0]
    assert {b - a for a, b in pairwise(quarters)} == {QUARTER}
    assert timedelta(0) <= quarters[0] - now < QUARTER
    assert ask.until - quarters[-1] < QUARTER
