"""How an engagement begins and ends."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import close_application
from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import (
    TRANSITIONS,
    Engagement,
    EngagementState,
    Side,
)
from mentorlink.engagements.services.crisis import heed_crisis
from mentorlink.engagements.services.handover import drop_handover
from mentorlink.engagements.services.milestones import (
    ENDED,
    lay_out_milestones,
    milestones_of,
    must_go_on,
)
from mentorlink.engagements.services.pauses import end_pauses
from mentorlink.engagements.services.places import place_supporters
from mentorlink.engagements.services.reminders import forget_reminders, plan_step_reminders


def open_engagement(
    session: Session, application: Application, supporter_ids: list[int], *, by: str, now: datetime
) -> Engagement:
    """The support of an application begins to be prepared.

    An application that went back to the desk keeps its engagement: the supporters change, the history stays.
    Raises RuleViolation ``no_supporter``.
    """
    if not supporter_ids:
        raise RuleViolation("no_supporter")
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application.id))
    if engagement is not None:
        _take_up_again(session, engagement, by=by, now=now)
    else:
        engagement = _new_engagement(application, now)
        session.add(engagement)
        session.flush()
    place_supporters(session, engagement, supporter_ids, by=by, now=now)
    lay_out_milestones(session, engagement, local_date(now, engagement.recipient.zone), now=now)
    return engagement


def start_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The first talk took place. Where it is running already nothing changes."""
    if engagement.state is not EngagementState.RUNNING:
        change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now)
        plan_step_reminders(session, milestones_of(session, engagement), now=now)


def set_goal(
    session: Session, engagement: Engagement, goal: str, *, side: Side, by: str, now: datetime
) -> None:
    """Where the mentee wants to be, in their own words. Raises RuleViolation ``goal_missing``, ``engagement_ended``."""
    must_go_on(engagement)
    if not goal.strip():
        raise RuleViolation("goal_missing")
    engagement.goal = goal.strip()
    session.flush()
    heed_crisis(session, engagement, goal, side=side, by=by, now=now)


def complete_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """It ends as planned; its application ends with it."""
    change_state(session, engagement, EngagementState.COMPLETED, TRANSITIONS, by=by, now=now, ended_at=now)
    _close_application(session, engagement, by=by, now=now)


def stop_engagement(
    session: Session, engagement: Engagement, *, why: str | None = None, by: str, now: datetime
) -> None:
    """It ends before it was planned to; ``why`` is a code of 終わり方, and none of them is a failure."""
    change_state(
        session, engagement, EngagementState.STOPPED, TRANSITIONS, by=by, now=now, why=why, ended_at=now
    )
    end_pauses(session, engagement, now)
    _close_application(session, engagement, by=by, now=now)


def follow_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """What came of it is asked from now on."""
    change_state(session, engagement, EngagementState.FOLLOWING, TRANSITIONS, by=by, now=now)


def finish_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The last question about it was asked."""
    change_state(session, engagement, EngagementState.FINISHED, TRANSITIONS, by=by, now=now)


def _new_engagement(application: Application, now: datetime) -> Engagement:
    return Engagement(
        application_id=application.id,
        programme_id=application.programme_id,
        recipient_id=application.person_id,
        opened_at=now,
        ended_at=None,
    )


def _take_up_again(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    if engagement.state in (EngagementState.COMPLETED, EngagementState.STOPPED):
        follow_engagement(session, engagement, by=by, now=now)
    if engagement.state in ENDED:
        change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now, ended_at=None)
        plan_step_reminders(session, milestones_of(session, engagement), now=now)


def _close_application(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    forget_reminders(session, engagement)
    drop_handover(session, engagement, by=by, now=now)
    if engagement.application.state is ApplicationState.MATCHED:
        close_application(session, engagement.application, by=by, now=now)
