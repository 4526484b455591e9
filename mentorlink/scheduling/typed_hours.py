"""A day and a time of day as somebody wrote them: the instant that is meant, or what has to be asked."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from mentorlink.core.dates import BadDate, Zone, local_date, localise, parse_coming_date, parse_time

QUARTER = 15  # minutes: hours are counted in quarters everywhere
Part = Literal["day", "time"]


class HourFault(ValueError):
    """What is wrong with the ``part``: a code of ``core.text_input``, or ``no_day``, ``no_time``, ``not_near``, ``over``,
    ``not_quarter``.
    """

    def __init__(self, part: Part, code: str):
        super().__init__(code)
        self.part: Part = part
        self.code = code


def read_hour(day: str, time: str, zone: Zone, *, now: datetime, until: datetime) -> datetime:
    """The UTC instant of that time of that day on the clocks of ``zone``, after ``now`` and before ``until``.

    The day without a year is the next such one. Raises HourFault, and TimeGap and TimeFold where the clocks are set
    forward and back.
    """
    today = local_date(now, zone)
    if not day.strip():
        raise HourFault("day", "no_day")
    try:
        found = parse_coming_date(day, today)
    except BadDate as problem:
        code = "not_near" if problem.code == "date_out_of_range" else problem.code
        raise HourFault("day", code) from None
    if not today <= found <= local_date(until, zone):
        raise HourFault("day", "not_near")
    if not time.strip():
        raise HourFault("time", "no_time")
    try:
        clock = parse_time(time)
    except BadDate as problem:
        raise HourFault("time", problem.code) from None
    if clock.minute % QUARTER:
        raise HourFault("time", "not_quarter")
    start = localise(datetime.combine(found, clock), zone)
    check_start(start, now=now, until=until)
    return start


def check_start(start: datetime, *, now: datetime, until: datetime) -> None:
    """Raises HourFault for what is over, or too far off."""
    if start <= now:
        raise HourFault("time", "over")
    if start > until:
        raise HourFault("day", "not_near")


def nearest(starts: Iterable[datetime], wanted: datetime, *, minutes: int, number: int = 3) -> list[datetime]:
    """The closest ones, earliest first, no two of them less than ``minutes`` apart."""
    chosen: list[datetime] = []
    for start in sorted(starts, key=lambda start: (abs(start - wanted), start)):
        if start != wanted and all(abs(start - one) >= timedelta(minutes=minutes) for one in chosen):
            chosen.append(start)
        if len(chosen) == number:
            break
    return sorted(chosen)


def read_instant(text: str) -> datetime | None:
    """An instant as a page of ours wrote it into a button; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_instant = found.utcoffset() == timedelta(0) and not found.microsecond and not found.second
    return found if is_instant and found.minute % QUARTER == 0 else None
