"""An hour becomes a meeting."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, make_transient_to_detached

from mentorlink.core.dates import local_date
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.links import page_address
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.engagements.services import set_beginning
from mentorlink.scheduling import notices, queries
from mentorlink.scheduling.joining import working_way
from mentorlink.scheduling.models import (
    Meeting,
    MeetingState,
    MeetingWay,
    OccupancyKind,
    OfferedSlot,
    OfferState,
    SlotOffer,
)
from mentorlink.scheduling.queries.hours.still import is_still_given
from mentorlink.scheduling.services.occupancy import MEETS_IN, SLOT_GONE, lock_time, take_time, taking_time
from mentorlink.scheduling.services.waiting import close_offer, close_waiting


def choose_slot(session: Session, offer: SlotOffer, slot: OfferedSlot, *, by: str, now: datetime) -> Meeting:
    """The applicant takes one of the offered hours.

    Choosing the same hour twice gives the same meeting. Raises Conflict ``slot_gone`` where somebody else has it
    by now, a supporter does not give it any more or has a full week, or the offer was replaced: offer fresh ones
    then. RuleViolation ``offer_closed`` where another hour of it was chosen.
    """
    engagement, starts_at = offer.engagement, slot.starts_at
    lock_time(session, engagement, now)
    session.refresh(offer)
    if offer.state is OfferState.CHOSEN:
        if meeting := _booked(session, engagement, starts_at):
            return meeting
        raise RuleViolation("offer_closed")
    if offer.state is not OfferState.OPEN or starts_at <= now:
        raise Conflict(SLOT_GONE)
    close_offer(session, offer, OfferState.CHOSEN, by=by, now=now)
    if not is_still_given(session, engagement, starts_at, now=now):
        raise Conflict(SLOT_GONE)
    return _book(session, engagement, starts_at, way=agreed_way(engagement), by=by, now=now)


def book_meeting(
    session: Session, engagement: Engagement, starts_at: datetime, *, way: MeetingWay, by: str, now: datetime
) -> Meeting:
    """Confirm an hour for the recipient and every supporter, and plan what both sides hear about it.

    Raises Conflict ``slot_gone`` where one of them is taken, RuleViolation ``meeting_in_the_past`` and
    ``engagement_not_running``.
    """
    lock_time(session, engagement, now)
    return _book(session, engagement, starts_at, way=way, by=by, now=now)


def _book(
    session: Session, engagement: Engagement, starts_at: datetime, *, way: MeetingWay, by: str, now: datetime
) -> Meeting:
    """With the time locked."""
    if engagement.state not in MEETS_IN:
        raise RuleViolation("engagement_not_running")
    if starts_at <= now:
        raise RuleViolation("meeting_in_the_past")
    close_waiting(session, engagement, by=by, now=now)
    with taking_time(session):
        meeting = take_hour(session, engagement, starts_at, way, now)
    note_beginning(session, engagement, by=by, now=now)
    notices.tell_booked(session, meeting, now=now)
    return meeting


def take_hour(
    session: Session, engagement: Engagement, starts_at: datetime, way: MeetingWay, now: datetime
) -> Meeting:
    """Inside ``taking_time``: the meeting and everybody's span. Raises RuleViolation ``nobody_to_meet``."""
    if not queries.team_of(engagement):  # between two supporters
        raise RuleViolation("nobody_to_meet")
    columns = _columns_of_new(engagement, starts_at, working_way(engagement, way), now)
    meeting = _write_meeting(session, columns)
    take_meeting_time(session, meeting, engagement)
    return meeting


def note_beginning(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """Before the first talk took place, a half-year counts from the first day that is planned."""
    if engagement.state is not EngagementState.PREPARING or engagement.programme.months == 0:
        return
    first = queries.next_meeting(session, engagement.id)
    if first is not None:
        day = local_date(first.starts_at, engagement.recipient.zone)
        set_beginning(session, engagement, day, by=by, now=now)


def take_meeting_time(session: Session, meeting: Meeting, engagement: Engagement) -> None:
    take_time(
        session,
        engagement,
        meeting.starts_at,
        meeting.ends_at,
        kind=OccupancyKind.CONFIRMED,
        source=f"meeting:{meeting.id}",
        expires_at=meeting.ends_at,
    )


def agreed_way(engagement: Engagement) -> MeetingWay:
    """The first way of talking that the applicant named and the whole team offers, as far as it works."""
    offered = [set(supporter.codes("mode")) for supporter in queries.team_of(engagement)]
    wished = engagement.application.codes("mode")
    agreed = [code for code in wished if all(code in modes for modes in offered)]
    return working_way(engagement, MeetingWay((agreed or wished or [MeetingWay.ONLINE])[0]))


_INSERT = insert(Meeting).returning(Meeting.id)


def _write_meeting(session: Session, columns: dict[str, Any]) -> Meeting:
    """The row, and its object with nothing left to write: a third of what a flush of a new object takes."""
    number = session.connection().execute(_INSERT, columns).scalar_one()
    meeting = Meeting(id=number, **columns)
    make_transient_to_detached(meeting)
    return session.merge(meeting, load=False)


def _columns_of_new(
    engagement: Engagement, starts_at: datetime, way: MeetingWay, now: datetime
) -> dict[str, Any]:
    minutes = engagement.programme.meeting_minutes
    host = urlsplit(page_address("landing")).hostname or "localhost"
    return {
        "engagement_id": engagement.id,
        "state": MeetingState.CONFIRMED,
        "way": way,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "minutes": minutes,
        "uid": f"meeting-{secrets.token_hex(12)}@{host}",
        "sequence": 0,
        "ended_by": None,
        "created_at": now,
        "version": 1,
    }


def _booked(session: Session, engagement: Engagement, starts_at: datetime) -> Meeting | None:
    return session.scalar(
        select(Meeting).where(
            Meeting.engagement_id == engagement.id,
            Meeting.state == MeetingState.CONFIRMED,
            Meeting.starts_at == starts_at,
        )
    )
