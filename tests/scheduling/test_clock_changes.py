"""Where clocks are set forward and back: an hour is an hour, a gap names its neighbours, a fold asks which."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mentorlink.core.dates import TimeFold, TimeGap, localise
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import Meeting, MeetingWay, Occupancy
from mentorlink.scheduling.services import book_meeting, move_meeting
from tests.factories import make_application, make_engagement, make_person, make_supporter

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Tokyo")
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


@pytest.mark.parametrize("zone", ZONES[:4])
def test_each_of_these_zones_changes_its_clocks(zone):
    assert len(changes(zone)) >= 2


def test_tokyo_never_does():
    assert changes("Asia/Tokyo") == ()


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_around_a_change_means_an_instant_or_offers_two(zone):
    tz = ZoneInfo(zone)
    for change in changes(zone)[:3]:
        middle = change.astimezone(tz).replace(tzinfo=None)
        for minute in range(-24 * 60, 24 * 60):
            local = middle + minute * MINUTE
            found = instants_of(local, zone)
            shown = [each.astimezone(tz).replace(tzinfo=None, fold=0) for each in found]
            is_gap = len(found) == 2 and local not in shown
            assert shown == [local] * len(found) if not is_gap else shown[0] < local < shown[1]


@pytest.mark.both_databases
@pytest.mark.parametrize("zone", ZONES)
def test_a_meeting_booked_and_moved_around_a_change_lasts_an_hour(session, zone):
    person = make_person(session, zone=zone)
    supporter = make_supporter(session, person=make_person(session, zone=zone), buffer_minutes=0)
    engagement = make_engagement(
        session, application=make_application(session, person=person), supporters=[supporter]
    )
    for change in changes(zone)[:3] or (datetime(2026, 11, 1, tzinfo=UTC),):
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
