"""What the worker's post office knows of the slices: how a mail's words are filled, and where it goes."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.accounts import notices as accounts
from mentorlink.applications import notices as applications
from mentorlink.applications.models import Application
from mentorlink.core.mailer import Recipient
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.engagements import notices as engagements
from mentorlink.matching import notices as matching
from mentorlink.people import notices as people
from mentorlink.people.queries import recipient_of
from mentorlink.scheduling import notices as scheduling

Context = Callable[[Session, OutboxMessage], dict[str, Any]]

# template → what it shows; every slice that writes mails is here
CONTEXTS: Mapping[str, Context] = {
    **accounts.CONTEXTS,
    **people.CONTEXTS,
    **applications.CONTEXTS,
    **engagements.CONTEXTS,
    **scheduling.CONTEXTS,
    **matching.CONTEXTS,
}


def make_resolve(settings: Settings) -> Callable[[Session, str], Recipient | None]:
    """Recipient of an outbox row: ``person:7``, ``user:3``, ``application:12`` or ``office``."""

    def resolve(session: Session, key: str) -> Recipient | None:
        if key == people.OFFICE:
            return Recipient(settings.mail_from, settings.mail_name)
        concept, _, row_id = key.partition(":")
        if concept == "application":
            application = session.get(Application, int(row_id))
            person_id = application.person_id if application is not None else None
            return recipient_of(session, f"person:{person_id}") if person_id is not None else None
        return recipient_of(session, key)

    return resolve
