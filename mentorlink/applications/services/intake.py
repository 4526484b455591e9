"""From the first screen to the receipt."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from mentorlink.applications import notices
from mentorlink.applications.answers import PERSON_FIELDS, PLAIN_FIELDS, TERM_SCHEMES, IntakeAnswers, Times
from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import (
    TRANSITIONS,
    Application,
    ApplicationState,
    ApplicationTerm,
    AvoidedOrganisation,
    DayPart,
    Intake,
    PreferredTime,
    SelectionAnswer,
    TimesKind,
)
from mentorlink.applications.queries import (
    has_required_consents,
    missing_answers,
    missing_questions,
    unreminded_drafts,
)
from mentorlink.applications.services.desk import watch_over
from mentorlink.core.dates import local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import revoke_links
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.reminder_rules import DRAFT_LEFT
from mentorlink.core.sessions import end_sessions_of_scope
from mentorlink.core.state import change_state
from mentorlink.organisations.queries import find_by_name
from mentorlink.people.line import wish_line
from mentorlink.people.models import ContactChannel, Person
from mentorlink.people.notices import follow_contact
from mentorlink.people.services import create_person
from mentorlink.programmes.models import Programme

REFERENCE_LOCKS = 2101  # the space of ``lock_keys`` for a year's receipt numbers


def start_draft(
    session: Session,
    programme: Programme,
    *,
    intake: Intake = Intake.WEB,
    origin: Application | None = None,
    person: Person | None = None,
    now: datetime,
) -> Application:
    """An empty request; もう一度相談 gives the ``origin`` whose answers it begins with (not its story).

    Raises RuleViolation ``programme_closed`` for a run that takes no applications (papers that came in time may be
    entered later).
    """
    if intake is Intake.WEB and not programme.is_open_on(local_date(now)):
        raise RuleViolation("programme_closed")
    person = person or (origin.person if origin else None)
    application = Application(programme=programme, person=person, intake=intake, created_at=now)
    application.origin_id = origin.id if origin else None
    if origin is not None:
        _copy_answers(origin, application)
    session.add(application)
    session.flush()
    return application


def save_answers(
    session: Session, application: Application, answers: IntakeAnswers | Mapping[str, Any], *, now: datetime
) -> None:
    """Write what was answered so far; the person comes to be with the first screen.

    A new address is asked to be confirmed. Raises RuleViolation ``application_not_draft`` once it was sent.
    """
    if application.state is not ApplicationState.DRAFT:
        raise RuleViolation("application_not_draft")
    given = IntakeAnswers.of(answers).given()
    for name in PLAIN_FIELDS:
        if name in given:
            value = given[name]
            setattr(application, name, (value or None) if isinstance(value, str) else value)
    for name, scheme in TERM_SCHEMES.items():
        if name in given:
            _set_terms(session, application, scheme, given[name])
    _set_times(session, application, given.get("times"), given.get("by_talk"))
    if "avoided" in given:
        _set_avoided(session, application, given["avoided"])
    _set_person(session, application, {key: given[key] for key in PERSON_FIELDS if key in given}, now)
    session.flush()
    notices.put_off_going_on(session, application, now=now)


def submit_application(session: Session, application: Application, *, by: str, now: datetime) -> Application:
    """Send it: a receipt number, 受付, the receipt to the applicant, and a flag where words of crisis stand.

    A spreadsheet brings no answers to the programme's own questions. Raises RuleViolation ``answers_missing``,
    ``consent_needed``, ``programme_closed`` for a draft of the web after the closing date or, the second time,
    ``application_not_received``.
    """
    if application.state is not ApplicationState.DRAFT:
        raise RuleViolation("application_not_received")
    asks_more = application.intake is not Intake.IMPORT and missing_questions(application)
    if missing_answers(application) or asks_more:
        raise RuleViolation("answers_missing")
    if application.intake is Intake.WEB and not application.programme.is_open_on(local_date(now)):
        raise RuleViolation("programme_closed")
    if not has_required_consents(session, application.person_id):
        raise RuleViolation("consent_needed")
    change_state(
        session,
        application,
        ApplicationState.RECEIVED,
        TRANSITIONS,
        by=by,
        now=now,
        reference=_next_reference(session, now),
        submitted_at=now,
    )
    if speaks_of_crisis(application.story):
        watch_over(session, application, by=by, now=now)
    cancel_messages(session, f"application:{application.id}", template=DRAFT_LEFT.template)
    notices.send_receipt(session, application, now=now)
    return application


def discard_draft(session: Session, draft: Application, *, now: datetime) -> None:
    """Really gone, with its answers, its links and the visits that they opened: its number may be given again.

    The person stays. Raises RuleViolation ``application_not_draft`` once it was sent.
    """
    if draft.state is not ApplicationState.DRAFT:
        raise RuleViolation("application_not_draft")
    about = f"application:{draft.id}"
    revoke_links(session, about, now)
    cancel_messages(session, about)
    end_sessions_of_scope(session, "application", draft.id)
    session.delete(draft)
    session.flush()


def change_contact(
    session: Session, application: Application, answers: IntakeAnswers | Mapping[str, Any], *, now: datetime
) -> None:
    """Another name or another way to be reached; a new address is asked to be confirmed."""
    given = IntakeAnswers.of(answers).given()
    _set_person(session, application, {key: given[key] for key in PERSON_FIELDS if key in given}, now)
    session.flush()


def confirm_contact(session: Session, application: Application, *, now: datetime) -> None:
    """The link that went to the address came back. Doing it twice changes nothing."""
    if application.person is not None and application.person.contact_confirmed_at is None:
        application.person.contact_confirmed_at = now
        session.flush()


def remind_drafts(session: Session, now: datetime) -> int:
    """Plan M02 once for a draft with consent and a confirmed contact. Returns for how many it is new."""
    drafts = unreminded_drafts(session, now)
    for draft in drafts:
        notices.invite_to_go_on(session, draft, now=now)
    return len(drafts)


def _next_reference(session: Session, now: datetime) -> str:
    year = local_date(now).year
    lock_keys(session, REFERENCE_LOCKS, [year])
    number = func.max(cast(func.substr(Application.reference, 6), Integer))
    highest = session.scalar(select(number).where(Application.reference.like(f"{year}-%"))) or 0
    return f"{year}-{highest + 1:04}"


def _set_terms(session: Session, application: Application, scheme: str, chosen: tuple[str, ...]) -> None:
    wanted = list(dict.fromkeys(chosen))
    if application.codes(scheme) == wanted:
        return
    application.terms = [term for term in application.terms if term.scheme != scheme]
    session.flush()  # the old rows go before the new ones come: both are unique by place
    application.terms += [
        ApplicationTerm(scheme=scheme, code=code, position=position) for position, code in enumerate(wanted)
    ]


def _set_times(session: Session, application: Application, times: Times | None, by_talk: bool | None) -> None:
    if by_talk is not None:
        application.times_kind = TimesKind.BY_TALK if by_talk else TimesKind.WEEKLY
    if times is None:
        return
    wanted = {(weekday, DayPart(part)) for weekday, part in times}
    application.times = [row for row in application.times if (row.weekday, row.part) in wanted]
    kept = {(row.weekday, row.part) for row in application.times}
    application.times += [
        PreferredTime(weekday=weekday, part=part) for weekday, part in sorted(wanted - kept)
    ]


def _set_avoided(session: Session, application: Application, names: tuple[str, ...]) -> None:
    if [row.name for row in application.avoided] == list(names):
        return
    found = [(name, find_by_name(session, name)) for name in dict.fromkeys(names)]
    application.avoided = [
        AvoidedOrganisation(name=name, organisation_id=known.id if known else None) for name, known in found
    ]


def _set_person(session: Session, application: Application, values: dict[str, Any], now: datetime) -> None:
    if not values:
        return
    wishes_line = "contact_channel" in values and _settle_channel(application.person, values)
    if application.person is None:
        if not {"display_name", "contact_channel"} <= values.keys():
            return
        application.person = create_person(session, now=now, **values)
        session.flush()
        notices.ask_to_confirm(session, application, now=now)
    elif _change_person(application.person, values):
        follow_contact(session, application.person)
        notices.ask_to_confirm(session, application, now=now)
    if "contact_channel" in values:
        wish_line(session, application.person, is_wished=wishes_line, now=now)


def _settle_channel(person: Person | None, values: dict[str, Any]) -> bool:
    """Whether LINE is wished for; until it is connected, the mail or the telephone is the way."""
    wanted = ContactChannel(values["contact_channel"])
    is_connected = person is not None and person.line_user_id is not None
    if wanted is ContactChannel.LINE and not is_connected:
        values["contact_channel"] = ContactChannel.MAIL if values.get("email") else ContactChannel.PHONE
    else:
        values["contact_channel"] = wanted
    return wanted is ContactChannel.LINE


def _change_person(person: Person, values: dict[str, Any]) -> bool:
    """Whether the way to reach them is a new one, to be confirmed again."""
    before = (person.contact_channel, person.email, person.phone)
    for name, value in values.items():
        setattr(
            person,
            name,
            (value or None) if name in ("display_kana", "email", "phone", "call_hours") else value,
        )
    is_new = (person.contact_channel, person.email, person.phone) != before
    if is_new:
        person.contact_confirmed_at = None
    return is_new


def _copy_answers(origin: Application, application: Application) -> None:
    for name in (
        "prefecture",
        "city",
        "stage",
        "unsure_theme",
        "any_target",
        "times_kind",
        "accommodation_note",
    ):
        setattr(application, name, getattr(origin, name))
    application.terms = [
        ApplicationTerm(scheme=term.scheme, code=term.code, position=term.position)
        for term in origin.terms
        if term.scheme != "category"  # what it is about this time is asked anew
    ]
    application.times = [PreferredTime(weekday=row.weekday, part=row.part) for row in origin.times]
    if origin.programme is application.programme:
        application.selection_answers = [
            SelectionAnswer(question_id=row.question_id, text=row.text) for row in origin.selection_answers
        ]
    application.avoided = [
        AvoidedOrganisation(name=row.name, organisation_id=row.organisation_id) for row in origin.avoided
    ]
