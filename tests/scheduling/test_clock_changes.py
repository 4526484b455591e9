"""Where clocks are set forward and back: an hour is an hour, a gap names its neighbours, a fold asks which."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mentorlink.core.dates import TimeFold, TimeGap, local_date, localise
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import Meeting, MeetingWay, Occupancy
from mentorlink.scheduling.services import book_meeting, move_meeting, plan_talks, propose_months
from tests.factories import make_application, make_engagement, make_person, make_programme, make_supporter

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Tokyo")
NO_CHANGE = datetime(2026, 11, 1, tzinfo=UTC)  # a day like any other
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)
YEARS = {"Pacific/Apia": 2010}  # its clocks changed until 2021; at the end of 2011 they left out a whole day


@lru_cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The instants of two years at which this zone's clocks jump."""
    year, tz = YEARS.get(zone, 2026), ZoneInfo(zone)
    first = datetime(year, 1, 1, tzinfo=UTC)
    minutes = (first + half * 30 * MINUTE for half in range(2 * 24 * 365 * 2))
    return tuple(
        each
        for each in minutes
        if each.astimezone(tz).utcoffset() != (each - MINUTE).astimezone(tz).utcoffset()
    )


def instants_of(local: datetime, zone: str) -> tuple[datetime, ...]:
    """What a person may mean who writes this local time."""
    try:
        return (localise(local, zone),)
    except TimeFold as fold:
        return fold.choices
    except TimeGap as gap:
        return gap.neighbours


def jump_at(change: datetime, zone: str) -> timedelta:
    tz = ZoneInfo(zone)
    return change.astimezone(tz).utcoffset() - (change - MINUTE).astimezone(tz).utcoffset()


def meaning_of(local: datetime, zone: str) -> str:
    """``one``, or which of the two it is, by what those who are offered it read on their clocks."""
    found = instants_of(local, zone)
    shown = [each.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) for each in found]
    if len(found) == 1:
        return "one" if shown == [local] else "wrong"
    if shown == [local, local]:
        return "fold"
    return "gap" if shown[0] < local < shown[1] else "wrong"


@pytest.mark.parametrize(
    ("zone", "jumps"),
    [
        ("America/New_York", {60, -60}),
        ("Europe/London", {60, -60}),
        ("Australia/Lord_Howe", {30, -30}),
        ("Pacific/Apia", {60, -60, 24 * 60}),  # in the night to 31 December 2011: there was no 30th
        ("Asia/Tokyo", set()),
    ],
)
def test_these_are_the_jumps_of_the_clocks(zone, jumps):
    found = [jump_at(change, zone) // MINUTE for change in changes(zone)]
    assert (set(found), len(found)) == (jumps, 4 if jumps else 0)


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_around_a_change_means_an_instant_or_offers_two(zone):
    """As many minutes have two meanings as the clocks jump over or show twice, and no others."""
    tz = ZoneInfo(zone)
    for change in changes(zone) or (NO_CHANGE,):
        middle, jump = change.astimezone(tz).replace(tzinfo=None), jump_at(change, zone)
        meanings = Counter(
            meaning_of(middle + minute * MINUTE, zone)
            for minute in range(-2 * DAY // MINUTE, 2 * DAY // MINUTE)
        )
        minutes = abs(jump) // MINUTE
        two = {} if not minutes else {("gap" if jump > HOUR * 0 else "fold"): minutes}
        assert meanings == {"one": 4 * DAY // MINUTE - minutes} | two


@pytest.mark.parametrize("zone", ZONES)
def test_the_two_that_are_offered_are_as_far_apart_as_the_clocks_jump(zone):
    for change in changes(zone):
        jump = jump_at(change, zone)
        early = change.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - max(jump, 0 * HOUR)
        for minute in range(abs(jump) // MINUTE):
            one, other = instants_of(early + minute * MINUTE, zone)
            assert other - one == abs(jump)
            assert one < change + minute * MINUTE <= other


@pytest.mark.both_databases
@pytest.mark.parametrize("zone", ZONES)
def test_a_meeting_booked_and_moved_around_a_change_lasts_an_hour(session, zone):
    person = make_person(session, zone=zone)
    supporter = make_supporter(session, person=make_person(session, zone=zone), buffer_minutes=0)
    engagement = make_engagement(
        session, application=make_application(session, person=person), supporters=[supporter]
    )
    for change in changes(zone) or (NO_CHANGE,):
        now = change - 30 * DAY
        meeting = book_meeting(
            session, engagement, change - 3 * HOUR, way=MeetingWay.PHONE, by="test", now=now
        )
        for half in range(-5, 6):
            start = change + half * HOUR / 2
            move_meeting(session, meeting, start, by="test", side=Side.OFFICE, now=now)
            spans = session.execute(select(Occupancy.starts_at, Occupancy.ends_at)).all()
            assert (meeting.ends_at - meeting.starts_at).total_seconds() == 3600
            assert {(end - begin).total_seconds() for begin, end in spans} == {3600}
        move_meeting(session, meeting, change + 9 * DAY, by="test", side=Side.OFFICE, now=now)
    assert session.scalars(select(Meeting.minutes).distinct()).all() == [60]


@pytest.mark.both_databases
@pytest.mark.parametrize("zone", ZONES)
def test_a_talk_kept_at_every_minute_around_a_change_lasts_an_hour(session, zone):
    """The database's own measure, besides ours: it refuses another length."""
    engagement = make_engagement(session)
    starts = [
        change + minute * MINUTE
        for change in changes(zone) or (NO_CHANGE,)
        for minute in range(-2 * HOUR // MINUTE, 2 * HOUR // MINUTE + 1)
    ]
    for number, start in enumerate(starts):
        local = start.astimezone(ZoneInfo(zone))
        columns = {"starts_at": local, "ends_at": (start + HOUR).astimezone(ZoneInfo(zone)), "minutes": 60}
        uid = f"{zone}-{number}"
        session.add(
            Meeting(engagement_id=engagement.id, way=MeetingWay.PHONE, uid=uid, created_at=start, **columns)
        )
    session.flush()
    session.expire_all()
    kept = session.execute(select(Meeting.starts_at, Meeting.ends_at).order_by(Meeting.id)).all()
    assert [start for start, _end in kept] == starts
    assert {(end - start).total_seconds() for start, end in kept} == {3600}


# ---- talks of a half-year


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("America/New_York", datetime(2026, 9, 1, 15, tzinfo=UTC)),
        ("Europe/London", datetime(2027, 1, 5, 12, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 8, 3, 2, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 10, 17, 22, tzinfo=UTC)),
        ("Asia/Tokyo", datetime(2026, 9, 1, 1, tzinfo=UTC)),
    ],
)
def test_talks_planned_over_a_change_keep_their_hour_on_the_clocks(session, zone, begins):
    person = make_person(session, zone=zone)
    supporter = make_supporter(session, person=make_person(session, zone=zone), free_on_holidays=True)
    application = make_application(session, person=person, programme=make_programme(session, months=6))
    engagement = make_engagement(
        session, application=application, supporters=[supporter], begins_on=local_date(begins, zone)
    )
    starts = [start for _month, start in propose_months(session, engagement, now=begins) if start]
    talks = plan_talks(session, engagement, starts, by="test", now=begins)
    local = [talk.starts_at.astimezone(ZoneInfo(zone)) for talk in talks]
    assert len(talks) == 6
    assert len({(each.weekday(), each.hour, each.minute) for each in local}) == 1
    assert {(talk.ends_at - talk.starts_at).total_seconds() for talk in talks} == {3600}
    assert len({each.utcoffset() for each in local}) == (1 if zone == "Asia/Tokyo" else 2)
