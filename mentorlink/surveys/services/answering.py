"""Answering: the first answers stay, a worry and words of crisis are passed on, and who refuses is left in peace."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import FlagKind
from mentorlink.applications.services import raise_flag, watch_over
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.surveys import notices
from mentorlink.surveys.models import (
    TARGET_TRANSITIONS,
    Answer,
    Audience,
    Question,
    QuestionKind,
    QuestionOption,
    Response,
    Survey,
    Target,
    TargetState,
)
from mentorlink.surveys.queries import application_of
from mentorlink.surveys.services.planning import stop_asking_later

Answers = Mapping[str, list[str] | str]
WORRY_OPTION = FlagKind.WORRY.value  # an option of this code raises the flag of this kind


def refuse_questions(session: Session, target: Target, *, by: str, now: datetime) -> None:
    """辞退: no reminder, no later question, no consent to later contact. Answered or taken back before: nothing changes."""
    if target.state is TargetState.PLANNED:
        change_state(session, target, TargetState.SENT, TARGET_TRANSITIONS, by=by, now=now, sent_at=now)
    if target.state is not TargetState.SENT:
        return
    change_state(session, target, TargetState.DECLINED, TARGET_TRANSITIONS, by=by, now=now)
    notices.call_off(session, target)
    stop_asking_later(session, target.person, by=by, now=now)


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
    notices.call_off(session, target)
    _pass_on_worry(session, target, found, by=by, now=now)
    if any(speaks_of_crisis(answer.text) for answer in found):
        watch_over(session, application_of(session, target), by=by, now=now)
    return response


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
