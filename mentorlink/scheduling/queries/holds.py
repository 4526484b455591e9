"""An hour that is kept for two people."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import Occupancy, OccupancyKind


def held_hour(session: Session, source: str, *, now: datetime) -> datetime | None:
    """The start of what ``source`` (such as ``invitation:5``) holds, while it holds it."""
    query = select(Occupancy.starts_at).where(
        Occupancy.source == source, Occupancy.kind == OccupancyKind.HELD, Occupancy.expires_at > now
    )
    return session.scalar(query.limit(1))


class Held(NamedTuple):
    """An hour kept while somebody makes up their mind. ``concept`` and ``row_id`` are what keeps it: an offer, an
    invitation, an ask.
    """

    concept: str
    row_id: int
    starts_at: datetime
    ends_at: datetime
    until: datetime


def held_hours(
    session: Session, supporter: Supporter, *, after: datetime, until: datetime, now: datetime
) -> list[Held]:
    """What is kept for the supporter, of the hours that begin from ``after`` until before ``until``; earliest first.

    Without the rest behind it: what is drawn is the talk.
    """
    columns = (Occupancy.source, Occupancy.starts_at, Occupancy.ends_at, Occupancy.expires_at)
    query = select(*columns).where(
        Occupancy.person_id == supporter.person_id,
        Occupancy.kind == OccupancyKind.HELD,
        Occupancy.expires_at > now,
        Occupancy.starts_at >= after,
        Occupancy.starts_at < until,
    )
    rest = timedelta(minutes=supporter.buffer_minutes)
    found = []
    for row in session.execute(query.order_by(Occupancy.starts_at)):
        concept, _, number = row.source.partition(":")
        found.append(Held(concept, int(number), row.starts_at, row.ends_at - rest, row.expires_at))
    return found
