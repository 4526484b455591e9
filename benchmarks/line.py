"""Every message once, whatever happens: ``python -m benchmarks.line --messages 20000 --kills 100 --json``.

The real courier on a real database, against a LINE that honours retry keys and cuts a tenth of its connections at
random: before it takes a message, after it, or with a 503. The worker is killed (SIGKILL) again and again while it
sends. ``--guard off`` sends every try under a new key and shows what the key is good for.
"""

import argparse
import contextlib
import json
import multiprocessing
import random
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.sharedctypes import Synchronized
from typing import Any

from sqlalchemy import Engine, func, insert, select

from mentorlink.core import line_delivery, links
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.outbox import OPEN, Channel, MessageState, OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.jobs import make_line_courier
from mentorlink.people.models import ContactChannel, Person
from mentorlink.tables import metadata
from tests.line_stub import LineStub
from tests.postgres import postgres_cluster, postgres_database

LEASES_END = 130.0  # seconds: after a kill, what the worker held is free again
RETRIES_END = 61.0
POLL_SECONDS = 0.02
QUIET_POLLS = 15
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Result:
    """``doubles``: accepted more than once. ``lost``: neither accepted nor laid before the office nor told another way."""

    messages: int
    accepted: int
    doubles: int
    lost: int
    parked: int
    left_line: int
    requests: int
    database: str = ""
    kills: int = 0
    seconds: float = 0.0


def deliver(
    url: str, database: str, *, messages: int, kills: int, seed: int = 1, guard: bool = True
) -> Result:
    """One run on an empty database."""
    engine, stub, ahead = make_engine(url), LineStub().start(), SPAWN.Value("d", 0.0)
    stub.cut_at_random(seed)
    metadata.create_all(engine)
    _seed(engine, messages)
    began = time.monotonic()
    try:
        draw = random.Random(seed)
        thresholds = sorted(draw.randrange(messages) for _ in range(kills))
        _send_all(engine, (url, stub.url, ahead, guard), stub, thresholds, draw)
        found = _result(engine, stub, messages)
        return replace(found, database=database, kills=kills, seconds=round(time.monotonic() - began, 1))
    finally:
        stub.stop()
        engine.dispose()


def _send_all(
    engine: Engine,
    worker: tuple[str, str, "Synchronized[float]", bool],
    stub: LineStub,
    thresholds: list[int],
    draw: random.Random,
) -> None:
    """Until nothing is open any more; a worker is killed at each threshold of accepted messages."""
    for threshold in thresholds:
        with _working(*worker) as process:
            _wait(engine, stub, threshold, worker[2])
            time.sleep(draw.random() * 0.05)
            process.kill()
        worker[2].value += LEASES_END
    with _working(*worker):
        _wait(engine, stub, None, worker[2])


@contextlib.contextmanager
def _working(*worker: Any) -> Iterator[Any]:
    process = SPAWN.Process(target=_work, args=worker, daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


def _wait(engine: Engine, stub: LineStub, threshold: int | None, ahead: "Synchronized[float]") -> None:
    """Until so many are accepted, or none is open. Where nothing moves, the clock goes on to the next try."""
    seen, quiet = -1, 0
    while threshold is None or len(stub.accepted) < threshold:
        if not _open_rows(engine):
            return
        time.sleep(POLL_SECONDS if threshold is not None else POLL_SECONDS * 10)
        moved, seen = stub.requests.total() != seen, stub.requests.total()
        quiet = 0 if moved else quiet + 1
        if quiet >= QUIET_POLLS and seen > 0:
            ahead.value += RETRIES_END
            quiet = 0


def _work(url: str, line_url: str, ahead: "Synchronized[float]", guard: bool) -> None:
    """The worker: the product's courier, with a clock that the measurement moves on."""
    if not guard:
        line_delivery.retry_key_of = lambda _letter, _settings: uuid.uuid4()
    links.configure("benchmark")
    settings = Settings(
        secret_key="benchmark",  # type: ignore[arg-type]  # noqa: S106 - of a database that lives for minutes
        line_channel_secret="s",  # type: ignore[arg-type]  # noqa: S106
        line_channel_token="t",  # type: ignore[arg-type]  # noqa: S106
        line_base_url=line_url,
        line_monthly_quota=10**6,
    )

    def clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead.value)

    courier = make_line_courier(settings, make_sessions(make_engine(url)), clock)
    courier = replace(courier, contexts={"people/news": lambda _session, _row: {}})
    while True:
        if not courier.deliver():
            time.sleep(POLL_SECONDS)


def _seed(engine: Engine, messages: int) -> None:
    now = datetime.now(UTC)
    numbers = range(1, messages + 1)
    with engine.begin() as connection:
        for model, make in ((Person, _person), (OutboxMessage, _message)):
            for first in range(0, messages, 1000):
                part = [make(number, now) for number in numbers[first : first + 1000]]
                connection.execute(insert(model), part)


def _person(number: int, now: datetime) -> dict[str, Any]:
    return {
        "id": number,
        "display_name": f"見本{number}",
        "contact_channel": ContactChannel.LINE,
        "line_user_id": f"U{number:032x}",
        "email": f"person{number}@example.org",
        "safe_contact": False,
        "no_voicemail": False,
        "language": "ja",
        "zone": "Asia/Tokyo",
        "created_at": now,
    }


def _message(number: int, now: datetime) -> dict[str, Any]:
    return {
        "event": f"news:{number}",
        "template": "people/news",
        "recipient": f"person:{number}",
        "channel": Channel.LINE,
        "locale": "ja",
        "params": {},
        "about": f"person:{number}",
        "queued_at": now,
        "due_at": now,
        "not_after": now + timedelta(days=7),
        "state": MessageState.PLANNED,
        "attempts": 0,
        "ambiguous": 0,
    }


def _open_rows(engine: Engine) -> int:
    with engine.connect() as connection:
        query = select(func.count()).where(
            OutboxMessage.channel == Channel.LINE, OutboxMessage.state.in_(OPEN)
        )
        return connection.scalar(query) or 0


def _result(engine: Engine, stub: LineStub, messages: int) -> Result:
    taken = Counter(push.to for push in stub.accepted)
    with engine.connect() as connection:
        rows = connection.execute(
            select(OutboxMessage.recipient, OutboxMessage.channel, OutboxMessage.state)
        ).all()
    states = Counter((row.channel, row.state) for row in rows)
    parked, left = states[Channel.LINE, MessageState.PARKED], states[Channel.MAIL, MessageState.PLANNED]
    silent = sum(1 for number in range(1, messages + 1) if f"U{number:032x}" not in taken)
    return Result(
        messages=messages,
        accepted=len(taken),
        doubles=sum(taken.values()) - len(taken),
        lost=max(0, silent - parked - left) + messages - len(rows),
        parked=parked,
        left_line=left,
        requests=stub.requests.total(),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--guard", choices=("on", "off"), default="on")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with contextlib.ExitStack() as stack:
        if asked.database == "sqlite":
            url = f"sqlite:///{stack.enter_context(tempfile.TemporaryDirectory())}/line.db"
        else:
            base = stack.enter_context(postgres_cluster())
            url = stack.enter_context(postgres_database(base, "line"))
        result = deliver(
            url,
            asked.database,
            messages=asked.messages,
            kills=asked.kills,
            seed=asked.seed,
            guard=asked.guard == "on",
        )
    if asked.json:
        print(json.dumps(asdict(result)))
        return
    for name, value in asdict(result).items():
        print(f"{name:>10}  {value}")


if __name__ == "__main__":
    main()
