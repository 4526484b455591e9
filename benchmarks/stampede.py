"""Everybody wants the same hours at once: ``python -m benchmarks.stampede --processes 8 --attempts 10000 --slots 100 --json``.

The real server (gunicorn, two workers with threads) on SQLite and on PostgreSQL. Ten supporters have hours that nobody
holds; each engagement makes one attempt at one of them, over HTTP, with a session and its CSRF token. As many are
booked as there are hours, everybody else is answered 409. ``--guard off`` takes the database's guards away and shows
what they are good for.
"""

import argparse
import http.client
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import Connection, Engine, insert, text

from mentorlink.app import create_app
from mentorlink.applications.models import (
    Application,
    ApplicationState,
    DayPart,
    PreferredTime,
    TimesKind,
)
from mentorlink.core.dates import local_date
from mentorlink.core.db import make_engine
from mentorlink.core.sessions import WebSession, hash_token
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter
from mentorlink.people.models import ContactChannel, Person, Supporter
from mentorlink.programmes.models import MatchMode, Programme
from mentorlink.scheduling.guards import OVERLAP
from mentorlink.scheduling.models import OfferedSlot, SlotOffer, WeeklyWindow
from mentorlink.tables import metadata
from tests.postgres import postgres_cluster, postgres_database

ROOT = Path(__file__).resolve().parents[1]
SUPPORTERS = 10
SECRET = "stampede"  # noqa: S105 - of a database that lives for a minute
CSRF = "stampede"
START_SECONDS = 60
OVERLAPPING = """
SELECT count(*) FROM occupancy AS one JOIN occupancy AS other
ON one.person_id = other.person_id AND one.id < other.id
AND one.starts_at < other.ends_at AND other.starts_at < one.ends_at
"""


@dataclass(frozen=True)
class Result:
    database: str
    booked: int
    conflicts: int
    errors: int
    overlaps: int
    seconds: float


@dataclass(frozen=True)
class Attempt:
    """What one engagement sends."""

    offer_id: int
    slot_id: int
    token: str


def stampede(
    database: str, url: str, *, processes: int, attempts: int, slots: int, guard: bool = True
) -> Result:
    """One stampede on an empty database. ``errors`` are answers other than 303 and 409, and bookings without an answer."""
    engine = make_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        if not guard:
            _drop_guards(connection)
        wanted = _seed(connection, attempts, slots)
    with _server(url) as port:
        answers, seconds = _rush(port, wanted, processes)
    booked, overlaps = _count(engine, "SELECT count(*) FROM meeting"), _count(engine, OVERLAPPING)
    engine.dispose()
    odd = sum(number for status, number in answers.items() if status not in (303, 409))
    lost = abs(booked - answers[303])
    return Result(database, booked, answers[409], odd + lost, overlaps, round(seconds, 1))


def stampede_everywhere(*, processes: int, attempts: int, slots: int, guard: bool = True) -> list[Result]:
    size = {"processes": processes, "attempts": attempts, "slots": slots, "guard": guard}
    with tempfile.TemporaryDirectory() as folder:
        results = [stampede("sqlite", f"sqlite:///{folder}/stampede.db", **size)]
    with postgres_cluster() as base, postgres_database(base, "stampede") as url:
        results.append(stampede("postgresql", url, **size))
    return results


def application() -> Flask:
    """What gunicorn serves: the product as it is, configured by the environment."""
    return create_app(Settings())


# ---- the world


def _seed(connection: Connection, attempts: int, slots: int) -> list[Attempt]:
    """Bulk rows with ids of their own; applicants come after the supporters."""
    now = datetime.now(UTC)
    first = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
    _insert(connection, Programme, [programme_row()])
    _insert(connection, Person, [person_row(number, now) for number in range(1, SUPPORTERS + attempts + 1)])
    _insert(connection, Supporter, [supporter_row(number, now) for number in range(1, SUPPORTERS + 1)])
    numbers = range(1, attempts + 1)
    weekly = {"times_kind": TimesKind.WEEKLY}
    _insert(connection, Application, [application_row(number, now) | weekly for number in numbers])
    _seed_hours(connection, first, numbers)
    _insert(connection, Engagement, [engagement_row(number, now) for number in numbers])
    wishes = [(number, (number - 1) % slots) for number in numbers]
    places = [
        {"engagement_id": number, "supporter_id": wish % SUPPORTERS + 1, "since": now}
        for number, wish in wishes
    ]
    connection.execute(insert(EngagementSupporter), places)
    _insert(connection, SlotOffer, [_offer(number, now) for number in numbers])
    offered = [_slot(number, first + timedelta(hours=wish // SUPPORTERS)) for number, wish in wishes]
    _insert(connection, OfferedSlot, offered)
    tokens = [secrets.token_urlsafe(16) for _ in numbers]
    _insert(connection, WebSession, [_session(number, tokens[number - 1], now) for number in numbers])
    return [Attempt(number, number, tokens[number - 1]) for number in numbers]


def _seed_hours(connection: Connection, first: datetime, numbers: range) -> None:
    """The supporters give the days of the slots; the applicants name another: an hour that is gone leaves nothing to hold."""
    day = local_date(first).weekday()
    days = [
        {"supporter_id": number, "weekday": (day + more) % 7, "start_minute": 0, "end_minute": 1440}
        for number in range(1, SUPPORTERS + 1)
        for more in (0, 1)
    ]
    connection.execute(insert(WeeklyWindow), days)
    other = {"weekday": (day + 3) % 7, "part": DayPart.MORNING}
    connection.execute(insert(PreferredTime), [{"application_id": number} | other for number in numbers])


def _insert(connection: Connection, model: Any, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(model), rows)
    if connection.dialect.name == "postgresql":
        name = model.__tablename__
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
            {"name": name, "last": len(rows)},
        )


def programme_row() -> dict[str, Any]:
    points = {
        f"points_{name}": 1
        for name in (
            *(
                "theme",
                "target",
                "main_category",
                "other_category",
                "stage",
                "similar",
                "similar_most",
                "region",
            ),
        )
    }
    names = {"code": "talk", "template": "talk", "name_ja": "相談", "name_en": "A talk", "talk_ja": "お話し"}
    numbers = {"team_min": 1, "team_max": 1, "meeting_minutes": 60, "meetings_min": 1, "months": 0}
    hours = {"answer_hours": 33, "offer_hours": 33, "search_days": 5, "horizon_days": 30}
    day = {"fiscal_year": 2026, "opens_on": date(2026, 4, 1), "match_mode": MatchMode.COORDINATOR}
    return {"id": 1, "talk_en": "talk", "has_selection": False} | names | numbers | hours | day | points


def person_row(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "display_name": f"見本{number}",
        "contact_channel": ContactChannel.MAIL,
        "email": f"person{number}@example.org",
        "created_at": now,
    }


def supporter_row(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "person_id": number,
        "introduction": "見本",
        "prefecture": "20",
        "capacity_week": 40,
        "capacity_month": 100,
        "buffer_minutes": 0,
        "notice_hours": 0,
        "training_valid_until": date(2030, 3, 31),
        "joined_at": now,
    }


def application_row(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "reference": f"2026-{number:05d}",
        "programme_id": 1,
        "person_id": SUPPORTERS + number,
        "state": ApplicationState.MATCHED,
        "times_kind": TimesKind.BY_TALK,
        "created_at": now,
        "submitted_at": now,
        "version": 1,
    }


def engagement_row(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "application_id": number,
        "programme_id": 1,
        "recipient_id": SUPPORTERS + number,
        "state": EngagementState.RUNNING,
        "opened_at": now,
    }


def _offer(number: int, now: datetime) -> dict[str, Any]:
    return {"id": number, "engagement_id": number, "offered_at": now, "expires_at": now + timedelta(days=2)}


def _slot(number: int, starts_at: datetime) -> dict[str, Any]:
    return {"id": number, "offer_id": number, "starts_at": starts_at, "is_held": False}


def _session(number: int, token: str, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "token_hash": hash_token(token),
        "scope_concept": "application",
        "scope_id": number,
        "data": {"csrf_token": CSRF},
        "created_at": now,
        "expires_at": now + timedelta(days=1),
    }


def _drop_guards(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE occupancy DROP CONSTRAINT {OVERLAP}"))
        return
    for moment in ("insert", "update"):
        connection.execute(text(f"DROP TRIGGER tr_occupancy_{moment}"))


def _count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(query)).scalar_one())


# ---- the server and the rush


@contextmanager
def _server(url: str) -> Iterator[int]:
    port = _free_port()
    environment = os.environ | {
        "MENTORLINK_DATABASE_URL": url,
        "MENTORLINK_SECRET_KEY": SECRET,
        "MENTORLINK_BASE_URL": f"http://127.0.0.1:{port}",
        "MENTORLINK_MAIL_URL": "inbox:",
    }
    size = ["--workers", "2", "--threads", "4", "--worker-class", "gthread"]
    where = ["--bind", f"127.0.0.1:{port}", "--log-level", "error", "--timeout", "120", "--keep-alive", "30"]
    gunicorn = [sys.executable, "-m", "gunicorn", *size, *where, "benchmarks.stampede:application()"]
    server = subprocess.Popen(gunicorn, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/help")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    raise RuntimeError("the server did not start")


def _rush(port: int, wanted: list[Attempt], processes: int) -> tuple[Counter[int], float]:
    """All attempts, mixed, by as many processes at once: answers by status, and the seconds it took."""
    mixed = random.Random(1).sample(wanted, len(wanted))
    csrf = URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(CSRF)
    clients = [_client(port, csrf, mixed[part::processes]) for part in range(processes)]
    began = time.monotonic()
    for client in clients:
        client.stdin.write("go\n")
        client.stdin.flush()
    answers: Counter[int] = Counter()
    for client in clients:
        answers.update(
            {int(status): number for status, number in json.loads(client.communicate()[0]).items()}
        )
    return answers, time.monotonic() - began


def _client(port: int, csrf: str, attempts: list[Attempt]) -> Any:
    """A process of ``benchmarks.stampede_client`` that knows its attempts and waits for the word."""
    command = [sys.executable, "-m", "benchmarks.stampede_client"]
    client = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    share = {"port": port, "csrf": csrf, "attempts": [asdict(attempt) for attempt in attempts]}
    assert client.stdin is not None
    assert client.stdout is not None
    client.stdin.write(json.dumps(share) + "\n")
    client.stdin.flush()
    assert client.stdout.readline() == "ready\n"
    return client


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--attempts", type=int, default=10_000)
    parser.add_argument("--slots", type=int, default=100)
    parser.add_argument("--guard", choices=("on", "off"), default="on")
    parser.add_argument("--json", action="store_true", help="one list on standard output")
    asked = parser.parse_args()
    results = stampede_everywhere(
        processes=asked.processes, attempts=asked.attempts, slots=asked.slots, guard=asked.guard == "on"
    )
    if asked.json:
        print(json.dumps([asdict(result) for result in results], indent=2))
    else:
        print(*results, sep="\n")


if __name__ == "__main__":
    main()
