"""One row per human being: how to reach them, what they agreed to, what they can give as a supporter."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base


class ContactChannel(StrEnum):
    MAIL = "mail"
    PHONE = "phone"
    LINE = "line"


class Person(Base):
    """A person of any side. ``display_name`` is what they want to be called; a nickname is fine."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint(
            "erased_at IS NOT NULL OR contact_channel <> 'mail' OR email IS NOT NULL", "mail_needs_address"
        ),
        CheckConstraint(
            "erased_at IS NOT NULL OR contact_channel <> 'phone' OR phone IS NOT NULL", "phone_needs_number"
        ),
        CheckConstraint(
            "erased_at IS NOT NULL OR contact_channel <> 'line'"
            " OR (line_user_id IS NOT NULL AND (email IS NOT NULL OR phone IS NOT NULL))",
            "line_needs_account",  # and another way, for the day when LINE ends
        ),
        Index("ix_person_email", "email"),
        Index("ix_person_phone", "phone"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), unique=True)
    display_name: Mapped[str]
    display_kana: Mapped[str | None]
    contact_channel: Mapped[ContactChannel]
    email: Mapped[str | None]
    phone: Mapped[str | None]  # E.164
    line_user_id: Mapped[str | None] = mapped_column(
        unique=True
    )  # as LINE names them to this installation alone
    call_hours: Mapped[str | None]  # when a call suits, in the person's words
    safe_contact: Mapped[bool] = mapped_column(default=False)  # neutral sender and subject, no attachment
    no_voicemail: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str] = mapped_column(default="ja")
    zone: Mapped[str] = mapped_column(default="Asia/Tokyo")
    contact_confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class LineCode(Base):
    """A code that ties a person to the LINE account that sends it: once, and not for long."""

    __tablename__ = "line_code"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", "expiry"),
        Index("ix_line_code_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LineEvent(Base):
    """An event of LINE's webhook that was worked through: LINE sends one again when it is in doubt."""

    __tablename__ = "line_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    received_at: Mapped[datetime]


class Purpose(StrEnum):
    """What a consent is for (intake screen six)."""

    PERSONAL_DATA = "personal_data"
    SHARE_WITH_SUPPORTER = "share_with_supporter"
    STATISTICS = "statistics"
    QUOTE = "quote"
    LATER_CONTACT = "later_contact"


REQUIRED_CONSENTS = (Purpose.PERSONAL_DATA, Purpose.SHARE_WITH_SUPPORTER)
CONSENT_VERSION = "2026-11"


class Consent(Base):
    """One consent to one purpose in one version of its words; withdrawing it closes the row."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("withdrawn_at IS NULL OR withdrawn_at >= given_at", "order"),
        Index("ix_consent_person_id_purpose", "person_id", "purpose"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[Purpose]
    version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Receiving(StrEnum):
    """受付中・少なめ・休止"""

    OPEN = "open"
    FEW = "few"
    PAUSED = "paused"


class Supporter(Base):
    """A practitioner who listens (講師・メンター). Availability lives in ``scheduling``."""

    __tablename__ = "supporter"
    __table_args__ = (
        CheckConstraint("capacity_month BETWEEN 0 AND 100", "capacity_month"),
        CheckConstraint("capacity_week BETWEEN 0 AND 40", "capacity_week"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 120", "buffer_minutes"),
        CheckConstraint("notice_hours BETWEEN 0 AND 336", "notice_hours"),
        CheckConstraint("paused_until IS NULL OR receiving = 'paused'", "paused_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), unique=True)
    introduction: Mapped[str]  # public, written by the supporter
    prefecture: Mapped[str]
    setting: Mapped[str | None]
    started_year: Mapped[int | None]
    legal_form: Mapped[str | None]
    any_target: Mapped[bool] = mapped_column(default=False)
    capacity_month: Mapped[int] = mapped_column(default=3)
    capacity_week: Mapped[int] = mapped_column(default=1)
    buffer_minutes: Mapped[int] = mapped_column(default=15)
    notice_hours: Mapped[int] = mapped_column(default=48)
    free_on_holidays: Mapped[bool] = mapped_column(default=True)  # their week holds on public holidays too
    receiving: Mapped[Receiving] = mapped_column(default=Receiving.OPEN)
    paused_until: Mapped[date | None]
    training_valid_until: Mapped[date]
    meeting_url: Mapped[str | None]  # their own room; shown only near the time
    joined_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")
    terms: Mapped[list["SupporterTerm"]] = relationship(
        cascade="all, delete-orphan", order_by="SupporterTerm.id", lazy="selectin"
    )

    def receives_on(self, day: date) -> bool:
        """Open for new talks on this day; a pause until a date ends by itself."""
        if self.receiving is not Receiving.PAUSED:
            return True
        return self.paused_until is not None and day > self.paused_until

    def codes(self, scheme: str) -> list[str]:
        return [term.code for term in self.terms if term.scheme == scheme]

    @property
    def skills(self) -> dict[str, int]:
        """Level 1–3 per category of advice; absent means 0, not offered."""
        return {term.code: term.level for term in self.terms if term.scheme == "category"}


class SupporterTerm(Base):
    """One answer of a supporter's profile: a taxonomy code, with a level where it is a category."""

    __tablename__ = "supporter_term"
    __table_args__ = (
        UniqueConstraint("supporter_id", "scheme", "code"),
        CheckConstraint(
            "scheme IN ('theme', 'target', 'category', 'stage', 'mode', 'accommodation', 'funding')", "scheme"
        ),
        CheckConstraint("level BETWEEN 1 AND 3", "level"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    scheme: Mapped[str]
    code: Mapped[str]
    level: Mapped[int] = mapped_column(default=1)
