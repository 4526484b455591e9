"""The worker as a process: killed in the middle of a sentence, it loses nothing and repeats at most once."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage, plan_message
from mentorlink.core.schema import upgrade_schema
from tests import factories
from tests.postgres import postgres_database
from tests.smtp import Mood

PATIENCE = 20


@pytest.fixture(params=["sqlite", "postgresql"])
def sessions(request, tmp_path):
    if request.param == "sqlite":
        yield from _installed(f"sqlite:///{tmp_path}/worker.db")
        return
    with postgres_database(request.getfixturevalue("postgres_url_base"), "worker") as url:
        yield from _installed(url)


def _installed(url):
    engine = make_engine(url)
    upgrade_schema(engine)
    yield make_sessions(engine)
    engine.dispose()


@pytest.fixture
def start_worker(sessions, smtp_sink, tmp_path):
    started = []
    url = sessions.kw["bind"].url.render_as_string(hide_password=False)
    settings = {"DATABASE_URL": url, "MAIL_URL": smtp_sink.url, "SECRET_KEY": "0123456789abcdef"}
    given = os.environ | {f"MENTORLINK_{name}": value for name, value in settings.items()}

    def start_worker():
        command = [sys.executable, "-m", "mentorlink.cli", "worker"]
        started.append(subprocess.Popen(command, env=given, cwd=tmp_path, stderr=subprocess.DEVNULL))
        return started[-1]

    yield start_worker
    for worker in started:
        worker.kill()
        worker.wait()


def plan_mails(sessions, count):
    now = datetime.now(UTC)
    with sessions() as session, transaction(session):
        for number in range(count):
            user = factories.make_user(session)
            plan_message(
                session,
                event=f"desk:{number}",
                template="core/desk",
                recipient=f"user:{user.id}",
                channel=Channel.MAIL,
                locale="ja",
                about="office:0",
                now=now,
                due_at=now,
                not_after=now + timedelta(days=1),
                params={},
            )


def rows(sessions):
    with sessions() as session:
        return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def wait_until_all(sessions, *wanted):
    deadline = time.monotonic() + PATIENCE
    while {row.state for row in rows(sessions)} - set(wanted):
        assert time.monotonic() < deadline, [row.state for row in rows(sessions)]
        time.sleep(0.1)


def end_leases(sessions):
    """Two minutes later, without waiting for them."""
    with sessions() as session, transaction(session):
        taken = OutboxMessage.state == MessageState.TAKEN
        long_ago = datetime.now(UTC) - timedelta(minutes=1)
        session.execute(update(OutboxMessage).where(taken).values(lease_until=long_ago))


def test_a_worker_killed_while_the_server_is_silent_sends_it_when_it_is_back(
    sessions, start_worker, smtp_sink
):
    plan_mails(sessions, 1)
    smtp_sink.mood = Mood.HANG
    worker = start_worker()
    smtp_sink.wait_for_attempt(PATIENCE)
    worker.kill()
    worker.wait()
    smtp_sink.mood = Mood.KIND
    end_leases(sessions)
    start_worker()
    wait_until_all(sessions, MessageState.SENT)
    assert [row.ambiguous for row in rows(sessions)] == [1]
    assert len(smtp_sink.messages) == 1


def test_kills_at_any_moment_lose_nothing_and_repeat_little(sessions, start_worker, smtp_sink):
    plan_mails(sessions, mails := 30)
    kills = 2
    for kill in range(kills):
        worker = start_worker()
        deadline = time.monotonic() + PATIENCE
        while smtp_sink.attempts < (kill + 1) * 10 and time.monotonic() < deadline:
            time.sleep(0.005)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        end_leases(sessions)
    start_worker()
    wait_until_all(sessions, MessageState.SENT, MessageState.PARKED)
    sent = [mail.parsed()["Message-ID"] for mail in smtp_sink.messages]
    parked = sum(row.state is MessageState.PARKED for row in rows(sessions))
    assert len(set(sent)) >= mails - parked, "each is sent or visibly parked"
    assert len(sent) - len(set(sent)) <= kills, "one mail is on its way at a time"
    assert max(sent.count(one) for one in set(sent)) <= 2
