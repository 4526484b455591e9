"""What must hold after every step, worked out from rows alone: neither constraints nor services are asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from mentorlink.core.outbox import QUIET_HOURS, OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import (
    ASK_TRANSITIONS,
    MEETING_TRANSITIONS,
    OFFER_TRANSITIONS,
    AskState,
    HourAsk,
    Meeting,
    MeetingState,
    Occupancy,
    OfferState,
    SlotOffer,
)
from tests.scheduling.lifecycle.asked import Asked
from tests.scheduling.lifecycle.comparing import Rows, read_rows
from tests.scheduling.lifecycle.given import Given
from tests.scheduling.lifecycle.world import World

ZONES = select(Person.id, Person.zone)
MEETS_IN = ("preparing", "running")
TOMORROW, IN_AN_HOUR, RECORD_WANTED = (
    f"scheduling/{each}" for each in ("tomorrow", "in_an_hour", "record_wanted")
)
REMINDERS = (TOMORROW, IN_AN_HOUR, RECORD_WANTED)
BEFORE_THE_START = (TOMORROW, IN_AN_HOUR)
Row = Any
Place = tuple[int, int]  # a meeting and its sequence


class Promise(NamedTuple):
    """What was fixed when a meeting came to stand where it stands."""

    at: datetime
    ends: dict[int, datetime]  # person → until when they are taken
    reminders: frozenset[tuple[str, str, datetime]]  # template, recipient, due


class Watch:
    """Looks at one world after each step, and remembers what it has seen there."""

    def __init__(self, world: World):
        self.world = world
        with world.engine.connect() as connection:
            programmes = connection.execute(select(Programme.id, Programme.meeting_minutes))
            self.minutes = {programme.id: programme.meeting_minutes for programme in programmes}
        self.begin_again()

    def begin_again(self) -> None:
        self.given = Given(self.minutes)
        self.asked = Asked(self.given)
        self.promises: dict[Place, Promise] = {}
        self.sent: set[int] = set()
        self.due: dict[
            int, datetime
        ] = {}  # a row of the outbox → when it was planned for, whatever put it off

    def look(self) -> tuple[Rows, list[str]]:
        """The rows, and in words whatever is wrong with them."""
        with self.world.engine.connect() as connection:
            rows = read_rows(connection)
            self.zones = {each.id: each.zone for each in connection.execute(ZONES)}
        self._note_promises(rows)
        for row in rows[OutboxMessage]:
            self.due.setdefault(row.id, row.due_at)
        wrong = [
            *overlaps(rows[Occupancy]),
            *self._wrong_times(rows),
            *wrong_lengths(rows[Meeting]),
            *wrong_offers(rows),
            *wrong_histories(rows),
            *self._wrong_reminders(rows),
            *self._wrong_deliveries(rows),
            *self.given.look(rows, self.zones, self.world.now),
            *self.asked.look(rows, self.world.latest),
        ]
        return rows, wrong

    # ---- what is taken

    def _note_promises(self, rows: Rows) -> None:
        for meeting in rows[Meeting]:
            place = (meeting.id, meeting.sequence)
            if meeting.state == MeetingState.CONFIRMED and place not in self.promises:
                self.promises[place] = self._promise(rows, meeting)

    def _promise(self, rows: Rows, meeting: Row) -> Promise:
        engagement = next(each for each in rows[Engagement] if each.id == meeting.engagement_id)
        supporters = {each.id: each for each in rows[Supporter]}
        team = [
            supporters[place.supporter_id]
            for place in rows[EngagementSupporter]
            if place.engagement_id == engagement.id and place.until is None
        ]
        ends = {each.person_id: meeting.ends_at + timedelta(minutes=each.buffer_minutes) for each in team}
        ends[engagement.recipient_id] = meeting.ends_at
        due = {each for each in self._due(meeting, engagement.recipient_id, team) if each[2] > self.world.now}
        return Promise(self.world.now, ends, frozenset(due))

    def _due(self, meeting: Row, recipient: int, team: list[Row]) -> Iterator[tuple[str, str, datetime]]:
        yield TOMORROW, f"person:{recipient}", _days_from(meeting.starts_at, -1, 17, self.zones[recipient])
        yield IN_AN_HOUR, f"person:{recipient}", meeting.starts_at - timedelta(hours=1)
        for person in (each.person_id for each in team):
            zone = self.zones[person]
            yield TOMORROW, f"person:{person}", _days_from(meeting.starts_at, -1, 17, zone)
            yield IN_AN_HOUR, f"person:{person}", meeting.starts_at - timedelta(hours=1)  # no room: they call
            yield RECORD_WANTED, f"person:{person}", _days_from(meeting.ends_at, 1, 9, zone)

    def _wrong_times(self, rows: Rows) -> Iterator[str]:
        taken: dict[int, list[Row]] = defaultdict(list)
        for row in rows[Occupancy]:
            concept, _, row_id = row.source.partition(":")
            if concept == "meeting":
                taken[int(row_id)].append(row)
        for meeting in rows[Meeting]:
            found = sorted((row.person_id, row.starts_at, row.ends_at) for row in taken.pop(meeting.id, []))
            wanted: list[Any] = []
            if meeting.state != MeetingState.CANCELLED:
                ends = self.promises[meeting.id, meeting.sequence].ends
                wanted = sorted((person, meeting.starts_at, end) for person, end in ends.items())
            if found != wanted:
                yield f"meeting {meeting.id} ({meeting.state}) takes {found} instead of {wanted}"
        for left in taken:
            yield f"time is taken for a meeting that is not there: {left}"

    # ---- what is said

    def _wrong_reminders(self, rows: Rows) -> Iterator[str]:
        about: dict[int, list[Row]] = defaultdict(list)
        for row in rows[OutboxMessage]:
            if row.template in REMINDERS:
                about[int(row.about.partition(":")[2])].append(row)
        for meeting in rows[Meeting]:
            yield from self._of_meeting(meeting, about[meeting.id])

    def _of_meeting(self, meeting: Row, messages: list[Row]) -> Iterator[str]:
        waiting = Counter(self._told(m) for m in messages if m.state == "planned")
        if meeting.state != MeetingState.CONFIRMED:
            if waiting:
                yield f"meeting {meeting.id} is {meeting.state}, but {dict(waiting)} wait"
            return
        wanted = self.promises[meeting.id, meeting.sequence].reminders
        for reminder, number in waiting.items():
            if reminder not in wanted or number > 1:
                yield f"meeting {meeting.id}: {number} × {reminder} waits, of {sorted(wanted)}"
        if meeting.starts_at <= self.world.latest:
            return
        known = Counter(self._told(m) for m in messages if m.state != "cancelled")
        for reminder in wanted:
            if known[reminder] != 1:
                yield f"meeting {meeting.id}: {known[reminder]} instead of one {reminder}"

    def _told(self, message: Row) -> tuple[str, str, datetime]:
        return message.template, message.recipient, self.due[message.id]

    def _wrong_deliveries(self, rows: Rows) -> Iterator[str]:
        meetings = {f"meeting:{each.id}": each for each in rows[Meeting]}
        said: Counter[Any] = Counter()
        for row in rows[OutboxMessage]:
            if row.template not in REMINDERS or row.state != "sent":
                continue
            said[row.about, *self._told(row)] += 1
            meeting = meetings[row.about]
            if row.id in self.sent:
                continue
            self.sent.add(row.id)
            too_late = row.template in BEFORE_THE_START and row.sent_at >= meeting.starts_at
            if too_late or meeting.state != MeetingState.CONFIRMED or row.sent_at < row.due_at:
                yield f"{row.template} of {row.about} ({meeting.state}) went at {row.sent_at}"
        yield from (f"{each} went {number} times" for each, number in said.items() if number > 1)
        for row in rows[OutboxMessage]:
            # A worker that came late lays it before the office; a talk that is called off takes it away again.
            waits_for_office = row.state in ("parked", "cancelled") and row.problem == QUIET_HOURS
            if row.problem and not waits_for_office:
                yield f"{row.template} could not be sent: {row.problem}"


def overlaps(spans: Iterable[Row]) -> Iterator[str]:
    """Anybody's time that is taken twice."""
    ends: dict[int, Row] = {}
    for row in sorted(spans, key=lambda each: (each.person_id, each.starts_at)):
        before = ends.get(row.person_id)
        if before is not None and before.ends_at > row.starts_at:
            yield f"person {row.person_id}: {before.source} and {row.source} overlap"
        if before is None or row.ends_at > before.ends_at:
            ends[row.person_id] = row


def wrong_lengths(meetings: Iterable[Row]) -> Iterator[str]:
    for meeting in meetings:
        seconds = (meeting.ends_at - meeting.starts_at).total_seconds()
        if seconds != meeting.minutes * 60:
            yield f"meeting {meeting.id} lasts {seconds} s"


def wrong_offers(rows: Rows) -> Iterator[str]:
    waiting = Counter(each.engagement_id for each in rows[SlotOffer] if each.state == OfferState.OPEN)
    yield from (
        f"engagement {each} has {number} open offers" for each, number in waiting.items() if number > 1
    )
    is_open = {f"offer:{each.id}" for each in rows[SlotOffer] if each.state == OfferState.OPEN}
    for row in rows[Occupancy]:
        if row.source.startswith("offer:") and row.source not in is_open:
            yield f"{row.source} is over and holds time"
    for row in rows[OutboxMessage]:
        if row.about.startswith("offer:") and row.state == "planned" and row.about not in is_open:
            yield f"{row.about} is over, and {row.template} waits"


def wrong_histories(rows: Rows) -> Iterator[str]:
    """One line of history for each change of state, and one for each move."""
    lines: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for line in rows[StateChange]:
        lines[line.concept, line.row_id].append(line)
    for offer in rows[SlotOffer]:
        yield from _broken(offer, lines["slot_offer", offer.id], OfferState, OFFER_TRANSITIONS)
    for ask in rows[HourAsk]:
        yield from _broken(ask, lines["hour_ask", ask.id], AskState, ASK_TRANSITIONS)
    for meeting in rows[Meeting]:
        told = lines["meeting", meeting.id]
        moves = [line for line in told if line.old == line.new]
        if len(moves) != meeting.sequence - (meeting.state == MeetingState.CANCELLED):
            yield f"meeting {meeting.id} has sequence {meeting.sequence} and {len(moves)} moves"
        steps = [line for line in told if line.old != line.new]
        yield from _broken(meeting, steps, MeetingState, MEETING_TRANSITIONS)


def _broken(row: Row, lines: list[Row], states: Any, transitions: Any) -> Iterator[str]:
    here = next(iter(states))
    for line in lines:
        if line.old != here or states(line.new) not in transitions[here]:
            yield f"{line.concept} {row.id}: from {here} its history goes {line.old} > {line.new}"
        here = states(line.new)
    if row.state != here:
        yield f"{row}: its history ends with {here}"


def _days_from(instant: datetime, days: int, hour: int, zone: str) -> datetime:
    day: date = instant.astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
