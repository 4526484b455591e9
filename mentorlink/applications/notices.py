"""Every message about an application: what is planned, and what its template shows when it goes out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.applications.models import Application, ApplicationState, ClarifyingQuestion, Flag, Intake
from mentorlink.applications.queries import (
    decision_of,
    first_answer_day,
    links_asked,
    missing_answers,
    missing_questions,
)
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import Channel, OutboxMessage, plan_message, put_off
from mentorlink.core.reminder_rules import DRAFT_LEFT, times_of
from mentorlink.people.models import ContactChannel, Person
from mentorlink.people.notices import STAYS_USEFUL, remind, tell, tell_office
from mentorlink.programmes.models import Programme

ENTRY_LIFETIME = timedelta(days=400)
SAFE_ENTRY_LIFETIME = timedelta(days=14)  # where safe contact was asked for
CONFIRM_LIFETIME = timedelta(days=7)
DECISION_TEMPLATES = {
    ApplicationState.SELECTED: "selected",
    ApplicationState.WAITING: "waiting",
    ApplicationState.NOT_SELECTED: "not_selected",
}
MOST_CONFIRMATIONS = 3  # a form must not write to strangers again and again


def entry_link(session: Session, application: Application, *, now: datetime) -> Link:
    """A way back to the applicant's own page, again and again."""
    person = _person(application)
    lifetime = SAFE_ENTRY_LIFETIME if person.safe_contact else ENTRY_LIFETIME
    opens = f"application:{application.id}"
    return issue_link(session, LinkKind.ENTRY, "application", opens, expires_at=now + lifetime, now=now)


def ask_to_confirm(session: Session, application: Application, *, now: datetime) -> None:
    """The link that shows that mails arrive; asked for on the first screen."""
    person = _person(application)
    if person.contact_channel is not ContactChannel.MAIL or person.contact_confirmed_at is not None:
        return
    if links_asked(session, application, "confirm_contact") >= MOST_CONFIRMATIONS:
        return
    opens = f"application:{application.id}"
    link = issue_link(
        session, LinkKind.ACT, "confirm_contact", opens, expires_at=now + CONFIRM_LIFETIME, now=now
    )
    _tell(
        session, application, "confirm_contact", f"confirm_contact:{link.id}", link, now, answers_reader=True
    )


def send_receipt(session: Session, application: Application, *, now: datetime) -> None:
    """M01, or M15 where the programme selects."""
    template = "selection_receipt" if application.programme.has_selection else "receipt"
    event, link = f"received:{application.id}", entry_link(session, application, now=now)
    was_asked = application.intake is Intake.WEB
    _tell(session, application, template, event, link, now, answers_reader=was_asked)


def invite_to_go_on(session: Session, application: Application, *, now: datetime) -> None:
    """M02, once, a day after the last screen that was saved; until then each screen puts it off."""
    link, person = entry_link(session, application, now=now), _person(application)
    remind(
        session,
        person,
        DRAFT_LEFT,
        application.created_at,
        event=f"draft_left:{application.id}",
        about=f"application:{application.id}",
        params={"application_id": application.id, "link_id": link.id},
        now=now,
    )


def put_off_going_on(session: Session, application: Application, *, now: datetime) -> None:
    if application.person is not None:
        times = times_of(DRAFT_LEFT, now, application.person.zone)
        put_off(session, f"draft_left:{application.id}", **times._asdict())


def send_question(
    session: Session, application: Application, question: ClarifyingQuestion, *, now: datetime
) -> None:
    """M03. The question itself is read when the mail goes out; the row names it only."""
    link = entry_link(session, application, now=now)
    event = f"question:{question.id}"
    _tell(session, application, "question", event, link, now, question_id=question.id)


def send_decision(session: Session, application: Application, *, now: datetime) -> None:
    """M16, M17, or that there is no place yet. What is told again after a change of mind is told anew."""
    link = entry_link(session, application, now=now)
    event = f"decided:{application.id}:{int(now.timestamp())}:{application.state}"
    _tell(session, application, DECISION_TEMPLATES[application.state], event, link, now)


def ask_to_review(session: Session, user: User, programme: Programme, number: int, *, now: datetime) -> None:
    """Names the run and how many, nobody's application."""
    plan_message(
        session,
        event=f"review:{programme.id}:{user.id}:{int(now.timestamp())}",
        template="applications/review_asked",
        recipient=f"user:{user.id}",
        channel=Channel.MAIL,
        locale=user.language,
        about=f"programme:{programme.id}",
        now=now,
        due_at=now,
        not_after=now + STAYS_USEFUL,
        params={"programme_id": programme.id, "number": number},
    )


def confirm_withdrawal(session: Session, application: Application, *, now: datetime) -> None:
    link = entry_link(session, application, now=now)
    event = f"withdrawn:{application.id}:{link.id}"
    _tell(session, application, "withdrawn", event, link, now, answers_reader=True)


def tell_office_of_flag(session: Session, application: Application, flag: Flag, *, now: datetime) -> None:
    """Names the receipt number, nothing of what was written."""
    tell_office(
        session,
        event=f"crisis_words:{flag.id}",
        template="applications/flag_raised",
        about=f"application:{application.id}",
        params={"application_id": application.id},
        now=now,
    )


def _tell(  # noqa: PLR0917 — the same six things every time
    session: Session,
    application: Application,
    template: str,
    event: str,
    link: Link,
    now: datetime,
    *,
    answers_reader: bool = False,
    **ids: int,
) -> None:
    tell(
        session,
        _person(application),
        event=event,
        template=f"applications/{template}",
        about=f"application:{application.id}",
        params={"application_id": application.id, "link_id": link.id, **ids},
        now=now,
        answers_reader=answers_reader,
    )


def _person(application: Application) -> Person:
    if application.person is None:
        raise RuleViolation("answers_missing")
    return application.person


# ---- what the templates show


def _about_application(session: Session, message: OutboxMessage) -> dict[str, Any]:
    application = session.get_one(Application, message.params["application_id"])
    shown: dict[str, Any] = {"application": application, "receipt_number": application.reference}
    if "link_id" in message.params:
        shown["action_url"] = address_of(session.get_one(Link, message.params["link_id"]))
    return shown


def _receipt(session: Session, message: OutboxMessage) -> dict[str, Any]:
    shown = _about_application(session, message)
    return shown | {"step": 0, "answer_day": first_answer_day(shown["application"])}


def _draft_left(session: Session, message: OutboxMessage) -> dict[str, Any]:
    shown = _about_application(session, message)
    draft = shown["application"]
    left = len(missing_answers(draft)) + len(missing_questions(draft)) + 1  # and the consents
    return shown | {"questions_left": left, "closes_on": draft.programme.closes_on}


def _question(session: Session, message: OutboxMessage) -> dict[str, Any]:
    question = session.get_one(ClarifyingQuestion, message.params["question_id"])
    return _about_application(session, message) | {"step": 0, "question": question}


def _decision(session: Session, message: OutboxMessage) -> dict[str, Any]:
    """Every way to go on has its own address; the button leads to the applicant's own page."""
    shown = _about_application(session, message)
    return shown | ways_to_go_on() | {"decision": decision_of(session, shown["application"])}


def ways_to_go_on() -> dict[str, str]:
    """もう一度相談, 情報 and 仲間, for the templates of decisions."""
    information = page_address("help")
    return {
        "talk_url": page_address("apply"),
        "help_url": information,
        "company_url": f"{information}#company",
    }


def _review_asked(session: Session, message: OutboxMessage) -> dict[str, Any]:
    programme = session.get_one(Programme, message.params["programme_id"])
    shown = {"programme": programme, "number": message.params["number"]}
    return shown | {"action_url": page_address("reviews")}


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    "applications/confirm_contact": _about_application,
    "applications/receipt": _receipt,
    "applications/selection_receipt": _receipt,
    "applications/draft_left": _draft_left,
    "applications/question": _question,
    "applications/selected": _decision,
    "applications/not_selected": _decision,
    "applications/waiting": _decision,
    "applications/review_asked": _review_asked,
    "applications/withdrawn": _about_application,
    "applications/flag_raised": _about_application,
}
