"""Invitation, change and cancellation as they leave the services, read by khal, Radicale and vdirsyncer."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from mentorlink.engagements.models import Side
from mentorlink.scheduling.calendar_files import Appointment, write_calendar
from mentorlink.scheduling.notices.talks import appointment_of
from mentorlink.scheduling.services import cancel_meeting, move_meeting
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person
from tests.scheduling.caldav import Syncer, from_caldav

START = datetime(2026, 11, 30, 10, tzinfo=UTC)
ZONES = ["America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"]
APPOINTMENT = Appointment(
    uid="meeting-0123@localhost",
    sequence=0,
    starts_at=START,
    ends_at=START + timedelta(hours=1),
    zone="Asia/Tokyo",
    organizer="office@mentorlink.example",
    attendee="aoi@example.org",
    page="http://localhost/meetings/12",
    written_at=NOW,
)


@pytest.fixture
def letters(session) -> list[bytes]:
    """The files of one talk: agreed on, moved two hours on, called off."""
    person = make_person(session, display_name="あおい\r\nBEGIN:VEVENT")
    engagement = make_engagement(session, application=make_application(session, person=person))
    meeting, found = make_meeting(session, engagement=engagement), []

    def write(minutes: int) -> None:
        at = NOW + timedelta(minutes=minutes)
        found.append(write_calendar(appointment_of(meeting, person, "office@mentorlink.example", at)))

    write(0)
    move_meeting(
        session, meeting, START + timedelta(hours=2), by="test", side=Side.OFFICE, now=NOW, sequence=0
    )
    write(1)
    cancel_meeting(session, meeting, side=Side.SUPPORTER, by="test", now=NOW)
    write(2)
    return found


def listed(khal) -> list[str]:
    return khal("list", "--format", "{start} {title} {status}", "2026-11-01", "60d").splitlines()[1::2]


def test_khal_is_right_after_the_invitation_the_change_and_the_cancellation(letters, khal, tmp_path):
    found = []
    for letter in letters:
        (tmp_path / "mentorlink.ics").write_bytes(letter)
        khal("import", "--batch", "-a", "office", str(tmp_path / "mentorlink.ics"))
        found += [listed(khal)]
    assert found == [
        ["2026-11-30 19:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CANCELLED "],
    ]


def test_a_caldav_server_hands_on_what_the_letters_say(letters, caldav, khal, tmp_path):
    syncer, found = Syncer(tmp_path, from_caldav(caldav)), []
    for letter in letters:
        assert caldav.keep(letter) in (201, 204)
        syncer.sync()
        found += [listed(khal)]
    assert found == [
        ["2026-11-30 19:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CANCELLED "],
    ]


def test_the_three_letters_are_of_one_event_and_count_up(letters):
    calendars = [Calendar.from_ical(each) for each in letters]
    events = [each.walk("VEVENT")[0] for each in calendars]
    assert len({str(each["UID"]) for each in events}) == 1
    assert [(str(c["METHOD"]), e["SEQUENCE"]) for c, e in zip(calendars, events, strict=True)] == [
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
    ]
    assert sorted(each.DTSTAMP for each in events) == [each.DTSTAMP for each in events]


def test_no_letter_carries_a_name(letters):
    assert not any("あおい".encode() in each for each in letters)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", ["2026-03-08", "2026-04-05", "2026-10-04", "2026-11-01", "2026-11-30"])
def test_an_hour_of_any_zone_stays_the_same_instant(zone, day):
    """On the days on which New York and Lord Howe set their clocks, each hour by the rules that the file brings."""
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=UTC)
    for half_hours in range(0, 60, 1):
        start = midnight + timedelta(hours=half_hours / 2)
        one = replace(APPOINTMENT, zone=zone, starts_at=start, ends_at=start + timedelta(hours=1))
        assert _by_the_rules_of_the_file(write_calendar(one)) == (start, start + timedelta(hours=1))


def _by_the_rules_of_the_file(written: bytes) -> tuple[datetime, datetime]:
    calendar = Calendar.from_ical(written)
    event = calendar.walk("VEVENT")[0]
    starts, ends = (event[name].dt for name in ("DTSTART", "DTEND"))
    for zone in calendar.walk("VTIMEZONE"):
        rules = tzical(_Text(zone.to_ical().decode())).get()
        starts, ends = (each.replace(tzinfo=rules) for each in (starts, ends))
    return starts.astimezone(UTC), ends.astimezone(UTC)


class _Text:
    """``tzical`` reads an open file."""

    name = "rules.ics"

    def __init__(self, text: str):
        self._text = text

    def read(self) -> str:
        return self._text


@pytest.mark.parametrize("zone", ZONES)
def test_khal_in_tokyo_shows_tokyos_hour_of_every_zone(zone, khal, tmp_path):
    (tmp_path / "mentorlink.ics").write_bytes(write_calendar(replace(APPOINTMENT, zone=zone)))
    khal("import", "--batch", "-a", "office", str(tmp_path / "mentorlink.ics"))
    assert listed(khal) == ["2026-11-30 19:00 mentorlink の予定 CONFIRMED "]


NASTY = ['a"b', "a;b", "a,b", "a\\b", "a:b", "a\r\nBEGIN:VEVENT\r\nSUMMARY:x", "a\nEND:VCALENDAR", "a\x00b"]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("field", ["uid", "attendee", "organizer"])
def test_nothing_that_somebody_typed_becomes_a_line_of_its_own(field, text):
    calendar = Calendar.from_ical(write_calendar(replace(APPOINTMENT, **{field: f"{text}@example.org"})))
    (event,) = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == "mentorlink の予定"
    assert calendar.errors == event.errors == []


def test_an_address_of_two_lines_is_refused():
    with pytest.raises(ValueError, match="CR or LF"):
        write_calendar(replace(APPOINTMENT, page="http://localhost/\r\nBEGIN:VEVENT"))
