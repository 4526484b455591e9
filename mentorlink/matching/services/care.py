"""Mentors are looked after too: a word after a heavy talk, and somebody who calls."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.applications.services import raise_flag
from mentorlink.core.actor import SYSTEM
from mentorlink.core.outbox import OutboxMessage
from mentorlink.matching import notices
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import Meeting, MeetingRecord
from mentorlink.scheduling.queries import team_of

LOOK_BACK = timedelta(days=3)  # a worker that stood still does not ask after a talk of last month


def look_after_mentors(session: Session, now: datetime) -> int:
    """A talk was recorded as heavy: the office sees it, and the supporter is asked next morning how they are.

    Once for each talk, however often this runs. Returns how many talks there were.
    """
    query = (
        select(MeetingRecord)
        .where(MeetingRecord.was_heavy, MeetingRecord.written_at > now - LOOK_BACK)
        .options(joinedload(MeetingRecord.meeting).joinedload(Meeting.engagement))
        .order_by(MeetingRecord.id)
    )
    new = [each for each in session.scalars(query) if not _was_seen_to(session, each)]
    for record in new:
        if not _was_shown(session, record):
            raise_flag(session, record.meeting.engagement.application, FlagKind.HEAVY, by=SYSTEM, now=now)
        notices.ask_after_heavy_talk(session, record.meeting, record.written_at, now=now)
    session.flush()
    return len(new)


def ask_for_care(session: Session, supporter: Supporter, *, now: datetime) -> None:
    """Somebody of the office calls the supporter, about whatever weighs on them."""
    notices.ask_office_to_call(session, supporter, now=now)


def _was_seen_to(session: Session, record: MeetingRecord) -> bool:
    """The supporter was written to; or, where nobody is there to write to, the office has been shown it."""
    if not team_of(record.meeting.engagement):
        return _was_shown(session, record)
    said = select(OutboxMessage.id).where(OutboxMessage.event == notices.heavy_event(record.meeting))
    return session.scalar(said.limit(1)) is not None


def _was_shown(session: Session, record: MeetingRecord) -> bool:
    """Whoever wrote the record has raised the flag with it."""
    shown = select(Flag.id).where(
        Flag.application_id == record.meeting.engagement.application_id,
        Flag.kind == FlagKind.HEAVY,
        Flag.raised_at >= record.written_at,
    )
    return session.scalar(shown.limit(1)) is not None
