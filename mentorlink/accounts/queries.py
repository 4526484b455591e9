"""Reading accounts."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.core.actor import Role

OFFICE_ROLES = (Role.OFFICE, Role.LEAD, Role.ADMIN)


def count_colleagues(session: Session) -> int:
    return session.scalar(select(func.count(User.id)).where(User.role.in_(OFFICE_ROLES))) or 0


def colleagues(session: Session, *, page: int, size: int) -> Sequence[User]:
    """The people of the office: those who may come in first, by when they joined."""
    query = select(User).where(User.role.in_(OFFICE_ROLES))
    ordered = query.order_by(User.disabled_at.is_not(None), User.created_at, User.id)
    return session.scalars(ordered.limit(size).offset((page - 1) * size)).all()
