"""A programme is one run of a scheme in one fiscal year; what it is made of comes from a template file."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
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
        CheckConstraint("reviewers_min BETWEEN 1 AND 9", "reviewers_min"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)  # of this run; the address of its application form
    template: Mapped[str]
    fiscal_year: Mapped[int]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    talk_ja: Mapped[str]  # how one meeting is called on the screen
    talk_en: Mapped[str]
    introduction_ja: Mapped[str | None]  # what its form says first, in place of the general words
    introduction_en: Mapped[str | None]
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
    result_on: Mapped[date | None]  # 選考結果の日, as M15 promises it
    reviewers_min: Mapped[int] = mapped_column(default=2)  # scores that a decision waits for
    nightly_round: Mapped[bool] = mapped_column(
        default=False
    )  # the worker prepares a round of pairs each night
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
    questions: Mapped[list["SelectionQuestion"]] = relationship(
        cascade="all, delete-orphan", order_by="SelectionQuestion.position"
    )
    criteria: Mapped[list["SelectionCriterion"]] = relationship(
        cascade="all, delete-orphan", order_by="SelectionCriterion.position"
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


class QuestionLength(StrEnum):
    LINE = "line"
    BLOCK = "block"


class SelectionQuestion(Base):
    """A question that only this programme's form asks, for its selection."""

    __tablename__ = "selection_question"
    __table_args__ = (
        UniqueConstraint("programme_id", "position"),
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("maximum BETWEEN 1 AND 5000", "maximum"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    position: Mapped[int]
    code: Mapped[str]
    length: Mapped[QuestionLength]
    required: Mapped[bool]
    maximum: Mapped[int]  # characters
    text_ja: Mapped[str]
    text_en: Mapped[str]
    help_ja: Mapped[str | None]
    help_en: Mapped[str | None]


class SelectionCriterion(Base):
    """What reviewers look at, scored from 0 to ``most``."""

    __tablename__ = "selection_criterion"
    __table_args__ = (
        UniqueConstraint("programme_id", "position"),
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("most BETWEEN 1 AND 10", "most"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    position: Mapped[int]
    code: Mapped[str]
    most: Mapped[int]
    name_ja: Mapped[str]
    name_en: Mapped[str]
    guide_ja: Mapped[str | None]  # what a high and a low score mean
    guide_en: Mapped[str | None]


class Amendment(Base):
    """One change of an open programme, in force from a day on. ``old`` and ``new`` are written as text."""

    __tablename__ = "amendment"
    __table_args__ = (
        Index("ix_amendment_programme_id", "programme_id"),
        Index("ix_amendment_applied_at_effective_on", "applied_at", "effective_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    field: Mapped[str]  # a column of Programme
    old: Mapped[str | None]
    new: Mapped[str | None]
    reason: Mapped[str]
    effective_on: Mapped[date]
    made_by_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
