"""An appointment as a file that calendar programs read (RFC 5545, RFC 5546): who opens it learns the hour only."""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from mentorlink.core.dates import zone_info

SUMMARY = "mentorlink の予定"
REQUEST, CANCEL = "REQUEST", "CANCEL"


@dataclass(frozen=True)
class Appointment:
    """What one copy says. ``attendee`` is the address of the copy's reader and of nobody else."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    zone: str
    organizer: str
    attendee: str
    page: str
    written_at: datetime
    is_cancelled: bool = False

    @property
    def method(self) -> str:
        return CANCEL if self.is_cancelled else REQUEST


def write_calendar(appointment: Appointment, *more: Appointment) -> bytes:
    """The file's bytes, the same for the same appointments: lines end in CRLF and are folded at 75 octets.

    Several go into one file as they were planned in one act; all are requests, or all are cancelled.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//mentorlink//JA")
    calendar.add("version", "2.0")
    calendar.add("method", appointment.method)
    for each in (appointment, *more):
        calendar.add_component(_event(each))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(appointment: Appointment) -> Event:
    zone = zone_info(appointment.zone)
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.written_at)
    event.add("dtstart", appointment.starts_at.astimezone(zone))
    event.add("dtend", appointment.ends_at.astimezone(zone))
    event.add("summary", SUMMARY)
    event.add("description", appointment.page)
    event.add("url", appointment.page)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    event.add("organizer", _address(appointment.organizer), encode=False)
    event.add("attendee", _attendee(appointment.attendee), encode=False)
    return event


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{''.join(email.split())}")


def _attendee(email: str) -> vCalAddress:
    address = _address(email)
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("ACCEPTED")
    address.params["rsvp"] = vText("FALSE")
    return address
