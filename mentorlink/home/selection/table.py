"""The meeting's table: one row for each application of a run, in a constant number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState, Decision, ReviewState
from mentorlink.applications.selection_queries import (
    ReviewLine,
    applications_of,
    decisions_of,
    has_place,
    names_of_users,
    review_lines,
)
from mentorlink.applications.spread import Spread, spread_of
from mentorlink.core.actor import Actor
from mentorlink.home.selection.policies import readable_applications
from mentorlink.programmes.models import Programme

_S = ApplicationState


class Order(StrEnum):
    APART = "apart"  # where reviewers disagree most first
    MEAN = "mean"
    ARRIVAL = "arrival"


@dataclass(frozen=True)
class MeetingRow:
    """``spread`` is None where nobody has scored, and where this reader may not know yet (``is_readable``)."""

    application: Application
    is_readable: bool
    spread: Spread | None
    own: ReviewLine | None
    asked: int
    missing: list[str]
    barred: int
    decision: Decision | None


@dataclass(frozen=True)
class Places:
    """How many places the run hopes for, how many are given and how many prepared; None where there is no target."""

    target: int | None
    taken: int
    prepared: int

    @property
    def left(self) -> int | None:
        return None if self.target is None else max(0, self.target - self.taken - self.prepared)


def meeting_rows(session: Session, actor: Actor, programme: Programme, order: Order) -> list[MeetingRow]:
    """What this reader may not know takes no part in the order: it comes last, as it arrived."""
    applications, lines = applications_of(session, programme), review_lines(session, programme)
    reviews = {each.id: lines.get(each.id, []) for each in applications}
    readable = readable_applications(session, actor, reviews)
    decisions = decisions_of(session, programme)
    names = names_of_users(session, {line.user_id for found in reviews.values() for line in found})
    most = {criterion.id: criterion.most for criterion in programme.criteria}
    rows = [
        MeetingRow(
            each,
            each.id in readable,
            _spread(reviews[each.id], most) if each.id in readable else None,
            next((line for line in reviews[each.id] if line.user_id == actor.user_id), None),
            len([line for line in reviews[each.id] if line.state is not ReviewState.BARRED]),
            [names[line.user_id] for line in reviews[each.id] if line.state is ReviewState.ASKED],
            len([line for line in reviews[each.id] if line.state is ReviewState.BARRED]),
            decisions.get(each.id),
        )
        for each in applications
    ]
    return sorted(rows, key=lambda row: _place(row, order))


def places_of(rows: Sequence[MeetingRow], programme: Programme) -> Places:
    return Places(
        programme.target_number,
        len([row for row in rows if has_place(row.application)]),
        len([row for row in rows if is_prepared(row, _S.SELECTED)]),
    )


def is_prepared(row: MeetingRow, outcome: ApplicationState | None = None) -> bool:
    """Whether its decision waits to be sent: any, or the one in question."""
    decision = row.decision
    if decision is None or not decision.is_prepared or row.application.state is not _S.SELECTING:
        return False
    return outcome is None or decision.outcome == outcome.value


def _spread(lines: Sequence[ReviewLine], most: Mapping[int, int]) -> Spread | None:
    return spread_of([line.points for line in lines if line.state is ReviewState.SUBMITTED], most)


def _place(row: MeetingRow, order: Order) -> tuple[bool, float]:
    if row.spread is None or order is Order.ARRIVAL:
        return order is not Order.ARRIVAL, 0
    return False, -(row.spread.share_apart if order is Order.APART else row.spread.mean)
