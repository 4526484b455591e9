"""今日の仕事: what waits for whom, read from the rows of every slice in a constant number of queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from mentorlink.applications.models import Application, ApplicationState, Flag
from mentorlink.core.rooms import makes_rooms
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter
from mentorlink.matching.models import Invitation, InvitationState, Proposal, ProposalState
from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling.models import (
    AskState,
    HourAsk,
    Meeting,
    MeetingState,
    MeetingWay,
    OfferState,
    SlotOffer,
)

PAGE_SIZE = 50
BEGUN = (EngagementState.PREPARING, EngagementState.RUNNING)
A_FEW_DAYS = timedelta(days=5)  # before a talk the office asks for a number that nobody has told
PATIENCE = timedelta(days=3)  # a record or a first look that takes longer stands under 期限を過ぎた


class Queue(StrEnum):
    """In the order of the desk: what hurts most comes first."""

    LATE = "late"
    ANSWER = "answer"
    HOUR = "hour"
    RECORD = "record"
    WATCH = "watch"
    NEW = "new"
    SEARCH = "search"


class Kind(StrEnum):
    """What one row waits for; ``DeskItem.ref_id`` is the id of the row named behind each."""

    INVITATION_LATE = "invitation_late"  # proposal
    OFFER_LATE = "offer_late"  # slot offer
    RECORD_LATE = "record_late"  # meeting
    LOOK_LATE = "look_late"  # application
    INVITATION_WAITING = "invitation_waiting"  # proposal
    NUMBER_MISSING = "number_missing"  # meeting
    TALK_WANTED = "talk_wanted"  # proposal
    QUESTION_WAITING = "question_waiting"  # application
    OFFER_WAITING = "offer_waiting"  # slot offer
    HOUR_MISSING = "hour_missing"  # engagement
    HOUR_TO_FIND = "hour_to_find"  # engagement
    NO_HOUR = "no_hour"  # engagement
    RECORD_WAITING = "record_waiting"  # meeting
    FLAG = "flag"  # flag
    LOOK = "look"  # application
    SELECTION = "selection"  # application
    SEARCH = "search"  # application


@dataclass(frozen=True, slots=True)
class DeskItem:
    """One row of the desk. ``at`` is the deadline, or since when it waits."""

    kind: Kind
    ref_id: int
    application: Application
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.ref_id}"


Source = Callable[[datetime], Select[Any]]
_A = ApplicationState


def count_queues(session: Session, now: datetime) -> Mapping[Queue, int]:
    """How much waits in each queue: one query."""
    counts = [
        select(literal(queue.value), func.count()).select_from(_rows(queue, now).subquery())
        for queue in Queue
    ]
    return {Queue(queue): count for queue, count in session.execute(union_all(*counts))}


def list_queue(session: Session, queue: Queue, *, page: int, now: datetime) -> list[DeskItem]:
    """One page of a queue, what waits longest first. The same few queries for one row and for fifty."""
    rows = _rows(queue, now).subquery()
    ordered = select(rows).order_by(rows.c.at, rows.c.application_id, rows.c.ref_id)
    found = session.execute(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    applications = _applications(session, [row.application_id for row in found])
    return [DeskItem(Kind(row.kind), row.ref_id, applications[row.application_id], row.at) for row in found]


def _applications(session: Session, ids: Sequence[int]) -> Mapping[int, Application]:
    found = session.scalars(select(Application).where(Application.id.in_(ids))).unique()
    return {application.id: application for application in found}


def _rows(queue: Queue, now: datetime) -> Any:
    sources = [source(now) for source in _SOURCES[queue]]
    return union_all(*sources) if len(sources) > 1 else sources[0]


def _row(kind: Kind, ref: Any, application: Any, at: Any) -> Select[Any]:
    return select(
        literal(kind.value).label("kind"),
        ref.label("ref_id"),
        application.label("application_id"),
        at.label("at"),
    )


def _invitation(kind: Kind, at: Any, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        _row(kind, Proposal.id, Proposal.application_id, at)
        .select_from(Invitation)
        .join(Proposal, Proposal.id == Invitation.proposal_id)
        .where(Proposal.state == ProposalState.OPEN, *where)
    )


def _offer(kind: Kind, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        _row(kind, SlotOffer.id, Engagement.application_id, SlotOffer.expires_at)
        .select_from(SlotOffer)
        .join(Engagement, Engagement.id == SlotOffer.engagement_id)
        .where(SlotOffer.state == OfferState.OPEN, *where)
    )


def _meeting(kind: Kind, *where: ColumnElement[bool]) -> Select[Any]:
    return (
        _row(kind, Meeting.id, Engagement.application_id, Meeting.ends_at)
        .select_from(Meeting)
        .join(Engagement, Engagement.id == Meeting.engagement_id)
        .where(Meeting.state.in_((MeetingState.CONFIRMED, MeetingState.HELD)), *where)
    )


def _application(kind: Kind, at: Any, *where: ColumnElement[bool]) -> Select[Any]:
    return _row(kind, Application.id, Application.id, at).where(*where)


def _invitation_late(now: datetime) -> Select[Any]:
    asked = Invitation.state == InvitationState.ASKED
    return _invitation(Kind.INVITATION_LATE, Invitation.deadline_at, asked, Invitation.deadline_at <= now)


def _invitation_waiting(now: datetime) -> Select[Any]:
    asked = Invitation.state == InvitationState.ASKED
    return _invitation(Kind.INVITATION_WAITING, Invitation.deadline_at, asked, Invitation.deadline_at > now)


def _talk_wanted(_now: datetime) -> Select[Any]:
    wanted = Invitation.state == InvitationState.TALK_WANTED
    return _invitation(Kind.TALK_WANTED, Invitation.asked_at, wanted)


def _offer_late(now: datetime) -> Select[Any]:
    return _offer(Kind.OFFER_LATE, SlotOffer.expires_at <= now, SlotOffer.slots.any())


def _offer_waiting(now: datetime) -> Select[Any]:
    """One without an hour waits for no choice: both sides may ask each other for a near one."""
    return _offer(Kind.OFFER_WAITING, SlotOffer.expires_at > now, SlotOffer.slots.any())


def _hour_missing(_now: datetime) -> Select[Any]:
    """Support that has begun without a meeting, planned or held, and without an offer to choose from."""
    offer = exists().where(SlotOffer.engagement_id == Engagement.id, SlotOffer.state == OfferState.OPEN)
    return _row(Kind.HOUR_MISSING, Engagement.id, Engagement.application_id, Engagement.opened_at).where(
        Engagement.state.in_(BEGUN), ~_met(), ~offer, ~_asked(), ~_was_last_in_vain()
    )


def _hour_to_find(_now: datetime) -> Select[Any]:
    """Nothing was common, somebody was asked for a near hour, and no answer came."""
    return _in_vain(Kind.HOUR_TO_FIND, SlotOffer.state == OfferState.OPEN, _asked(AskState.EXPIRED))


def _no_hour(_now: datetime) -> Select[Any]:
    """Nothing is common: the two may ask each other, and the office need not wait for that."""
    return _in_vain(Kind.NO_HOUR, SlotOffer.state == OfferState.OPEN, ~_asked(AskState.EXPIRED))


def _no_hour_any_more(_now: datetime) -> Select[Any]:
    """The searches have run out, and nobody has found an hour since."""
    later = aliased(SlotOffer)
    is_last = ~exists().where(later.engagement_id == SlotOffer.engagement_id, later.id > SlotOffer.id)
    return _in_vain(
        Kind.NO_HOUR, SlotOffer.state == OfferState.EXPIRED, is_last, Engagement.state.in_(BEGUN), ~_met()
    )


def _in_vain(kind: Kind, *where: ColumnElement[bool]) -> Select[Any]:
    found = (
        _row(kind, Engagement.id, Engagement.application_id, SlotOffer.offered_at)
        .select_from(SlotOffer)
        .join(Engagement, Engagement.id == SlotOffer.engagement_id)
    )
    return found.where(~SlotOffer.slots.any(), ~_asked(), *where)


def _was_last_in_vain() -> ColumnElement[bool]:
    offer, later = aliased(SlotOffer), aliased(SlotOffer)
    is_last = ~exists().where(later.engagement_id == offer.engagement_id, later.id > offer.id)
    return exists().where(
        offer.engagement_id == Engagement.id, offer.state == OfferState.EXPIRED, ~offer.slots.any(), is_last
    )


def _met() -> ColumnElement[bool]:
    there = (MeetingState.CONFIRMED, MeetingState.HELD, MeetingState.RECORDED)
    return exists().where(Meeting.engagement_id == Engagement.id, Meeting.state.in_(there))


def _asked(state: AskState = AskState.OPEN) -> ColumnElement[bool]:
    return exists().where(HourAsk.engagement_id == Engagement.id, HourAsk.state == state)


def _number_missing(now: datetime) -> Select[Any]:
    """A talk of the days to come at which nobody can call or enter: no room and no number."""
    way, near = Meeting.way == MeetingWay.PHONE, now + A_FEW_DAYS
    if not makes_rooms():
        way |= (Meeting.way == MeetingWay.ONLINE) & ~_has_room()
    found = _row(Kind.NUMBER_MISSING, Meeting.id, Engagement.application_id, Meeting.starts_at)
    found = found.select_from(Meeting).join(Engagement, Engagement.id == Meeting.engagement_id)
    return found.join(Person, Person.id == Engagement.recipient_id).where(
        Meeting.state == MeetingState.CONFIRMED,
        Meeting.ends_at > now,
        Meeting.starts_at <= near,
        Person.phone.is_(None),
        way,
    )


def _has_room() -> ColumnElement[bool]:
    here = (EngagementSupporter.engagement_id == Engagement.id, EngagementSupporter.until.is_(None))
    team = exists().where(*here, Supporter.id == EngagementSupporter.supporter_id)
    return team.where(Supporter.meeting_url.is_not(None))


def _record_late(now: datetime) -> Select[Any]:
    return _meeting(Kind.RECORD_LATE, Meeting.ends_at <= now - PATIENCE)


def _record_waiting(now: datetime) -> Select[Any]:
    return _meeting(Kind.RECORD_WAITING, Meeting.ends_at <= now, Meeting.ends_at > now - PATIENCE)


def _question_waiting(_now: datetime) -> Select[Any]:
    return _application(Kind.QUESTION_WAITING, Application.submitted_at, Application.state == _A.ASKING)


def _to_look_at() -> tuple[ColumnElement[bool], ...]:
    return Application.state.in_((_A.RECEIVED, _A.CHECKING)), Application.searching_since.is_(None)


def _look_late(now: datetime) -> Select[Any]:
    return _application(
        Kind.LOOK_LATE, Application.submitted_at, *_to_look_at(), Application.submitted_at <= now - PATIENCE
    )


def _look(now: datetime) -> Select[Any]:
    return _application(
        Kind.LOOK, Application.submitted_at, *_to_look_at(), Application.submitted_at > now - PATIENCE
    )


def _selection(_now: datetime) -> Select[Any]:
    waiting = Application.state.in_((_A.SELECTING, _A.WAITING))
    return _application(Kind.SELECTION, Application.submitted_at, waiting)


def _search(_now: datetime) -> Select[Any]:
    """Somebody is to be found, and nobody is being asked: at first, and after a list came to its end."""
    asked = exists().where(Proposal.application_id == Application.id, Proposal.state == ProposalState.OPEN)
    again = (Application.state == _A.CHECKING) & Application.searching_since.is_not(None)
    since = func.coalesce(Application.searching_since, Application.submitted_at)
    return _application(Kind.SEARCH, since, Application.state.in_((_A.MATCHING, _A.SELECTED)) | again, ~asked)


def _flag(_now: datetime) -> Select[Any]:
    return _row(Kind.FLAG, Flag.id, Flag.application_id, Flag.raised_at).where(Flag.resolved_at.is_(None))


_SOURCES: Mapping[Queue, Sequence[Source]] = {
    Queue.LATE: (_invitation_late, _offer_late, _record_late, _look_late),
    Queue.ANSWER: (_number_missing, _invitation_waiting, _talk_wanted, _question_waiting),
    Queue.HOUR: (_offer_waiting, _hour_missing, _hour_to_find, _no_hour, _no_hour_any_more),
    Queue.RECORD: (_record_waiting,),
    Queue.WATCH: (_flag,),
    Queue.NEW: (_look, _selection),
    Queue.SEARCH: (_search,),
}
