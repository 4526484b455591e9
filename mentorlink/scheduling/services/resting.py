"""A half-year rests and is taken up again: time is given back, nothing is asked meanwhile, both sides hear of it."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement, Pause, PauseReason, Side
from mentorlink.engagements.services import pause_engagement, resume_engagement
from mentorlink.scheduling import notices
from mentorlink.scheduling.models import MEETING_TRANSITIONS, Meeting, MeetingState
from mentorlink.scheduling.services.occupancy import give_back_time, lock_time
from mentorlink.scheduling.services.waiting import close_waiting

ASKED_ABOUT = (MeetingState.CONFIRMED, MeetingState.HELD)


def rest_engagement(
    session: Session,
    engagement: Engagement,
    reason: PauseReason,
    *,
    expected_until: date | None = None,
    batch: str | None = None,
    by: str,
    now: datetime,
) -> Pause:
    """Pause it: talks to come are called off kindly, offers end, no reminder goes out, both sides get one mail.

    Whoever lets many rest does each in a transaction of its own: the locks on people's time are sorted within one
    engagement only. Raises RuleViolation ``engagement_not_paused`` where it cannot rest and ``pause_in_past``.
    """
    lock_time(session, engagement, now)
    pause = pause_engagement(
        session, engagement, reason, expected_until=expected_until, batch=batch, by=by, now=now
    )
    called_off = call_off_talks(session, engagement, by=by, now=now)
    notices.tell_resting(session, engagement, pause, called_off, now=now)
    return pause


def take_up_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """Go on after a rest; both sides hear of it, with the page on which the next talks are planned.

    Raises RuleViolation ``engagement_not_paused`` where it does not rest.
    """
    resume_engagement(session, engagement, by=by, now=now)
    notices.tell_taken_up(session, engagement, now=now)


def call_off_talks(session: Session, engagement: Engagement, *, by: str, now: datetime) -> list[Meeting]:
    """Cancel the talks to come and silence those that wait for a record; the caller says it in one message.

    ``lock_time`` comes first. Returns the cancelled ones.
    """
    close_waiting(session, engagement, by=by, now=now)
    query = select(Meeting).where(Meeting.engagement_id == engagement.id, Meeting.state.in_(ASKED_ABOUT))
    meetings = session.scalars(query.order_by(Meeting.starts_at)).all()
    for meeting in meetings:
        cancel_messages(session, f"meeting:{meeting.id}")
    cancel_messages(session, f"engagement:{engagement.id}", template=notices.TALKS_PLANNED)
    to_come = [each for each in meetings if each.state is MeetingState.CONFIRMED and each.starts_at > now]
    for meeting in to_come:
        _call_off(session, meeting, by=by, now=now)
    return to_come


def _call_off(session: Session, meeting: Meeting, *, by: str, now: datetime) -> None:
    change_state(
        session,
        meeting,
        MeetingState.CANCELLED,
        MEETING_TRANSITIONS,
        by=by,
        now=now,
        ended_by=Side.OFFICE.value,
        sequence=meeting.sequence + 1,
    )
    give_back_time(session, f"meeting:{meeting.id}")
    cancel_messages(session, meeting.abouts)
