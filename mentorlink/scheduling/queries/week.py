"""What a supporter's hours come to: the starts of the next days, why there are none, and talks that lie outside."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.people.models import Supporter
from mentorlink.scheduling.free_time import Span, day_spans, day_windows
from mentorlink.scheduling.models import AvailabilityException, Meeting, MeetingState, WeeklyWindow
from mentorlink.scheduling.queries.exceptions import coming_exceptions, exceptions_of_many
from mentorlink.scheduling.queries.hours import (
    free_weeks_of_many,
    meetings_of_supporter,
    week_is_full,
    windows_of,
)

DAYS = 14
MINUTES = 60
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Preview:
    """The next ``DAYS``: on which local days a talk of ``MINUTES`` could begin, and when; or why on none."""

    days: list[tuple[date, list[datetime]]]
    why: str | None  # paused, no_hours, none_wanted, too_short, closed, notice, full or taken


def preview_hours(session: Session, supporter: Supporter, *, now: datetime) -> Preview:
    found = free_weeks_of_many(session, [supporter], MINUTES, DAYS, now=now)[supporter.id]
    starts = sorted(start for room, starts in found if room > 0 for start in starts)
    zone = supporter.person.zone
    days = [(day, list(those)) for day, those in groupby(starts, lambda start: local_date(start, zone))]
    return Preview(days, None if days else _why_none(session, supporter, now))


def has_hours(session: Session, supporter: Supporter, *, now: datetime) -> bool:
    """Whether the supporter gave any hours at all: in their week, or on a day to come."""
    if windows_of(session, supporter):
        return True
    today = local_date(now, supporter.person.zone)
    return any(each.is_free for each in coming_exceptions(session, supporter.id, today))


def talks_outside(session: Session, supporter: Supporter, *, now: datetime) -> list[Meeting]:
    """Agreed talks to come that do not lie in the supporter's free time any more. They stay agreed."""
    talks = [
        each
        for each in meetings_of_supporter(session, supporter, since=now)
        if each.state is MeetingState.CONFIRMED and each.starts_at > now
    ]
    if not talks:
        return []
    zone = supporter.person.zone
    first, last = local_date(talks[0].starts_at, zone) - A_DAY, local_date(talks[-1].ends_at, zone) + A_DAY
    free = _joined(free_spans(session, supporter, first, last))
    return [each for each in talks if not any(s <= each.starts_at and each.ends_at <= e for s, e in free)]


def free_spans(session: Session, supporter: Supporter, first: date, last: date) -> list[Span]:
    """From when until when the week and its exceptions are free, from the first to the last of these days."""
    windows = windows_of(session, supporter)
    exceptions = exceptions_of_many(session, [supporter.id], first, last)[supporter.id]
    return _spans(supporter, windows, exceptions, (first, last))


def _spans(
    supporter: Supporter,
    windows: list[WeeklyWindow],
    exceptions: list[AvailabilityException],
    between: tuple[date, date],
) -> list[Span]:
    days = [between[0] + number * A_DAY for number in range((between[1] - between[0]).days + 1)]
    return [
        span
        for day in days
        for span in day_spans(
            day, day_windows(windows, exceptions, supporter.free_on_holidays, day), supporter.person.zone
        )
    ]


def _why_none(session: Session, supporter: Supporter, now: datetime) -> str:
    """The first thing in the way, in the order in which one would look for it."""
    today = local_date(now, supporter.person.zone)
    last = today + DAYS * A_DAY
    if not supporter.receives_on(today):
        return "paused"
    windows = windows_of(session, supporter)
    exceptions = exceptions_of_many(session, [supporter.id], today, last)[supporter.id]
    if not windows and not any(each.is_free for each in exceptions):
        return "no_hours"
    if 0 in (supporter.capacity_week, supporter.capacity_month):
        return "none_wanted"
    length = timedelta(minutes=MINUTES)
    spans = [
        each for each in _spans(supporter, windows, exceptions, (today, last)) if each[1] - each[0] >= length
    ]
    if not spans:
        long_enough = any(each.end_minute - each.start_minute >= MINUTES for each in windows)
        return "closed" if long_enough else "too_short"
    return _why_taken(session, supporter, spans, now)


def _why_taken(session: Session, supporter: Supporter, spans: list[Span], now: datetime) -> str:
    earliest = now + timedelta(hours=supporter.notice_hours)
    late = [max(start, earliest) for start, end in spans if end - earliest >= timedelta(minutes=MINUTES)]
    if not late:
        return "notice"
    return "full" if all(week_is_full(session, supporter, each, now) for each in late) else "taken"


def _joined(spans: list[Span]) -> list[Span]:
    """With a day's end and the next day's beginning made one."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
