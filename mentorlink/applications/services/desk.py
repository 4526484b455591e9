"""What the office, the matching and the applicant do with an application that was received."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications import notices
from mentorlink.applications.models import (
    TRANSITIONS,
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Flag,
    FlagKind,
)
from mentorlink.applications.services.waiting import close_gaps
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.reminder_rules import HONEST_WORD
from mentorlink.core.state import change_state

_S = ApplicationState
_TO_BE_SELECTED = (_S.RECEIVED, _S.CHECKING)


def begin_matching(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """さがし始める, or さがし直す. Raises RuleViolation ``selection_first`` where the programme selects and has not yet."""
    is_first = application.searching_since is None  # whoever was searched for before was selected before
    if application.programme.has_selection and application.state in _TO_BE_SELECTED and is_first:
        raise RuleViolation("selection_first")
    since = application.searching_since or now
    change_state(session, application, _S.MATCHING, TRANSITIONS, by=by, now=now, searching_since=since)


def ask_applicant(
    session: Session,
    application: Application,
    question: str,
    *,
    first_choice: str | None = None,
    second_choice: str | None = None,
    by_user_id: int,
    by: str,
    now: datetime,
) -> ClarifyingQuestion:
    """One question back (M03), answered by text or by one of two choices."""
    change_state(session, application, _S.ASKING, TRANSITIONS, by=by, now=now, why="question")
    asked = ClarifyingQuestion(
        application_id=application.id,
        question=question,
        first_choice=first_choice,
        second_choice=second_choice,
        asked_by_user_id=by_user_id,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    notices.send_question(session, application, asked, now=now)
    return asked


def answer_question(
    session: Session, question: ClarifyingQuestion, answer: str, *, by: str, now: datetime
) -> None:
    """The applicant's answer; the application goes on. Raises RuleViolation ``question_answered`` the second time."""
    if question.answered_at is not None:
        raise RuleViolation("question_answered")
    application = session.get_one(Application, question.application_id)
    question.answer, question.answered_at = answer, now
    change_state(session, application, _S.CHECKING, TRANSITIONS, by=by, now=now, why="answered")


def withdraw_application(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """取下げ, never with a reason. What was planned about it is not sent any more; a kind word is."""
    _leave(session, application, _S.WITHDRAWN, by=by, now=now)
    notices.confirm_withdrawal(session, application, now=now)


def refer_application(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """他機関へ紹介: the office tells the applicant itself, in person."""
    _leave(session, application, _S.REFERRED, by=by, now=now)


def _leave(
    session: Session, application: Application, new: ApplicationState, *, by: str, now: datetime
) -> None:
    was_waiting = application.state is _S.WAITING
    change_state(session, application, new, TRANSITIONS, by=by, now=now)
    _drop_honest_word(session, application)
    cancel_messages(session, f"application:{application.id}")
    if was_waiting:
        close_gaps(session, application.programme)


def reopen_application(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """Withdrawn or referred, and wished for again. Raises RuleViolation ``application_not_checking`` otherwise."""
    if application.state not in (_S.WITHDRAWN, _S.REFERRED):
        raise RuleViolation("application_not_checking")
    change_state(session, application, _S.CHECKING, TRANSITIONS, by=by, now=now, why="reopened")


def mark_matched(session: Session, application: Application, *, by: str, now: datetime) -> None:
    change_state(session, application, _S.MATCHED, TRANSITIONS, by=by, now=now)
    _drop_honest_word(session, application)


def _drop_honest_word(session: Session, application: Application) -> None:
    """M29 that has not gone out may be planned once more, should the search go on."""
    if cancel_messages(session, f"application:{application.id}", template=HONEST_WORD.template):
        application.honest_word_at = None
        session.flush()


def return_to_desk(
    session: Session, application: Application, *, by: str, now: datetime, why: str | None = None
) -> None:
    """The search or the pair came to nothing: the office looks again, and the search counts on."""
    back = _S.MATCHING if application.state is _S.MATCHED else _S.CHECKING
    change_state(session, application, back, TRANSITIONS, by=by, now=now, why=why)


def close_application(session: Session, application: Application, *, by: str, now: datetime) -> None:
    change_state(session, application, _S.CLOSED, TRANSITIONS, by=by, now=now)


def raise_flag(
    session: Session,
    application: Application,
    kind: FlagKind,
    *,
    note: str | None = None,
    by: str,
    now: datetime,
) -> Flag:
    """見守り. The same kind without a note is one flag while it is open; every report with words is its own."""
    flag = None
    if note is None:
        flag = session.scalar(
            select(Flag).where(
                Flag.application_id == application.id, Flag.kind == kind, Flag.resolved_at.is_(None)
            )
        )
    if flag is None:
        flag = Flag(application_id=application.id, kind=kind, note=note, raised_by=by, raised_at=now)
        session.add(flag)
        session.flush()
    return flag


def watch_over(session: Session, application: Application, *, by: str, now: datetime) -> None:
    """Words of crisis stood in something that was written: somebody of the office looks, the same day."""
    flag = raise_flag(session, application, FlagKind.CRISIS, by=by, now=now)
    notices.tell_office_of_flag(session, application, flag, now=now)


def resolve_flag(session: Session, flag: Flag, *, by_user_id: int, now: datetime) -> None:
    """Somebody looked and says so. Raises RuleViolation ``flag_resolved`` the second time."""
    if flag.resolved_at is not None:
        raise RuleViolation("flag_resolved")
    flag.resolved_at, flag.resolved_by_user_id = now, by_user_id
    session.flush()
