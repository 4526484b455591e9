"""From the bytes of somebody's calendar to the times at which they are busy. Nothing else is even looked at.

Pure, but not bounded by itself: a few lines can describe more than any machine holds. ``busy_reading`` runs it inside walls.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.timezone import tzp

from mentorlink.core.errors import RuleViolation
from mentorlink.scheduling.busy_lines import BUSY_STATUS, TIMES, Parts, name_of, split

Span = tuple[datetime, datetime]
Patience = Callable[[], AbstractContextManager[None]]

MOST_A_DAY = 24  # a rule that repeats more often is no appointment
MOST_SPANS = 5_000
MOST_ZONES = 100
FIRST_YEAR, LAST_YEAR = "1600", "2100"  # birthdays of unknown year begin in 1604
A_DAY = timedelta(days=1)

_ZONE = re.compile(r';TZID=("[^"]*"|[^;:"]*)', re.IGNORECASE)
_FLOATING = re.compile(r":\d{8}T\d{6}(?:[,/]|\Z)")
_DAY = re.compile(r":(\d{4})(\d{4})")
_UNTIL = re.compile(r"[:;]UNTIL=(\d{4})(\d{4})", re.IGNORECASE)
_OURS = re.compile(r"meeting-[0-9a-f]{24}@(.+)")
_PER_DAY = {"HOURLY": 24, "DAILY": 1, "WEEKLY": 1, "MONTHLY": 1, "YEARLY": 1}
_BY_LISTS = ("BYHOUR", "BYMINUTE", "BYSECOND")
_FREE_STATUSES = ("FREE", "WORKINGELSEWHERE")

PARTLY, GUESSED = "calendar_partly_read", "calendar_zone_guessed"


@dataclass(frozen=True)
class BusyTimes:
    """Spans in UTC, in order, apart from each other. ``caution`` is a code of ``core.messages``, or None."""

    spans: tuple[Span, ...]
    caution: str | None = None


def read_busy_times(
    content: bytes,
    *,
    zone: str,
    after: datetime,
    until: datetime,
    host: str = "",
    patience: Patience = nullcontext,
) -> BusyTimes:
    """When the owner of this calendar is busy between ``after`` and ``until``.

    ``zone`` is theirs: whole days and times without a zone are in it. ``host`` is that of our own meetings' UIDs, which
    do not count: we know them. ``patience`` may end, with an Exception, what one appointment asks for. Raises
    RuleViolation ``calendar_broken`` for what is no whole calendar, ``calendar_too_heavy`` for more spans than anybody has.
    """
    reading = _Reading(ZoneInfo(zone), after, until, host, patience)
    spans = merged(reading.spans(split(content)), after, until)
    if len(spans) > MOST_SPANS:
        raise RuleViolation("calendar_too_heavy")
    caution = next((code for code in (PARTLY, GUESSED) if code in reading.cautions), None)
    return BusyTimes(tuple(spans), caution)


def merged(spans: Iterable[Span], after: datetime, until: datetime) -> list[Span]:
    """The same time within ``after`` and ``until``, in order, with spans that touch or overlap made one."""
    joined: list[Span] = []
    for start, end in sorted((max(start, after), min(end, until)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


class _Reading:
    def __init__(self, zone: ZoneInfo, after: datetime, until: datetime, host: str, patience: Patience):
        self._zone, self._after, self._until, self._host = zone, after, until, host
        self._patience = patience
        self._zone_of_unknown = zone.key
        self.cautions: set[str] = set()

    def spans(self, parts: Parts) -> Iterator[Span]:
        self._learn_zones(parts)
        for series in self._series(parts.events):
            yield from self._tried(self._busy_in, series)
        for line in parts.free_busy:
            yield from self._tried(self._busy_periods, line)

    def _tried(self, read: Callable[[Any], Iterable[Span]], what: Any) -> list[Span]:
        """One appointment that cannot be read costs only itself, and is told."""
        try:
            with self._patience():
                return list(read(what))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - what a crooked line makes two libraries raise, nobody has counted
            self.cautions.add(PARTLY)
            return []

    def _learn_zones(self, parts: Parts) -> None:
        """The library keeps the calendar's own zones by their names; those that the world knows it takes from there."""
        for lines in parts.zones[:MOST_ZONES]:
            if any(name_of(line) == "RRULE" and is_strange(line) for line in lines):
                continue
            with suppress(Exception), self._patience():  # what stays unknown is told where it is needed
                Calendar.from_ical(_component("VTIMEZONE", lines))
        if parts.zone and tzp.timezone(parts.zone) is not None:
            self._zone_of_unknown = parts.zone

    def _series(self, events: list[list[str]]) -> Iterator[list[list[str]]]:
        """Events by their UID: one that repeats, with the days on which it differs. Without one each is for itself."""
        found: dict[str, list[list[str]]] = {}
        for number, lines in enumerate(events):
            uid = next((line.partition(":")[2].strip() for line in lines if name_of(line) == "UID"), "")
            ours = _OURS.fullmatch(uid)
            if ours is not None and ours[1] == self._host:
                continue
            found.setdefault(uid or f"nobody's {number}", []).append(lines)
        yield from found.values()

    def _busy_in(self, series: list[list[str]]) -> Iterator[Span]:
        if len(series) == 1 and self._is_over(series[0]):
            return
        events = [self._event(lines) for lines in series]
        if len(events) == 1 and not {"RRULE", "RDATE", "RECURRENCE-ID", "EXDATE"} & events[0].keys():
            yield from self._span_of(events[0])
            return
        calendar = Calendar()
        calendar.subcomponents = [event for event in events if not self._is_upside_down(event)]
        query = recurring_ical_events.of(calendar)
        for event in query.between(self._after - 2 * A_DAY, self._until + 2 * A_DAY):
            yield from self._span_of(event)

    def _is_over(self, lines: list[str]) -> bool:
        """Most of an old calendar: once and long ago, or repeated until long ago.

        Dates are compared as they are written, with days to spare.
        """
        named = {name_of(line): line for line in lines}
        if {"RDATE", "DURATION", "RECURRENCE-ID"} & named.keys():
            return False
        once = named.get("DTEND") or named.get("DTSTART", "")
        last = _UNTIL.search(named["RRULE"]) if "RRULE" in named else _DAY.search(once)
        return last is not None and last[1] + last[2] < f"{self._after - 3 * A_DAY:%Y%m%d}"

    def _event(self, lines: list[str]) -> Event:
        if not any(name_of(line) == "DTSTART" for line in lines):
            raise ValueError
        event: Any = Event.from_ical(_component("VEVENT", [line for line in map(self._line, lines) if line]))
        if event.errors:
            raise ValueError
        return event

    def _line(self, line: str) -> str:
        """The line as it can be used: with a zone that is known, without a rule that is no appointment's."""
        name = name_of(line)
        if name == "EXRULE" or (name == "RRULE" and is_strange(line)):
            self.cautions.add(PARTLY)
            return ""
        if name not in TIMES:
            return line
        if name == "DTSTART" and (day := _DAY.search(line)) and not FIRST_YEAR <= day[1] <= LAST_YEAR:
            raise ValueError
        return self._zoned(line)

    def _zoned(self, line: str) -> str:
        named = _ZONE.search(line)
        if named is None:
            place = len(name_of(line))
            return f"{line[:place]};TZID={self._zone.key}{line[place:]}" if _FLOATING.search(line) else line
        if tzp.timezone(named[1].strip('"')) is not None or not _FLOATING.search(line):
            return line
        self.cautions.add(GUESSED)
        return f"{line[: named.start()]};TZID={self._zone_of_unknown}{line[named.end() :]}"

    def _is_upside_down(self, event: Event) -> bool:
        start, end = self._ends(event)
        if end < start:
            self.cautions.add(PARTLY)
        return end < start

    def _span_of(self, event: Event) -> Iterator[Span]:
        is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        is_free |= str(event.get("STATUS", "")).upper() == "CANCELLED"
        if (
            is_free
            or str(event.get(BUSY_STATUS, "")).upper() in _FREE_STATUSES
            or self._is_upside_down(event)
        ):
            return
        yield self._ends(event)

    def _ends(self, event: Event) -> Span:
        return self._instant(event.start), self._instant(event.end)

    def _instant(self, moment: date) -> datetime:
        """UTC; a day begins at midnight where its owner lives."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(), self._zone)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
        return moment.astimezone(UTC)

    def _busy_periods(self, line: str) -> Iterator[Span]:
        calendar = Calendar.from_ical(
            f"BEGIN:VCALENDAR\r\n{_component('VFREEBUSY', [line])}END:VCALENDAR\r\n"
        )
        found: Any = calendar.subcomponents[0]["FREEBUSY"]
        for period in found if isinstance(found, list) else [found]:
            if period.params.get("FBTYPE", "BUSY").upper() != "FREE":
                start, end = period.dt
                end = start + end if isinstance(end, timedelta) else end
                yield self._instant(start), self._instant(end)


def is_strange(line: str) -> bool:
    """Whether a RRULE can mean more than MOST_A_DAY times in one day, stands still, or says nothing."""
    rule = dict(part.split("=", 1) for part in line.partition(":")[2].upper().split(";") if "=" in part)
    a_day = _PER_DAY.get(rule.get("FREQ", "").strip(), MOST_A_DAY + 1)
    for name in _BY_LISTS:
        a_day *= rule.get(name, "").count(",") + 1
    return a_day > MOST_A_DAY or not rule.get("INTERVAL", "1").strip("0+ ")


def _component(name: str, lines: Iterable[str]) -> str:
    return "\r\n".join([f"BEGIN:{name}", *lines, f"END:{name}", ""])
