"""Answers to the programme's own questions, and what a draft becomes when its programme has closed."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState, ApplicationTerm, SelectionAnswer
from mentorlink.applications.queries import earlier_talk
from mentorlink.applications.services.intake import start_draft
from mentorlink.core.errors import RuleViolation
from mentorlink.programmes.models import Programme


def save_selection_answers(
    session: Session,
    application: Application,
    answers: Mapping[int, str],
    *,
    shares_talk: bool | None = None,
) -> None:
    """Write what was answered so far, question id → text; a blank text takes the answer back.

    ``shares_talk`` says whether those who choose may read the earlier talk; without one it stays no.
    Raises RuleViolation ``application_not_draft`` once it was sent, ``question_unknown`` for another programme's.
    """
    if application.state is not ApplicationState.DRAFT:
        raise RuleViolation("application_not_draft")
    if not answers.keys() <= {question.id for question in application.programme.questions}:
        raise RuleViolation("question_unknown")
    for question_id, text in answers.items():
        _write(application, question_id, text)
    if shares_talk is not None:
        application.shares_talk = shares_talk and earlier_talk(session, application) is not None
    session.flush()


def _write(application: Application, question_id: int, text: str) -> None:
    row = next((each for each in application.selection_answers if each.question_id == question_id), None)
    if not text.strip():
        application.selection_answers = [each for each in application.selection_answers if each is not row]
    elif row is None:
        application.selection_answers.append(SelectionAnswer(question_id=question_id, text=text))
    else:
        row.text = text


def continue_elsewhere(
    session: Session, draft: Application, programme: Programme, *, now: datetime
) -> Application:
    """A draft whose programme has closed goes on in an open one, with all that was written on its six screens."""
    going_on = start_draft(session, programme, origin=draft, now=now)
    going_on.origin_id = draft.origin_id
    going_on.story, going_on.unsure_category = draft.story, draft.unsure_category
    going_on.terms += [
        ApplicationTerm(scheme=term.scheme, code=term.code, position=term.position)
        for term in draft.terms
        if term.scheme == "category"
    ]
    session.flush()
    return going_on
