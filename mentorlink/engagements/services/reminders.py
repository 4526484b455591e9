"""The word, said once and gently, that a step's day is a week away: planned with the step, planned anew as it moves."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.core import reminder_rules as rules
from mentorlink.core.dates import local_date
from mentorlink.core.outbox import OPEN, OutboxMessage, cancel_messages
from mentorlink.engagements import milestone_notices as notices
from mentorlink.engagements.models import Engagement, EngagementState, Milestone, MilestoneState

WAITING = (MilestoneState.NOT_STARTED, MilestoneState.IN_PROGRESS, MilestoneState.REVISING)
OF_ITS_WAY = (rules.MONTHLY, rules.SILENCE, rules.HOW_ARE_THINGS, rules.SURVEY_REMINDER)


def plan_step_reminders(session: Session, steps: Iterable[Milestone], *, now: datetime) -> None:
    """Bring what is planned in line with each step as it is now. Who rests, or has ended, hears nothing."""
    for step in steps:
        is_waited_for = step.engagement.state is EngagementState.RUNNING and step.state in WAITING
        planned = _planned_event(session, step)
        if is_waited_for and planned == notices.due_event(step):
            continue
        if planned is not None:
            cancel_messages(session, f"milestone:{step.id}", template=notices.DUE_SOON)
        if is_waited_for:
            notices.remind_of_step(session, step, now=now)


def forget_reminders(session: Session, engagement: Engagement) -> None:
    """It rests or is over: nothing is said of its steps and its months, nothing is asked on the way any more."""
    ids = session.scalars(select(Milestone.id).where(Milestone.engagement_id == engagement.id))
    cancel_messages(session, [f"milestone:{each}" for each in ids], template=notices.DUE_SOON)
    for rule in OF_ITS_WAY:
        cancel_messages(session, f"engagement:{engagement.id}", template=rule.template)


def remind_of_steps(session: Session, now: datetime) -> int:
    """The job: what a running half-year's steps lack. Everything that moves a step plans for itself; this is the net.

    Returns how many steps it found.
    """
    event = literal("milestone:") + cast(Milestone.id, String) + ":due:" + cast(Milestone.due_on, String)
    far_enough = local_date(now) + timedelta(days=rules.STEP_DAYS)
    query = (
        select(Milestone)
        .join(Milestone.engagement)
        .where(
            Milestone.due_on > far_enough,
            Milestone.state.in_(WAITING),
            Engagement.state == EngagementState.RUNNING,
            ~exists().where(OutboxMessage.event == event),
        )
        .options(joinedload(Milestone.engagement).joinedload(Engagement.recipient))
    )
    found = session.scalars(query).all()
    plan_step_reminders(session, found, now=now)
    return len(found)


def _planned_event(session: Session, step: Milestone) -> str | None:
    query = select(OutboxMessage.event).where(
        OutboxMessage.about == f"milestone:{step.id}",
        OutboxMessage.template == notices.DUE_SOON,
        OutboxMessage.state.in_(OPEN),
    )
    return session.scalar(query.limit(1))
