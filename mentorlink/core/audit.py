"""Who did or read what, when. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.actor import Actor
from mentorlink.core.db import Base


class AuditEntry(Base):
    """One act or one reading of a protected text. ``verb`` is a code such as ``read_story``; no free text."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_about_at", "about", "at"),
        Index("ix_audit_entry_user_id_at", "user_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    user_id: Mapped[int | None]  # not a foreign key: an audit row outlives its account
    is_office: Mapped[bool]
    verb: Mapped[str]
    about: Mapped[str]  # "application:12"


def record(session: Session, actor: Actor, verb: str, about: str, *, now: datetime) -> None:
    """Write one audit row. Office acts on one application are also how office minutes are measured."""
    session.add(
        AuditEntry(
            at=now,
            by=actor.name_in_history,
            user_id=actor.user_id,
            is_office=actor.is_office,
            verb=verb,
            about=about,
        )
    )
