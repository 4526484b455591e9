"""What may change in an open run: dates, words, weights and capacity, each by a dated amendment with its reason."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import LAST_YEAR, local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.programmes.models import Amendment, Programme
from mentorlink.programmes.services import dates_are_in_order
from mentorlink.setup.amendable import AMENDABLE, DATES, PROMISED, Value, as_text, is_possible, value_of
from mentorlink.setup.queries import waiting_amendments


def amend(
    session: Session,
    programme: Programme,
    field: str,
    value: Value,
    *,
    effective_on: date,
    reason: str,
    by_user_id: int,
    now: datetime,
) -> Amendment:
    """Change one column of an open run: at once where ``effective_on`` is today, else by the job on that day.

    Raises RuleViolation ``programme_not_open``, ``field_frozen``, ``amendment_value_wrong``, ``amendment_in_past``,
    ``amendment_changes_nothing``, and ``programme_dates_wrong`` where the dates, with all changes that are still to
    come, would not be in order on every day.
    """
    today = local_date(now)
    _hold_open(session, programme)
    _check(programme, field, value, effective_on, today)
    _apply_due(programme, waiting_amendments(session, programme), now)
    amendment = Amendment(
        programme_id=programme.id,
        field=field,
        old=as_text(getattr(programme, field)),
        new=as_text(value),
        reason=reason,
        effective_on=effective_on,
        made_by_user_id=by_user_id,
        made_at=now,
        applied_at=None,
    )
    waiting = [*waiting_amendments(session, programme), amendment]
    if _value_on(programme, waiting[:-1], field, effective_on) == value:
        raise RuleViolation("amendment_changes_nothing")
    _check_dates(programme, waiting)
    session.add(amendment)
    session.flush()
    _apply_due(programme, [amendment], now)
    session.flush()
    return amendment


def take_back_amendment(session: Session, amendment: Amendment) -> None:
    """A change that is not in force yet does not come. The audit keeps that it was there.

    Raises RuleViolation ``amendment_in_force``, and ``programme_dates_wrong`` where another one to come rests on it.
    """
    programme = session.get_one(Programme, amendment.programme_id, with_for_update=True)
    session.refresh(amendment)
    if amendment.applied_at is not None:
        raise RuleViolation("amendment_in_force")
    _check_dates(
        programme, [each for each in waiting_amendments(session, programme) if each is not amendment]
    )
    session.delete(amendment)
    session.flush()


def apply_amendments(session: Session, now: datetime) -> int:
    """The job: put in force, once, what is due today or was due before. Returns how many."""
    due = select(Amendment.programme_id).where(
        Amendment.applied_at.is_(None), Amendment.effective_on <= local_date(now)
    )
    applied = 0
    for programme_id in session.scalars(due.distinct().order_by(Amendment.programme_id)).all():
        programme = session.get_one(Programme, programme_id, with_for_update=True)
        applied += _apply_due(programme, waiting_amendments(session, programme), now)
    session.flush()
    return applied


def _hold_open(session: Session, programme: Programme) -> None:
    session.refresh(programme, with_for_update=True)
    if programme.opened_at is None:
        raise RuleViolation("programme_not_open")


def _check(programme: Programme, field: str, value: Value, effective_on: date, today: date) -> None:
    if field not in AMENDABLE:
        raise RuleViolation("field_frozen")
    promised = programme.has_selection and field in PROMISED
    if not is_possible(field, value) or (promised and value is None):
        raise RuleViolation("amendment_value_wrong")
    if effective_on < today or effective_on.year > LAST_YEAR:
        raise RuleViolation("amendment_in_past")


def _apply_due(programme: Programme, waiting: Iterable[Amendment], now: datetime) -> int:
    due = [each for each in waiting if each.effective_on <= local_date(now)]
    for amendment in due:
        amendment.old = as_text(getattr(programme, amendment.field))
        setattr(programme, amendment.field, value_of(amendment.field, amendment.new))
        amendment.applied_at = now
    return len(due)


def _value_on(programme: Programme, waiting: Iterable[Amendment], field: str, day: date) -> Any:
    """What the field will be on that day, by all that is planned."""
    until = [each for each in waiting if each.field == field and each.effective_on <= day]
    return value_of(field, until[-1].new) if until else getattr(programme, field)


def _check_dates(programme: Programme, waiting: Iterable[Amendment]) -> None:
    """In order after every change to come; a new one comes last on its day."""
    dates: dict[str, Any] = {name: getattr(programme, name) for name in DATES}
    for amendment in sorted(waiting, key=lambda each: each.effective_on):
        if amendment.field in dates:
            dates[amendment.field] = value_of(amendment.field, amendment.new)
            if not dates_are_in_order(**dates):
                raise RuleViolation("programme_dates_wrong")
