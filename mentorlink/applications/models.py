"""A person's request to one programme, with its answers and its place in the queue."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base
from mentorlink.people.models import Person
from mentorlink.programmes.models import Programme, SelectionQuestion


class ApplicationState(StrEnum):
    DRAFT = "draft"  # 下書き
    RECEIVED = "received"  # 受付
    CHECKING = "checking"  # 確認中
    ASKING = "asking"  # 追加確認
    SELECTING = "selecting"  # 選考中
    SELECTED = "selected"  # 採択
    NOT_SELECTED = "not_selected"  # 不採択
    WAITING = "waiting"  # 待機
    MATCHING = "matching"  # マッチング中
    MATCHED = "matched"  # 成立
    CLOSED = "closed"  # 終了
    WITHDRAWN = "withdrawn"  # 取下げ
    REFERRED = "referred"  # 他機関へ紹介


_S = ApplicationState
_ANYTIME = frozenset({_S.WITHDRAWN, _S.REFERRED})
TRANSITIONS: dict[ApplicationState, frozenset[ApplicationState]] = {
    _S.DRAFT: frozenset({_S.RECEIVED}),
    _S.RECEIVED: frozenset({_S.ASKING, _S.SELECTING, _S.MATCHING}) | _ANYTIME,
    _S.CHECKING: frozenset({_S.ASKING, _S.SELECTING, _S.MATCHING}) | _ANYTIME,
    _S.ASKING: frozenset({_S.CHECKING}) | _ANYTIME,
    _S.SELECTING: frozenset({_S.ASKING, _S.SELECTED, _S.NOT_SELECTED, _S.WAITING}) | _ANYTIME,
    _S.WAITING: frozenset({_S.SELECTED, _S.NOT_SELECTED}) | _ANYTIME,
    _S.SELECTED: frozenset({_S.MATCHING}) | _ANYTIME,
    _S.NOT_SELECTED: frozenset({_S.REFERRED}),
    _S.MATCHING: frozenset({_S.MATCHED, _S.CHECKING}) | _ANYTIME,
    _S.MATCHED: frozenset({_S.MATCHING, _S.CLOSED}) | _ANYTIME,
    _S.CLOSED: frozenset({_S.MATCHED}),
    _S.WITHDRAWN: frozenset({_S.CHECKING}),
    _S.REFERRED: frozenset({_S.CHECKING}),
}


class Intake(StrEnum):
    """Which way the application came."""

    WEB = "web"
    PHONE = "phone"
    PAPER = "paper"
    IMPORT = "import"


class TimesKind(StrEnum):
    WEEKLY = "weekly"  # part of a weekday
    BY_TALK = "by_talk"  # 時間は相談


class Application(Base):
    """One request. Answers are empty while it is a draft; from 受付 on the required ones are there."""

    __tablename__ = "application"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", "submitted_at"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR reference IS NOT NULL", "reference"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR person_id IS NOT NULL", "person"),
        Index("ix_application_programme_id_state", "programme_id", "state"),
        Index("ix_application_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str | None] = mapped_column(unique=True)  # 受付番号, "2026-0142"
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.DRAFT)
    intake: Mapped[Intake] = mapped_column(default=Intake.WEB)
    origin_id: Mapped[int | None] = mapped_column(
        ForeignKey("application.id")
    )  # もう一度相談, wish for the half-year
    screen: Mapped[int] = mapped_column(default=1)  # where a draft goes on, 1–6
    prefecture: Mapped[str | None]  # empty once submitted means まだ決まっていない
    city: Mapped[str | None]
    stage: Mapped[str | None]
    any_target: Mapped[bool] = mapped_column(default=False)
    unsure_theme: Mapped[bool] = mapped_column(default=False)  # まだはっきりしない
    unsure_category: Mapped[bool] = mapped_column(default=False)  # うまく言えない
    story: Mapped[str | None]  # narrative: special-care data, read through policies.readable_story only
    times_kind: Mapped[TimesKind] = mapped_column(default=TimesKind.WEEKLY)
    accommodation_note: Mapped[str | None]
    shares_talk: Mapped[bool] = mapped_column(default=False)  # reviewers may read what was said before
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    searching_since: Mapped[datetime | None]
    honest_word_at: Mapped[datetime | None]  # for when M29 is planned
    version: Mapped[int] = mapped_column()
    person: Mapped[Person | None] = relationship(lazy="joined")
    programme: Mapped[Programme] = relationship(lazy="joined")
    terms: Mapped[list["ApplicationTerm"]] = relationship(
        cascade="all, delete-orphan", order_by="ApplicationTerm.position", lazy="selectin"
    )
    times: Mapped[list["PreferredTime"]] = relationship(
        cascade="all, delete-orphan", order_by="PreferredTime.id", lazy="selectin"
    )
    avoided: Mapped[list["AvoidedOrganisation"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    selection_answers: Mapped[list["SelectionAnswer"]] = relationship(cascade="all, delete-orphan")
    __mapper_args__ = {"version_id_col": version}

    def codes(self, scheme: str) -> list[str]:
        """Chosen codes of one scheme, in the order of choice (the first category is the main one)."""
        return [term.code for term in self.terms if term.scheme == scheme]


class ApplicationTerm(Base):
    __tablename__ = "application_term"
    __table_args__ = (
        UniqueConstraint("application_id", "scheme", "code"),
        UniqueConstraint("application_id", "scheme", "position"),
        CheckConstraint(
            "scheme IN ('theme', 'target', 'category', 'mode', 'accommodation', 'preference')", "scheme"
        ),
        CheckConstraint("position >= 0", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    scheme: Mapped[str]
    code: Mapped[str]
    position: Mapped[int]


class DayPart(StrEnum):
    MORNING = "morning"  # 9–12
    AFTERNOON = "afternoon"  # 12–17
    EVENING = "evening"  # 17–21


class PreferredTime(Base):
    """A part of a weekday that would suit, roughly. Monday is 0."""

    __tablename__ = "preferred_time"
    __table_args__ = (
        UniqueConstraint("application_id", "weekday", "part"),
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    weekday: Mapped[int]
    part: Mapped[DayPart]


class AvoidedOrganisation(Base):
    """知り合いは避けたい: kept as written; joined to the directory where it is known there."""

    __tablename__ = "avoided_organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    name: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))


class ClarifyingQuestion(Base):
    """追加確認: one question back to the applicant, answered by text or by one of two choices."""

    __tablename__ = "clarifying_question"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", "answered_at"),
        Index("ix_clarifying_question_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question: Mapped[str]
    first_choice: Mapped[str | None]
    second_choice: Mapped[str | None]
    asked_by_user_id: Mapped[int]
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]


class FlagKind(StrEnum):
    CRISIS = "crisis"  # words that deserve a quick look
    CONCERN = "concern"  # somebody reported being treated badly or solicited
    WORRY = "worry"  # the supporter wrote 気になることがある
    ABSENCES = "absences"  # three in a row
    SILENCE = "silence"  # a half-year without a sign for 30 days
    HEAVY = "heavy"  # a talk that weighs on the supporter
    CHANGE = "change"  # somebody wishes for another supporter


class Flag(Base):
    """見守り: something the office looks at, until somebody says what was done."""

    __tablename__ = "flag"
    __table_args__ = (
        CheckConstraint("(resolved_at IS NULL) = (resolved_by_user_id IS NULL)", "resolved"),
        Index("ix_flag_application_id", "application_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    kind: Mapped[FlagKind]
    note: Mapped[str | None]  # narrative of a report, for the office only
    raised_by: Mapped[str]
    raised_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by_user_id: Mapped[int | None]


class Decision(Base):
    """What selection decided, with a reason in kind words (M16, M17)."""

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), unique=True)
    outcome: Mapped[str]  # the state it led to
    reason: Mapped[str]
    waiting_position: Mapped[int | None]  # on the waiting list, from 1
    decided_by_user_id: Mapped[int]
    decided_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # empty while it is prepared: nobody but the office knows of it

    @property
    def is_prepared(self) -> bool:
        return self.told_at is None


class SelectionAnswer(Base):
    """What the applicant wrote to one of the programme's own questions."""

    __tablename__ = "selection_answer"
    __table_args__ = (UniqueConstraint("application_id", "question_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("selection_question.id"))
    text: Mapped[str]  # narrative
    question: Mapped[SelectionQuestion] = relationship()


class ReviewState(StrEnum):
    ASKED = "asked"
    SUBMITTED = "submitted"
    BARRED = "barred"  # 利益相反: this reviewer takes no part


REVIEW_TRANSITIONS: dict[ReviewState, frozenset[ReviewState]] = {
    ReviewState.ASKED: frozenset({ReviewState.SUBMITTED, ReviewState.BARRED}),
    ReviewState.SUBMITTED: frozenset({ReviewState.ASKED, ReviewState.BARRED}),
    ReviewState.BARRED: frozenset(),
}


class Review(Base):
    """One reviewer's reading of one application. Nobody sees another's before their own is in."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("application_id", "reviewer_user_id"),
        CheckConstraint("(state = 'submitted') = (submitted_at IS NOT NULL)", "submitted_at"),
        Index("ix_review_reviewer_user_id_state", "reviewer_user_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    reviewer_user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.ASKED)
    comment: Mapped[str | None]  # narrative, for those who decide
    asked_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    application: Mapped[Application] = relationship()
    scores: Mapped[list["ReviewScore"]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class ReviewScore(Base):
    __tablename__ = "review_score"
    __table_args__ = (CheckConstraint("points BETWEEN 0 AND 10", "points"),)

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    criterion_id: Mapped[int] = mapped_column(ForeignKey("selection_criterion.id"), primary_key=True)
    points: Mapped[int]


class ImportKind(StrEnum):
    APPLICATIONS = "applications"
    SUPPORTERS = "supporters"


class ImportBatch(Base):
    """One spreadsheet that the office brought in. Its bytes are kept between preview and confirmation only."""

    __tablename__ = "import_batch"
    __table_args__ = (
        CheckConstraint("(imported_at IS NULL) = (content IS NOT NULL)", "content"),
        CheckConstraint("row_count >= 0", "row_count"),
        CheckConstraint("kind = 'supporters' OR programme_id IS NOT NULL", "programme"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_hash: Mapped[str] = mapped_column(unique=True)  # of kind, programme and bytes
    kind: Mapped[ImportKind]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    row_count: Mapped[int]
    by_user_id: Mapped[int]
    uploaded_at: Mapped[datetime]
    imported_at: Mapped[datetime | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
