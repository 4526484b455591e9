"""The lines of the board: which half-years, what each needs, in which order; few queries however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, Integer, Select, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from mentorlink.applications.models import Application, ApplicationTerm
from mentorlink.core.dates import TOKYO, local_date
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    EngagementSupporter,
    Handover,
    HandoverState,
    Milestone,
    MilestoneState,
    Pause,
    PauseReason,
    ThreadPost,
)
from mentorlink.home.board.filters import BoardFilter
from mentorlink.home.board.needs import CALL_AFTER, WRITE_AFTER, Need
from mentorlink.home.desk import PATIENCE
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState
from mentorlink.scheduling.queries import is_under_way, quiet_since, silent_engagements

_S = EngagementState
GOING_ON = (_S.PREPARING, _S.RUNNING)
DONE_STEPS = (MilestoneState.REACHED, MilestoneState.SKIPPED)
MOST_WORDS = 5  # of a search


class Order(NamedTuple):
    """One half-year in the board's order."""

    id: int
    need: Need


@dataclass(frozen=True, slots=True)
class Line:
    """What one line says beside its months. ``quiet_since`` is there while it is under way."""

    id: int
    application_id: int
    need: Need
    reference: str
    name: str
    prefecture: str | None
    theme: str | None
    supporters: str | None  # names
    state: EngagementState
    begins_on: date | None
    ends_on: date | None
    quiet_since: datetime | None
    step_id: int | None  # the first whose day has passed, while it goes on
    unrecorded_id: int | None  # the first talk whose record is late, while it goes on
    has_talk_this_month: bool
    has_talk_ahead: bool
    pause_reason: PauseReason | None
    paused_at: datetime | None
    expected_until: date | None

    def quiet_days(self, now: datetime) -> int:
        """0 where a sign is recent, or silence means nothing."""
        days = (now - self.quiet_since).days if self.quiet_since else 0
        return days if days >= WRITE_AFTER else 0


def order_lines(session: Session, wanted: BoardFilter, *, now: datetime) -> list[Order]:
    """Every half-year that the filter keeps, but for its ``need``: who needs somebody first stands first.

    One query. Counting and paging are the caller's: a number and a word for each are little to carry.
    """
    facts = _facts(now, *_kept(wanted)).cte("facts").prefix_with("MATERIALIZED")
    need = needs_of(facts, now)
    query = select(facts.c.id, need.label("need")).where(*_kept_by_facts(facts, wanted, now))
    rank = case(*((need == each, place) for place, each in enumerate(Need)))
    ordered = query.order_by(rank, func.coalesce(facts.c.quiet_since, facts.c.opened_at), facts.c.id)
    return [Order(row.id, Need(row.need)) for row in session.execute(ordered)]


def count_silent(session: Session, *, now: datetime) -> int:
    """How many half-years the desk should know of: going on, and without a sign for a month."""
    silent = silent_engagements(WRITE_AFTER, now=now).join(Person, Person.id == Engagement.recipient_id)
    living = silent.where(Person.erased_at.is_(None)).with_only_columns(func.count(Engagement.id))
    return session.scalar(living) or 0


def count_resting(session: Session, *, now: datetime) -> int:
    """How many of those who rest wait for a word: their day has come, or there is none and it has been long."""
    is_due = _open_pause(Pause.expected_until) <= local_date(now)
    query = (
        select(func.count(Engagement.id))
        .join(Programme, Programme.id == Engagement.programme_id)
        .join(Person, Person.id == Engagement.recipient_id)
        .where(Programme.months > 0, Person.erased_at.is_(None), Engagement.state == _S.PAUSED)
        .where(is_due | _is_left_alone(now))
    )
    return session.scalar(query) or 0


def runs_of_months(session: Session) -> list[Programme]:
    """The runs whose support lasts for months, the newest first."""
    query = select(Programme).where(Programme.months > 0)
    return list(session.scalars(query.order_by(Programme.fiscal_year.desc(), Programme.id.desc())))


def needs_of(facts: CTE, now: datetime) -> ColumnElement[str]:
    """The one place where it is decided what a half-year needs: the first of these that is so."""
    today = local_date(now)
    running, going_on = facts.c.state == _S.RUNNING, facts.c.state.in_(GOING_ON)
    unended = facts.c.state.in_((*GOING_ON, _S.PAUSED))
    return case(
        (facts.c.quiet_since <= now - timedelta(days=CALL_AFTER), Need.CALL.value),
        (unended & (~facts.c.is_supported | facts.c.is_handed_over), Need.MENTOR.value),
        (facts.c.quiet_since <= now - timedelta(days=WRITE_AFTER), Need.WRITE.value),
        ((facts.c.state == _S.PAUSED) & (facts.c.expected_until <= today), Need.RETURN.value),
        (facts.c.is_left_alone, Need.REST.value),
        (running & ((facts.c.ends_on < today) | facts.c.is_done), Need.CLOSE.value),
        (going_on & facts.c.unrecorded_id.is_not(None), Need.RECORD.value),
        (going_on & facts.c.step_id.is_not(None), Need.STEP.value),
        (going_on & ~(facts.c.has_talk_this_month & facts.c.has_talk_ahead), Need.PLAN.value),
        else_=Need.NOTHING.value,
    )


def keep_need(found: list[Order], wanted: BoardFilter) -> list[Order]:
    """Counted before, kept after: the filter's ``need`` is looked at last."""
    return [each for each in found if each.need == wanted.need] if wanted.need else found


def lines_of(session: Session, order: Sequence[Order], *, now: datetime) -> list[Line]:
    """The lines of one page, in its order: one query."""
    needs = {each.id: each.need for each in order}
    facts = _facts(now, Engagement.id.in_(needs)).cte("facts").prefix_with("MATERIALIZED")
    found = {
        row.id: Line(need=needs[row.id], **row._mapping)  # noqa: SLF001 - SQLAlchemy documents it
        for row in session.execute(_details(facts))
    }
    return [found[each.id] for each in order if each.id in found]


def _facts(now: datetime, *where: ColumnElement[bool]) -> Select[Any]:
    """The half-years and what can be read of each from the rows around it; erased people are not among them."""
    going_on = Engagement.state.in_(GOING_ON)
    return (
        select(
            Engagement.id,
            Engagement.application_id,
            Engagement.state,
            Engagement.opened_at,
            Engagement.ends_on,
            case((is_under_way(now), quiet_since())).label("quiet_since"),
            case((going_on, _step_that_is_late(local_date(now)))).label("step_id"),
            case((going_on, _talk_without_record(now))).label("unrecorded_id"),
            _is_done().label("is_done"),
            _talk(*this_month(now)).label("has_talk_this_month"),
            _talk(now, None).label("has_talk_ahead"),
            _is_supported().label("is_supported"),
            _is_handed_over().label("is_handed_over"),
            _open_pause(Pause.expected_until).label("expected_until"),
            _is_left_alone(now).label("is_left_alone"),
        )
        .join(Programme, Programme.id == Engagement.programme_id)
        .join(Application, Application.id == Engagement.application_id)
        .join(Person, Person.id == Engagement.recipient_id)
        .where(Programme.months > 0, Person.erased_at.is_(None), *where)
    )


def _details(facts: CTE) -> Select[Any]:
    """Named as the fields of ``Line``."""
    of_facts = ("id", "application_id", "state", "ends_on", "quiet_since", "step_id", "expected_until")
    of_talks = ("unrecorded_id", "has_talk_this_month", "has_talk_ahead")
    return (
        select(
            *(facts.c[name] for name in (*of_facts, *of_talks)),
            Application.reference,
            Application.prefecture,
            Person.display_name.label("name"),
            Engagement.begins_on,
            _first_theme().label("theme"),
            _supporters().label("supporters"),
            _open_pause(Pause.reason).label("pause_reason"),
            _open_pause(Pause.since).label("paused_at"),
        )
        .join(Engagement, Engagement.id == facts.c.id)
        .join(Application, Application.id == Engagement.application_id)
        .join(Person, Person.id == Engagement.recipient_id)
    )


# ---- what is read of one half-year


def this_month(now: datetime) -> tuple[datetime, datetime]:
    """Its first instant and that of the next, on the office's clocks."""
    local = now.astimezone(TOKYO)
    first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return first, (first + timedelta(days=31)).replace(day=1)


def step_is_late(today: date) -> ColumnElement[bool]:
    return (Milestone.due_on < today) & Milestone.state.not_in(DONE_STEPS)


def _step_that_is_late(today: date) -> ColumnElement[int]:
    first = (
        select(Milestone.id)
        .where(Milestone.engagement_id == Engagement.id, step_is_late(today))
        .order_by(Milestone.due_on, Milestone.position)
    )
    return first.limit(1).scalar_subquery()


def _talk_without_record(now: datetime) -> ColumnElement[int]:
    first = (
        select(Meeting.id)
        .where(Meeting.engagement_id == Engagement.id, Meeting.state == MeetingState.CONFIRMED)
        .where(Meeting.starts_at <= now, Meeting.ends_at <= now - PATIENCE)
        .order_by(Meeting.starts_at)
    )
    return first.limit(1).scalar_subquery()


def _is_done() -> ColumnElement[bool]:
    """There are steps, and none is left."""
    steps = exists().where(Milestone.engagement_id == Engagement.id)
    left = exists().where(Milestone.engagement_id == Engagement.id, Milestone.state.not_in(DONE_STEPS))
    return steps & ~left


def _talk(since: datetime, until: datetime | None) -> ColumnElement[bool]:
    """A talk that took place or is planned begins in that time."""
    there = [Meeting.engagement_id == Engagement.id, Meeting.starts_at >= since]
    there.append(Meeting.state.in_((MeetingState.CONFIRMED, *TOOK_PLACE)))
    return exists().where(*there, *([] if until is None else [Meeting.starts_at < until]))


def _is_supported() -> ColumnElement[bool]:
    return exists().where(
        EngagementSupporter.engagement_id == Engagement.id, EngagementSupporter.until.is_(None)
    )


def _is_handed_over() -> ColumnElement[bool]:
    """What goes along is chosen: now somebody has to be found."""
    return exists().where(Handover.engagement_id == Engagement.id, Handover.state == HandoverState.CHOSEN)


def _open_pause(column: Any) -> ColumnElement[Any]:
    newest = select(column).where(Pause.engagement_id == Engagement.id, Pause.until.is_(None))
    return newest.order_by(Pause.id.desc()).limit(1).scalar_subquery()


def _is_left_alone(now: datetime) -> ColumnElement[bool]:
    """It rests without a day to end on, and neither the rest nor a word of anybody is younger than a month."""
    since = now - timedelta(days=WRITE_AFTER)
    long_ago = exists().where(
        Pause.engagement_id == Engagement.id,
        Pause.until.is_(None),
        Pause.expected_until.is_(None),
        Pause.since <= since,
    )
    word = exists().where(ThreadPost.engagement_id == Engagement.id, ThreadPost.at > since)
    return (Engagement.state == _S.PAUSED) & long_ago & ~word


def _first_theme() -> ColumnElement[str]:
    themes = select(ApplicationTerm.code).where(
        ApplicationTerm.application_id == Application.id, ApplicationTerm.scheme == "theme"
    )
    return themes.order_by(ApplicationTerm.position).limit(1).scalar_subquery()


def _supporters() -> ColumnElement[str]:
    """The names of those who support now."""
    them = aliased(Person)
    names = (
        select(func.aggregate_strings(them.display_name, "、"))
        .select_from(EngagementSupporter)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .join(them, them.id == Supporter.person_id)
        .where(EngagementSupporter.engagement_id == Engagement.id, EngagementSupporter.until.is_(None))
    )
    return names.scalar_subquery()


# ---- what the filter keeps


def _kept(wanted: BoardFilter) -> list[ColumnElement[bool]]:
    """What can be said of the rows themselves; the rest is said of the facts."""
    kept: list[ColumnElement[bool]] = [Engagement.state.in_(wanted.states)]
    if wanted.run:
        kept.append(Programme.code == wanted.run)
    if wanted.prefecture:
        kept.append(Application.prefecture == wanted.prefecture)
    if wanted.supporter:
        kept.append(_supported_by(wanted.supporter))
    for word in wanted.q.split()[:MOST_WORDS]:
        columns = (Application.reference, Person.display_name, Person.display_kana)
        kept.append(or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return kept


def _kept_by_facts(facts: CTE, wanted: BoardFilter, now: datetime) -> list[ColumnElement[bool]]:
    kept: list[ColumnElement[bool]] = []
    if wanted.silence:
        kept.append(facts.c.quiet_since <= now - timedelta(days=int(wanted.silence)))
    if wanted.late:
        kept.append(facts.c.step_id.is_not(None))
    if wanted.no_talk:
        kept += [facts.c.state.in_(GOING_ON), ~facts.c.has_talk_this_month]
    return kept


def _supported_by(name: str) -> ColumnElement[bool]:
    them = aliased(Person)
    return exists(
        select(literal(1, Integer))
        .select_from(EngagementSupporter)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .join(them, them.id == Supporter.person_id)
        .where(EngagementSupporter.engagement_id == Engagement.id, EngagementSupporter.until.is_(None))
        .where(them.display_name.icontains(name, autoescape=True))
    )
