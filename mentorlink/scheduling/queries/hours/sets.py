"""The bit sets of one person: when they could begin a meeting, and what stands against it, each reason by itself."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from mentorlink.applications.models import Application, DayPart, TimesKind
from mentorlink.people.models import Receiving
from mentorlink.scheduling.queries.hours.people import People, Span, SupporterRow
from mentorlink.scheduling.slot_sets import Calendar, Grid, Seconds, calendar_of, fitting, quarters_of

PARTS = {DayPart.MORNING: (9, 12), DayPart.AFTERNOON: (12, 17), DayPart.EVENING: (17, 21)}
HOME = "Asia/Tokyo"


@dataclass(frozen=True)
class Ask:
    """For what hours are looked for: meetings of ``minutes`` that begin from ``now`` to ``until``."""

    now: datetime
    until: datetime
    minutes: int

    @cached_property
    def grid(self) -> Grid:
        return Grid.around(self.now, self.until)


@dataclass(frozen=True, slots=True)
class Hours:
    """Sets of starts. ``given``: the whole meeting lies in what the person gave; the others are what bars a start.

    ``taken``: something else is there; ``full``: the week or month has its number of talks; ``near``: it is nearer
    than the notice that they asked for; ``away``: they said no to the day, or pause.
    """

    given: int
    taken: int = 0
    full: int = 0
    near: int = 0
    away: int = 0

    @property
    def free(self) -> int:
        return self.given & ~(self.taken | self.full | self.near | self.away)


@dataclass(frozen=True)
class Move:
    """A talk that leaves ``old``: within its own week and month it makes nothing fuller. Without ``limits`` the
    supporter puts it there themself, however full it gets.
    """

    old: datetime
    source: str  # of the spans that it gives up
    limits: bool = True


def supporter_hours(ask: Ask, people: People, row: SupporterRow, move: Move | None = None) -> Hours:
    """One supporter's sets; ``free`` has starts in their own half hours and in those of other zones."""
    grid = ask.grid
    calendar = calendar_of(row.zone, grid)
    time, away = _given(calendar, people, row)
    length = quarters_of(ask.minutes)
    spans = [grid.seconds(*span) for span in people.taken.get(row.person_id, ())]
    busy = [grid.seconds(*span) for span in people.busy.get(row.id, ())]
    return Hours(
        given=fitting(time, length),
        taken=grid.barred(spans, ask.minutes + row.buffer_minutes) | grid.barred(busy, ask.minutes),
        full=_full(calendar, spans, row, move),
        near=grid.run(0, grid.ceil(ask.now + timedelta(hours=row.notice_hours))),
        away=away if away == 0 else grid.everything() & ~fitting(grid.everything() & ~away, length),
    )


def _full(calendar: Calendar, spans: Sequence[Seconds], row: SupporterRow, move: Move | None) -> int:
    if move is not None and not move.limits:
        return 0
    found, grid = 0, calendar.grid
    for begins, most in ((calendar.weeks, row.capacity_week), (calendar.months, row.capacity_month)):
        full = calendar.full(begins, spans, most)
        if move is not None and 0 < (number := bisect_right(begins, grid.floor(move.old))) < len(begins):
            full &= ~grid.run(begins[number - 1], begins[number])
        found |= full
    return found


def applicant_hours(ask: Ask, application: Application, taken: Sequence[Span]) -> Hours:
    """Everything is given by who said 時間は相談."""
    grid = ask.grid
    given = grid.everything()
    if not is_by_talk(application):
        calendar = calendar_of(application.person.zone if application.person else HOME, grid)
        parts = ((each.weekday, *PARTS[each.part]) for each in application.times)
        windows = [(weekday, first * 60, end * 60) for weekday, first, end in parts]
        given = fitting(calendar.weekly(windows, free_on_holidays=True), quarters_of(ask.minutes))
    return Hours(given, grid.barred([grid.seconds(*span) for span in taken], ask.minutes))


def half_hours(ask: Ask, zones: Iterable[str]) -> int:
    """Starts at which one of these clocks shows a half hour, from now to the end of what is looked at."""
    grid, found = ask.grid, 0
    for zone in set(zones):
        found |= calendar_of(zone, grid).half_hours
    return found & grid.between(ask.now, ask.until)


def is_by_talk(application: Application) -> bool:
    return application.times_kind is TimesKind.BY_TALK or not application.times


def _given(calendar: Calendar, people: People, row: SupporterRow) -> tuple[int, int]:
    """Time that the supporter gave, and time at which they said no: what ``free_time.day_windows`` says of each day."""
    more = less = 0
    for each in people.exceptions.get(row.id, ()):
        time = calendar.on(each.day, [(each.start_minute, each.end_minute)])
        more, less = (more | time, less) if each.is_free else (more, less | time)
    given = calendar.weekly(people.windows.get(row.id, ()), row.free_on_holidays) | more
    kept = 0 if row.free_on_holidays else calendar.holidays & ~more
    return given & ~less, less | kept | _paused(calendar, row)


def _paused(calendar: Calendar, row: SupporterRow) -> int:
    """Time until the pause is over, its last day included."""
    if row.receiving is not Receiving.PAUSED:
        return 0
    if row.paused_until is None:
        return calendar.grid.everything()
    over = [first for day, (first, _end) in calendar.days.items() if day > row.paused_until]
    return calendar.grid.run(0, over[0] if over else calendar.grid.size)
