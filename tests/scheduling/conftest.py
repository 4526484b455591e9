"""Calendar programs that nobody here wrote."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.scheduling.caldav import caldav_server


@pytest.fixture
def khal(tmp_path: Path):
    """The calendar program ``khal`` with an empty calendar of its own."""
    (tmp_path / "calendar").mkdir()
    (tmp_path / "config").write_text(
        f"[calendars]\n[[office]]\npath = {tmp_path}/calendar\ntype = calendar\n"
        "[locale]\nlocal_timezone = Asia/Tokyo\ndefault_timezone = Asia/Tokyo\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path}/khal.db\n[default]\ndefault_calendar = office\n"
    )

    def khal(*arguments: str) -> str:
        command = [str(Path(sys.executable).with_name("khal")), "-c", str(tmp_path / "config"), *arguments]
        environment = {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return khal


@pytest.fixture
def caldav(tmp_path: Path):
    """Radicale with an empty calendar."""
    with caldav_server(tmp_path) as server:
        yield server
