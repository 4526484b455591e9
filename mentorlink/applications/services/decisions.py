"""Decisions of a run: prepared one by one, told together; the waiting list keeps its order without gaps."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mentorlink.applications import notices
from mentorlink.applications.models import (
    TRANSITIONS,
    Application,
    ApplicationState,
    Decision,
    Review,
    ReviewState,
)
from mentorlink.applications.selection_queries import (
    is_undecided,
    prepared_decisions,
    undecided_number,
    waiting_list,
)
from mentorlink.applications.services.desk import begin_matching
from mentorlink.applications.services.waiting import close_gaps, put_in_line
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.programmes.models import Programme

_S = ApplicationState
OUTCOMES = (_S.SELECTED, _S.NOT_SELECTED, _S.WAITING)
_TO_BE_SELECTED = (_S.RECEIVED, _S.CHECKING)
DECISION_LOCKS = 2102  # the space of ``lock_keys`` for the decisions of a programme


def prepare_decision(
    session: Session,
    application: Application,
    outcome: ApplicationState,
    reason: str,
    *,
    position: int | None = None,
    despite_missing: bool = False,
    by_user_id: int,
    by: str,
    now: datetime,
) -> Decision:
    """Write the decision down; nobody is told before ``send_decisions``. ``position`` is the wished place in waiting.

    Raises RuleViolation as ``decide_selection`` does, ``reviews_missing`` before enough reviewers have scored (unless
    ``despite_missing``), ``decider_barred`` for somebody who is involved, ``decision_told`` where it is out already.
    """
    _check(application, outcome, reason)
    if not is_undecided(application):
        raise RuleViolation("decision_told")
    if is_barred(session, application, by_user_id):
        raise RuleViolation("decider_barred")
    if reviews_are_missing(session, application) and not despite_missing:
        raise RuleViolation("reviews_missing")
    if application.state is not _S.SELECTING:
        change_state(session, application, _S.SELECTING, TRANSITIONS, by=by, now=now)
    decision = _decision(session, application, outcome, reason, by_user_id, now)
    decision.told_at, decision.waiting_position = None, position if outcome is _S.WAITING else None
    session.flush()
    return decision


def drop_decision(session: Session, application: Application) -> None:
    """Take back what was prepared; what was told stays."""
    session.execute(
        delete(Decision).where(Decision.application_id == application.id, Decision.told_at.is_(None))
    )


def send_decisions(
    session: Session,
    programme: Programme,
    *,
    partly: bool = False,
    despite_missing: bool = False,
    by_user_id: int,
    by: str,
    now: datetime,
) -> list[Decision]:
    """Tell everybody whose decision is prepared, in one act.

    Raises RuleViolation ``nothing_prepared``; ``others_undecided`` while some would hear before others (unless
    ``partly``); ``reviews_missing`` where a review was taken back meanwhile (unless ``despite_missing``).
    """
    lock_keys(session, DECISION_LOCKS, [programme.id])
    prepared = prepared_decisions(session, programme)
    if not prepared:
        raise RuleViolation("nothing_prepared")
    if undecided_number(session, programme) and not partly:
        raise RuleViolation("others_undecided")
    if not despite_missing and any(reviews_are_missing(session, _application(session, d)) for d in prepared):
        raise RuleViolation("reviews_missing")
    who: dict[str, Any] = {"by_user_id": by_user_id, "by": by, "now": now}
    return [_tell(session, decision, **who) for decision in prepared]


def decide_selection(
    session: Session,
    application: Application,
    outcome: ApplicationState,
    reason: str,
    *,
    position: int | None = None,
    by_user_id: int,
    by: str,
    now: datetime,
) -> Decision:
    """採択, 不採択 or 待機, told at once with a reason in kind words (M16, M17). The bare act: pages prepare first.

    Raises RuleViolation ``no_selection`` where the programme has none, ``reason_needed``, ``outcome_wrong``.
    """
    _check(application, outcome, reason)
    was_waiting = application.state is _S.WAITING
    if application.state in _TO_BE_SELECTED:
        change_state(session, application, _S.SELECTING, TRANSITIONS, by=by, now=now)
    change_state(session, application, outcome, TRANSITIONS, by=by, now=now)
    decision = _decision(session, application, outcome, reason, by_user_id, now)
    decision.told_at, decision.waiting_position = now, None
    session.flush()
    if outcome is _S.WAITING:
        put_in_line(session, application, decision, position)
    elif was_waiting:
        close_gaps(session, application.programme)
    notices.send_decision(session, application, now=now)
    return decision


def move_up_waiting(
    session: Session, programme: Programme, reason: str, *, by_user_id: int, by: str, now: datetime
) -> Application:
    """席があいた: the first in line is selected and told.

    Raises RuleViolation ``nobody_waits``, ``reason_needed``, ``decider_barred``.
    """
    lock_keys(session, DECISION_LOCKS, [programme.id])
    line = waiting_list(session, programme)
    if not line:
        raise RuleViolation("nobody_waits")
    application = session.get_one(Application, line[0].application_id)
    decide_waiting(session, application, _S.SELECTED, reason, by_user_id=by_user_id, by=by, now=now)
    return application


def decide_waiting(
    session: Session,
    application: Application,
    outcome: ApplicationState,
    reason: str,
    *,
    by_user_id: int,
    by: str,
    now: datetime,
) -> Decision:
    """The wait is over for one person, told at once. Raises RuleViolation ``decision_told``, ``decider_barred``."""
    if application.state is not _S.WAITING:
        raise RuleViolation("decision_told")
    if is_barred(session, application, by_user_id):
        raise RuleViolation("decider_barred")
    return decide_selection(session, application, outcome, reason, by_user_id=by_user_id, by=by, now=now)


def begin_matching_of_run(
    session: Session, programme: Programme, *, by: str, now: datetime
) -> list[Application]:
    """さがし始める for everybody selected. Raises RuleViolation ``nobody_selected``."""
    query = select(Application).where(
        Application.programme_id == programme.id, Application.state == _S.SELECTED
    )
    found = list(session.scalars(query.order_by(Application.id)).unique())
    if not found:
        raise RuleViolation("nobody_selected")
    for application in found:
        begin_matching(session, application, by=by, now=now)
    return found


def is_barred(session: Session, application: Application, user_id: int) -> bool:
    query = select(Review.id).where(
        Review.application_id == application.id,
        Review.reviewer_user_id == user_id,
        Review.state == ReviewState.BARRED,
    )
    return session.scalar(query) is not None


def reviews_are_missing(session: Session, application: Application) -> bool:
    """Whether fewer reviewers than the programme wants have scored; without criteria there is nothing to score."""
    if not application.programme.criteria:
        return False
    submitted = select(func.count()).where(
        Review.application_id == application.id, Review.state == ReviewState.SUBMITTED
    )
    return (session.scalar(submitted) or 0) < application.programme.reviewers_min


def _tell(session: Session, decision: Decision, **who: Any) -> Decision:
    application, outcome = _application(session, decision), _S(decision.outcome)
    wished = decision.waiting_position
    return decide_selection(session, application, outcome, decision.reason, position=wished, **who)


def _application(session: Session, decision: Decision) -> Application:
    return session.get_one(Application, decision.application_id)


def _check(application: Application, outcome: ApplicationState, reason: str) -> None:
    if not application.programme.has_selection:
        raise RuleViolation("no_selection")
    if outcome not in OUTCOMES:
        raise RuleViolation("outcome_wrong")
    if not reason.strip():
        raise RuleViolation("reason_needed")


def _decision(  # noqa: PLR0917 — a row and its columns
    session: Session,
    application: Application,
    outcome: ApplicationState,
    reason: str,
    by_user_id: int,
    now: datetime,
) -> Decision:
    """The one decision of an application, new or changed."""
    decision = session.scalar(select(Decision).where(Decision.application_id == application.id))
    decision = decision or Decision(application_id=application.id)
    decision.outcome, decision.reason = outcome, reason
    decision.decided_by_user_id, decision.decided_at = by_user_id, now
    session.add(decision)
    return decision
