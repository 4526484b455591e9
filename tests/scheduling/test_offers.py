"""Three hours to choose from, the first kept for the applicant."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import DayPart, TimesKind
from mentorlink.core.errors import Conflict
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.scheduling.models import MeetingState, Occupancy, OccupancyKind, OfferState
from mentorlink.scheduling.queries import choose_three, common_starts
from mentorlink.scheduling.services import (
    ask_for_call,
    book_meeting,
    choose_slot,
    expired_offers,
    let_offer_go,
    offer_slots,
    release_expired,
    replace_offer,
    save_availability,
)
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)

DAY = timedelta(days=1)
ROOM = "https://room.example/9"
EVENINGS = [(day, 1080, 1260) for day in range(5)]


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of November 2026 (or, past 30, of December) on Tokyo's clocks."""
    month, day = (11, day) if day <= 30 else (12, day - 30)
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


def spans(session) -> list[tuple[int, datetime, datetime, OccupancyKind]]:
    rows = session.scalars(select(Occupancy).order_by(Occupancy.starts_at, Occupancy.person_id))
    return [(row.person_id, row.starts_at, row.ends_at, row.kind) for row in rows]


def messages(session, template: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.template == f"scheduling/{template}")
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def test_common_starts_lie_where_window_wish_notice_and_horizon_agree(session):
    programme = make_programme(session, horizon_days=7)
    application = make_application(session, programme=programme, times=[(4, DayPart.EVENING)])
    supporter = make_supporter(session, windows=[(4, 1080, 1200), (2, 600, 720)], notice_hours=24)
    starts = common_starts(session, application, supporter, now=NOW)
    assert starts == [tokyo(27, 18), tokyo(27, 18, 30), tokyo(27, 19)]


def test_common_starts_are_unknown_where_times_are_to_be_talked_about(session):
    application = make_application(session, times_kind=TimesKind.BY_TALK)
    assert common_starts(session, application, make_supporter(session), now=NOW) is None


def test_common_starts_leave_room_around_what_is_taken(session):
    programme = make_programme(session, horizon_days=7)
    application = make_application(session, programme=programme, times=[(4, DayPart.EVENING)])
    supporter = make_supporter(session, windows=[(4, 1020, 1260)], buffer_minutes=30, capacity_week=5)
    other = make_engagement(session, supporters=[supporter])
    book_meeting(session, other, tokyo(27, 18), way="online", by="test", now=NOW)
    assert common_starts(session, application, supporter, now=NOW) == [tokyo(27, 19, 30), tokyo(27, 20)]


def test_common_starts_skip_the_applicants_own_appointments(session):
    programme = make_programme(session, horizon_days=7)
    person = make_person(session)
    application = make_application(session, programme=programme, person=person, times=[(4, DayPart.EVENING)])
    elsewhere = make_application(session, person=person)
    make_meeting(
        session, engagement=make_engagement(session, application=elsewhere), starts_at=tokyo(27, 18, 30)
    )
    supporter = make_supporter(session, windows=[(4, 1080, 1230)])
    assert common_starts(session, application, supporter, now=NOW) == [tokyo(27, 19, 30)]


def test_a_week_that_is_full_offers_nothing_more(session):
    application = make_application(session, programme=make_programme(session, horizon_days=10))
    supporter = make_supporter(session, windows=EVENINGS, capacity_week=1)
    other = make_engagement(session, supporters=[supporter])
    book_meeting(session, other, tokyo(30, 18), way="online", by="test", now=NOW)
    starts = common_starts(session, application, supporter, now=NOW)
    assert {start.date() for start in starts} == {tokyo(27, 18).date()}


def test_an_hour_keeps_its_real_length_over_a_change_of_clocks(session):
    application = make_application(
        session, programme=make_programme(session, horizon_days=6), times_kind=TimesKind.BY_TALK
    )
    person = make_person(session, zone="Australia/Lord_Howe")  # half an hour back on 2026-04-05 at 2:00
    supporter = make_supporter(session, person=person, windows=[(6, 60, 150)], notice_hours=0)
    engagement = make_engagement(session, application=application, supporters=[supporter])
    now = datetime(2026, 4, 2, tzinfo=UTC)
    offer = offer_slots(session, engagement, now=now)
    starts = [slot.starts_at for slot in offer.slots]
    assert starts == [datetime(2026, 4, 4, hour, tzinfo=UTC) for hour in (14, 15)]  # 1:00, and 1:30 once more
    meeting = choose_slot(session, offer, offer.slots[0], by="test", now=now)
    assert meeting.ends_at - meeting.starts_at == timedelta(hours=1)


def test_three_good_ones_are_on_other_days_and_other_parts_of_the_day():
    starts = [tokyo(27, 18), tokyo(27, 19), tokyo(28, 18), tokyo(28, 10), tokyo(30, 13), tokyo(30, 18)]
    assert choose_three(sorted(starts), 60, "Asia/Tokyo") == [tokyo(27, 18), tokyo(28, 10), tokyo(30, 13)]


def test_offer_holds_the_first_hour_for_both_and_tells_the_applicant(session):
    engagement = make_engagement(session)
    offer = offer_slots(session, engagement, now=NOW)
    first = offer.slots[0]
    people = sorted([engagement.recipient_id, engagement.supporters[0].supporter.person_id])
    assert [slot.is_held for slot in offer.slots] == [True, False, False]
    assert [(person, kind) for person, _start, _end, kind in spans(session)] == [
        (person, OccupancyKind.HELD) for person in people
    ]
    assert {start for _person, start, _end, _kind in spans(session)} == {first.starts_at}
    assert [message.about for message in messages(session, "slots_offered")] == [f"offer:{offer.id}"]


def test_offer_without_a_common_hour_asks_both_sides_for_others(session):
    engagement = make_engagement(session, supporters=[make_supporter(session, windows=[(6, 540, 600)])])
    offer = offer_slots(session, engagement, now=NOW)
    assert offer.slots == []
    assert len(messages(session, "no_common_hour")) == len(messages(session, "hours_wanted")) == 1


def test_new_hours_of_the_supporter_reach_those_who_wait_for_some(session):
    supporter = make_supporter(session, windows=[])
    engagement = make_engagement(session, supporters=[supporter])
    empty = offer_slots(session, engagement, now=NOW)
    save_availability(session, supporter, EVENINGS, by="test", now=NOW)
    assert empty.state is OfferState.REPLACED
    assert len(messages(session, "slots_offered")) == 1


def test_choosing_confirms_the_hour_and_plans_what_is_said(session):
    engagement = make_engagement(session, supporters=[make_supporter(session, meeting_url=ROOM)])
    offer = offer_slots(session, engagement, now=NOW)
    meeting = choose_slot(session, offer, offer.slots[1], by="test", now=NOW)
    assert offer.state is OfferState.CHOSEN
    assert {kind for *_rest, kind in spans(session)} == {OccupancyKind.CONFIRMED}
    assert [message.state for message in messages(session, "slots_offered")] == [MessageState.CANCELLED]
    planned = [len(messages(session, name)) for name in ("booked", "tomorrow", "in_an_hour", "record_wanted")]
    assert planned == [2, 2, 1, 1]
    assert {message.about for message in messages(session, "booked")} == {f"meeting:{meeting.id}"}


def test_reminders_go_the_day_before_at_five_and_one_hour_before(session):
    engagement = make_engagement(session, supporters=[make_supporter(session, meeting_url=ROOM)])
    meeting = book_meeting(session, engagement, tokyo(30, 19), way="online", by="test", now=NOW)
    assert {message.due_at for message in messages(session, "tomorrow")} == {tokyo(29, 17)}
    (hour_before,) = messages(session, "in_an_hour")
    assert (hour_before.due_at, hour_before.not_after) == (tokyo(30, 18), meeting.starts_at)
    (record,) = messages(session, "record_wanted")
    assert record.due_at == tokyo(31, 9)


def test_choosing_twice_gives_the_same_meeting(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    meeting = choose_slot(session, offer, offer.slots[0], by="test", now=NOW)
    assert choose_slot(session, offer, offer.slots[0], by="test", now=NOW) is meeting


def test_choosing_an_hour_that_somebody_else_took_says_that_it_is_gone(session):
    supporter = make_supporter(session, capacity_week=5)
    first, second = (make_engagement(session, supporters=[supporter]) for _ in range(2))
    ours, theirs = (offer_slots(session, each, now=NOW) for each in (first, second))
    wanted = ours.slots[1]
    book_meeting(session, second, wanted.starts_at, way="online", by="test", now=NOW)
    assert theirs.state is OfferState.REPLACED
    with pytest.raises(Conflict, match="slot_gone"):
        choose_slot(session, ours, wanted, by="test", now=NOW)


def test_a_full_week_makes_an_offered_hour_gone(session):
    supporter = make_supporter(session, capacity_week=1)
    engagement = make_engagement(session, supporters=[supporter])
    offer = offer_slots(session, engagement, now=NOW)
    monday = next(slot for slot in offer.slots if slot.starts_at >= tokyo(30, 0))
    other = make_engagement(session, supporters=[supporter])
    book_meeting(session, other, monday.starts_at + timedelta(hours=20), way="online", by="test", now=NOW)
    with pytest.raises(Conflict, match="slot_gone"):
        choose_slot(session, offer, monday, by="test", now=NOW)


def test_a_hold_that_ran_out_is_given_to_whoever_books(session):
    supporter = make_supporter(session, capacity_week=5)
    waiting, other = (make_engagement(session, supporters=[supporter]) for _ in range(2))
    offer = offer_slots(session, waiting, now=NOW)
    start, last = offer.slots[0].starts_at, offer.expires_at
    with pytest.raises(Conflict, match="slot_gone"):
        book_meeting(session, other, start, way="online", by="test", now=last - timedelta(seconds=1))
    meeting = book_meeting(session, other, start, way="online", by="test", now=last)
    assert meeting.state is MeetingState.CONFIRMED


def test_a_hold_never_outlasts_its_hour(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    assert offer.expires_at == offer.slots[0].starts_at - timedelta(hours=2)


def test_the_clock_closes_offers_and_gives_back_their_hours(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    assert release_expired(session, offer.expires_at - timedelta(seconds=1)) == 0
    assert release_expired(session, offer.expires_at) == 1
    assert (offer.state, spans(session)) == (OfferState.EXPIRED, [])


def test_an_offer_that_ran_out_brings_kind_words_and_fresh_hours(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    fresh = let_offer_go(session, offer.id, offer.expires_at)
    assert (offer.state, fresh.state) == (OfferState.EXPIRED, OfferState.OPEN)
    assert [each.params["offer_id"] for each in messages(session, "slots_renewed")] == [fresh.id]


def test_nobody_is_asked_a_third_time(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    fresh = let_offer_go(session, offer.id, offer.expires_at)
    assert let_offer_go(session, fresh.id, fresh.expires_at) is None
    assert (fresh.state, spans(session)) == (OfferState.EXPIRED, [])


def test_an_offer_that_still_waits_is_left_alone(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    assert expired_offers(session, NOW) == []
    assert let_offer_go(session, offer.id, NOW) is None
    assert offer.state is OfferState.OPEN


def test_where_a_talk_is_planned_no_fresh_hours_are_offered(session):
    offer = offer_slots(session, engagement := make_engagement(session), now=NOW)
    make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=20))
    assert let_offer_go(session, offer.id, offer.expires_at) is None


def test_other_hours_are_ones_not_seen_before(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    fresh = replace_offer(session, offer, by="test", now=NOW, other_hours=True)
    assert offer.state is OfferState.REPLACED
    assert not {slot.starts_at for slot in offer.slots} & {slot.starts_at for slot in fresh.slots}
    assert replace_offer(session, offer, by="test", now=NOW) is fresh


def test_asking_for_a_call_gives_the_office_one_task(session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    for _ in range(2):
        ask_for_call(session, offer, now=NOW)
    assert [message.channel for message in messages(session, "call_wanted")] == [Channel.CALL]
    assert offer.state is OfferState.OPEN


def test_fresh_hours_take_the_place_of_those_that_still_wait(session):
    engagement = make_engagement(session)
    first = offer_slots(session, engagement, now=NOW)
    second = offer_slots(session, engagement, now=NOW)
    assert (first.state, second.state) == (OfferState.REPLACED, OfferState.OPEN)
    assert {row.source for row in session.scalars(select(Occupancy))} == {f"offer:{second.id}"}
