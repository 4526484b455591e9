"""Telling a person something: by mail, by LINE, or as a call task for the office."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NotRequired, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.business_time import next_open_time
from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, address_of
from mentorlink.core.outbox import (
    QUIET_HOURS,
    Channel,
    MessageState,
    OutboxMessage,
    Planned,
    plan_message,
    plan_messages,
)
from mentorlink.core.reminder_rules import Rule, times_from_now
from mentorlink.people.models import Person
from mentorlink.people.ways import way_of

OFFICE = "office"
STAYS_USEFUL = timedelta(days=7)

CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {}


class Said(TypedDict):
    """What is said to a person, about which row, and when.

    ``answers_reader`` marks what its reader has just asked for (a receipt, a link, a confirmation): it goes at
    once. Everything else waits for the end of the quiet hours, 21:00–8:00 where the person lives; what is pointless
    by then is laid before the office.
    """

    event: str
    template: str
    about: str
    params: NotRequired[Mapping[str, Any] | None]
    due_at: NotRequired[datetime | None]
    not_after: NotRequired[datetime | None]
    answers_reader: NotRequired[bool]


class Named(TypedDict):
    """What a reminder is called, and the row that it is about: its words and hours are its rule's."""

    event: str
    about: str
    params: NotRequired[Mapping[str, Any] | None]


def tell(session: Session, person: Person, *, now: datetime, **said: Unpack[Said]) -> None:
    """Plan one message to a person. Somebody erased is told nothing."""
    plan_messages(session, message_to(person, now=now, **said), now=now)


def remind(
    session: Session,
    person: Person,
    rule: Rule,
    anchor: datetime | date,
    *,
    now: datetime,
    **named: Unpack[Named],
) -> None:
    """Plan what the table of rules says; nothing where its hour has gone by and the rule leaves it out then."""
    plan_messages(session, reminder_to(person, rule, anchor, now=now, **named), now=now)


def follow_contact(session: Session, person: Person) -> None:
    """What waits for them goes by the way that they have chosen now: the old one may not be theirs alone any more.

    What a worker has in hand goes as it was taken. Of a message that is there by both ways, the waiting one stays.
    """
    mine = select(OutboxMessage).where(OutboxMessage.recipient == f"person:{person.id}")
    rows = session.scalars(mine.where(OutboxMessage.channel != Channel.DESK)).all()
    known = {(row.event, row.channel) for row in rows}
    for row in rows:
        way = way_of(person, row.template)
        if row.state is MessageState.PLANNED and (row.event, way) not in known:
            row.channel = way
    session.flush()


def message_to(person: Person, *, now: datetime, **said: Unpack[Said]) -> list[Planned]:
    """What ``tell`` plans, at most one, for who plans several messages together."""
    if person.erased_at is not None:
        return []
    wanted, not_after = said.get("due_at") or now, said.get("not_after")
    answers_reader = said.get("answers_reader", False)
    due = wanted if answers_reader else next_open_time(wanted, tz=person.zone)
    is_late = not_after is not None and wanted < not_after <= due
    message = Planned(
        event=said["event"],
        template=said["template"],
        recipient=f"person:{person.id}",
        channel=way_of(person, said["template"]),
        locale=person.language,
        about=said["about"],
        due_at=wanted if is_late else due,
        not_after=not_after or due + STAYS_USEFUL,
        params=dict(said.get("params") or {}),
        keeps_quiet=not answers_reader,
        problem=QUIET_HOURS if is_late else None,
    )
    return [message]


def reminder_to(
    person: Person, rule: Rule, anchor: datetime | date, *, now: datetime, **named: Unpack[Named]
) -> list[Planned]:
    """What ``remind`` plans, at most one."""
    times = times_from_now(rule, anchor, person.zone, now)
    if times is None:
        return []
    return message_to(
        person,
        **named,
        template=rule.template,
        now=now,
        due_at=times.due_at,
        not_after=times.not_after,
        answers_reader=not rule.keeps_quiet,
    )


def tell_office(
    session: Session,
    *,
    event: str,
    template: str,
    about: str,
    now: datetime,
    params: Mapping[str, Any] | None = None,
    channel: Channel = Channel.MAIL,
) -> None:
    """Plan one message to the office (or, with ``Channel.CALL``, a call task that is its own idea)."""
    plan_message(
        session,
        event=event,
        template=template,
        recipient=OFFICE,
        channel=channel,
        locale="ja",
        about=about,
        now=now,
        due_at=now,
        not_after=now + STAYS_USEFUL,
        params=dict(params or {}),
    )


def tell_way_back(session: Session, person: Person, link: Link, *, about: str, now: datetime) -> None:
    """The entry link that its reader has asked for with the receipt number."""
    tell(
        session,
        person,
        event=f"return:{link.id}",
        template="accounts/return",
        about=about,
        now=now,
        not_after=link.expires_at,
        params={"link_id": link.id},
        answers_reader=True,
    )


def _way_back(session: Session, message: OutboxMessage) -> dict[str, Any]:
    link = session.get_one(Link, message.params["link_id"])
    return {"action_url": address_of(link), "action_label": plain("わたしのページへ")}


CONTEXTS["accounts/return"] = _way_back
