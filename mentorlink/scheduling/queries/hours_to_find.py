"""Where a supporter's hours and somebody else's do not meet yet."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import AskState, HourAsk, OfferedSlot, OfferState, SlotOffer

RUNS = (EngagementState.PREPARING, EngagementState.RUNNING)


def hours_to_find_of(session: Session, supporter: Supporter) -> list[tuple[Engagement, HourAsk | None]]:
    """The supporter's engagements that look for an hour near to what was given, with the question that waits."""
    is_empty = exists().where(
        SlotOffer.engagement_id == Engagement.id,
        SlotOffer.state == OfferState.OPEN,
        ~exists().where(OfferedSlot.offer_id == SlotOffer.id),
    )
    is_open = (HourAsk.engagement_id == Engagement.id) & (HourAsk.state == AskState.OPEN)
    query = (
        select(Engagement, HourAsk)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == Engagement.id)
        .outerjoin(HourAsk, is_open)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(Engagement.state.in_(RUNS), is_empty | HourAsk.id.is_not(None))
        .options(joinedload(Engagement.recipient))
    )
    rows = session.execute(query.order_by(HourAsk.id.desc(), Engagement.id)).all()
    return [(engagement, ask) for engagement, ask in rows]
