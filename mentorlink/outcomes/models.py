"""その後: what came of one engagement at one moment. Resting and stopping are outcomes, not failures."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mentorlink.core.db import Base


class Moment(StrEnum):
    END = "end"
    ONE_WEEK = "one_week"
    ONE_MONTH = "one_month"
    THREE_MONTHS = "three_months"
    SIX_MONTHS = "six_months"
    TWELVE_MONTHS = "twelve_months"


class Outcome(Base):
    """``ending`` is a code of 終わり方; 01 is 活動が始まった."""

    __tablename__ = "outcome"
    __table_args__ = (
        UniqueConstraint("engagement_id", "moment"),
        CheckConstraint("started_on IS NULL OR ending = '01'", "started_on"),
        CheckConstraint("regular_visitors IS NULL OR regular_visitors >= 0", "regular_visitors"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    moment: Mapped[Moment]
    ending: Mapped[str]
    started_on: Mapped[date | None]
    prefecture: Mapped[str | None]
    regular_visitors: Mapped[int | None]
    inquiries: Mapped[int | None]
    activity_name: Mapped[str | None]
    income: Mapped[str | None]  # deficit, even, surplus, not_yet
    in_touch: Mapped[str | None]  # often, sometimes, no
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


class Claim(Base):
    """A number that somebody printed elsewhere, kept beside the computed one (never instead of it)."""

    __tablename__ = "claim"
    __table_args__ = (UniqueConstraint("programme_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    key: Mapped[str]
    printed: Mapped[str]
    source: Mapped[str]
    note_ja: Mapped[str]
    note_en: Mapped[str]
