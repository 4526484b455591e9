"""The one outbox: a message is a row, written in the same transaction as the change that caused it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.db import Base


class Channel(StrEnum):
    MAIL = "mail"
    LINE = "line"
    CALL = "call"  # a call task with the words to say, for somebody without mail
    DESK = "desk"  # a notice on the office desk or on a person's own page


class MessageState(StrEnum):
    PLANNED = "planned"
    TAKEN = "taken"  # leased by a worker
    SENT = "sent"  # a call task: done
    PARKED = "parked"  # could not be sent; the office sees it
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # became pointless before it could go


OPEN = (MessageState.PLANNED, MessageState.TAKEN)
CARRIED = (Channel.MAIL, Channel.LINE)  # goes out by itself; the others wait for somebody of the office


class OutboxMessage(Base):
    """What will be said to whom, when, and until when it still makes sense.

    ``recipient`` is ``person:7``, ``user:3``, ``application:12`` or ``office``; ``params`` holds ids only, never text
    about a person; ``about`` names the row whose cancelling cancels the message.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("event", "recipient", "channel"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", "sent_at"),
        CheckConstraint("(state = 'taken') = (lease_until IS NOT NULL)", "lease"),
        CheckConstraint("not_after > due_at", "not_after"),
        CheckConstraint("attempts >= 0", "attempts"),
        Index("ix_outbox_message_state_due_at", "state", "channel", "due_at"),
        Index("ix_outbox_message_about", "about"),
        Index("ix_outbox_message_recipient", "recipient", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str]  # unique with recipient and channel, e.g. "meeting_confirmed:12:0"
    template: Mapped[str]  # "scheduling/meeting_confirmed"
    recipient: Mapped[str]
    channel: Mapped[Channel]
    locale: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(JSON)
    about: Mapped[str]
    queued_at: Mapped[datetime]
    due_at: Mapped[datetime]
    not_after: Mapped[datetime]
    state: Mapped[MessageState] = mapped_column(default=MessageState.PLANNED)
    attempts: Mapped[int] = mapped_column(default=0)
    ambiguous: Mapped[int] = mapped_column(default=0)  # how often nobody knows whether it went out
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # a code or an SMTP reply, shown to the office where it is parked


class InboxMail(Base):
    """A rendered message of an installation that sends nothing outside: readable in the demo only."""

    __tablename__ = "inbox_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    outbox_message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), unique=True)
    to_address: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    delivered_at: Mapped[datetime]
    raw: Mapped[bytes] = mapped_column(LargeBinary)


class Call(Base):
    """A telephone call that the office made or took: how long, about what. Counts as office time."""

    __tablename__ = "call"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 0 AND 600", "minutes"),
        Index("ix_call_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str]  # the application it was for: "application:12"
    outbox_message_id: Mapped[int | None] = mapped_column(ForeignKey("outbox_message.id"))
    by_user_id: Mapped[int]
    at: Mapped[datetime]
    minutes: Mapped[int]
    reached: Mapped[bool]


def plan_message(
    session: Session,
    *,
    event: str,
    template: str,
    recipient: str,
    channel: Channel,
    locale: str,
    about: str,
    now: datetime,
    due_at: datetime,
    not_after: datetime,
    params: Mapping[str, Any],
) -> None:
    """Plan one message; planning the same event for the same recipient and channel again changes nothing.

    A message that would already be pointless when due is not planned at all.
    """
    if not_after <= due_at:
        return
    known = session.scalar(
        select(OutboxMessage.id).where(
            OutboxMessage.event == event,
            OutboxMessage.recipient == recipient,
            OutboxMessage.channel == channel,
        )
    )
    if known is not None:
        return
    session.add(
        OutboxMessage(
            event=event,
            template=template,
            recipient=recipient,
            channel=channel,
            locale=locale,
            params=dict(params),
            about=about,
            queued_at=now,
            due_at=due_at,
            not_after=not_after,
            lease_until=None,
            sent_at=None,
            problem=None,
        )
    )


def cancel_messages(session: Session, about: str, *, template: str | None = None) -> int:
    """Cancel what is planned about a row (all of it, or one template's); returns how many there were."""
    query = update(OutboxMessage).where(OutboxMessage.about == about, OutboxMessage.state.in_(OPEN))
    if template is not None:
        query = query.where(OutboxMessage.template == template)
    result = session.execute(query.values(state=MessageState.CANCELLED, lease_until=None))
    return int(result.rowcount)  # type: ignore[attr-defined]
