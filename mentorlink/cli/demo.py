"""``mentorlink demo``: web and worker on made-up people, stopped together."""

import os
import secrets
import signal
import socket
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from mentorlink.core.settings import INBOX_ONLY, Settings

FOLDER = Path(".demo")
STOP_SECONDS = 30


def demo_settings(port: int) -> Settings:
    """Settings of the demo: whatever else the environment says, it is a demo on this machine.

    Its database is a file of its own unless MENTORLINK_DATABASE_URL names another. Raises ValueError where a real
    mail server is configured.
    """
    if os.environ.get("MENTORLINK_MAIL_URL", INBOX_ONLY) != INBOX_ONLY:
        raise ValueError("the demo sends nothing outside: unset MENTORLINK_MAIL_URL")
    FOLDER.mkdir(exist_ok=True)
    os.environ.setdefault("MENTORLINK_DATABASE_URL", f"sqlite:///{FOLDER.resolve()}/mentorlink.db")
    os.environ.setdefault("MENTORLINK_SECRET_KEY", _kept_secret(FOLDER / "secret"))
    return Settings(demo=True, mail_url=INBOX_ONLY, base_url=f"http://127.0.0.1:{port}")


def _kept_secret(path: Path) -> str:
    """The same at every start, so that yesterday's links still open."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
    return path.read_text()


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def worker_process(work: Callable[[], None]) -> Iterator[None]:
    """A worker beside the block, forked so that nothing is loaded twice. No connection may be open.

    The web server's own children leave through the block as well: only the process that came in ends the worker.
    """
    ours = os.getpid()
    worker = os.fork()
    if worker == 0:
        _work_and_leave(work)
    try:
        yield
    finally:
        if os.getpid() == ours:
            _end(worker)


def _work_and_leave(work: Callable[[], None]) -> NoReturn:
    try:
        work()
    except BaseException:  # noqa: BLE001 - nothing of the parent's stack may run here
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _end(worker: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(worker, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while os.waitpid(worker, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(worker, signal.SIGKILL)
            time.sleep(0.05)
