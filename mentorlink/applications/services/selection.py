"""Reviewers: asked for a run in one act, scoring each for themselves, out at once where they are involved."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.applications import notices
from mentorlink.applications.conflicts import Pair, conflicts_of
from mentorlink.applications.models import (
    REVIEW_TRANSITIONS,
    TRANSITIONS,
    Application,
    ApplicationState,
    Review,
    ReviewScore,
    ReviewState,
)
from mentorlink.applications.selection_queries import applications_to_review, is_undecided, reviewers
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.programmes.models import Programme

_S = ApplicationState


def ask_reviewers(
    session: Session,
    application: Application,
    user_ids: Collection[int],
    *,
    barred: Collection[int] | None = None,
    by: str,
    now: datetime,
) -> list[Review]:
    """Ask each of them who was not asked yet; the application is in selection from now on. The new reviews.

    ``barred`` are those among them who are involved; without it this slice looks itself. They get a row that keeps
    them out. Raises RuleViolation ``no_selection``, ``criteria_missing``, ``selection_closed``, ``reviewer_unknown``.
    """
    _check_asking(session, application, user_ids)
    if application.state is not _S.SELECTING:
        change_state(session, application, _S.SELECTING, TRANSITIONS, by=by, now=now)
    if barred is None:
        pairs = conflicts_of(session, [application.id], user_ids)
        barred = {user_id for _application_id, user_id in pairs}
    known = select(Review.reviewer_user_id).where(Review.application_id == application.id)
    asked_before = set(session.scalars(known))
    new = [user_id for user_id in dict.fromkeys(user_ids) if user_id not in asked_before]
    reviews = [Review(application_id=application.id, reviewer_user_id=each, asked_at=now) for each in new]
    session.add_all(reviews)
    session.flush()
    for review in reviews:
        if review.reviewer_user_id in barred:
            change_state(
                session, review, ReviewState.BARRED, REVIEW_TRANSITIONS, by=by, now=now, why="computed"
            )
    return reviews


def ask_for_run(
    session: Session,
    programme: Programme,
    user_ids: Collection[int],
    bars: Collection[Pair],
    *,
    by: str,
    now: datetime,
) -> list[Review]:
    """Ask for every application of the run that is still to be chosen, and tell each reviewer how many. The new reviews.

    ``bars`` are the pairs of application and user who are involved. Raises RuleViolation as ``ask_reviewers`` does,
    ``reviewers_needed`` without anybody.
    """
    if not user_ids:
        raise RuleViolation("reviewers_needed")
    asked: list[Review] = []
    for application in applications_to_review(session, programme):
        barred = {user_id for application_id, user_id in bars if application_id == application.id}
        asked += ask_reviewers(session, application, user_ids, barred=barred, by=by, now=now)
    counted = Counter(each.reviewer_user_id for each in asked if each.state is ReviewState.ASKED)
    for user_id, number in counted.items():
        notices.ask_to_review(session, session.get_one(User, user_id), programme, number, now=now)
    return asked


def save_review(session: Session, review: Review, points: Mapping[int, int], comment: str) -> None:
    """A draft of it: whatever is there so far, criterion id → points. Raises RuleViolation ``review_closed``."""
    _check_open(review)
    _write(session, review, points, comment)


def submit_review(
    session: Session, review: Review, points: Mapping[int, int], comment: str, *, by: str, now: datetime
) -> None:
    """One's own scores are in: from now on the others' can be read.

    Raises RuleViolation ``review_closed`` after the decision, ``scores_missing``, ``points_wrong``.
    """
    _check_open(review)
    if points.keys() != {criterion.id for criterion in review.application.programme.criteria}:
        raise RuleViolation("scores_missing")
    _write(session, review, points, comment)
    change_state(session, review, ReviewState.SUBMITTED, REVIEW_TRANSITIONS, by=by, now=now, submitted_at=now)


def take_back_review(session: Session, review: Review, *, by: str, now: datetime) -> None:
    """To change it, until the decision. Raises RuleViolation ``review_closed``."""
    if review.application.state is not _S.SELECTING:
        raise RuleViolation("review_closed")
    change_state(session, review, ReviewState.ASKED, REVIEW_TRANSITIONS, by=by, now=now, submitted_at=None)


def declare_conflict(session: Session, review: Review, *, by: str, now: datetime) -> None:
    """知り合いです・関わりがあります: out at once, and what was scored so far counts nowhere."""
    review.scores, review.comment = [], None
    change_state(
        session,
        review,
        ReviewState.BARRED,
        REVIEW_TRANSITIONS,
        by=by,
        now=now,
        why="declared",
        submitted_at=None,
    )


def _check_asking(session: Session, application: Application, user_ids: Collection[int]) -> None:
    if not application.programme.has_selection:
        raise RuleViolation("no_selection")
    if not application.programme.criteria:
        raise RuleViolation("criteria_missing")
    if not is_undecided(application):
        raise RuleViolation("selection_closed")
    if not set(user_ids) <= {user.id for user in reviewers(session)}:
        raise RuleViolation("reviewer_unknown")


def _check_open(review: Review) -> None:
    if review.state is not ReviewState.ASKED or review.application.state is not _S.SELECTING:
        raise RuleViolation("review_closed")


def _write(session: Session, review: Review, points: Mapping[int, int], comment: str) -> None:
    most = {criterion.id: criterion.most for criterion in review.application.programme.criteria}
    if any(key not in most or not 0 <= value <= most[key] for key, value in points.items()):
        raise RuleViolation("points_wrong")
    written = {score.criterion_id: score for score in review.scores}
    for criterion_id, value in points.items():
        if criterion_id in written:
            written[criterion_id].points = value
        else:
            review.scores.append(ReviewScore(criterion_id=criterion_id, points=value))
    review.comment = comment.strip() or None
    session.flush()
