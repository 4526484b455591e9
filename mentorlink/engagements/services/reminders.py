"""The job that says, once and gently, that a step's day is a week away."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mentorlink.core.dates import local_date
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements import milestone_notices as notices
from mentorlink.engagements.models import Engagement, EngagementState, Milestone, MilestoneState

DAYS_BEFORE = 7
WAITING = (MilestoneState.NOT_STARTED, MilestoneState.IN_PROGRESS, MilestoneState.REVISING)


def remind_of_steps(session: Session, now: datetime) -> int:
    """One word to the mentee for each step due in a week; returns how many are new.

    A worker that was away catches up for three days, and nobody hears twice of one day. Who rests hears nothing.
    """
    last = local_date(now) + timedelta(days=DAYS_BEFORE)
    query = (
        select(Milestone)
        .join(Milestone.engagement)
        .where(
            Milestone.due_on.between(last - timedelta(days=3), last),
            Milestone.state.in_(WAITING),
            Engagement.state == EngagementState.RUNNING,
        )
        .options(joinedload(Milestone.engagement).joinedload(Engagement.recipient))
    )
    due = list(session.scalars(query))
    told = _told(session, [notices.due_event(each) for each in due])
    new = [each for each in due if notices.due_event(each) not in told]
    for milestone in new:
        notices.remind_of_step(session, milestone, now=now)
    return len(new)


def _told(session: Session, events: list[str]) -> set[str]:
    return set(session.scalars(select(OutboxMessage.event).where(OutboxMessage.event.in_(events))))
