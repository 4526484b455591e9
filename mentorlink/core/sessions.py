"""Sessions live on the server: the cookie holds a random token, the row its hash. No flask here."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.db import Base

LIFETIME = timedelta(days=14)
OFFICE_LIFETIME = timedelta(hours=12)


class WebSession(Base):
    """One browser. ``user_id`` after signing in, ``scope_…`` after an entry link, neither before."""

    __tablename__ = "web_session"
    __table_args__ = (
        CheckConstraint("user_id IS NULL OR scope_concept IS NULL", "one_identity"),
        CheckConstraint("(scope_concept IS NULL) = (scope_id IS NULL)", "scope_is_whole"),
        Index("ix_web_session_user_id", "user_id"),
        Index("ix_web_session_scope", "scope_concept", "scope_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    scope_concept: Mapped[str | None]
    scope_id: Mapped[int | None]
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


def new_token() -> str:
    return secrets.token_urlsafe(32)


def find_session(session: Session, token: str, now: datetime) -> WebSession | None:
    row = session.scalar(select(WebSession).where(WebSession.token_hash == hash_token(token)))
    return row if row is not None and now < row.expires_at else None


def end_session(session: Session, token: str) -> None:
    session.execute(delete(WebSession).where(WebSession.token_hash == hash_token(token)))


def end_sessions_of_user(session: Session, user_id: int) -> None:
    """At sign-out everywhere, password change, role change and erasure."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def end_sessions_of_scope(session: Session, concept: str, row_id: int) -> None:
    session.execute(
        delete(WebSession).where(WebSession.scope_concept == concept, WebSession.scope_id == row_id)
    )


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
