"""Accepted support: who supports whom, from when to when, pauses, and the thread between the two sides."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.applications.models import Application
from mentorlink.core.db import Base
from mentorlink.core.storage import StoredFile
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
        CheckConstraint("ends_on IS NULL OR (begins_on IS NOT NULL AND ends_on >= begins_on)", "span"),
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
    begins_on: Mapped[date | None]  # milestones are counted from here: the day of the first talk
    ends_on: Mapped[date | None]  # as planned; a pause moves it
    goal: Mapped[str | None]  # what the mentee wants to reach, in their words (narrative)
    application: Mapped[Application] = relationship()
    programme: Mapped[Programme] = relationship()
    recipient: Mapped[Person] = relationship()
    supporters: Mapped[list["EngagementSupporter"]] = relationship(
        back_populates="engagement", order_by="EngagementSupporter.since", lazy="selectin"
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
    # what of the time before ``since`` the recipient has handed over
    sees_talks: Mapped[bool] = mapped_column(default=False)
    sees_thread: Mapped[bool] = mapped_column(default=False)
    sees_evidence: Mapped[bool] = mapped_column(default=False)
    supporter: Mapped[Supporter] = relationship(lazy="joined")
    engagement: Mapped[Engagement] = relationship(back_populates="supporters")


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
    expected_until: Mapped[date | None]
    batch: Mapped[str | None] = mapped_column(index=True)  # one act: those paused together, as a whole region


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


class MilestoneState(StrEnum):
    NOT_STARTED = "not_started"  # 未着手
    IN_PROGRESS = "in_progress"  # 進行中
    CHECKING = "checking"  # 確認待ち
    REACHED = "reached"  # 達成
    REVISING = "revising"  # 見直し
    SKIPPED = "skipped"  # 見送り


_M = MilestoneState
MILESTONE_TRANSITIONS: dict[MilestoneState, frozenset[MilestoneState]] = {
    _M.NOT_STARTED: frozenset({_M.IN_PROGRESS, _M.SKIPPED}),
    _M.IN_PROGRESS: frozenset({_M.CHECKING, _M.SKIPPED}),
    _M.CHECKING: frozenset({_M.REACHED, _M.REVISING, _M.IN_PROGRESS}),
    _M.REVISING: frozenset({_M.IN_PROGRESS, _M.SKIPPED}),
    _M.REACHED: frozenset({_M.REVISING}),
    _M.SKIPPED: frozenset({_M.IN_PROGRESS}),
}


class Milestone(Base):
    """A step of one half-year: one of the programme's (``code``) or the mentee's own (``title``)."""

    __tablename__ = "milestone"
    __table_args__ = (
        UniqueConstraint("engagement_id", "position"),
        CheckConstraint("(code IS NULL) <> (title IS NULL)", "name"),
        CheckConstraint("(state = 'reached') = (reached_at IS NOT NULL)", "reached_at"),
        Index("ix_milestone_due_on", "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    position: Mapped[int]
    code: Mapped[str | None]  # of the taxonomy
    title: Mapped[str | None]
    state: Mapped[MilestoneState] = mapped_column(default=MilestoneState.NOT_STARTED)
    due_on: Mapped[date]
    reached_at: Mapped[datetime | None]
    engagement: Mapped[Engagement] = relationship()
    evidence: Mapped[list["Evidence"]] = relationship(order_by="Evidence.id", lazy="selectin")
    checks: Mapped[list["MilestoneCheck"]] = relationship(order_by="MilestoneCheck.id", lazy="selectin")
    moves: Mapped[list["MilestoneMove"]] = relationship(order_by="MilestoneMove.id", lazy="selectin")


class EvidenceKind(StrEnum):
    TEXT = "text"
    FILE = "file"
    LINK = "link"
    MEETING = "meeting"


class Evidence(Base):
    """What shows that a step was taken: words, a file, a link or a talk."""

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint("(kind = 'text') = (text IS NOT NULL)", "text"),
        CheckConstraint("(kind = 'file') = (file_id IS NOT NULL)", "file"),
        CheckConstraint("(kind = 'link') = (url IS NOT NULL)", "url"),
        CheckConstraint("(kind = 'meeting') = (meeting_id IS NOT NULL)", "meeting"),
        Index("ix_evidence_milestone_id", "milestone_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"))
    kind: Mapped[EvidenceKind]
    text: Mapped[str | None]  # narrative
    url: Mapped[str | None]
    file_id: Mapped[int | None] = mapped_column(ForeignKey("stored_file.id"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    side: Mapped[Side]
    at: Mapped[datetime]
    file: Mapped[StoredFile | None] = relationship()


class MilestoneCheck(Base):
    """The mentor's answer to 確認待ち: reached, or one more turn (修正 is not failure)."""

    __tablename__ = "milestone_check"
    __table_args__ = (Index("ix_milestone_check_milestone_id", "milestone_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"))
    reached: Mapped[bool]
    words: Mapped[str | None]  # narrative, to the mentee
    by: Mapped[str]
    at: Mapped[datetime]


class MoveReason(StrEnum):
    """Why a step has another day; none of them is a fault."""

    MORE_TIME = "more_time"
    WAITING = "waiting"  # for somebody else's answer
    HEALTH = "health"
    FAMILY = "family"
    PAUSE = "pause"  # the half-year rested
    BEGINNING = "beginning"  # the first talk has another day
    OTHER = "other"


class MilestoneMove(Base):
    __tablename__ = "milestone_move"
    __table_args__ = (Index("ix_milestone_move_milestone_id", "milestone_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestone.id"))
    old_due_on: Mapped[date]
    new_due_on: Mapped[date]
    reason: Mapped[MoveReason]
    by: Mapped[str]
    at: Mapped[datetime]


class Note(Base):
    """わたしのメモ: the author's alone until shared with the other side by an act of its own."""

    __tablename__ = "note"
    __table_args__ = (
        CheckConstraint("shared_at IS NULL OR shared_at >= written_at", "shared_at"),
        Index("ix_note_engagement_id_author_person_id", "engagement_id", "author_person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    author_person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    body: Mapped[str]  # narrative
    written_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    shared_at: Mapped[datetime | None]


class HandoverState(StrEnum):
    ASKED = "asked"  # the recipient chooses what goes along
    CHOSEN = "chosen"
    DONE = "done"  # the new supporter has begun
    CANCELLED = "cancelled"


HANDOVER_TRANSITIONS: dict[HandoverState, frozenset[HandoverState]] = {
    HandoverState.ASKED: frozenset({HandoverState.CHOSEN, HandoverState.CANCELLED}),
    HandoverState.CHOSEN: frozenset({HandoverState.DONE, HandoverState.CANCELLED}),
    HandoverState.DONE: frozenset(),
    HandoverState.CANCELLED: frozenset(),
}


class Handover(Base):
    """A change of supporter, with what of the time before may be read by the next one."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'cancelled') OR chosen_at IS NOT NULL", "chosen_at"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", "done_at"),
        Index("ix_handover_engagement_id", "engagement_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    state: Mapped[HandoverState] = mapped_column(default=HandoverState.ASKED)
    wished_by: Mapped[Side]
    wished_at: Mapped[datetime]
    talks: Mapped[bool] = mapped_column(default=False)
    thread: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[bool] = mapped_column(default=False)
    chosen_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    engagement: Mapped[Engagement] = relationship()


Index(
    "uq_handover_open_engagement",
    Handover.engagement_id,
    unique=True,
    sqlite_where=Handover.state.in_((HandoverState.ASKED, HandoverState.CHOSEN)),
    postgresql_where=Handover.state.in_((HandoverState.ASKED, HandoverState.CHOSEN)),
)
