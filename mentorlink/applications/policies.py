"""Who may see and do what with an application."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Flag,
    ImportBatch,
)
from mentorlink.core.actor import Actor


class Screen(NamedTuple):
    """One screen of the form and the draft that it belongs to; None where nobody has begun.

    The programme's own questions are number 0.
    """

    number: int
    application: Application | None


def own_application_ids(session: Session, actor: Actor) -> list[int]:
    """The applications of who is asking: the one that a link opened, or all of somebody signed in."""
    if actor.scope is not None and actor.scope[0] == "application":
        return [actor.scope[1]]
    if actor.person_id is None:
        return []
    query = select(Application.id).where(Application.person_id == actor.person_id)
    return list(session.scalars(query.order_by(Application.id.desc())))


def own_applications(session: Session, actor: Actor) -> list[Application] | None:
    ids = own_application_ids(session, actor)
    found = list(
        session.scalars(select(Application).where(Application.id.in_(ids)).order_by(Application.id.desc()))
    )
    return found or None


def own_application(session: Session, actor: Actor, application_id: int) -> Application | None:
    if application_id not in own_application_ids(session, actor):
        return None
    return session.get(Application, application_id)


def own_sent_application(session: Session, actor: Actor, application_id: int) -> Application | None:
    application = own_application(session, actor, application_id)
    return (
        application if application is not None and application.state is not ApplicationState.DRAFT else None
    )


def own_question(session: Session, actor: Actor, question_id: int) -> ClarifyingQuestion | None:
    question = session.get(ClarifyingQuestion, question_id)
    if question is None or question.application_id not in own_application_ids(session, actor):
        return None
    return question


def office_question(session: Session, actor: Actor, question_id: int) -> ClarifyingQuestion | None:
    return session.get(ClarifyingQuestion, question_id) if actor.is_office else None


def current_application(session: Session, actor: Actor) -> Application | None:
    """What the screens work on: the application of the link, or the newest of somebody signed in."""
    ids = own_application_ids(session, actor)
    return session.get(Application, ids[0]) if ids else None


def open_screen(session: Session, actor: Actor, screen: int) -> Screen | None:
    """A screen of the form, for everybody; whoever has not begun is shown where to begin."""
    if not 1 <= screen <= 6:
        return None
    return Screen(screen, current_application(session, actor))


def open_questions(session: Session, actor: Actor) -> Screen:
    """The screen of the programme's own questions, for everybody."""
    return Screen(0, current_application(session, actor))


open_screen.for_everybody = True  # type: ignore[attr-defined]
open_questions.for_everybody = True  # type: ignore[attr-defined]


def office_application(session: Session, actor: Actor, application_id: int) -> Application | None:
    """Drafts belong to their writer alone."""
    if not actor.is_office:
        return None
    application = session.get(Application, application_id)
    return (
        application if application is not None and application.state is not ApplicationState.DRAFT else None
    )


def office_flag(session: Session, actor: Actor, flag_id: int) -> Flag | None:
    return session.get(Flag, flag_id) if actor.is_office else None


def office_import(session: Session, actor: Actor, batch_id: int) -> ImportBatch | None:
    return session.get(ImportBatch, batch_id) if actor.is_office else None
