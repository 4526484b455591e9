"""A week as days with their entries: what stands where. Pure: rows in, days out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mentorlink.core.dates import format_time, local_date, zone_info
from mentorlink.core.holidays import holiday_name, holidays_between
from mentorlink.core.language import current_language
from mentorlink.scheduling.free_time import Span, instant_of
from mentorlink.scheduling.queries.calendar import Talk
from mentorlink.scheduling.queries.holds import Held
from mentorlink.scheduling.shown import beside

A_WEEK, A_DAY = timedelta(days=7), timedelta(days=1)
FIRST_HOUR, LAST_HOUR = 9, 21  # shown at least
QUARTERS = 4  # lines of the drawing in an hour


@dataclass(frozen=True)
class Entry:
    """A talk, an hour kept for one, or (with neither) free time. ``at`` and ``to`` are quarters of an hour from the
    day's midnight.
    """

    talk: Talk | None
    hours: str
    elsewhere: str  # the same hours on the other's clocks, or ""
    at: int
    to: int
    is_over: bool = False
    held: Held | None = None

    @property
    def is_free(self) -> bool:
        return self.talk is None and self.held is None


@dataclass(frozen=True)
class Day:
    day: date
    entries: list[Entry]
    is_today: bool
    is_past: bool
    holiday: str | None
    more: int = 0  # talks that are not among the entries


@dataclass(frozen=True)
class Week:
    """``monday`` is its first day, on the clocks of ``zone``."""

    monday: date
    zone: str

    @property
    def days(self) -> list[date]:
        return [self.monday + number * A_DAY for number in range(7)]

    @property
    def after(self) -> datetime:
        return instant_of(self.monday, 0, self.zone)

    @property
    def until(self) -> datetime:
        return instant_of(self.monday + A_WEEK, 0, self.zone)


def week_with(day: date, zone: str) -> Week:
    return Week(day - timedelta(days=day.weekday()), zone)


def lay_out(
    week: Week,
    talks: Iterable[Talk],
    free: Iterable[Span],
    now: datetime,
    *,
    held: Iterable[Held] = (),
    more: dict[date, int] | None = None,
) -> list[Day]:
    """The seven days, each entry on the day on which it begins."""
    entries: dict[date, list[Entry]] = {day: [] for day in week.days}
    for talk in talks:
        entries[local_date(talk.starts_at, week.zone)].append(_talk(talk, week.zone, now))
    for kept in held:
        entries[local_date(kept.starts_at, week.zone)].append(_held(kept, week.zone))
    for span in free:
        entries[local_date(span[0], week.zone)].append(_free(span, week.zone))
    today = local_date(now, week.zone)
    holidays = {each.day: holiday_name(each) for each in holidays_between(week.days[0], week.days[-1])}
    return [
        Day(
            day,
            sorted(entries[day], key=lambda entry: (entry.at, entry.is_free)),
            day == today,
            day < today,
            holidays.get(day),
            (more or {}).get(day, 0),
        )
        for day in week.days
    ]


def hours_shown(days: Sequence[Day]) -> range:
    """From the first to the last hour that the drawing needs."""
    entries = [entry for day in days for entry in day.entries]
    first = min([FIRST_HOUR, *(entry.at // QUARTERS for entry in entries)])
    last = max([LAST_HOUR, *(-(-entry.to // QUARTERS) for entry in entries)])
    return range(first, last)


def hours_on(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    dash = "〜" if current_language().code == "ja" else "–"
    return f"{format_time(starts_at, zone)}{dash}{format_time(ends_at, zone)}"


def without(free: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of the free spans; ``taken`` in order of their starts."""
    busy, left = list(taken), []
    for start, end in free:
        at = start
        for first, last in busy:
            if last <= at or end <= first:
                continue
            if at < first:
                left.append((at, first))
            at = max(at, last)
        if at < end:
            left.append((at, end))
    return left


def _talk(talk: Talk, zone: str, now: datetime) -> Entry:
    at, to = _quarters(talk.starts_at, talk.ends_at, zone)
    hours = hours_on(talk.starts_at, talk.ends_at, zone)
    return Entry(
        talk,
        hours,
        beside(talk.starts_at, talk.ends_at, zone, talk.recipient_zone),
        at,
        to,
        talk.ends_at <= now,
    )


def _held(held: Held, zone: str) -> Entry:
    span = (held.starts_at, held.ends_at)
    return Entry(None, hours_on(*span, zone), beside(*span, zone), *_quarters(*span, zone), held=held)


def _free(span: Span, zone: str) -> Entry:
    return Entry(None, hours_on(*span, zone), "", *_quarters(*span, zone))


def _quarters(starts_at: datetime, ends_at: datetime, zone: str) -> tuple[int, int]:
    """Clipped to the day on which it begins, and a quarter at least, also where clocks are set back."""
    begins, ends = (each.astimezone(zone_info(zone)) for each in (starts_at, ends_at))
    at = (begins.hour * 60 + begins.minute) // 15
    last = 24 * 60 if ends.date() > begins.date() else ends.hour * 60 + ends.minute
    return at, max(at + 1, -(-last // 15))
