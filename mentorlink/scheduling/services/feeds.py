"""The secret address of one person's calendar: made, renewed and stopped by that person alone."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from mentorlink.core.db import lock_keys
from mentorlink.core.links import BUSY_FEED, FEED, FEEDS, Link, LinkKind, issue_link
from mentorlink.people.models import Person

FEED_LIFE = timedelta(days=2 * 365)
FEED_LOCK = 2301  # the space of the advisory locks on a person's feed


def make_feed(session: Session, person: Person, *, busy_only: bool, now: datetime) -> Link:
    """A new address; the one before answers from now on as if it had never been."""
    stop_feed(session, person, now=now)
    purpose, opens = BUSY_FEED if busy_only else FEED, f"person:{person.id}"
    return issue_link(session, LinkKind.ENTRY, purpose, opens, expires_at=now + FEED_LIFE, now=now)


def stop_feed(session: Session, person: Person, *, now: datetime) -> None:
    lock_keys(session, FEED_LOCK, [person.id])
    mine = update(Link).where(Link.opens == f"person:{person.id}", Link.purpose.in_(FEEDS))
    session.execute(mine.where(Link.expires_at > now).values(expires_at=now))
