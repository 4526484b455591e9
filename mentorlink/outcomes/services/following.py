"""フォロー中 and 完了: after the end time does the rest."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.actor import SYSTEM
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.engagements.services import finish_engagement, follow_engagement
from mentorlink.outcomes.queries import last_questions, with_last_answer

ANSWERED_WITHIN = timedelta(days=30)  # so long the last question waits for an answer
_S = EngagementState


def follow_engagements(session: Session, now: datetime) -> int:
    """The job: what ended is followed; it is finished once the last question was answered or waited a month.

    Returns how many moved on.
    """
    ended = select(Engagement).where(Engagement.state.in_((_S.COMPLETED, _S.STOPPED)))
    begun = session.scalars(ended).all()
    for engagement in begun:
        follow_engagement(session, engagement, by=SYSTEM, now=now)
    over = _over(session, now)
    for engagement in over:
        finish_engagement(session, engagement, by=SYSTEM, now=now)
    return len(begun) + len(over)


def _over(session: Session, now: datetime) -> list[Engagement]:
    """Followed long enough, by the last question of their programme (of none: a month after the end)."""
    following = select(Engagement).where(Engagement.state == _S.FOLLOWING)
    last = last_questions(session)
    found: list[Engagement] = []
    for programme_id in session.scalars(following.with_only_columns(Engagement.programme_id).distinct()):
        theirs = following.where(Engagement.programme_id == programme_id)
        after = timedelta(minutes=last[programme_id].after_minutes) if programme_id in last else timedelta()
        waited = Engagement.ended_at <= now - after - ANSWERED_WITHIN
        over = waited if programme_id not in last else waited | with_last_answer(last[programme_id])
        found += session.scalars(theirs.where(over)).all()
    return found
