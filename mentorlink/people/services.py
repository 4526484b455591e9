"""Writing down people, what they agreed to, and what supporters can give."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.core.sessions import end_sessions_of_user
from mentorlink.people.models import (
    CONSENT_VERSION,
    REQUIRED_CONSENTS,
    Consent,
    ContactChannel,
    Person,
    Purpose,
    Receiving,
    Supporter,
    SupporterTerm,
)
from mentorlink.people.queries import open_consents

TRAINING_YEARS = 1
SCHEMES = ("theme", "target", "stage", "mode", "accommodation", "funding")


def create_person(
    session: Session,
    *,
    display_name: str,
    contact_channel: ContactChannel,
    now: datetime,
    email: str | None = None,
    phone: str | None = None,
    **columns: Any,
) -> Person:
    """A new person. Raises RuleViolation ``contact_missing`` where the chosen way has no address or number."""
    ways = {
        ContactChannel.MAIL: email,
        ContactChannel.PHONE: phone,
        ContactChannel.LINE: columns.get("line_user_id") and (email or phone),  # LINE may stop any day
    }
    if not ways[contact_channel]:
        raise RuleViolation("contact_missing")
    person = Person(
        display_name=display_name,
        contact_channel=contact_channel,
        email=email,
        phone=phone,
        created_at=now,
        **({"contact_confirmed_at": None, "erased_at": None} | columns),
    )
    session.add(person)
    session.flush()
    return person


def note_phone(session: Session, person: Person, phone: str) -> None:
    """A number to call them at (E.164); the way in which they hear of things stays."""
    person.phone = phone
    session.flush()


def confirm_contact(session: Session, person: Person, *, now: datetime) -> None:
    """The link in a mail was opened by its reader: the address is theirs."""
    if person.contact_confirmed_at is None:
        person.contact_confirmed_at = now
        session.flush()


def give_consents(session: Session, person: Person, purposes: Iterable[Purpose], *, now: datetime) -> None:
    """Write down each consent that is not open already in the current words."""
    known = open_consents(session, person.id)
    for purpose in dict.fromkeys(purposes):
        open_one = known.get(purpose)
        if open_one is not None and open_one.version == CONSENT_VERSION:
            continue
        if open_one is not None:
            open_one.withdrawn_at = now
        session.add(
            Consent(
                person_id=person.id,
                purpose=purpose,
                version=CONSENT_VERSION,
                given_at=now,
                withdrawn_at=None,
            )
        )
    session.flush()


def withdraw_consent(session: Session, person: Person, purpose: Purpose, *, now: datetime) -> None:
    """Take a consent back; taking back what was not given changes nothing.

    Raises RuleViolation ``consent_required`` for the two without which nobody can be found: withdrawing the
    application is the way there.
    """
    if purpose in REQUIRED_CONSENTS:
        raise RuleViolation("consent_required")
    session.execute(
        update(Consent)
        .where(Consent.person_id == person.id, Consent.purpose == purpose, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )


def register_supporter(
    session: Session,
    person: Person,
    *,
    introduction: str,
    prefecture: str,
    skills: Mapping[str, int],
    now: datetime,
    themes: Iterable[str] = (),
    targets: Iterable[str] = (),
    stages: Iterable[str] = (),
    modes: Iterable[str] = ("online",),
    accommodations: Iterable[str] = (),
    funding: Iterable[str] = (),
    **columns: Any,
) -> Supporter:
    """Make the person a supporter. Without another date, training counts for a year from today."""
    today = local_date(now, person.zone)
    columns.setdefault("training_valid_until", _a_year_after(today))
    supporter = Supporter(
        person_id=person.id, introduction=introduction, prefecture=prefecture, joined_at=now, **columns
    )
    session.add(supporter)
    chosen = {
        "theme": themes,
        "target": targets,
        "stage": stages,
        "mode": modes,
        "accommodation": accommodations,
        "funding": funding,
    }
    _set_terms(supporter, skills, chosen)
    session.flush()
    return supporter


def update_supporter(
    session: Session,
    supporter: Supporter,
    *,
    skills: Mapping[str, int],
    chosen: Mapping[str, Iterable[str]],
    **columns: Any,
) -> None:
    """Replace what a supporter said about themselves; schemes that ``chosen`` does not name stay."""
    for name, value in columns.items():
        setattr(supporter, name, value)
    kept = {scheme: supporter.codes(scheme) for scheme in SCHEMES if scheme not in chosen}
    _set_terms(supporter, skills, {**kept, **chosen})
    session.flush()


def pause_supporter(session: Session, supporter: Supporter, *, until: date | None) -> None:
    """No new invitations, until a date (that day included) or until they say so themselves."""
    supporter.receiving = Receiving.PAUSED
    supporter.paused_until = until
    session.flush()


def resume_supporter(session: Session, supporter: Supporter, receiving: Receiving = Receiving.OPEN) -> None:
    supporter.paused_until = None
    supporter.receiving = receiving
    session.flush()


def set_receiving(
    session: Session, supporter: Supporter, receiving: Receiving, *, until: date | None, today: date
) -> None:
    """受付中・少なめ・休止 as the supporter chose. Raises RuleViolation ``pause_in_past``."""
    if receiving is not Receiving.PAUSED:
        resume_supporter(session, supporter, receiving)
        return
    if until is not None and until < today:
        raise RuleViolation("pause_in_past")
    pause_supporter(session, supporter, until=until)


def forget_visits(session: Session, person: Person) -> None:
    """End the sessions of the person's account, where there is one (at erasure)."""
    if person.user_id is not None:
        end_sessions_of_user(session, person.user_id)


def find_person_of_user(session: Session, user_id: int) -> Person | None:
    return session.scalar(select(Person).where(Person.user_id == user_id))


def _set_terms(supporter: Supporter, skills: Mapping[str, int], chosen: Mapping[str, Iterable[str]]) -> None:
    """Rows that stay are kept, so that saving twice meets no unique constraint."""
    wanted = {("category", code): level for code, level in skills.items() if level > 0}
    wanted |= {(scheme, code): 1 for scheme, codes in chosen.items() for code in codes}
    known = {(term.scheme, term.code): term for term in supporter.terms}
    for key, term in known.items():
        if key not in wanted:
            supporter.terms.remove(term)
    for (scheme, code), level in wanted.items():
        if (scheme, code) in known:
            known[scheme, code].level = level
        else:
            supporter.terms.append(SupporterTerm(scheme=scheme, code=code, level=level))


def _a_year_after(day: date) -> date:
    year = day.year + TRAINING_YEARS
    try:
        return day.replace(year=year)
    except ValueError:  # 29 February
        return day.replace(year=year, day=28)
