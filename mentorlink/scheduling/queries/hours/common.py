"""Which hours people have in common: the AND of their sets."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Supporter
from mentorlink.scheduling.queries.hours.people import People, SupporterRow, read_people, taken_by
from mentorlink.scheduling.queries.hours.sets import (
    Ask,
    Hours,
    Move,
    applicant_hours,
    half_hours,
    is_by_talk,
    supporter_hours,
)
from mentorlink.scheduling.slot_sets import calendar_of, moments

Weeks = list[tuple[int, list[datetime]]]


def common_starts(
    session: Session, application: Application, supporter: Supporter, *, now: datetime
) -> list[datetime] | None:
    """When the two could begin a meeting of the programme's length, earliest first; None is 時間は相談."""
    return common_starts_of_many(session, application, [supporter], now=now)[supporter.id]


def common_starts_of_many(
    session: Session, application: Application, supporters: Sequence[Supporter], *, now: datetime
) -> dict[int, list[datetime] | None]:
    """``common_starts`` for each supporter's id, in the same few queries however many there are."""
    return common_starts_by_id(session, application, [each.id for each in supporters], now=now)


def common_starts_by_id(
    session: Session, application: Application, supporter_ids: Collection[int], *, now: datetime
) -> dict[int, list[datetime] | None]:
    """``common_starts_of_many`` for who has no more than their ids."""
    if is_by_talk(application):
        return dict.fromkeys(supporter_ids)
    ask, person_id = _ask_of(application, now), application.person_id or 0
    people = read_people(session, supporter_ids, [person_id], now=now, until=ask.until)
    theirs = applicant_hours(ask, application, people.taken.get(person_id, ())).free
    halves = _halves(ask, people)
    sets = [supporter_hours(ask, people, row).free & theirs & halves[row.zone] for row in people.supporters]
    return dict(zip((row.id for row in people.supporters), moments(ask.grid, sets), strict=True))


def team_starts(
    session: Session,
    engagement: Engagement,
    *,
    now: datetime,
    ignoring: str = "",
    until: datetime | None = None,
    move: Move | None = None,
) -> list[datetime]:
    """When the recipient and the whole team could meet, or another hour for the talk of ``move``.

    ``ignoring`` is the source of spans to be given up. ``until`` looks further (or less far) than the programme's
    horizon. For 時間は相談 these are the team's own hours: an offer says more than a question.
    """
    ask = _ask_of(engagement.application, now, until)
    team, recipient = team_of(engagement), engagement.recipient_id
    if not team:
        return []
    ids = [each.id for each in team]
    gone = move.source if move else ignoring
    people = read_people(session, ids, [recipient], now=now, until=ask.until, ignoring=gone)
    free = applicant_hours(ask, engagement.application, people.taken.get(recipient, ())).free
    for row in people.supporters:
        free &= supporter_hours(ask, people, row, move).free
    return moments(ask.grid, [free & half_hours(ask, (row.zone for row in people.supporters))])[0]


def free_among(
    session: Session, engagement: Engagement, starts: Iterable[datetime], *, now: datetime, ignoring: str = ""
) -> list[datetime]:
    """Those of ``starts``, earliest first, that can all be booked together: nobody taken, no supporter's week full.

    ``ignoring`` is the source of spans to be given up.
    """
    wanted = sorted(starts)
    if not wanted:
        return []
    ask = Ask(now, wanted[-1], engagement.programme.meeting_minutes)
    ids, recipient = [each.id for each in team_of(engagement)], engagement.recipient_id
    people = read_people(session, ids, [recipient], now=now, until=ask.until, ignoring=ignoring)
    length, free = timedelta(minutes=ask.minutes), []
    for start in wanted:
        if not any(_is_barred(each, ask, start) for each in _everybody(ask, people, engagement)):
            free.append(start)
            for person_id in (recipient, *(row.person_id for row in people.supporters)):
                people.taken.setdefault(person_id, []).append((start, start + length))
    return free


def bars_of(
    session: Session, engagement: Engagement, start: datetime, *, now: datetime, move: Move | None = None
) -> tuple[bool, bool]:
    """Whether something of somebody's is there at that hour, and whether a supporter's week or month is full."""
    ask = Ask(now, max(start, move.old) if move else start, engagement.programme.meeting_minutes)
    ids, recipient = [each.id for each in team_of(engagement)], engagement.recipient_id
    gone = move.source if move else ""
    people = read_people(session, ids, [recipient], now=now, until=ask.until, ignoring=gone)
    taken = full = 0
    for hours in _everybody(ask, people, engagement, move):
        taken, full = taken | hours.taken, full | hours.full
    place = ask.grid.floor(start)
    return bool(taken >> place & 1), bool(full >> place & 1)


def is_full(session: Session, supporters: Collection[Supporter], start: datetime, now: datetime) -> bool:
    """Whether a supporter's ISO week, or month, of ``start`` holds as many meetings as they want in it."""
    ask = Ask(now, start, 1)
    people = read_people(session, [each.id for each in supporters], [], now=now, until=start)
    grid = ask.grid
    return any(supporter_hours(ask, people, row).full >> grid.floor(start) & 1 for row in people.supporters)


def week_is_full(session: Session, supporter: Supporter, start: datetime, now: datetime) -> bool:
    return is_full(session, [supporter], start, now)


def free_weeks_of_many(
    session: Session, supporters: Sequence[Supporter], minutes: int, days: int, *, now: datetime
) -> dict[int, Weeks]:
    """Per supporter's id: for each week of the next ``days``, how many talks of ``minutes`` it has room for, and when."""
    ask = Ask(now, now + timedelta(days=days), minutes)
    people = read_people(session, [each.id for each in supporters], [], now=now, until=ask.until)
    halves = _halves(ask, people)
    sets = [supporter_hours(ask, people, row).free & halves[row.zone] for row in people.supporters]
    starts = moments(ask.grid, sets)
    return {
        row.id: _by_week(ask, people, row, each) for row, each in zip(people.supporters, starts, strict=True)
    }


def suited_starts_of_many(
    session: Session, applications: Sequence[Application], starts: Iterable[datetime], *, now: datetime
) -> dict[int, list[datetime] | None]:
    """Per application's id: those of ``starts`` that suit the applicant; None is 時間は相談."""
    known = sorted(starts)
    until = known[-1] if known else now
    taken = taken_by(session, [each.person_id or 0 for each in applications], now, until)
    found: dict[int, list[datetime] | None] = {}
    for each in applications:
        ask = Ask(now, until, each.programme.meeting_minutes)
        free = applicant_hours(ask, each, taken.get(each.person_id or 0, ())).free
        suited = [start for start in known if free >> ask.grid.floor(start) & 1]
        found[each.id] = None if is_by_talk(each) else suited
    return found


def team_of(engagement: Engagement) -> list[Supporter]:
    return [place.supporter for place in engagement.supporters if place.until is None]


def _ask_of(application: Application, now: datetime, until: datetime | None = None) -> Ask:
    programme = application.programme
    return Ask(now, until or now + timedelta(days=programme.horizon_days), programme.meeting_minutes)


def _halves(ask: Ask, people: People) -> dict[str, int]:
    return {zone: half_hours(ask, [zone]) for zone in {row.zone for row in people.supporters}}


def _everybody(ask: Ask, people: People, engagement: Engagement, move: Move | None = None) -> Iterable[Hours]:
    yield applicant_hours(ask, engagement.application, people.taken.get(engagement.recipient_id, ()))
    for row in people.supporters:
        yield supporter_hours(ask, people, row, move)


def _is_barred(hours: Hours, ask: Ask, start: datetime) -> bool:
    return bool((hours.taken | hours.full) >> ask.grid.floor(start) & 1)


def _by_week(ask: Ask, people: People, row: SupporterRow, starts: Sequence[datetime]) -> Weeks:
    """The starts of each week, with the number of talks that the week has room for."""
    calendar, grid = calendar_of(row.zone, ask.grid), ask.grid
    spans = [grid.floor(start) for start, _end in people.taken.get(row.person_id, ())]
    weeks: dict[int, list[datetime]] = defaultdict(list)
    for start in starts:
        weeks[calendar.week_of(grid.floor(start))].append(start)
    begun = [calendar.week_of(place) for place in spans]
    return [(row.capacity_week - begun.count(week), each) for week, each in weeks.items()]
