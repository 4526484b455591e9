"""The months of a half-year, its promise, and since when it has been silent."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select

from mentorlink.core.dates import local_date
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    Milestone,
    Pause,
    PauseReason,
    Side,
    ThreadPost,
)
from mentorlink.scheduling.models import Meeting, MeetingRecord, MeetingState
from mentorlink.scheduling.queries import (
    lay_out_months,
    months_of,
    months_of_many,
    promise_of,
    quiet_since,
    silent_engagements,
)
from mentorlink.scheduling.queries.half_year import add_months
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_programme

ZONES = ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia"]
DAY = timedelta(days=1)


@pytest.fixture
def programme(session):
    return make_programme(session, months=6)


@pytest.fixture
def half_year(session, programme):
    def half_year(**columns) -> Engagement:
        application = make_application(session, programme=programme, state="matched")
        return make_engagement(session, application=application, **columns)

    return half_year


# ---- months


def test_a_half_year_has_the_months_of_its_programme(session, half_year):
    engagement = half_year(begins_on=date(2026, 10, 15), ends_on=date(2027, 4, 15))
    months = months_of(session, engagement, now=NOW)
    assert [month.key for month in months] == [
        "2026-10",
        "2026-11",
        "2026-12",
        "2027-01",
        "2027-02",
        "2027-03",
    ]
    assert [month.is_past for month in months] == [True] + [False] * 5


def test_a_month_with_a_planned_or_held_talk_is_not_empty(session, half_year):
    engagement = half_year(begins_on=date(2026, 11, 1))
    make_meeting(session, engagement=engagement)  # 30 November
    make_meeting(session, engagement=engagement, starts_at=NOW + 20 * DAY, state=MeetingState.CANCELLED)
    make_meeting(session, engagement=engagement, starts_at=NOW + 40 * DAY, state=MeetingState.NO_SHOW)
    assert [month.is_empty for month in months_of(session, engagement, now=NOW)] == [False] + [True] * 5


def test_a_month_of_rest_is_not_called_empty(session, half_year):
    engagement = half_year(begins_on=date(2026, 10, 1))
    since = NOW - 10 * DAY
    session.add(
        Pause(
            engagement_id=engagement.id,
            reason=PauseReason.DISASTER,
            since=since,
            until=None,
            expected_until=date(2026, 12, 20),
            batch=None,
        )
    )
    months = {month.key: month for month in months_of(session, engagement, now=NOW)}
    assert [months[key].is_resting for key in ("2026-10", "2026-11", "2026-12", "2027-01")] == [
        False,
        True,
        True,
        False,
    ]
    assert not months["2026-11"].is_empty


def test_a_programme_of_single_talks_has_no_months(session):
    assert months_of(session, make_engagement(session), now=NOW) == []


def test_the_months_of_many_take_two_queries(session, half_year):
    engagements = [half_year(begins_on=date(2026, 11, 1)) for _ in range(5)]
    _ = [(each.programme, each.recipient) for each in engagements]
    statements: list[str] = []
    event.listen(session.get_bind(), "after_cursor_execute", lambda *told: statements.append(told[2]))
    assert len(months_of_many(session, engagements, now=NOW)) == 5
    assert len(statements) == 2


@given(
    first=st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    length=st.integers(0, 400),
    offsets=st.lists(st.integers(-600_000, 600_000), max_size=8),
    zone=st.sampled_from(ZONES),
    today=st.integers(-50, 500),
)
def test_every_talk_is_in_the_month_of_its_local_day(first, length, offsets, zone, today):
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    talks = [Meeting(starts_at=noon + timedelta(minutes=offset)) for offset in offsets]
    now = first + timedelta(days=today)
    months = lay_out_months(first, first + timedelta(days=length), talks, [], zone=zone, today=now)
    assert [month.first_day for month in months] == [
        add_months(months[0].first_day, n) for n in range(len(months))
    ]
    assert [talk for month in months for talk in month.talks] == sorted(
        talks, key=lambda talk: talk.starts_at
    )
    for month in months:
        assert all(
            month.first_day <= local_date(talk.starts_at, zone) <= month.last_day for talk in month.talks
        )
        assert month.is_past == (month.last_day < now)
        assert month.is_empty == (not month.talks)


@given(day=st.dates(date(2000, 1, 1), date(2090, 1, 1)), number=st.integers(-24, 24))
def test_months_are_added_without_leaving_the_month(day, number):
    later = add_months(day, number)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == number
    assert later.day == day.day or (later + DAY).day == 1


# ---- the promise


def record(session, engagement, starts_at, promise) -> MeetingRecord:
    meeting = make_meeting(session, engagement=engagement, starts_at=starts_at, state=MeetingState.RECORDED)
    written = MeetingRecord(
        meeting_id=meeting.id,
        went_well="見学に行けた",
        difficult="",
        next_promise=promise,
        promise_on=None,
        written_by="user:1",
        written_at=starts_at,
    )
    session.add(written)
    session.flush()
    return written


def test_the_promise_is_the_latest_that_was_written(session, half_year):
    engagement = half_year()
    latest = record(session, engagement, NOW - 3 * DAY, "大家さんに電話する")
    record(session, engagement, NOW - 30 * DAY, "間取りを描く")
    record(session, engagement, NOW - 1 * DAY, "")
    assert promise_of(session, engagement) is latest


def test_who_came_later_reads_no_earlier_promise(session, half_year):
    engagement = half_year()
    record(session, engagement, NOW - 30 * DAY, "間取りを描く")
    assert promise_of(session, engagement, since=NOW - 7 * DAY) is None


# ---- silence


def signs(session, engagement, at) -> dict[str, object]:
    milestone = Milestone(
        engagement_id=engagement.id, position=0, code="01", title=None, due_on=date(2027, 1, 1)
    )
    session.add(milestone)
    session.flush()
    return {
        "talk": {"starts_at": at - timedelta(hours=1), "state": MeetingState.HELD},
        "post": ThreadPost(engagement_id=engagement.id, side=Side.SUPPORTER, body="…", at=at, submission="1"),
        "step": StateChange(
            concept="milestone",
            row_id=milestone.id,
            old="in_progress",
            new="checking",
            by="user:1",
            at=at,
            why=None,
        ),
        "rest": Pause(
            engagement_id=engagement.id,
            reason=PauseReason.FAMILY,
            since=at - 20 * DAY,
            until=at,
            expected_until=None,
        ),
        "office": ThreadPost(engagement_id=engagement.id, side=Side.OFFICE, body="…", at=at, submission="2"),
        "planned": {"starts_at": at - timedelta(hours=1), "state": MeetingState.CONFIRMED},
    }


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("sign", "days"),
    [("talk", 5), ("post", 5), ("step", 5), ("rest", 5), ("office", 60), ("planned", 60), (None, 60)],
)
def test_what_counts_as_a_sign(session, half_year, sign, days):
    engagement, other = half_year(opened_at=NOW - 60 * DAY), half_year(opened_at=NOW)
    given_sign = signs(session, engagement, NOW - 5 * DAY).get(sign)
    if isinstance(given_sign, dict):
        make_meeting(session, engagement=engagement, **given_sign)
    elif given_sign is not None:
        session.add(given_sign)
    session.flush()
    found = dict(tuple(row) for row in session.execute(select(Engagement.id, quiet_since())))
    assert found == {engagement.id: NOW - days * DAY, other.id: NOW}


@pytest.mark.both_databases
def test_only_a_running_half_year_is_silent(session, half_year):
    silent = half_year(opened_at=NOW - 31 * DAY)
    half_year(opened_at=NOW - 29 * DAY)
    half_year(opened_at=NOW - 31 * DAY, state=EngagementState.PAUSED)
    half_year(opened_at=NOW - 31 * DAY, state=EngagementState.PREPARING)
    single = make_application(session, programme=make_programme(session), person=make_person(session))
    make_engagement(session, application=single, opened_at=NOW - 31 * DAY)
    assert session.scalars(silent_engagements(30, now=NOW)).all() == [silent]
