"""調査: frozen versions of questions, whom they went to, and what came back."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base
from mentorlink.people.models import Person


class Survey(Base):
    """One version of a questionnaire. Once it went to anybody it is never changed: a new version is made."""

    __tablename__ = "survey"
    __table_args__ = (UniqueConstraint("code", "version"), CheckConstraint("version >= 1", "version"))

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    version: Mapped[int]
    title_ja: Mapped[str]
    title_en: Mapped[str]
    questions: Mapped[list["Question"]] = relationship(order_by="Question.position", lazy="selectin")


class QuestionKind(StrEnum):
    SINGLE = "single"
    MULTIPLE = "multiple"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"


class Question(Base):
    __tablename__ = "question"
    __table_args__ = (UniqueConstraint("survey_id", "position"), UniqueConstraint("survey_id", "code"))

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    position: Mapped[int]
    code: Mapped[str]
    kind: Mapped[QuestionKind]
    required: Mapped[bool]
    text_ja: Mapped[str]
    text_en: Mapped[str]
    text_easy: Mapped[str | None]  # やさしい日本語, written by hand
    options: Mapped[list["QuestionOption"]] = relationship(
        order_by="QuestionOption.position", lazy="selectin"
    )


class QuestionOption(Base):
    """``leads_on`` marks the wish that opens the form of the programme this one leads to."""

    __tablename__ = "question_option"
    __table_args__ = (UniqueConstraint("question_id", "code"), UniqueConstraint("question_id", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    position: Mapped[int]
    code: Mapped[str]
    label_ja: Mapped[str]
    label_en: Mapped[str]
    label_easy: Mapped[str | None]
    leads_on: Mapped[bool] = mapped_column(default=False)


class Audience(StrEnum):
    APPLICANT = "applicant"
    SUPPORTER = "supporter"


class Anchor(StrEnum):
    """What a survey's hour is counted from."""

    MEETING_END = "meeting_end"
    ENGAGEMENT_START = "engagement_start"
    ENGAGEMENT_END = "engagement_end"


class SurveySchedule(Base):
    """Which survey a programme sends to whom, and how long after what."""

    __tablename__ = "survey_schedule"
    __table_args__ = (
        UniqueConstraint("programme_id", "survey_id", "audience", "anchor", "after_minutes"),
        CheckConstraint("after_minutes >= 0", "after_minutes"),
        CheckConstraint("remind_after_days IS NULL OR remind_after_days > 0", "remind_after_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    audience: Mapped[Audience]
    anchor: Mapped[Anchor]
    after_minutes: Mapped[int]
    remind_after_days: Mapped[int | None]
    survey: Mapped[Survey] = relationship()


class TargetState(StrEnum):
    PLANNED = "planned"  # 未送付
    SENT = "sent"  # 送付済
    ANSWERED = "answered"  # 回答済
    DECLINED = "declined"  # 辞退
    VOID = "void"  # 無効


_T = TargetState
TARGET_TRANSITIONS: dict[TargetState, frozenset[TargetState]] = {
    _T.PLANNED: frozenset({_T.SENT, _T.ANSWERED, _T.VOID}),
    _T.SENT: frozenset({_T.ANSWERED, _T.DECLINED, _T.VOID}),
    _T.ANSWERED: frozenset(),
    _T.DECLINED: frozenset({_T.ANSWERED}),
    _T.VOID: frozenset(),
}


class Target(Base):
    """Whom one survey goes to, about which engagement (and meeting, where it is about one)."""

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("event", "person_id"),
        Index("ix_target_engagement_id", "engagement_id"),
        Index("ix_target_meeting_id", "meeting_id"),
        Index("ix_target_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event: Mapped[str]  # "meeting:12:s1", so that one talk asks once
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id"))
    audience: Mapped[Audience]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id"))
    state: Mapped[TargetState] = mapped_column(default=TargetState.PLANNED)
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    survey: Mapped[Survey] = relationship()
    person: Mapped[Person] = relationship()
    response: Mapped["Response | None"] = relationship(back_populates="target")


class Response(Base):
    __tablename__ = "response"

    id: Mapped[int] = mapped_column(primary_key=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("target.id"), unique=True)
    submitted_at: Mapped[datetime]
    entered_by: Mapped[str]
    target: Mapped[Target] = relationship(back_populates="response")
    answers: Mapped[list["Answer"]] = relationship(lazy="selectin")


class Answer(Base):
    """One chosen option, or one text or number. A question of several choices has several rows."""

    __tablename__ = "answer"
    __table_args__ = (
        UniqueConstraint("response_id", "question_id", "option_id"),
        CheckConstraint("(option_id IS NULL) <> (text IS NULL)", "one_value"),
        Index("ix_answer_question_id_option_id", "question_id", "option_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    option_id: Mapped[int | None] = mapped_column(ForeignKey("question_option.id"))
    text: Mapped[str | None]  # narrative
    question: Mapped[Question] = relationship()
    option: Mapped[QuestionOption | None] = relationship()
