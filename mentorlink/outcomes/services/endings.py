"""終わり方: completing, stopping and resting are one choice in kind words, and each of them has a way back."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from mentorlink.applications.models import ApplicationState
from mentorlink.applications.services import mark_matched
from mentorlink.core import taxonomy
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import TRANSITIONS, Engagement, EngagementState, PauseReason, Side
from mentorlink.engagements.services import (
    complete_engagement,
    follow_engagement,
    plan_step_reminders,
    stop_engagement,
)
from mentorlink.engagements.services.milestones import milestones_of
from mentorlink.outcomes import notices
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.services.records import record_outcome
from mentorlink.scheduling.services.occupancy import lock_time
from mentorlink.scheduling.services.resting import call_off_talks, rest_engagement
from mentorlink.surveys.services import take_back_questions

RESTING, UNREACHABLE = "05", "08"  # of 終わり方
STOPS = ("06", "07", UNREACHABLE)
_S = EngagementState
ALIVE = (_S.PREPARING, _S.RUNNING, _S.PAUSED)
ENDED = (_S.COMPLETED, _S.STOPPED, _S.FOLLOWING, _S.FINISHED)


def close_engagement(
    session: Session,
    engagement: Engagement,
    ending: str,
    *,
    side: Side,
    by: str,
    now: datetime,
    reason: PauseReason = PauseReason.OTHER,
    **columns: Any,
) -> Outcome | None:
    """Let it end (or rest) in the words that were chosen. ``ending`` is a code of 終わり方.

    Talks to come are called off and the other side is told. ``columns`` are those of Outcome. A rest is no end:
    nothing is noted (None), and nothing is asked later. Raises RuleViolation ``ending_unknown``,
    ``ending_not_yours`` (連絡がつかない is the office's word), ``engagement_ended`` and ``not_started``.
    """
    _check(engagement, ending, side)
    if ending == RESTING:
        if engagement.state is not _S.PAUSED:
            rest_engagement(session, engagement, reason, by=by, now=now)
        return None
    lock_time(session, engagement, now)
    called_off = call_off_talks(session, engagement, by=by, now=now)
    if engagement.state is _S.RUNNING and ending not in STOPS:
        complete_engagement(session, engagement, by=by, now=now)
    else:
        stop_engagement(session, engagement, why=ending, by=by, now=now)
    outcome = record_outcome(session, engagement, Moment.END, ending, by=by, now=now, **columns)
    notices.tell_ending(session, engagement, side, called_off=len(called_off), now=now)
    return outcome


def take_back_ending(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """やっぱり、つづける: it runs again, the questions about afterwards wait for the next end.

    Raises RuleViolation ``engagement_not_ended``.
    """
    if engagement.state not in ENDED:
        raise RuleViolation("engagement_not_ended")
    if engagement.state in (_S.COMPLETED, _S.STOPPED):
        follow_engagement(session, engagement, by=by, now=now)
    change_state(
        session, engagement, _S.RUNNING, TRANSITIONS, by=by, now=now, why="taken_back", ended_at=None
    )
    if engagement.application.state is ApplicationState.CLOSED:
        mark_matched(session, engagement.application, by=by, now=now)
    plan_step_reminders(session, milestones_of(session, engagement), now=now)
    take_back_questions(session, engagement, by=by, now=now)
    at_the_end = (Outcome.engagement_id == engagement.id, Outcome.moment == Moment.END)
    session.execute(delete(Outcome).where(*at_the_end))
    notices.tell_going_on(session, engagement, now=now)


def _check(engagement: Engagement, ending: str, side: Side) -> None:
    if ending not in taxonomy.codes("ending"):
        raise RuleViolation("ending_unknown")
    if ending == UNREACHABLE and side is not Side.OFFICE:
        raise RuleViolation("ending_not_yours")
    if engagement.state not in ALIVE:
        raise RuleViolation("engagement_ended")
