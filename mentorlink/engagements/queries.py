"""What the pages of the thread and of notes read."""

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Note, Side, ThreadPost
from mentorlink.engagements.policies import Seat, seen_since
from mentorlink.people.models import Person

POSTS_ON_A_PAGE = 50
NOTES_ON_A_PAGE = 20


def posts_for(session: Session, seat: Seat, page: int = 1) -> list[tuple[ThreadPost, str | None]]:
    """One page of the thread, the newest page first and each page in the order of writing, with the writers' names."""
    newest = (
        select(ThreadPost, Person.display_name)
        .outerjoin(Person, Person.id == ThreadPost.author_person_id)
        .where(_readable_posts(seat))
        .order_by(ThreadPost.at.desc(), ThreadPost.id.desc())
        .limit(POSTS_ON_A_PAGE)
        .offset((page - 1) * POSTS_ON_A_PAGE)
    )
    return [(post, name) for post, name in reversed(session.execute(newest).all())]


def count_posts(session: Session, seat: Seat) -> int:
    return session.scalar(select(func.count()).select_from(ThreadPost).where(_readable_posts(seat))) or 0


def notes_for(session: Session, seat: Seat, page: int = 1) -> list[tuple[Note, str]]:
    """One page of one's own notes and those that were shared, the newest first, with their authors' names."""
    query = (
        select(Note, Person.display_name)
        .join(Person, Person.id == Note.author_person_id)
        .where(_readable_notes(seat))
        .order_by(Note.written_at.desc(), Note.id.desc())
        .limit(NOTES_ON_A_PAGE)
        .offset((page - 1) * NOTES_ON_A_PAGE)
    )
    return [(note, name) for note, name in session.execute(query)]


def count_notes(session: Session, seat: Seat) -> int:
    return session.scalar(select(func.count()).select_from(Note).where(_readable_notes(seat))) or 0


def _readable_posts(seat: Seat) -> ColumnElement[bool]:
    """A supporter who came later begins with the first message of their own time, or with all that was handed over."""
    here, since = ThreadPost.engagement_id == seat.engagement.id, seen_since(seat, "thread")
    return here if since is None else and_(here, ThreadPost.at >= since)


def _readable_notes(seat: Seat) -> ColumnElement[bool]:
    """The office has none of its own and reads shared ones only.

    What was shared with an earlier supporter goes with the thread: a later one reads it where that was handed over.
    """
    since = seen_since(seat, "thread")
    readable = Note.shared_at.is_not(None) if since is None else Note.shared_at >= since
    if seat.side is not Side.OFFICE:
        readable = or_(readable, Note.author_person_id == seat.person_id)
    return and_(Note.engagement_id == seat.engagement.id, readable)
