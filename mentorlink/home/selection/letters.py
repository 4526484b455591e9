"""What each person would receive, shown before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState, Decision
from mentorlink.applications.notices import DECISION_TEMPLATES, ways_to_go_on
from mentorlink.core.business_time import next_open_time
from mentorlink.core.mailer import Letter, Recipient, render_call, render_words
from mentorlink.core.outbox import Channel
from mentorlink.core.web import settings
from mentorlink.people.models import Person
from mentorlink.people.ways import way_of

WHOLE = 12  # so many are shown in full; beyond that the first of each kind


@dataclass(frozen=True)
class Preview:
    """``text`` is None where the words would only repeat those of another."""

    application: Application
    decision: Decision
    way: Channel
    goes_at: datetime
    subject: str | None
    text: str | None


def letters_of(session: Session, decisions: Sequence[Decision], now: datetime) -> list[Preview]:
    seen: set[str] = set()
    found = []
    for decision in decisions:
        application = session.get_one(Application, decision.application_id)
        if application.person is None:
            continue
        in_full = len(decisions) <= WHOLE or decision.outcome not in seen
        seen.add(decision.outcome)
        found.append(_preview(application, application.person, decision, now, in_full=in_full))
    return found


def _preview(
    application: Application, person: Person, decision: Decision, now: datetime, *, in_full: bool
) -> Preview:
    goes_at = next_open_time(now, tz=person.zone)
    template = f"applications/{DECISION_TEMPLATES[ApplicationState(decision.outcome)]}"
    way = way_of(person, template)
    if not in_full:
        return Preview(application, decision, way, goes_at, None, None)
    letter = Letter(0, now, template, person.language)
    recipient = Recipient(person.email or "", person.display_name, person.language, person.safe_contact)
    context = {
        "application": application,
        "receipt_number": application.reference,
        "decision": decision,
        "action_url": f"{settings().base_url}/e/…",
        **ways_to_go_on(),
    }
    if way is not Channel.MAIL:
        words = render_call(letter, recipient, context, settings())
        return Preview(application, decision, way, goes_at, None, words)
    mail = render_words(letter, recipient, context, settings())
    return Preview(application, decision, way, goes_at, mail.subject, mail.text)
