"""Hours that were asked for, one by one, outside of what people gave."""

from datetime import datetime

from sqlalchemy import bindparam, exists, literal_column, select
from sqlalchemy.orm import Session

from mentorlink.scheduling.models import AskState, HourAsk, OfferState, SlotOffer

IN_VAIN = (AskState.DECLINED, AskState.EXPIRED)
ENOUGH = 3  # so many in a row that came to nothing: then somebody of the office talks with both, nobody is asked on


def open_ask(session: Session, engagement_id: int) -> HourAsk | None:
    """The one that waits for an answer."""
    query = select(HourAsk).where(HourAsk.engagement_id == engagement_id, HourAsk.state == AskState.OPEN)
    return session.scalar(query)


def is_waiting(session: Session, engagement_id: int) -> bool:
    """Whether somebody's word on an hour, offered or asked for, is waited for."""
    return bool(session.scalar(_WAITING, {"engagement_id": engagement_id}))


_OFFERED = exists().where(
    SlotOffer.engagement_id == bindparam("engagement_id"), SlotOffer.state == OfferState.OPEN
)
# The state as written, as in the index of open ones: SQLite plans anew at each run where a parameter decides that.
_ASKED = exists().where(
    HourAsk.engagement_id == bindparam("engagement_id"), HourAsk.state == literal_column(f"'{AskState.OPEN}'")
)
_WAITING = select(_OFFERED | _ASKED)


def latest_ask(session: Session, engagement_id: int) -> HourAsk | None:
    query = select(HourAsk).where(HourAsk.engagement_id == engagement_id)
    return session.scalar(query.order_by(HourAsk.id.desc()).limit(1))


def hours_in_vain(session: Session, engagement_id: int) -> list[datetime]:
    """Somebody said no to them, or nothing: nobody is asked for them again."""
    query = select(HourAsk.starts_at).where(
        HourAsk.engagement_id == engagement_id, HourAsk.state.in_(IN_VAIN)
    )
    return list(session.scalars(query.order_by(HourAsk.id)))


def is_asked_enough(session: Session, engagement_id: int) -> bool:
    """Whether the last ones, in a row, came to nothing."""
    ended = [*IN_VAIN, AskState.AGREED]
    query = select(HourAsk.state).where(HourAsk.engagement_id == engagement_id, HourAsk.state.in_(ended))
    latest = session.scalars(query.order_by(HourAsk.id.desc()).limit(ENOUGH)).all()
    return len(latest) == ENOUGH and AskState.AGREED not in latest
