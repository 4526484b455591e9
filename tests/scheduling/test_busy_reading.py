"""Calendars made to hurt: each ends in time and within its memory, whatever it asks for."""

import json
import os
import subprocess
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from mentorlink.core.errors import RuleViolation
from mentorlink.scheduling import busy_reading
from mentorlink.scheduling.busy_reading import read_in_bounds

AFTER = datetime(2026, 11, 24, tzinfo=UTC)
UNTIL = AFTER + timedelta(days=210)
BASE_MEMORY = 40  # MiB, more than the interpreter takes with an empty calendar
CPU_SECONDS, MIB = 2, 200
START = "DTSTART;TZID=Asia/Tokyo:20200101T100000\nDURATION:PT1H\n"


def calendar(*events, more=""):
    blocks = "".join(f"BEGIN:VEVENT\n{lines}\nEND:VEVENT\n" for lines in events)
    return f"BEGIN:VCALENDAR\n{more}{blocks}END:VCALENDAR\n".encode()


def numbers(most, least=0):
    return ",".join(map(str, range(least, most)))


def dates():
    return ",".join(f"202612{1 + n % 31:02}T{n % 24:02}{n % 60:02}00Z" for n in range(4_000))


EVERY_SECOND = f"BYHOUR={numbers(24)};BYMINUTE={numbers(60)};BYSECOND={numbers(60)}"
SLOW_ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Slow\nBEGIN:STANDARD\nDTSTART:16000101T000000\nTZOFFSETFROM:+0500\nTZOFFSETTO:+0500\n"
    "RRULE:FREQ=HOURLY\nEND:STANDARD\nEND:VTIMEZONE\n"
)
NASTY = {
    "every second": calendar(f"{START}RRULE:FREQ=SECONDLY"),
    "every hour for centuries": calendar("DTSTART:16000101T100000Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY"),
    "every day for centuries": calendar("DTSTART:16000101T100000Z\nDURATION:PT1M\nRRULE:FREQ=DAILY"),
    "a thousand million times": calendar(f"{START}RRULE:FREQ=DAILY;COUNT=1000000000"),
    "a number of a thousand digits": calendar(f"{START}RRULE:FREQ=DAILY;COUNT={'9' * 1_000}"),
    "all lists crossed": calendar(f"{START}RRULE:FREQ=YEARLY;BYMONTHDAY={numbers(32, 1)};{EVERY_SECOND}"),
    "lists of set positions": calendar(f"{START}RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={numbers(366, 1)}"),
    "a day that never comes": calendar(f"{START}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    "a step of nothing": calendar(f"{START}RRULE:FREQ=DAILY;INTERVAL=0"),
    "a rule that cancels all": calendar(f"{START}RRULE:FREQ=DAILY\nEXRULE:FREQ=DAILY"),
    "tens of thousands of overrides": calendar(
        f"UID:a\n{START}RRULE:FREQ=DAILY",
        *[f"UID:a\nRECURRENCE-ID:2020{1 + n % 12:02}{1 + n % 28:02}T010000Z\n{START}" for n in range(20_000)],
    ),
    "a hundred thousand days more": calendar(f"{START}" + "\n".join([f"RDATE:{dates()}"] * 25)),
    "a hundred thousand days less": calendar(f"{START}RRULE:FREQ=DAILY\n" + "\n".join([f"EXDATE:{dates()}"] * 25)),
    "empty appointments": calendar(*[""] * 100_000),
    "appointments to come": calendar(*[f"UID:{n}\nDTSTART:20261201T{n % 24:02}0000Z\nDURATION:PT1M" for n in range(25_000)]),
    "appointments long past": calendar(*[f"UID:{n}\nDTSTART:20201201T010000Z\nDTEND:20201201T020000Z" for n in range(25_000)]),
    "a slow zone": calendar("DTSTART;TZID=Slow:20261201T100000\nDURATION:PT1H", more=SLOW_ZONE),
    "a hundred thousand zones": calendar(more="BEGIN:VTIMEZONE\nTZID:a\nEND:VTIMEZONE\n" * 100_000),
    "one endless line": b"BEGIN:VCALENDAR\nSUMMARY:" + b"x" * 5_000_000,
    "one endless time": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:" + b"2" * 5_000_000,
    "one endless folded time": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:" + b"2\n " * 1_600_000,
    "nothing but short lines": b"BEGIN:VCALENDAR\n" + b"a\n" * 2_500_000,
    "nothing but beginnings": b"BEGIN:VCALENDAR\n" * 300_000,
    "nothing but zeros": b"\0" * 5_000_000,
}  # fmt: skip


class Cost(NamedTuple):
    seconds: float  # of a processor
    memory: int  # MiB at its highest


def cost_of(content: bytes) -> Cost:
    """Of the same process that the application starts."""
    question = {"zone": "Asia/Tokyo", "after": AFTER.timestamp(), "until": UNTIL.timestamp(), "host": ""}
    process = subprocess.Popen(
        busy_reading.COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=busy_reading.environment(),
    )
    highest, ended = [0], threading.Event()
    watcher = threading.Thread(target=watch_memory, args=[process.pid, highest, ended])
    watcher.start()
    with suppress(BrokenPipeError), process.stdin:
        process.stdin.write(json.dumps(question).encode() + b"\n" + content)
    _pid, _status, used = os.wait4(process.pid, 0)
    process.returncode = 0
    ended.set()
    watcher.join()
    return Cost(used.ru_utime + used.ru_stime, highest[0] // 1024)


def watch_memory(pid: int, highest: list[int], ended: threading.Event) -> None:
    """The high-water mark as the system keeps it; that of ``wait4`` would count this process in."""
    while not ended.wait(0.005):
        with suppress(OSError, IndexError):
            status = Path(f"/proc/{pid}/status").read_text().split("VmHWM:")[1]
            highest[0] = max(highest[0], int(status.split()[0]))


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_calendar_ends_in_time_and_within_its_memory(name):
    cost = cost_of(NASTY[name])

    assert cost.seconds < CPU_SECONDS
    assert cost.memory < BASE_MEMORY + MIB


@pytest.mark.parametrize("name", ["appointments to come", "one endless time"])
def test_what_was_cut_off_is_told_in_words(name):
    with pytest.raises(RuleViolation, match=r"calendar_(too_heavy|broken)"):
        read_in_bounds(NASTY[name], zone="Asia/Tokyo", after=AFTER, until=UNTIL, host="")


def test_what_one_appointment_asks_for_costs_no_other_one():
    never, good = (
        f"{START}RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "DTSTART:20261201T010000Z\nDURATION:PT1H",
    )
    busy = read_in_bounds(calendar(never, good), zone="Asia/Tokyo", after=AFTER, until=UNTIL, host="")

    assert [start.day for start, _end in busy.spans] == [1]
    assert busy.caution == "calendar_partly_read"


def test_too_many_spans_are_told():
    """Each series is soon told, or a slow machine would leave it out; all of them are 6,000 minutes."""
    series = [
        f"DTSTART:20261201T00{minute:02}00Z\nDURATION:PT1M\nRRULE:FREQ=HOURLY;COUNT=200"
        for minute in range(0, 60, 2)
    ]
    content = calendar(*series)

    with pytest.raises(RuleViolation, match="calendar_too_heavy"):
        read_in_bounds(content, zone="Asia/Tokyo", after=AFTER, until=UNTIL, host="")


def test_memory_beyond_the_wall_cannot_be_had():
    code = "from mentorlink.scheduling import busy_reading as b; b._build_walls(); bytearray(b.MOST_MEMORY)"
    done = subprocess.run(
        [busy_reading.COMMAND[0], "-c", code],
        env=busy_reading.environment(),
        capture_output=True,
        check=False,
    )

    assert b"MemoryError" in done.stderr


def test_a_calendar_comes_through_the_walls_unchanged():
    content = calendar(
        "DTSTART:20261125T010000Z\nDURATION:PT1H", "DTSTART;TZID=Nowhere:20261126T100000\nDURATION:PT1H"
    )
    busy = read_in_bounds(content, zone="Asia/Tokyo", after=AFTER, until=UNTIL, host="")

    hour = datetime(2026, 11, 25, 1, tzinfo=UTC)
    assert busy.spans == tuple((hour + timedelta(days=n), hour + timedelta(days=n, hours=1)) for n in (0, 1))
    assert busy.caution == "calendar_zone_guessed"


def test_the_process_knows_no_secret_of_ours(monkeypatch):
    """Another program in its place says what it was given."""
    tells = (
        "import json, os; print(json.dumps({'spans': [], 'caution': 'MENTORLINK_SECRET_KEY' in os.environ}))"
    )
    monkeypatch.setattr(busy_reading, "COMMAND", (busy_reading.COMMAND[0], "-c", tells))
    monkeypatch.setenv("MENTORLINK_SECRET_KEY", "himitsu")

    assert read_in_bounds(b"", zone="Asia/Tokyo", after=AFTER, until=UNTIL, host="").caution is False
