"""The days on which a supporter differs from their week. What was said last counts: rows of a day never overlap."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.people.models import Supporter
from mentorlink.scheduling.free_time import DAY_MINUTES, Minutes, merged_minutes, without_minutes
from mentorlink.scheduling.models import AvailabilityException
from mentorlink.scheduling.queries import exceptions_of_many
from mentorlink.scheduling.services.availability import STEP_MINUTES, lock_supporter, offer_to_waiting

DAYS_AHEAD = 400
MOST_DAYS = 62  # at once; whoever is away for longer pauses


def add_exceptions(
    session: Session,
    supporter: Supporter,
    days: tuple[date, date],
    minutes: Minutes,
    *,
    is_free: bool,
    by: str,
    now: datetime,
) -> None:
    """From the first to the last of ``days`` those minutes are free besides the week, or not free after all.

    Raises RuleViolation ``exception_in_past``, ``exception_too_far`` (``DAYS_AHEAD``), ``exception_too_long``
    (``MOST_DAYS``) and ``window_not_possible``.
    """
    first, last = days
    _check(days, minutes, today=local_date(now, supporter.person.zone))
    lock_supporter(session, supporter)
    known = exceptions_of_many(session, [supporter.id], first, last)[supporter.id]
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        of_the_day = [each for each in known if each.day == day]
        _write_day(session, supporter, day, of_the_day, minutes=minutes, is_free=is_free)
    session.flush()
    offer_to_waiting(session, supporter, by=by, now=now)


def remove_exceptions(
    session: Session, supporter: Supporter, ids: Iterable[int], *, by: str, now: datetime
) -> None:
    """Back to the week; what is gone already, or another's, stays as it is."""
    lock_supporter(session, supporter)
    own = AvailabilityException.supporter_id == supporter.id
    session.execute(delete(AvailabilityException).where(own, AvailabilityException.id.in_(list(ids))))
    offer_to_waiting(session, supporter, by=by, now=now)


def _check(days: tuple[date, date], minutes: Minutes, today: date) -> None:
    (first, last), (start, end) = days, minutes
    if first < today or last < first:
        raise RuleViolation("exception_in_past")
    if last > today + timedelta(days=DAYS_AHEAD):
        raise RuleViolation("exception_too_far")
    if (last - first).days >= MOST_DAYS:
        raise RuleViolation("exception_too_long")
    if start % STEP_MINUTES or end % STEP_MINUTES or not 0 <= start < end <= DAY_MINUTES:
        raise RuleViolation("window_not_possible")


def _write_day(
    session: Session,
    supporter: Supporter,
    day: date,
    known: list[AvailabilityException],
    *,
    minutes: Minutes,
    is_free: bool,
) -> None:
    spans: dict[bool, list[Minutes]] = {True: [], False: []}
    for each in known:
        spans[each.is_free].append((each.start_minute, each.end_minute))
        session.delete(each)
    session.flush()  # before rows with the same beginning are written
    spans[is_free] = merged_minutes([*spans[is_free], minutes])
    spans[not is_free] = list(without_minutes(spans[not is_free], [minutes]))
    session.add_all(
        AvailabilityException(
            supporter_id=supporter.id, day=day, start_minute=start, end_minute=end, is_free=free
        )
        for free, found in spans.items()
        for start, end in found
    )
