"""Figures are for the office: it counts them, and it may open them to the rows behind."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.outcomes.figures import Definition, definition_of
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code


@dataclass(frozen=True)
class Counted:
    programme: Programme
    definition: Definition


def counted_programme(session: Session, actor: Actor, code: str) -> Programme | None:
    return by_code(session, code) if actor.is_office else None


def counted_figure(session: Session, actor: Actor, code: str, key: str) -> Counted | None:
    programme, definition = counted_programme(session, actor, code), definition_of(key)
    if programme is None or definition is None or not definition.applies(programme):
        return None
    return Counted(programme, definition)
