"""Many half-years rest, or go on: first what that does to each, then each in a transaction of its own."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.dates import local_date
from mentorlink.core.outbox import OPEN, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, Milestone, Pause, PauseReason
from mentorlink.home.board.lines import DONE_STEPS, GOING_ON
from mentorlink.people.models import Person
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.services import rest_engagement, take_up_engagement


@dataclass(frozen=True, slots=True)
class Effect:
    """What resting or going on does to one half-year. ``days`` were rested; steps and the end move by so many."""

    id: int
    reference: str
    name: str
    prefecture: str | None
    state: EngagementState
    talks: tuple[datetime, ...] = ()  # that are called off
    reminders: int = 0  # that stop
    steps: int = 0  # not reached, whose days move
    next_step: date | None = None  # the first of them
    ends_on: date | None = None
    days: int = 0

    def moved(self, day: date | None) -> date | None:
        return day + timedelta(days=self.days) if day else None


@dataclass(frozen=True, slots=True)
class Batch:
    """Half-years that were let rest in one act and still do."""

    name: str
    reason: PauseReason
    since: datetime
    expected_until: date | None
    count: int


def ids_in_region(session: Session, prefectures: Collection[str]) -> list[int]:
    """Every half-year that goes on in these prefectures."""
    where = Application.prefecture.in_(prefectures), Engagement.state.in_(GOING_ON)
    return list(session.scalars(_half_years(Engagement.id).where(*where).order_by(Engagement.id)))


def resting_since(session: Session, batch: str) -> list[int]:
    """Those that were let rest in this act, also where they have gone on meanwhile."""
    query = select(Pause.engagement_id).where(Pause.batch == batch).distinct()
    return list(session.scalars(query.order_by(Pause.engagement_id)))


def effects_of_rest(session: Session, ids: Sequence[int], *, now: datetime) -> list[Effect]:
    """What letting them rest does, in the order of ``ids``; four queries."""
    talks, steps = _talks(session, ids, now), _steps(session, ids)
    reminders = _reminders(session, talks)
    return [
        Effect(
            **_of(row),
            talks=tuple(meeting.starts_at for meeting in talks[row.id]),
            reminders=sum(reminders.get(meeting.id, 0) for meeting in talks[row.id]),
            steps=steps[row.id][0],
            next_step=steps[row.id][1],
        )
        for row in _rows(session, ids)
    ]


def effects_of_going_on(session: Session, ids: Sequence[int], *, now: datetime) -> list[Effect]:
    """What taking them up again does, in the order of ``ids``; three queries."""
    steps = _steps(session, ids)
    since = {
        row.engagement_id: row.since
        for row in session.execute(
            select(Pause.engagement_id, Pause.since).where(
                Pause.engagement_id.in_(ids), Pause.until.is_(None)
            )
        )
    }
    return [
        Effect(
            **_of(row),
            steps=steps[row.id][0],
            next_step=steps[row.id][1],
            days=(local_date(now, row.zone) - local_date(since[row.id], row.zone)).days
            if row.id in since
            else 0,
        )
        for row in _rows(session, ids)
    ]


def let_rest(
    session: Session,
    engagement_id: int,
    actor: Actor,
    *,
    reason: PauseReason,
    expected_until: date | None,
    batch: str,
    now: datetime,
) -> bool:
    """One of them. False where it rests already, or has ended: the same act again changes nothing."""
    engagement = session.get_one(Engagement, engagement_id)
    if engagement.state not in GOING_ON:
        return False
    by = actor.name_in_history
    rest_engagement(session, engagement, reason, expected_until=expected_until, batch=batch, by=by, now=now)
    record(session, actor, "let_rest", f"application:{engagement.application_id}", now=now)
    return True


def let_go_on(session: Session, engagement_id: int, actor: Actor, *, now: datetime) -> bool:
    """One of them. False where it does not rest any more."""
    engagement = session.get_one(Engagement, engagement_id)
    if engagement.state is not EngagementState.PAUSED:
        return False
    take_up_engagement(session, engagement, by=actor.name_in_history, now=now)
    record(session, actor, "take_up", f"application:{engagement.application_id}", now=now)
    return True


def rested_in(session: Session, batch: str) -> set[int]:
    """Those that an act of this name has let rest already."""
    return set(session.scalars(select(Pause.engagement_id).where(Pause.batch == batch)))


def open_batches(session: Session) -> list[Batch]:
    """Acts on many whose half-years still rest, the newest first."""
    query = (
        select(
            Pause.batch,
            func.min(Pause.reason).label("reason"),
            func.min(Pause.since).label("since"),
            func.min(Pause.expected_until).label("expected_until"),
            func.count().label("number"),
        )
        .join(Engagement, Engagement.id == Pause.engagement_id)
        .where(Pause.batch.is_not(None), Pause.until.is_(None), Engagement.state == EngagementState.PAUSED)
        .group_by(Pause.batch)
        .order_by(func.min(Pause.since).desc(), Pause.batch)
    )
    return [
        Batch(row.batch, PauseReason(row.reason), row.since, row.expected_until, row.number)
        for row in session.execute(query)
    ]


# ---- rows


def _half_years(*columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Engagement)
        .join(Programme, Programme.id == Engagement.programme_id)
        .join(Application, Application.id == Engagement.application_id)
        .join(Person, Person.id == Engagement.recipient_id)
        .where(Programme.months > 0, Person.erased_at.is_(None))
    )


def _rows(session: Session, ids: Sequence[int]) -> list[Any]:
    query = _half_years(
        Engagement.id,
        Engagement.state,
        Engagement.ends_on,
        Application.reference,
        Application.prefecture,
        Person.display_name,
        Person.zone,
    )
    found = {row.id: row for row in session.execute(query.where(Engagement.id.in_(ids)))}
    return [found[each] for each in ids if each in found]


def _of(row: Any) -> Mapping[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "name": row.display_name,
        "prefecture": row.prefecture,
        "state": row.state,
        "ends_on": row.ends_on,
    }


def _talks(session: Session, ids: Sequence[int], now: datetime) -> dict[int, list[Any]]:
    query = select(Meeting.id, Meeting.engagement_id, Meeting.starts_at).where(
        Meeting.engagement_id.in_(ids), Meeting.state == MeetingState.CONFIRMED, Meeting.starts_at > now
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query.order_by(Meeting.starts_at)):
        found[row.engagement_id].append(row)
    return found


def _reminders(session: Session, talks: Mapping[int, Sequence[Any]]) -> dict[int, int]:
    """How many messages about each talk wait to go out, by its id."""
    about = {f"meeting:{talk.id}": talk.id for them in talks.values() for talk in them}
    query = select(OutboxMessage.about, func.count()).where(
        OutboxMessage.about.in_(about), OutboxMessage.state.in_(OPEN)
    )
    return {about[name]: number for name, number in session.execute(query.group_by(OutboxMessage.about))}


def _steps(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, date | None]]:
    query = (
        select(Milestone.engagement_id, func.count(), func.min(Milestone.due_on))
        .where(Milestone.engagement_id.in_(ids), Milestone.state.not_in(DONE_STEPS))
        .group_by(Milestone.engagement_id)
    )
    found: dict[int, tuple[int, date | None]] = defaultdict(lambda: (0, None))
    found.update({row[0]: (row[1], row[2]) for row in session.execute(query)})
    return found
