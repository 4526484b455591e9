"""Kill the worker again and again while reminders are due, against a mail server in another process.

python -m benchmarks.reminders --kills 100 --reminders 5000 [--database sqlite|postgresql] [--json]

Real worker processes (``mentorlink worker``) are ended by SIGKILL, every other one with a mail in flight, the others
at random moments; what is left two of them do side by side. A tenth of the talks begin while it runs, and now and then
the server falls silent in the middle of a mail. Printed: ``lost`` (neither arrived, nor laid before the office, nor
pointless by then), ``unsettled`` (nobody says what became of it), ``duplicates`` beside ``duplicates_allowed`` (kills
and silences, one mail in flight each),
``same_message_id`` of the duplicates, ``after_start`` (arrived once its talk had begun), ``mails_per_second`` (what is
handed over while somebody sends: pauses over a second, the starts of new workers and the silences of the server, are
left out). Exit status 1 where one of them is wrong (the pace is only told).

A killed worker's lease lasts two minutes; ``--hurry`` ends it at once. Full counts without it take about ten minutes.
"""

import argparse
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core import links
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.outbox import OPEN, Channel, MessageState, OutboxMessage, plan_message
from mentorlink.core.reminder_rules import IN_AN_HOUR
from mentorlink.core.schema import upgrade_schema
from mentorlink.scheduling.models import Meeting, MeetingWay
from tests.factories import make_engagement, make_person
from tests.postgres import postgres_cluster
from tests.smtp import Mood, ReceivedMail, SmtpSink

SECRET = "0123456789abcdef"  # noqa: S105 — of a database that is thrown away
SILENT_EVERY = 700  # mails
PATIENCE = 300
IN_FLIGHT = 0.05  # seconds without an answer, at the mail at which a worker is killed
PAUSE = 1  # second: longer between two mails means that nobody was sending
SPAWN = multiprocessing.get_context("spawn")


class NotingSink(SmtpSink):
    """Tells the parent of each mail that it takes: when, to whom, under which Message-ID."""

    def __init__(self, taken: Any, slow_at: Any, out: Any):
        super().__init__()
        self._count, self._slow_at, self._out = taken, slow_at, out

    def _take(self, mail: ReceivedMail, *, keep: bool) -> None:
        if keep:
            self._out.put((time.time(), mail.recipients[0], mail.parsed()["Message-ID"]))
        with self._count.get_lock():
            self._count.value += 1
            self.mood = Mood.HANG if self._count.value % SILENT_EVERY == SILENT_EVERY - 1 else Mood.KIND
        if self._count.value == self._slow_at.value:
            time.sleep(IN_FLIGHT)


def serve(port: Any, count: Any, slow_at: Any, out: Any, ended: Any) -> None:
    sink = NotingSink(count, slow_at, out)
    sink.start()
    port.value = sink.port
    ended.wait()
    out.put(None)


class Server:
    """The mail server in its own process."""

    def __init__(self) -> None:
        self._port, self.count, self.slow_at = (SPAWN.Value("i", 0) for _ in range(3))
        self._out, self._ended = SPAWN.Queue(), SPAWN.Event()
        given = (self._port, self.count, self.slow_at, self._out, self._ended)
        self._process = SPAWN.Process(target=serve, args=given, daemon=True)
        self._process.start()
        while not self._port.value:
            time.sleep(0.02)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._port.value}"

    def end(self) -> list[tuple[float, str, str]]:
        """Everything that it took."""
        self._ended.set()
        found = list(iter(self._out.get, None))
        self._process.terminate()
        return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--reminders", type=int, default=5000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seconds", type=int, default=120, help="within which a tenth of the talks begin")
    parser.add_argument("--hurry", action="store_true", help="end the leases of the killed at once")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with database(args.database) as url:
        found = measure(url, args.kills, args.reminders, args.seconds, hurry=args.hurry)
    print(
        json.dumps(found) if args.json else "\n".join(f"{name:20} {value}" for name, value in found.items())
    )
    sys.exit(0 if is_right(found) else 1)


@contextmanager
def database(kind: str) -> Iterator[str]:
    if kind == "postgresql":
        with postgres_cluster() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/reminders.db"


def is_right(found: dict[str, Any]) -> bool:
    return (
        found["lost"] == found["unsettled"] == 0
        and found["duplicates"] <= found["duplicates_allowed"]
        and found["same_message_id"]
        and found["after_start"] == 0
    )


def measure(
    url: str, kills: int, reminders: int, seconds: int, *, hurry: bool = False, patience: float = PATIENCE
) -> dict[str, Any]:
    """The whole experiment. ``hurry`` ends the leases of the killed at once instead of waiting two minutes."""
    engine = make_engine(url)
    upgrade_schema(engine)
    sessions = make_sessions(engine)
    starts = plan(sessions, reminders, seconds)
    server, began = Server(), time.time()
    for_long = reminders - reminders // 10  # the others may have become pointless before their turn
    for kill in range(kills):
        moment = random.uniform(0, 2 * IN_FLIGHT) if kill % 2 else 0
        work_and_kill(url, server, (kill + 1) * for_long // (kills + 2), moment)
        if hurry:
            end_leases(sessions)
    last = [start_worker(url, server.url) for _ in range(2)]
    wait_until_settled(sessions, patience)
    for worker in last:
        worker.kill()
        worker.wait()
    took = time.time() - began
    found = judge(sessions, starts, server.end(), kills + reminders // SILENT_EVERY)
    engine.dispose()
    return {"reminders": reminders, "kills": kills, **found, "seconds": round(took, 1)}


def plan(sessions: sessionmaker[Session], reminders: int, seconds: int) -> dict[str, datetime]:
    """Reminders that are due now; address → the start of its talk."""
    links.configure(SECRET)
    draw, starts = random.Random(5), {}
    with sessions() as session, transaction(session):
        engagement = make_engagement(session)
        now = datetime.now(UTC)
        opens = f"application:{engagement.application_id}"
        life = {"expires_at": now + timedelta(days=60), "now": now}
        link = links.issue_link(session, links.LinkKind.ENTRY, "application", opens, **life)
        for number in range(reminders):
            wait = timedelta(seconds=draw.uniform(1, seconds)) if number % 10 == 9 else timedelta(days=1)
            person = make_person(session, email=f"reader{number}@example.org")
            meeting = add_meeting(session, engagement.id, number, now + wait)
            starts[person.email] = meeting.starts_at
            ids = {"meeting_id": meeting.id, "person_id": person.id, "link_id": link.id, "side": "applicant"}
            plan_message(
                session,
                event=f"in_an_hour:{meeting.id}:0",
                template=IN_AN_HOUR.template,
                recipient=f"person:{person.id}",
                channel=Channel.MAIL,
                locale="ja",
                about=f"meeting:{meeting.id}",
                now=now,
                due_at=now,
                not_after=meeting.starts_at,
                params=ids,
            )
    return starts


def add_meeting(session: Session, engagement_id: int, number: int, starts_at: datetime) -> Meeting:
    meeting = Meeting(
        engagement_id=engagement_id,
        way=MeetingWay.ONLINE,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
        minutes=60,
        uid=f"meeting-{number}@localhost",
        sequence=0,
        created_at=datetime.now(UTC),
    )
    session.add(meeting)
    session.flush()
    return meeting


def start_worker(url: str, mail_url: str) -> subprocess.Popen[bytes]:
    settings = {"DATABASE_URL": url, "MAIL_URL": mail_url, "SECRET_KEY": SECRET}
    given = os.environ | {f"MENTORLINK_{name}": value for name, value in settings.items()}
    given["PYTHONPATH"] = str(Path.cwd())
    command = [sys.executable, "-m", "mentorlink.cli", "worker"]
    return subprocess.Popen(command, env=given, cwd=tempfile.gettempdir(), stderr=subprocess.DEVNULL)


def work_and_kill(url: str, server: Server, until: int, moment: float) -> None:
    """A worker lives until the server has seen so many mails, and a moment (seconds) more."""
    server.slow_at.value = until
    worker, deadline = start_worker(url, server.url), time.monotonic() + 40
    while server.count.value < until and time.monotonic() < deadline:
        time.sleep(0.002)
    time.sleep(moment)
    worker.send_signal(signal.SIGKILL)
    worker.wait()


def end_leases(sessions: sessionmaker[Session]) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=1)
    with sessions() as session, transaction(session):
        taken = OutboxMessage.state == MessageState.TAKEN
        session.execute(update(OutboxMessage).where(taken).values(lease_until=long_ago))


def wait_until_settled(sessions: sessionmaker[Session], patience: float) -> None:
    deadline = time.monotonic() + patience
    left = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state.in_(OPEN))
    while time.monotonic() < deadline:
        with sessions() as session:
            if not session.scalar(left):
                return
        time.sleep(0.3)


def judge(
    sessions: sessionmaker[Session],
    starts: dict[str, datetime],
    arrived: list[tuple[float, str, str]],
    allowed: int,
) -> dict[str, Any]:
    arrived = [each for each in arrived if each[1] in starts]  # other jobs write to the office
    ids: dict[str, list[str]] = defaultdict(list)
    for _at, address, message_id in arrived:
        ids[address].append(message_id)
    with sessions() as session:
        ours = select(OutboxMessage).where(OutboxMessage.template == IN_AN_HOUR.template)
        rows = session.scalars(ours.order_by(OutboxMessage.id)).all()
        states = dict(zip(starts, [row.state for row in rows], strict=True))  # planned in this order
    now = datetime.now(UTC)
    explained = {
        address
        for address, state in states.items()
        if state is MessageState.PARKED or (state is MessageState.EXPIRED and starts[address] <= now)
    }
    return {
        "arrived": len(ids),
        "parked": sum(state is MessageState.PARKED for state in states.values()),
        "pointless_by_then": sum(state is MessageState.EXPIRED for state in states.values()),
        "lost": len(set(starts) - set(ids) - explained),
        "unsettled": sum(state in OPEN for state in states.values()),
        "duplicates": len(arrived) - len(ids),
        "duplicates_allowed": allowed,
        "most_copies": max(map(len, ids.values()), default=0),
        "same_message_id": all(len(set(each)) == 1 for each in ids.values()),
        "after_start": sum(at > starts[address].timestamp() for at, address, _id in arrived),
        "mails_per_second": pace([at for at, _address, _id in arrived]),
    }


def pace(instants: list[float]) -> float:
    """Mails a second while somebody was sending."""
    instants = sorted(instants)
    gaps = [later - earlier for earlier, later in pairwise(instants) if later - earlier < PAUSE]
    return round(len(gaps) / sum(gaps), 1) if gaps else 0.0


if __name__ == "__main__":
    main()
