"""What is known of people's time, read as plain rows: five queries however many they are, none of a whole past."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Executable, bindparam, select
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.people.models import Person, Receiving, Supporter
from mentorlink.scheduling.models import (
    AvailabilityException,
    BusySpan,
    CalendarSource,
    Occupancy,
    OccupancyKind,
    WeeklyWindow,
)

Span = tuple[datetime, datetime]
IDS: BindParameter[Any] = bindparam("ids", expanding=True)  # a thousand of them are not looked at one by one
AROUND = timedelta(days=38)  # a week or a month that is counted begins and ends within


class SupporterRow(NamedTuple):
    """The columns of a supporter that say when they may be asked, and ``zone`` of their person."""

    id: int
    person_id: int
    notice_hours: int
    buffer_minutes: int
    capacity_week: int
    capacity_month: int
    free_on_holidays: bool
    receiving: Receiving
    paused_until: date | None
    zone: str


class ExceptionRow(NamedTuple):
    supporter_id: int
    day: date
    start_minute: int
    end_minute: int
    is_free: bool


@dataclass(frozen=True)
class People:
    """``windows``, ``exceptions`` and ``busy`` are by supporter, ``taken`` is by person."""

    supporters: Sequence[SupporterRow]
    windows: Mapping[int, Sequence[tuple[int, int, int]]]
    exceptions: Mapping[int, Sequence[ExceptionRow]]
    busy: Mapping[int, Sequence[Span]]
    taken: dict[int, list[Span]]


def read_people(
    session: Session,
    supporter_ids: Collection[int],
    others: Iterable[int],
    *,
    now: datetime,
    until: datetime,
    ignoring: str = "",
) -> People:
    """The supporters, in the order given, and the time of ``others`` (ids of persons), from ``now`` to ``until``.

    ``ignoring`` is the source of spans to be given up.
    """
    known = _rows(session, _SUPPORTERS, ids=list(supporter_ids))
    found = {row[0]: SupporterRow._make(row) for row in known}
    rows = [found[each] for each in supporter_ids]
    return People(
        rows,
        _windows(session, supporter_ids),
        _exceptions(session, supporter_ids, local_date(now), local_date(until)),
        _busy(session, supporter_ids, now, until),
        taken_by(session, [*(each.person_id for each in rows), *others], now, until, ignoring),
    )


def taken_by(
    session: Session, person_ids: Iterable[int], now: datetime, until: datetime, ignoring: str = ""
) -> dict[int, list[Span]]:
    """What is confirmed or still held, per person: around ``now``–``until``, as far as weeks and months are counted."""
    around = {"after": now - AROUND, "before": until + AROUND}
    ids = list(set(person_ids))
    return _spans(_rows(session, _TAKEN, ids=ids, now=now, ignoring=ignoring, **around))


def _windows(session: Session, supporter_ids: Collection[int]) -> Mapping[int, list[tuple[int, int, int]]]:
    found: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for supporter_id, weekday, start, end in _rows(session, _WINDOWS, ids=list(supporter_ids)):
        found[supporter_id].append((weekday, start, end))
    return found


def _exceptions(
    session: Session, supporter_ids: Collection[int], first: date, last: date
) -> Mapping[int, list[ExceptionRow]]:
    a_day = timedelta(days=1)  # whatever their zone
    found: dict[int, list[ExceptionRow]] = defaultdict(list)
    for row in _rows(session, _EXCEPTIONS, ids=list(supporter_ids), first=first - a_day, last=last + a_day):
        found[row[0]].append(ExceptionRow._make(row))
    return found


def _busy(
    session: Session, supporter_ids: Collection[int], after: datetime, until: datetime
) -> dict[int, list[Span]]:
    before = until + timedelta(days=1)
    return _spans(_rows(session, _BUSY, ids=list(supporter_ids), after=after, before=before))


def _spans(rows: Iterable[Any]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = defaultdict(list)
    for name, starts_at, ends_at in rows:
        found[name].append((starts_at, ends_at))
    return found


# Written out once, and read past the session's objects: for a few people both would take longer than the answer.
_SUPPORTERS = (
    select(*(getattr(Supporter, name) for name in SupporterRow._fields[:-1]), Person.zone)
    .join(Person, Person.id == Supporter.person_id)
    .where(Supporter.id.in_(IDS))
)
_TAKEN = select(Occupancy.person_id, Occupancy.starts_at, Occupancy.ends_at).where(
    Occupancy.person_id.in_(IDS),
    Occupancy.starts_at.between(bindparam("after"), bindparam("before")),
    (Occupancy.kind == OccupancyKind.CONFIRMED) | (Occupancy.expires_at > bindparam("now")),
    Occupancy.source != bindparam("ignoring"),
)
_WINDOWS = select(
    WeeklyWindow.supporter_id, WeeklyWindow.weekday, WeeklyWindow.start_minute, WeeklyWindow.end_minute
).where(WeeklyWindow.supporter_id.in_(IDS))
_EXCEPTIONS = select(*(getattr(AvailabilityException, name) for name in ExceptionRow._fields)).where(
    AvailabilityException.supporter_id.in_(IDS),
    AvailabilityException.day.between(bindparam("first"), bindparam("last")),
)
_BUSY = (
    select(CalendarSource.supporter_id, BusySpan.starts_at, BusySpan.ends_at)
    .join(BusySpan, BusySpan.source_id == CalendarSource.id)
    .where(CalendarSource.supporter_id.in_(IDS))
    .where(BusySpan.ends_at > bindparam("after"), BusySpan.starts_at < bindparam("before"))
)


def _rows(session: Session, statement: Executable, **bound: Any) -> Iterable[Any]:
    """Rows without objects; what is still to be written is written first."""
    session.flush()
    return session.connection().execute(statement, bound)
