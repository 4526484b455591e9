"""What waits for somebody's word on an hour, offered or asked for, and how it ends."""

from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement
from mentorlink.scheduling import queries
from mentorlink.scheduling.models import (
    ASK_TRANSITIONS,
    OFFER_TRANSITIONS,
    AskState,
    HourAsk,
    OfferState,
    SlotOffer,
)
from mentorlink.scheduling.queries.asks import is_waiting
from mentorlink.scheduling.services.occupancy import give_back_time


def close_waiting(
    session: Session,
    engagement: Engagement,
    *,
    by: str,
    now: datetime,
    state: OfferState = OfferState.REPLACED,
) -> None:
    """An hour was found, or none is looked for any more: nobody needs to choose or to answer."""
    if not is_waiting(session, engagement.id):
        return
    while offer := queries.open_offer(session, engagement.id):
        close_offer(session, offer, state, by=by, now=now)
    if ask := queries.open_ask(session, engagement.id):
        close_ask(session, ask, AskState.DROPPED, by=by, now=now)


def close_offer(session: Session, offer: SlotOffer, state: OfferState, *, by: str, now: datetime) -> None:
    """The offer ends: its hour is free again, and what was still to be said about it is not said."""
    change_state(session, offer, state, OFFER_TRANSITIONS, by=by, now=now)
    give_back_time(session, f"offer:{offer.id}")
    cancel_messages(session, f"offer:{offer.id}")


def close_ask(session: Session, ask: HourAsk, state: AskState, *, by: str, now: datetime) -> None:
    """The same for an hour that was asked for."""
    change_state(session, ask, state, ASK_TRANSITIONS, by=by, now=now)
    give_back_time(session, f"ask:{ask.id}")
    cancel_messages(session, f"ask:{ask.id}")
