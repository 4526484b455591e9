"""An hour kept for people before it is a meeting: a round's until the invitation's deadline, one asked for until its answer."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from mentorlink.core.errors import Conflict
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import Occupancy, OccupancyKind
from mentorlink.scheduling.services.occupancy import taking_time


def hold_hour(
    session: Session,
    applicant_id: int | None,
    supporter: Supporter,
    starts_at: datetime,
    minutes: int,
    *,
    source: str,
    until: datetime,
) -> bool:
    """Keep an hour for a person and a supporter; whether that was still possible. Callers lock the people first.

    ``applicant_id`` is None for the further members of a team: the first one's hold keeps the person's own hour.
    """
    length, rest = timedelta(minutes=minutes), timedelta(minutes=supporter.buffer_minutes)
    lengths = {supporter.person_id: length + rest} | ({} if applicant_id is None else {applicant_id: length})
    return hold_for(session, lengths, starts_at, source=source, until=until)


def hold_for(
    session: Session, lengths: Mapping[int, timedelta], starts_at: datetime, *, source: str, until: datetime
) -> bool:
    """Keep an hour for people, for each as long as named here; whether that was still possible."""
    rows = [
        {
            "person_id": person_id,
            "starts_at": starts_at,
            "ends_at": starts_at + length,
            "kind": OccupancyKind.HELD,
            "expires_at": min(until, starts_at),
            "source": source,
        }
        for person_id, length in lengths.items()
    ]
    try:
        with taking_time(session):
            session.execute(insert(Occupancy), rows)
    except Conflict:
        return False
    return True
