"""Tying a person to the LINE account that is theirs, and letting it go.

A person sees a code on their own page and sends it in the chat: only who can do both is connected. The code is
derived from the secret key, so that the page can show it again while the table keeps its hash alone.
"""

import hashlib
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import signer
from mentorlink.people.models import ContactChannel, LineCode, LineEvent, Person

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that looks like something else
CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=30)
EVENTS_KEPT = timedelta(days=30)  # LINE sends an event again within minutes or hours
BY = "line"  # who did it, in the audit


class Linking(StrEnum):
    DONE = "done"
    AGAIN = "again"  # connected before, to the same person
    UNKNOWN = "unknown"  # wrong, run out or used: said alike, so that guessing teaches nothing
    TAKEN = "taken"  # this LINE account is another person's way
    SLOW_DOWN = "slow_down"  # too many tries


def issue_code(session: Session, person: Person, *, now: datetime) -> LineCode:
    """A new code; the ones before it are dead. Raises RuleViolation ``contact_missing``: LINE may end any day."""
    if not person.email and not person.phone:
        raise RuleViolation("contact_missing")
    _drop_codes(session, person)
    code = LineCode(
        person_id=person.id,
        code_hash=_hash(_derived(person.id, now)),
        created_at=now,
        expires_at=now + CODE_LIFETIME,
        used_at=None,
    )
    session.add(code)
    session.flush()
    return code


def open_code(session: Session, person: Person, now: datetime) -> LineCode | None:
    """The code that the person may send now."""
    return session.scalars(
        select(LineCode)
        .where(LineCode.person_id == person.id, LineCode.used_at.is_(None), LineCode.expires_at > now)
        .order_by(LineCode.id.desc())
        .limit(1)
    ).first()


def words_of(code: LineCode) -> str:
    """The code as it is shown: ``ABCD-2345``."""
    text = _derived(code.person_id, code.created_at)
    return f"{text[:4]}-{text[4:]}"


def wishes_line(session: Session, person: Person) -> bool:
    """They asked for a code and have not connected yet."""
    return person.line_user_id is None and (
        session.scalar(select(LineCode.id).where(LineCode.person_id == person.id).limit(1)) is not None
    )


def wish_line(session: Session, person: Person, *, is_wished: bool, now: datetime) -> None:
    """What they chose on a form. Choosing another way lets LINE go; choosing LINE again changes nothing."""
    if not is_wished:
        _let_go(session, person)
    elif person.line_user_id is None and not wishes_line(session, person):
        issue_code(session, person, now=now)


def as_code(text: str) -> str | None:
    """The code in a message, however it was typed; None where the message is something else."""
    found = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
    return found if len(found) == CODE_LENGTH and set(found) <= set(ALPHABET) else None


def link_account(session: Session, line_user_id: str, code: str, *, now: datetime) -> Linking:
    """Connect the account to the person whose code it sent. Each try of an account is counted."""
    if not count_attempt(session, buckets_for("line_code", line_user_id), now=now):
        return Linking.SLOW_DOWN
    row = session.scalar(select(LineCode).where(LineCode.code_hash == _hash(code)))
    person = session.get(Person, row.person_id) if row is not None else None
    if row is None or person is None or person.erased_at is not None:
        return Linking.UNKNOWN
    if row.used_at is not None or now >= row.expires_at:
        return Linking.UNKNOWN
    holder = person_of_account(session, line_user_id)
    if holder is not None and holder is not person:
        return Linking.TAKEN
    if not _use(session, row, now):
        return Linking.UNKNOWN
    person.line_user_id, person.contact_channel = line_user_id, ContactChannel.LINE
    _note(session, person, "line_connected", now)
    session.flush()
    return Linking.AGAIN if holder is person else Linking.DONE


def person_of_account(session: Session, line_user_id: str) -> Person | None:
    return session.scalar(select(Person).where(Person.line_user_id == line_user_id))


def leave_line(session: Session, person: Person, *, now: datetime, by: str = BY) -> None:
    """Back to the mail, else the telephone; a CHECK keeps one of them. What waits for LINE goes there when due."""
    if person.line_user_id is None:
        return
    if person.contact_channel is ContactChannel.LINE:
        person.contact_channel = ContactChannel.MAIL if person.email else ContactChannel.PHONE
    _let_go(session, person)
    _note(session, person, "line_left", now, by)
    session.flush()


def was_linked_after(session: Session, person: Person, instant: datetime) -> bool:
    """Whether they connected after this: then an old event that comes late says nothing about now."""
    used = session.scalar(select(func.max(LineCode.used_at)).where(LineCode.person_id == person.id))
    return used is not None and used > instant


def forget_line(session: Session, person: Person) -> None:
    """At erasure: no account and no code is left."""
    _let_go(session, person)
    session.flush()


def is_new_event(session: Session, event_id: str, *, now: datetime) -> bool:
    """Note an event of the webhook; False where it was worked through before."""
    if session.scalar(select(LineEvent.id).where(LineEvent.event_id == event_id)) is not None:
        return False
    session.execute(delete(LineEvent).where(LineEvent.received_at < now - EVENTS_KEPT))
    session.add(LineEvent(event_id=event_id, received_at=now))
    session.flush()
    return True


def _use(session: Session, code: LineCode, now: datetime) -> bool:
    """True for the one caller who used it up."""
    result = session.execute(
        update(LineCode).where(LineCode.id == code.id, LineCode.used_at.is_(None)).values(used_at=now)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _let_go(session: Session, person: Person) -> None:
    """No account and no wish for one is left."""
    person.line_user_id = None
    session.execute(delete(LineCode).where(LineCode.person_id == person.id))


def _drop_codes(session: Session, person: Person) -> None:
    session.execute(delete(LineCode).where(LineCode.person_id == person.id, LineCode.used_at.is_(None)))


def _note(session: Session, person: Person, verb: str, now: datetime, by: str = BY) -> None:
    session.add(
        AuditEntry(at=now, by=by, user_id=None, is_office=False, verb=verb, about=f"person:{person.id}")
    )


def _derived(person_id: int, created_at: datetime) -> str:
    token = signer().token("line_code", f"person:{person_id}", f"{created_at.timestamp():.6f}")
    number, code = int.from_bytes(hashlib.sha256(token.encode()).digest()), ""
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(ALPHABET))
        code += ALPHABET[place]
    return code


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
