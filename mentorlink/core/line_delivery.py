"""The worker's way to LINE: the same leases as for mail, and a way out of it for what LINE cannot carry.

A row keeps its retry key, so LINE accepts it once whatever happens to the worker or the connection. What certainly
did not arrive and cannot (blocked, quota used up, LINE not configured, or a quarter of an hour of trying) becomes the
row of the person's mail or telephone; one row all the while, so that nothing is lost or told twice. Where nobody can
know, it is tried with the same key for as long as LINE remembers keys, and then laid before the office.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.core.delivery import FIRST_WAIT, Courier, Taken, Verdict
from mentorlink.core.line import LineClient
from mentorlink.core.mailer import Letter, Recipient, render_line
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.core.transports import NotDelivered

KEY_LIVES = timedelta(hours=23)  # LINE remembers a retry key for 24 hours after the first request
PATIENCE = 5  # tries that certainly failed: a quarter of an hour, then the mail is the kinder way
ANY_NUMBER = 1000
KEPT_BACK = 5  # one in so many of the month's messages is kept for what is of the day
_LONGEST_PLAN = timedelta(days=40)

log = logging.getLogger("mentorlink.line")


class LineText(NamedTuple):
    to: str
    text: str
    retry_key: UUID


class LineTransport:
    """Carries a ``LineText``; a transport like those of ``core.transports``."""

    def __init__(self, client: LineClient | None):
        self.client = client

    def send(self, message: LineText, outbox_id: int, last_check: Callable[[], None]) -> None:
        assert self.client is not None, "nothing is carried while LINE is not configured"  # noqa: S101
        last_check()
        self.client.push(message.to, message.text, message.retry_key)

    def close(self) -> None:
        if self.client is not None:
            self.client.close()


@dataclass
class Quota:
    """How many recipients of this month LINE has carried to; counted anew at the start of each round."""

    most: int
    zone: ZoneInfo
    used: int | None = None

    def is_used_up(self, session: Session, now: datetime, *, is_of_the_day: bool) -> bool:
        if self.used is None:
            self.used = _sent_since(session, _month_start(now, self.zone))
        return self.used >= (self.most if is_of_the_day else self.most - self.most // KEPT_BACK)

    def note(self) -> None:
        self.used = (self.used or 0) + 1


@dataclass(frozen=True)
class LineCourier(Courier):
    """Delivers by LINE. ``other_way`` says where a recipient's message goes that LINE cannot carry; None: nowhere."""

    other_way: Callable[[Session, str], Channel | None] = lambda _session, _recipient: Channel.CALL
    of_the_day: frozenset[str] = frozenset()
    quota: Quota = field(default_factory=lambda: Quota(0, ZoneInfo("Asia/Tokyo")))
    channel: ClassVar[Channel] = Channel.LINE
    ambiguities: ClassVar[int] = ANY_NUMBER

    def deliver(self, most: int = 500) -> int:
        self.quota.used = None
        return super().deliver(most)

    def _carry(self, session: Session, taken: Taken) -> Verdict:
        verdict = self._beforehand(session, taken) or super()._carry(session, taken)
        if verdict.state is MessageState.SENT:
            self.quota.note()
        is_unknown = verdict.is_ambiguous or taken.ambiguous > 0
        if verdict.state is not MessageState.PLANNED or verdict.due_at or is_unknown:
            return verdict
        waits = FIRST_WAIT * 2 ** (taken.attempts - 1)
        if taken.attempts >= PATIENCE or self.clock() + waits >= taken.not_after:
            return Verdict(MessageState.PARKED, verdict.problem)
        return verdict

    def _beforehand(self, session: Session, taken: Taken) -> Verdict | None:
        """Why LINE is not even asked: PARKED is where it leaves LINE, or is laid before the office."""
        now, letter = self.clock(), taken.letter
        problem = None
        if not self.settings.has_line:
            problem = "line_off"
        elif now >= taken.first_tried_at + KEY_LIVES:
            problem = "line_late"
        elif not taken.ambiguous and self.quota.is_used_up(
            session, now, is_of_the_day=letter.template in self.of_the_day
        ):
            problem = "line_quota"
        session.rollback()
        return Verdict(MessageState.PARKED, problem) if problem else None

    def _write(self, letter: Letter, recipient: Recipient, shown: Mapping[str, Any]) -> LineText:
        text = render_line(letter, recipient, shown, self.settings)
        return LineText(recipient.line_user_id or "", text, retry_key_of(letter, self.settings))

    def _said(self, error: NotDelivered, message: LineText) -> str:
        return str(error)

    def _outcome(self, session: Session, taken: Taken, verdict: Verdict) -> dict[str, Any]:
        """A row that LINE certainly has not carried, and will not, goes the other way at once."""
        values = super()._outcome(session, taken, verdict)
        if values["state"] is not MessageState.PARKED or verdict.is_ambiguous or taken.ambiguous:
            return values
        now = self.clock()
        if now >= taken.not_after:
            return values | {"state": MessageState.EXPIRED}
        row = session.get_one(OutboxMessage, taken.letter.outbox_id)
        log.warning("message %s leaves LINE: %s", row.id, verdict.problem)
        channel = self.other_way(session, row.recipient)
        if channel is None or _is_known(session, row, channel):
            return values | {"state": MessageState.CANCELLED}
        return values | {
            "channel": channel,
            "state": MessageState.PLANNED,
            "due_at": now,
            "attempts": 0,
            "first_tried_at": None,
        }


def retry_key_of(letter: Letter, settings: Settings) -> UUID:
    """The same for a row at every try, and another one where it was planned anew."""
    return uuid5(
        NAMESPACE_URL, f"{settings.base_url}/line/{letter.outbox_id}/{letter.queued_at.timestamp():.6f}"
    )


def _is_known(session: Session, row: OutboxMessage, channel: Channel) -> bool:
    query = select(OutboxMessage.id).where(
        OutboxMessage.event == row.event,
        OutboxMessage.recipient == row.recipient,
        OutboxMessage.channel == channel,
    )
    return session.scalar(query) is not None


def _sent_since(session: Session, start: datetime) -> int:
    query = select(func.count()).where(
        OutboxMessage.state == MessageState.SENT,
        OutboxMessage.channel == Channel.LINE,
        OutboxMessage.due_at >= start - _LONGEST_PLAN,  # the index knows due_at; sent is never before it
        OutboxMessage.sent_at >= start,
    )
    return session.scalar(query) or 0


def _month_start(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
