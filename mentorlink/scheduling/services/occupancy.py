"""Taking and giving back people's time. The database says no (see ``guards``); here its no becomes a Conflict.

Every service that touches time calls ``lock_time`` first, so that on PostgreSQL nobody waits for somebody who
waits for them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, lazyload

from mentorlink.core.db import lock_keys
from mentorlink.core.errors import Conflict
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter
from mentorlink.people.models import Supporter
from mentorlink.scheduling.guards import OVERLAP
from mentorlink.scheduling.models import Occupancy, OccupancyKind
from mentorlink.scheduling.queries import team_of

MEETS_IN = (EngagementState.PREPARING, EngagementState.RUNNING)
PERSON_TIME = 1  # the space of the advisory locks on a person's time
SLOT_GONE = "slot_gone"

# Written out once: every booking runs them, and to build a statement takes as long as to run it. Nobody holds a span
# as an object, so spans go by the session's connection.
_PLACES = joinedload(Engagement.supporters).joinedload(EngagementSupporter.supporter)
_WITH_PEOPLE = (
    select(Engagement)
    .where(Engagement.id == bindparam("engagement_id"))
    .options(joinedload(Engagement.programme), joinedload(Engagement.recipient))
    .options(_PLACES.joinedload(Supporter.person), _PLACES.options(lazyload(Supporter.terms)))
)
_RUN_OUT = delete(Occupancy).where(
    Occupancy.person_id.in_(bindparam("people", expanding=True)),
    Occupancy.kind == OccupancyKind.HELD,
    Occupancy.expires_at <= bindparam("now"),
)
_TAKE = insert(Occupancy)
_GIVE_BACK = delete(Occupancy).where(Occupancy.source == bindparam("gone"))


def lock_time(session: Session, engagement: Engagement, now: datetime) -> None:
    """Wait for our turn with these people's time, then give back their holds that have run out."""
    _load_people(session, engagement)
    lock_people(session, people_of(engagement), now)


def lock_people(session: Session, people: Collection[int], now: datetime) -> None:
    """``lock_time`` for people who may have no support together yet; all of them at once, so that nobody deadlocks."""
    lock_keys(session, PERSON_TIME, list(people))
    session.connection().execute(_RUN_OUT, {"people": list(people), "now": now})


def _load_people(session: Session, engagement: Engagement) -> None:
    """Everybody and the programme in one statement, where ``transaction`` has let go of what was read before."""
    if {"programme", "recipient", "supporters"} & inspect(engagement).unloaded:
        [number] = inspect(engagement).identity or [engagement.id]
        session.scalars(_WITH_PEOPLE, {"engagement_id": number}).unique().one()


def people_of(engagement: Engagement) -> list[int]:
    return [engagement.recipient_id, *(supporter.person_id for supporter in team_of(engagement))]


@contextmanager
def taking_time(session: Session) -> Iterator[None]:
    """A savepoint; raises Conflict ``slot_gone`` where the database refuses an overlap inside it."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as error:
        if OVERLAP not in str(error.orig):
            raise
        raise Conflict(SLOT_GONE) from error


def take_time(
    session: Session,
    engagement: Engagement,
    starts_at: datetime,
    ends_at: datetime,
    *,
    kind: OccupancyKind,
    source: str,
    expires_at: datetime,
) -> None:
    """One row for the recipient and for each supporter, whose time includes the rest that they asked for."""
    ends = {
        supporter.person_id: timedelta(minutes=supporter.buffer_minutes) for supporter in team_of(engagement)
    }
    rows = [
        {
            "person_id": person_id,
            "starts_at": starts_at,
            "ends_at": ends_at + ends.get(person_id, timedelta()),
            "kind": kind,
            "expires_at": expires_at,
            "source": source,
        }
        for person_id in people_of(engagement)
    ]
    session.connection().execute(_TAKE, rows)


def give_back_time(session: Session, source: str) -> None:
    session.connection().execute(_GIVE_BACK, {"gone": source})
