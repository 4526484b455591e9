"""Book, move and cancel the same few hours at once on PostgreSQL: ``python -m benchmarks.hot --attempts 4800 --json``.

Sixteen connections, four in each of four processes, act for forty supports of five supporters, some of whom share a
team. Nobody may be booked twice, and nobody may see a deadlock (SQLSTATE 40P01). ``--guard off`` drops the database's
constraint, ``--locks off`` leaves the locks away: what each is good for.
"""

import argparse
import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from random import Random
from unittest.mock import patch

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.stampede import OVERLAPPING, _drop_guards
from mentorlink.core import links
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import Engagement, Side
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay
from mentorlink.scheduling.services import (
    book_meeting,
    cancel_meeting,
    move_meeting,
    offer_slots,
    save_availability,
)
from mentorlink.tables import metadata
from tests import factories
from tests.factories import NOW
from tests.postgres import postgres_cluster, postgres_database

PROCESSES, THREADS = 4, 4
SUPPORTERS, SUPPORTS, HOURS = 5, 40, 12
WEEK = [(day, 540, 1260) for day in range(7)]


@dataclass
class Result:
    attempts: int
    deadlocks: int
    errors: int
    overlaps: int
    outcomes: dict[str, int] = field(default_factory=dict)


def rush_on(url: str, attempts: int, *, guard: bool = True, locks: bool = True) -> Result:
    """On an empty database. ``deadlocks`` and ``errors`` are what a person would have seen as a failure."""
    engine = make_engine(url)
    metadata.create_all(engine)
    links.configure("hot")
    with make_sessions(engine)() as session, transaction(session):
        _settle(session)
    with engine.begin() as connection:
        if not guard:
            _drop_guards(connection)
    shares = [(url, attempts // PROCESSES, number, locks) for number in range(PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        outcomes = sum(pool.starmap(_share, shares, chunksize=1), Counter())
    with engine.connect() as connection:
        overlaps = connection.execute(text(OVERLAPPING)).scalar_one()
    engine.dispose()
    errors = sum(number for name, number in outcomes.items() if name.startswith("error"))
    return Result(sum(outcomes.values()), outcomes["error 40P01"], errors, overlaps, dict(outcomes))


def rush(attempts: int, *, guard: bool = True, locks: bool = True) -> Result:
    with postgres_cluster() as base, postgres_database(base, "hot") as url:
        return rush_on(url, attempts, guard=guard, locks=locks)


def _settle(session: Session) -> None:
    supporters = [
        factories.make_supporter(session, buffer_minutes=15, capacity_week=40, notice_hours=0, windows=WEEK)
        for _ in range(SUPPORTERS)
    ]
    for number in range(SUPPORTS):
        size = 2 if number % 3 == 0 else 1
        team = [supporters[(number + each) % SUPPORTERS] for each in range(size)]
        factories.make_engagement(session, supporters=team)


def _share(url: str, attempts: int, number: int, locks: bool) -> Counter[str]:
    """A process of the rush, with as many connections as threads."""
    links.configure("hot")
    links.configure_base("http://localhost")
    engine = make_engine(url)
    with ExitStack() as stack:
        if not locks:
            stack.enter_context(
                patch("mentorlink.scheduling.services.occupancy.lock_keys", lambda *_args: None)
            )
        threads = stack.enter_context(ThreadPoolExecutor(THREADS))
        runs = [
            threads.submit(_act_often, make_sessions(engine), attempts // THREADS, number * THREADS + each)
            for each in range(THREADS)
        ]
        found = sum((run.result() for run in runs), Counter())
    engine.dispose()
    return found


def _act_often(sessions: sessionmaker[Session], attempts: int, seed: int) -> Counter[str]:
    chance = Random(seed)
    return Counter(outcome for _ in range(attempts) for outcome in _act(sessions, chance))


def _act(sessions: sessionmaker[Session], chance: Random) -> Iterator[str]:
    with sessions() as session:
        try:
            with transaction(session):
                outcome = _do_something(session, chance)
        except (Conflict, RuleViolation) as no:
            outcome = no.code
        except DBAPIError as error:
            outcome = f"error {getattr(error.orig, 'sqlstate', None)}"
    yield outcome


def _do_something(session: Session, chance: Random) -> str:
    engagement = session.get_one(Engagement, chance.randint(1, SUPPORTS))
    start = NOW + timedelta(days=3, hours=chance.randrange(HOURS))
    known = select(Meeting).where(
        Meeting.engagement_id == engagement.id, Meeting.state == MeetingState.CONFIRMED
    )
    meeting = session.scalar(known.limit(1))
    dice = chance.random()
    if dice < 0.04:
        supporter = session.get_one(Supporter, chance.randint(1, SUPPORTERS))
        save_availability(session, supporter, WEEK, by="test", now=NOW)
        return "saved"
    if dice < 0.08:
        offer_slots(session, engagement, now=NOW)
        return "offered"
    if meeting is None:
        book_meeting(session, engagement, start, way=MeetingWay.ONLINE, by="test", now=NOW)
        return "booked"
    if dice < 0.4:
        move_meeting(session, meeting, start, by="test", side=Side.APPLICANT, now=NOW)
        return "moved"
    cancel_meeting(session, meeting, side=Side.SUPPORTER, by="test", now=NOW, offer_again=dice > 0.9)
    return "cancelled"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--attempts", type=int, default=4800)
    parser.add_argument("--guard", choices=("on", "off"), default="on")
    parser.add_argument("--locks", choices=("on", "off"), default="on")
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    asked = parser.parse_args()
    result = rush(asked.attempts, guard=asked.guard == "on", locks=asked.locks == "on")
    print(json.dumps(asdict(result), indent=2) if asked.json else result)
    sys.exit(1 if result.errors or result.overlaps else 0)  # a deadlock is an error too


if __name__ == "__main__":
    main()
