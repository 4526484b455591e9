"""When a supporter is free on one day: pure functions on rows. Minutes count from midnight on the clocks of their zone."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from mentorlink.core.business_time import is_holiday
from mentorlink.core.dates import Zone, zone_info
from mentorlink.scheduling.models import AvailabilityException, WeeklyWindow

Minutes = tuple[int, int]
Span = tuple[datetime, datetime]
DAY_MINUTES = 24 * 60


def day_windows(
    windows: Iterable[WeeklyWindow],
    exceptions: Iterable[AvailabilityException],
    free_on_holidays: bool,
    day: date,
) -> list[Minutes]:
    """The free (first minute, end minute) of ``day``, in order, none of them touching another.

    The windows of its weekday, unless it is a holiday of Japan (the turn of the year included) that the supporter
    keeps; besides them what an exception calls free; without what one calls not free, which outweighs both.
    """
    of_the_day = [each for each in exceptions if each.day == day]
    kept = not free_on_holidays and is_holiday(day)
    free = [(each.start_minute, each.end_minute) for each in of_the_day if each.is_free]
    if not kept:
        weekday = day.weekday()
        free += [(each.start_minute, each.end_minute) for each in windows if each.weekday == weekday]
    busy = [(each.start_minute, each.end_minute) for each in of_the_day if not each.is_free]
    return list(without_minutes(merged_minutes(free), merged_minutes(busy)))


def is_day_off(rows: Sequence[AvailabilityException]) -> bool:
    """Whether these rows of one day take it off from midnight to midnight, but for hours inside that are free."""
    off = merged_minutes((each.start_minute, each.end_minute) for each in rows if not each.is_free)
    told = merged_minutes((each.start_minute, each.end_minute) for each in rows)
    return told == [(0, DAY_MINUTES)] and bool(off) and (off[0][0], off[-1][1]) == told[0]


def merged_minutes(spans: Iterable[Minutes]) -> list[Minutes]:
    """The same minutes, in order, with spans that touch or overlap made one."""
    joined: list[Minutes] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def without_minutes(free: Iterable[Minutes], busy: Sequence[Minutes]) -> Iterator[Minutes]:
    """What is left of ``free``; both in order, none touching another of its own."""
    for start, end in free:
        at = start
        for first, last in busy:
            if last <= at or end <= first:
                continue
            if at < first:
                yield at, first
            at = max(at, last)
        if at < end:
            yield at, end


def day_spans(day: date, windows: Iterable[Minutes], zone: Zone) -> list[Span]:
    """The instants (UTC) from which and until which the windows of that day last; one that falls into a gap is none.

    The windows of a year tile it: a day's 24:00 is the next day's 0:00, whatever the clocks do between.
    """
    spans = [(instant_of(day, start, zone), instant_of(day, end, zone)) for start, end in windows]
    return [(start, end) for start, end in spans if start < end]


def instant_of(day: date, minute: int, zone: Zone) -> datetime:
    """UTC of that minute of a local day; 1440 is its end.

    Of a minute that the clocks show twice the first is meant, and one that they skip is the end of the gap: both keep
    the order of minutes, so that what touches on the clocks touches in time.
    """
    tz = zone_info(zone)
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    before, after = (local.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    return before if before <= after else _end_of_gap(local, after, before, tz)


def _end_of_gap(local: datetime, low: datetime, high: datetime, tz: Zone) -> datetime:
    """The first instant in (low, high] at which the clocks show ``local`` or later."""
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        shown = middle.astimezone(zone_info(tz)).replace(tzinfo=None)
        low, high = (low, middle) if shown >= local else (middle, high)
    return high.replace(microsecond=0)
