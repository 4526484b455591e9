"""A CalDAV server and a program that syncs from it, as the people who get our invitations run them."""

import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from icalendar import Calendar

USER = "mentor"
COLLECTION = f"/{USER}/office/"
STARTS_WITHIN = 20  # seconds


class CaldavServer:
    """Radicale on a port of its own; what it keeps lies in ``folder``."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, _free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{COLLECTION}"

    def ask(self, method: str, path: str, body: bytes = b"") -> int:
        mark = b64encode(f"{USER}:secret".encode()).decode()
        headers = {"Authorization": f"Basic {mark}", "Content-Type": "text/calendar; charset=utf-8"}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body=body, headers=headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def keep(self, written: bytes) -> int:
        """What a calendar program does with an invitation: the event goes to the server, METHOD does not (RFC 4791)."""
        calendar = Calendar.from_ical(written)
        del calendar["METHOD"]
        uid = str(calendar.walk("VEVENT")[0]["UID"])
        return self.ask("PUT", f"{COLLECTION}{uid}.ics", calendar.to_ical())


@contextmanager
def caldav_server(folder: Path) -> Iterator[CaldavServer]:
    server = CaldavServer(folder)
    config = folder / "radicale"
    config.write_text(
        f"[server]\nhosts = 127.0.0.1:{server.port}\n[auth]\ntype = none\n[rights]\ntype = owner_only\n"
        f"[storage]\nfilesystem_folder = {folder}/collections\n[logging]\nlevel = warning\n"
    )
    command = [_program("radicale"), "--config", str(config)]
    with (folder / "radicale.log").open("wb") as log:
        running = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _wait_for(server, running)
            assert server.ask("MKCALENDAR", COLLECTION) == 201
            yield server
        finally:
            running.terminate()
            running.wait(10)


class Syncer:
    """vdirsyncer between one address and the folder that khal reads."""

    def __init__(self, folder: Path, source: str):
        self._config, self._folder = folder / "vdirsyncer", folder
        self._config.write_text(
            f'[general]\nstatus_path = "{folder}/status"\n'
            '[pair office]\na = "there"\nb = "here"\ncollections = null\nconflict_resolution = "a wins"\n'
            f'[storage there]\n{source}\n[storage here]\ntype = "filesystem"\npath = "{folder}/calendar"\n'
            'fileext = ".ics"\n'
        )
        self._run("discover")

    def sync(self) -> None:
        self._run("sync")

    def _run(self, verb: str) -> None:
        done = subprocess.run(
            [_program("vdirsyncer"), "-c", str(self._config), verb],
            env={"HOME": str(self._folder), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def from_caldav(server: CaldavServer) -> str:
    return f'type = "caldav"\nurl = "{server.url}"\nusername = "{USER}"\npassword = "secret"'


def from_feed(address: str) -> str:
    return f'type = "http"\nurl = "{address}"'


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _wait_for(server: CaldavServer, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        assert running.poll() is None, (server.folder / "radicale.log").read_text()
        try:
            server.ask("GET", "/")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("radicale did not answer")
