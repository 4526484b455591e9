"""The lines of a calendar that say when something is. All others are dropped as they come: nobody here reads them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from mentorlink.core.errors import RuleViolation

LONGEST_LINE = 100_000  # characters, unfolded, of the few lines that are kept
DEEPEST = 4
TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE"})
BUSY_STATUS = "X-MICROSOFT-CDO-BUSYSTATUS"

_KEPT: dict[str, frozenset[str]] = {
    "VEVENT": TIMES | {"DURATION", "RRULE", "EXRULE", "UID", "SEQUENCE", "STATUS", "TRANSP", BUSY_STATUS},
    "VFREEBUSY": frozenset({"FREEBUSY"}),
    "VTIMEZONE": frozenset({"TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "DTSTART", "RRULE", "RDATE"}),
    "VCALENDAR": frozenset({"X-WR-TIMEZONE"}),
}
_WANTED = frozenset({"BEGIN", "END"}).union(*_KEPT.values())
_INSIDE = {"STANDARD": "VTIMEZONE", "DAYLIGHT": "VTIMEZONE"}
_NAME = re.compile(r"([A-Za-z0-9-]+)[;:]")


@dataclass
class Parts:
    """What a calendar has in it, as lines; those of a component without its BEGIN and END."""

    events: list[list[str]] = field(default_factory=list)
    free_busy: list[str] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)
    zone: str = ""


def split(content: bytes) -> Parts:
    """The lines that say when, by component. Raises RuleViolation ``calendar_broken``."""
    parts, stack = Parts(), list[str]()
    is_whole = False
    for name, line in _lines(content):
        if name == "BEGIN":
            stack.append(line[6:].strip().upper())
            _begin(parts, stack)
        elif name == "END":
            if not stack or stack.pop() != line[4:].strip().upper():
                raise RuleViolation("calendar_broken")
            if stack and stack[-1] == "VTIMEZONE":
                parts.zones[-1].append(line)
            is_whole = not stack
        elif stack:
            _keep(parts, stack, name, line)
    if stack or not is_whole:
        raise RuleViolation("calendar_broken")
    return parts


def _begin(parts: Parts, stack: list[str]) -> None:
    if stack[0] != "VCALENDAR" or len(stack) > DEEPEST:
        raise RuleViolation("calendar_broken")
    if stack[1:] == ["VEVENT"]:
        parts.events.append([])
    elif stack[1:] == ["VTIMEZONE"]:
        parts.zones.append([])
    elif stack[1:2] == ["VTIMEZONE"]:
        parts.zones[-1].append(f"BEGIN:{stack[-1]}")


def _keep(parts: Parts, stack: list[str], name: str, line: str) -> None:
    inside = stack[1] if len(stack) > 1 else stack[0]
    if len(stack) > 2 and _INSIDE.get(stack[-1]) != inside:
        return  # an alarm, or what nobody has heard of
    if name not in _KEPT.get(inside, ()):
        return
    if inside == "VEVENT":
        parts.events[-1].append(line)
    elif inside == "VTIMEZONE":
        parts.zones[-1].append(line)
    elif inside == "VFREEBUSY":
        parts.free_busy.append(line)
    else:
        parts.zone = line.partition(":")[2].strip()


def _lines(content: bytes) -> Iterator[tuple[str, str]]:
    """(name in capitals, unfolded line) of each line that is wanted; what others say is dropped as it comes."""
    name, line = "", ""
    for raw in BytesIO(content.removeprefix(b"\xef\xbb\xbf")):
        if raw[:1] in (b" ", b"\t"):
            if name:
                line += raw[1:].decode("utf-8", "replace").rstrip("\r\n")
                if len(line) > LONGEST_LINE:
                    raise RuleViolation("calendar_broken")
            continue
        if name:
            yield name, line
        name = _wanted_name(raw)
        line = raw.decode("utf-8", "replace").rstrip("\r\n") if name else ""
        if len(line) > LONGEST_LINE:
            raise RuleViolation("calendar_broken")
    if name:
        yield name, line


def _wanted_name(raw: bytes) -> str:
    name = name_of(raw[:40].decode("ascii", "replace"))
    return name if name in _WANTED else ""


def name_of(line: str) -> str:
    """The name of a line in capitals, "" where it has none."""
    found = _NAME.match(line)
    return found[1].upper() if found else ""
