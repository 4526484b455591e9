"""What becomes of a meeting: moved, cancelled, missed, held and recorded. Nobody has to give a reason."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import FlagKind
from mentorlink.applications.services import raise_flag, watch_over
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import StateChange, change_state
from mentorlink.engagements.models import EngagementState, Side
from mentorlink.engagements.services import start_engagement
from mentorlink.scheduling import notices, queries
from mentorlink.scheduling.models import (
    MEETING_TRANSITIONS,
    Meeting,
    MeetingRecord,
    MeetingState,
    SlotOffer,
)
from mentorlink.scheduling.queries.hours.still import is_still_given, move_of
from mentorlink.scheduling.services.booking import note_beginning, take_meeting_time
from mentorlink.scheduling.services.occupancy import SLOT_GONE, give_back_time, lock_time, taking_time
from mentorlink.scheduling.services.offers import offer_slots


def move_meeting(
    session: Session,
    meeting: Meeting,
    starts_at: datetime,
    *,
    by: str,
    side: Side,
    now: datetime,
    sequence: int | None = None,
) -> Meeting:
    """Another hour for the same meeting, up to its start, by either side.

    ``sequence`` is what the asking page showed. Raises Conflict ``changed_meanwhile`` where the meeting has moved
    since, ``slot_gone`` where the hour is taken or, unless the office moves it, a supporter does not give it or has
    a full week (``move_of``); RuleViolation ``meeting_not_moved`` and ``meeting_in_the_past``.
    """
    lock_time(session, meeting.engagement, now)
    session.refresh(meeting)
    if sequence is not None and sequence != meeting.sequence:
        raise Conflict("changed_meanwhile")
    _is_still_to_come(meeting, now, "meeting_not_moved")
    if starts_at <= now:
        raise RuleViolation("meeting_in_the_past")
    old = meeting.starts_at
    if starts_at == old:
        return meeting
    move = move_of(meeting, side)
    if side is not Side.OFFICE and not is_still_given(
        session, meeting.engagement, starts_at, now=now, move=move
    ):
        raise Conflict(SLOT_GONE)
    with taking_time(session):
        _put_at(session, meeting, starts_at)
    _note_the_move(session, meeting, by, now)
    cancel_messages(session, meeting.abouts)
    note_beginning(session, meeting.engagement, by=by, now=now)
    notices.tell_moved(session, meeting, old, side, now=now)
    return meeting


def cancel_meeting(
    session: Session, meeting: Meeting, *, side: Side, by: str, now: datetime, offer_again: bool = False
) -> SlotOffer | None:
    """Call the meeting off, up to its start, and with ``offer_again`` look for another hour in the same step.

    The third day in a row that one side loses, called off late or missed, shows the application to the office.
    Raises RuleViolation ``meeting_not_cancelled`` once it has begun or is no longer planned.
    """
    engagement = meeting.engagement
    lock_time(session, engagement, now)
    session.refresh(meeting)
    _is_still_to_come(meeting, now, "meeting_not_cancelled")
    change_state(
        session,
        meeting,
        MeetingState.CANCELLED,
        MEETING_TRANSITIONS,
        by=by,
        now=now,
        ended_by=side.value,
        sequence=meeting.sequence + 1,
    )
    give_back_time(session, f"meeting:{meeting.id}")
    cancel_messages(session, meeting.abouts)
    notices.tell_cancelled(session, meeting, side, now=now, looks_again=offer_again)
    _show_absences(session, meeting, side, by=by, now=now)
    if queries.next_meeting(session, engagement.id) is None:  # of a plan nothing is left to be told
        cancel_messages(session, f"engagement:{engagement.id}", template=notices.TALKS_PLANNED)
    if not offer_again:
        return None
    return offer_slots(session, engagement, now=now, announce=side is not Side.APPLICANT)


def mark_no_show(session: Session, meeting: Meeting, *, side: Side, by: str, now: datetime) -> SlotOffer:
    """The two did not meet: kind words and fresh hours in one step. ``side`` is who could not come.

    The third day in a row that one side loses shows the application to the office. Raises RuleViolation
    ``meeting_not_begun``, and ``meeting_not_no_show`` where it is no longer planned.
    """
    if now < meeting.starts_at:
        raise RuleViolation("meeting_not_begun")
    engagement = meeting.engagement
    lock_time(session, engagement, now)
    values = {"ended_by": side.value}
    change_state(session, meeting, MeetingState.NO_SHOW, MEETING_TRANSITIONS, by=by, now=now, **values)
    cancel_messages(session, meeting.abouts)
    offer = offer_slots(session, engagement, now=now, announce=False)
    notices.tell_missed(session, meeting, now=now)
    _show_absences(session, meeting, side, by=by, now=now)
    return offer


def record_meeting(
    session: Session,
    meeting: Meeting,
    *,
    went_well: str,
    difficult: str,
    next_promise: str,
    promise_on: date | None = None,
    was_heavy: bool = False,
    by: str,
    now: datetime,
) -> MeetingRecord:
    """The supporter's three lines: the talk took place. Sending the same lines again changes nothing.

    ``was_heavy`` and words of crisis in a line are shown to the office alone. Raises RuleViolation
    ``meeting_not_begun`` before its start and ``meeting_not_held`` where it was called off or is recorded with other
    words.
    """
    if now < meeting.starts_at:
        raise RuleViolation("meeting_not_begun")
    lines = {"went_well": went_well, "difficult": difficult, "next_promise": next_promise}
    columns = {**lines, "promise_on": promise_on, "was_heavy": was_heavy}
    if (known := meeting.record) and all(getattr(known, name) == value for name, value in columns.items()):
        return known
    if meeting.state is not MeetingState.HELD:
        change_state(session, meeting, MeetingState.HELD, MEETING_TRANSITIONS, by=by, now=now, ended_by=None)
    change_state(session, meeting, MeetingState.RECORDED, MEETING_TRANSITIONS, by=by, now=now)
    record = MeetingRecord(meeting_id=meeting.id, written_by=by, written_at=now, **columns)
    session.add(record)
    session.flush()
    _show_to_office(session, record, meeting, by=by, now=now)
    if meeting.engagement.state is EngagementState.PREPARING:
        start_engagement(session, meeting.engagement, by=by, now=now)
    cancel_messages(session, f"meeting:{meeting.id}")
    return record


def _show_to_office(
    session: Session, record: MeetingRecord, meeting: Meeting, *, by: str, now: datetime
) -> None:
    application = meeting.engagement.application
    if record.was_heavy:
        raise_flag(session, application, FlagKind.HEAVY, by=by, now=now)
    if any(map(speaks_of_crisis, (record.went_well, record.difficult, record.next_promise))):
        watch_over(session, application, by=by, now=now)


def report_worry(session: Session, meeting: Meeting, note: str | None, *, by: str, now: datetime) -> None:
    """気になることがある: for the office alone."""
    raise_flag(session, meeting.engagement.application, FlagKind.WORRY, note=note, by=by, now=now)


def _is_still_to_come(meeting: Meeting, now: datetime, code: str) -> None:
    if meeting.state is not MeetingState.CONFIRMED or meeting.starts_at <= now:
        raise RuleViolation(code)


def _put_at(session: Session, meeting: Meeting, starts_at: datetime) -> None:
    give_back_time(session, f"meeting:{meeting.id}")
    meeting.starts_at = starts_at
    meeting.ends_at = starts_at + timedelta(minutes=meeting.minutes)
    meeting.sequence += 1
    session.flush()
    take_meeting_time(session, meeting, meeting.engagement)


def _note_the_move(session: Session, meeting: Meeting, by: str, now: datetime) -> None:
    here = meeting.state
    session.add(
        StateChange(concept="meeting", row_id=meeting.id, old=here, new=here, by=by, at=now, why="moved")
    )


def _show_absences(session: Session, meeting: Meeting, side: Side, *, by: str, now: datetime) -> None:
    """They may be busy: the office asks how it can help. Whoever came is never shown for the other side's days."""
    absences = queries.absences_of(session, meeting.engagement_id)
    if side is not Side.OFFICE and absences[side].in_a_row >= queries.ABSENCES_IN_A_ROW:
        raise_flag(session, meeting.engagement.application, FlagKind.ABSENCES, by=by, now=now)
