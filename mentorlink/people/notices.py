"""Telling a person something: by mail, by LINE, or as a call task for the office."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.business_time import next_open_time
from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, address_of
from mentorlink.core.outbox import Channel, OutboxMessage, plan_message
from mentorlink.people.models import Person
from mentorlink.people.ways import way_of

OFFICE = "office"
STAYS_USEFUL = timedelta(days=7)

CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {}


def tell(
    session: Session,
    person: Person,
    *,
    event: str,
    template: str,
    about: str,
    now: datetime,
    params: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    not_after: datetime | None = None,
    answers_reader: bool = False,
) -> None:
    """Plan one message to a person.

    ``answers_reader`` marks what its reader has just asked for (a receipt, a link, a confirmation): it goes at
    once. Everything else waits for the end of the quiet hours, 21:00–8:00 where the person lives.
    Somebody erased is told nothing.
    """
    if person.erased_at is not None:
        return
    due = due_at or now
    if not answers_reader:
        due = next_open_time(due, tz=person.zone)
    plan_message(
        session,
        event=event,
        template=template,
        recipient=f"person:{person.id}",
        channel=way_of(person, template),
        locale=person.language,
        about=about,
        now=now,
        due_at=due,
        not_after=not_after or due + STAYS_USEFUL,
        params=params or {},
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
        params=params or {},
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
