"""A whole installation for a story: the real server on a port, a real mail server, one clock that the story moves."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from mentorlink.app import create_app
from mentorlink.core import links
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.schema import upgrade_schema
from mentorlink.core.settings import Settings
from mentorlink.jobs import all_jobs
from tests.smtp import SmtpSink

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*")


class StoryClock:
    """The time of the story: it stands still until somebody moves it."""

    def __init__(self, now: datetime):
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **duration: float) -> datetime:
        self.now += timedelta(**duration)
        return self.now

    def move_to(self, instant: datetime) -> None:
        assert instant >= self.now, "a story only goes forward"
        self.now = instant


@dataclass
class World:
    settings: Settings
    engine: Engine
    sessions: sessionmaker[Session]
    clock: StoryClock
    sink: SmtpSink

    @property
    def address(self) -> str:
        return self.settings.base_url

    def let_time_work(self) -> None:
        """What the worker would have done by now: every job, then the post, until nothing more is due."""
        jobs = all_jobs(self.settings, self.sessions, self.clock)
        for _round in range(3):
            for job in reversed(jobs):  # deliver, the first on the page, comes last
                job.run(self.sessions, self.clock())

    def mails_to(self, address: str) -> list[EmailMessage]:
        """What arrived for somebody, oldest first."""
        return [mail.parsed() for mail in self.sink.messages if address in mail.recipients]


def first_link(mail: EmailMessage) -> str:
    """The address behind the one action of a mail, taken from its plain text."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = ADDRESS.search(body.get_content())
    assert found, f"no link in {mail['Subject']}"
    return found.group()


def calendar_files(mail: EmailMessage) -> list[bytes]:
    return [
        part.get_payload(decode=True)
        for part in mail.walk()
        if part.get_content_type() in ("text/calendar", "application/ics")
    ]


@contextmanager
def running_world(folder: Path, sink: SmtpSink, now: datetime, **settings: Any) -> Iterator[World]:
    """Serve an empty installation on a free port for as long as the block lasts."""
    engine = make_engine(f"sqlite:///{folder}/story.db")
    upgrade_schema(engine)
    clock = StoryClock(now)
    server_box: dict[str, Any] = {}

    def application(environ: Any, start_response: Any) -> Any:
        return server_box["app"](environ, start_response)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    wanted = {"secret_key": "story-secret", "mail_url": sink.url} | settings
    chosen = Settings(base_url=f"http://127.0.0.1:{server.port}", **wanted)
    server_box["app"] = create_app(chosen, engine=engine, clock=clock)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield World(chosen, engine, make_sessions(engine), clock, sink)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        engine.dispose()
        links.configure("test-secret")
        links.configure_base("http://localhost")
