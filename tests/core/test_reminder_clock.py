"""The hours of the table of rules, at every minute around the changes of five zones' clocks."""

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from mentorlink.core.dates import local_date, zone_info
from mentorlink.core.reminder_rules import (
    IN_AN_HOUR,
    PLANNED_AHEAD,
    RECORD_WANTED,
    TOMORROW,
    Anchor,
    Late,
    times_from_now,
    times_of,
)

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPAN = 24 * 60
CHANGES = [  # zone, a year with its changes; Tokyo has none and Samoa went over the date line
    ("America/New_York", 2027),
    ("Europe/London", 2027),
    ("Australia/Lord_Howe", 2027),
    ("Pacific/Apia", 2011),
    ("Pacific/Apia", 2021),
    ("Asia/Tokyo", 2027),
]
INSTANTS = [
    rule for rule in PLANNED_AHEAD if rule.anchor not in {Anchor.STEP_DAY, Anchor.MONTH, Anchor.WORKDAY}
]
SHAPES = list({(rule.when, rule.until, rule.keeps_quiet): rule for rule in INSTANTS}.values())


@cache
def changes(zone, year):
    """The instants at which the zone's clocks change in the year, to the minute; 1 April where they never do."""
    info, found = zone_info(zone), []
    at = datetime(year, 1, 1, tzinfo=UTC)
    while at.year == year:
        if at.astimezone(info).utcoffset() != (at + HOUR).astimezone(info).utcoffset():
            found.append(at + HOUR)
        at += HOUR
    return found or [datetime(year, 4, 1, tzinfo=UTC)]


def minutes_around(zone, year):
    for change in changes(zone, year):
        yield from (change + number * MINUTE for number in range(-SPAN, SPAN + 1))


def test_the_years_have_the_changes_that_they_are_here_for():
    counts = {(zone, year): len(changes(zone, year)) for zone, year in CHANGES}
    assert list(counts.values()) == [2, 2, 2, 3, 1, 1]


@pytest.mark.parametrize(("zone", "year"), CHANGES)
def test_no_rule_comes_to_nothing_and_the_quiet_hours_are_kept_at_every_minute(zone, year):
    info = zone_info(zone)
    for anchor in minutes_around(zone, year):
        for rule in SHAPES:
            due_at, not_after = times_of(rule, anchor, zone)
            assert due_at < not_after, (rule.template, anchor)
            assert not rule.keeps_quiet or 8 <= due_at.astimezone(info).hour < 21, (rule.template, anchor)


@pytest.mark.parametrize(("zone", "year"), CHANGES)
def test_the_day_before_at_five_is_the_day_before_at_five(zone, year):
    """On the day of a change too; where a zone skips a day, on the last one that it had."""
    info = zone_info(zone)
    for start in minutes_around(zone, year):
        due_at, not_after = times_of(TOMORROW, start, zone)
        local = due_at.astimezone(info)
        assert (local.hour, local.minute, not_after) == (17, 0, start)
        assert due_at < start
        days = (local_date(start, zone) - local.date()).days
        assert days == 1 or (days == 2 and (zone, year) == ("Pacific/Apia", 2011)), start


@pytest.mark.parametrize(("zone", "year"), CHANGES)
def test_an_hour_before_is_sixty_minutes_before_whatever_the_clocks_do(zone, year):
    for start in minutes_around(zone, year):
        assert times_of(IN_AN_HOUR, start, zone) == (start - HOUR, start)


@pytest.mark.parametrize(("zone", "year"), CHANGES)
def test_the_morning_after_is_nine_on_a_later_day(zone, year):
    info = zone_info(zone)
    for end in minutes_around(zone, year):
        due_at, _until = times_of(RECORD_WANTED, end, zone)
        local = due_at.astimezone(info)
        assert (local.hour, local.minute) == (9, 0)
        assert local.date() > local_date(end, zone)


@pytest.mark.parametrize(("zone", "year"), CHANGES)
def test_a_worker_that_looks_every_minute_finds_each_reminder_once(zone, year):
    """Due at one minute and no other, whenever in those two days it is planned."""
    for change in changes(zone, year):
        start = change + 3 * DAY
        for rule in (TOMORROW, IN_AN_HOUR):
            due_at = times_of(rule, start, zone).due_at
            planned = {
                times_from_now(rule, start, zone, change + number * MINUTE) for number in range(-SPAN, SPAN)
            }
            assert {times.due_at for times in planned if times} == {due_at}


@pytest.mark.parametrize(("zone", "year"), CHANGES)
@pytest.mark.parametrize("rule", SHAPES, ids=lambda rule: rule.template)
def test_what_is_planned_late_is_left_out_or_goes_at_once(zone, year, rule):
    for change in changes(zone, year):
        due_at, not_after = times_of(rule, change, zone)
        for now in (due_at, due_at + 5 * HOUR, due_at + 12 * HOUR, not_after - MINUTE, not_after):
            times = times_from_now(rule, change, zone, now)
            is_left_out = rule.late is Late.LEFT_OUT or now >= not_after
            assert times == (None if is_left_out else (now, not_after))
