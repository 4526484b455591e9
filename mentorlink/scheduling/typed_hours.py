"""A day and a time of day as somebody wrote them: the instant that is meant, or what has to be asked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal

from mentorlink.core.dates import BadDate, TimeFold, TimeGap, WeekdayDiffers, Zone, local_date, localise
from mentorlink.core.spoken import EitherTime, parse_coming_date, parse_time

QUARTER = 15  # minutes: hours are counted in quarters everywhere
Part = Literal["day", "time"]


class HourFault(ValueError):
    """What is wrong with each part: a code of ``core.text_input``, or ``no_day``, ``no_time``, ``not_near``, ``over``,
    ``not_quarter``.
    """

    def __init__(self, faults: Mapping[Part, str]):
        super().__init__(", ".join(faults.values()))
        self.faults = faults


class SeveralHours(ValueError):
    """What was written may be one of ``starts``: its weekday is another day's (``by_day``), or its time is a mere 7."""

    def __init__(self, starts: list[datetime], *, by_day: bool):
        super().__init__("several_hours")
        self.starts, self.by_day = starts, by_day


def read_hour(day: str, time: str, zone: Zone, *, now: datetime, until: datetime) -> datetime:
    """The UTC instant of that time of that day on the clocks of ``zone``, after ``now`` and before ``until``.

    The day without a year is the next such one. Raises HourFault with all that is wrong, SeveralHours, and TimeGap and
    TimeFold where the clocks are set forward and back.
    """
    faults: dict[Part, str] = {}
    days, clocks = [], []
    try:
        days = _days(day, local_date(now, zone), local_date(until, zone))
    except BadDate as problem:
        faults["day"] = problem.code
    try:
        clocks = _clocks(time)
    except BadDate as problem:
        faults["time"] = problem.code
    if len(days) > 1 and faults:
        faults["day"] = "date_weekday"
    if faults:
        raise HourFault(faults)
    starts = _starts(days, clocks, zone)
    if len(starts) > 1:
        starts = [start for start in starts if now < start <= until] or starts[:1]
    check_start(starts[0], now=now, until=until)
    if len(days) > 1 or len(starts) > 1:
        raise SeveralHours(starts, by_day=len(days) > 1)
    return starts[0]


def _days(text: str, today: date, last: date) -> list[date]:
    """More than one where the weekday is another day's."""
    if not text.strip():
        raise BadDate("no_day")
    try:
        days = [parse_coming_date(text, today)]
    except WeekdayDiffers as problem:
        written, other = problem.choices
        days = [written, other if other >= today else other + timedelta(days=7)]
    except BadDate as problem:
        raise BadDate("not_near" if problem.code == "date_out_of_range" else problem.code) from None
    if not today <= days[0] <= last:
        raise BadDate("not_near")
    return days


def _clocks(text: str) -> list[time]:
    if not text.strip():
        raise BadDate("no_time")
    try:
        clocks = [parse_time(text)]
    except EitherTime as problem:
        return list(problem.choices)
    if clocks[0].minute % QUARTER:
        raise BadDate("not_quarter")
    return clocks


def _starts(days: list[date], clocks: list[time], zone: Zone) -> list[datetime]:
    """Where several are meant, none of them is asked for beside the question of the clocks' change."""
    locals_ = [datetime.combine(day, clock) for day in days for clock in clocks]
    if len(locals_) == 1:
        return [localise(locals_[0], zone)]
    try:
        return [localise(each, zone) for each in locals_]
    except (TimeGap, TimeFold):
        raise HourFault({"day": "date_weekday"} if len(days) > 1 else {"time": "time_half"}) from None


def check_start(start: datetime, *, now: datetime, until: datetime) -> None:
    """Raises HourFault for what is over, or too far off."""
    if start <= now:
        raise HourFault({"time": "over"})
    if start > until:
        raise HourFault({"day": "not_near"})


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
