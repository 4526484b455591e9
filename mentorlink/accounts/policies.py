"""Who may look after the accounts of the office: each role those below its own, and nobody their own."""

from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.core.actor import Actor, Role

_BELOW: dict[Role, tuple[Role, ...]] = {Role.LEAD: (Role.OFFICE,), Role.ADMIN: (Role.OFFICE, Role.LEAD)}


def roles_below(role: Role) -> tuple[Role, ...]:
    """The roles of the office that somebody of this role may give and take."""
    return _BELOW.get(role, ())


def looks_after_colleagues(session: Session, actor: Actor) -> Actor | None:
    return actor if roles_below(actor.role) else None


def colleague_below(session: Session, actor: Actor, user_id: int) -> User | None:
    user = session.get(User, user_id) if looks_after_colleagues(session, actor) else None
    return user if user is not None and user.role in roles_below(actor.role) else None
