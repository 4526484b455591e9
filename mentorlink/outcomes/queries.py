"""What the noting of outcomes reads."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, String, cast, exists, literal, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.engagements.models import Engagement
from mentorlink.outcomes.models import Claim, Moment, Outcome
from mentorlink.programmes.models import Programme
from mentorlink.surveys.models import (
    Anchor,
    Answer,
    Audience,
    Question,
    QuestionOption,
    Response,
    SurveySchedule,
    Target,
    TargetState,
)
from mentorlink.surveys.queries import ENDING

_LATEST = (  # days after the end up to which a question belongs to the moment
    (Moment.END, 3),
    (Moment.ONE_WEEK, 20),
    (Moment.ONE_MONTH, 60),
    (Moment.THREE_MONTHS, 135),
    (Moment.SIX_MONTHS, 270),
)


def unnoted_answers(session: Session) -> Sequence[tuple[Target, Engagement]]:
    """Answers that say how things are now and are not an outcome yet."""
    noted_by = literal("response:") + cast(Response.id, String)
    query = (
        select(Target, Engagement)
        .join(Response, Response.target_id == Target.id)
        .join(Answer, Answer.response_id == Response.id)
        .join(Question, Question.id == Answer.question_id)
        .join(QuestionOption, QuestionOption.id == Answer.option_id)
        .join(Engagement, Engagement.id == Target.engagement_id)
        .where(Question.code == ENDING, ~exists().where(Outcome.recorded_by == noted_by))
        .options(joinedload(Target.response))
        .order_by(Response.id)
    )
    return [(target, engagement) for target, engagement in session.execute(query).unique()]


def claims_of(session: Session, programme: Programme) -> dict[str, Claim]:
    """The printed numbers of a run, by the key of the figure that they stand beside."""
    return {claim.key: claim for claim in session.scalars(select(Claim).filter_by(programme_id=programme.id))}


def outcomes_of(session: Session, engagement: Engagement) -> list[Outcome]:
    """What was noted of one engagement, from its end on."""
    found = session.scalars(select(Outcome).where(Outcome.engagement_id == engagement.id))
    order = list(Moment)
    return sorted(found, key=lambda outcome: order.index(outcome.moment))


def last_questions(session: Session) -> dict[int, SurveySchedule]:
    """Programme id → what it asks a recipient last after the end; programmes that ask nothing are left out."""
    query = select(SurveySchedule).where(
        SurveySchedule.anchor == Anchor.ENGAGEMENT_END, SurveySchedule.audience == Audience.APPLICANT
    )
    in_order = session.scalars(query.order_by(SurveySchedule.after_minutes, SurveySchedule.id))
    return {schedule.programme_id: schedule for schedule in in_order}


def later_moments(session: Session, engagement: Engagement) -> list[Moment]:
    """When its programme asks its people how it has gone since, in order."""
    query = select(SurveySchedule.after_minutes).where(
        SurveySchedule.programme_id == engagement.programme_id,
        SurveySchedule.anchor == Anchor.ENGAGEMENT_END,
        SurveySchedule.audience == Audience.APPLICANT,
        SurveySchedule.after_minutes > 0,
    )
    waits = session.scalars(query.order_by(SurveySchedule.after_minutes))
    return list(dict.fromkeys(moment_after(timedelta(minutes=minutes)) for minutes in waits))


def moment_after(passed: timedelta) -> Moment:
    """Which of the moments it is, so long after the end."""
    return next((moment for moment, days in _LATEST if passed < timedelta(days=days)), Moment.TWELVE_MONTHS)


def with_last_answer(schedule: SurveySchedule) -> ColumnElement[bool]:
    """Engagements whose recipient has answered (or waved off) this question."""
    event = literal("engagement:") + cast(Engagement.id, String) + literal(f":{schedule.id}")
    over = (TargetState.ANSWERED, TargetState.DECLINED)
    return exists().where(Target.event == event, Target.state.in_(over))
