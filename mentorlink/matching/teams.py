"""Teams of several supporters from different organisations, at one hour that all of them and the applicant have.

Seat after seat: each is one flow of the same solver over those who have all the seats before it, exact for itself; the
hours and organisations of the members so far go into the next one. What the seats leave open is then tried person by
person until no team can be added. Why that is not exact together, and how far it can be off: ADR 8.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mentorlink.fit.arrays import Flags
from mentorlink.fit.points import score_pair
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.matching.assignment.solve import Assignment, PinsClash, assign
from mentorlink.matching.round_facts import RoundFacts


@dataclass(frozen=True, slots=True)
class Member:
    """``sitting`` names the stretch of the supporter's hours that the talk takes; None by talk."""

    supporter_id: int
    score: int
    sitting: int | None


@dataclass(frozen=True, slots=True)
class Team:
    """``hour`` in steps of 30 minutes, one that all have; None by talk."""

    application_id: int
    hour: int | None
    members: tuple[Member, ...]


def find_teams(facts: RoundFacts, size: int) -> list[Team]:
    """Complete teams of ``size``, by application; nobody who is left could have one of those who are left."""
    made: list[Team] = []
    left = facts
    while new := _seated(left, size):
        made += new
        left = without(left, new)
    waiting = sorted(left.applicants, key=lambda each: (-each.waiting_days, int(str(each.id))))
    for person in waiting:
        if (team := team_for(left, person, size)) is not None:
            made.append(team)
            left = without(left, [team])
    return sorted(made, key=lambda team: team.application_id)


def first_seats(facts: RoundFacts, size: int) -> RoundFacts:
    """The field of the first seats: only pairs and hours that some team of ``size`` could have.

    As everybody in a team has a first seat, no choice of teams is larger than the most that can be matched here.
    """
    open_to = _allowed(facts)
    people, alone = [], set()
    for row, person in enumerate(facts.applicants):
        fits = _Fits(facts, person, open_to[row])
        hours = fits.hours(size)
        people.append(
            person
            if person.times is None
            else replace(person, times=frozenset(hour for hour in hours if hour is not None))
        )
        together = {each for hour in hours for each in fits.in_a_team(hour, size)}
        alone |= {(_id(person), _id(each)) for each in facts.supporters if _id(each) not in together}
    return replace(facts, applicants=tuple(people), asked=facts.asked | alone)


def most_teams(facts: RoundFacts, size: int, first: int) -> int:
    """No choice of teams is larger: ``first`` can have a first seat, and each team takes ``size`` places."""
    places = sum(max(0, each.capacity - each.load) for each in facts.supporters)
    return min(first, places // size)


def team_for(facts: RoundFacts, person: ApplicantFacts, size: int) -> Team | None:
    """A team for one person out of all who are there; None where there is none. A pin of theirs is in it."""
    fits = _Fits(facts, person, _allowed(facts)[facts.rows[_id(person)]])
    for hour in fits.hours(size):
        chosen = next(fits.teams(hour, size))
        members = tuple(
            Member(_id(each), fits.score(each), _sitting_at(facts, each, hour)) for each in chosen
        )
        return Team(_id(person), hour, members)
    return None


def without(facts: RoundFacts, teams: Iterable[Team]) -> RoundFacts:
    """Who and what is left when these teams are made."""
    teams = list(teams)
    served = {team.application_id for team in teams}
    left = tuple(each for each in facts.applicants if _id(each) not in served)
    return _used(replace(facts, applicants=left), [each for team in teams for each in team.members])


def faults_of(facts: RoundFacts, size: int, teams: list[Team]) -> list[str]:
    """What is wrong with these teams, by codes, without the solver; nothing where they stand and none can be added."""
    faults = []
    if len({team.application_id for team in teams}) < len(teams):
        faults.append("applicant_twice")
    left = facts
    for team in teams:
        if not _stands(left, size, team):
            faults.append("team_not_allowed")
            break
        left = without(left, [team])
    else:
        if any(team_for(left, person, size) is not None for person in left.applicants):
            faults.append("team_left_out")
    return faults


def teams_as_json(size: int, teams: Iterable[Team]) -> dict[str, Any]:
    made = [
        [
            team.application_id,
            team.hour,
            [[each.supporter_id, each.score, each.sitting] for each in team.members],
        ]
        for team in teams
    ]
    return {"size": size, "made": made}


def teams_from_json(stored: Mapping[str, Any]) -> list[Team]:
    return [
        Team(application, hour, tuple(Member(*each) for each in members))
        for application, hour, members in stored["made"]
    ]


# ---- the seats


def _seated(facts: RoundFacts, size: int) -> list[Team]:
    """The teams that all seats together complete; fewer than the first seats where a later one found nobody."""
    current, members = facts, dict[int, tuple[Member, ...]]()
    for seat in range(size):
        current = first_seats(current, size - seat)
        try:
            found = assign(current.open_field, pins=current.pinned, bans=current.closed)
        except PinsClash:
            return []
        taken = dict(_members(current, found))
        members = {person: (*members.get(person, ()), member) for person, member in taken.items()}
        current = _after(current, taken)
    hours = {_id(each): each.times for each in current.applicants}
    return [Team(person, _earliest(hours[person]), team) for person, team in members.items()]


def _members(facts: RoundFacts, found: Assignment) -> Iterator[tuple[int, Member]]:
    columns = (found.rows, found.columns, found.scores, found.starts, found.timed)
    for row, column, score, start, timed in zip(*(each.tolist() for each in columns), strict=True):
        supporter = _id(facts.supporters[column])
        yield _id(facts.applicants[row]), Member(supporter, score, start if timed else None)


def _after(facts: RoundFacts, taken: Mapping[int, Member]) -> RoundFacts:
    """The field of the next seat: who has this one, at the hours left to them, away from its organisation."""
    people = []
    for person in facts.applicants:
        if (member := taken.get(_id(person))) is not None:
            supporter = facts.supporters[facts.columns[member.supporter_id]]
            times = person.times
            if times is not None and member.sitting is not None:
                times &= frozenset(_sitting(facts, member.supporter_id, member.sitting))
            people.append(replace(person, times=times, avoid=person.avoid | supporter.organisations))
    asked = facts.asked | {(person, member.supporter_id) for person, member in taken.items()}
    return _used(replace(facts, applicants=tuple(people), asked=asked, pins={}), taken.values())


def _used(facts: RoundFacts, members: Iterable[Member]) -> RoundFacts:
    """With a place and a sitting less for each of these."""
    gone: dict[int, list[int | None]] = {}
    for member in members:
        gone.setdefault(member.supporter_id, []).append(member.sitting)
    sittings = {
        name: tuple(each for each in laid if each[0] not in gone.get(name, ()))
        for name, laid in facts.sittings.items()
    }
    supporters = tuple(
        replace(
            each,
            load=each.load + len(gone.get(_id(each), ())),
            times=None if each.times is None else frozenset(s for one in sittings[_id(each)] for s in one),
        )
        for each in facts.supporters
    )
    return replace(facts, supporters=supporters, sittings=sittings)


# ---- who can be together


class _Fits:
    """The supporters who suit one person, the best first. A pinned one is in every team."""

    def __init__(self, facts: RoundFacts, person: ApplicantFacts, allowed: Flags) -> None:
        self._facts, self._person = facts, person
        suited = [facts.supporters[column] for column in np.flatnonzero(allowed).tolist()]
        self._suited = sorted(suited, key=lambda each: (-self.score(each), _id(each)))
        self._pinned = facts.pins.get(_id(person))
        self._together: dict[tuple[int, ...], set[int]] = {}  # many hours have the same people free

    def score(self, supporter: SupporterFacts) -> int:
        return score_pair(self._person, supporter, self._facts.weights)

    def hours(self, size: int) -> list[int | None]:
        """At which there is a team, the earliest first; ``[None]`` by talk."""
        times = self._person.times
        candidates: list[int | None] = [None] if times is None else [*sorted(times)]
        return [hour for hour in candidates if self.in_a_team(hour, size)]

    def teams(self, hour: int | None, size: int) -> Iterator[tuple[SupporterFacts, ...]]:
        for team in _apart(self._free_at(hour), size):
            if self._pinned is None or self._pinned in {_id(each) for each in team}:
                yield team

    def in_a_team(self, hour: int | None, size: int) -> set[int]:
        """Ids of all who are in some team at this hour."""
        free = self._free_at(hour)
        key = tuple(map(_id, free))
        if key not in self._together:
            self._together[key] = self._in_a_team(free, size)
        return self._together[key]

    def _in_a_team(self, free: list[SupporterFacts], size: int) -> set[int]:
        found = set[int]()
        for one in free:
            rest = [each for each in free if each is not one and _are_apart(one, each)]
            teams = ({_id(one), *map(_id, team)} for team in _apart(rest, size - 1))
            found |= next((team for team in teams if self._pinned is None or self._pinned in team), set())
        return found

    def _free_at(self, hour: int | None) -> list[SupporterFacts]:
        return [each for each in self._suited if hour is None or each.times is None or hour in each.times]


def _apart(people: list[SupporterFacts], size: int) -> Iterator[tuple[SupporterFacts, ...]]:
    """Every choice of ``size`` of whom no two share an organisation, in the order given."""
    if size == 0:
        yield ()
        return
    for place, one in enumerate(people):
        rest = [each for each in people[place + 1 :] if _are_apart(one, each)]
        for others in _apart(rest, size - 1):
            yield (one, *others)


def _are_apart(one: SupporterFacts, other: SupporterFacts) -> bool:
    return one.organisations.isdisjoint(other.organisations)


def _allowed(facts: RoundFacts) -> list[Flags]:
    """``(m,)`` for each applicant: who passes every rule and is not closed to them. A pin keeps nobody away here."""
    rows: list[Flags] = [row for block in facts.open_field.blocks() for row in block.feasible.copy()]
    for row, column in facts.closed:
        rows[row][column] = False
    return rows


def _stands(facts: RoundFacts, size: int, team: Team) -> bool:
    """A complete team that the rules allow, at one hour of everybody's, out of what is there."""
    row = facts.rows.get(team.application_id)
    if row is None or len(team.members) != size:
        return False
    person, allowed = facts.applicants[row], _allowed(facts)[row]
    fits = _Fits(facts, person, allowed)
    chosen = {each.supporter_id: each for each in team.members}
    if not any({_id(each) for each in one} == set(chosen) for one in fits.teams(team.hour, size)):
        return False
    if (team.hour is None) != (person.times is None):
        return False
    if team.hour is not None and team.hour not in (person.times or ()):
        return False
    members = [facts.supporters[facts.columns[each]] for each in chosen]
    return all(
        chosen[_id(each)].score == fits.score(each)
        and chosen[_id(each)].sitting == _sitting_at(facts, each, team.hour)
        for each in members
    )


def _sitting(facts: RoundFacts, supporter_id: int, name: int) -> tuple[int, ...]:
    return next(each for each in facts.sittings[supporter_id] if each[0] == name)


def _sitting_at(facts: RoundFacts, supporter: SupporterFacts, hour: int | None) -> int | None:
    if hour is None:
        return None
    return next((each[0] for each in facts.sittings[_id(supporter)] if hour in each), None)


def _earliest(times: frozenset[int] | None) -> int | None:
    return None if times is None else min(times)


def _id(facts: ApplicantFacts | SupporterFacts) -> int:
    return int(str(facts.id))
