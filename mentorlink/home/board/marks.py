"""What stands in the months of a line: talks as dots with their day, steps as flags, rests written out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Select, String, cast, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.core.db import UTCDateTime
from mentorlink.engagements.models import EngagementState, Milestone, MilestoneState, Pause
from mentorlink.home.board.lines import DONE_STEPS, Line
from mentorlink.home.desk import PATIENCE
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState
from mentorlink.scheduling.queries.half_year import add_months

MOST_MONTHS = 7
MONTHS_BEFORE = 4  # today's month has so many before it, where the lines reach further than the page is wide
TALK, STEP, PAUSE = "talk", "step", "pause"


@dataclass(frozen=True, slots=True)
class Talk:
    """``state``: ``done``, ``open`` (planned), ``late`` (its record is missing) or ``missed`` (somebody could not come)."""

    day: date
    state: str


@dataclass(frozen=True, slots=True)
class Step:
    """``code`` of the taxonomy, or the mentee's own ``title``. ``state``: ``done``, ``skipped``, ``late`` or ``open``."""

    code: str | None
    title: str | None
    day: date
    state: str


@dataclass(slots=True)
class Cell:
    """One month of one line. ``rest`` is the reason of a rest that begins in it."""

    talks: list[Talk] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    rest: str | None = None
    is_resting: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.talks or self.steps or self.is_resting)


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything on the lines of one page: the months in their order, and each line's cells by its id."""

    months: Sequence[date]
    cells: Mapping[int, Sequence[Cell]]
    before: Mapping[int, int]  # talks before the first month shown
    this_month: date


def marks_of(session: Session, lines: Sequence[Line], *, now: datetime) -> Marks:
    """One query for the talks, steps and rests of all these lines."""
    by_line: dict[int, dict[date, Cell]] = defaultdict(lambda: defaultdict(Cell))
    resting = {line.id for line in lines if line.state is EngagementState.PAUSED}
    for row in session.execute(_rows([line.id for line in lines])):
        _place(by_line[row.engagement_id], row, now, is_resting=row.engagement_id in resting)
    months = _months(lines, by_line, local_date(now))
    first = months[0]
    return Marks(
        months,
        {line.id: [by_line[line.id].get(month, Cell()) for month in months] for line in lines},
        {line.id: _talks_before(by_line[line.id], first) for line in lines},
        _month(local_date(now)),
    )


def _rows(ids: Sequence[int]) -> Select[Any]:
    """Each as (engagement, what, state, from, to, day, code, title), in the order of time."""
    none = {"until": cast(null(), UTCDateTime), "day": cast(null(), Date)} | {
        name: cast(null(), String) for name in ("code", "title")
    }
    there = (MeetingState.CONFIRMED, MeetingState.NO_SHOW, *TOOK_PLACE)
    talk: dict[str, Any] = {"state": Meeting.state, "since": Meeting.starts_at, "until": Meeting.ends_at}
    step: dict[str, Any] = {"state": Milestone.state, "since": Milestone.reached_at, "day": Milestone.due_on}
    step |= {"code": Milestone.code, "title": Milestone.title}
    rest: dict[str, Any] = {
        "state": Pause.reason,
        "since": Pause.since,
        "until": Pause.until,
        "day": Pause.expected_until,
    }
    found = union_all(
        _row(TALK, Meeting.engagement_id, none | talk).where(
            Meeting.engagement_id.in_(ids), Meeting.state.in_(there)
        ),
        _row(STEP, Milestone.engagement_id, none | step).where(Milestone.engagement_id.in_(ids)),
        _row(PAUSE, Pause.engagement_id, none | rest).where(Pause.engagement_id.in_(ids)),
    ).subquery()
    return select(found).order_by(found.c.since, found.c.day)


def _row(what: str, engagement_id: Any, columns: Mapping[str, Any]) -> Select[Any]:
    return select(
        engagement_id.label("engagement_id"),
        literal(what).label("what"),
        type_coerce(columns["state"], String).label("state"),
        *(columns[name].label(name) for name in ("since", "until", "day", "code", "title")),
    )


def _place(cells: dict[date, Cell], row: Any, now: datetime, *, is_resting: bool) -> None:
    """Nothing is late while somebody rests: its day moves with the resumption."""
    if row.what == TALK:
        day = local_date(row.since)
        cells[_month(day)].talks.append(Talk(day, _talk_state(row, now)))
    elif row.what == STEP:
        state = _step_state(row, row.day if is_resting else local_date(now))
        step = Step(row.code, row.title, row.day, state)
        cells[_month(local_date(row.since) if row.since else row.day)].steps.append(step)
    else:
        _place_rest(cells, row, local_date(now))


def _place_rest(cells: dict[date, Cell], row: Any, today: date) -> None:
    begin = local_date(row.since)
    end = local_date(row.until) if row.until else max(today, row.day or today)
    end = min(end, add_months(today, MOST_MONTHS))
    cells[_month(begin)].rest = row.state
    month = _month(begin)
    while month <= end:
        cells[month].is_resting = True
        month = add_months(month, 1)


def _talk_state(row: Any, now: datetime) -> str:
    if row.state == MeetingState.NO_SHOW:
        return "missed"
    if row.state == MeetingState.RECORDED:
        return "done"
    if row.until > now:
        return "open"
    return "late" if row.until <= now - PATIENCE else "done"


def _step_state(row: Any, today: date) -> str:
    if row.state in DONE_STEPS:
        return "done" if row.state == MilestoneState.REACHED else "skipped"
    return "late" if row.day < today else "open"


def _months(lines: Sequence[Line], by_line: Mapping[int, Mapping[date, Cell]], today: date) -> list[date]:
    """From the first month that something stands in to the last; around today where that is too wide.

    Where nothing but rests reaches so near, as in a run of years ago, it is the months in which something happened.
    """
    busy = [month for cells in by_line.values() for month, cell in cells.items() if cell.talks or cell.steps]
    if busy and max(busy) < add_months(_month(today), -MONTHS_BEFORE):
        first = max(min(busy), add_months(max(busy), 1 - MOST_MONTHS))
        return [month for month in _following(first) if month <= max(busy)]
    spans = [day for line in lines for day in (line.begins_on, line.ends_on) if day is not None]
    there = [_month(day) for day in spans] + [month for cells in by_line.values() for month in cells]
    first, last = min(there, default=_month(today)), max(there, default=_month(today))
    first = max(first, min(add_months(_month(today), -MONTHS_BEFORE), add_months(last, 1 - MOST_MONTHS)))
    return [month for month in _following(first) if month <= last] or [_month(today)]


def _following(first: date) -> list[date]:
    return [add_months(first, number) for number in range(MOST_MONTHS)]


def _talks_before(cells: Mapping[date, Cell], first: date) -> int:
    talks = (talk for month, cell in cells.items() if month < first for talk in cell.talks)
    return sum(talk.state != "missed" for talk in talks)


def _month(day: date) -> date:
    return day.replace(day=1)
