"""Accounts: who can sign in, and how often somebody tried."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorlink.core.actor import Role
from mentorlink.core.db import Base


class User(Base):
    """Somebody who can sign in. What a person is in a programme lives in ``people``."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("email = lower(email)", "email_lower"),
        CheckConstraint("role <> 'anonymous'", "role_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[Role]
    language: Mapped[str] = mapped_column(default="ja")
    password_hash: Mapped[str | None]
    totp_secret: Mapped[str | None]  # encrypted with the secret key
    totp_last_step: Mapped[int | None]  # a code is good once
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class Attempt(Base):
    """One try that counts against a limit. ``key`` is hashed: the table names nobody."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    at: Mapped[datetime]


class SavedView(Base):
    """A filter of one page under a name of its owner's."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("user_id", "page", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    page: Mapped[str]  # its path
    name: Mapped[str]
    query: Mapped[str]  # what stands after the ? of the address
