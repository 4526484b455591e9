"""A programme is one run of a scheme in one fiscal year; what it is made of comes from a template file."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base


class MatchMode(StrEnum):
    COORDINATOR = "coordinator"  # the office proposes
    OPEN_SLOT = "open_slot"  # the applicant books a published hour
    MUTUAL = "mutual"  # both sides confirm after an interview


class Programme(Base):
    """Opening it freezes length, number, team and milestones; dates, words, weights and capacity may change."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("1 <= team_min AND team_min <= team_max", "team"),
        CheckConstraint("meetings_min >= 1 AND meeting_minutes > 0", "meetings"),
        CheckConstraint("months >= 0", "months"),
        CheckConstraint("horizon_days BETWEEN 1 AND 180", "horizon_days"),
        CheckConstraint("answer_hours > 0 AND offer_hours > 0 AND search_days > 0", "deadlines"),
        CheckConstraint("closes_on IS NULL OR closes_on >= opens_on", "dates"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # of this run; the address of its application form
    template: Mapped[str]
    fiscal_year: Mapped[int]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    talk_ja: Mapped[str]  # how one meeting is called on the screen
    talk_en: Mapped[str]
    match_mode: Mapped[MatchMode]
    has_selection: Mapped[bool]
    team_min: Mapped[int]
    team_max: Mapped[int]
    meeting_minutes: Mapped[int]
    meetings_min: Mapped[int]
    months: Mapped[int]
    target_number: Mapped[int | None]  # how many it hopes to support, where the funder set one
    answer_hours: Mapped[int]  # business hours a supporter has to answer
    offer_hours: Mapped[int]  # business hours an applicant has to choose an hour
    search_days: Mapped[int]  # business days until an honest word when nobody was found
    horizon_days: Mapped[int]
    leads_to_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    opens_on: Mapped[date]
    closes_on: Mapped[date | None]
    opened_at: Mapped[datetime | None]
    # points of the criteria (matching_rules.csv)
    points_theme: Mapped[int]
    points_target: Mapped[int]
    points_main_category: Mapped[int]
    points_other_category: Mapped[int]
    points_stage: Mapped[int]
    points_similar: Mapped[int]
    points_similar_most: Mapped[int]
    points_region: Mapped[int]
    leads_to: Mapped["Programme | None"] = relationship(remote_side="Programme.id")
    milestones: Mapped[list["MilestoneTemplate"]] = relationship(
        cascade="all, delete-orphan", order_by="MilestoneTemplate.position"
    )

    def is_open_on(self, day: date) -> bool:
        if self.opened_at is None or day < self.opens_on:
            return False
        return self.closes_on is None or day <= self.closes_on


class MilestoneTemplate(Base):
    """A step of the programme, due so many days after the support begins."""

    __tablename__ = "milestone_template"
    __table_args__ = (
        UniqueConstraint("programme_id", "position"),
        CheckConstraint("due_after_days >= 0", "due_after_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    position: Mapped[int]
    code: Mapped[str]
    due_after_days: Mapped[int]
