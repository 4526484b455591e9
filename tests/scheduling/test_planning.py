"""Many talks in one act: proposed a month apart, booked all or none, said in one mail."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from mentorlink.core.business_time import is_holiday
from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import EngagementState, PauseReason, Side
from mentorlink.scheduling.models import Meeting, Occupancy, OfferState
from mentorlink.scheduling.services import (
    TalksTaken,
    offer_slots,
    plan_talks,
    propose_months,
    rest_engagement,
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

EVENING = datetime(2026, 12, 2, 10, tzinfo=UTC)  # Wednesday, 19:00 in Tokyo
EVENINGS = [EVENING + timedelta(weeks=4 * number) for number in range(5)]


@pytest.fixture
def engagement(session):
    """A half-year that began in November with a talk on a Wednesday at 19:00."""
    application = make_application(session, programme=make_programme(session, months=6), state="matched")
    team = [make_supporter(session, meeting_url="https://room.example/9")]
    engagement = make_engagement(
        session, application=application, supporters=team, begins_on=date(2026, 11, 4)
    )
    make_meeting(session, engagement=engagement, starts_at=EVENING - timedelta(weeks=4), state="recorded")
    return engagement


def test_every_month_to_come_is_proposed_the_usual_weekday_and_hour(session, engagement):
    proposed = propose_months(session, engagement, now=NOW)
    assert [month.key for month, _start in proposed] == [
        "2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04"
    ]  # fmt: skip
    assert proposed[0][1] is None  # it has had its talk
    starts = [start for _month, start in proposed[1:]]
    assert {(start.weekday(), start.hour) for start in starts} == {(2, 10)}
    assert not any(is_holiday(local_date(start)) for start in starts)


def test_a_holiday_is_avoided_for_another_week(session, engagement):
    monday = datetime(2026, 12, 14, 10, tzinfo=UTC)  # a month later is nearest to 11 January, 成人の日
    make_meeting(session, engagement=engagement, starts_at=monday)
    proposed = {month.key: start for month, start in propose_months(session, engagement, now=NOW)}
    assert local_date(proposed["2027-01"]) == date(2027, 1, 18)


def test_without_a_free_hour_nothing_is_proposed(session):
    application = make_application(session, programme=make_programme(session, months=6), state="matched")
    nobody = make_supporter(session, windows=[])
    engagement = make_engagement(session, application=application, supporters=[nobody])
    assert {start for _month, start in propose_months(session, engagement, now=NOW)} == {None}


def test_planning_books_every_hour_for_both_sides(session, engagement):
    talks = plan_talks(session, engagement, EVENINGS, by="test", now=NOW)
    assert [talk.starts_at for talk in talks] == EVENINGS
    assert session.scalar(select(func.count()).select_from(Occupancy)) == 2 * len(EVENINGS)


def test_a_taken_hour_books_nothing_and_is_named(session, engagement):
    make_meeting(session, engagement=other_of(session, engagement), starts_at=EVENINGS[2])
    with pytest.raises(TalksTaken) as taken:
        plan_talks(session, engagement, EVENINGS, by="test", now=NOW)
    assert taken.value.starts == {EVENINGS[2]}
    assert not session.scalars(select(Meeting).where(Meeting.starts_at == EVENINGS[0])).all()


def test_a_week_holds_as_many_talks_as_the_supporter_wants(session, engagement):
    engagement.supporters[0].supporter.capacity_week = 1
    day_after = EVENING + timedelta(days=1)
    with pytest.raises(TalksTaken) as taken:
        plan_talks(session, engagement, [EVENING, day_after], by="test", now=NOW)
    assert taken.value.starts == {day_after}


def test_hours_that_overlap_each_other_are_not_both_booked(session, engagement):
    with pytest.raises(TalksTaken):
        plan_talks(session, engagement, [EVENING, EVENING + timedelta(minutes=30)], by="test", now=NOW)


def test_the_same_plan_again_is_the_same_talks(session, engagement):
    first = plan_talks(session, engagement, EVENINGS, by="test", now=NOW)
    assert plan_talks(session, engagement, EVENINGS, by="test", now=NOW) == first


def test_an_hour_kept_for_an_offer_of_the_same_half_year_may_be_planned(session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    plan_talks(session, engagement, [offer.slots[0].starts_at], by="test", now=NOW)
    assert offer.state is OfferState.REPLACED


@pytest.mark.parametrize(
    ("starts", "code"),
    [
        ([], "no_talk_chosen"),
        ([NOW - timedelta(hours=1)], "meeting_in_the_past"),
        ([datetime(9998, 1, 1, tzinfo=UTC)], "talk_too_late"),
    ],
)
def test_plans_that_cannot_be(session, engagement, starts, code):
    with pytest.raises(RuleViolation, match=code):
        plan_talks(session, engagement, starts, by="test", now=NOW)


def test_a_resting_half_year_is_not_planned(session, engagement):
    rest_engagement(session, engagement, PauseReason.DISASTER, by="test", now=NOW)
    with pytest.raises(RuleViolation, match="engagement_not_running"):
        plan_talks(session, engagement, EVENINGS, by="test", now=NOW)


def test_one_mail_to_each_and_the_reminders_of_each_talk(session, engagement):
    plan_talks(session, engagement, EVENINGS, by="test", now=NOW, side=Side.APPLICANT)
    rows = session.execute(select(OutboxMessage.template, func.count()).group_by(OutboxMessage.template))
    assert dict(tuple(row) for row in rows) == {
        "scheduling/talks_planned": 2,
        "scheduling/tomorrow": 2 * len(EVENINGS),
        "scheduling/in_an_hour": len(EVENINGS),
        "scheduling/record_wanted": len(EVENINGS),
    }


def test_the_first_day_planned_is_the_first_day_of_the_half_year(session, engagement):
    engagement.state = EngagementState.PREPARING
    plan_talks(session, engagement, EVENINGS, by="test", now=NOW)
    assert engagement.begins_on == local_date(EVENINGS[0])


def other_of(session, engagement):
    """Another half-year of the same supporter."""
    application = make_application(session, person=make_person(session), programme=engagement.programme)
    return make_engagement(session, application=application, supporters=[engagement.supporters[0].supporter])
