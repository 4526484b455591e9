"""An hour kept for two people before there is a support between them: a round's, until the invitation's deadline."""

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
    ends_at = starts_at + timedelta(minutes=minutes)
    rest = timedelta(minutes=supporter.buffer_minutes)
    rows = [
        {
            "person_id": person_id,
            "starts_at": starts_at,
            "ends_at": end,
            "kind": OccupancyKind.HELD,
            "expires_at": min(until, starts_at),
            "source": source,
        }
        for person_id, end in ((applicant_id, ends_at), (supporter.person_id, ends_at + rest))
        if person_id is not None
    ]
    try:
        with taking_time(session):
            session.execute(insert(Occupancy), rows)
    except Conflict:
        return False
    return True
