"""Three hours to choose from: the first is kept for the applicant, the others are first come, first served."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mentorlink.core.actor import SYSTEM
from mentorlink.core.business_time import add_business_hours
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import Conflict
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement
from mentorlink.scheduling import notices, queries
from mentorlink.scheduling.models import (
    OFFER_TRANSITIONS,
    Occupancy,
    OccupancyKind,
    OfferedSlot,
    OfferState,
    SlotOffer,
)
from mentorlink.scheduling.services.occupancy import (
    MEETS_IN,
    PERSON_TIME,
    lock_time,
    take_time,
    taking_time,
)
from mentorlink.scheduling.services.waiting import close_offer

BEFORE_IT_BEGINS = timedelta(hours=2)  # a hold ends before its hour does


def offer_slots(
    session: Session,
    engagement: Engagement,
    *,
    now: datetime,
    first: datetime | None = None,
    without: frozenset[datetime] = frozenset(),
    announce: bool = True,
    is_renewed: bool = False,
) -> SlotOffer:
    """Offer up to three common hours and hold the first for both sides until the offer expires.

    ``first`` is an hour already agreed on by a round; ``without`` are hours that do not suit. Without any common
    hour the offer is empty: both sides see the nearest ones, which they may ask for (``asks``). An offer that still
    waits is replaced: nobody has to choose between two.
    """
    lock_time(session, engagement, now)
    while waiting := queries.open_offer(session, engagement.id):
        close_offer(session, waiting, OfferState.REPLACED, by=SYSTEM, now=now)
    starts = _good_starts(session, engagement, first, without, now)
    to_hold = first or (starts[0] if starts else None)
    expires_at = _deadline(engagement, to_hold, now)
    offer = SlotOffer(engagement=engagement, offered_at=now, expires_at=expires_at)
    session.add(offer)
    session.flush()
    offer.slots = [
        OfferedSlot(starts_at=start, is_held=start == to_hold and _is_held(session, offer, engagement, start))
        for start in starts
    ]
    session.flush()
    if not offer.slots:
        notices.tell_none_in_common(session, offer, engagement, to_applicant=announce, now=now)
    elif announce:
        notices.tell_offer(session, offer, engagement, now=now, is_renewed=is_renewed)
    return offer


def replace_offer(
    session: Session,
    offer: SlotOffer,
    *,
    by: str,
    now: datetime,
    other_hours: bool = False,
    keeps: bool = False,
    announce: bool = True,
) -> SlotOffer:
    """Fresh hours in place of an offer. One that somebody else has put there already is returned as it is.

    With ``other_hours`` none that this applicant has seen before is offered again; with ``keeps`` the offer itself
    is returned, and its hour stays held, where there are none to take its place.
    """
    engagement = offer.engagement
    lock_time(session, engagement, now)
    session.refresh(offer)
    seen = frozenset(queries.offered_before(session, engagement.id)) if other_hours else frozenset()
    if keeps and _can_be_chosen(offer, now) and not _has_hours_besides(session, offer, seen, now):
        return offer
    if offer.state is OfferState.OPEN:
        close_offer(session, offer, OfferState.REPLACED, by=by, now=now)
    elif waiting := queries.open_offer(session, engagement.id):
        return waiting
    return offer_slots(session, engagement, now=now, without=seen, announce=announce)


def _can_be_chosen(offer: SlotOffer, now: datetime) -> bool:
    return offer.state is OfferState.OPEN and any(slot.starts_at > now for slot in offer.slots)


def _has_hours_besides(session: Session, offer: SlotOffer, seen: frozenset[datetime], now: datetime) -> bool:
    free = queries.team_starts(session, offer.engagement, now=now, ignoring=f"offer:{offer.id}")
    return any(start not in seen for start in free)


def ask_for_call(session: Session, offer: SlotOffer, *, now: datetime) -> None:
    """電話で決めたい: the office finds a call task; the offer stays, so that they can choose from it together."""
    notices.ask_office_to_call(session, offer, offer.engagement, now=now)


def expired_offers(session: Session, now: datetime) -> list[int]:
    """The ids of those that ran out: each is let go in a transaction of its own, see ``let_offer_go``."""
    over = select(SlotOffer.id).where(SlotOffer.state == OfferState.OPEN, SlotOffer.expires_at <= now)
    return list(session.scalars(over.order_by(SlotOffer.id)))


def let_offer_go(session: Session, offer_id: int, now: datetime) -> SlotOffer | None:
    """An offer ran out: its hour is free again, and the applicant gets kind words with fresh hours, once.

    Who lets those go too is not asked a third time: the office finds them under 日にち未定.
    """
    offer = session.get_one(SlotOffer, offer_id)
    lock_time(session, offer.engagement, now)
    session.refresh(offer)
    if offer.state is not OfferState.OPEN or offer.expires_at > now:
        return None
    close_offer(session, offer, OfferState.EXPIRED, by=SYSTEM, now=now)
    if not _may_be_renewed(session, offer):
        return None
    return offer_slots(session, offer.engagement, now=now, is_renewed=True)


def release_expired(session: Session, now: datetime) -> int:
    """Close, without a word, the offers that ran out, and give back every hold past its time; how many offers.

    For a past that is only told (``seeds``): now and here it is ``let_offer_go``.
    """
    held = select(Occupancy.person_id).where(
        Occupancy.kind == OccupancyKind.HELD, Occupancy.expires_at <= now
    )
    lock_keys(session, PERSON_TIME, list(session.scalars(held)))
    over = select(SlotOffer).where(SlotOffer.state == OfferState.OPEN, SlotOffer.expires_at <= now)
    offers = session.scalars(over.order_by(SlotOffer.id)).all()
    for offer in offers:
        change_state(session, offer, OfferState.EXPIRED, OFFER_TRANSITIONS, by=SYSTEM, now=now)
    session.execute(
        delete(Occupancy).where(Occupancy.kind == OccupancyKind.HELD, Occupancy.expires_at <= now)
    )
    return len(offers)


def _may_be_renewed(session: Session, offer: SlotOffer) -> bool:
    if (
        offer.engagement.state not in MEETS_IN
        or queries.next_meeting(session, offer.engagement_id) is not None
        or queries.open_ask(session, offer.engagement_id) is not None
    ):
        return False
    before = select(SlotOffer.state).where(
        SlotOffer.engagement_id == offer.engagement_id, SlotOffer.id < offer.id
    )
    return session.scalar(before.order_by(SlotOffer.id.desc()).limit(1)) is not OfferState.EXPIRED


def _good_starts(
    session: Session,
    engagement: Engagement,
    first: datetime | None,
    without: frozenset[datetime],
    now: datetime,
) -> list[datetime]:
    free = [start for start in queries.team_starts(session, engagement, now=now) if start not in without]
    good = queries.choose_three(free, engagement.programme.meeting_minutes, engagement.recipient.zone)
    return good if first is None or first in good else [first, *good[:2]]


def _deadline(engagement: Engagement, held: datetime | None, now: datetime) -> datetime:
    """Business hours to choose in, but not past the hour that is kept."""
    programme, zone = engagement.programme, engagement.recipient.zone
    deadline = add_business_hours(now, programme.offer_hours, zone)
    if held is None:
        return deadline
    in_time = held - BEFORE_IT_BEGINS
    return min(deadline, in_time if in_time > now else held)


def _is_held(session: Session, offer: SlotOffer, engagement: Engagement, start: datetime) -> bool:
    """Keep an hour for both sides; whether that was still possible."""
    end = start + timedelta(minutes=engagement.programme.meeting_minutes)
    try:
        with taking_time(session):
            take_time(
                session,
                engagement,
                start,
                end,
                kind=OccupancyKind.HELD,
                source=f"offer:{offer.id}",
                expires_at=offer.expires_at,
            )
    except Conflict:
        return False
    return True
