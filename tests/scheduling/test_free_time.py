"""What is free on one day against a count of its minutes, and windows against the clocks of four zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.scheduling.free_time import day_spans, day_windows, instant_of, merged_minutes
from mentorlink.scheduling.models import AvailabilityException, WeeklyWindow
from mentorlink.scheduling.queries import exceptions_of_many
from tests.factories import make_supporter

STEP = timedelta(minutes=30)
ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Tokyo")
LABOUR_DAY = date(2026, 11, 23)  # 勤労感謝の日, a Monday
SUBSTITUTE = date(2027, 3, 22)  # the Monday after a 春分の日 on Sunday
halves = st.integers(0, 47).flatmap(lambda s: st.tuples(st.just(s), st.integers(s + 1, 48)))
days = st.sampled_from([LABOUR_DAY, SUBSTITUTE, date(2026, 11, 25), date(2026, 12, 30), date(2027, 1, 4)])


def window(weekday: int, start: int, end: int) -> WeeklyWindow:
    return WeeklyWindow(weekday=weekday, start_minute=start, end_minute=end)


def exception(day: date, start: int, end: int, *, is_free: bool) -> AvailabilityException:
    return AvailabilityException(day=day, start_minute=start, end_minute=end, is_free=is_free)


weeks = st.lists(st.tuples(st.integers(0, 6), halves), max_size=9)
exceptional = st.lists(st.tuples(days, halves, st.booleans()), max_size=5)


@given(weeks, exceptional, st.booleans(), days)
@settings(max_examples=150, deadline=None)
def test_a_day_is_what_its_minutes_say_one_by_one(week, others, free_on_holidays, day):
    holidays = {LABOUR_DAY, SUBSTITUTE, date(2026, 12, 30)}
    expected = set()
    for minute in range(1440):
        covers = [first * 30 <= minute < last * 30 for _weekday, (first, last) in week]
        weekly = any(
            each and weekday == day.weekday() for each, (weekday, _s) in zip(covers, week, strict=True)
        )
        here = [free for on, (s, e), free in others if on == day and s * 30 <= minute < e * 30]
        weekly = weekly and (free_on_holidays or day not in holidays)
        if (weekly or True in here) and False not in here:
            expected.add(minute)
    windows = [window(weekday, s * 30, e * 30) for weekday, (s, e) in week]
    exceptions = [exception(on, s * 30, e * 30, is_free=free) for on, (s, e), free in others]
    found = day_windows(windows, exceptions, free_on_holidays, day)
    assert [minute for start, end in found for minute in range(start, end)] == sorted(expected)
    assert found == merged_minutes(found)


def test_a_substitute_holiday_is_kept_like_the_holiday_itself():
    week = [window(0, 600, 720)]
    assert day_windows(week, [], False, SUBSTITUTE) == []
    assert day_windows(week, [], True, SUBSTITUTE) == [(600, 720)]


def test_what_is_called_free_on_a_holiday_is_free():
    free = [exception(LABOUR_DAY, 600, 720, is_free=True)]
    assert day_windows([window(0, 900, 960)], free, False, LABOUR_DAY) == [(600, 720)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("year", [2026, 2027])
def test_the_days_of_a_year_tile_it_without_a_gap_or_a_double_start(zone, year):
    first = date(year, 1, 1)
    at = datetime(year, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    for number in range(365):
        halves_of_day = [(minute, minute + 30) for minute in range(0, 1440, 30)]
        for start, end in day_spans(first + timedelta(days=number), halves_of_day, zone):
            assert start == at
            at = end
    assert at == datetime(year + 1, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_an_evening_window_shows_its_own_hours_on_every_day_of_the_year(zone):
    for number in range(365):
        day = date(2027, 1, 1) + timedelta(days=number)
        [(start, end)] = day_spans(day, [(1140, 1260)], zone)
        local = start.astimezone(ZoneInfo(zone))
        assert (local.date(), local.hour, end - start) == (day, 19, timedelta(hours=2))


@pytest.mark.parametrize(
    ("zone", "day", "window", "hours"),
    [
        ("America/New_York", date(2027, 3, 14), (60, 240), 2),  # 2:00 → 3:00
        ("America/New_York", date(2027, 11, 7), (60, 240), 4),
        ("Europe/London", date(2027, 3, 28), (0, 180), 2),
        ("Australia/Lord_Howe", date(2026, 10, 4), (60, 240), 2.5),  # by thirty minutes
        ("Australia/Lord_Howe", date(2027, 4, 4), (60, 240), 3.5),
    ],
)
def test_a_window_over_a_change_lasts_as_long_as_the_clocks_really_run(zone, day, window, hours):
    [(start, end)] = day_spans(day, [window], zone)
    assert end - start == timedelta(hours=hours)


def test_a_window_inside_a_gap_is_none_and_one_that_begins_there_begins_at_its_end():
    spring = date(2027, 3, 14)
    assert day_spans(spring, [(120, 180)], "America/New_York") == []
    three = datetime(2027, 3, 14, 7, 0, tzinfo=UTC)
    assert instant_of(spring, 150, "America/New_York") == three
    assert day_spans(spring, [(150, 240)], "America/New_York") == [(three, three + timedelta(hours=1))]


def test_exceptions_come_for_each_supporter_within_both_ends(session):
    one, other = make_supporter(session), make_supporter(session)
    for number in range(5):
        row = exception(LABOUR_DAY + timedelta(days=number), 0, 1440, is_free=False)
        row.supporter_id = one.id
        session.add(row)
    session.flush()
    last = LABOUR_DAY + timedelta(days=3)
    found = exceptions_of_many(session, [one.id, other.id], LABOUR_DAY + timedelta(days=1), last)
    assert [each.day.day for each in found[one.id]] == [24, 25, 26]
    assert found[other.id] == []
