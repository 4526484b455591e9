"""What the links in mails open: purpose → where to, and for whom a visit stays short."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.accounts.entrances import Entrance
from mentorlink.applications.models import Application
from mentorlink.core.links import Link
from mentorlink.matching.models import Invitation
from mentorlink.people.models import Person, Supporter
from mentorlink.people.services import confirm_contact
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries import team_of
from mentorlink.surveys.models import Target


def _confirm_contact(session: Session, link: Link, now: datetime) -> None:
    application = session.get(Application, link.row_id)
    if application is not None and application.person is not None:
        confirm_contact(session, application.person, now=now)


ENTRANCES: dict[str, Entrance] = {
    "application": Entrance("/my", "application"),
    "confirm_contact": Entrance("/my", "application", _confirm_contact),
    "invitation": Entrance("/invitations/{id}", "invitation"),
    "meeting": Entrance("/meetings/{id}", "meeting"),
    "target": Entrance("/surveys/{id}", "target"),
}


def is_discreet(session: Session, concept: str, row_id: int) -> bool:
    """Whether the person behind this row asked for safe contact: their visits end after two hours."""
    find = _PERSONS.get(concept)
    person = find(session, row_id) if find else None
    return person is not None and person.safe_contact


def _of_application(session: Session, row_id: int) -> Person | None:
    application = session.get(Application, row_id)
    return application.person if application is not None else None


def _of_invitation(session: Session, row_id: int) -> Person | None:
    invitation = session.get(Invitation, row_id)
    supporter = session.get(Supporter, invitation.supporter_id) if invitation is not None else None
    return supporter.person if supporter is not None else None


def _of_meeting(session: Session, row_id: int) -> Person | None:
    """The link of a meeting is its supporters'; where one asked for safe contact it stays short for all."""
    meeting = session.get(Meeting, row_id)
    people = [supporter.person for supporter in team_of(meeting.engagement)] if meeting is not None else []
    return next((person for person in people if person.safe_contact), people[0] if people else None)


def _of_target(session: Session, row_id: int) -> Person | None:
    target = session.get(Target, row_id)
    return session.get(Person, target.person_id) if target is not None else None


_PERSONS: dict[str, Callable[[Session, int], Person | None]] = {
    "application": _of_application,
    "invitation": _of_invitation,
    "meeting": _of_meeting,
    "target": _of_target,
}
