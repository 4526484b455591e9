"""Finding applications, and what is known about one."""

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, lazyload

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Decision,
    Flag,
    SelectionAnswer,
    TimesKind,
)
from mentorlink.core.business_time import add_business_days
from mentorlink.core.dates import local_date
from mentorlink.core.links import Link
from mentorlink.core.outbox import Call, OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.people.models import REQUIRED_CONSENTS, Consent, Person, Purpose
from mentorlink.programmes.models import Programme, SelectionQuestion

PAGE = 25
FIRST_WORD_DAYS = 2  # business days until the office has read a new application
ANSWER_DAYS = 2  # … and until it has read an answer
SELECTION_DAYS = 15  # business days until a selection is told

_S = ApplicationState
OPEN_STATES = (_S.RECEIVED, _S.CHECKING, _S.ASKING, _S.SELECTING, _S.SELECTED, _S.WAITING, _S.MATCHING)


def missing_answers(application: Application) -> list[str]:
    """Which required answers are not there yet, named as in ``IntakeAnswers``, in the order of the screens."""
    answered = {
        "display_name": application.person is not None,
        "stage": bool(application.stage),
        "themes": bool(application.unsure_theme or application.codes("theme")),
        "categories": bool(application.unsure_category or application.codes("category")),
        "modes": bool(application.codes("mode")),
        "times": bool(application.times_kind is TimesKind.BY_TALK or application.times),
    }
    return [name for name, is_there in answered.items() if not is_there]


def missing_questions(application: Application) -> list[SelectionQuestion]:
    """Required questions of the programme's own that have no answer yet."""
    answered = {each.question_id for each in application.selection_answers}
    return [each for each in application.programme.questions if each.required and each.id not in answered]


def earlier_talk(session: Session, application: Application) -> Application | None:
    """The application of the talk that this one came from, where a pair was found for it."""
    origin = session.get(Application, application.origin_id) if application.origin_id else None
    return origin if origin is not None and origin.state in (_S.MATCHED, _S.CLOSED) else None


def given_consents(session: Session, person_id: int | None) -> set[Purpose]:
    """What the person agrees to now."""
    return set(
        session.scalars(
            select(Consent.purpose).where(Consent.person_id == person_id, Consent.withdrawn_at.is_(None))
        )
    )


def has_required_consents(session: Session, person_id: int | None) -> bool:
    return set(REQUIRED_CONSENTS) <= given_consents(session, person_id)


def unreminded_drafts(session: Session, since: datetime) -> list[Application]:
    """Drafts left before ``since`` whose person agreed to be written to once and was not yet."""
    consented = exists().where(
        Consent.person_id == Person.id,
        Consent.purpose == Purpose.LATER_CONTACT,
        Consent.withdrawn_at.is_(None),
    )
    told = exists().where(OutboxMessage.event == literal("draft_left:") + cast(Application.id, String))
    query = (
        select(Application)
        .join(Person, Application.person_id == Person.id)
        .where(Application.state == _S.DRAFT, Application.created_at <= since)
        .where(Person.contact_confirmed_at.is_not(None), Person.erased_at.is_(None), consented, ~told)
        .order_by(Application.id)
    )
    return list(session.scalars(query))


def open_question(session: Session, application: Application) -> ClarifyingQuestion | None:
    """The question that waits for the applicant, if any."""
    return session.scalar(
        select(ClarifyingQuestion)
        .where(ClarifyingQuestion.application_id == application.id, ClarifyingQuestion.answered_at.is_(None))
        .order_by(ClarifyingQuestion.id.desc())
        .limit(1)
    )


def questions_of(session: Session, application: Application) -> list[ClarifyingQuestion]:
    query = select(ClarifyingQuestion).where(ClarifyingQuestion.application_id == application.id)
    return list(session.scalars(query.order_by(ClarifyingQuestion.id)))


def decision_of(session: Session, application: Application) -> Decision | None:
    """What was told; what is only prepared is nobody's business yet."""
    return session.scalar(
        select(Decision).where(Decision.application_id == application.id, Decision.told_at.is_not(None))
    )


def flags_of(session: Session, application: Application) -> list[Flag]:
    query = select(Flag).where(Flag.application_id == application.id)
    return list(session.scalars(query.order_by(Flag.id)))


def history_of(session: Session, application: Application) -> list[StateChange]:
    query = select(StateChange).where(
        StateChange.concept == "application", StateChange.row_id == application.id
    )
    return list(session.scalars(query.order_by(StateChange.at, StateChange.id)))


def calls_of(session: Session, application: Application) -> list[Call]:
    return list(
        session.scalars(select(Call).where(Call.about == f"application:{application.id}").order_by(Call.at))
    )


def last_change(session: Session, application: Application) -> datetime:
    """When it came into the state that it is in."""
    latest = session.scalar(
        select(func.max(StateChange.at)).where(
            StateChange.concept == "application", StateChange.row_id == application.id
        )
    )
    return latest or application.submitted_at or application.created_at


def first_answer_day(application: Application) -> date:
    """What the receipt promises: it stays the same, whenever the receipt is read."""
    received = local_date(application.submitted_at or application.created_at)
    if application.programme.has_selection:
        return _selection_day(application.programme, received)
    return add_business_days(received, FIRST_WORD_DAYS)


def _selection_day(programme: Programme, received: date) -> date:
    """The day that the programme names, where it is still to come for this application."""
    promised = programme.result_on
    return promised if promised and promised > received else add_business_days(received, SELECTION_DAYS)


def answer_day(session: Session, application: Application) -> date | None:
    """Until when the office says something, in business days; None where nothing is awaited from it."""
    since = local_date(last_change(session, application))
    match application.state:
        case _S.RECEIVED:
            return first_answer_day(application)
        case _S.CHECKING | _S.SELECTED:
            return add_business_days(since, ANSWER_DAYS)
        case _S.SELECTING:
            return first_answer_day(application)
        case _S.MATCHING:
            begun = local_date(application.searching_since or last_change(session, application))
            return add_business_days(begun, application.programme.search_days)
        case _:
            return None


class Page(NamedTuple):
    rows: list[Application]
    number: int
    pages: int
    total: int
    flagged: frozenset[int]


def list_applications(
    session: Session, states: Collection[ApplicationState], words: str = "", page: int = 1
) -> Page:
    """One page of the office's list, the longest waiting first; the same queries whatever the number of rows."""
    conditions = [Application.state.in_(states), *_search(words)]
    total = session.scalar(select(func.count()).select_from(Application).join(Person).where(*conditions)) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(page, 1), pages)
    query = select(Application).join(Person).where(*conditions)
    rows = session.scalars(
        query.options(lazyload(Application.times), lazyload(Application.avoided))
        .order_by(Application.submitted_at, Application.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    )
    found = list(rows)
    flagged = session.scalars(
        select(Flag.application_id).where(
            Flag.application_id.in_([row.id for row in found]), Flag.resolved_at.is_(None)
        )
    )
    return Page(found, number, pages, total, frozenset(flagged))


def counts_by_state(session: Session) -> dict[ApplicationState, int]:
    query = select(Application.state, func.count()).group_by(Application.state)
    return {state: number for state, number in session.execute(query)}  # noqa: C416 — rows are no pairs to mypy


def _search(words: str) -> list[ColumnElement[bool]]:
    """Every word must stand in the reference, the name or its reading."""
    conditions: list[ColumnElement[bool]] = []
    for word in words.split()[:5]:
        pattern = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        conditions.append(
            or_(
                *(
                    column.ilike(pattern, escape="\\")
                    for column in (Application.reference, Person.display_name, Person.display_kana)
                )
            )
        )
    return conditions


def links_asked(session: Session, application: Application, purpose: str) -> int:
    """How many links of one purpose went out for an application."""
    query = select(func.count()).select_from(Link)
    return (
        session.scalar(query.where(Link.opens == f"application:{application.id}", Link.purpose == purpose))
        or 0
    )


def selection_answer(session: Session, application_id: int, code: str) -> str | None:
    """What the applicant wrote to the programme's own question of that code."""
    return session.scalar(
        select(SelectionAnswer.text)
        .join(SelectionQuestion, SelectionQuestion.id == SelectionAnswer.question_id)
        .where(SelectionAnswer.application_id == application_id, SelectionQuestion.code == code)
    )
