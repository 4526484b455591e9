"""A lost mail: receipt number and registered contact bring a new entry link, to the registered contact only."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.applications.models import Application, ApplicationState
from mentorlink.core.links import LinkKind, issue_link
from mentorlink.core.text_input import BadText, normalise_email, normalise_phone
from mentorlink.people.models import Person
from mentorlink.people.notices import tell_way_back

VALID = timedelta(days=1)
NO_WAY_BACK = (ApplicationState.WITHDRAWN,)


def send_way_back(session: Session, reference: str, contact: str, *, now: datetime) -> None:
    """Send an entry link (or plan a call) if number and contact belong together. Tells its caller nothing."""
    if not count_attempt(session, buckets_for("return", reference), now=now):
        return
    application = session.scalar(select(Application).where(Application.reference == _tidy(reference)))
    person = application.person if application is not None else None
    known = person is not None and person.erased_at is None and _is_contact_of(person, contact)
    if application is not None and application.state in NO_WAY_BACK:
        known = False
    link = issue_link(
        session,
        LinkKind.ENTRY,
        "application",
        f"application:{application.id}" if application is not None and known else "application:0",
        expires_at=now + VALID if known else now,  # the decoy costs the same write, and opens nothing
        now=now,
    )
    if application is not None and person is not None and known:
        tell_way_back(session, person, link, about=f"application:{application.id}", now=now)


def _tidy(reference: str) -> str:
    return reference.translate(str.maketrans("０１２３４５６７８９－ー‐", "0123456789---")).strip()


def _is_contact_of(person: Person, contact: str) -> bool:
    for normalise, registered in ((normalise_email, person.email), (normalise_phone, person.phone)):
        try:
            if registered and normalise(contact).casefold() == registered.casefold():
                return True
        except BadText:
            continue
    return False
