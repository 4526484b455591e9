"""What the survey pages and the planning of surveys read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.models import Application
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Person
from mentorlink.scheduling.models import Meeting
from mentorlink.surveys.models import (
    Anchor,
    Answer,
    Audience,
    Question,
    Response,
    Survey,
    SurveySchedule,
    Target,
    TargetState,
)

TAKEN_BACK = ":taken_back:"  # in the event of a target that has left its place to another
ENDING = "ending"  # the question whose answer is a code of 終わり方


@dataclass(frozen=True)
class Pair:
    """One question with its answers at the beginning and at the end; empty where nothing was answered."""

    question: Question
    before: tuple[Answer, ...]
    after: tuple[Answer, ...]

    @property
    def is_answered(self) -> bool:
        return bool(self.before or self.after)

    @property
    def has_changed(self) -> bool | None:
        """None while one of the two is missing."""
        if not self.before or not self.after:
            return None
        return _values(self.before) != _values(self.after)


def latest_survey(session: Session, code: str) -> Survey | None:
    query = select(Survey).where(Survey.code == code).order_by(Survey.version.desc())
    return session.scalar(query.limit(1))


def answers_before_and_after(session: Session, engagement: Engagement) -> list[Pair]:
    """Each question that is asked at the beginning and again at the end, in its order, with both answers.

    Nothing where the programme asks no such survey or neither was answered. The later version's words count.
    """
    before = _answered_at(session, engagement, Anchor.ENGAGEMENT_START)
    after = _answered_at(session, engagement, Anchor.ENGAGEMENT_END)
    return [
        Pair(question, _answers_to(before.get(code), question), _answers_to(after.get(code), question))
        for code, target in (before | after).items()
        for question in target.survey.questions
    ]


def is_afterwards(target: Target) -> bool:
    """Whether it asks a recipient how things have gone since: its survey has the question of 終わり方."""
    codes = {question.code for question in target.survey.questions}
    return target.audience is Audience.APPLICANT and ENDING in codes


def open_targets_after_the_end(session: Session, engagement: Engagement) -> Sequence[Target]:
    """What its recipient was asked about afterwards and has not answered."""
    events = [
        f"engagement:{engagement.id}:{schedule_id}"
        for schedule_id in session.scalars(
            select(SurveySchedule.id).where(
                SurveySchedule.programme_id == engagement.programme_id,
                SurveySchedule.anchor == Anchor.ENGAGEMENT_END,
            )
        )
    ]
    open_states = (TargetState.PLANNED, TargetState.SENT)
    query = select(Target).where(Target.engagement_id == engagement.id, Target.state.in_(open_states))
    return session.scalars(query.where(Target.event.in_(events))).all()


def application_of(session: Session, target: Target) -> Application:
    query = select(Application).join(Engagement, Engagement.application_id == Application.id)
    return session.scalars(query.where(Engagement.id == target.engagement_id)).one()


def answers_of(response: Response | None) -> dict[str, list[str]]:
    """Question code → chosen option codes, or the one text."""
    found: dict[str, list[str]] = defaultdict(list)
    for answer in response.answers if response is not None else []:
        found[answer.question.code].append(answer.option.code if answer.option else answer.text or "")
    return dict(found)


class OpenQuestions(NamedTuple):
    """What one person can still answer: whom it is about, and of which talk (None: of the support as a whole)."""

    target_id: int
    name: str
    talked_at: datetime | None


def open_questions_of(
    session: Session, person_id: int, *, since: datetime, now: datetime
) -> Sequence[OpenQuestions]:
    """Of what was due after ``since``, for a supporter's own first page; newest first."""
    query = (
        select(Target.id, Person.display_name, Meeting.starts_at)
        .join(Engagement, Engagement.id == Target.engagement_id)
        .join(Person, Person.id == Engagement.recipient_id)
        .outerjoin(Meeting, Meeting.id == Target.meeting_id)
        .where(
            Target.person_id == person_id,
            Target.state.in_((TargetState.PLANNED, TargetState.SENT)),
            Target.due_at.between(since, now),
        )
        .order_by(Target.due_at.desc())
    )
    return [OpenQuestions(*row) for row in session.execute(query)]


def open_target_about(session: Session, meeting_id: int, person_id: int) -> Target | None:
    """What a supporter was not asked by mail: the record of the talk leads to it."""
    open_states = (TargetState.PLANNED, TargetState.SENT)
    query = select(Target).where(Target.meeting_id == meeting_id, Target.person_id == person_id)
    query = query.where(Target.audience == Audience.SUPPORTER, Target.state.in_(open_states))
    return session.scalar(query.order_by(Target.id).limit(1))


def _answered_at(session: Session, engagement: Engagement, anchor: Anchor) -> dict[str, Target]:
    """Survey code → the answered target at one end of the support."""
    event = literal(f"engagement:{engagement.id}:") + cast(SurveySchedule.id, String)
    query = (
        select(Target)
        .join(Response, Response.target_id == Target.id)
        .join(SurveySchedule, Target.event == event)
        .where(Target.engagement_id == engagement.id, Target.audience == Audience.APPLICANT)
        .where(SurveySchedule.anchor == anchor, SurveySchedule.after_minutes == 0)
        .options(joinedload(Target.survey), joinedload(Target.response))
    )
    return {target.survey.code: target for target in session.scalars(query).unique()}


def _answers_to(target: Target | None, question: Question) -> tuple[Answer, ...]:
    """Found by the question's code: the two may have been asked in different versions."""
    if target is None or target.response is None:
        return ()
    return tuple(answer for answer in target.response.answers if answer.question.code == question.code)


def _values(answers: Iterable[Answer]) -> set[str]:
    return {answer.option.code if answer.option is not None else answer.text or "" for answer in answers}
