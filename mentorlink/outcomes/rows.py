"""The rows behind each figure, as one SELECT. A figure's value is an aggregate over exactly these rows.

Every SELECT gives the columns of ``COLUMNS``: an identity (one row per what is counted), the application to open,
the instant, a code to show, and the amount for shares and means.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from mentorlink.applications.models import Application, ApplicationState, Decision
from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Call
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    EngagementSupporter,
    Milestone,
    MilestoneState,
)
from mentorlink.outcomes.models import Outcome
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import TOOK_PLACE, Meeting
from mentorlink.surveys.models import Answer, Audience, Question, QuestionOption, Response, Target

COLUMNS = ("identity", "application_id", "at", "code", "amount")
GAP_SECONDS = 300  # a longer gap between two acts counts as five minutes
STARTED = "01"
NOT_IN_TOUCH = "no"
SATISFACTION = "satisfaction"
DAYS_IN_A_MONTH = 30
_S = ApplicationState
BEYOND_SELECTION = (_S.SELECTED, _S.MATCHING, _S.MATCHED, _S.CLOSED)
Theirs = aliased(Engagement)  # other engagements of the same person
DatedOutcome = aliased(Outcome)
Rows = Select[Any]
Ask = Callable[[Programme], Rows]


def _row(identity: Any, application_id: Any, at: Any, code: Any = None, amount: Any = None) -> Rows:
    columns = (
        identity,
        application_id,
        at,
        null() if code is None else code,
        cast(null(), Float) if amount is None else amount,
    )
    return select(*(column.label(name) for name, column in zip(COLUMNS, columns, strict=True)))


def applications(programme: Programme) -> Rows:
    query = _row(Application.id, Application.id, Application.submitted_at, Application.state)
    return query.where(Application.programme_id == programme.id, Application.submitted_at.is_not(None))


def meetings_held(programme: Programme) -> Rows:
    query = _row(Meeting.id, Engagement.application_id, Meeting.starts_at, Meeting.state)
    return query.join(Engagement, Engagement.id == Meeting.engagement_id).where(_took_place(programme))


def people_met(programme: Programme) -> Rows:
    query = _row(
        Engagement.recipient_id, func.min(Engagement.application_id), func.min(Meeting.starts_at)
    ).join(Meeting, Meeting.engagement_id == Engagement.id)
    return query.where(_took_place(programme)).group_by(Engagement.recipient_id)


def supporters_met(programme: Programme) -> Rows:
    place = EngagementSupporter
    query = _row(place.supporter_id, func.min(Engagement.application_id), func.min(Meeting.starts_at))
    return (
        query.join(Engagement, Engagement.id == place.engagement_id)
        .join(Meeting, Meeting.engagement_id == Engagement.id)
        .where(_took_place(programme), place.since <= Meeting.starts_at)
        .where(or_(place.until.is_(None), place.until >= Meeting.starts_at))
        .group_by(place.supporter_id)
    )


def satisfaction_answers(code: str) -> Ask:
    """Every answer to the first question after a talk; the amount is 1 where it is this one."""

    def rows(programme: Programme) -> Rows:
        chosen = case((QuestionOption.code == code, 1.0), else_=0.0)
        query = _row(Answer.id, Engagement.application_id, Response.submitted_at, QuestionOption.code, chosen)
        return (
            query.join(QuestionOption, QuestionOption.id == Answer.option_id)
            .join(Response, Response.id == Answer.response_id)
            .join(Target, Target.id == Response.target_id)
            .join(Engagement, Engagement.id == Target.engagement_id)
            .where(Engagement.programme_id == programme.id, _is_satisfaction())
        )

    return rows


def met_without_answer(programme: Programme) -> Rows:
    answered = (
        select(1)
        .select_from(Answer)
        .join(Response, Response.id == Answer.response_id)
        .join(Target, Target.id == Response.target_id)
        .join(Theirs, Theirs.id == Target.engagement_id)
        .where(Theirs.programme_id == programme.id, Theirs.recipient_id == Engagement.recipient_id)
        .where(_is_satisfaction())
    )
    return people_met(programme).where(~exists(answered))


def started(programme: Programme) -> Rows:
    query = _row(
        Engagement.recipient_id, func.min(Engagement.application_id), func.min(Outcome.recorded_at)
    ).join(Outcome, Outcome.engagement_id == Engagement.id)
    where = and_(Engagement.programme_id == programme.id, Outcome.ending == STARTED)
    return query.where(where).group_by(Engagement.recipient_id)


def with_outcome(programme: Programme) -> Rows:
    return people_met(programme).where(_has_outcome(programme))


def without_outcome(programme: Programme) -> Rows:
    return people_met(programme).where(~_has_outcome(programme))


def applied_next(programme: Programme) -> Rows:
    return _next_applications(programme)


def selected_next(programme: Programme) -> Rows:
    return _next_applications(programme, _is_selected())


def undecided_next(programme: Programme) -> Rows:
    return _next_applications(programme, _is_undecided())


def selected(programme: Programme) -> Rows:
    return _people(programme, _is_selected())


def people_applied(programme: Programme) -> Rows:
    return _people(programme)


def undecided(programme: Programme) -> Rows:
    return _people(programme, _is_undecided())


def paused(programme: Programme) -> Rows:
    return _recipients(programme, Engagement.state == EngagementState.PAUSED)


def supported(programme: Programme) -> Rows:
    return _recipients(programme, literal(value=True))


def ended(programme: Programme) -> Rows:
    return _recipients(programme, Engagement.ended_at.is_not(None))


def steps(programme: Programme) -> Rows:
    """Every step that was not skipped."""
    query = _row(Milestone.id, Engagement.application_id, Milestone.reached_at, Milestone.state)
    query = query.join(Engagement, Engagement.id == Milestone.engagement_id)
    return query.where(Engagement.programme_id == programme.id, Milestone.state != MilestoneState.SKIPPED)


def steps_reached(programme: Programme) -> Rows:
    return steps(programme).where(Milestone.state == MilestoneState.REACHED)


def months_with_talk(programme: Programme) -> Rows:
    """One row for each support that was begun; the amount is in how many calendar months a talk took place."""
    month = extract("year", Meeting.starts_at) * 12 + extract("month", Meeting.starts_at)
    talked = and_(Meeting.engagement_id == Engagement.id, Meeting.state.in_(TOOK_PLACE))
    amount = cast(func.count(func.distinct(month)), Float)
    query = _row(Engagement.id, Engagement.application_id, Engagement.opened_at, amount=amount)
    query = query.outerjoin(Meeting, talked).where(Engagement.programme_id == programme.id)
    return query.group_by(Engagement.id, Engagement.application_id, Engagement.opened_at)


def in_touch(programme: Programme) -> Rows:
    """The newest answer of each to whether they are still in touch; the amount is 1 for often and sometimes."""
    newest = select(func.max(Outcome.id)).where(Outcome.in_touch.is_not(None)).group_by(Outcome.engagement_id)
    amount = case((Outcome.in_touch == NOT_IN_TOUCH, 0.0), else_=1.0)
    query = _row(
        Engagement.id, Engagement.application_id, Outcome.recorded_at, Outcome.in_touch, amount
    ).join(Outcome, Outcome.engagement_id == Engagement.id)
    return query.where(Engagement.programme_id == programme.id, Outcome.id.in_(newest))


def ended_without_word(programme: Programme) -> Rows:
    """Ended, and nobody has said yet whether they are still in touch."""
    said = exists().where(Outcome.engagement_id == Engagement.id, Outcome.in_touch.is_not(None))
    query = _row(Engagement.id, Engagement.application_id, Engagement.ended_at)
    return query.where(Engagement.programme_id == programme.id, Engagement.ended_at.is_not(None), ~said)


def no_rows(programme: Programme) -> Rows:
    query = _row(Application.id, Application.id, Application.submitted_at)
    return query.where(Application.programme_id == programme.id, literal(value=False))


def months_to_start(programme: Programme) -> Rows:
    """Calendar months from the beginning of the support to the first day of the activity."""
    first = (
        select(Outcome.engagement_id, func.min(Outcome.started_on).label("started_on"))
        .where(Outcome.ending == STARTED, Outcome.started_on.is_not(None))
        .group_by(Outcome.engagement_id)
        .subquery()
    )
    months = _difference(first.c.started_on, "year") * 12 + _difference(first.c.started_on, "month")
    amount = months + _difference(first.c.started_on, "day") * 1.0 / DAYS_IN_A_MONTH
    query = _row(Engagement.id, Engagement.application_id, Engagement.opened_at, amount=amount)
    query = query.join(first, first.c.engagement_id == Engagement.id)
    return query.where(Engagement.programme_id == programme.id)


def started_without_day(programme: Programme) -> Rows:
    dated = exists().where(
        Theirs.recipient_id == Engagement.recipient_id, Theirs.programme_id == programme.id
    )
    dated = dated.where(DatedOutcome.engagement_id == Theirs.id, DatedOutcome.started_on.is_not(None))
    return started(programme).where(~dated)


def office_minutes(programme: Programme) -> Rows:
    """Office time per application: gaps between one person's acts on it, and the calls that were entered."""
    acts = (
        select(
            AuditEntry.about,
            AuditEntry.at,
            _seconds_since_last_act().label("gap"),
        )
        .where(AuditEntry.is_office, AuditEntry.user_id.is_not(None))
        .subquery()
    )
    capped = case((acts.c.gap > GAP_SECONDS, GAP_SECONDS), else_=acts.c.gap) / 60.0
    gaps = select(acts.c.about, acts.c.at, capped.label("minutes")).where(acts.c.gap.is_not(None))
    calls = select(Call.about, Call.at, (Call.minutes * 1.0).label("minutes"))
    spent = gaps.union_all(calls).subquery()
    about = literal("application:") + cast(Application.id, String)
    query = _row(Application.id, Application.id, func.max(spent.c.at), amount=func.sum(spent.c.minutes))
    return (
        query.join(spent, spent.c.about == about)
        .where(Application.programme_id == programme.id)
        .group_by(Application.id)
    )


def held_unmeasured(programme: Programme) -> Rows:
    """Meetings that took place for an application on which no act of the office was noted."""
    about = literal("application:") + cast(Engagement.application_id, String)
    acted = exists().where(AuditEntry.about == about, AuditEntry.is_office)
    called = exists().where(Call.about == about)
    return meetings_held(programme).where(~acted, ~called)


def _took_place(programme: Programme) -> ColumnElement[bool]:
    return and_(Engagement.programme_id == programme.id, Meeting.state.in_(TOOK_PLACE))


def _is_satisfaction() -> ColumnElement[bool]:
    questions = select(Question.id).where(Question.code == SATISFACTION)
    return and_(Answer.question_id.in_(questions), Target.audience == Audience.APPLICANT)


def _has_outcome(programme: Programme) -> ColumnElement[bool]:
    same = exists().where(Theirs.recipient_id == Engagement.recipient_id, Theirs.programme_id == programme.id)
    return same.where(DatedOutcome.engagement_id == Theirs.id)


def _next_applications(programme: Programme, also: ColumnElement[bool] | None = None) -> Rows:
    met = people_met(programme).subquery()
    query = _row(
        Application.person_id, func.min(Application.id), func.min(Application.submitted_at)
    ).outerjoin(Decision, Decision.application_id == Application.id)
    where = [Application.programme_id == programme.leads_to_id, Application.submitted_at.is_not(None)]
    where.append(Application.person_id.in_(select(met.c.identity)))
    where += [also] if also is not None else []
    return query.where(*where).group_by(Application.person_id)


def _people(programme: Programme, also: ColumnElement[bool] | None = None) -> Rows:
    query = _row(
        Application.person_id, func.min(Application.id), func.min(Application.submitted_at)
    ).outerjoin(Decision, Decision.application_id == Application.id)
    where = [Application.programme_id == programme.id, Application.submitted_at.is_not(None)]
    where += [also] if also is not None else []
    return query.where(*where).group_by(Application.person_id)


def _recipients(programme: Programme, also: ColumnElement[bool]) -> Rows:
    query = _row(Engagement.recipient_id, func.min(Engagement.application_id), func.min(Engagement.opened_at))
    return query.where(Engagement.programme_id == programme.id, also).group_by(Engagement.recipient_id)


def _is_selected() -> ColumnElement[bool]:
    told = and_(Decision.outcome == _S.SELECTED.value, Decision.told_at.is_not(None))
    return or_(told, Application.state.in_(BEYOND_SELECTION))


def _is_undecided() -> ColumnElement[bool]:
    waiting = (_S.RECEIVED, _S.CHECKING, _S.ASKING, _S.SELECTING, _S.WAITING)
    return Application.state.in_(waiting)


def _difference(day: Any, part: str) -> Any:
    return extract(part, day) - extract(part, Engagement.opened_at)


def _seconds_since_last_act() -> Any:
    same = {
        "partition_by": (AuditEntry.user_id, AuditEntry.about),
        "order_by": (AuditEntry.at, AuditEntry.id),
    }
    before = func.lag(AuditEntry.at, type_=AuditEntry.at.type).over(**same)  # type: ignore[arg-type]
    return extract("epoch", AuditEntry.at) - extract("epoch", before)
