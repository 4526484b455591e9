"""The days on which supporters differ from their week."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.scheduling.free_time import Minutes
from mentorlink.scheduling.models import AvailabilityException


def exceptions_of_many(
    session: Session, supporter_ids: Iterable[int], first: date, last: date
) -> dict[int, list[AvailabilityException]]:
    """Per supporter's id, none left out: the exceptions from ``first`` to ``last``, both included, in order."""
    found: dict[int, list[AvailabilityException]] = {each: [] for each in supporter_ids}
    query = select(AvailabilityException).where(
        AvailabilityException.supporter_id.in_(list(found)),
        AvailabilityException.day.between(first, last),
    )
    order = (AvailabilityException.day, AvailabilityException.start_minute)
    for exception in session.scalars(query.order_by(*order)):
        found[exception.supporter_id].append(exception)
    return found


def coming_exceptions(session: Session, supporter_id: int, today: date) -> list[AvailabilityException]:
    query = select(AvailabilityException).where(
        AvailabilityException.supporter_id == supporter_id, AvailabilityException.day >= today
    )
    order = (AvailabilityException.day, AvailabilityException.start_minute)
    return list(session.scalars(query.order_by(*order)))


def exceptions_against(
    session: Session, supporter_id: int, days: tuple[date, date], minutes: Minutes, *, is_free: bool
) -> list[AvailabilityException]:
    """What was said of those minutes of those days to the contrary."""
    query = select(AvailabilityException).where(
        AvailabilityException.supporter_id == supporter_id,
        AvailabilityException.day.between(*days),
        AvailabilityException.is_free.is_not(is_free),
        AvailabilityException.start_minute < minutes[1],
        AvailabilityException.end_minute > minutes[0],
    )
    order = (AvailabilityException.day, AvailabilityException.start_minute)
    return list(session.scalars(query.order_by(*order)))
