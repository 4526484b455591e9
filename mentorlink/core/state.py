"""State is a StrEnum with a transition table; every change goes through ``change_state``."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CursorResult, Index, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.db import Base
from mentorlink.core.errors import Conflict, RuleViolation

Transitions = Mapping[Any, frozenset[Any]]


class StateChange(Base):
    """Who moved what, when and why. ``why`` is a code, never a narrative."""

    __tablename__ = "state_change"
    __table_args__ = (Index("ix_state_change_about", "concept", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    concept: Mapped[str]
    row_id: Mapped[int]
    old: Mapped[str]
    new: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    why: Mapped[str | None]


def change_state(
    session: Session,
    row: Any,
    new: StrEnum,
    transitions: Transitions,
    *,
    by: str,
    now: datetime,
    why: str | None = None,
    **values: Any,
) -> None:
    """Move ``row.state`` to ``new`` if the table allows it and nobody moved it meanwhile.

    Other columns that change with the state go along in ``values``, in the same UPDATE, so that a CHECK
    joining both never sees one without the other.

    Raises RuleViolation ``<concept>_not_<new>`` where the table does not know the step, Conflict
    ``changed_meanwhile`` where another session was faster.
    """
    old, concept = row.state, row.__tablename__
    if new not in transitions[old]:
        raise RuleViolation(f"{concept}_not_{new}")
    session.flush()
    table = type(row)
    result = session.execute(
        update(table)
        .where(table.id == row.id, table.state == old)
        .values(state=new, **values)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise Conflict("changed_meanwhile")
    session.refresh(row)
    session.add(StateChange(concept=concept, row_id=row.id, old=old, new=new, by=by, at=now, why=why))
