"""What becomes of a meeting: moved, called off, missed, recorded."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import EngagementState, Side
from mentorlink.scheduling.models import Meeting, MeetingRecord, MeetingState, MeetingWay, Occupancy
from mentorlink.scheduling.services import (
    book_meeting,
    cancel_meeting,
    mark_no_show,
    move_meeting,
    record_meeting,
    set_weekly_windows,
)
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_supporter

DAY = timedelta(days=1)
LINES = {"went_well": "物件を見た", "difficult": "", "next_promise": "電話する"}


@pytest.fixture
def meeting(session):
    room = make_supporter(session, meeting_url="https://room.example/9")
    engagement = make_engagement(session, supporters=[room], state=EngagementState.PREPARING)
    return book_meeting(session, engagement, NOW + 5 * DAY, way=MeetingWay.ONLINE, by="test", now=NOW)


def states_of(session, template: str) -> list[MessageState]:
    query = select(OutboxMessage.state).where(OutboxMessage.template == f"scheduling/{template}")
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def test_moving_keeps_the_uid_counts_up_and_plans_the_reminders_anew(session, meeting):
    uid = meeting.uid
    move_meeting(session, meeting, NOW + 6 * DAY, by="test", side=Side.OFFICE, now=NOW)
    assert (meeting.uid, meeting.sequence, meeting.state) == (uid, 1, MeetingState.CONFIRMED)
    assert {row.starts_at for row in session.scalars(select(Occupancy))} == {NOW + 6 * DAY}
    assert states_of(session, "in_an_hour") == [MessageState.CANCELLED, MessageState.PLANNED]


@pytest.mark.both_databases
def test_a_refused_hour_leaves_nothing_in_the_hour_booked_after_it(session):
    supporter = make_supporter(session)
    first, second = (make_engagement(session, supporters=[supporter]) for _ in range(2))
    book_meeting(session, first, NOW + 5 * DAY, way=MeetingWay.PHONE, by="test", now=NOW)
    with pytest.raises(Conflict) as refused:
        book_meeting(session, second, NOW + 5 * DAY, way=MeetingWay.PHONE, by="test", now=NOW)
    booked = book_meeting(session, second, NOW + 6 * DAY, way=MeetingWay.PHONE, by="test", now=NOW)
    session.commit()
    assert refused.value.code == "slot_gone"  # held on to, and with it what its frames hold
    assert (booked.starts_at, booked.version, booked.ended_by) == (NOW + 6 * DAY, 1, None)
    assert [
        each.starts_at for each in session.scalars(select(Meeting).filter_by(engagement_id=second.id))
    ] == [NOW + 6 * DAY]


def test_nobody_moves_or_calls_off_what_has_begun(session, meeting):
    with pytest.raises(RuleViolation, match="meeting_not_moved"):
        move_meeting(session, meeting, NOW + 9 * DAY, by="test", side=Side.APPLICANT, now=meeting.starts_at)
    with pytest.raises(RuleViolation, match="meeting_not_cancelled"):
        cancel_meeting(session, meeting, side=Side.APPLICANT, by="test", now=meeting.starts_at)


def test_calling_off_frees_the_time_and_takes_the_reminders_back(session, meeting):
    cancel_meeting(session, meeting, side=Side.APPLICANT, by="test", now=NOW)
    assert (meeting.state, meeting.ended_by, meeting.sequence) == (MeetingState.CANCELLED, "applicant", 1)
    assert list(session.scalars(select(Occupancy))) == []
    assert set(states_of(session, "tomorrow")) == {MessageState.CANCELLED}
    assert states_of(session, "cancelled") == [MessageState.PLANNED] * 2


def test_the_record_says_that_the_talk_took_place_and_begins_the_support(session, meeting):
    record_meeting(session, meeting, **LINES, by="test", now=meeting.ends_at)
    assert meeting.state is MeetingState.RECORDED
    assert meeting.engagement.state is EngagementState.RUNNING
    assert states_of(session, "record_wanted") == [MessageState.CANCELLED]


def test_sending_the_same_record_twice_is_one_record(session, meeting):
    for _ in range(2):
        record_meeting(session, meeting, **LINES, by="test", now=meeting.ends_at)
        session.expire(meeting)
    assert len(list(session.scalars(select(MeetingRecord)))) == 1


def test_nothing_is_recorded_before_it_began(session, meeting):
    with pytest.raises(RuleViolation, match="meeting_not_begun"):
        record_meeting(session, meeting, **LINES, by="test", now=NOW)


def test_the_third_absence_in_a_row_shows_the_application_to_the_office(session):
    engagement = make_engagement(session)
    for day in (1, 2, 3):
        assert session.scalar(select(Flag)) is None
        missed = make_meeting(session, engagement=engagement, starts_at=NOW + day * DAY)
        mark_no_show(session, missed, side=Side.APPLICANT, by="test", now=missed.ends_at)
    assert session.scalar(select(Flag.kind)) is FlagKind.ABSENCES


@pytest.mark.parametrize("state", [EngagementState.PAUSED, EngagementState.COMPLETED])
def test_a_support_that_rests_or_is_over_books_nothing(session, state):
    engagement = make_engagement(session, state=state)
    with pytest.raises(RuleViolation, match="engagement_not_running"):
        book_meeting(session, engagement, NOW + DAY, way=MeetingWay.ONLINE, by="test", now=NOW)


def test_nothing_is_booked_in_the_past(session):
    with pytest.raises(RuleViolation, match="meeting_in_the_past"):
        book_meeting(session, make_engagement(session), NOW, way=MeetingWay.PHONE, by="test", now=NOW)


@pytest.mark.parametrize("window", [(7, 0, 60), (0, 60, 60), (0, 10, 70), (0, 1410, 1470), (-1, 0, 60)])
def test_a_week_has_whole_half_hours_of_seven_days(session, window):
    with pytest.raises(RuleViolation, match="window_not_possible"):
        set_weekly_windows(session, make_supporter(session), [window])


def test_a_record_leaves_no_reminder_that_never_went_out(session, meeting):
    record_meeting(session, meeting, **LINES, by="test", now=meeting.ends_at)
    assert states_of(session, "tomorrow") + states_of(session, "in_an_hour") == [MessageState.CANCELLED] * 3
