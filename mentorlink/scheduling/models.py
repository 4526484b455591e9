"""Time: when supporters are free, which hours were offered, and which are taken."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mentorlink.core.db import Base
from mentorlink.engagements.models import Engagement


class WeeklyWindow(Base):
    """Free every week from one half hour to another, in the supporter's zone. Monday is 0."""

    __tablename__ = "weekly_window"
    __table_args__ = (
        UniqueConstraint("supporter_id", "weekday", "start_minute"),
        CheckConstraint("weekday BETWEEN 0 AND 6", "weekday"),
        CheckConstraint("0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", "span"),
        CheckConstraint("start_minute % 30 = 0 AND end_minute % 30 = 0", "half_hours"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    weekday: Mapped[int]
    start_minute: Mapped[int]
    end_minute: Mapped[int]


class AvailabilityException(Base):
    """One day that differs from the supporter's week: free besides it, or not free after all.

    Minutes count from midnight in the supporter's zone; the whole day is 0–1440. What is not free outweighs what is.
    """

    __tablename__ = "availability_exception"
    __table_args__ = (
        UniqueConstraint("supporter_id", "day", "start_minute"),
        CheckConstraint("0 <= start_minute AND start_minute < end_minute AND end_minute <= 1440", "span"),
        CheckConstraint("start_minute % 30 = 0 AND end_minute % 30 = 0", "half_hours"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    day: Mapped[date]
    start_minute: Mapped[int]
    end_minute: Mapped[int]
    is_free: Mapped[bool]


class CalendarSource(Base):
    """A supporter's own calendar, read for its busy times alone. The last good copy serves while it cannot be had."""

    __tablename__ = "calendar_source"
    __table_args__ = (
        UniqueConstraint("supporter_id"),
        CheckConstraint("failures >= 0", "failures"),
        CheckConstraint("(failures = 0) = (fault IS NULL)", "fault"),
        Index("ix_calendar_source_next_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    supporter_id: Mapped[int] = mapped_column(ForeignKey("supporter.id"))
    address: Mapped[str]  # secret: whoever has it reads the calendar; never shown whole, never logged
    added_at: Mapped[datetime]
    next_at: Mapped[datetime]  # when to read it again
    read_at: Mapped[datetime | None]  # of the copy that serves
    covers_until: Mapped[datetime | None]  # how far that copy was expanded
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    fault: Mapped[str | None]  # a code of ``core.messages``: why the last reading failed
    caution: Mapped[str | None]  # another: what the copy that serves could not make out


class BusySpan(Base):
    """A time at which the supporter's own calendar has something. What it is was never kept."""

    __tablename__ = "busy_span"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", "span"),
        Index("ix_busy_span_source_id_ends_at", "source_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("calendar_source.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class OccupancyKind(StrEnum):
    HELD = "held"  # kept for an offer until ``expires_at``
    CONFIRMED = "confirmed"  # a meeting


class Occupancy(Base):
    """One person's span of time. While the row exists nobody can put another over it (see ``guards``).

    There is no state in it: releasing a span deletes its row. ``source`` names what took it (``offer:5`` or
    ``meeting:12``). A confirmed span has an ``expires_at`` too, its end, so that no nullable column carries the
    guarantee.
    """

    __tablename__ = "occupancy"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", "span"),
        UniqueConstraint("person_id", "source"),
        Index("ix_occupancy_person_id_starts_at", "person_id", "starts_at"),
        Index("ix_occupancy_source", "source"),
        Index("ix_occupancy_kind_expires_at", "kind", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    kind: Mapped[OccupancyKind]
    expires_at: Mapped[datetime]
    source: Mapped[str]


class OfferState(StrEnum):
    OPEN = "open"
    CHOSEN = "chosen"
    REPLACED = "replaced"  # どれも合わない, gone, or asked by phone: fresh ones follow
    EXPIRED = "expired"


OFFER_TRANSITIONS: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset({OfferState.CHOSEN, OfferState.REPLACED, OfferState.EXPIRED}),
    OfferState.CHOSEN: frozenset(),
    OfferState.REPLACED: frozenset(),
    OfferState.EXPIRED: frozenset(),
}


class SlotOffer(Base):
    """Up to three hours offered to the applicant of an engagement; the first is held until ``expires_at``.

    An offer without hours says that no common time was found: both sides are asked for others.
    """

    __tablename__ = "slot_offer"
    __table_args__ = (Index("ix_slot_offer_engagement_id_state", "engagement_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    state: Mapped[OfferState] = mapped_column(default=OfferState.OPEN)
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    engagement: Mapped[Engagement] = relationship()
    slots: Mapped[list["OfferedSlot"]] = relationship(order_by="OfferedSlot.starts_at", lazy="selectin")


class OfferedSlot(Base):
    __tablename__ = "offered_slot"
    __table_args__ = (UniqueConstraint("offer_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("slot_offer.id"))
    starts_at: Mapped[datetime]
    is_held: Mapped[bool]


class AskState(StrEnum):
    OPEN = "open"
    AGREED = "agreed"  # everybody said yes: it is a meeting
    DECLINED = "declined"
    EXPIRED = "expired"  # somebody did not answer in time
    DROPPED = "dropped"  # overtaken: another hour was booked, somebody else has this one, the support rests or is over


ASK_TRANSITIONS: dict[AskState, frozenset[AskState]] = {
    AskState.OPEN: frozenset({AskState.AGREED, AskState.DECLINED, AskState.EXPIRED, AskState.DROPPED}),
    AskState.AGREED: frozenset(),
    AskState.DECLINED: frozenset(),
    AskState.EXPIRED: frozenset(),
    AskState.DROPPED: frozenset(),
}


class HourAsk(Base):
    """An hour just outside of what people gave: those whose word it needs are asked, by one tap each.

    One at a time for each engagement: nobody gets two questions at once.
    """

    __tablename__ = "hour_ask"
    __table_args__ = (
        CheckConstraint("asked_at < expires_at AND expires_at <= starts_at", "expiry"),
        Index("ix_hour_ask_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    state: Mapped[AskState] = mapped_column(default=AskState.OPEN)
    starts_at: Mapped[datetime]
    asker_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # whose wish it was
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    engagement: Mapped[Engagement] = relationship()
    answers: Mapped[list["HourAnswer"]] = relationship(
        back_populates="ask", order_by="HourAnswer.id", lazy="selectin"
    )

    def answer_of(self, person_id: int) -> "HourAnswer | None":
        return next((each for each in self.answers if each.person_id == person_id), None)

    @property
    def waits_for(self) -> list[int]:
        """The persons who have not answered yet."""
        return [each.person_id for each in self.answers if each.is_yes is None]


Index(
    "uq_hour_ask_open_engagement",
    HourAsk.engagement_id,
    unique=True,
    sqlite_where=HourAsk.state == AskState.OPEN,
    postgresql_where=HourAsk.state == AskState.OPEN,
)


class HourAnswer(Base):
    """One person's word on it: who asked has said yes by asking."""

    __tablename__ = "hour_answer"
    __table_args__ = (
        UniqueConstraint("ask_id", "person_id"),
        CheckConstraint("(answered_at IS NULL) = (is_yes IS NULL)", "answer"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ask_id: Mapped[int] = mapped_column(ForeignKey("hour_ask.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    is_yes: Mapped[bool | None]
    ask: Mapped[HourAsk] = relationship(back_populates="answers")


class MeetingState(StrEnum):
    """The 回: 予定→実施／来られず／延期／中止→記録済."""

    CONFIRMED = "confirmed"
    HELD = "held"  # 実施 (the talk took place)
    NO_SHOW = "no_show"  # 来られず
    MOVED = "moved"  # 延期, as the domain counts states; nothing leads here: a moved meeting keeps its row (see Meeting)
    CANCELLED = "cancelled"  # 中止
    RECORDED = "recorded"  # 記録済


_S = MeetingState
MEETING_TRANSITIONS: dict[MeetingState, frozenset[MeetingState]] = {
    _S.CONFIRMED: frozenset({_S.HELD, _S.NO_SHOW, _S.CANCELLED}),
    _S.HELD: frozenset({_S.RECORDED, _S.NO_SHOW}),
    _S.NO_SHOW: frozenset({_S.HELD}),
    _S.MOVED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.RECORDED: frozenset(),
}
TOOK_PLACE = (MeetingState.HELD, MeetingState.RECORDED)


class MeetingWay(StrEnum):
    ONLINE = "online"
    PHONE = "phone"
    IN_PERSON = "in_person"


def after_meeting(meeting_id: int) -> str:
    """What a message is ``about`` that makes sense only once the talk took place."""
    return f"after_meeting:{meeting_id}"


class Meeting(Base):
    """One session. Its end is its start plus its programme's minutes: the database checks it (see ``guards``).

    A change of hour keeps the row, its ``uid`` and history, and counts ``sequence`` up.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("minutes > 0", "minutes"),
        CheckConstraint("sequence >= 0", "sequence"),
        Index("ix_meeting_engagement_id", "engagement_id"),
        Index("ix_meeting_state_starts_at", "state", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    engagement_id: Mapped[int] = mapped_column(ForeignKey("engagement.id"))
    state: Mapped[MeetingState] = mapped_column(default=MeetingState.CONFIRMED)
    way: Mapped[MeetingWay]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    minutes: Mapped[int]
    uid: Mapped[str] = mapped_column(unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    ended_by: Mapped[str | None]  # who cancelled or did not come: applicant, supporter or office
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()
    engagement: Mapped[Engagement] = relationship()
    record: Mapped["MeetingRecord | None"] = relationship(back_populates="meeting")
    __mapper_args__ = {"version_id_col": version}

    @property
    def abouts(self) -> list[str]:
        """What all its messages are ``about``, those that come after it too."""
        return [f"meeting:{self.id}", after_meeting(self.id)]


class MeetingRecord(Base):
    """The supporter's three lines about a talk: narrative, for the two sides and the office."""

    __tablename__ = "meeting_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"), unique=True)
    went_well: Mapped[str]  # できたこと
    difficult: Mapped[str]  # 困っていること
    next_promise: Mapped[str]  # 次の約束
    promise_on: Mapped[date | None]  # until when
    was_heavy: Mapped[bool] = mapped_column(default=False)  # it weighs on the supporter: for the office alone
    written_by: Mapped[str]
    written_at: Mapped[datetime]
    meeting: Mapped[Meeting] = relationship(back_populates="record")
