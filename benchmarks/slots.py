"""How fast hours are found and booked: ``python -m benchmarks.slots --database sqlite --json``.

``applicant_1000_ms``: the common hours of one applicant with 1,000 supporters over 30 days, from the database to lists of
instants; ``people_5_ms``: of an applicant and four supporters. ``booking_share_of_bare``: bookings a second through the
service, as a share of plain SQL that takes the same locks, savepoint and constraints and writes the same meeting and
spans, in turns in the same run: the best of each, as other work on the machine can only add. Each booking waits for the
disk once on either side; that SQLite now and then moves its log into its file falls between the turns. ``growth_1m``:
how many times as long a booking takes beside ``--past`` meetings.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.orm import Session

from benchmarks import stampede
from mentorlink.applications.models import Application, DayPart, PreferredTime, TimesKind
from mentorlink.core import links
from mentorlink.core.db import make_engine, transaction
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.guards import OVERLAP, POSTGRESQL_UP
from mentorlink.scheduling.models import (
    Meeting,
    MeetingState,
    MeetingWay,
    Occupancy,
    OccupancyKind,
    WeeklyWindow,
)
from mentorlink.scheduling.queries import team_starts
from mentorlink.scheduling.queries.hours import common_starts_by_id
from mentorlink.scheduling.services import book_meeting
from mentorlink.tables import metadata
from tests.postgres import postgres_cluster, postgres_database

SUPPORTERS, ENGAGEMENTS, TEAM = 1000, 20_000, 4
IN_A_TURN, TURNS, TIMES = 20, 18, 15  # a turn's log stays below the thousand pages at which SQLite moves it
A_LOAD = 50_000
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SETVAL = "SELECT setval(pg_get_serial_sequence(:name, 'id'), (SELECT max(id) FROM {}))"
BARE_MEETING = text("""INSERT INTO meeting (engagement_id, state, way, starts_at, ends_at, minutes, uid, sequence,
    created_at, version) VALUES (:engagement, 'confirmed', 'online', :starts, :ends, 60, :uid, 0, :now, 1) RETURNING id""")
BARE_SPAN = text("""INSERT INTO occupancy (person_id, starts_at, ends_at, kind, expires_at, source)
    VALUES (:person, :starts, :ends, 'confirmed', :ends, :source)""")
LOCK = text("SELECT pg_advisory_xact_lock(1, :person)")


class World:
    """Supporters 1 to 1,000; engagement n is between supporter n % 1,000 + 1 and an applicant of its own."""

    def __init__(self, engine: Engine):
        self.engine, self.now = engine, datetime.now(UTC).replace(microsecond=0)
        self.first = self.now.replace(minute=0, second=0) + 40 * DAY  # of the hours that are booked
        self.numbers = count()
        metadata.create_all(engine)
        with engine.begin() as connection:
            for model, rows in self._rows():
                connection.execute(insert(model), rows)
        self._settle((Programme, Person, Supporter, Application, Engagement, WeeklyWindow, Occupancy))

    def next_hour(self) -> tuple[int, datetime]:
        """An engagement and an hour that nobody has booked: each time others."""
        number = next(self.numbers)
        return number % 2000 + 1, self.first + number // SUPPORTERS * 2 * HOUR

    def add_past(self, number: int) -> None:
        """That many recorded meetings with their spans, without looking whether they overlap: they do not."""
        drop, make = self._guards()
        with self.engine.begin() as connection:
            for statement in drop:
                connection.execute(text(statement))
            for some in (range(first, min(first + A_LOAD, number)) for first in range(0, number, A_LOAD)):
                _load(connection, Meeting, [self._past_meeting(each) for each in some])
                _load(connection, Occupancy, [span for each in some for span in self._past_spans(each)])
            for statement in make:
                connection.execute(text(statement))
        self._settle((Meeting, Occupancy))

    def move_log(self) -> None:
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(RESTART)")

    def _rows(self) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        now, numbers = self.now, range(1, ENGAGEMENTS + 1)
        yield Programme, [stampede.programme_row()]
        people = range(1, SUPPORTERS + ENGAGEMENTS + 1)
        yield Person, [stampede.person_row(each, now) for each in people]
        yield Supporter, [self._supporter(each) for each in range(1, SUPPORTERS + 1)]
        yield Application, [self._application(each) for each in numbers]
        yield (
            PreferredTime,
            [
                {"application_id": ENGAGEMENTS, "weekday": day, "part": part}
                for day in range(7)
                for part in list(DayPart)[1:]
            ],
        )
        yield (
            Engagement,
            [stampede.engagement_row(each, now) | {"recipient_id": SUPPORTERS + each} for each in numbers],
        )
        yield (
            EngagementSupporter,
            [
                {"engagement_id": each, "supporter_id": each % SUPPORTERS + 1, "since": now}
                for each in numbers
            ],
        )
        yield (
            EngagementSupporter,
            [
                {"engagement_id": ENGAGEMENTS, "supporter_id": each, "since": now}
                for each in range(2, 1 + TEAM)
            ],
        )
        yield WeeklyWindow, [self._window(each, day) for each in range(1, SUPPORTERS + 1) for day in range(5)]
        yield Occupancy, [self._taken(each, week) for each in range(1, SUPPORTERS + 1) for week in range(4)]

    def _supporter(self, number: int) -> dict[str, Any]:
        columns = {"capacity_week": 2, "capacity_month": 5, "buffer_minutes": 15, "notice_hours": 48}
        return stampede.supporter_row(number, self.now) | columns

    def _application(self, number: int) -> dict[str, Any]:
        more = {
            "person_id": SUPPORTERS + number,
            "times_kind": TimesKind.WEEKLY if number == ENGAGEMENTS else TimesKind.BY_TALK,
        }
        return stampede.application_row(number, self.now) | more

    def _window(self, number: int, day: int) -> dict[str, Any]:
        start = 540 + number * 7 % 8 * 30
        span = {"start_minute": start, "end_minute": start + 360}
        return {"supporter_id": number, "weekday": (number + day) % 7} | span

    def _taken(self, number: int, week: int) -> dict[str, Any]:
        start = self.now.replace(minute=0, second=0) + timedelta(days=3 + 7 * week, hours=number % 9)
        return self._span(number, start, f"meeting:{-number * 10 - week}")

    def _past_meeting(self, number: int) -> dict[str, Any]:
        start = self._past_start(number)
        known = {
            "state": MeetingState.RECORDED,
            "way": MeetingWay.ONLINE,
            "minutes": 60,
            "sequence": 0,
            "version": 1,
        }
        times = {"starts_at": start, "ends_at": start + HOUR, "created_at": start}
        return (
            known
            | times
            | {"id": 10_000_000 + number, "engagement_id": number % ENGAGEMENTS + 1, "uid": f"past-{number}"}
        )

    def _past_spans(self, number: int) -> Iterator[dict[str, Any]]:
        engagement, start = number % ENGAGEMENTS + 1, self._past_start(number)
        for person in (SUPPORTERS + engagement, engagement % SUPPORTERS + 1):
            yield self._span(person, start, f"meeting:{10_000_000 + number}")

    def _past_start(self, number: int) -> datetime:
        """A supporter's hours lie apart: years of them."""
        return self.now.replace(minute=0, second=0) - 60 * DAY - number // SUPPORTERS * 3 * HOUR

    def _span(self, person: int, start: datetime, source: str) -> dict[str, Any]:
        times = {"starts_at": start, "ends_at": start + HOUR, "expires_at": start + HOUR}
        return {"person_id": person, "kind": OccupancyKind.CONFIRMED, "source": source} | times

    def _guards(self) -> tuple[list[str], list[str]]:
        if self.engine.dialect.name == "postgresql":
            return [f"ALTER TABLE occupancy DROP CONSTRAINT {OVERLAP}"], [POSTGRESQL_UP[0]]
        with self.engine.connect() as connection:
            found = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
        return [f"DROP TRIGGER {name}" for name, _sql in found], [sql for _name, sql in found]

    def _settle(self, models: Iterable[Any]) -> None:
        """What PostgreSQL does by itself in time: it counts on from the rows' ids, and looks at what there is."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in (model.__tablename__ for model in models):
                    connection.execute(text(SETVAL.format(name)), {"name": name})
                connection.execute(text("VACUUM ANALYZE"))


def _load(connection: Connection, model: Any, rows: list[dict[str, Any]]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(insert(model), rows)
        return
    copy_to = f"COPY {model.__tablename__} ({', '.join(rows[0])}) FROM STDIN"
    with connection.connection.cursor() as cursor, cursor.copy(copy_to) as copy:
        for row in rows:
            copy.write_row(tuple(row.values()))


def measure(engine: Engine, past: int) -> dict[str, float]:
    world = World(engine)
    found = {"applicant_1000_ms": _of_a_thousand(world), "people_5_ms": _of_five(world)}
    share, before = _bookings(world)
    began = time.monotonic()
    world.add_past(past)
    found["loading_s"] = time.monotonic() - began
    share_with_past, after = _bookings(world)
    found |= {"booking_share_of_bare": share, "growth_1m": after / before}
    found |= {"share_with_past": share_with_past, "booking_ms": before, "booking_ms_with_past": after}
    found |= {"applicant_1000_ms_with_past": _of_a_thousand(world), "people_5_ms_with_past": _of_five(world)}
    return {name: round(value, 3) for name, value in found.items()}


def _of_a_thousand(world: World) -> float:
    ids = list(range(1, SUPPORTERS + 1))

    def find(session: Session) -> None:
        application = session.get_one(Application, ENGAGEMENTS)
        _timed(times, lambda: common_starts_by_id(session, application, ids, now=world.now))

    times: list[float] = []
    return _median(world, find, times)


def _of_five(world: World) -> float:
    def find(session: Session) -> None:
        engagement = session.get_one(Engagement, ENGAGEMENTS)
        assert engagement.application.times
        assert len([place.supporter.person.zone for place in engagement.supporters]) == TEAM
        _timed(times, lambda: team_starts(session, engagement, now=world.now))

    times: list[float] = []
    return _median(world, find, times)


def _median(world: World, find: Callable[[Session], None], times: list[float]) -> float:
    for _ in range(TIMES):
        with Session(world.engine) as session:
            find(session)
    return statistics.median(times)


def _timed(times: list[float], act: Callable[[], object]) -> None:
    began = time.perf_counter()
    assert act()
    times.append((time.perf_counter() - began) * 1000)


def _bookings(world: World) -> tuple[float, float]:
    """The service's share of the bare database's bookings, and the milliseconds of one: of the best turn of each."""
    turns = [(_turn(world, _bare_booking), _turn(world, _booking)) for _ in range(TURNS + 1)][1:]
    bare, service = (min(each) for each in zip(*turns, strict=True))
    return bare / service, service


def _turn(world: World, prepare: Callable[[World, int, datetime], Callable[[], None]]) -> float:
    bookings = [prepare(world, *world.next_hour()) for _ in range(IN_A_TURN)]
    world.move_log()
    began = time.perf_counter()
    for book in bookings:
        book()
    return (time.perf_counter() - began) * 1000 / IN_A_TURN


def _booking(world: World, engagement_id: int, start: datetime) -> Callable[[], None]:
    """As in a view: its policy has found the engagement, of which ``transaction`` lets go before the service."""
    session = Session(world.engine)
    engagement = session.get_one(Engagement, engagement_id)
    session.rollback()

    def book() -> None:
        with session, transaction(session):
            book_meeting(session, engagement, start, way=MeetingWay.ONLINE, by="benchmark", now=world.now)

    return book


def _bare_booking(world: World, engagement_id: int, start: datetime) -> Callable[[], None]:
    """The same locks, savepoint, meeting and spans in one transaction, and nothing else."""
    people = sorted((SUPPORTERS + engagement_id, engagement_id % SUPPORTERS + 1))
    on_sqlite = world.engine.dialect.name == "sqlite"
    as_text = (lambda at: f"{at:%Y-%m-%d %H:%M:%S.%f}") if on_sqlite else (lambda at: at)
    times = {"starts": as_text(start), "ends": as_text(start + HOUR)}
    uid = f"bare-{engagement_id}-{start:%s}"
    meeting = {"engagement": engagement_id, "uid": uid, "now": as_text(world.now)} | times

    def book() -> None:
        connection = world.engine.connect().execution_options(sqlite_begin="IMMEDIATE")
        with connection, connection.begin():
            for person in () if on_sqlite else people:
                connection.execute(LOCK, {"person": person})
            with connection.begin_nested():
                number = connection.execute(BARE_MEETING, meeting).scalar_one()
                spans = [{"person": person, "source": f"meeting:{number}"} | times for person in people]
                connection.execute(BARE_SPAN, spans)

    return book


@contextmanager
def _database(kind: str) -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            engine = make_engine(f"sqlite:///{folder}/slots.db")
            yield engine
            engine.dispose()
            return
        with postgres_cluster(is_durable=True) as base, postgres_database(base, "slots") as url:
            engine = make_engine(url)
            yield engine
            engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--past", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    asked = parser.parse_args()
    links.configure("benchmark")
    with _database(asked.database) as engine:
        found = {"database": asked.database, **measure(engine, asked.past)}
    print(
        json.dumps(found, indent=2)
        if asked.json
        else "\n".join(f"{name}: {each}" for name, each in found.items())
    )


if __name__ == "__main__":
    main()
