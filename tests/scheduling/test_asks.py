"""An hour just outside of what people gave: asked for by one tap, answered by one tap each, a meeting in the same step."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mentorlink.applications.models import DayPart
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.engagements.models import PauseReason, Side
from mentorlink.people.models import ContactChannel
from mentorlink.scheduling.models import (
    AskState,
    HourAsk,
    Meeting,
    MeetingWay,
    Occupancy,
    OccupancyKind,
    OfferState,
)
from mentorlink.scheduling.queries import is_asked_enough, nearest_hours, open_ask
from mentorlink.scheduling.services import (
    answer_hour,
    ask_for_hour,
    book_meeting,
    expired_asks,
    let_ask_go,
    offer_slots,
    rest_engagement,
    set_weekly_windows,
)
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_programme, make_supporter

pytestmark = pytest.mark.both_databases

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SUNDAY = [(6, 540, 600)]
BY = {"by": "test", "now": NOW}


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of November 2026 (or, past 30, of December) on Tokyo's clocks."""
    month, day = (11, day) if day <= 30 else (12, day - 30)
    return datetime(2026, month, day, hour, minute, tzinfo=UTC) - 9 * HOUR


MONDAY = tokyo(30, 18)  # in the applicant's evenings, not in the supporter's Sunday mornings


@pytest.fixture
def engagement(session):
    """An applicant free on weekday evenings, a supporter on Sunday mornings."""
    return make_engagement(session, supporters=[make_supporter(session, windows=SUNDAY)])


@pytest.fixture
def team(session):
    """Of three: one is free on Mondays, the others are not."""
    windows = [[(0, 1080, 1260)], SUNDAY, []]
    programme = make_programme(session, team_min=3, team_max=3)
    application = make_application(session, programme=programme, state="matched")
    supporters = [make_supporter(session, windows=each) for each in windows]
    return make_engagement(session, application=application, supporters=supporters)


def persons(engagement) -> list[int]:
    return [place.supporter.person_id for place in engagement.supporters]


def ask_as_applicant(session, engagement, start=MONDAY, **more) -> HourAsk:
    return ask_for_hour(session, engagement, start, side=Side.APPLICANT, **(BY | more))


def held(session) -> set[int]:
    query = select(Occupancy.person_id).where(Occupancy.kind == OccupancyKind.HELD)
    return set(session.scalars(query))


def told(session, template: str) -> list[str]:
    """Whom of the two sides (or the office) this was said to, where it was not called off."""
    query = select(OutboxMessage.recipient).where(
        OutboxMessage.template == f"scheduling/{template}", OutboxMessage.state == MessageState.PLANNED
    )
    return sorted(session.scalars(query))


def meetings(session) -> list[datetime]:
    return list(session.scalars(select(Meeting.starts_at).where(Meeting.state == "confirmed")))


def test_where_nothing_is_common_the_nearest_hours_are_shown(session, engagement):
    hours = nearest_hours(session, engagement, now=NOW)
    assert len({hour.starts_at.date() for hour in hours}) == 3
    assert [len(hour.asks) for hour in hours] == [1, 1, 1]
    assert {who for hour in hours for who in hour.asks} == {engagement.recipient_id, *persons(engagement)}
    assert all(hour.starts_at >= NOW + 36 * HOUR for hour in hours)


def test_both_sides_hear_of_them_and_the_office_need_not(session, engagement):
    offer_slots(session, engagement, now=NOW)
    assert told(session, "no_common_hour") == [f"person:{engagement.recipient_id}"]
    assert told(session, "hours_wanted") == [f"person:{persons(engagement)[0]}"]
    assert told(session, "hour_to_find") == []


def test_where_there_is_not_even_a_near_hour_the_office_looks_for_one(session):
    programme = make_programme(session, horizon_days=1)
    application = make_application(session, programme=programme, state="matched")
    offer_slots(session, make_engagement(session, application=application), now=NOW)
    assert told(session, "hour_to_find") == ["office"]


def test_the_applicant_asks_and_their_own_hour_is_kept_meanwhile(session, engagement):
    ask = ask_as_applicant(session, engagement)
    [supporter] = persons(engagement)
    assert (ask.state, ask.waits_for, ask.expires_at) == (AskState.OPEN, [supporter], NOW + 2 * DAY)
    assert held(session) == {engagement.recipient_id}
    assert told(session, "hour_asked") == [f"person:{supporter}"]


def test_a_yes_is_a_meeting_in_the_same_step(session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    ask = ask_as_applicant(session, engagement)
    answer_hour(session, ask, persons(engagement)[0], is_yes=True, **BY)
    assert (ask.state, offer.state, meetings(session)) == (AskState.AGREED, OfferState.REPLACED, [MONDAY])
    assert (held(session), told(session, "hour_asked")) == (set(), [])
    assert len(told(session, "booked")) == 2


def test_an_hour_that_the_supporter_gave_is_booked_at_once(session, engagement):
    ask = ask_as_applicant(session, engagement, tokyo(29, 9))
    assert (ask.state, meetings(session)) == (AskState.AGREED, [tokyo(29, 9)])
    assert told(session, "hour_asked") == []


def test_the_supporter_asks_and_the_applicant_always_has_their_say(session, engagement):
    ask = ask_for_hour(session, engagement, MONDAY, side=Side.SUPPORTER, **BY)
    assert ask.waits_for == [engagement.recipient_id]
    assert held(session) == set(persons(engagement))
    answer_hour(session, ask, engagement.recipient_id, is_yes=True, **BY)
    assert meetings(session) == [MONDAY]


def test_the_office_asks_for_the_applicant_on_the_telephone(session, engagement):
    ask = ask_for_hour(session, engagement, MONDAY, side=Side.OFFICE, **BY)
    assert (ask.asker_id, ask.waits_for) == (engagement.recipient_id, persons(engagement))


def test_a_no_ends_it_kindly_and_another_hour_may_be_asked_for(session, engagement):
    ask = ask_as_applicant(session, engagement)
    answer_hour(session, ask, persons(engagement)[0], is_yes=False, **BY)
    assert (ask.state, held(session), meetings(session)) == (AskState.DECLINED, set(), [])
    assert told(session, "hour_in_vain") == [f"person:{engagement.recipient_id}"]
    assert told(session, "hour_to_find") == []
    near = [hour.starts_at for hour in nearest_hours(session, engagement, now=NOW)]
    assert all(abs(start - MONDAY) >= HOUR for start in near)
    assert ask_as_applicant(session, engagement, near[0]).id != ask.id


def test_an_hour_that_did_not_suit_is_not_asked_for_again(session, engagement):
    answer_hour(session, ask_as_applicant(session, engagement), persons(engagement)[0], is_yes=False, **BY)
    for start in (MONDAY, MONDAY + HOUR / 2):
        with pytest.raises(Conflict, match="slot_gone"):
            ask_as_applicant(session, engagement, start)


def test_after_three_in_vain_the_office_helps_and_nobody_is_asked_on(session, engagement):
    for number in range(3):
        ask = ask_as_applicant(session, engagement, MONDAY + number * DAY)
        answer_hour(session, ask, persons(engagement)[0], is_yes=False, **BY)
    assert is_asked_enough(session, engagement.id)
    assert told(session, "hour_to_find") == ["office"]
    with pytest.raises(RuleViolation, match="asked_enough"):
        ask_as_applicant(session, engagement, MONDAY + 3 * DAY)


def test_the_telephone_carries_the_question_to_who_has_no_mail(session):
    person = make_person(session, contact_channel=ContactChannel.PHONE, email=None, phone="+81300000000")
    application = make_application(session, person=person, state="matched")
    supporters = [make_supporter(session, windows=SUNDAY)]
    engagement = make_engagement(session, application=application, supporters=supporters)
    ask_for_hour(session, engagement, MONDAY, side=Side.SUPPORTER, **BY)
    asked = select(OutboxMessage.channel).where(OutboxMessage.template == "scheduling/hour_asked")
    assert session.scalars(asked).all() == [Channel.CALL]


# ---- the clock


def test_who_does_not_answer_in_time_hears_nothing_and_the_others_do(session, engagement):
    ask = ask_as_applicant(session, engagement)
    assert expired_asks(session, ask.expires_at - timedelta(seconds=1)) == []
    assert expired_asks(session, ask.expires_at) == [ask.id]
    assert let_ask_go(session, ask.id, ask.expires_at - timedelta(seconds=1)) is None
    let_ask_go(session, ask.id, ask.expires_at)
    assert (ask.state, held(session), told(session, "hour_asked")) == (AskState.EXPIRED, set(), [])
    assert told(session, "hour_in_vain") == [f"person:{engagement.recipient_id}"]
    assert told(session, "hour_to_find") == ["office"]
    assert let_ask_go(session, ask.id, ask.expires_at) is None


def test_an_answer_is_wanted_a_day_before_the_hour(session, engagement):
    ask = ask_as_applicant(session, engagement, tokyo(27, 18), now=NOW)
    assert ask.expires_at == tokyo(26, 18)
    with pytest.raises(Conflict, match="slot_gone"):
        ask_as_applicant(session, make_engagement(session), NOW + 30 * HOUR)


def test_an_answer_after_its_time_changes_nothing(session, engagement):
    ask = ask_as_applicant(session, engagement)
    with pytest.raises(Conflict, match="ask_closed"):
        answer_hour(session, ask, persons(engagement)[0], is_yes=True, by="test", now=ask.expires_at)
    let_ask_go(session, ask.id, ask.expires_at)
    with pytest.raises(Conflict, match="ask_closed"):
        answer_hour(session, ask, persons(engagement)[0], is_yes=True, by="test", now=ask.expires_at)
    assert meetings(session) == []


def test_what_ran_out_stands_in_nobodys_way(session, engagement):
    old = ask_as_applicant(session, engagement)
    later = old.expires_at
    new = ask_as_applicant(session, engagement, MONDAY + 2 * DAY, now=later)
    assert (old.state, new.state) == (AskState.EXPIRED, AskState.OPEN)


# ---- twice, too late, somebody else


def test_asking_twice_for_the_same_hour_is_one_question(session, engagement):
    ask = ask_as_applicant(session, engagement)
    assert ask_as_applicant(session, engagement) is ask
    assert len(told(session, "hour_asked")) == 1


def test_both_sides_asking_for_the_same_hour_agree(session, engagement):
    ask_as_applicant(session, engagement)
    ask = ask_for_hour(session, engagement, MONDAY, side=Side.SUPPORTER, **BY)
    assert (ask.state, meetings(session)) == (AskState.AGREED, [MONDAY])


def test_nobody_is_asked_two_questions_at_once(session, engagement):
    ask_as_applicant(session, engagement)
    with pytest.raises(Conflict, match="hour_asked_already"):
        ask_as_applicant(session, engagement, MONDAY + DAY)


def test_the_database_knows_one_open_question_of_an_engagement(session, engagement):
    ask = ask_as_applicant(session, engagement)
    columns = {"engagement_id": engagement.id, "asker_id": ask.asker_id, "asked_at": NOW}
    session.add(HourAsk(starts_at=MONDAY + DAY, expires_at=NOW + DAY, **columns))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize("is_yes", [True, False])
def test_the_same_answer_twice_is_one_answer(session, engagement, is_yes):
    ask = ask_as_applicant(session, engagement)
    for _ in range(2):
        answer_hour(session, ask, persons(engagement)[0], is_yes=is_yes, **BY)
    assert len(meetings(session)) == is_yes
    with pytest.raises(Conflict, match="ask_closed"):
        answer_hour(session, ask, persons(engagement)[0], is_yes=not is_yes, **BY)
    assert len(meetings(session)) == is_yes


def test_only_who_was_asked_answers(session, engagement):
    ask = ask_as_applicant(session, engagement)
    with pytest.raises(RuleViolation, match="not_asked"):
        answer_hour(session, ask, make_person(session).id, is_yes=True, **BY)
    stranger = make_person(session).id
    with pytest.raises(RuleViolation, match="not_asked"):
        ask_for_hour(session, engagement, MONDAY, side=Side.SUPPORTER, person_id=stranger, **BY)


def test_who_has_left_the_team_answers_no_more(session, engagement):
    ask = ask_as_applicant(session, engagement)
    [place] = engagement.supporters
    place.until = NOW
    session.flush()
    with pytest.raises(RuleViolation, match="not_asked"):
        answer_hour(session, ask, place.supporter.person_id, is_yes=True, **BY)


def test_a_booked_hour_ends_the_question(session, engagement):
    ask = ask_as_applicant(session, engagement)
    book_meeting(session, engagement, MONDAY + DAY, way=MeetingWay.ONLINE, **BY)
    assert (ask.state, held(session), told(session, "hour_asked")) == (AskState.DROPPED, set(), [])
    with pytest.raises(Conflict, match="ask_closed"):
        answer_hour(session, ask, persons(engagement)[0], is_yes=True, **BY)


def test_a_rest_ends_the_question_and_none_is_asked_in_it(session, engagement):
    ask = ask_as_applicant(session, engagement)
    rest_engagement(session, engagement, PauseReason.FAMILY, **BY)
    assert (ask.state, held(session)) == (AskState.DROPPED, set())
    with pytest.raises(Conflict, match="ask_closed"):
        answer_hour(session, ask, persons(engagement)[0], is_yes=True, **BY)
    with pytest.raises(RuleViolation, match="engagement_not_running"):
        ask_as_applicant(session, engagement, MONDAY + DAY)


def test_an_hour_that_somebody_else_has_by_now_is_told_kindly(session, engagement):
    ask = ask_as_applicant(session, engagement)
    [place] = engagement.supporters
    other = make_engagement(session, supporters=[place.supporter])
    book_meeting(session, other, MONDAY, way=MeetingWay.ONLINE, **BY)
    answer_hour(session, ask, place.supporter.person_id, is_yes=True, **BY)
    assert (ask.state, open_ask(session, engagement.id)) == (AskState.DROPPED, None)
    assert told(session, "hour_in_vain") == [f"person:{engagement.recipient_id}"]
    assert meetings(session) == [MONDAY]


# ---- teams


def test_a_team_meets_when_the_last_of_those_asked_says_yes(session, team):
    ask = ask_as_applicant(session, team)
    free, second, third = persons(team)
    assert ask.waits_for == [second, third]
    assert held(session) == {team.recipient_id, free}
    answer_hour(session, ask, second, is_yes=True, **BY)
    assert (ask.state, held(session)) == (AskState.OPEN, {team.recipient_id, free, second})
    answer_hour(session, ask, third, is_yes=True, **BY)
    assert (ask.state, meetings(session)) == (AskState.AGREED, [MONDAY])
    assert len(told(session, "booked")) == 4


def test_one_no_in_a_team_is_told_to_all_who_were_ready(session, team):
    ask = ask_as_applicant(session, team)
    _free, second, third = persons(team)
    answer_hour(session, ask, second, is_yes=True, **BY)
    answer_hour(session, ask, third, is_yes=False, **BY)
    assert told(session, "hour_in_vain") == sorted([f"person:{second}", f"person:{team.recipient_id}"])


def test_one_of_a_team_may_take_back_their_yes_until_it_is_a_meeting(session, team):
    ask = ask_as_applicant(session, team)
    second = persons(team)[1]
    answer_hour(session, ask, second, is_yes=True, **BY)
    answer_hour(session, ask, second, is_yes=False, **BY)
    assert (ask.state, held(session)) == (AskState.DECLINED, set())


def test_who_gave_the_hour_and_took_it_back_is_not_booked_unasked(session, team):
    ask = ask_as_applicant(session, team)
    _free, second, third = persons(team)
    answer_hour(session, ask, second, is_yes=True, **BY)
    set_weekly_windows(session, team.supporters[0].supporter, SUNDAY)
    answer_hour(session, ask, third, is_yes=True, **BY)
    assert (ask.state, meetings(session)) == (AskState.DROPPED, [])


def test_in_a_team_it_is_said_who_asks(session, team):
    with pytest.raises(RuleViolation, match="not_asked"):
        ask_for_hour(session, team, MONDAY, side=Side.SUPPORTER, **BY)
    ask = ask_for_hour(session, team, MONDAY, side=Side.SUPPORTER, person_id=persons(team)[1], **BY)
    assert ask.waits_for == [team.recipient_id, persons(team)[2]]


def test_an_hour_of_the_morning_within_their_times_needs_no_word_of_the_applicant_twice(session):
    application = make_application(session, times=[(0, DayPart.MORNING)], state="matched")
    engagement = make_engagement(session, application=application)
    ask = ask_as_applicant(session, engagement, tokyo(30, 18))
    assert (ask.state, meetings(session)) == (AskState.AGREED, [tokyo(30, 18)])
