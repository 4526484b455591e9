"""Files that people bring: checked, re-encoded where they are images, kept as bytes beside the rows that speak of them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from mentorlink.core.db import Base


class StoredFile(Base):
    """``key`` is its address, ``about`` the row it belongs to (``engagement:12``), which decides who may have it."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size > 0", "size"), Index("ix_stored_file_about", "about"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    about: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
