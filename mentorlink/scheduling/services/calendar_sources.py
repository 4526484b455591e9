"""A supporter's own calendar: brought along, read again and again by the worker, and let go.

A reading is claimed in one transaction, done outside of any, and settled in another. What has changed meanwhile (another
address, none any more) is not overwritten; what could not be read leaves the last good copy in its place.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from mentorlink.core.errors import RuleViolation
from mentorlink.core.fetching import read_address
from mentorlink.core.links import page_address
from mentorlink.core.outbox import cancel_messages
from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling.busy_reading import read_in_bounds
from mentorlink.scheduling.busy_times import Span
from mentorlink.scheduling.models import BusySpan, CalendarSource
from mentorlink.scheduling.notices import CALENDAR_UNREAD, tell_calendar_unread
from mentorlink.scheduling.queries.busy import source_of

EVERY = timedelta(minutes=30)
LONGEST_WAIT = timedelta(hours=12)
LEASE = timedelta(
    minutes=5
)  # longer than any reading takes; a worker that died leaves it to the next after that
HORIZON = timedelta(days=210)  # a half-year can be planned ahead
UNREAD_TOLD = timedelta(days=3)

Fetch = Callable[[str], bytes]


class Claim(NamedTuple):
    """What a reading needs to know. The row may be another, or none, when it is settled."""

    source_id: int
    address: str
    added_at: datetime
    zone: str


@dataclass(frozen=True)
class Copy:
    """What a reading found, or the code of why it found nothing."""

    covers_until: datetime
    spans: tuple[Span, ...] = ()
    caution: str | None = None
    fault: str | None = None


def add_source(session: Session, supporter: Supporter, address: str, *, now: datetime) -> CalendarSource:
    """Bring a calendar along; the worker reads it within a minute. Another one before it is forgotten.

    Raises RuleViolation of ``core.fetching.read_address`` for an address that is none. Nothing is fetched here.
    """
    read_address(address)
    remove_source(session, supporter)
    source = CalendarSource(
        supporter_id=supporter.id,
        address=address.strip(),
        added_at=now,
        next_at=now,
        read_at=None,
        covers_until=None,
        fault=None,
        caution=None,
    )
    session.add(source)
    session.flush()
    return source


def remove_source(session: Session, supporter: Supporter) -> None:
    """Forget the calendar, and every time that was read from it; at erasure too."""
    source = source_of(session, supporter.id)
    if source is None:
        return
    cancel_messages(session, _about(source))
    session.execute(delete(BusySpan).where(BusySpan.source_id == source.id))
    session.delete(source)
    session.flush()


def read_again(session: Session, supporter: Supporter, *, now: datetime) -> None:
    """Have the worker read it now, whenever it would have come by."""
    source = source_of(session, supporter.id)
    if source is not None:
        source.next_at = now


def claim_source(session: Session, *, now: datetime) -> Claim | None:
    """The calendar that has waited longest, for this worker alone until LEASE is over."""
    query = (
        select(
            CalendarSource.id,
            CalendarSource.address,
            CalendarSource.added_at,
            Person.zone,
            CalendarSource.next_at,
        )
        .join(Supporter, Supporter.id == CalendarSource.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(CalendarSource.next_at <= now, Person.erased_at.is_(None))
        .order_by(CalendarSource.next_at, CalendarSource.id)
        .limit(1)
    )
    while (row := session.execute(query).first()) is not None:
        source_id, address, added_at, zone, next_at = row
        ours = update(CalendarSource).where(CalendarSource.id == source_id, CalendarSource.next_at == next_at)
        if session.execute(ours.values(next_at=now + LEASE)).rowcount:  # type: ignore[attr-defined]
            return Claim(source_id, address, added_at, zone)
    return None


def read_source(claim: Claim, fetch: Fetch, *, now: datetime) -> Copy:
    """Fetch the calendar and keep its busy times alone. Touches no database and raises nothing that is foreseen."""
    after = datetime.combine(now.date(), time(), UTC) - timedelta(days=1)
    until = after + HORIZON
    host = urlsplit(page_address("landing")).hostname or "localhost"
    try:
        busy = read_in_bounds(fetch(claim.address), zone=claim.zone, after=after, until=until, host=host)
    except RuleViolation as refusal:
        return Copy(until, fault=refusal.code)
    return Copy(until, busy.spans, busy.caution)


def settle_source(session: Session, claim: Claim, copy: Copy, *, now: datetime) -> None:
    """Write down what a reading found, unless the calendar is another by now."""
    source = session.get(CalendarSource, claim.source_id, with_for_update=True)
    if source is None or (source.address, source.added_at) != (claim.address, claim.added_at):
        return
    if copy.fault is not None:
        _keep_old_copy(session, source, copy.fault, now)
        return
    _replace_spans(session, source, set(copy.spans))
    source.read_at, source.covers_until, source.caution = now, copy.covers_until, copy.caution
    source.failures, source.fault = 0, None
    source.next_at = now + EVERY
    cancel_messages(session, _about(source), template=CALENDAR_UNREAD)


def _keep_old_copy(session: Session, source: CalendarSource, fault: str, now: datetime) -> None:
    source.failures += 1
    source.fault = fault
    source.next_at = now + min(EVERY * 2 ** min(source.failures - 1, 10), LONGEST_WAIT)
    if now - (source.read_at or source.added_at) >= UNREAD_TOLD:
        tell_calendar_unread(session, source, now=now)


def _replace_spans(session: Session, source: CalendarSource, wanted: set[Span]) -> None:
    """Only what differs is written: most readings find nothing new."""
    rows = session.execute(
        select(BusySpan.id, BusySpan.starts_at, BusySpan.ends_at).where(BusySpan.source_id == source.id)
    )
    known = {(starts_at, ends_at): span_id for span_id, starts_at, ends_at in rows}
    gone = [span_id for span, span_id in known.items() if span not in wanted]
    if gone:
        session.execute(delete(BusySpan).where(BusySpan.id.in_(gone)))
    fresh = [
        {"source_id": source.id, "starts_at": starts_at, "ends_at": ends_at}
        for starts_at, ends_at in sorted(wanted - known.keys())
    ]
    if fresh:
        session.execute(insert(BusySpan), fresh)


def _about(source: CalendarSource) -> str:
    return f"calendar_source:{source.id}"
