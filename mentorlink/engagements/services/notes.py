"""わたしのメモ: its author's alone until shared, and from then on only ever added to, in sight of both."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.engagements import milestone_notices as notices
from mentorlink.engagements.models import Engagement, Note, Side
from mentorlink.engagements.services.crisis import heed_crisis


def write_note(
    session: Session, engagement: Engagement, author_person_id: int, body: str, *, now: datetime
) -> Note:
    """Raises RuleViolation ``note_empty``. Nobody is told, and nobody else can read it."""
    _must_say_something(body)
    note = Note(
        engagement_id=engagement.id,
        author_person_id=author_person_id,
        body=body,
        written_at=now,
        changed_at=None,
        shared_at=None,
    )
    session.add(note)
    session.flush()
    return note


def change_note(session: Session, note: Note, body: str, *, now: datetime) -> None:
    """Write one's own note anew.

    Raises RuleViolation ``note_empty``, and ``note_shared`` once somebody else has been able to read it: from then on
    ``amend_note`` adds to it.
    """
    _must_say_something(body)
    if note.shared_at is not None:
        raise RuleViolation("note_shared")
    note.body, note.changed_at = body, now
    session.flush()


def amend_note(session: Session, note: Note, addition: str, *, by: str, now: datetime) -> None:
    """Add to a shared note, under the day on which it was added; what stood there stays.

    Raises RuleViolation ``note_empty``, ``note_not_shared``.
    """
    _must_say_something(addition)
    if note.shared_at is None:
        raise RuleViolation("note_not_shared")
    note.body = f"{note.body}\n\n[+ {local_date(now).isoformat()}]\n{addition}"
    note.changed_at = now
    session.flush()
    engagement, side = _whose(session, note)
    heed_crisis(session, engagement, addition, side=side, by=by, now=now)


def discard_note(session: Session, note: Note) -> None:
    """Really gone. Raises RuleViolation ``note_shared`` once somebody else has been able to read it."""
    unshared = delete(Note).where(Note.id == note.id, Note.shared_at.is_(None))
    if session.execute(unshared).rowcount == 0:  # type: ignore[attr-defined]
        raise RuleViolation("note_shared")


def share_note(session: Session, note: Note, *, by: str, now: datetime) -> None:
    """The other side may read it from now on, and is told so without a word of it. Twice is as good as once."""
    if note.shared_at is not None:
        return
    note.shared_at = now
    session.flush()
    engagement, side = _whose(session, note)
    notices.tell_of_note(session, engagement, note, side, now=now)
    heed_crisis(session, engagement, note.body, side=side, by=by, now=now)


def _whose(session: Session, note: Note) -> tuple[Engagement, Side]:
    engagement = session.get_one(Engagement, note.engagement_id)
    is_recipient = note.author_person_id == engagement.recipient_id
    return engagement, Side.APPLICANT if is_recipient else Side.SUPPORTER


def _must_say_something(text: str) -> None:
    if not text.strip():
        raise RuleViolation("note_empty")
