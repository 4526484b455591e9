"""Finding what a selection is made of: reviewers, reviews, decisions, the line of those who wait."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, lazyload

from mentorlink.accounts.models import User
from mentorlink.applications.models import (
    Application,
    ApplicationState,
    Decision,
    Review,
    ReviewScore,
    ReviewState,
)
from mentorlink.core.actor import Role
from mentorlink.programmes.models import Programme

_S = ApplicationState
TO_REVIEW = (_S.RECEIVED, _S.CHECKING, _S.SELECTING)
TO_DECIDE = (_S.RECEIVED, _S.CHECKING, _S.ASKING, _S.SELECTING)
TAKEN = (_S.SELECTED, _S.MATCHING, _S.MATCHED, _S.CLOSED)  # they have a place
ON_THE_TABLE = (*TO_DECIDE, *TAKEN, _S.WAITING, _S.NOT_SELECTED)


def is_undecided(application: Application) -> bool:
    """Whether it is still to be chosen; whoever was searched for once has been chosen before."""
    return application.state in TO_REVIEW and application.searching_since is None


def has_place(application: Application) -> bool:
    """Also while the office looks for another pair."""
    looked_for_again = application.state is _S.CHECKING and application.searching_since is not None
    return application.state in TAKEN or looked_for_again


@dataclass(frozen=True)
class ReviewLine:
    """One review without its words; ``points`` are there where it is submitted."""

    id: int
    application_id: int
    user_id: int
    state: ReviewState
    points: dict[int, int] = field(default_factory=dict)


def reviewers(session: Session) -> list[User]:
    """Who can be asked: everybody of the office."""
    query = select(User).where(User.role.in_((Role.OFFICE, Role.LEAD)), User.disabled_at.is_(None))
    return list(session.scalars(query.order_by(User.id)))


def names_of_users(session: Session, user_ids: Collection[int]) -> dict[int, str]:
    rows = session.execute(select(User.id, User.name).where(User.id.in_(user_ids)))
    return {user_id: name for user_id, name in rows}  # noqa: C416 — rows are no pairs to mypy


def selection_runs(session: Session) -> list[Programme]:
    """Opened runs with a selection, the newest year first."""
    query = select(Programme).where(Programme.has_selection, Programme.opened_at.is_not(None))
    return list(session.scalars(query.order_by(Programme.fiscal_year.desc(), Programme.id.desc())))


def states_by_run(session: Session) -> Mapping[int, Mapping[ApplicationState, int]]:
    """Programme → how many applications are in which state; one query."""
    query = select(Application.programme_id, Application.state, func.count()).group_by(
        Application.programme_id, Application.state
    )
    found: defaultdict[int, dict[ApplicationState, int]] = defaultdict(dict)
    for programme_id, state, number in session.execute(query):
        found[programme_id][state] = number
    return found


def applications_of(session: Session, programme: Programme) -> list[Application]:
    """All that can be talked about in the meeting, without what they answered."""
    query = select(Application).where(
        Application.programme_id == programme.id, Application.state.in_(ON_THE_TABLE)
    )
    light = (lazyload(Application.terms), lazyload(Application.times), lazyload(Application.avoided))
    return list(session.scalars(query.options(*light).order_by(Application.submitted_at, Application.id)))


def applications_to_review(session: Session, programme: Programme) -> list[Application]:
    query = select(Application).where(
        Application.programme_id == programme.id,
        Application.state.in_(TO_REVIEW),
        Application.searching_since.is_(None),
    )
    return list(session.scalars(query.order_by(Application.id)))


def review_lines(session: Session, programme: Programme) -> Mapping[int, list[ReviewLine]]:
    """Application → its reviews, with the points of those submitted; two queries whatever their number."""
    of_run = Application.programme_id == programme.id
    reviews = select(Review.id, Review.application_id, Review.reviewer_user_id, Review.state)
    rows = session.execute(reviews.join(Application).where(of_run).order_by(Review.id))
    lines = {row[0]: ReviewLine(*row) for row in rows}
    scores = (
        select(ReviewScore.review_id, ReviewScore.criterion_id, ReviewScore.points)
        .join(Review, Review.id == ReviewScore.review_id)
        .join(Application, Application.id == Review.application_id)
        .where(of_run, Review.state == ReviewState.SUBMITTED)
    )
    for review_id, criterion_id, points in session.execute(scores):
        lines[review_id].points[criterion_id] = points
    found: defaultdict[int, list[ReviewLine]] = defaultdict(list)
    for line in lines.values():
        found[line.application_id].append(line)
    return found


def review_lines_of(session: Session, application: Application) -> list[ReviewLine]:
    """Who was asked for one application and how far they are; without points."""
    query = select(Review.id, Review.application_id, Review.reviewer_user_id, Review.state)
    rows = session.execute(query.where(Review.application_id == application.id).order_by(Review.id))
    return [ReviewLine(*row) for row in rows]


def submitted_reviews(session: Session, application_ids: Collection[int]) -> Mapping[int, list[Review]]:
    """Application → its submitted reviews with scores and comments. Only for who may read them."""
    query = select(Review).where(
        Review.application_id.in_(application_ids), Review.state == ReviewState.SUBMITTED
    )
    found: defaultdict[int, list[Review]] = defaultdict(list)
    for review in session.scalars(query.order_by(Review.id)):
        found[review.application_id].append(review)
    return found


def own_reviews(session: Session, user_id: int) -> list[Review]:
    """One's own list: what is still to score first; barred ones and those of the past are not on it."""
    query = (
        select(Review)
        .join(Application, Application.id == Review.application_id)
        .where(Review.reviewer_user_id == user_id, Review.state != ReviewState.BARRED)
        .where(Application.state == _S.SELECTING)
        .options(joinedload(Review.application), lazyload(Review.scores))
    )
    found = session.scalars(query.order_by(Review.id)).unique()
    return sorted(found, key=lambda review: review.state is ReviewState.SUBMITTED)


def open_review_number(session: Session, user_id: int) -> int:
    query = select(func.count()).select_from(Review).join(Application)
    waits = (Review.reviewer_user_id == user_id, Review.state == ReviewState.ASKED)
    return session.scalar(query.where(*waits, Application.state == _S.SELECTING)) or 0


def decisions_of(session: Session, programme: Programme) -> Mapping[int, Decision]:
    """Application → its decision, told or prepared."""
    query = select(Decision).join(Application, Application.id == Decision.application_id)
    rows = session.scalars(query.where(Application.programme_id == programme.id))
    return {decision.application_id: decision for decision in rows}


def prepared_decisions(session: Session, programme: Programme) -> list[Decision]:
    """Those not told yet of applications still in selection: selected first, then the line of those who wait."""
    query = (
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.programme_id == programme.id, Application.state == _S.SELECTING)
        .where(Decision.told_at.is_(None))
    )
    order = {_S.SELECTED.value: 0, _S.WAITING.value: 1, _S.NOT_SELECTED.value: 2}
    return sorted(
        session.scalars(query.order_by(Decision.id)),
        key=lambda each: (order[each.outcome], each.waiting_position or 1000, each.id),
    )


def prepared_decision(session: Session, application: Application) -> Decision | None:
    return session.scalar(
        select(Decision).where(Decision.application_id == application.id, Decision.told_at.is_(None))
    )


def undecided_number(session: Session, programme: Programme) -> int:
    """Applications of which nobody has prepared a decision yet."""
    prepared = select(Decision.application_id).where(Decision.told_at.is_(None))
    query = select(func.count()).where(
        Application.programme_id == programme.id,
        Application.state.in_(TO_DECIDE),
        Application.searching_since.is_(None),
        Application.id.not_in(prepared),
    )
    return session.scalar(query) or 0


def waiting_list(session: Session, programme: Programme) -> list[Decision]:
    """Those who wait for a place, the next one first."""
    query = (
        select(Decision)
        .join(Application, Application.id == Decision.application_id)
        .where(Application.programme_id == programme.id, Application.state == _S.WAITING)
        .order_by(Decision.waiting_position.is_(None), Decision.waiting_position, Decision.id)
    )
    return list(session.scalars(query))
