"""The sets of quarters say the same as looking at every minute, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.core.dates import local_date, zone_info
from mentorlink.people.models import Receiving
from mentorlink.scheduling.free_time import day_spans, day_windows
from mentorlink.scheduling.queries.hours.people import ExceptionRow, People, SupporterRow
from mentorlink.scheduling.queries.hours.sets import Ask, half_hours, supporter_hours
from mentorlink.scheduling.slot_sets import Grid, calendar_of, fitting, moments

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CHANGES = {  # a day before the clocks change, or before the New Year's holidays
    "Asia/Tokyo": [date(2026, 12, 27)],
    "America/New_York": [date(2027, 3, 13), date(2026, 10, 31)],
    "Europe/London": [date(2027, 3, 27), date(2026, 10, 24)],
    "Australia/Lord_Howe": [date(2027, 4, 3), date(2026, 10, 3)],
    "Pacific/Apia": [date(2011, 12, 28), date(2010, 9, 24)],  # a day that never was
    "Asia/Kathmandu": [date(2026, 5, 1)],
}
half_hour = st.integers(0, 47).map(lambda number: number * 30)


def _spans(draw) -> tuple[int, int]:
    start = draw(half_hour)
    return start, draw(st.integers(start // 30 + 1, 48)) * 30


@st.composite
def worlds(draw):
    """A supporter with everything that can stand in the way, within three days around a change of the clocks."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    first = draw(st.sampled_from(CHANGES[zone]))
    now = datetime(first.year, first.month, first.day, tzinfo=UTC) + draw(st.integers(0, 1439)) * MINUTE
    row = SupporterRow(
        id=1,
        person_id=1,
        notice_hours=draw(st.sampled_from([0, 1, 30])),
        buffer_minutes=draw(st.sampled_from([0, 15, 40])),
        capacity_week=draw(st.sampled_from([9, 9, 2, 1, 0])),
        capacity_month=draw(st.sampled_from([9, 9, 2, 1])),
        free_on_holidays=draw(st.booleans()),
        receiving=draw(st.sampled_from([Receiving.OPEN, Receiving.FEW, Receiving.OPEN, Receiving.PAUSED])),
        paused_until=draw(st.sampled_from([None, first, first + DAY])),
        zone=zone,
    )
    days = st.integers(-1, 4).map(lambda number: first + number * DAY)
    windows = [(weekday % 7, *_spans(draw)) for weekday in range(draw(st.integers(7, 10)))]
    others = [
        ExceptionRow(1, day, *_spans(draw), draw(st.booleans())) for day in draw(st.lists(days, max_size=3))
    ]
    moments_ = st.integers(-600, 5000).map(lambda minutes: now + minutes * MINUTE)
    busy, taken = (
        [
            (at, at + length * MINUTE)
            for at, length in draw(st.lists(st.tuples(moments_, st.integers(1, 90)), max_size=3))
        ]
        for _ in range(2)
    )
    people = People([row], {1: windows}, {1: others}, {1: busy}, {1: taken})
    return Ask(now, now + 3 * DAY, draw(st.sampled_from([30, 45, 60, 90]))), people, row


def by_hand(ask: Ask, people: People, row: SupporterRow) -> list[datetime]:
    """Every quarter of an hour looked at by itself, minute by minute."""
    open_minutes = _open_minutes(ask, people, row)
    found, at = [], ask.now.replace(minute=0, second=0, microsecond=0)
    while at <= ask.until:
        if _suits(ask, people, row, at) and all(at + n * MINUTE in open_minutes for n in range(ask.minutes)):
            found.append(at)
        at += 15 * MINUTE
    return found


def _open_minutes(ask: Ask, people: People, row: SupporterRow) -> set[datetime]:
    class Window:
        def __init__(self, weekday, start_minute, end_minute):
            self.weekday, self.start_minute, self.end_minute = weekday, start_minute, end_minute

    week = [Window(*each) for each in people.windows[1]]
    found: set[datetime] = set()
    day = local_date(ask.now - DAY, row.zone)
    while day <= local_date(ask.until + 2 * DAY, row.zone):
        minutes = day_windows(week, people.exceptions[1], row.free_on_holidays, day)
        if not _is_paused(row, day):
            for start, end in day_spans(day, minutes, row.zone):
                found |= {start + n * MINUTE for n in range((end - start) // MINUTE)}
        day += DAY
    return found


def _is_paused(row: SupporterRow, day: date) -> bool:
    return row.receiving is Receiving.PAUSED and (row.paused_until is None or day <= row.paused_until)


def _suits(ask: Ask, people: People, row: SupporterRow, at: datetime) -> bool:
    local = at.astimezone(zone_info(row.zone))
    if local.minute % 30 or not ask.now + timedelta(hours=row.notice_hours) <= at <= ask.until:
        return False
    end, rest = at + ask.minutes * MINUTE, row.buffer_minutes * MINUTE
    if any(start < end + rest and at < stop for start, stop in people.taken[1]):
        return False
    if any(start < end and at < stop for start, stop in people.busy[1]):
        return False
    begun = [start.astimezone(zone_info(row.zone)) for start, _stop in people.taken[1]]
    in_week = sum(one.isocalendar()[:2] == local.isocalendar()[:2] for one in begun)
    in_month = sum((one.year, one.month) == (local.year, local.month) for one in begun)
    return in_week < row.capacity_week and in_month < row.capacity_month


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_the_sets_say_what_every_minute_says(world):
    ask, people, row = world
    found = supporter_hours(ask, people, row).free & half_hours(ask, [row.zone])
    assert moments(ask.grid, [found]) == [by_hand(ask, people, row)]


@pytest.mark.parametrize(
    ("zone", "day", "local"),
    [
        (
            "America/New_York",
            date(2027, 3, 14),
            ["01:00", "01:30", "03:00"],
        ),  # 2:00–3:00 is skipped: its neighbours
        (
            "America/New_York",
            date(2026, 11, 1),
            ["01:00", "01:30", "01:00", "01:30", "02:00", "02:30", "03:00"],
        ),
        ("Europe/London", date(2027, 3, 28), ["02:00", "02:30", "03:00"]),
        ("Australia/Lord_Howe", date(2026, 10, 4), ["01:00", "01:30", "02:30", "03:00"]),
        ("Asia/Tokyo", date(2026, 11, 25), ["01:00", "01:30", "02:00", "02:30", "03:00"]),
    ],
)
def test_a_gap_offers_its_neighbours_and_a_fold_is_two_instants(zone, day, local):
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone_info(zone))
    grid = Grid.around(noon, noon)
    calendar = calendar_of(zone, grid)
    [found] = moments(grid, [fitting(calendar.on(day, [(60, 240)]), 4) & calendar.half_hours])
    shown = [start.astimezone(zone_info(zone)).strftime("%H:%M") for start in found]
    assert len(set(found)) == len(found)
    assert shown == local


def test_a_run_of_quarters_is_as_long_as_it_should_be():
    assert [fitting(0b111101111, number) for number in (1, 3, 4, 5)] == [0b111101111, 0b1100011, 0b100001, 0]
