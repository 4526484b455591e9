"""A filter under a name of its owner's: kept, listed, dropped. Nobody sees another's."""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import SavedView
from mentorlink.core.errors import RuleViolation

MOST_VIEWS = 20


def views_of(session: Session, user_id: int, page: str) -> list[SavedView]:
    """One user's views of a page (its path), by name."""
    query = select(SavedView).where(SavedView.user_id == user_id, SavedView.page == page)
    return list(session.scalars(query.order_by(SavedView.name)))


def save_view(session: Session, user_id: int, page: str, name: str, query: str) -> SavedView:
    """Keep ``query`` (what stands after the ? of the address) under ``name``; a known name gets the new filter.

    Raises RuleViolation ``too_many_views``.
    """
    view = _named(session, user_id, page, name)
    if view is not None:
        view.query = query
        return view
    there = select(func.count()).where(SavedView.user_id == user_id, SavedView.page == page)
    if (session.scalar(there) or 0) >= MOST_VIEWS:
        raise RuleViolation("too_many_views")
    view = SavedView(user_id=user_id, page=page, name=name, query=query)
    session.add(view)
    session.flush()
    return view


def drop_view(session: Session, user_id: int, page: str, name: str) -> bool:
    """Forget it; False where it was gone already."""
    mine = SavedView.user_id == user_id, SavedView.page == page, SavedView.name == name
    return bool(session.execute(delete(SavedView).where(*mine)).rowcount)  # type: ignore[attr-defined]


def _named(session: Session, user_id: int, page: str, name: str) -> SavedView | None:
    mine = SavedView.user_id == user_id, SavedView.page == page, SavedView.name == name
    return session.scalar(select(SavedView).where(*mine))
