"""The nearest misses: hours at which nobody is taken or away, but that somebody did not give. They could be asked.

What somebody has ruled out is never asked for: what is taken, a full week, a day they said no to, a pause, a notice
that is much too short. And nobody is asked for the night: outside of what they gave, only 8:00–21:00 of their clocks.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.business_time import QUIET_HOURS
from mentorlink.core.dates import Zone, local_date
from mentorlink.engagements.models import Engagement
from mentorlink.scheduling.queries.asks import hours_in_vain
from mentorlink.scheduling.queries.hours.choosing import part_of
from mentorlink.scheduling.queries.hours.common import team_of
from mentorlink.scheduling.queries.hours.people import People, Span, SupporterRow, read_people
from mentorlink.scheduling.queries.hours.sets import (
    HOME,
    Ask,
    applicant_hours,
    half_hours,
    is_by_talk,
    supporter_hours,
)
from mentorlink.scheduling.slot_sets import Grid, calendar_of, fitting, moments, quarters_of

TIME_TO_ANSWER = timedelta(hours=36)  # nearer hours are not asked for: an answer is wanted a day before
NOTICE_BENDS = timedelta(hours=24)  # so much shorter than somebody's notice may be asked
FAR = 24 * 60  # minutes: all that is further from somebody's hours is as far
WAKING = [(weekday, QUIET_HOURS[1] * 60, QUIET_HOURS[0] * 60) for weekday in range(7)]
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Miss:
    """``asks`` are the persons whose yes it needs; ``minutes_off`` how far, in all, it lies from what they gave."""

    starts_at: datetime
    asks: tuple[int, ...]
    minutes_off: int


@dataclass(frozen=True, slots=True)
class Party:
    """Sets of starts of one person: ``given``, and ``barred``, which nobody asks them for."""

    person_id: int
    given: int
    barred: int
    notice_ends: datetime

    def ready(self, grid: Grid) -> int:
        """Starts that need no word from them."""
        return self.given & ~grid.run(0, grid.ceil(self.notice_ends))


def nearest_hours(session: Session, engagement: Engagement, *, now: datetime) -> list[Miss]:
    """Up to three to ask for, earliest first: the same ones for both sides."""
    misses = misses_of(session, engagement, now=now)
    return choose_misses(misses, engagement.programme.meeting_minutes, engagement.recipient.zone)


def misses_of(session: Session, engagement: Engagement, *, now: datetime) -> list[Miss]:
    """All of them, earliest first."""
    ask = _ask(engagement, now)
    parties, possible = _read(session, engagement, ask, "")
    return find_misses(ask, parties, possible)


def whom_to_ask(
    session: Session, engagement: Engagement, starts_at: datetime, *, now: datetime, ignoring: str = ""
) -> tuple[int, ...] | None:
    """The persons whose yes that hour needs; None where it cannot be asked for. ``ignoring`` as in ``team_starts``."""
    ask = _ask(engagement, now)
    parties, possible = _read(session, engagement, ask, ignoring)
    place = ask.grid.floor(starts_at)
    if ask.grid.moment(place) != starts_at or place < 0 or not _open(parties, possible) >> place & 1:
        return None
    return tuple(each.person_id for each in parties if not each.ready(ask.grid) >> place & 1)


def find_misses(ask: Ask, parties: Sequence[Party], possible: int) -> list[Miss]:
    """Of the ``possible`` starts those that somebody would have to be asked for, earliest first."""
    ready = [each.ready(ask.grid) for each in parties]
    all_ready = possible
    for each in ready:
        all_ready &= each
    starts, *given = moments(
        ask.grid, [_open(parties, possible) & ~all_ready, *(each.given for each in parties)]
    )
    known = list(zip(parties, ready, given, strict=True))
    return [_miss(ask.grid, start, known) for start in starts]


def choose_misses(misses: Iterable[Miss], minutes: int, zone: Zone) -> list[Miss]:
    """Up to three, earliest first: on other days, few to ask and not always the same, near to their hours."""
    rest, chosen = list(misses), list[Miss]()
    while rest and len(chosen) < 3:
        best = min(rest, key=lambda each: _rank(each, chosen, zone))
        chosen.append(best)
        rest = [each for each in rest if abs(each.starts_at - best.starts_at) >= minutes * MINUTE]
    return sorted(chosen, key=lambda each: each.starts_at)


def supporter_party(ask: Ask, people: People, row: SupporterRow) -> Party:
    hours, grid = supporter_hours(ask, people, row), ask.grid
    notice = timedelta(hours=row.notice_hours)
    too_near = grid.run(0, grid.ceil(ask.now + notice - NOTICE_BENDS))
    night = ~(hours.given | _waking(ask, row.zone))
    barred = hours.taken | hours.full | hours.away | too_near | night
    return Party(row.person_id, hours.given, barred, ask.now + notice)


def applicant_party(ask: Ask, application: Application, taken: Sequence[Span]) -> Party:
    """Who said 時間は相談 has given every hour of the day, not of the night."""
    hours = applicant_hours(ask, application, taken)
    waking = _waking(ask, application.person.zone if application.person else HOME)
    given = waking if is_by_talk(application) else hours.given
    return Party(application.person_id or 0, given, hours.taken | ~(given | waking), ask.now)


def _ask(engagement: Engagement, now: datetime) -> Ask:
    programme = engagement.programme
    return Ask(now, now + timedelta(days=programme.horizon_days), programme.meeting_minutes)


def _read(session: Session, engagement: Engagement, ask: Ask, ignoring: str) -> tuple[list[Party], int]:
    """The team and the recipient, and the starts that come into question before one looks at them."""
    team, recipient = team_of(engagement), engagement.recipient_id
    if not team:
        return [], 0
    ids = [each.id for each in team]
    people = read_people(session, ids, [recipient], now=ask.now, until=ask.until, ignoring=ignoring)
    parties = [
        applicant_party(ask, engagement.application, people.taken.get(recipient, ())),
        *(supporter_party(ask, people, row) for row in people.supporters),
    ]
    in_vain = [(start, start + ask.minutes * MINUTE) for start in hours_in_vain(session, engagement.id)]
    before = ask.grid.barred([ask.grid.seconds(*span) for span in in_vain], ask.minutes)
    clocks = half_hours(ask, (row.zone for row in people.supporters))
    return parties, clocks & ask.grid.between(ask.now + TIME_TO_ANSWER, ask.until) & ~before


def _open(parties: Iterable[Party], possible: int) -> int:
    for each in parties:
        possible &= ~each.barred
    return possible


def _miss(grid: Grid, start: datetime, known: Sequence[tuple[Party, int, list[datetime]]]) -> Miss:
    place = grid.floor(start)
    asked = [(party, given) for party, ready, given in known if not ready >> place & 1]
    off = sum(_minutes_off(start, party, given) for party, given in asked)
    return Miss(start, tuple(party.person_id for party, _given in asked), off)


def _minutes_off(start: datetime, party: Party, given: Sequence[datetime]) -> int:
    """How far from the nearest start that they gave, and how much shorter than the notice that they want."""
    at = bisect_left(given, start)
    away = min((abs(each - start) // MINUTE for each in given[max(at - 1, 0) : at + 1]), default=FAR)
    return min(away, FAR) + max(-((start - party.notice_ends) // MINUTE), 0)


def _rank(miss: Miss, chosen: Sequence[Miss], zone: Zone) -> tuple[object, ...]:
    days = {local_date(each.starts_at, zone) for each in chosen}
    parts = {part_of(each.starts_at, zone) for each in chosen}
    return (
        local_date(miss.starts_at, zone) in days,
        len(miss.asks),
        miss.asks in {each.asks for each in chosen},
        miss.minutes_off,
        part_of(miss.starts_at, zone) in parts,
        miss.starts_at,
    )


def _waking(ask: Ask, zone: str) -> int:
    time = calendar_of(zone, ask.grid).weekly(WAKING, free_on_holidays=True)
    return fitting(time, quarters_of(ask.minutes))
