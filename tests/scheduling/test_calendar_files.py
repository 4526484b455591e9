"""The appointment, read by calendar programs that nobody here wrote."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from icalendar import Calendar

from mentorlink.scheduling.calendar_files import Appointment, write_calendar

START = datetime(2026, 11, 30, 10, tzinfo=UTC)
APPOINTMENT = Appointment(
    uid="meeting-0123@localhost",
    sequence=0,
    starts_at=START,
    ends_at=START.replace(hour=11),
    zone="Asia/Tokyo",
    organizer="office@mentorlink.example",
    attendee="aoi@example.org",
    page="http://localhost/meetings/12",
    written_at=datetime(2026, 11, 25, 1, tzinfo=UTC),
)


def _import(khal, tmp_path: Path, *appointments: Appointment) -> None:
    file = tmp_path / "mentorlink.ics"
    file.write_bytes(write_calendar(*appointments))
    khal("import", "--batch", "-a", "office", str(file))


def _list(khal) -> str:
    return khal("list", "--format", "{start}|{end}|{title}|{status}", "2026-11-01", "40d")


def test_khal_shows_the_hour_on_tokyos_clocks(khal, tmp_path):
    _import(khal, tmp_path, APPOINTMENT)
    assert "2026-11-30 19:00|2026-11-30 20:00|mentorlink の予定|" in _list(khal)


def test_khal_moves_the_same_appointment(khal, tmp_path):
    _import(khal, tmp_path, APPOINTMENT)
    later = replace(APPOINTMENT, sequence=1, starts_at=START.replace(hour=12), ends_at=START.replace(hour=13))
    _import(khal, tmp_path, later)
    assert "21:00" in _list(khal)
    assert "19:00" not in _list(khal)


def _monthly(**columns) -> list[Appointment]:
    starts = [START, START.replace(year=2027, month=1, day=6), START.replace(year=2027, month=2, day=3)]
    return [
        replace(
            APPOINTMENT,
            uid=f"meeting-{number}@localhost",
            starts_at=start,
            ends_at=start.replace(hour=11),
            **columns,
        )
        for number, start in enumerate(starts)
    ]


def test_khal_reads_all_talks_of_one_file(khal, tmp_path):
    _import(khal, tmp_path, *_monthly())
    listed = khal("list", "--format", "{start}", "2026-11-01", "120d")
    days = [line for line in listed.splitlines() if line.endswith("19:00")]
    assert days == ["2026-11-30 19:00", "2027-01-06 19:00", "2027-02-03 19:00"]


def test_khal_moves_one_talk_of_a_file_that_brought_many(khal, tmp_path):
    _import(khal, tmp_path, *_monthly())
    moved = START.replace(year=2027, month=1, day=13)
    _import(
        khal, tmp_path, replace(_monthly()[1], sequence=1, starts_at=moved, ends_at=moved.replace(hour=11))
    )
    listed = khal("list", "--format", "{start}", "2026-11-01", "120d")
    days = [line for line in listed.splitlines() if line.endswith("19:00")]
    assert days == ["2026-11-30 19:00", "2027-01-13 19:00", "2027-02-03 19:00"]


def test_many_requests_are_one_calendar():
    calendar = Calendar.from_ical(write_calendar(*_monthly()))
    assert (calendar["METHOD"], len(calendar.walk("VEVENT")), len(calendar.walk("VTIMEZONE"))) == (
        "REQUEST",
        3,
        1,
    )


def test_khal_reads_the_cancellation(khal, tmp_path):
    _import(khal, tmp_path, replace(APPOINTMENT, sequence=1, is_cancelled=True))
    assert "CANCELLED" in _list(khal)


def test_each_copy_names_its_reader_alone_and_says_nothing_else():
    calendar = Calendar.from_ical(write_calendar(APPOINTMENT))
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["ORGANIZER"]) == ("REQUEST", "mailto:office@mentorlink.example")
    assert event["ATTENDEE"] == "mailto:aoi@example.org"
    assert (str(event["SUMMARY"]), str(event["DESCRIPTION"])) == (
        "mentorlink の予定",
        "http://localhost/meetings/12",
    )
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Tokyo"]


def test_lines_end_in_crlf_and_no_address_brings_lines_of_its_own():
    nasty = replace(APPOINTMENT, attendee="a@example.org\r\nATTENDEE:mailto:b@example.org")
    written = write_calendar(nasty)
    assert written.count(b"\n") == written.count(b"\r\n")
    assert sum(line.startswith(b"ATTENDEE") for line in written.split(b"\r\n")) == 1


def test_the_same_appointment_is_the_same_file():
    assert write_calendar(APPOINTMENT) == write_calendar(replace(APPOINTMENT))
