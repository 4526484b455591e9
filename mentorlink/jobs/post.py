"""What the worker's post office knows of the slices: how a mail's words are filled, and where it goes."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.mailer import Recipient
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.home.contexts import all_contexts
from mentorlink.jobs.desk_mail import TEMPLATE, show_desk
from mentorlink.people.notices import OFFICE
from mentorlink.people.queries import recipient_of

Context = Callable[[Session, OutboxMessage], dict[str, Any]]

# template → what it shows
CONTEXTS: Mapping[str, Context] = {**all_contexts(), TEMPLATE: show_desk}


Find = Callable[[Session, str], Recipient | None]


def make_resolve(settings: Settings, find: Find = recipient_of) -> Find:
    """Recipient of an outbox row: ``person:7``, ``user:3``, ``application:12`` or ``office``."""

    def resolve(session: Session, key: str) -> Recipient | None:
        if key == OFFICE:
            return Recipient(settings.mail_from, settings.mail_name)
        concept, _, row_id = key.partition(":")
        if concept == "application":
            application = session.get(Application, int(row_id))
            person_id = application.person_id if application is not None else None
            return find(session, f"person:{person_id}") if person_id is not None else None
        return find(session, key)

    return resolve
