"""The talks of some days, to look at: of one supporter, of one run or of all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from mentorlink.core.rooms import room_for
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState, MeetingWay

STANDING = (MeetingState.CONFIRMED, *TOOK_PLACE, MeetingState.NO_SHOW)
MOST_OF_SUPPORTER = 500


class Place(NamedTuple):
    """One supporter's time with an engagement."""

    name: str
    since: datetime
    until: datetime | None
    room: str | None


@dataclass(frozen=True)
class Talk:
    """``way`` is how they really talk: by telephone where an online talk has no room.

    ``recipient_zone`` is None where nobody may learn from it where the recipient is.
    """

    id: int
    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    way: MeetingWay
    recipient: str
    recipient_zone: str | None
    run_ja: str
    run_en: str
    supporters: tuple[str, ...]


def talks_of_supporter(
    session: Session, supporter_id: int, *, after: datetime, until: datetime
) -> list[Talk]:
    """Those that begin from ``after`` until before ``until``, while they were theirs; two queries."""
    place = EngagementSupporter
    query = _talks().join(place, place.engagement_id == Meeting.engagement_id)
    was_theirs = or_(place.until.is_(None), Meeting.starts_at < place.until)
    query = query.where(place.supporter_id == supporter_id, Meeting.starts_at >= place.since, was_theirs)
    query = query.where(Meeting.starts_at >= after, Meeting.starts_at < until)
    query = query.where(Meeting.state.in_(STANDING))
    return _read(session, query.limit(MOST_OF_SUPPORTER))


@dataclass(frozen=True)
class Wanted:
    """Which talks: of one run, with a supporter whose name holds these words, and in these states."""

    run_id: int | None = None
    supporter: str = ""
    states: tuple[MeetingState, ...] = STANDING


def starts_between(
    session: Session, *, after: datetime, until: datetime, wanted: Wanted
) -> list[tuple[int, datetime]]:
    """(id, start) of every talk, earliest first: enough to count them and to choose which to show."""
    query = select(Meeting.id, Meeting.starts_at).where(Meeting.state.in_(wanted.states))
    query = query.where(Meeting.starts_at >= after, Meeting.starts_at < until)
    if wanted.run_id is not None:
        query = query.join(Engagement, Engagement.id == Meeting.engagement_id)
        query = query.where(Engagement.programme_id == wanted.run_id)
    if wanted.supporter:
        query = query.where(_was_with(wanted.supporter))
    return [(row.id, row.starts_at) for row in session.execute(query.order_by(Meeting.starts_at, Meeting.id))]


def _was_with(name: str) -> ColumnElement[bool]:
    place = EngagementSupporter
    people = select(place.supporter_id).join(Supporter, Supporter.id == place.supporter_id)
    people = people.join(Person, Person.id == Supporter.person_id)
    named = or_(
        Person.display_name.icontains(name, autoescape=True),
        Person.display_kana.contains(name, autoescape=True),
    )
    then = or_(place.until.is_(None), Meeting.starts_at < place.until)
    theirs = (place.engagement_id == Meeting.engagement_id, place.since <= Meeting.starts_at, then)
    return people.where(*theirs, named).exists()


def talks_by_id(session: Session, ids: Sequence[int]) -> list[Talk]:
    """Earliest first; two queries."""
    return _read(session, _talks().where(Meeting.id.in_(ids)))


def _talks() -> Select[*tuple[Any, ...]]:
    columns = (
        Meeting.id,
        Meeting.engagement_id,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.state,
        Meeting.way,
        Meeting.uid,
        Person.display_name,
        Person.zone,
        Person.safe_contact,
        Programme.name_ja,
        Programme.name_en,
    )
    query = select(*columns).join(Engagement, Engagement.id == Meeting.engagement_id)
    query = query.join(Person, Person.id == Engagement.recipient_id)
    query = query.join(Programme, Programme.id == Engagement.programme_id)
    return query.order_by(Meeting.starts_at, Meeting.id)


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[Talk]:
    rows = session.execute(query).all()
    teams = _teams(session, {row.engagement_id for row in rows})
    return [
        Talk(
            id=row.id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            state=row.state,
            way=_way(row.way, row.uid, teams[row.engagement_id]),
            recipient=row.display_name,
            recipient_zone=None if row.safe_contact else row.zone,
            run_ja=row.name_ja,
            run_en=row.name_en,
            supporters=tuple(
                name
                for name, since, until, _room in teams[row.engagement_id]
                if since <= row.starts_at and (until is None or row.starts_at < until)
            ),
        )
        for row in rows
    ]


def _way(way: MeetingWay, uid: str, team: Sequence[Place]) -> MeetingWay:
    rooms = (room for _name, _since, until, room in team if until is None)
    return MeetingWay.PHONE if way is MeetingWay.ONLINE and not room_for(uid, rooms) else way


def _teams(session: Session, engagement_ids: set[int]) -> dict[int, list[Place]]:
    """Everybody who supports or supported, by engagement."""
    place = EngagementSupporter
    query = (
        select(place.engagement_id, Person.display_name, place.since, place.until, Supporter.meeting_url)
        .join(Supporter, Supporter.id == place.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(place.engagement_id.in_(engagement_ids))
        .order_by(place.since, Person.id)
    )
    found: dict[int, list[Place]] = defaultdict(list)
    for engagement_id, name, since, until, room in session.execute(query):
        found[engagement_id].append(Place(name, since, until, room))
    return found
