from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorlink.core.business_time import (
    add_business_days,
    add_business_hours,
    day_before_at,
    holidays_known,
    is_business_day,
    next_open_time,
)
from mentorlink.core.dates import TOKYO, BadDate, local_date

INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(
    ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"]
)


def tokyo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TOKYO)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 11, 24), True),  # Tuesday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 11, 23), False),  # 勤労感謝の日
        (date(2026, 9, 22), False),  # between two holidays
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 1), False),
        (date(2030, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_the_office_works_on_business_days(day, expected):
    assert is_business_day(day) == expected


def test_an_instant_is_no_day():
    with pytest.raises(TypeError):
        is_business_day(tokyo(2026, 11, 24))


def test_holidays_are_known_while_they_are_published():
    assert [holidays_known(year) for year in (1948, 1949, 2027, 2028)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        (date(2026, 11, 20), 1, date(2026, 11, 24)),  # over a weekend and a holiday
        (date(2026, 11, 20), 5, date(2026, 11, 30)),
        (date(2026, 11, 21), 0, date(2026, 11, 24)),
        (date(2026, 11, 24), 0, date(2026, 11, 24)),
        (date(2026, 12, 28), 1, date(2027, 1, 4)),
    ],
)
def test_business_days_are_counted(start, days, expected):
    assert add_business_days(start, days) == expected


def test_business_days_after_an_instant_keep_its_hour():
    assert add_business_days(tokyo(2026, 11, 20, 10, 30), 5) == tokyo(2026, 11, 30, 10, 30)


@pytest.mark.parametrize(
    ("start", "hours", "expected"),
    [
        (tokyo(2026, 11, 24, 10), 3, tokyo(2026, 11, 24, 13)),
        (tokyo(2026, 11, 24, 10), 10, tokyo(2026, 11, 24, 20)),
        (tokyo(2026, 11, 24, 19, 30), 1, tokyo(2026, 11, 25, 9, 30)),
        (tokyo(2026, 11, 20, 22), 11, tokyo(2026, 11, 24, 20)),
        (tokyo(2026, 11, 21, 3), 0, tokyo(2026, 11, 24, 9)),
        (tokyo(2026, 11, 24, 9), 22, tokyo(2026, 11, 25, 20)),
        (tokyo(2026, 12, 28, 19), 2, tokyo(2027, 1, 4, 10)),
    ],
)
def test_business_hours_end_while_the_office_is_open(start, hours, expected):
    assert add_business_hours(start, hours) == expected


@given(INSTANTS, st.floats(0, 200), ZONES)
def test_a_deadline_falls_on_a_business_day_between_nine_and_eight(start, hours, zone):
    deadline = add_business_hours(start, hours, zone).astimezone(ZoneInfo(zone))
    assert is_business_day(deadline.date())
    assert time(9) <= deadline.time() <= time(20)
    assert deadline >= start + timedelta(hours=hours)


@given(INSTANTS, st.floats(0, 50), st.floats(0, 50))
def test_more_hours_never_end_earlier(start, hours, more):
    assert add_business_hours(start, hours) <= add_business_hours(start, hours + more)


def test_business_time_only_goes_forward_and_not_too_far():
    with pytest.raises(ValueError, match="only added"):
        add_business_hours(tokyo(2026, 1, 5), -1)
    with pytest.raises(ValueError, match="only added"):
        add_business_days(date(2026, 1, 5), -1)
    with pytest.raises(BadDate):
        add_business_hours(tokyo(2100, 12, 1), 1000)


def test_naive_datetimes_are_refused():
    naive = datetime(2026, 11, 24, 10)  # noqa: DTZ001
    for move in (
        lambda: add_business_hours(naive, 1),
        lambda: next_open_time(naive),
        lambda: day_before_at(naive),
    ):
        with pytest.raises(TypeError):
            move()


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        (tokyo(2026, 11, 24, 20, 59), tokyo(2026, 11, 24, 20, 59)),
        (tokyo(2026, 11, 24, 21), tokyo(2026, 11, 25, 8)),
        (tokyo(2026, 11, 25, 0), tokyo(2026, 11, 25, 8)),
        (tokyo(2026, 11, 25, 7, 59), tokyo(2026, 11, 25, 8)),
        (tokyo(2026, 11, 25, 8), tokyo(2026, 11, 25, 8)),
    ],
)
def test_quiet_hours_end_at_eight(instant, expected):
    assert next_open_time(instant) == expected


def test_quiet_hours_may_lie_within_one_day():
    assert next_open_time(tokyo(2026, 11, 25, 13), quiet=(12, 14)) == tokyo(2026, 11, 25, 14)
    assert next_open_time(tokyo(2026, 11, 25, 11), quiet=(12, 14)) == tokyo(2026, 11, 25, 11)


@given(INSTANTS, ZONES)
def test_nothing_is_sent_in_quiet_hours_nor_before_its_time(instant, zone):
    sent = next_open_time(instant, tz=zone)
    assert 8 <= sent.astimezone(ZoneInfo(zone)).hour < 21
    assert timedelta(0) <= sent - instant <= timedelta(hours=12)


def test_a_reminder_goes_the_day_before_at_five():
    assert day_before_at(tokyo(2026, 11, 25, 0, 30)) == tokyo(2026, 11, 24, 17)


@given(INSTANTS, ZONES)
def test_a_reminder_is_always_on_the_day_before(start, zone):
    reminder = day_before_at(start, tz=zone)
    assert reminder < start
    assert zone == "Pacific/Apia" or local_date(start, zone) - local_date(reminder, zone) == timedelta(days=1)
