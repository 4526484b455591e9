"""休止: an engagement stands still, and goes on."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import TRANSITIONS, Engagement, EngagementState, Pause, PauseReason


def pause_engagement(
    session: Session, engagement: Engagement, reason: PauseReason, *, by: str, now: datetime
) -> Pause:
    """休止: it stands still with a reason, until somebody resumes it."""
    change_state(session, engagement, EngagementState.PAUSED, TRANSITIONS, by=by, now=now, why=reason.value)
    pause = Pause(engagement_id=engagement.id, reason=reason, since=now, until=None)
    session.add(pause)
    session.flush()
    return pause


def resume_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """Raises RuleViolation ``engagement_not_paused`` where there is nothing to resume."""
    if engagement.state is not EngagementState.PAUSED:
        raise RuleViolation("engagement_not_paused")
    change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now)
    end_pauses(session, engagement, now)


def end_pauses(session: Session, engagement: Engagement, now: datetime) -> None:
    open_pauses = select(Pause).where(Pause.engagement_id == engagement.id, Pause.until.is_(None))
    for pause in session.scalars(open_pauses):
        pause.until = now
