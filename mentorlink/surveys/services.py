"""Surveys: load, schedule, plan, answer. ``plan_targets`` is a job, the rest is called by people's acts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import FlagKind
from mentorlink.applications.services import raise_flag, watch_over
from mentorlink.core.actor import SYSTEM
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Purpose
from mentorlink.people.services import withdraw_consent
from mentorlink.programmes.models import Programme
from mentorlink.surveys import notices
from mentorlink.surveys.models import (
    TARGET_TRANSITIONS,
    Anchor,
    Answer,
    Audience,
    Question,
    QuestionKind,
    QuestionOption,
    Response,
    Survey,
    SurveySchedule,
    Target,
    TargetState,
)
from mentorlink.surveys.queries import (
    TAKEN_BACK,
    Due,
    application_of,
    find_due,
    latest_survey,
    open_targets_after_the_end,
    pointless_targets,
    sent_targets,
    wrongly_void_targets,
)
from mentorlink.surveys.questionnaires import load_files

Answers = Mapping[str, list[str] | str]
WORRY_OPTION = FlagKind.WORRY.value  # an option of this code raises the flag of this kind


class ScheduleRow(Protocol):
    """A row of a programme template's ``[[surveys]]``."""

    @property
    def code(self) -> str: ...
    @property
    def audience(self) -> str: ...
    @property
    def anchor(self) -> str: ...
    @property
    def after_minutes(self) -> int: ...
    @property
    def remind_after_days(self) -> int | None: ...


def load_surveys(session: Session) -> list[Survey]:
    """Every questionnaire of ``seed/surveys``, made where its version is not there yet."""
    return load_files(session)


def schedule_surveys(session: Session, programme: Programme, rows: Iterable[ScheduleRow]) -> None:
    """Fix which survey, in its newest version, this run sends to whom and when; a row that is there stays.

    Raises RuleViolation ``survey_unknown``.
    """
    for row in rows:
        survey = latest_survey(session, row.code)
        if survey is None:
            raise RuleViolation("survey_unknown")
        key = {
            "programme_id": programme.id,
            "survey_id": survey.id,
            "audience": Audience(row.audience),
            "anchor": Anchor(row.anchor),
            "after_minutes": row.after_minutes,
        }
        if session.scalar(select(SurveySchedule.id).filter_by(**key)) is None:
            session.add(SurveySchedule(**key, remind_after_days=row.remind_after_days))
    session.flush()


def plan_targets(session: Session, now: datetime) -> int:
    """The job: ask about what has ended, note what went out, drop what turned out not to have happened.

    Any number of runs asks once: a target is unique for its event and person. Returns how many are new.
    """
    for target, sent_at in sent_targets(session):
        change_state(
            session, target, TargetState.SENT, TARGET_TRANSITIONS, by=SYSTEM, now=now, sent_at=sent_at
        )
    for target in pointless_targets(session):
        void_target(session, target, by=SYSTEM, now=now)
    for target in wrongly_void_targets(session):  # they met after all: asked anew
        _leave_place(target)
    session.flush()
    due = list(find_due(session, now))
    planned = [(_target(each), each.schedule) for each in due]
    session.add_all(target for target, _schedule in planned)
    session.flush()
    for target, schedule in planned:
        if target.meeting_id is not None and target.audience is Audience.SUPPORTER:
            continue  # one mail the next morning is enough: the record leads on to these questions
        notices.ask_to_answer(session, target, schedule, now=now)
    return len(due)


def void_target(session: Session, target: Target, *, by: str, now: datetime) -> None:
    """Nobody is asked any more: the talk did not take place."""
    change_state(session, target, TargetState.VOID, TARGET_TRANSITIONS, by=by, now=now)
    cancel_messages(session, f"target:{target.id}")


def take_back_questions(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The support goes on after all: what was to be asked after its end is asked when it ends again."""
    for target in open_targets_after_the_end(session, engagement):
        void_target(session, target, by=by, now=now)
        _leave_place(target)


def _leave_place(target: Target) -> None:
    """A target is unique for its event: a void one makes room for the next."""
    target.event = f"{target.event}{TAKEN_BACK}{target.id}"


def refuse_questions(session: Session, target: Target, *, by: str, now: datetime) -> None:
    """辞退: no reminder, and no consent to later contact any more. Answered or taken back before: nothing changes."""
    if target.state is TargetState.PLANNED:
        change_state(session, target, TargetState.SENT, TARGET_TRANSITIONS, by=by, now=now, sent_at=now)
    if target.state is not TargetState.SENT:
        return
    change_state(session, target, TargetState.DECLINED, TARGET_TRANSITIONS, by=by, now=now)
    cancel_messages(session, f"target:{target.id}")
    withdraw_consent(session, target.person, Purpose.LATER_CONTACT, now=now)


def submit_response(
    session: Session, target: Target, answers: Answers, *, by: str, now: datetime
) -> Response:
    """Take the answers (question code → option codes or text). Answered before: the first answers stay.

    Raises RuleViolation ``survey_closed``, ``question_unknown``, ``option_unknown``, ``one_answer``,
    ``answer_missing``.
    """
    if target.response is not None:
        return target.response
    if target.state is TargetState.VOID:
        raise RuleViolation("survey_closed")
    found = _checked(target.survey, answers)
    change_state(session, target, TargetState.ANSWERED, TARGET_TRANSITIONS, by=by, now=now)
    response = Response(target_id=target.id, submitted_at=now, entered_by=by, answers=found)
    target.response = response
    session.flush()
    cancel_messages(session, f"target:{target.id}")
    _pass_on_worry(session, target, found, by=by, now=now)
    if any(speaks_of_crisis(answer.text) for answer in found):
        watch_over(session, application_of(session, target), by=by, now=now)
    return response


def _target(due: Due) -> Target:
    about = f"engagement:{due.engagement_id}:{due.schedule.id}"
    if due.meeting_id is not None:
        about = f"meeting:{due.meeting_id}:{due.schedule.survey.code}"
    return Target(
        event=about,
        survey_id=due.schedule.survey_id,
        audience=due.schedule.audience,
        person=due.person,
        engagement_id=due.engagement_id,
        meeting_id=due.meeting_id,
        due_at=due.due_at,
        sent_at=None,
    )


def _checked(survey: Survey, answers: Answers) -> list[Answer]:
    questions = {question.code: question for question in survey.questions}
    if set(answers) - set(questions):
        raise RuleViolation("question_unknown")
    found = []
    for code, question in questions.items():
        given = answers.get(code) or []
        values = list(dict.fromkeys([given] if isinstance(given, str) else given))
        if question.required and not values:
            raise RuleViolation("answer_missing")
        if len(values) > 1 and question.kind is not QuestionKind.MULTIPLE:
            raise RuleViolation("one_answer")
        found += [_answer(question, value) for value in values]
    return found


def _answer(question: Question, value: str) -> Answer:
    if question.kind not in (QuestionKind.SINGLE, QuestionKind.MULTIPLE):
        return Answer(question=question, option_id=None, text=value)
    options: dict[str, QuestionOption] = {option.code: option for option in question.options}
    if value not in options:
        raise RuleViolation("option_unknown")
    return Answer(question=question, option=options[value], text=None)


def _pass_on_worry(
    session: Session, target: Target, answers: list[Answer], *, by: str, now: datetime
) -> None:
    if target.audience is not Audience.SUPPORTER:
        return
    if any(answer.option is not None and answer.option.code == WORRY_OPTION for answer in answers):
        raise_flag(session, application_of(session, target), FlagKind.WORRY, by=by, now=now)
        notices.announce_worry(session, target, now=now)
