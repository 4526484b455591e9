"""Reads a calendar behind walls: a process of its own, with little time, little memory, and nothing to tell.

What a calendar asks for cannot be seen from its size: one line can mean a billion appointments, and no list of forbidden
patterns is ever complete. So the system holds the line, whatever the libraries do. Starting costs 0.1 s.
"""

import json
import math
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from mentorlink.core.errors import RuleViolation
from mentorlink.scheduling.busy_times import BusyTimes, read_busy_times

CPU_SECONDS = 1.8
SERIES_SECONDS = 0.3  # for one appointment with all its repetitions: it costs only itself
WALL_SECONDS = 10  # on a machine that has much else to do
MOST_MEMORY = 256 * 1024 * 1024  # address space, of which the interpreter with its libraries has a quarter
COMMAND = (sys.executable, "-m", "mentorlink.scheduling.busy_reading")
TOO_HEAVY = "calendar_too_heavy"


def read_in_bounds(content: bytes, *, zone: str, after: datetime, until: datetime, host: str) -> BusyTimes:
    """``read_busy_times`` within CPU_SECONDS and MOST_MEMORY. Raises what that raises, and ``calendar_too_heavy``."""
    question = {"zone": zone, "after": after.timestamp(), "until": until.timestamp(), "host": host}
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            COMMAND,
            input=json.dumps(question).encode() + b"\n" + content,
            capture_output=True,
            timeout=WALL_SECONDS,
            env=environment(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise RuleViolation(TOO_HEAVY) from None
    if done.returncode:
        raise RuleViolation(TOO_HEAVY)
    answer = json.loads(done.stdout)
    if answer.get("fault"):
        raise RuleViolation(answer["fault"])
    spans = tuple((_instant(start), _instant(end)) for start, end in answer["spans"])
    return BusyTimes(spans, answer["caution"])


def environment() -> dict[str, str]:
    """Where the code lies, and none of our secrets."""
    return {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONDONTWRITEBYTECODE": "1"}


def main() -> None:
    """One question from the standard input, one answer to the standard output."""
    _build_walls()
    signal.signal(signal.SIGVTALRM, _give_up)
    question = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    try:
        sys.stdout.write(json.dumps(_answer(content, question)))
    except MemoryError:
        sys.exit(1)


def _answer(content: bytes, question: dict[str, str | float]) -> dict[str, object]:
    try:
        busy = read_busy_times(
            content,
            zone=str(question["zone"]),
            after=_instant(float(question["after"])),
            until=_instant(float(question["until"])),
            host=str(question["host"]),
            patience=_a_moment,
        )
    except RuleViolation as refusal:
        return {"fault": refusal.code}
    spans = [(start.timestamp(), end.timestamp()) for start, end in busy.spans]
    return {"spans": spans, "caution": busy.caution}


def _build_walls() -> None:
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # ends the process, as nobody listens
    for limit, most in (
        (resource.RLIMIT_CPU, math.ceil(CPU_SECONDS)),
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        resource.setrlimit(limit, (most, most))


@contextmanager
def _a_moment() -> Iterator[None]:
    signal.setitimer(signal.ITIMER_VIRTUAL, SERIES_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _give_up(*_signal: object) -> None:
    raise TimeoutError


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


if __name__ == "__main__":
    main()
