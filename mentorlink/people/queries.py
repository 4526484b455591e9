"""Finding people, and who is asking."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.core.actor import ANONYMOUS, Actor
from mentorlink.core.mailer import Recipient
from mentorlink.core.outbox import Channel
from mentorlink.people.models import Consent, ContactChannel, Person, Purpose, Receiving, Supporter
from mentorlink.people.ways import other_way_of


def actor_for(session: Session, user_id: int | None, scope: tuple[str, int] | None) -> Actor:
    """Who a browser's session stands for. A disabled account is nobody known."""
    if user_id is None:
        return Actor(scope=scope) if scope is not None else ANONYMOUS
    user = session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        return ANONYMOUS
    person_id = session.scalar(select(Person.id).where(Person.user_id == user_id))
    return Actor(role=user.role, user_id=user_id, person_id=person_id)


def supporter_of_person(session: Session, person_id: int) -> Supporter | None:
    return session.scalar(select(Supporter).where(Supporter.person_id == person_id))


def people_by_contact(
    session: Session, *, email: str | None = None, phone: str | None = None
) -> list[Person]:
    """Living rows with this address or number; a household may share one."""
    if not email and not phone:
        return []
    matches = Person.email == email if email else Person.phone == phone
    return list(
        session.scalars(select(Person).where(matches, Person.erased_at.is_(None)).order_by(Person.id))
    )


def open_consents(session: Session, person_id: int) -> dict[Purpose, Consent]:
    rows = session.scalars(
        select(Consent)
        .where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        .order_by(Consent.id)
    )
    return {consent.purpose: consent for consent in rows}


def has_consents(session: Session, person_id: int, purposes: Collection[Purpose]) -> bool:
    return set(purposes) <= open_consents(session, person_id).keys()


def receiving_supporters(session: Session, day: date) -> list[Supporter]:
    """Those who take new talks on ``day`` and whose training is valid."""
    supporters = session.scalars(
        select(Supporter).where(Supporter.training_valid_until >= day).order_by(Supporter.id)
    )
    return [s for s in supporters if s.person.erased_at is None and s.receives_on(day)]


def paused_until_passed(session: Session, day: date) -> list[Supporter]:
    """Paused supporters whose last day of rest is over."""
    return list(
        session.scalars(
            select(Supporter).where(Supporter.receiving == Receiving.PAUSED, Supporter.paused_until < day)
        )
    )


def recipient_of(session: Session, key: str) -> Recipient | None:
    """How ``person:7`` or ``user:3`` is reached by mail; None where there is no address, or nobody any more."""
    concept, _, row_id = key.partition(":")
    if concept == "user":
        user = session.get(User, int(row_id))
        if user is None or user.disabled_at is not None:
            return None
        return Recipient(user.email, user.name, user.language)
    person = _living(session, key)
    if person is None or person.email is None:
        return None
    return Recipient(
        person.email, person.display_name, person.language, person.safe_contact, zone=person.zone
    )


def line_recipient_of(session: Session, key: str) -> Recipient | None:
    """How ``person:7`` is reached by LINE; None where they chose another way meanwhile, or have left LINE."""
    person = _living(session, key)
    if person is None or person.contact_channel is not ContactChannel.LINE:
        return None
    return Recipient(
        person.email or "",
        person.display_name,
        person.language,
        person.safe_contact,
        person.line_user_id,
        person.zone,
    )


def other_channel_of(session: Session, key: str) -> Channel | None:
    """Where a message to ``person:7`` goes that LINE cannot carry; None for somebody erased."""
    person = _living(session, key)
    return other_way_of(person) if person is not None else None


def _living(session: Session, key: str) -> Person | None:
    concept, _, row_id = key.partition(":")
    person = session.get(Person, int(row_id)) if concept == "person" else None
    return person if person is not None and person.erased_at is None else None
