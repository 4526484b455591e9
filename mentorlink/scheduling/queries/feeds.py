"""The talks of one person as their calendar subscribes to them, and whose the secret address is."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.core.links import BUSY_FEED, FEEDS, Link, LinkKind, find_link, page_address
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Consent, Person, Purpose, Supporter
from mentorlink.scheduling.calendar_files import FeedEntry
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState

LOOKS_BACK = timedelta(days=60)
LOOKS_AHEAD = timedelta(days=400)  # talks of a half-year are planned that far
SHOWS_CANCELLED = timedelta(days=7)  # long enough for every calendar to notice
MOST_TALKS = 1_000


class Feed(NamedTuple):
    """``busy_only``: that there is something, and nothing else."""

    person_id: int
    busy_only: bool


def find_feed(session: Session, token: str, now: datetime) -> Feed | None:
    """Whose feed opens with this token. Unknown, expired, stopped, and of somebody who has left, all answer None."""
    link = find_link(session, token, now)
    if link is None or link.purpose not in FEEDS or link.kind is not LinkKind.ENTRY:
        return None
    row = session.execute(_who_is_here(link.row_id)).one_or_none()
    if row is None:
        return None
    return Feed(row.id, busy_only=row.safe_contact or link.purpose == BUSY_FEED)


def feed_link_of(session: Session, person_id: int, now: datetime) -> Link | None:
    """The one that is open."""
    query = select(Link).where(Link.opens == f"person:{person_id}", Link.purpose.in_(FEEDS))
    return session.scalar(query.where(Link.expires_at > now).order_by(Link.id.desc()).limit(1))


def feed_entries(session: Session, person_id: int, *, now: datetime) -> list[FeedEntry]:
    """Agreed talks from 60 days ago on and those called off lately, earliest first; one query."""
    mine = _as_recipient(person_id, now).union_all(_as_supporter(person_id, now)).subquery()
    rows = session.execute(select(mine).order_by(mine.c.starts_at, mine.c.id).limit(MOST_TALKS))
    return [
        FeedEntry(
            uid=row.uid,
            sequence=row.sequence,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            page=page_address("meeting", meeting_id=row.id),
            written_at=row.created_at,  # not now: the same talks are the same bytes, and clients see no change
            is_cancelled=row.state is MeetingState.CANCELLED,
        )
        for row in rows
    ]


def _who_is_here(person_id: int) -> Select[int, bool]:
    """Nobody erased, no closed account, nobody who took back that we keep their data."""
    consent = exists().where(Consent.person_id == Person.id, Consent.purpose == Purpose.PERSONAL_DATA)
    is_given = or_(~consent, consent.where(Consent.withdrawn_at.is_(None)))
    query = select(Person.id, Person.safe_contact).outerjoin(User, User.id == Person.user_id)
    return query.where(
        Person.id == person_id, Person.erased_at.is_(None), User.disabled_at.is_(None), is_given
    )


def _as_recipient(person_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    query = _talks(now).join(Engagement, Engagement.id == Meeting.engagement_id)
    return query.where(Engagement.recipient_id == person_id)


def _as_supporter(person_id: int, now: datetime) -> Select[*tuple[Any, ...]]:
    """While it was theirs: neither the talks of somebody before, nor those of who came after."""
    place = EngagementSupporter
    query = _talks(now).join(place, place.engagement_id == Meeting.engagement_id)
    query = query.join(Supporter, Supporter.id == place.supporter_id).where(Supporter.person_id == person_id)
    was_theirs = or_(place.until.is_(None), Meeting.starts_at < place.until)
    return query.where(Meeting.starts_at >= place.since, was_theirs)


def _talks(now: datetime) -> Select[*tuple[Any, ...]]:
    stands = Meeting.state.in_((MeetingState.CONFIRMED, *TOOK_PLACE))
    called_off = and_(Meeting.state == MeetingState.CANCELLED, Meeting.starts_at > now - SHOWS_CANCELLED)
    columns = (
        Meeting.id,
        Meeting.uid,
        Meeting.sequence,
        Meeting.starts_at,
        Meeting.ends_at,
        Meeting.created_at,
        Meeting.state,
    )
    return select(*columns).where(
        Meeting.starts_at.between(now - LOOKS_BACK, now + LOOKS_AHEAD), or_(stands, called_off)
    )
