"""取り消し with all that hangs on it: asked supporters, offered and agreed hours, the support itself."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.applications.services import refer_application, withdraw_application
from mentorlink.engagements.models import Engagement, EngagementState, Side
from mentorlink.engagements.services import stop_engagement
from mentorlink.matching.queries import open_proposal
from mentorlink.matching.services import withdraw_proposal
from mentorlink.scheduling.models import OfferState
from mentorlink.scheduling.queries import next_meeting
from mentorlink.scheduling.services import call_off_talks, cancel_meeting
from mentorlink.scheduling.services.waiting import close_waiting

_ALIVE = (EngagementState.PREPARING, EngagementState.RUNNING, EngagementState.PAUSED)


def withdraw_everything(
    session: Session, application: Application, *, side: Side, by: str, now: datetime
) -> None:
    """Nobody is kept waiting for somebody who will not come."""
    withdraw_application(session, application, by=by, now=now)
    _release_all(session, application, side=side, by=by, now=now)


def refer_with_all(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """Others help from now on: whoever was asked or waits for the hour is let go, as after a withdrawal."""
    refer_application(session, application, by=by, now=now)
    _release_all(session, application, side=Side.OFFICE, by=by, now=now)


def _release_all(session: Session, application: Application, *, side: Side, by: str, now: datetime) -> None:
    proposal = open_proposal(session, application.id)
    if proposal is not None:
        withdraw_proposal(session, proposal, by=by, now=now)
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application.id))
    if engagement is None:
        return
    close_waiting(session, engagement, by=by, now=now, state=OfferState.EXPIRED)
    meeting = next_meeting(session, engagement.id, after=now)
    if meeting is not None and meeting.starts_at > now:
        cancel_meeting(session, meeting, side=side, by=by, now=now)
        call_off_talks(session, engagement, by=by, now=now)  # the later ones of a plan: one message says it
    if engagement.state in _ALIVE:
        stop_engagement(session, engagement, by=by, now=now)
