"""A run that nobody can apply to yet may be changed in everything; opening it ends that."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from itertools import count
from typing import Any

from pydantic import BaseModel
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from mentorlink.core.dates import fiscal_year, local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import RuleViolation
from mentorlink.programmes.models import MilestoneTemplate, Programme, SelectionCriterion, SelectionQuestion
from mentorlink.programmes.queries import by_code
from mentorlink.programmes.services import dates_are_in_order, make_programme, open_programme, rows_of
from mentorlink.programmes.templates import CriterionRow, MilestoneRow, QuestionRow, SurveyRow, Template
from mentorlink.setup.queries import missing_of, schedules_of
from mentorlink.surveys.models import SurveySchedule
from mentorlink.surveys.queries import latest_survey
from mentorlink.surveys.services import load_surveys, schedule_surveys

CODE_LOCK = 2201  # the space of ``lock_keys`` for making codes of one year
IDENTITY = frozenset({"id", "code", "template", "fiscal_year", "opened_at", "leads_to_id"})
CHANGEABLE = frozenset(Programme.__table__.columns.keys()) - IDENTITY


def draft_run(
    session: Session,
    contents: Template,
    *,
    template: str,
    opens_on: date,
    closes_on: date | None = None,
    result_on: date | None = None,
    year: int | None = None,
    **columns: Any,
) -> Programme:
    """A run of these contents with its surveys, under a code that is still free; ``columns`` differ from the contents.

    ``year`` is its fiscal year where that is not the one in which it opens. Raises RuleViolation
    ``programme_dates_wrong`` and ``survey_unknown``.
    """
    year = year or fiscal_year(opens_on)
    programme = make_programme(
        session,
        contents,
        template=template,
        code=_free_code(session, template, year),
        fiscal_year=year,
        opens_on=opens_on,
        closes_on=closes_on,
        result_on=result_on,
        **columns,
    )
    load_surveys(session)
    schedule_surveys(session, programme, contents.surveys)
    return programme


def change_draft(session: Session, programme: Programme, columns: Mapping[str, Any]) -> None:
    """Set columns of a run that is not open. Raises RuleViolation ``programme_frozen`` and ``programme_dates_wrong``."""
    hold_draft(session, programme)
    if unknown := set(columns) - CHANGEABLE:
        raise TypeError(f"not to be changed: {', '.join(sorted(unknown))}")
    for name, value in columns.items():
        setattr(programme, name, value)
    if not dates_are_in_order(programme.opens_on, programme.closes_on, programme.result_on):
        raise RuleViolation("programme_dates_wrong")
    programme.fiscal_year = (
        fiscal_year(programme.opens_on) if "opens_on" in columns else programme.fiscal_year
    )
    session.flush()


def replace_milestones(session: Session, programme: Programme, rows: Iterable[MilestoneRow]) -> None:
    _replace(session, programme, "milestones", MilestoneTemplate, rows)


def replace_questions(session: Session, programme: Programme, rows: Iterable[QuestionRow]) -> None:
    _replace(session, programme, "questions", SelectionQuestion, rows)


def replace_criteria(session: Session, programme: Programme, rows: Iterable[CriterionRow]) -> None:
    _replace(session, programme, "criteria", SelectionCriterion, rows)


def replace_surveys(session: Session, programme: Programme, rows: Iterable[SurveyRow]) -> None:
    """Raises RuleViolation ``programme_frozen`` and ``survey_unknown``."""
    hold_draft(session, programme)
    session.execute(delete(SurveySchedule).where(SurveySchedule.programme_id == programme.id))
    schedule_surveys(session, programme, rows)


def open_run(session: Session, programme: Programme, *, now: datetime) -> None:
    """People may apply between its dates; what it is made of stays, its surveys in the newest version of today.

    Raises RuleViolation ``programme_already_open`` and ``programme_not_ready``.
    """
    session.refresh(programme, with_for_update=True)
    if programme.opened_at is None and missing_of(programme, local_date(now)):
        raise RuleViolation("programme_not_ready")
    open_programme(session, programme, now=now)
    for schedule in schedules_of(session, programme):
        newest = latest_survey(session, schedule.survey.code)
        schedule.survey_id = newest.id if newest is not None else schedule.survey_id
    session.flush()


def remove_draft(session: Session, programme: Programme) -> None:
    """Nothing hangs on a run that was never open. Raises RuleViolation ``programme_frozen``."""
    hold_draft(session, programme)
    earlier = update(Programme).where(Programme.leads_to_id == programme.id).values(leads_to_id=None)
    session.execute(earlier.execution_options(synchronize_session=False))
    session.execute(delete(SurveySchedule).where(SurveySchedule.programme_id == programme.id))
    session.delete(programme)
    session.flush()


def hold_draft(session: Session, programme: Programme) -> None:
    """Keep others from opening it until this transaction ends. Raises RuleViolation ``programme_frozen``."""
    session.refresh(programme, with_for_update=True)
    if programme.opened_at is not None:
        raise RuleViolation("programme_frozen")


def _replace(
    session: Session, programme: Programme, name: str, model: Callable[..., Any], rows: Iterable[BaseModel]
) -> None:
    hold_draft(session, programme)
    setattr(programme, name, [])
    session.flush()  # the old rows go first: a place holds one row
    setattr(programme, name, rows_of(model, rows))
    session.flush()


def _free_code(session: Session, template: str, year: int) -> str:
    lock_keys(session, CODE_LOCK, [year])
    wanted = (f"{template}-{year}" if n == 1 else f"{template}-{year}-{n}" for n in count(1))
    return next(code for code in wanted if by_code(session, code) is None)
