"""A change of supporter, as far as others are asked and hours are agreed: the wish itself stands in engagements."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.engagements.models import Engagement, Handover
from mentorlink.engagements.services import cancel_handover, let_supporters_go
from mentorlink.engagements.services.places import close_doors
from mentorlink.matching.notices import tell_called_off
from mentorlink.matching.queries import open_proposal
from mentorlink.matching.services.proposals import withdraw_proposal
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.services import call_off_talks
from mentorlink.scheduling.services.occupancy import lock_time


def end_talks_of_leaving(
    session: Session, application: Application, staying: Collection[int], *, by: str, now: datetime
) -> None:
    """Somebody supports who will not from now on: the talks to come are called off, the links to all talks closed."""
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application.id))
    if engagement is not None and set(engagement.supporter_ids()) - set(staying):
        _end_talks(session, engagement, by=by, now=now)


def part_at_once(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The recipient wishes to stop with their supporters now; the office looks for the next."""
    _end_talks(session, engagement, by=by, now=now)
    let_supporters_go(session, engagement, now=now)


def stay_together(session: Session, handover: Handover, *, by: str, now: datetime) -> None:
    """The wish is taken back: whoever was asked meanwhile is released with thanks. Raises as ``cancel_handover``."""
    proposal = open_proposal(session, handover.engagement.application_id)
    if proposal is not None and handover.engagement.supporter_ids():
        withdraw_proposal(session, proposal, by=by, now=now)
    cancel_handover(session, handover, by=by, now=now)


def _end_talks(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    lock_time(session, engagement, now)
    called_off = call_off_talks(session, engagement, by=by, now=now)
    if called_off:
        tell_called_off(session, engagement, called_off, now=now)
    talks = session.scalars(select(Meeting.id).where(Meeting.engagement_id == engagement.id))
    close_doors(session, "meeting", talks.all(), now=now)
