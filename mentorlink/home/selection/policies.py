"""Who may read and do what in a selection. Nobody sees another's scores before their own are in."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, Review, ReviewState
from mentorlink.applications.policies import office_application
from mentorlink.applications.selection_queries import ReviewLine
from mentorlink.core.actor import Actor, Role
from mentorlink.home.selection.conflicts import bars_of
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code


def own_review(session: Session, actor: Actor, review_id: int) -> Review | None:
    """One's own and nobody else's, as long as nothing connects reviewer and applicant."""
    review = session.get(Review, review_id) if actor.is_office else None
    if review is None or review.reviewer_user_id != actor.user_id or review.state is ReviewState.BARRED:
        return None
    return None if is_involved(session, actor, review.application_id) else review


def selection_run(session: Session, actor: Actor, code: str) -> Programme | None:
    programme = by_code(session, code) if actor.is_office else None
    return programme if programme is not None and programme.has_selection else None


def run_of_lead(session: Session, actor: Actor, code: str) -> Programme | None:
    """選考決定 is the lead's."""
    return selection_run(session, actor, code) if actor.role is Role.LEAD else None


def selected_application(session: Session, actor: Actor, application_id: int) -> Application | None:
    """An application of a run with a selection, for whoever is not involved."""
    application = office_application(session, actor, application_id)
    if application is None or not application.programme.has_selection:
        return None
    return None if is_involved(session, actor, application_id) else application


def application_of_lead(session: Session, actor: Actor, application_id: int) -> Application | None:
    return selected_application(session, actor, application_id) if actor.role is Role.LEAD else None


def is_involved(session: Session, actor: Actor, application_id: int) -> bool:
    return bool(bars_of(session, [application_id], [actor.user_id or 0]))


def readable_applications(
    session: Session, actor: Actor, lines: Mapping[int, Sequence[ReviewLine]]
) -> set[int]:
    """Of which applications others' scores and comments may be read.

    A reviewer reads them once their own are in; a lead who was not asked decides by them; whoever is involved never
    does. ``lines`` are all reviews of the applications in question.
    """
    involved = bars_of(session, lines.keys(), [actor.user_id or 0])
    return {
        application_id
        for application_id, reviews in lines.items()
        if (application_id, actor.user_id) not in involved and _may_read(actor, reviews)
    }


def _may_read(actor: Actor, reviews: Sequence[ReviewLine]) -> bool:
    own = next((each for each in reviews if each.user_id == actor.user_id), None)
    return own.state is ReviewState.SUBMITTED if own is not None else actor.role is Role.LEAD
