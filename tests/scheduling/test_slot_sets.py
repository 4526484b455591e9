"""Sets of hours against a plain walk through the quarters of an hour, in zones whose clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.core.dates import zone_info
from mentorlink.people.models import Receiving
from mentorlink.scheduling.queries.hours.people import People, SupporterRow
from mentorlink.scheduling.queries.hours.sets import Ask, half_hours, supporter_hours
from mentorlink.scheduling.slot_sets import Grid, calendar_of, fitting, moments
from tests.scheduling.walk import BEGINS, DAYS, QUARTER, Walk, people_of, situations


@given(situations())
@settings(max_examples=200, deadline=None)
def test_the_sets_say_what_a_walk_through_the_quarters_says(situation):
    ask, facts = situation
    free = supporter_hours(ask, people_of([facts]), facts.row).free & half_hours(ask, [facts.row.zone])
    assert moments(ask.grid, [free])[0] == Walk(ask, facts).starts()


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


@pytest.mark.parametrize(("zone", "now"), [(zone, now) for zone in sorted(BEGINS) for now in BEGINS[zone]])
def test_a_whole_week_free_has_every_quarter_once_whatever_the_clocks_do(zone, now):
    """Where they skip an hour or show it twice, and where a day never was: no start is lost, none stands twice."""
    row = SupporterRow(1, 2, 0, 0, 99, 99, True, Receiving.OPEN, None, zone)
    week = [(weekday, 0, 1440) for weekday in range(7)]
    ask = Ask(now, now + timedelta(days=DAYS), 60)
    free = supporter_hours(ask, People([row], {1: week}, {}, {}, {}), row).free
    quarters = moments(ask.grid, [free & ask.grid.between(now, ask.until)])[0]
    assert {b - a for a, b in pairwise(quarters)} == {QUARTER}
    assert timedelta(0) <= quarters[0] - now < QUARTER
    assert ask.until - quarters[-1] < QUARTER


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
