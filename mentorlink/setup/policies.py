"""The office prepares runs and looks at all of them; opening one and changing an open one is for its lead."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor, Role
from mentorlink.programmes.models import Amendment, Programme
from mentorlink.programmes.queries import by_code
from mentorlink.setup.words import PART_WORDS


class PartOfRun(NamedTuple):
    programme: Programme
    part: str  # a key of PART_WORDS


def office_programme(session: Session, actor: Actor, code: str) -> Programme | None:
    return by_code(session, code) if actor.is_office else None


def office_part(session: Session, actor: Actor, code: str, part: str) -> PartOfRun | None:
    programme = office_programme(session, actor, code)
    return PartOfRun(programme, part) if programme is not None and part in PART_WORDS else None


def led_programme(session: Session, actor: Actor, code: str) -> Programme | None:
    return by_code(session, code) if actor.role is Role.LEAD else None


def waiting_amendment(session: Session, actor: Actor, code: str, amendment_id: int) -> Amendment | None:
    """A change that is not in force yet, so that it can be taken back."""
    if actor.role is not Role.LEAD:
        return None
    query = select(Amendment).join(Programme, Programme.id == Amendment.programme_id)
    return session.scalar(
        query.where(Amendment.id == amendment_id, Programme.code == code, Amendment.applied_at.is_(None))
    )
