"""A rest gives time back, stops what would be asked, and is told kindly in one mail."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import EngagementState, PauseReason
from mentorlink.scheduling.models import Meeting, MeetingState, Occupancy, OfferState
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.services import (
    book_meeting,
    offer_slots,
    plan_talks,
    rest_engagement,
    take_up_engagement,
)
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_programme

WEDNESDAY = NOW.replace(day=25, hour=10) + timedelta(days=7)  # 2 December, 19:00 in Tokyo


@pytest.fixture
def engagement(session):
    application = make_application(session, programme=make_programme(session, months=6), state="matched")
    engagement = make_engagement(session, application=application)
    plan_talks(session, engagement, [WEDNESDAY, WEDNESDAY + timedelta(weeks=5)], by="test", now=NOW)
    return engagement


def rest(session, engagement, reason=PauseReason.DISASTER, **more):
    return rest_engagement(session, engagement, reason, by="user:1", now=NOW + timedelta(minutes=1), **more)


def waiting(session) -> set[str]:
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.state == MessageState.PLANNED))
    return {row.template for row in rows}


def test_a_rest_gives_all_hours_back_and_leaves_one_mail_for_each_side(session, engagement):
    pause = rest(session, engagement, expected_until=date(2027, 1, 10), batch="ishikawa")
    assert (pause.expected_until, pause.batch) == (date(2027, 1, 10), "ishikawa")
    assert engagement.state is EngagementState.PAUSED
    assert set(session.scalars(select(Meeting.state))) == {MeetingState.CANCELLED}
    assert session.scalars(select(Occupancy)).all() == []
    assert waiting(session) == {"scheduling/resting"}


def test_a_rest_ends_the_offer_that_waits(session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    rest(session, engagement)
    assert offer.state is OfferState.REPLACED


def test_a_rest_cancels_the_appointments_in_the_calendars(session, engagement):
    rest(session, engagement)
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.template == "scheduling/resting").limit(1))
    shown = CONTEXTS[row.template](session, row)
    _name, calendar, method = shown["attachment"]("office@example.org")
    assert (method, calendar.count(b"BEGIN:VEVENT"), calendar.count(b"SEQUENCE:1")) == ("CANCEL", 2, 2)
    assert shown["is_disaster"]
    assert shown["action_url"] is None


def test_the_reason_of_a_family_is_not_told_on(session, engagement):
    rest(session, engagement, PauseReason.FAMILY)
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.template == "scheduling/resting").limit(1))
    assert not CONTEXTS[row.template](session, row)["is_disaster"]


def test_what_rests_is_booked_by_nobody(session, engagement):
    rest(session, engagement)
    with pytest.raises(RuleViolation, match="engagement_not_running"):
        book_meeting(session, engagement, WEDNESDAY, way="online", by="test", now=NOW)


def test_taking_up_says_so_and_asks_for_the_next_talks(session, engagement):
    rest(session, engagement)
    take_up_engagement(session, engagement, by="user:1", now=NOW + timedelta(days=20))
    assert engagement.state is EngagementState.RUNNING
    assert "scheduling/taken_up" in waiting(session)


def test_only_what_rests_is_taken_up(session, engagement):
    with pytest.raises(RuleViolation, match="engagement_not_paused"):
        take_up_engagement(session, engagement, by="user:1", now=NOW)


def test_a_clock_set_back_meanwhile_does_not_keep_anybody_resting(session):
    engagement = make_engagement(session)
    pause = rest_engagement(session, engagement, PauseReason.FAMILY, by="test", now=NOW)
    take_up_engagement(session, engagement, by="test", now=NOW - timedelta(hours=1))
    assert (engagement.state, pause.until) == (EngagementState.RUNNING, NOW)
