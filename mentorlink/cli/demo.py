"""``mentorlink demo``: web and worker on made-up people, stopped together."""

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mentorlink.core.settings import INBOX_ONLY, Settings

FOLDER = Path(".demo")
STOP_SECONDS = 30


def demo_settings(port: int) -> Settings:
    """Settings of the demo, put into the environment so that its worker has the same ones.

    Its database is a file of its own unless MENTORLINK_DATABASE_URL names another. Raises ValueError where a real
    mail server is configured.
    """
    if os.environ.get("MENTORLINK_MAIL_URL", INBOX_ONLY) != INBOX_ONLY:
        raise ValueError("the demo sends nothing outside: unset MENTORLINK_MAIL_URL")
    FOLDER.mkdir(exist_ok=True)
    os.environ.setdefault("MENTORLINK_DATABASE_URL", f"sqlite:///{FOLDER.resolve()}/mentorlink.db")
    os.environ.setdefault("MENTORLINK_SECRET_KEY", _kept_secret(FOLDER / "secret"))
    os.environ |= {
        "MENTORLINK_DEMO": "1",
        "MENTORLINK_MAIL_URL": INBOX_ONLY,
        "MENTORLINK_BASE_URL": f"http://127.0.0.1:{port}",
    }
    return Settings()


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
def worker_process() -> Iterator[None]:
    """A worker beside the block. It also ends by itself when this process dies."""
    command = [sys.executable, "-m", "mentorlink.cli", "worker", "--with-parent"]
    worker = subprocess.Popen(command)  # noqa: S603 - ourselves
    try:
        yield
    finally:
        worker.terminate()
        try:
            worker.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
