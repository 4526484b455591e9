"""What will go out by itself or waits to be said, day by day: found, stopped, and let go again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from mentorlink.core.errors import Conflict
from mentorlink.core.outbox import STOPPED, Channel, MessageState, OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Engagement, Milestone
from mentorlink.matching.models import Invitation, Proposal
from mentorlink.scheduling.models import HourAsk, Meeting, SlotOffer

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the page; None means all."""

    person_id: int | None = None
    engagement_id: int | None = None
    channel: Channel | None = None
    template: str | None = None
    until: date | None = None
    stopped: bool = False


def find_planned(session: Session, wanted: Wanted, *, now: datetime, page: int) -> list[OutboxMessage]:
    """One page, the next to go first: three queries however many rows there are."""
    query = select(OutboxMessage).where(*_where(session, wanted, now))
    query = query.order_by(OutboxMessage.due_at, OutboxMessage.id)
    return list(session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)))


def count_planned(session: Session, wanted: Wanted, *, now: datetime) -> int:
    query = select(func.count()).select_from(OutboxMessage).where(*_where(session, wanted, now))
    return session.scalar(query) or 0


def templates_planned(session: Session, *, now: datetime) -> Sequence[str]:
    """What kinds of messages there are to choose from."""
    query = select(OutboxMessage.template).where(*_where(session, Wanted(), now)).distinct()
    return session.scalars(query.order_by(OutboxMessage.template)).all()


def stop_planned(session: Session, message: OutboxMessage, *, by: str, now: datetime) -> None:
    """It does not go out, nor does planning the same again bring it back.

    Raises Conflict ``message_moved`` where it went, or was called off, meanwhile.
    """
    _change(session, message, MessageState.PLANNED, MessageState.CANCELLED, STOPPED, by=by, now=now)


def let_go_again(session: Session, message: OutboxMessage, *, by: str, now: datetime) -> None:
    """A stop is taken back, up to the hour at which it was to go. Raises Conflict ``message_moved``."""
    if not message.is_stopped or message.due_at <= now:
        raise Conflict("message_moved")
    _change(session, message, MessageState.CANCELLED, MessageState.PLANNED, None, by=by, now=now)


def stop_all(session: Session, wanted: Wanted, *, by: str, now: datetime) -> int:
    """Everything to one person, or about one half-year; how many there were. Raises ValueError for nobody's."""
    if wanted.person_id is None and wanted.engagement_id is None:
        raise ValueError("of whom, or about what")
    query = select(OutboxMessage.id).where(*_where(session, wanted, now))
    ids = session.scalars(query).all()
    waits = (OutboxMessage.id.in_(ids), OutboxMessage.state == MessageState.PLANNED)
    session.execute(
        update(OutboxMessage)
        .where(*waits)
        .values(state=MessageState.CANCELLED, problem=STOPPED)
        .execution_options(synchronize_session=False)
    )
    session.add_all(_history(each, MessageState.PLANNED, MessageState.CANCELLED, by, now) for each in ids)
    session.expire_all()
    return len(ids)


def by_day(messages: Sequence[OutboxMessage], day_of: Any) -> Mapping[date, list[OutboxMessage]]:
    days: dict[date, list[OutboxMessage]] = {}
    for message in messages:
        days.setdefault(day_of(message.due_at), []).append(message)
    return days


_CONCEPTS: Mapping[Any, tuple[str, ...]] = {
    Meeting: ("meeting", "after_meeting"),
    Milestone: ("milestone",),
    HourAsk: ("ask",),
    SlotOffer: ("offer",),
}


def _where(session: Session, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    state = MessageState.CANCELLED if wanted.stopped else MessageState.PLANNED
    where = [OutboxMessage.state == state, OutboxMessage.due_at > now]
    if wanted.stopped:
        where.append(OutboxMessage.problem == STOPPED)
    if wanted.person_id is not None:
        where.append(OutboxMessage.recipient == f"person:{wanted.person_id}")
    if wanted.engagement_id is not None:
        where.append(OutboxMessage.about.in_(_abouts(session, wanted.engagement_id)))
    if wanted.channel is not None:
        where.append(OutboxMessage.channel == wanted.channel)
    if wanted.template is not None:
        where.append(OutboxMessage.template == wanted.template)
    if wanted.until is not None:
        end = datetime.combine(wanted.until + timedelta(days=1), datetime.min.time(), now.tzinfo)
        where.append(OutboxMessage.due_at < end)
    return where


def _abouts(session: Session, engagement_id: int) -> list[str]:
    """Every row of one half-year that a message may be about."""
    found = [f"engagement:{engagement_id}"]
    for model, concepts in _CONCEPTS.items():
        ids = session.scalars(select(model.id).where(model.engagement_id == engagement_id)).all()
        found += [f"{concept}:{row_id}" for concept in concepts for row_id in ids]
    application_id = session.scalar(select(Engagement.application_id).where(Engagement.id == engagement_id))
    asked = select(Invitation.id).join(Proposal).where(Proposal.application_id == application_id)
    return [
        *found,
        f"application:{application_id}",
        *(f"invitation:{each}" for each in session.scalars(asked)),
    ]


def _change(
    session: Session,
    message: OutboxMessage,
    old: MessageState,
    new: MessageState,
    problem: str | None,
    *,
    by: str,
    now: datetime,
) -> None:
    result = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.state == old)
        .values(state=new, problem=problem)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("message_moved")
    session.add(_history(message.id, old, new, by, now))
    session.expire(message)


def _history(message_id: int, old: MessageState, new: MessageState, by: str, now: datetime) -> StateChange:
    why = STOPPED if new is MessageState.CANCELLED else "let_go"
    return StateChange(concept="outbox_message", row_id=message_id, old=old, new=new, by=by, at=now, why=why)
