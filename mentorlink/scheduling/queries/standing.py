"""How the search for an hour stands, for who looks at an application from outside."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.outbox import OPEN, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.scheduling.models import HourAsk, OfferState, SlotOffer
from mentorlink.scheduling.queries.asks import open_ask
from mentorlink.scheduling.queries.hours.lookups import last_offer, latest_meeting, next_meeting

CALL_WANTED = "scheduling/call_wanted"
BEGUN = (EngagementState.PREPARING, EngagementState.RUNNING)


@dataclass(frozen=True)
class HourStanding:
    """``state``: "choosing" and "asked" wait for a word; "passed" and "in_vain" wait for the office."""

    state: str
    engagement: Engagement
    offer: SlotOffer | None = None
    ask: HourAsk | None = None


def wished_call(session: Session, application_id: int) -> int | None:
    """The id of the call task that 電話で決めたい has made, while nobody has called."""
    query = select(OutboxMessage.id).where(OutboxMessage.about == f"application:{application_id}")
    query = query.where(OutboxMessage.template == CALL_WANTED, OutboxMessage.state.in_(OPEN))
    return session.scalar(query.order_by(OutboxMessage.id.desc()).limit(1))


def hour_standing(session: Session, application_id: int, *, now: datetime) -> HourStanding | None:
    """None where no hour is looked for: nobody is matched yet, a talk is planned, or one was held since."""
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application_id))
    if engagement is None or engagement.state not in BEGUN or next_meeting(session, engagement.id, after=now):
        return None
    if ask := open_ask(session, engagement.id):
        return HourStanding("asked", engagement, ask=ask)
    offer, talk = last_offer(session, engagement.id), latest_meeting(session, engagement.id)
    if offer is None or (talk is not None and talk.created_at >= offer.offered_at):
        return None
    if not offer.slots:
        return HourStanding("in_vain", engagement, offer)
    if offer.state is OfferState.OPEN and offer.expires_at > now:
        return HourStanding("choosing", engagement, offer)
    return HourStanding("passed", engagement, offer) if offer.state is OfferState.EXPIRED else None
