"""An hour that is kept for two people."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.scheduling.models import Occupancy, OccupancyKind


def held_hour(session: Session, source: str, *, now: datetime) -> datetime | None:
    """The start of what ``source`` (such as ``invitation:5``) holds, while it holds it."""
    query = select(Occupancy.starts_at).where(
        Occupancy.source == source, Occupancy.kind == OccupancyKind.HELD, Occupancy.expires_at > now
    )
    return session.scalar(query.limit(1))
