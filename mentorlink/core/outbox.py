"""The one outbox: a message is a row, written in the same transaction as the change that caused it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, NotRequired, TypedDict, Unpack

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    bindparam,
    insert,
    select,
    update,
)
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
STOPPED = "stopped"  # the ``problem`` of what the office stopped: planning it again changes nothing
QUIET_HOURS = "quiet_hours"  # it would be pointless by the end of the quiet hours: the office decides
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
    keeps_quiet: Mapped[bool] = mapped_column(default=False)  # planned for an hour outside 21:00–8:00
    state: Mapped[MessageState] = mapped_column(default=MessageState.PLANNED)
    attempts: Mapped[int] = mapped_column(default=0)
    ambiguous: Mapped[int] = mapped_column(default=0)  # how often nobody knows whether it went out
    first_tried_at: Mapped[datetime | None]  # LINE knows a retry key for a day from then
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None]  # a code or an SMTP reply, shown to the office where it is parked

    @property
    def is_stopped(self) -> bool:
        """The office does not want it sent."""
        return self.state is MessageState.CANCELLED and self.problem == STOPPED


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


class Planned(TypedDict):
    """What a message's row will say. With a ``problem`` it is laid before the office at once (parked)."""

    event: str
    template: str
    recipient: str
    channel: Channel
    locale: str
    about: str
    due_at: datetime
    not_after: datetime
    params: dict[str, Any]
    keeps_quiet: NotRequired[bool]
    problem: NotRequired[str | None]


class _Row(NamedTuple):
    """What decides whether an event is planned once more. ``id`` is None for a row that this act plans."""

    id: int | None
    channel: Channel
    state: MessageState
    problem: str | None


def plan_message(session: Session, *, now: datetime, **message: Unpack[Planned]) -> None:
    """Plan one message; see ``plan_messages``."""
    plan_messages(session, [message], now=now)


def plan_messages(
    session: Session, messages: Collection[Planned], *, now: datetime, is_first: bool = False
) -> None:
    """Plan messages, in two statements however many they are.

    Planning the same event for the same recipient and channel again changes nothing. One that was cancelled is
    planned anew, with what is true now; one that the office stopped stays stopped. A message that would already be
    pointless when due is not planned at all. ``is_first`` spares the look at what is planned, for events of a row that
    this very act has made.
    """
    meant = [each for each in messages if each["not_after"] > each["due_at"]]
    known, fresh = _known_rows(session, () if is_first else meant), []
    for message in meant:
        rows, channel = known[message["event"], message["recipient"]], message["channel"]
        if _is_settled(rows, channel):
            continue
        state = MessageState.PARKED if message.get("problem") else MessageState.PLANNED
        columns = {**_AT_FIRST, **message, "queued_at": now, "state": state}
        again = next((each.id for each in rows if each.channel is channel), None)
        if again is None:
            fresh.append(columns)
        else:
            session.execute(update(OutboxMessage).where(OutboxMessage.id == again).values(columns))
        rows.append(_Row(again, channel, state, message.get("problem")))
    if fresh:
        session.connection().execute(
            _INSERT, fresh
        )  # as rows: a booking has six, and nobody needs the objects


_AT_FIRST: Mapping[str, Any] = {
    "keeps_quiet": False,
    "problem": None,
    "attempts": 0,
    "ambiguous": 0,
    "first_tried_at": None,
    "lease_until": None,
    "sent_at": None,
}
_INSERT = insert(OutboxMessage)
_ROWS = select(
    OutboxMessage.event,
    OutboxMessage.recipient,
    OutboxMessage.id,
    OutboxMessage.channel,
    OutboxMessage.state,
    OutboxMessage.problem,
).where(
    OutboxMessage.event.in_(bindparam("events", expanding=True)),
    OutboxMessage.recipient.in_(bindparam("recipients", expanding=True)),
)


def _known_rows(session: Session, messages: Collection[Planned]) -> dict[tuple[str, str], list[_Row]]:
    """Per event and recipient."""
    known: dict[tuple[str, str], list[_Row]] = defaultdict(list)
    if messages:
        names = {key: list({each[key] for each in messages}) for key in ("event", "recipient")}
        bound = {"events": names["event"], "recipients": names["recipient"]}
        for event, recipient, number, channel, state, problem in session.execute(_ROWS, bound):
            known[event, recipient].append(_Row(number, channel, state, problem))
    return known


def _is_settled(rows: Iterable[_Row], channel: Channel) -> bool:
    """Whether it is planned or told already, or the office wants it unsaid."""
    for row in rows:
        if row.state is not MessageState.CANCELLED:
            # by LINE, or before they chose LINE: whoever has it does not get it another way too
            if row.channel is channel or Channel.LINE in (channel, row.channel):
                return True
        elif row.problem == STOPPED:
            return True
    return False


def put_off(session: Session, event: str, *, due_at: datetime, not_after: datetime) -> bool:
    """Another hour for what is planned and not yet on its way; whether there was anything."""
    waits = (OutboxMessage.event == event, OutboxMessage.state == MessageState.PLANNED)
    result = session.execute(update(OutboxMessage).where(*waits).values(due_at=due_at, not_after=not_after))
    return bool(result.rowcount)  # type: ignore[attr-defined]


def cancel_messages(session: Session, about: str | Collection[str], *, template: str | None = None) -> int:
    """Cancel what is planned about a row, or several (all of it, or one template's); returns how many there were."""
    where: list[ColumnElement[bool]] = [OutboxMessage.about.in_([about] if isinstance(about, str) else about)]
    if template is not None:
        where.append(OutboxMessage.template == template)
    return _cancel(session, *where)


def cancel_events(session: Session, events: Collection[str]) -> int:
    """The same for what was planned under these names."""
    return _cancel(session, OutboxMessage.event.in_(events))


def cancel_messages_to(session: Session, recipient: str) -> int:
    """Nothing more to this reader (``person:7``), whatever it is about."""
    return _cancel(session, OutboxMessage.recipient == recipient)


def _cancel(session: Session, *where: ColumnElement[bool]) -> int:
    """Also what could not be sent and waits for the office: trying it again would be wrong now."""
    open_ = OutboxMessage.state.in_((*OPEN, MessageState.PARKED))
    query = update(OutboxMessage).where(open_, *where)
    result = session.execute(query.values(state=MessageState.CANCELLED, lease_until=None))
    return int(result.rowcount)  # type: ignore[attr-defined]
