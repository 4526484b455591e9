"""Accepted support: who supports whom, from when to when, pauses, and the thread between the two sides."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.applications.models import Application
from mentorlink.core.db import Base
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme


class EngagementState(StrEnum):
    PREPARING = "preparing"  # 準備
    RUNNING = "running"  # 進行中
    PAUSED = "paused"  # 休止
    COMPLETED = "completed"  # 修了
    STOPPED = "stopped"  # 中断
    FOLLOWING = "following"  # フォロー中
    FINISHED = "finished"  # 完了


_S = EngagementState
TRANSITIONS: dict[EngagementState, frozenset[EngagementState]] = {
    _S.PREPARING: frozenset({_S.RUNNING, _S.PAUSED, _S.STOPPED}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.COMPLETED, _S.STOPPED}),
    _S.PAUSED: frozenset({_S.RUNNING, _S.STOPPED}),
    _S.COMPLETED: frozenset({_S.FOLLOWING}),
    _S.STOPPED: frozenset({_S.FOLLOWING}),
    _S.FOLLOWING: frozenset({_S.FINISHED, _S.RUNNING}),
    _S.FINISHED: frozenset({_S.RUNNING}),
}


class Engagement(Base):
    """The accepted support of one application."""

    __tablename__ = "engagement"
    __table_args__ = (
        CheckConstraint("ended_at IS NULL OR ended_at >= opened_at", "dates"),
        Index("ix_engagement_programme_id_state", "programme_id", "state"),
        Index("ix_engagement_recipient_id", "recipient_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[EngagementState] = mapped_column(default=EngagementState.PREPARING)
    opened_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship()
    programme: Mapped[Programme] = relationship()
    recipient: Mapped[Person] = relationship()
    supporters: Mapped[list["EngagementSupporter"]] = relationship(
        order_by="EngagementSupporter.since", lazy="selectin"
    )

    def supporter_ids(self) -> list[int]:
        """Those who support now."""
        return [place.supporter_id for place in self.supporters if place.until is None]


class EngagementSupporter(Base):
    __tablename__ = "engagement_supporter"
    __table_args__ = (
        CheckConstraint("until IS NULL OR until >= since", "dates"),
        Index("ix_engagement_supporter_supporter_id", "supporter_id"),
    )

    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"), primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    supporter: Mapped[Supporter] = relationship(lazy="joined")


class PauseReason(StrEnum):
    DISASTER = "disaster"
    FAMILY = "family"
    HEALTH = "health"
    WORK = "work"
    OTHER = "other"


class Pause(Base):
    """休止 with its reason; open while ``until`` is empty."""

    __tablename__ = "pause"
    __table_args__ = (CheckConstraint("until IS NULL OR until >= since", "dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"), index=True)
    reason: Mapped[PauseReason]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Side(StrEnum):
    APPLICANT = "applicant"
    SUPPORTER = "supporter"
    OFFICE = "office"


class ThreadPost(Base):
    """One message between the two sides. Notices about it never carry its text."""

    __tablename__ = "thread_post"
    __table_args__ = (
        UniqueConstraint("engagement_id", "submission"),
        Index("ix_thread_post_engagement_id_at", "engagement_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    side: Mapped[Side]
    author_person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]  # narrative
    at: Mapped[datetime]
    submission: Mapped[str]  # of the form: sending it twice is one message
