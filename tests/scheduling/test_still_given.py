"""What was shown may be over when it is taken: a supporter is away by then, or their week is full."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mentorlink.core.errors import Conflict
from mentorlink.engagements.models import Side
from mentorlink.people.models import Receiving
from mentorlink.scheduling.models import MeetingWay, OfferState
from mentorlink.scheduling.services import (
    TalksTaken,
    Terms,
    add_exceptions,
    book_meeting,
    choose_slot,
    move_meeting,
    offer_slots,
    plan_talks,
    save_availability,
    save_terms,
)
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_programme, make_supporter

pytestmark = pytest.mark.both_databases
BY = {"by": "test", "now": NOW}
DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)  # 19:00 in Tokyo
WEEK = 7 * DAY


@pytest.fixture
def supporter(session):
    return make_supporter(session, capacity_week=1, capacity_month=9)


def booked(session, supporter, start, side=Side.OFFICE):
    """A talk of somebody's own with this supporter."""
    engagement = make_engagement(session, supporters=[supporter])
    return book_meeting(session, engagement, start, way=MeetingWay.ONLINE, **BY)


def away(session, supporter, first: date) -> None:
    add_exceptions(session, supporter, (first, first + 40 * DAY), (0, 1440), is_free=False, **BY)


def change(session, supporter, **terms) -> None:
    save_terms(session, supporter, replace(Terms.of(supporter), **terms), **BY)


@pytest.mark.parametrize(
    "says_no",
    [
        lambda session, one: away(session, one, date(2026, 11, 25)),
        lambda session, one: save_availability(session, one, [(6, 0, 1440)], **BY),
        lambda session, one: change(session, one, receiving=Receiving.PAUSED, paused_until=date(2027, 1, 31)),
        lambda session, one: change(session, one, capacity_month=0),
    ],
    ids=["away", "another week", "paused", "no talks"],
)
def test_an_hour_that_the_supporter_has_taken_back_is_gone(session, supporter, says_no):
    offer = offer_slots(session, make_engagement(session, supporters=[supporter]), now=NOW)
    says_no(session, supporter)
    for slot in offer.slots:
        with pytest.raises(Conflict, match="slot_gone"), session.begin_nested():
            choose_slot(session, offer, slot, **BY)
    session.refresh(offer)
    assert offer.state is OfferState.OPEN


def test_an_hour_that_is_nearer_by_now_than_the_notice_is_still_there(session, supporter):
    offer = offer_slots(session, make_engagement(session, supporters=[supporter]), now=NOW)
    start = offer.slots[0].starts_at
    later = {"by": "test", "now": start - timedelta(hours=3)}
    assert choose_slot(session, offer, offer.slots[0], **later).starts_at == start


def test_who_moves_their_own_talk_is_not_held_to_their_own_number(session, supporter):
    booked(session, supporter, MONDAY + WEEK)
    meeting = booked(session, supporter, MONDAY)
    move_meeting(session, meeting, MONDAY + WEEK + DAY, side=Side.SUPPORTER, **BY)
    assert meeting.starts_at == MONDAY + WEEK + DAY


def test_one_of_two_supporters_is_held_to_the_number_of_the_other(session, supporter):
    booked(session, supporter, MONDAY + WEEK)
    both = make_engagement(session, supporters=[supporter, make_supporter(session)])
    meeting = book_meeting(session, both, MONDAY, way=MeetingWay.ONLINE, **BY)
    with pytest.raises(Conflict, match="slot_gone"):
        move_meeting(session, meeting, MONDAY + WEEK + DAY, side=Side.SUPPORTER, **BY)


def test_a_full_week_is_full_for_a_talk_of_another_week(session, supporter):
    booked(session, supporter, MONDAY + WEEK)
    meeting = booked(session, supporter, MONDAY)
    with pytest.raises(Conflict, match="slot_gone"):
        move_meeting(session, meeting, MONDAY + WEEK + DAY, side=Side.APPLICANT, **BY)
    assert (meeting.starts_at, meeting.sequence) == (MONDAY, 0)


def test_the_office_may_ask_for_one_more_in_a_full_week(session, supporter):
    booked(session, supporter, MONDAY + WEEK)
    meeting = booked(session, supporter, MONDAY)
    move_meeting(session, meeting, MONDAY + WEEK + DAY, side=Side.OFFICE, **BY)
    assert meeting.starts_at == MONDAY + WEEK + DAY


@pytest.mark.parametrize("others", [0, 2])
def test_within_its_own_week_a_talk_moves_however_full_that_is(session, supporter, others):
    for number in range(others):
        booked(session, supporter, MONDAY + (2 + number) * DAY)
    meeting = booked(session, supporter, MONDAY)
    move_meeting(session, meeting, MONDAY + DAY, side=Side.APPLICANT, **BY)
    assert meeting.starts_at == MONDAY + DAY


def test_a_full_month_is_full_for_a_talk_of_another_month_alone(session, supporter):
    supporter.capacity_month = 1
    meeting = booked(session, supporter, MONDAY)  # still November
    booked(session, supporter, MONDAY + 2 * WEEK)
    with pytest.raises(Conflict, match="slot_gone"):
        move_meeting(session, meeting, MONDAY + DAY, side=Side.APPLICANT, **BY)
    other = booked(session, supporter, MONDAY + 3 * WEEK)
    move_meeting(session, other, MONDAY + WEEK, side=Side.APPLICANT, **BY)
    assert (meeting.starts_at, other.starts_at) == (MONDAY, MONDAY + WEEK)


def test_nobody_moves_a_talk_to_a_day_on_which_the_supporter_is_away(session, supporter):
    meeting = booked(session, supporter, MONDAY)
    away(session, supporter, date(2026, 12, 1))
    with pytest.raises(Conflict, match="slot_gone"):
        move_meeting(session, meeting, MONDAY + DAY, side=Side.APPLICANT, **BY)


def test_one_of_a_team_with_a_full_week_is_enough(session, supporter):
    colleague = make_supporter(session)
    booked(session, supporter, MONDAY + WEEK)
    engagement = make_engagement(session, supporters=[colleague, supporter])
    meeting = book_meeting(session, engagement, MONDAY, way=MeetingWay.ONLINE, **BY)
    with pytest.raises(Conflict, match="slot_gone"):
        move_meeting(session, meeting, MONDAY + WEEK + DAY, side=Side.APPLICANT, **BY)


@pytest.mark.parametrize("side", [Side.APPLICANT, Side.SUPPORTER])
def test_a_plan_names_the_days_on_which_the_supporter_is_away_by_now(session, supporter, side):
    application = make_application(session, programme=make_programme(session, months=6))
    engagement = make_engagement(session, application=application, supporters=[supporter])
    starts = [MONDAY + number * 4 * WEEK for number in range(3)]
    add_exceptions(
        session, supporter, (date(2026, 12, 28), date(2026, 12, 28)), (0, 1440), is_free=False, **BY
    )
    with pytest.raises(TalksTaken) as taken:
        plan_talks(session, engagement, starts, side=side, **BY)
    assert taken.value.starts == {starts[1]}
    assert len(plan_talks(session, engagement, starts, side=Side.OFFICE, **BY)) == 3
