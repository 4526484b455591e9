"""The worker process: APScheduler only ticks. What a job did is in rows, and what it may not do twice they forbid."""

import fcntl
import logging
import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from zlib import crc32

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import Engine, text

from mentorlink.core.clock import Clock, system_clock
from mentorlink.core.db import make_sessions
from mentorlink.jobs import Job

LOCK_SPACE = 0x6A6F62  # keeps the jobs' advisory locks apart from those of bookings
GRACE_SECONDS = 25
DEMO_SECONDS = 3  # a visitor who moved the clock looks at once for what happened
ONE_AT_A_TIME = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

log = logging.getLogger("mentorlink.worker")


class Worker:
    """Runs each job at its pace until it is told to stop, or until its parent is gone where it was told to mind it."""

    def __init__(self, engine: Engine, clock: Clock, *, hurried: bool = False, with_parent: bool = False):
        self._engine = engine
        self._clock = clock
        self._hurried = hurried
        self._parent = os.getppid() if with_parent else None
        self._stopping = threading.Event()
        self._idle = threading.Condition()
        self._busy = 0

    def may_go_on(self) -> bool:
        return not self._stopping.is_set()

    def stop(self, *_signal: object) -> None:
        self._stopping.set()

    def obey_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def run(self, jobs: Sequence[Job]) -> None:
        """Blocks until ``stop``. A job under way gets GRACE_SECONDS; after that its lease covers the rest."""
        pool = {"default": ThreadPoolExecutor(len(jobs))}
        scheduler = BackgroundScheduler(executors=pool, job_defaults=ONE_AT_A_TIME, timezone=UTC, daemon=True)
        for job in jobs:
            seconds = min(job.every_seconds, DEMO_SECONDS) if self._hurried else job.every_seconds
            scheduler.add_job(self.run_once, "interval", [job], seconds=seconds, next_run_time=system_clock())
        scheduler.start()
        while not self._stopping.wait(1):
            if self._parent is not None and os.getppid() != self._parent:
                break  # a demo that was killed leaves nothing running
        self.stop()
        scheduler.shutdown(wait=False)
        with self._idle:
            ended = self._idle.wait_for(lambda: not self._busy, GRACE_SECONDS)
        if not ended:
            os._exit(0)  # a thread that hangs on a silent server would keep the process

    def run_once(self, job: Job) -> bool:
        """Whether it ran here and ended well."""
        with self._counted(), alone(self._engine, job) as is_ours:
            if not is_ours or not self.may_go_on():
                return False
            try:
                job.run(make_sessions(self._engine), self._clock())
            except Exception as error:  # noqa: BLE001 - the next tick tries again; one job must not stop the others
                log.error("job %s: %s", job.name, _where(error))  # noqa: TRY400 - a message may carry texts of people
                return False
        return True

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()


@contextmanager
def alone(engine: Engine, job: Job) -> Iterator[bool]:
    """Whether no other worker does this job now. The lock dies with its process."""
    if not job.alone:
        yield True
    elif engine.dialect.name == "postgresql":
        with _advisory_lock(engine, job.name) as is_ours:
            yield is_ours
    else:
        with _file_lock(engine.url.database, job.name) as is_ours:
            yield is_ours


@contextmanager
def _advisory_lock(engine: Engine, name: str) -> Iterator[bool]:
    keys = {"space": LOCK_SPACE, "key": crc32(name.encode()) & 0x7FFFFFFF}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:space, :key)"), keys))
        try:
            yield is_ours
        finally:
            if is_ours:
                connection.execute(text("SELECT pg_advisory_unlock(:space, :key)"), keys)


@contextmanager
def _file_lock(database: str | None, name: str) -> Iterator[bool]:
    if not database or database == ":memory:":
        yield True
        return
    folder = Path(f"{database}.locks")
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _where(error: Exception) -> str:
    """Kind and place: enough to find it, and no text of anybody."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "mentorlink" in frame.filename] or frames
    return f"{type(error).__name__} at {Path(ours[-1].filename).name}:{ours[-1].lineno}"
