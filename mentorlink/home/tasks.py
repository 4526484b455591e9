"""The office's call tasks and messages: what will be said, what is stuck, and what was done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, Flag
from mentorlink.core.business_time import next_open_time
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.mailer import Letter, Recipient, render_call
from mentorlink.core.outbox import CARRIED, QUIET_HOURS, STOPPED, Call, Channel, MessageState, OutboxMessage
from mentorlink.core.reminder_rules import RULES
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement, Milestone
from mentorlink.matching.models import Invitation
from mentorlink.people.models import Person
from mentorlink.scheduling.models import HourAsk, Meeting, SlotOffer

PAGE_SIZE = 50
Contexts = Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class CallTask:
    """One call to make. ``words`` is what to say; None where its occasion is gone."""

    message: OutboxMessage
    person: Person | None
    words: str | None


def due_calls(session: Session, now: datetime, *, page: int = 1) -> list[OutboxMessage]:
    """Calls to make now, the oldest first."""
    query = select(OutboxMessage).where(*_call_is_due(now)).order_by(OutboxMessage.due_at, OutboxMessage.id)
    return list(session.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)))


def _call_is_due(now: datetime) -> tuple[Any, ...]:
    return (
        OutboxMessage.channel == Channel.CALL,
        OutboxMessage.state == MessageState.PLANNED,
        OutboxMessage.due_at <= now,
    )


def people_to_call(session: Session, messages: list[OutboxMessage]) -> Mapping[int, Person]:
    """Whom each message is for, by the message's id: one query however many there are."""
    ids = {message.id: _person_id(message) for message in messages}
    people = {
        person.id: person
        for person in session.scalars(
            select(Person).where(Person.id.in_({one for one in ids.values() if one}))
        )
    }
    return {message_id: people[one] for message_id, one in ids.items() if one in people}


def call_task(session: Session, message: OutboxMessage, contexts: Contexts, settings: Settings) -> CallTask:
    """The task with its words, as the templates of the mails give them."""
    context = contexts.get(message.template)
    shown = context(session, message) if context else None
    person = people_to_call(session, [message]).get(message.id)
    if person is None and shown is not None:
        person = shown.get("person")
    if shown is None or person is None:
        return CallTask(message, person, None)
    letter = Letter(message.id, message.queued_at, message.template, message.locale)
    recipient = Recipient(name=person.display_name, address=person.email or "", language=person.language)
    return CallTask(message, person, render_call(letter, recipient, shown, settings))


def finish_call(
    session: Session, message: OutboxMessage, *, minutes: int, reached: bool, by_user_id: int, now: datetime
) -> None:
    """Note the call. Reached: the task is done. Not reached: it comes back on the next working morning.

    Raises Conflict ``call_done`` where it was done or is not needed any more, RuleViolation ``minutes_wrong``.
    """
    if not 0 <= minutes <= 600:
        raise RuleViolation("minutes_wrong")
    if message.channel is not Channel.CALL or message.state is not MessageState.PLANNED:
        raise Conflict("call_done")
    session.add(
        Call(
            about=about_application(session, message),
            outbox_message_id=message.id,
            by_user_id=by_user_id,
            at=now,
            minutes=minutes,
            reached=reached,
        )
    )
    if reached:
        _change(session, message, MessageState.PLANNED, state=MessageState.SENT, sent_at=now)
    else:
        postpone_call(session, message, now=now)


def postpone_call(session: Session, message: OutboxMessage, *, now: datetime) -> None:
    """Again in three hours, or in the morning. A task is not lost because its day has passed; a reminder ends with it."""
    if message.channel is not Channel.CALL or message.state is not MessageState.PLANNED:
        raise Conflict("call_done")
    due = next_open_time(now + timedelta(hours=3))
    if not _has_an_end(message):
        until = max(message.not_after, due + timedelta(days=1))
        _change(session, message, MessageState.PLANNED, due_at=due, not_after=until)
    elif due < message.not_after:
        _change(session, message, MessageState.PLANNED, due_at=due)
    else:
        _change(session, message, MessageState.PLANNED, state=MessageState.EXPIRED)


def list_messages(session: Session, state: MessageState, *, page: int) -> list[OutboxMessage]:
    """Mails and LINE messages in one state: planned ones by when they go, others the newest first.

    Among what is stuck the calls too: nothing else shows them.
    """
    order = OutboxMessage.due_at if state is MessageState.PLANNED else OutboxMessage.due_at.desc()
    query = select(OutboxMessage).where(*_listed(state))
    return list(
        session.scalars(
            query.order_by(order, OutboxMessage.id).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
        )
    )


def retry_message(session: Session, message: OutboxMessage, *, now: datetime) -> None:
    """Try a parked one once more; what the quiet hours have stopped goes at night.

    Raises Conflict ``message_moved`` where it is not parked any more and ``message_late`` for a reminder of what has
    begun meanwhile.
    """
    if _has_an_end(message) and message.not_after <= now:
        raise Conflict("message_late")
    until = message.not_after if _has_an_end(message) else max(message.not_after, now + timedelta(days=1))
    _change(
        session,
        message,
        MessageState.PARKED,
        state=MessageState.PLANNED,
        due_at=now,
        not_after=until,
        keeps_quiet=message.keeps_quiet and message.problem != QUIET_HOURS,
        attempts=0,
        ambiguous=0,
        problem=None,
    )


def stop_message(session: Session, message: OutboxMessage) -> None:
    """It does not go out. Raises Conflict ``message_moved`` where it went meanwhile."""
    if message.state not in (MessageState.PLANNED, MessageState.PARKED):
        raise Conflict("message_moved")
    _change(session, message, message.state, state=MessageState.CANCELLED, problem=STOPPED)


def about_application(session: Session, message: OutboxMessage) -> str:
    """``application:12`` for whatever the message is about; its own ``about`` where no application is behind it."""
    concept, _, row_id = message.about.partition(":")
    find = _APPLICATION_OF.get(concept)
    number = int(row_id) if row_id.isdecimal() else 0
    found = find(session, number) if find else None
    return f"application:{found}" if found else message.about


def _change(session: Session, message: OutboxMessage, old: MessageState, **values: Any) -> None:
    result = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message.id, OutboxMessage.state == old)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if result.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("message_moved")
    session.expire(message)


def _person_id(message: OutboxMessage) -> int | None:
    concept, _, row_id = message.recipient.partition(":")
    return int(row_id) if concept == "person" and row_id.isdecimal() else None


def _of_application(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Application.id).where(Application.id == row_id))


def _of_invitation(session: Session, row_id: int) -> int | None:
    invitation = session.get(Invitation, row_id)
    return invitation.proposal.application_id if invitation else None


def _of_engagement(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Engagement.application_id).where(Engagement.id == row_id))


def _of_milestone(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Engagement.application_id).join(Milestone).where(Milestone.id == row_id))


def _of_meeting(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Engagement.application_id).join(Meeting).where(Meeting.id == row_id))


def _of_ask(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Engagement.application_id).join(HourAsk).where(HourAsk.id == row_id))


def _of_offer(session: Session, row_id: int) -> int | None:
    return session.scalar(select(Engagement.application_id).join(SlotOffer).where(SlotOffer.id == row_id))


_APPLICATION_OF: Mapping[str, Callable[[Session, int], int | None]] = {
    "application": _of_application,
    "invitation": _of_invitation,
    "invitation_settled": _of_invitation,
    "engagement": _of_engagement,
    "milestone": _of_milestone,
    "meeting": _of_meeting,
    "after_meeting": _of_meeting,
    "ask": _of_ask,
    "offer": _of_offer,
}


def count_due_calls(session: Session, now: datetime) -> int:
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(*_call_is_due(now))) or 0


def count_parked(session: Session) -> int:
    parked = OutboxMessage.state == MessageState.PARKED
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(parked)) or 0


def count_messages(session: Session, state: MessageState) -> int:
    """How many mails and LINE messages are in a state."""
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(*_listed(state))) or 0


def count_late_by_night(session: Session) -> int:
    """What the quiet hours have stopped for good: the office says it, or sends it at night."""
    stopped = (OutboxMessage.state == MessageState.PARKED, OutboxMessage.problem == QUIET_HOURS)
    return session.scalar(select(func.count()).select_from(OutboxMessage).where(*stopped)) or 0


def _listed(state: MessageState) -> tuple[ColumnElement[bool], ...]:
    in_state = OutboxMessage.state == state
    return (in_state,) if state is MessageState.PARKED else (in_state, OutboxMessage.channel.in_(CARRIED))


def _has_an_end(message: OutboxMessage) -> bool:
    rule = RULES.get(message.template)
    return rule is not None and rule.ends_with_its_anchor


def flags_of(session: Session, ids: list[int]) -> Mapping[int, Flag]:
    return {flag.id: flag for flag in session.scalars(select(Flag).where(Flag.id.in_(ids)))}
