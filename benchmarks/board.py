"""The office's board with many half-years: ``python -m benchmarks.board --engagements 4000 --json``.

The real application on a SQLite file, with made-up people who talk month by month, hand in steps, fall silent and
rest. Prints the median milliseconds of one page through the WSGI application, its queries and its bytes.
"""

import argparse
import json
import logging
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, insert, select
from sqlalchemy.orm import Session

from mentorlink.accounts.models import User
from mentorlink.app import create_app
from mentorlink.applications.models import Application, ApplicationState, ApplicationTerm, TimesKind
from mentorlink.core import taxonomy
from mentorlink.core.actor import Role
from mentorlink.core.dates import local_date
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.sessions import WebSession, hash_token
from mentorlink.core.settings import Settings
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    EngagementSupporter,
    Milestone,
    MilestoneState,
    Pause,
    PauseReason,
    Side,
    ThreadPost,
)
from mentorlink.people.models import ContactChannel, Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.programmes.services import create_programme, open_programme
from mentorlink.programmes.templates import load_template, template_names
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay
from mentorlink.tables import metadata

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PATH = "/office/engagements"
BATCH = 5000
PER_SUPPORTER = 4
FAMILY = ("森本", "佐野", "石田", "北川", "小松", "三浦", "長谷", "大西", "岩崎", "中原", "浜口", "古川")
GIVEN = (
    "みさき",
    "はるか",
    "けんじ",
    "さち",
    "ゆうた",
    "りょう",
    "かずみ",
    "あおい",
    "たえ",
    "しんや",
    "ゆき",
    "もえ",
)
_S, _M = EngagementState, MilestoneState
Rows = Iterable[dict[str, Any]]


def measure(engagements: int, requests: int) -> dict[str, float]:
    """A fresh database, one sign-in, and the median of so many requests after three that warm up."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/board.db")
        metadata.create_all(engine)
        with make_sessions(engine)() as session, transaction(session):
            seed_half_years(session, engagements, now=NOW)
            token = _office(session, NOW)
        client = _client(engine, token)
        for _ in range(3):
            _request(client)
        times = [_request(client)[0] for _ in range(requests)]
        with counted(engine) as statements:
            body = _request(client)[1]
        engine.dispose()
    milliseconds = round(statistics.median(times) * 1000, 1)
    return {"milliseconds": milliseconds, "queries": len(statements), "bytes": len(body)}


class counted:  # noqa: N801 - reads as a word in `with`
    """The statements that one piece of work sends; BEGIN is no question."""

    def __init__(self, engine: Engine):
        self.engine, self.statements = engine, list[str]()

    def __enter__(self) -> list[str]:
        event.listen(self.engine, "before_cursor_execute", self._note)
        return self.statements

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            self.statements.append(statement)


def _client(engine: Engine, token: str) -> FlaskClient:
    settings = Settings(secret_key="board", base_url="http://localhost", mail_url="inbox:")  # noqa: S106
    logging.getLogger().setLevel(logging.ERROR)
    client = create_app(settings, engine=engine, clock=lambda: NOW).test_client()
    client.set_cookie("mentorlink", token, domain="localhost")
    assert client.get(PATH).status_code == 200
    return client


def _request(client: FlaskClient) -> tuple[float, bytes]:
    began = time.perf_counter()
    answer = client.get(PATH)
    body = answer.get_data()
    seconds = time.perf_counter() - began
    assert answer.status_code == 200
    return seconds, body


# ---- the world


@dataclass(frozen=True)
class Story:
    """One made-up half-year: when it began, what became of it, when its people last spoke."""

    id: int
    person_id: int
    supporter_id: int
    state: EngagementState
    begins_on: date
    last_talk: int  # days before now
    paused: int | None  # days before now


def seed_half_years(session: Session, engagements: int, *, now: datetime, seed: int = 1) -> str:
    """So many half-years of one run beside whatever is in the database; returns the run's code."""
    draw = random.Random(seed)
    run = _run(session, now)
    people, supporters, applications, first = (
        (session.scalar(select(func.max(table.id))) or 0) + 1
        for table in (Person, Supporter, Application, Engagement)
    )
    mentors = max(1, engagements // PER_SUPPORTER)
    _insert(session, Person, (_person(people + n, draw, now) for n in range(mentors + engagements)))
    _insert(session, Supporter, (_supporter(supporters + n, people + n, now) for n in range(mentors)))
    stories = [
        _story(first + n, people + mentors + n, supporters + n % mentors, draw) for n in range(engagements)
    ]
    ids = {story.id: applications + n for n, story in enumerate(stories)}
    _insert(session, Application, (_application(ids[each.id], each, run, draw, now) for each in stories))
    _insert(session, ApplicationTerm, (_theme(ids[each.id], draw) for each in stories))
    _insert(session, Engagement, (_engagement(ids[each.id], each, run, now) for each in stories))
    _insert(session, EngagementSupporter, (_place(each, now) for each in stories))
    _insert(session, Meeting, (row for each in stories for row in _talks(each, run, draw, now)))
    _insert(session, ThreadPost, (row for each in stories for row in _posts(each, now)))
    _insert(session, Pause, (row for each in stories for row in _pauses(each, draw, now)))
    steps = (session.scalar(select(func.max(Milestone.id))) or 0) + 1
    rows = [row for each in stories for row in _steps(each, run, draw, now)]
    _insert(session, Milestone, ({"id": steps + n} | row for n, row in enumerate(rows)))
    _insert(
        session, StateChange, (_change(steps + n, row) for n, row in enumerate(rows) if row["reached_at"])
    )
    return run.code


def _story(number: int, person_id: int, supporter_id: int, draw: random.Random) -> Story:
    state = draw.choices((_S.RUNNING, _S.PREPARING, _S.PAUSED, _S.FOLLOWING), (70, 5, 8, 17))[0]
    begun = draw.randint(195, 240) if state is _S.FOLLOWING else draw.randint(5, 190)
    last = draw.choices((draw.randint(1, 29), draw.randint(30, 80)), (85, 15))[0]
    paused = draw.randint(3, 40) if state is _S.PAUSED else None
    begins_on = local_date(NOW) - timedelta(days=begun)
    return Story(number, person_id, supporter_id, state, begins_on, min(last, begun), paused)


def _run(session: Session, now: datetime) -> Programme:
    template = next(name for name in template_names() if load_template(name).meetings.months)
    code = f"board-{session.scalar(select(func.count()).select_from(Programme))}"
    run = create_programme(session, template, code=code, fiscal_year=2026, opens_on=date(2026, 4, 1), now=now)
    open_programme(session, run, now=now)
    return run


def _insert(session: Session, table: Any, rows: Rows) -> None:
    waiting: Iterator[dict[str, Any]] = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        session.execute(insert(table), batch)


def _person(number: int, draw: random.Random, now: datetime) -> dict[str, Any]:
    by_phone = draw.random() < 0.1
    return {
        "id": number,
        "display_name": f"{draw.choice(FAMILY)}{draw.choice(GIVEN)}",
        "contact_channel": ContactChannel.PHONE if by_phone else ContactChannel.MAIL,
        "email": f"mihon-{number}@example.jp",
        "phone": "+81226123456",
        "contact_confirmed_at": now,
        "created_at": now,
    }


def _supporter(number: int, person_id: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "person_id": person_id,
        "introduction": "見本の紹介文です。",
        "prefecture": "20",
        "training_valid_until": local_date(now) + timedelta(days=365),
        "joined_at": now,
    }


def _application(
    number: int, story: Story, run: Programme, draw: random.Random, now: datetime
) -> dict[str, Any]:
    asked = now - timedelta(days=250)
    return {
        "id": number,
        "reference": f"2026-B{number:06}",
        "programme_id": run.id,
        "person_id": story.person_id,
        "state": ApplicationState.CLOSED if story.state is _S.FOLLOWING else ApplicationState.MATCHED,
        "prefecture": draw.choice(taxonomy.prefectures()).code,
        "stage": draw.choice(taxonomy.codes("stage")),
        "times_kind": TimesKind.BY_TALK,
        "created_at": asked,
        "submitted_at": asked,
        "version": 1,
    }


def _theme(application_id: int, draw: random.Random) -> dict[str, Any]:
    code = draw.choice(taxonomy.codes("theme"))
    return {"application_id": application_id, "scheme": "theme", "code": code, "position": 0}


def _engagement(application_id: int, story: Story, run: Programme, now: datetime) -> dict[str, Any]:
    begun = story.state is not _S.PREPARING
    return {
        "id": story.id,
        "application_id": application_id,
        "programme_id": run.id,
        "recipient_id": story.person_id,
        "state": story.state,
        "opened_at": _at(story.begins_on) - timedelta(days=7),
        "ended_at": now - timedelta(days=5) if story.state is _S.FOLLOWING else None,
        "begins_on": story.begins_on if begun else None,
        "ends_on": story.begins_on + timedelta(days=183) if begun else None,
    }


def _place(story: Story, now: datetime) -> dict[str, Any]:
    return {"engagement_id": story.id, "supporter_id": story.supporter_id, "since": now - timedelta(days=300)}


def _talks(story: Story, run: Programme, draw: random.Random, now: datetime) -> Rows:
    """One a month until the last, and most have the next one ahead."""
    if story.state is _S.PREPARING:
        return
    last = local_date(now) - timedelta(days=story.last_talk)
    day = story.begins_on
    while day <= last:
        yield _talk(story, run, day, MeetingState.RECORDED)
        day += timedelta(days=draw.randint(24, 33))
    yield _talk(story, run, last, MeetingState.RECORDED if draw.random() < 0.8 else MeetingState.HELD)
    if story.state is _S.RUNNING and draw.random() < 0.7:
        yield _talk(story, run, local_date(now) + timedelta(days=draw.randint(1, 30)), MeetingState.CONFIRMED)


def _talk(story: Story, run: Programme, day: date, state: MeetingState) -> dict[str, Any]:
    starts_at = _at(day)
    return {
        "engagement_id": story.id,
        "state": state,
        "way": MeetingWay.ONLINE,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=run.meeting_minutes),
        "minutes": run.meeting_minutes,
        "uid": secrets.token_hex(8),
        "created_at": starts_at - timedelta(days=14),
        "version": 1,
    }


def _posts(story: Story, now: datetime) -> Rows:
    for number, side in enumerate((Side.APPLICANT, Side.SUPPORTER, Side.OFFICE)):
        yield {
            "engagement_id": story.id,
            "side": side,
            "body": "見本のことばです。",
            "at": now - timedelta(days=story.last_talk + 2 * number, hours=3),
            "submission": f"board-{number}",
        }


def _pauses(story: Story, draw: random.Random, now: datetime) -> Rows:
    if story.paused is not None:
        yield {
            "engagement_id": story.id,
            "reason": draw.choice(list(PauseReason)),
            "since": now - timedelta(days=story.paused),
            "expected_until": local_date(now) + timedelta(days=draw.randint(-10, 40)),
        }


def _steps(story: Story, run: Programme, draw: random.Random, now: datetime) -> Rows:
    today = local_date(now)
    last = today - timedelta(days=story.last_talk)  # who is silent hands nothing in
    for template in run.milestones:
        due_on = story.begins_on + timedelta(days=template.due_after_days)
        is_reached = due_on < last and draw.random() < 0.9
        is_near = not is_reached and due_on < today + timedelta(days=20)
        yield {
            "engagement_id": story.id,
            "position": template.position,
            "code": template.code,
            "state": _M.REACHED if is_reached else _M.IN_PROGRESS if is_near else _M.NOT_STARTED,
            "due_on": due_on,
            "reached_at": _at(due_on - timedelta(days=draw.randint(0, 9))) if is_reached else None,
        }


def _change(milestone_id: int, row: dict[str, Any]) -> dict[str, Any]:
    moved = {"old": _M.CHECKING.value, "new": _M.REACHED.value, "by": "user:1", "at": row["reached_at"]}
    return {"concept": Milestone.__tablename__, "row_id": milestone_id} | moved


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)  # 19:00 in Tokyo


def _office(session: Session, now: datetime) -> str:
    user = User(email="board@example.jp", name="見本", role=Role.OFFICE, created_at=now)
    session.add(user)
    session.flush()
    token = secrets.token_urlsafe(32)
    visit = {"created_at": now, "expires_at": now + timedelta(days=1), "data": {}}
    session.add(WebSession(token_hash=hash_token(token), user_id=user.id, **visit))
    return token


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engagements", type=int, default=4000)
    parser.add_argument("--requests", type=int, default=9)
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    asked = parser.parse_args()
    found = measure(asked.engagements, asked.requests)
    print(json.dumps(found) if asked.json else found)


if __name__ == "__main__":
    main()
