"""The worker's half of the outbox: takes what is due, sends it, and writes down what became of it.

At least once, at most two copies, and never after ``not_after``. A row is taken under a lease in one transaction,
sent outside of any, and settled in a third. A lease that ran out, and a connection lost after the text, mean that
nobody knows whether it went: it goes once more under the same Message-ID, and a second such loss parks it.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core.business_time import next_open_time
from mentorlink.core.clock import Clock
from mentorlink.core.db import transaction
from mentorlink.core.language import use_language
from mentorlink.core.mailer import Letter, Recipient, write_mail
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.core.transports import MaybeDelivered, NotDelivered, Refused, TooLate, Transport

LEASE = timedelta(minutes=2)
MARGIN = timedelta(minutes=1)  # nothing sets out so late that its lease could end on the way
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
AMBIGUITIES = 2

Context = Callable[[Session, OutboxMessage], dict[str, Any]]
Resolve = Callable[[Session, str], Recipient | None]

log = logging.getLogger("mentorlink.delivery")


class Taken(NamedTuple):
    """What the worker knows of a row while it sends: a copy, for no transaction is open then."""

    letter: Letter
    lease_until: datetime
    not_after: datetime
    attempts: int
    ambiguous: int
    first_tried_at: datetime


class Verdict(NamedTuple):
    state: MessageState
    problem: str | None = None
    is_ambiguous: bool = False
    due_at: datetime | None = None  # it was not tried: the reader sleeps until then


SENT = Verdict(MessageState.SENT)


@dataclass(frozen=True)
class Courier:
    """Delivers mails. Telephone tasks and desk notices are rows that the office sees; they are left alone."""

    sessions: sessionmaker[Session]
    clock: Clock
    transport: Transport
    contexts: Mapping[str, Context]
    resolve: Resolve
    settings: Settings
    may_go_on: Callable[[], bool] = lambda: True
    channel: ClassVar[Channel] = Channel.MAIL
    ambiguities: ClassVar[int] = AMBIGUITIES

    def deliver(self, most: int = 500) -> int:
        """Work through what is due now; returns how many rows were taken."""
        try:
            return sum(1 for _ in self._deliveries(most))
        finally:
            self.transport.close()

    def _deliveries(self, most: int) -> Iterator[None]:
        with self.sessions() as session:
            self._expire(session)
            for _ in range(most):
                taken = self._take(session) if self.may_go_on() else None
                if taken is None:
                    return
                self._settle(session, taken, self._carry(session, taken))
                yield

    def _expire(self, session: Session) -> None:
        now = self.clock()
        with transaction(session):
            session.execute(
                update(OutboxMessage)
                .where(_is_free(now), OutboxMessage.not_after <= now)  # calls and desk notices too
                .values(state=MessageState.EXPIRED, lease_until=None)
            )

    def _take(self, session: Session) -> Taken | None:
        """The next due row, under a lease. A row found with a dead lease was being sent when its worker died."""
        while True:
            now = self.clock()
            with transaction(session):
                row = session.scalar(_next_due(now, self.channel))
                if row is None:
                    return None
                if row.state is MessageState.TAKEN:
                    row.ambiguous += 1
                if row.ambiguous < self.ambiguities:
                    return _lease(row, now)
                row.state, row.lease_until = MessageState.PARKED, None
                row.problem = row.problem or "ambiguous"

    def _carry(self, session: Session, taken: Taken) -> Verdict:
        message = self._written(session, taken)
        session.rollback()  # nothing stays open while a server takes its time
        if isinstance(message, Verdict):
            return message
        try:
            self.transport.send(message, taken.letter.outbox_id, lambda: self._check(taken))
        except TooLate as error:
            return Verdict(MessageState.EXPIRED, str(error))
        except Refused as error:
            return Verdict(MessageState.PARKED, self._said(error, message))
        except MaybeDelivered as error:
            again = taken.ambiguous + 1 < self.ambiguities
            state = MessageState.PLANNED if again else MessageState.PARKED
            return Verdict(state, self._said(error, message), is_ambiguous=True)
        except NotDelivered as error:
            return Verdict(MessageState.PLANNED, self._said(error, message))
        return SENT

    def _check(self, taken: Taken) -> None:
        """Asked just before the text goes out: the greeting may have taken its time."""
        now = self.clock()
        if now >= taken.not_after:
            raise TooLate("late")
        if now >= taken.lease_until - MARGIN:
            raise NotDelivered("slow")

    def _written(self, session: Session, taken: Taken) -> Any:
        row = session.get_one(OutboxMessage, taken.letter.outbox_id)
        recipient = self.resolve(session, row.recipient)
        if recipient is None:
            return Verdict(MessageState.PARKED, "no_address")
        if row.keeps_quiet and (morning := next_open_time(self.clock(), tz=recipient.zone)) > self.clock():
            return Verdict(MessageState.PLANNED, "quiet_hours", due_at=morning)
        context = self.contexts.get(row.template)
        if context is None:
            return Verdict(MessageState.PARKED, "no_context")
        try:
            with use_language(row.locale):
                shown = context(session, row)
            return self._write(taken.letter, recipient, shown)
        except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop the others
            log.error("message %s (%s): %s", row.id, row.template, type(error).__name__)  # noqa: TRY400 - no texts
            return Verdict(MessageState.PARKED, f"not_written: {type(error).__name__}")

    def _write(self, letter: Letter, recipient: Recipient, shown: Mapping[str, Any]) -> Any:
        """What the transport carries."""
        return write_mail(letter, recipient, shown, self.settings, now=self.clock())

    def _said(self, error: NotDelivered, message: Any) -> str:
        """A server's reply often repeats the address; what is kept names nobody."""
        address = message["To"].addresses[0].addr_spec
        return str(error).replace(address, "…")

    def _settle(self, session: Session, taken: Taken, verdict: Verdict) -> None:
        """Only while the lease is ours: cancelled meanwhile stays cancelled."""
        with transaction(session):
            session.execute(
                update(OutboxMessage)
                .where(
                    OutboxMessage.id == taken.letter.outbox_id,
                    OutboxMessage.state == MessageState.TAKEN,
                    OutboxMessage.lease_until == taken.lease_until,
                )
                .values(self._outcome(session, taken, verdict))
            )

    def _outcome(self, session: Session, taken: Taken, verdict: Verdict) -> dict[str, Any]:
        """The columns of a row that was carried, or could not be."""
        now = self.clock()
        values: dict[str, Any] = {"lease_until": None, "state": verdict.state, "problem": verdict.problem}
        if verdict.state is MessageState.SENT:
            values["sent_at"] = now
        if verdict.due_at is not None:
            values |= _in_the_morning(taken, verdict.due_at)
        elif verdict.state is MessageState.PLANNED:
            values |= _another_try(taken, now)
        if verdict.is_ambiguous:
            values["ambiguous"] = taken.ambiguous + 1
        return values


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Waiting, or left behind by a worker that died."""
    left_behind = and_(OutboxMessage.state == MessageState.TAKEN, OutboxMessage.lease_until <= now)
    return or_(OutboxMessage.state == MessageState.PLANNED, left_behind)


def _next_due(now: datetime, channel: Channel) -> Any:
    return (
        select(OutboxMessage)
        .where(
            OutboxMessage.channel == channel,
            _is_free(now),
            OutboxMessage.due_at <= now,
            OutboxMessage.not_after > now,
        )
        .order_by(OutboxMessage.due_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)  # SQLite knows no such thing: there the write door is enough
    )


def _lease(row: OutboxMessage, now: datetime) -> Taken:
    row.state, row.lease_until, row.attempts = MessageState.TAKEN, now + LEASE, row.attempts + 1
    row.first_tried_at = row.first_tried_at or now
    letter = Letter(row.id, row.queued_at, row.template, row.locale)
    return Taken(letter, now + LEASE, row.not_after, row.attempts, row.ambiguous, row.first_tried_at)


def _another_try(taken: Taken, now: datetime) -> dict[str, Any]:
    """Later, and later each time. Where it would be pointless by then the office sees it instead."""
    due_at = now + min(FIRST_WAIT * 2 ** min(taken.attempts - 1, 10), LONGEST_WAIT)
    if due_at >= taken.not_after:
        return {"state": MessageState.PARKED}
    return {"due_at": due_at}


def _in_the_morning(taken: Taken, due_at: datetime) -> dict[str, Any]:
    """A worker that comes late keeps the quiet hours that the planned hour kept. It was no try."""
    if due_at >= taken.not_after:
        return {"state": MessageState.PARKED}
    return {"due_at": due_at, "attempts": taken.attempts - 1, "problem": None}
