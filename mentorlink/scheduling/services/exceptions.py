"""The days on which a supporter differs from their week. What was said last counts, unless they keep what they said
before: rows of a day never overlap.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.people.models import Supporter
from mentorlink.scheduling.free_time import DAY_MINUTES, Minutes, is_day_off, merged_minutes, without_minutes
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
    keeps_others: bool = False,
    by: str,
    now: datetime,
) -> None:
    """From the first to the last of ``days`` those minutes are free besides the week, or not free after all.

    ``keeps_others`` leaves what was said of them to the contrary: the extra hours inside of a week off.
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
        wanted = (
            list(without_minutes([minutes], _spans(of_the_day, not is_free))) if keeps_others else [minutes]
        )
        _write_day(session, supporter, day, of_the_day, wanted, is_free=is_free)
    session.flush()
    offer_to_waiting(session, supporter, by=by, now=now)


def remove_exceptions(
    session: Session, supporter: Supporter, ids: Iterable[int], *, by: str, now: datetime
) -> None:
    """Back to the week, and of extra hours inside of a day off, back to the day off. What is gone already, or
    another's, stays as it is.
    """
    lock_supporter(session, supporter)
    own, chosen = AvailabilityException.supporter_id == supporter.id, set(ids)
    query = select(AvailabilityException).where(own, AvailabilityException.id.in_(chosen))
    for day in sorted({each.day for each in session.scalars(query)}):
        _take_back(session, supporter, day, chosen)
    session.flush()
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


def _take_back(session: Session, supporter: Supporter, day: date, chosen: set[int]) -> None:
    known = exceptions_of_many(session, [supporter.id], day, day)[supporter.id]
    gone, left = (
        [each for each in known if each.id in chosen],
        [each for each in known if each.id not in chosen],
    )
    was_off = is_day_off(known) and bool(_spans(left, is_free=False))
    for each in gone:
        session.delete(each)
    if was_off:
        _write_day(session, supporter, day, left, _spans(gone, is_free=True), is_free=False)


def _spans(rows: Iterable[AvailabilityException], is_free: bool) -> list[Minutes]:
    return merged_minutes((each.start_minute, each.end_minute) for each in rows if each.is_free is is_free)


def _write_day(
    session: Session,
    supporter: Supporter,
    day: date,
    known: list[AvailabilityException],
    wanted: list[Minutes],
    *,
    is_free: bool,
) -> None:
    """``wanted`` besides what is ``known`` of the day; where they contradict, ``wanted`` counts."""
    spans = {
        is_free: merged_minutes([*_spans(known, is_free), *wanted]),
        not is_free: list(without_minutes(_spans(known, not is_free), wanted)),
    }
    for each in known:
        session.delete(each)
    session.flush()  # before rows with the same beginning are written
    session.add_all(
        AvailabilityException(
            supporter_id=supporter.id, day=day, start_minute=start, end_minute=end, is_free=free
        )
        for free, found in spans.items()
        for start, end in found
    )
