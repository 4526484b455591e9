"""Making and opening a programme run."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.programmes.models import MilestoneTemplate, Programme, SelectionCriterion, SelectionQuestion
from mentorlink.programmes.queries import by_code
from mentorlink.programmes.templates import Template, load_template, template_names

CODE = re.compile(r"[a-z0-9](-?[a-z0-9]){0,59}")


def create_programme(
    session: Session,
    template: str,
    *,
    code: str,
    fiscal_year: int,
    opens_on: date,
    closes_on: date | None = None,
    now: datetime,
    **overrides: Any,
) -> Programme:
    """A run of a template, not open yet; ``overrides`` are columns that differ from the template.

    It is linked to the run of the same year that its template leads to, and to those that lead to it, whichever was
    made first. Raises TemplateError, RuleViolation ``programme_code_wrong`` or ``programme_dates_wrong``, Conflict
    ``programme_exists`` and TypeError for an override that is no column of a template.
    """
    return make_programme(
        session,
        load_template(template),
        template=template,
        code=code,
        fiscal_year=fiscal_year,
        opens_on=opens_on,
        closes_on=closes_on,
        **overrides,
    )


def make_programme(
    session: Session,
    made_of: Template,
    *,
    template: str,
    code: str,
    fiscal_year: int,
    opens_on: date,
    closes_on: date | None = None,
    result_on: date | None = None,
    **overrides: Any,
) -> Programme:
    """The same of contents that are no shipped template: last year's run, or a file from elsewhere."""
    _check(session, code, opens_on, closes_on, result_on)
    programme = Programme(
        code=code,
        template=template,
        fiscal_year=fiscal_year,
        opens_on=opens_on,
        closes_on=closes_on,
        result_on=result_on,
        opened_at=None,
        leads_to_id=_next_run(session, made_of, fiscal_year),
        milestones=rows_of(MilestoneTemplate, made_of.milestones),
        questions=rows_of(SelectionQuestion, made_of.questions),
        criteria=rows_of(SelectionCriterion, made_of.criteria),
        **_columns(made_of, overrides),
    )
    session.add(programme)
    session.flush()
    _link_earlier_runs(session, programme)
    return programme


def rows_of(model: Callable[..., Any], made_of: Iterable[BaseModel]) -> list[Any]:
    """The rows of a template as new rows of ``model``, in their order."""
    return [model(position=place, **row.model_dump()) for place, row in enumerate(made_of, start=1)]


def dates_are_in_order(opens_on: date, closes_on: date | None, result_on: date | None) -> bool:
    """It closes no earlier than it opens, and tells its results no earlier than it closes."""
    if closes_on is not None and closes_on < opens_on:
        return False
    return result_on is None or result_on >= (closes_on or opens_on)


def open_programme(session: Session, programme: Programme, *, now: datetime) -> None:
    """From now on it takes applications (between its dates), and what it is made of stays as it is.

    Raises RuleViolation ``programme_already_open``.
    """
    if programme.opened_at is not None:
        raise RuleViolation("programme_already_open")
    programme.opened_at = now
    session.flush()


def _check(
    session: Session, code: str, opens_on: date, closes_on: date | None, result_on: date | None
) -> None:
    if not CODE.fullmatch(code):
        raise RuleViolation("programme_code_wrong")
    if not dates_are_in_order(opens_on, closes_on, result_on):
        raise RuleViolation("programme_dates_wrong")
    if by_code(session, code) is not None:
        raise Conflict("programme_exists")


def _columns(made_of: Template, overrides: dict[str, Any]) -> dict[str, Any]:
    columns = made_of.columns()
    unknown = set(overrides) - set(columns)
    if unknown:
        raise TypeError(f"not a column of a template: {', '.join(sorted(unknown))}")
    return columns | overrides


def _next_run(session: Session, made_of: Template, fiscal_year: int) -> int | None:
    if made_of.leads_to is None:
        return None
    return session.scalar(
        select(Programme.id)
        .where(Programme.template == made_of.leads_to, Programme.fiscal_year == fiscal_year)
        .order_by(Programme.id)
        .limit(1)
    )


def _link_earlier_runs(session: Session, programme: Programme) -> None:
    leading = [name for name in template_names() if load_template(name).leads_to == programme.template]
    session.execute(
        update(Programme)
        .where(
            Programme.template.in_(leading),
            Programme.fiscal_year == programme.fiscal_year,
            Programme.leads_to_id.is_(None),
        )
        .values(leads_to_id=programme.id)
    )
