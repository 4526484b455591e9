"""What the survey pages and the planning of surveys read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, literal, or_, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.models import Application
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Consent, Person, Purpose, Supporter
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingState
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
LATER = timedelta(days=30)  # a question so long after the support needs the consent to later contact
ASKED_LATE = timedelta(days=30)  # what was due longer ago is not asked any more: that time has passed
MAY_HAVE_TAKEN_PLACE = (MeetingState.CONFIRMED, *TOOK_PLACE)
DID_NOT_TAKE_PLACE = (MeetingState.NO_SHOW, MeetingState.CANCELLED, MeetingState.MOVED)


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


@dataclass(frozen=True)
class Due:
    """One survey that has become due: what it is about, for whom, and when it is to arrive."""

    schedule: SurveySchedule
    person: Person
    engagement_id: int
    meeting_id: int | None
    due_at: datetime


def latest_survey(session: Session, code: str) -> Survey | None:
    query = select(Survey).where(Survey.code == code).order_by(Survey.version.desc())
    return session.scalar(query.limit(1))


def find_due(session: Session, now: datetime) -> Iterable[Due]:
    """What is due and not planned yet. As many queries as there are kinds of schedules, however many rows."""
    schedules: dict[tuple[Anchor, Audience, int], list[SurveySchedule]] = defaultdict(list)
    for schedule in session.scalars(select(SurveySchedule)):
        schedules[schedule.anchor, schedule.audience, schedule.after_minutes].append(schedule)
    for (anchor, audience, minutes), alike in schedules.items():
        after = timedelta(minutes=minutes)
        for schedule, person, engagement_id, meeting_id, anchored_at in session.execute(
            _due_rows(anchor, audience, after, [schedule.id for schedule in alike], now)
        ):
            yield Due(schedule, person, engagement_id, meeting_id, anchored_at + after)


def sent_targets(session: Session) -> Sequence[tuple[Target, datetime]]:
    """Planned targets whose request has gone out, with the instant."""
    query = (
        select(Target, OutboxMessage.sent_at)
        .join(OutboxMessage, OutboxMessage.event == literal("survey:") + cast(Target.id, String))
        .where(Target.state == TargetState.PLANNED, OutboxMessage.state == MessageState.SENT)
    )
    return [(target, sent_at) for target, sent_at in session.execute(query) if sent_at is not None]


def pointless_targets(session: Session) -> Sequence[Target]:
    """Targets about a meeting that turned out not to have taken place."""
    query = (
        select(Target)
        .join(Meeting, Meeting.id == Target.meeting_id)
        .where(
            Meeting.state.in_(DID_NOT_TAKE_PLACE),
            Target.state.in_((TargetState.PLANNED, TargetState.SENT)),
        )
    )
    return session.scalars(query).all()


def wrongly_void_targets(session: Session) -> Sequence[Target]:
    """Targets about a meeting that was first written down as missed, and took place after all."""
    query = (
        select(Target)
        .join(Meeting, Meeting.id == Target.meeting_id)
        .where(Meeting.state.in_(TOOK_PLACE), Target.state == TargetState.VOID)
        .where(~Target.event.contains(TAKEN_BACK))
    )
    return session.scalars(query).all()


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


def _due_rows(
    anchor: Anchor, audience: Audience, after: timedelta, schedule_ids: list[int], now: datetime
) -> Select[Any]:
    meeting = anchor is Anchor.MEETING_END
    anchored_at: Any = {
        Anchor.MEETING_END: Meeting.ends_at,
        Anchor.ENGAGEMENT_START: Engagement.opened_at,
        Anchor.ENGAGEMENT_END: Engagement.ended_at,
    }[anchor]
    meeting_id = Meeting.id if meeting else literal(None)
    query = select(SurveySchedule, Person, Engagement.id, meeting_id, anchored_at).join(
        Engagement, Engagement.programme_id == SurveySchedule.programme_id
    )
    if meeting:
        query = query.join(Meeting, Meeting.engagement_id == Engagement.id)
        query = query.where(Meeting.state.in_(MAY_HAVE_TAKEN_PLACE), Meeting.ends_at <= now)
    else:
        query = query.where(anchored_at <= now - after)
    query = query.where(anchored_at > now - after - ASKED_LATE)
    query = _join_person(query, audience, anchored_at)
    if after >= LATER and audience is Audience.APPLICANT:
        query = query.where(_agreed_to_later_contact())
    planned = _is_planned(meeting)
    return query.where(SurveySchedule.id.in_(schedule_ids), Person.erased_at.is_(None), ~planned)


def _join_person(query: Select[Any], audience: Audience, anchored_at: Any) -> Select[Any]:
    if audience is Audience.APPLICANT:
        return query.join(Person, Person.id == Engagement.recipient_id)
    place = EngagementSupporter
    return (
        query.join(place, place.engagement_id == Engagement.id)
        .join(Supporter, Supporter.id == place.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(place.since <= anchored_at, or_(place.until.is_(None), place.until >= anchored_at))
    )


def _is_planned(about_meeting: bool) -> ColumnElement[bool]:
    """One event asks one person once; due_at tells the two times of a survey at the beginning and the end apart."""
    same = and_(
        Target.survey_id == SurveySchedule.survey_id,
        Target.person_id == Person.id,
        Target.engagement_id == Engagement.id,
    )
    if about_meeting:
        about_it = and_(Target.meeting_id == Meeting.id, ~Target.event.contains(TAKEN_BACK))
        return exists(select(1).where(same, about_it).select_from(Target))
    anchor = literal(":") + cast(SurveySchedule.id, String)
    event = literal("engagement:") + cast(Engagement.id, String) + anchor
    return exists(select(1).where(same, Target.event == event).select_from(Target))


def _agreed_to_later_contact() -> ColumnElement[bool]:
    return exists().where(
        Consent.person_id == Person.id,
        Consent.purpose == Purpose.LATER_CONTACT,
        Consent.withdrawn_at.is_(None),
    )
