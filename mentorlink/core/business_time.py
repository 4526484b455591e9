"""Business days, office hours and quiet hours. Instants are UTC and aware; hours are hours of a local clock.

A business day is Monday to Friday, no national holiday of Japan and not between 29 December and 3 January.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import overload

import jpholiday

from mentorlink.core.dates import TOKYO, Zone, check_year, local_date, zone_info

OPENS, CLOSES = 9, 20
QUIET_HOURS = (21, 8)
FIRST_HOLIDAY_YEAR = 1949  # the first whole year of the holiday law (Act No. 178 of 1948)
LAST_PUBLISHED_YEAR = (
    2027  # the Cabinet Office publishes next year's days each February; jpholiday computes on
)
SATURDAY = 5


def holidays_known(year: int) -> bool:
    """Whether that year's holidays are published. Later ones are computed from today's law, and may change."""
    return FIRST_HOLIDAY_YEAR <= year <= LAST_PUBLISHED_YEAR


def is_business_day(day: date) -> bool:
    """Whether the office works on that day. Raises TypeError on a datetime: take its ``local_date`` first."""
    if isinstance(day, datetime):
        raise TypeError("a day, not an instant")
    return _is_business_day(day)


def is_holiday(day: date) -> bool:
    """A national holiday of Japan, or between 29 December and 3 January."""
    return (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3) or jpholiday.is_holiday(day)


@overload
def add_business_days(start: datetime, days: int, tz: Zone = TOKYO) -> datetime: ...
@overload
def add_business_days(start: date, days: int, tz: Zone = TOKYO) -> date: ...
def add_business_days(start: date, days: int, tz: Zone = TOKYO) -> date:
    """The ``days``-th business day after ``start``; 0 is ``start``, or the next business day where it is none.

    An instant stays an instant, at the same hour of the clocks of ``tz``. Raises ValueError on negative days and
    BadDate past the year 2100.
    """
    if days < 0:
        raise ValueError("business days are only added")
    if isinstance(start, datetime):
        day = add_business_days(local_date(start, tz), days)
        return instant_of(day, start.astimezone(zone_info(tz)).time(), tz)
    day = _business_day_from(start) if days == 0 else start
    for _ in range(days):
        day = _business_day_from(day + timedelta(days=1))
    return day


def add_business_hours(
    start: datetime, hours: float, tz: Zone = TOKYO, *, opens: int = OPENS, closes: int = CLOSES
) -> datetime:
    """The instant at which ``hours`` of office time have passed, counted from ``start``.

    It lies between ``opens`` and ``closes`` on a business day, both ends included: what is full at closing time ends
    then, not the next morning. Raises ValueError on negative hours, BadDate past the year 2100.
    """
    if hours < 0:
        raise ValueError("business hours are only added")
    remaining = timedelta(hours=hours)
    day = _business_day_from(local_date(start, tz))
    while True:
        opening, closing = (instant_of(day, time(hour), tz) for hour in (opens, closes))
        begin = max(start, opening)
        if begin <= closing and remaining <= closing - begin:
            return (begin + remaining).astimezone(UTC)
        remaining -= max(closing - begin, timedelta(0))
        day = _business_day_from(day + timedelta(days=1))


def next_open_time(instant: datetime, quiet: tuple[int, int] = QUIET_HOURS, tz: Zone = TOKYO) -> datetime:
    """``instant`` itself, or the end of the quiet hours that it falls into (21:00 is quiet, 8:00 is not)."""
    begins, ends = quiet
    local = instant.astimezone(zone_info(tz))
    day = local_date(instant, tz)
    late, early = local.hour >= begins, local.hour < ends
    if not (late and early if begins <= ends else late or early):
        return instant.astimezone(UTC)
    return instant_of(day if early else day + timedelta(days=1), time(ends), tz)


def day_before_at(start: datetime, hour: int = 17, tz: Zone = TOKYO) -> datetime:
    """That hour on the day before ``start``, as the clocks of ``tz`` show it."""
    return instant_of(local_date(start, tz) - timedelta(days=1), time(hour), tz, earlier=True)


@lru_cache(maxsize=4096)
def _is_business_day(day: date) -> bool:
    return day.weekday() < SATURDAY and not is_holiday(day)


def _business_day_from(day: date) -> date:
    check_year(day)
    while not _is_business_day(day):
        day += timedelta(days=1)
    check_year(day)
    return day


def instant_of(day: date, clock: time, tz: Zone, *, earlier: bool = False) -> datetime:
    """UTC; an hour that the clocks skip is moved behind the gap, of one shown twice the first is meant.

    ``earlier`` moves it before the gap: what must come before something does so even where a zone skips a whole day
    (Samoa, 30 December 2011).
    """
    info = zone_info(tz)
    meant = datetime.combine(day, clock.replace(fold=0), info)
    found = meant.astimezone(UTC)
    if earlier and found.astimezone(info).replace(tzinfo=None) != meant.replace(tzinfo=None):
        return meant.replace(fold=1).astimezone(UTC)
    return found
