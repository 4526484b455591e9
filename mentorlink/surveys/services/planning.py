"""What is asked of whom and when: planned as soon as its anchor is known, kept in line with it, and taken back."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.actor import SYSTEM
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Person, Purpose
from mentorlink.people.services import withdraw_consent
from mentorlink.programmes.models import Programme
from mentorlink.surveys import due, notices
from mentorlink.surveys.models import (
    TARGET_TRANSITIONS,
    Anchor,
    Audience,
    Survey,
    SurveySchedule,
    Target,
    TargetState,
)
from mentorlink.surveys.queries import TAKEN_BACK, latest_survey, open_targets_after_the_end
from mentorlink.surveys.questionnaires import load_files

AT_ONCE = 1000  # targets that one run of the job plans; the next run plans the next


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
    """The job: plan what is to be asked, note what went out, move what has another hour now, drop what is pointless.

    A question is planned as soon as its anchor is known: a talk's once it is agreed, those of the year afterwards once
    the support has ended. Any number of runs asks once: a target is unique for its event and person. Returns how many
    are new, at most ``AT_ONCE``.
    """
    for target, sent_at in due.sent_targets(session):
        change_state(
            session, target, TargetState.SENT, TARGET_TRANSITIONS, by=SYSTEM, now=now, sent_at=sent_at
        )
    for target in due.pointless_targets(session):
        _void_target(session, target, by=SYSTEM, now=now)
    for target in due.wrongly_void_targets(session):  # they met after all: asked anew
        _leave_place(target)
    session.flush()
    for target, schedule, due_at in due.moved_targets(session):
        _ask_at(session, target, schedule, due_at, now=now)
    return _plan_new(session, now)


def take_back_questions(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The support goes on after all: what was to be asked after its end is asked when it ends again."""
    for target in open_targets_after_the_end(session, engagement):
        _void_target(session, target, by=by, now=now)
        _leave_place(target)


def stop_asking_later(session: Session, person: Person, *, by: str, now: datetime) -> None:
    """The consent to later contact is taken back, and with it all that was to be asked on its ground.

    What has been asked can still be answered; nobody is reminded of it.
    """
    withdraw_consent(session, person, Purpose.LATER_CONTACT, now=now)
    for target in due.targets_by_consent(session, person):
        if target.state is TargetState.PLANNED:
            _void_target(session, target, by=by, now=now)
            _leave_place(target)
        else:
            notices.call_off(session, target)


def _plan_new(session: Session, now: datetime) -> int:
    found = list(islice(due.find_due(session, now), AT_ONCE))
    planned = [(_target(each), each.schedule) for each in found]
    session.add_all(target for target, _schedule in planned)
    session.flush()
    # of a supporter's talk one mail the next morning is enough: the record leads on to these questions
    asked = [each for each in planned if each[0].meeting_id is None or each[0].audience is Audience.APPLICANT]
    notices.ask_to_answer(session, asked, now=now)
    return len(found)


def _target(found: due.Due) -> Target:
    about = f"engagement:{found.engagement_id}:{found.schedule.id}"
    if found.meeting_id is not None:
        about = f"meeting:{found.meeting_id}:{found.schedule.survey.code}"
    return Target(
        event=about,
        survey_id=found.schedule.survey_id,
        audience=found.schedule.audience,
        person=found.person,
        engagement_id=found.engagement_id,
        meeting_id=found.meeting_id,
        due_at=found.due_at,
        sent_at=None,
    )


def _ask_at(
    session: Session, target: Target, schedule: SurveySchedule, due_at: datetime, *, now: datetime
) -> None:
    """Its hour is another one now: the talk was moved, or the half-year rested."""
    notices.call_off(session, target)
    target.due_at = due_at
    notices.ask_to_answer(session, [(target, schedule)], now=now)


def _void_target(session: Session, target: Target, *, by: str, now: datetime) -> None:
    """Nobody is asked any more."""
    change_state(session, target, TargetState.VOID, TARGET_TRANSITIONS, by=by, now=now)
    notices.call_off(session, target)


def _leave_place(target: Target) -> None:
    """A target is unique for its event: a void one makes room for the next."""
    target.event = f"{target.event}{TAKEN_BACK}{target.id}"
