"""休止: an engagement stands still, and goes on."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import (
    TRANSITIONS,
    Engagement,
    EngagementState,
    MoveReason,
    Pause,
    PauseReason,
)
from mentorlink.engagements.services.milestones import milestones_of, shift_milestones
from mentorlink.engagements.services.reminders import forget_reminders, plan_step_reminders


def pause_engagement(
    session: Session,
    engagement: Engagement,
    reason: PauseReason,
    *,
    expected_until: date | None = None,
    batch: str | None = None,
    by: str,
    now: datetime,
) -> Pause:
    """休止: it stands still with a reason, until somebody resumes it.

    ``expected_until`` is a hope, not a deadline; ``batch`` names those paused in one act, such as a whole region.
    Raises RuleViolation ``pause_in_past`` where that day is over already.
    """
    if expected_until is not None and expected_until < local_date(now, engagement.recipient.zone):
        raise RuleViolation("pause_in_past")
    change_state(session, engagement, EngagementState.PAUSED, TRANSITIONS, by=by, now=now, why=reason.value)
    pause = Pause(
        engagement_id=engagement.id,
        reason=reason,
        since=now,
        until=None,
        expected_until=expected_until,
        batch=batch,
    )
    session.add(pause)
    session.flush()
    forget_reminders(session, engagement)
    return pause


def resume_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """It goes on. The steps not reached and the last day move by the days rested: nobody comes back to a late one.

    Raises RuleViolation ``engagement_not_paused`` where there is nothing to resume.
    """
    if engagement.state is not EngagementState.PAUSED:
        raise RuleViolation("engagement_not_paused")
    pause = open_pause(session, engagement)
    change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now)
    if pause is not None:
        _move_by_rest(session, engagement, pause, by=by, now=now)
    end_pauses(session, engagement, now)
    plan_step_reminders(session, milestones_of(session, engagement), now=now)


def open_pause(session: Session, engagement: Engagement) -> Pause | None:
    query = select(Pause).where(Pause.engagement_id == engagement.id, Pause.until.is_(None))
    return session.scalar(query.order_by(Pause.id.desc()).limit(1))


def end_pauses(session: Session, engagement: Engagement, now: datetime) -> None:
    open_pauses = select(Pause).where(Pause.engagement_id == engagement.id, Pause.until.is_(None))
    for pause in session.scalars(open_pauses):
        pause.until = max(now, pause.since)  # a clock may have been set back meanwhile


def _move_by_rest(session: Session, engagement: Engagement, pause: Pause, *, by: str, now: datetime) -> None:
    zone = engagement.recipient.zone
    days = max(0, (local_date(now, zone) - local_date(pause.since, zone)).days)
    shift_milestones(session, engagement, days, MoveReason.PAUSE, by=by, now=now)
    if engagement.ends_on is not None:
        engagement.ends_on += timedelta(days=days)
    session.flush()
