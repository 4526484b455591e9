"""Calendars to look at with many talks: ``python -m benchmarks.calendar --json``.

The real application on a SQLite file, with talks spread over two years, for each number of them: the median
milliseconds of a supporter's week, of the office's week and of one day of it, with their queries and bytes.
"""

import argparse
import json
import logging
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, update
from sqlalchemy.orm import Session

from benchmarks.board import counted, seed_half_years
from mentorlink.accounts.models import User
from mentorlink.app import create_app
from mentorlink.core.actor import Role
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.sessions import WebSession, hash_token
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import EngagementSupporter
from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay, WeeklyWindow
from mentorlink.tables import metadata

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SPREAD = timedelta(days=365)  # before now, and after it
TALKS_EACH = 10
SIZES = (40, 4_000, 400_000)
BATCH = 5_000
PAGES = {
    "supporter_week": (Role.SUPPORTER, "/supporter/calendar"),
    "office_week": (Role.OFFICE, "/office/calendar"),
    "office_day": (Role.OFFICE, "/office/calendar?day=2026-11-25"),
}


def measure(talks: int, requests: int) -> dict[str, Any]:
    """A fresh database with so many talks; each page's median after two that warm up."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/calendar.db")
        metadata.create_all(engine)
        with make_sessions(engine)() as session, transaction(session):
            engagements = max(4, talks // TALKS_EACH)
            seed_half_years(session, engagements, now=NOW)
            _spread_talks(session, talks, engagements)
            tokens = {role: _visit(session, role) for role in (Role.SUPPORTER, Role.OFFICE)}
        found = {name: _page(engine, tokens[role], path, requests) for name, (role, path) in PAGES.items()}
        engine.dispose()
    return {"talks": talks, **found}


def _page(engine: Engine, token: str, path: str, requests: int) -> dict[str, float]:
    client = _client(engine, token)
    for _ in range(2):
        _request(client, path)
    times = [_request(client, path)[0] for _ in range(requests)]
    with counted(engine) as statements:
        body = _request(client, path)[1]
    milliseconds = round(statistics.median(times) * 1000, 1)
    return {"milliseconds": milliseconds, "queries": len(statements), "bytes": len(body)}


def _request(client: FlaskClient, path: str) -> tuple[float, bytes]:
    began = time.perf_counter()
    answer = client.get(path)
    body = answer.get_data()
    seconds = time.perf_counter() - began
    assert answer.status_code == 200
    return seconds, body


def _client(engine: Engine, token: str) -> FlaskClient:
    settings = Settings(secret_key="calendar", base_url="http://localhost", mail_url="inbox:")  # noqa: S106
    logging.getLogger().setLevel(logging.ERROR)
    client = create_app(settings, engine=engine, clock=lambda: NOW).test_client()
    client.set_cookie("mentorlink", token, domain="localhost")
    return client


# ---- the world


def _spread_talks(session: Session, talks: int, engagements: int) -> None:
    """In place of the talks of the half-years' own stories: so many, on any half hour of a working day."""
    session.query(Meeting).delete()
    session.execute(update(EngagementSupporter).values(since=NOW - SPREAD - timedelta(days=1)))
    draw = random.Random(1)
    waiting: list[dict[str, Any]] = []
    for row in _talks(draw, talks, engagements):
        waiting.append(row)
        if len(waiting) == BATCH:
            session.execute(insert(Meeting), waiting)
            waiting = []
    if waiting:
        session.execute(insert(Meeting), waiting)
    windows = [
        {"supporter_id": 1, "weekday": day, "start_minute": 9 * 60, "end_minute": 21 * 60} for day in range(7)
    ]
    session.execute(insert(WeeklyWindow), windows)


def _talks(draw: random.Random, talks: int, engagements: int) -> Iterator[dict[str, Any]]:
    first = (NOW - SPREAD).replace(hour=0)
    for number in range(talks):
        starts_at = first + timedelta(days=draw.randrange(2 * SPREAD.days), minutes=30 * draw.randrange(26))
        is_over = starts_at < NOW
        yield {
            "engagement_id": 1 + number % engagements,
            "state": MeetingState.RECORDED if is_over else MeetingState.CONFIRMED,
            "way": MeetingWay.ONLINE,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=1),
            "minutes": 60,
            "uid": secrets.token_hex(8),
            "created_at": starts_at - timedelta(days=14),
            "version": 1,
        }


def _visit(session: Session, role: Role) -> str:
    """A signed-in visitor; the supporter is the first there is."""
    user = User(email=f"{role}@example.jp", name="見本", role=role, created_at=NOW)
    session.add(user)
    session.flush()
    if role is Role.SUPPORTER:
        person_id = session.get_one(Supporter, 1).person_id
        session.get_one(Person, person_id).user_id = user.id
    token = secrets.token_urlsafe(32)
    visit = {"created_at": NOW, "expires_at": NOW + timedelta(days=1), "data": {}}
    session.add(WebSession(token_hash=hash_token(token), user_id=user.id, **visit))
    return token


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--talks", type=int, nargs="+", default=SIZES)
    parser.add_argument("--requests", type=int, default=9)
    parser.add_argument("--json", action="store_true", help="one object a line on standard output")
    asked = parser.parse_args()
    for talks in asked.talks:
        found = measure(talks, asked.requests)
        print(json.dumps(found) if asked.json else found, flush=True)


if __name__ == "__main__":
    main()
