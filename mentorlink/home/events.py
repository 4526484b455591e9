"""What happens next by itself: for the demo's visitor, who lets time pass."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.core.outbox import CARRIED, MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement
from mentorlink.matching.models import Invitation, InvitationState
from mentorlink.scheduling.models import (
    TOOK_PLACE,
    AskState,
    HourAsk,
    Meeting,
    MeetingState,
    OfferState,
    SlotOffer,
)
from mentorlink.surveys.models import Anchor, SurveySchedule


def next_event(session: Session, now: datetime) -> datetime | None:
    """The earliest instant after ``now`` at which a message, a deadline, a talk or a survey is due."""
    return min((instant for instant in _events(session, now) if instant > now), default=None)


def _events(session: Session, now: datetime) -> Iterator[datetime]:
    mail = select(func.min(OutboxMessage.due_at)).where(
        OutboxMessage.state == MessageState.PLANNED,
        OutboxMessage.channel.in_(CARRIED),
        OutboxMessage.due_at > now,
    )
    invitation = select(func.min(Invitation.deadline_at)).where(
        Invitation.state == InvitationState.ASKED, Invitation.deadline_at > now
    )
    offer = select(func.min(SlotOffer.expires_at)).where(
        SlotOffer.state == OfferState.OPEN, SlotOffer.expires_at > now
    )
    talk = select(func.min(Meeting.ends_at)).where(
        Meeting.state == MeetingState.CONFIRMED, Meeting.ends_at > now
    )
    ask = select(func.min(HourAsk.expires_at)).where(HourAsk.state == AskState.OPEN, HourAsk.expires_at > now)
    for query in (mail, invitation, offer, ask, talk):
        if (instant := session.scalar(query)) is not None:
            yield instant
    yield from _surveys(session, now)


def _surveys(session: Session, now: datetime) -> Iterator[datetime]:
    """When each survey about a talk falls due, of the talks that are near enough."""
    schedules = select(SurveySchedule.programme_id, SurveySchedule.after_minutes).where(
        SurveySchedule.anchor == Anchor.MEETING_END
    )
    for programme_id, minutes in session.execute(schedules).all():
        after = timedelta(minutes=minutes)
        ends_at = session.scalar(
            select(func.min(Meeting.ends_at))
            .join(Engagement, Engagement.id == Meeting.engagement_id)
            .where(
                Engagement.programme_id == programme_id,
                Meeting.state.in_((MeetingState.CONFIRMED, *TOOK_PLACE)),
                Meeting.ends_at > now - after,
            )
        )
        if ends_at is not None:
            yield ends_at + after
