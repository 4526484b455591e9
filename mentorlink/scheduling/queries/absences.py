"""Who could not come, told apart by side: days called off shortly before, and days on which somebody was not there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState

LATE = timedelta(hours=24)  # called off nearer to its start than this, a day is lost for the other side
IN_A_ROW = 3


@dataclass(frozen=True)
class Absences:
    """Of one side of an engagement. ``in_a_row`` counts both kinds since the last talk that took place."""

    late: int = 0
    missed: int = 0
    in_a_row: int = 0


def absences_of(session: Session, engagement_id: int) -> dict[Side, Absences]:
    """For each side, the office too; a day that one side called off is never counted for the other."""
    called_off = and_(
        StateChange.concept == "meeting",
        StateChange.row_id == Meeting.id,
        StateChange.new == MeetingState.CANCELLED,
    )
    query = (
        select(Meeting.state, Meeting.ended_by, Meeting.starts_at, StateChange.at)
        .outerjoin(StateChange, called_off)
        .where(Meeting.engagement_id == engagement_id)
    )
    days = [(*row,) for row in session.execute(query.order_by(Meeting.starts_at, Meeting.id))]
    return {side: _of_side(side, days) for side in Side}


def _of_side(
    side: Side, days: Iterable[tuple[MeetingState, str | None, datetime, datetime | None]]
) -> Absences:
    late = missed = in_a_row = 0
    for state, ended_by, starts_at, called_off_at in days:
        if state in TOOK_PLACE:
            in_a_row = 0
        if ended_by != side:
            continue
        is_late = called_off_at is not None and starts_at - called_off_at < LATE
        is_missed = state is MeetingState.NO_SHOW
        late, missed, in_a_row = late + is_late, missed + is_missed, in_a_row + (is_late or is_missed)
    return Absences(late, missed, in_a_row)
