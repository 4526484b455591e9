"""Appointments as files that calendar programs read (RFC 5545, RFC 5546): who opens one learns the hour only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from mentorlink.core.dates import zone_info

SUMMARY = "mentorlink の予定"
BUSY = "予定"
REQUEST, CANCEL, PUBLISH = "REQUEST", "CANCEL", "PUBLISH"
NAME, BUSY_NAME = "mentorlink", "予定"
READ_AGAIN_AFTER = timedelta(hours=1)


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


@dataclass(frozen=True)
class FeedEntry:
    """A talk in a feed or in a file of one's own: nobody is invited by it."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    page: str
    written_at: datetime
    is_cancelled: bool = False


def write_calendar(appointment: Appointment, *more: Appointment) -> bytes:
    """The file's bytes, the same for the same appointments: lines end in CRLF and are folded at 75 octets.

    Several go into one file as they were planned in one act; all are requests, or all are cancelled. Raises
    ValueError where an address has a line break in it: nothing in the file may bring lines of its own.
    """
    appointments = (appointment, *more)
    calendar = _calendar("-//mentorlink//JA", appointment.method)
    for each in appointments:
        calendar.add_component(_event(each))
    days = [each.starts_at.date() for each in appointments]
    years = min(days).year - 1, max(days).year + 2
    clocks = [_clocks(zone, *years) for zone in sorted(calendar.get_missing_tzids())]
    calendar.subcomponents[:0] = clocks  # before what refers to them
    return bytes(calendar.to_ical())


@lru_cache(maxsize=256)
def _clocks(zone: str, first: int, last: int) -> Timezone:
    """The rules of the years around alone: those of all years since 1970 are twenty times as long. Nobody changes it."""
    return Timezone.from_tzid(zone, first_date=date(first, 1, 1), last_date=date(last, 1, 1))


def write_feed(entries: Iterable[FeedEntry], *, busy_only: bool = False) -> bytes:
    """A calendar to subscribe to, in UTC; the same bytes for the same talks.

    ``busy_only`` says that there is something, and nothing of what or where: no name, no page, and marks of the
    talks that tell nobody whose they are.
    """
    calendar = _calendar("-//calendar//JA" if busy_only else "-//mentorlink//JA", PUBLISH)
    name = BUSY_NAME if busy_only else NAME
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for each in entries:
        calendar.add_component(_busy(each) if busy_only else _talk(each))
    return bytes(calendar.to_ical())


def _calendar(product: str, method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", product)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(appointment: Appointment) -> Event:
    event = _hours(appointment, *_on_the_clocks(appointment))
    event.add("uid", appointment.uid)
    _say_which(event, appointment.page)
    event.add("organizer", _address(appointment.organizer), encode=False)
    event.add("attendee", _attendee(appointment.attendee), encode=False)
    return event


def _on_the_clocks(appointment: Appointment) -> tuple[datetime, datetime]:
    """Start and end in the reader's zone; in UTC where the clocks show one of them twice, for a file knows the first only."""
    zone, both = zone_info(appointment.zone), (appointment.starts_at, appointment.ends_at)
    starts, ends = (each.astimezone(zone) for each in both)
    if starts.fold or ends.fold:
        starts, ends = (each.astimezone(UTC) for each in both)
    return starts, ends


def _talk(entry: FeedEntry) -> Event:
    event = _hours(entry, entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC))
    event.add("uid", entry.uid)
    _say_which(event, entry.page)
    return event


def _busy(entry: FeedEntry) -> Event:
    event = _hours(entry, entry.starts_at.astimezone(UTC), entry.ends_at.astimezone(UTC))
    event.add("uid", sha256(entry.uid.encode()).hexdigest()[:32])
    event.add("summary", BUSY)
    return event


def _hours(each: Appointment | FeedEntry, starts: datetime, ends: datetime) -> Event:
    event = Event()
    event.add("sequence", each.sequence)
    event.add("dtstamp", each.written_at)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if each.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if each.is_cancelled else "OPAQUE")
    return event


def _say_which(event: Event, page: str) -> None:
    event.add("summary", SUMMARY)
    event.add("description", page)
    event.add("url", page)


def _address(email: str) -> vCalAddress:
    return vCalAddress(f"mailto:{quote(''.join(email.split()), safe='@+')}")


def _attendee(email: str) -> vCalAddress:
    address = _address(email)
    address.params["role"] = vText("REQ-PARTICIPANT")
    address.params["partstat"] = vText("ACCEPTED")
    address.params["rsvp"] = vText("FALSE")
    return address
