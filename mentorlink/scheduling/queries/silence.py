"""Since when a half-year has been silent: the one definition, for the job (M19) and the office's board."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from mentorlink.core.dates import local_date
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    Milestone,
    MilestoneState,
    Pause,
    Side,
    ThreadPost,
)
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import TOOK_PLACE, Meeting

A_STEP_MOVED = (MilestoneState.CHECKING, MilestoneState.REACHED, MilestoneState.REVISING)


def quiet_since() -> ScalarSelect[datetime]:
    """The last sign of an engagement, an instant, as an expression beside ``Engagement`` in the same query.

    A sign is a talk that took place, a post of one of the two sides, or a step handed in or checked; the opening
    and the end of a rest count too. Use it as a column, a filter or an order:
    ``select(Engagement, quiet_since()).where(quiet_since() <= now - timedelta(days=45))``. It looks only at the rows
    of the engagements that the rest of the query keeps. Whether silence means anything (under way, not single talks)
    is ``silent_engagements``.
    """
    signs = union_all(
        select(Engagement.opened_at.label("at")).correlate(Engagement),
        _of(Pause.until, Pause.engagement_id).where(Pause.until.is_not(None)),
        _of(Meeting.ends_at, Meeting.engagement_id).where(Meeting.state.in_(TOOK_PLACE)),
        _of(ThreadPost.at, ThreadPost.engagement_id).where(ThreadPost.side != Side.OFFICE),
        _of(_last_move_of_step(), Milestone.engagement_id),
    ).subquery("signs")
    return select(func.max(signs.c.at)).scalar_subquery()


def silent_engagements(days: int, *, now: datetime) -> Select[Engagement]:
    """Half-years under way without a sign for ``days`` days; those that rest are not silent."""
    return (
        select(Engagement)
        .join(Programme, Programme.id == Engagement.programme_id)
        .where(is_under_way(now), Programme.months > 0)
        .where(quiet_since() <= now - timedelta(days=days))
    )


def is_under_way(now: datetime) -> ColumnElement[bool]:
    """Running; or its first day is past and nobody wrote whether that talk took place: silent from the start."""
    unheard = (Engagement.state == EngagementState.PREPARING) & (Engagement.begins_on <= local_date(now))
    return (Engagement.state == EngagementState.RUNNING) | unheard


def _last_move_of_step() -> ScalarSelect[datetime]:
    """Inside out on purpose: as a join, SQLite reads the history of every step there is for each engagement."""
    return (
        select(func.max(StateChange.at))
        .where(StateChange.concept == Milestone.__tablename__, StateChange.row_id == Milestone.id)
        .where(StateChange.new.in_(A_STEP_MOVED))
        .correlate(Milestone)
        .scalar_subquery()
    )


def _of(at: Any, engagement_id: InstrumentedAttribute[int]) -> Select[Any]:
    return select(at.label("at")).where(engagement_id == Engagement.id).correlate(Engagement)
