"""What the services about a supporter's hours refuse and set in motion, whoever calls them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.errors import RuleViolation
from mentorlink.people.models import Receiving
from mentorlink.scheduling.models import AvailabilityException, OfferState, SlotOffer, WeeklyWindow
from mentorlink.scheduling.queries import free_weeks_of_many, talks_outside
from mentorlink.scheduling.services import (
    Terms,
    add_exceptions,
    offer_slots,
    remove_exceptions,
    save_availability,
    save_terms,
)
from mentorlink.scheduling.services.waiting import close_offer
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_supporter

pytestmark = pytest.mark.both_databases
TODAY = date(2026, 11, 25)
HOUR = timedelta(hours=1)
DONE = {"by": "test", "now": NOW}


@pytest.fixture
def supporter(session):
    return make_supporter(session, windows=[])


def moved(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "minutes", "code"),
    [
        ((moved(-1), moved(-1)), (0, 1440), "exception_in_past"),
        ((moved(2), moved(1)), (0, 1440), "exception_in_past"),
        ((moved(401), moved(401)), (0, 1440), "exception_too_far"),
        ((moved(1), moved(63)), (0, 1440), "exception_too_long"),
        ((moved(1), moved(1)), (600, 600), "window_not_possible"),
        ((moved(1), moved(1)), (600, 1470), "window_not_possible"),
        ((moved(1), moved(1)), (601, 660), "window_not_possible"),
    ],
)
def test_a_day_that_cannot_be_is_refused(session, supporter, days, minutes, code):
    with pytest.raises(RuleViolation, match=code):
        add_exceptions(session, supporter, days, minutes, is_free=False, **DONE)
    assert session.scalars(select(AvailabilityException)).all() == []


@pytest.mark.parametrize(
    "change",
    [
        {"notice_hours": 337},
        {"buffer_minutes": -1},
        {"capacity_week": 41},
        {"capacity_month": 101},
        {"zone": "Mars/Olympus"},
    ],
)
def test_terms_that_cannot_be_are_refused(session, supporter, change):
    with pytest.raises(RuleViolation, match="terms_not_possible"):
        save_terms(session, supporter, replace(Terms.of(supporter), **change), **DONE)


@pytest.mark.parametrize(
    "window", [(0, 600, 600), (0, 660, 600), (0, 601, 660), (0, 600, 659), (7, 600, 660), (0, 1380, 1470)]
)
def test_a_week_that_cannot_be_is_refused(session, window):
    supporter = make_supporter(session, windows=[(1, 600, 660)])
    with pytest.raises(RuleViolation, match="window_not_possible"):
        save_availability(session, supporter, [window], **DONE)
    assert session.scalars(select(WeeklyWindow.weekday)).all() == [1]


def test_the_same_terms_saved_twice_are_no_conflict(session, supporter):
    before = Terms.of(supporter)
    wish = replace(before, capacity_week=before.capacity_week + 1)
    for _ in range(2):
        save_terms(session, supporter, wish, seen=before, **DONE)
    assert Terms.of(supporter) == wish


def test_the_last_day_of_a_pause_is_that_of_the_clocks_that_were_chosen(session, supporter):
    there = {"by": "test", "now": datetime(2026, 11, 25, 1, 0, tzinfo=UTC)}  # the day before, in New York
    wish = replace(Terms.of(supporter), receiving=Receiving.PAUSED, paused_until=moved(-1))
    save_terms(session, supporter, replace(wish, zone="America/New_York"), **there)
    assert supporter.paused_until == moved(-1)


def test_a_pause_that_is_over_already_is_refused(session, supporter):
    wish = replace(Terms.of(supporter), receiving=Receiving.PAUSED, paused_until=moved(-1))
    with pytest.raises(RuleViolation, match="pause_in_past"):
        save_terms(session, supporter, wish, **DONE)


def test_the_day_is_that_of_the_supporters_own_clocks(session, supporter):
    supporter.person.zone = "America/New_York"  # the day before, there
    there = {"by": "test", "now": datetime(2026, 11, 25, 1, 0, tzinfo=UTC)}
    add_exceptions(session, supporter, (moved(-1), moved(-1)), (0, 1440), is_free=False, **there)
    assert session.scalars(select(AvailabilityException.day)).all() == [moved(-1)]


def waiting(session, supporter) -> None:
    offer = offer_slots(session, make_engagement(session, supporters=[supporter]), now=NOW)
    assert offer.slots == []


def offers(session) -> list[int]:
    found = session.scalars(select(SlotOffer).order_by(SlotOffer.id))
    return [len(each.slots) for each in found]


def test_a_day_that_is_free_for_once_offers_hours_at_once_to_those_without(session, supporter):
    waiting(session, supporter)
    friday = date(2026, 12, 4)
    add_exceptions(session, supporter, (friday, friday), (1080, 1140), is_free=True, **DONE)
    assert offers(session) == [0, 1]


def test_terms_that_leave_room_offer_hours_at_once_to_those_without(session):
    supporter = make_supporter(session, capacity_week=0)
    waiting(session, supporter)
    save_terms(session, supporter, replace(Terms.of(supporter), capacity_week=1), **DONE)
    assert offers(session) == [0, 3]


def test_hours_that_were_offered_are_not_replaced_by_others(session):
    supporter = make_supporter(session)
    offer_slots(session, make_engagement(session, supporters=[supporter]), now=NOW)
    save_availability(session, supporter, [(day, 540, 1260) for day in range(7)], **DONE)
    assert offers(session) == [3]


def test_who_does_not_wait_any_more_is_not_offered_hours(session, supporter):
    engagement = make_engagement(session, supporters=[supporter])
    offer = offer_slots(session, engagement, now=NOW)
    close_offer(session, offer, OfferState.EXPIRED, by="test", now=NOW)
    save_availability(session, supporter, [(4, 1080, 1140)], **DONE)
    assert offers(session) == [0]


def test_whom_they_support_no_more_is_not_offered_their_hours(session, supporter):
    engagement = make_engagement(session, supporters=[supporter])
    engagement.supporters[0].until = NOW
    offer_slots(session, engagement, now=NOW)
    save_availability(session, supporter, [(4, 1080, 1140)], **DONE)
    assert offers(session) == [0]


def test_a_day_off_taken_back_offers_hours_at_once_to_those_without(session):
    supporter = make_supporter(session, windows=[(4, 1080, 1140)])
    ends = TODAY + timedelta(days=61)
    add_exceptions(session, supporter, (TODAY, ends), (0, 1440), is_free=False, **DONE)
    waiting(session, supporter)
    ids = session.scalars(select(AvailabilityException.id)).all()
    remove_exceptions(session, supporter, ids, **DONE)
    assert offers(session)[-1] >= 1


def test_a_talk_that_has_begun_is_not_called_outside_any_more(session, supporter):
    engagement = make_engagement(session, supporters=[supporter])
    make_meeting(session, engagement=engagement, starts_at=NOW - HOUR / 2)
    coming = make_meeting(session, engagement=engagement, starts_at=NOW + 2 * HOUR)
    assert talks_outside(session, supporter, now=NOW) == [coming]


def test_a_talk_over_midnight_lies_inside_of_two_days_that_touch(session):
    supporter = make_supporter(session, windows=[(1, 1410, 1440), (2, 0, 30)])
    engagement = make_engagement(session, supporters=[supporter])
    inside = make_meeting(session, engagement=engagement, starts_at=datetime(2026, 12, 1, 14, 30, tzinfo=UTC))
    assert talks_outside(session, supporter, now=NOW) == []
    later = inside.starts_at + timedelta(days=1)
    outside = make_meeting(session, engagement=engagement, starts_at=later)
    assert talks_outside(session, supporter, now=NOW) == [outside]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"])
def test_all_day_every_day_neither_loses_nor_doubles_a_start_in_a_year(session, zone):
    every_day = [(weekday, 0, 1440) for weekday in range(7)]
    supporter = make_supporter(
        session, windows=every_day, notice_hours=0, capacity_week=40, capacity_month=100
    )
    supporter.person.zone = zone
    session.flush()
    begins = datetime(2027, 1, 1, tzinfo=UTC)
    weeks = free_weeks_of_many(session, [supporter], 30, 365, now=begins)[supporter.id]
    starts = [start for _room, starts in weeks for start in starts]
    assert starts == [begins + number * HOUR / 2 for number in range(365 * 48 + 1)]
