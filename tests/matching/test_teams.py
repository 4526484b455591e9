"""Teams of several from different organisations at one hour: what must hold, what is exact, and how far it is off."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.rules import Rule, failed_rules
from mentorlink.matching.assignment.solve import assign
from mentorlink.matching.round_facts import RoundFacts
from mentorlink.matching.teams import (
    faults_of,
    find_teams,
    first_seats,
    most_teams,
    teams_as_json,
    teams_from_json,
)


def some_facts(draw: random.Random, people: int, others: int, size: int = 2) -> RoundFacts:
    """Short of everything: hours, places and organisations clash often. ``size`` sittings of two starts each."""
    sittings = {
        10 + n: tuple((4 * k, 4 * k + 1) for k in range(3) if draw.random() < 0.7) for n in range(others)
    }
    starts = [4 * k + more for k in range(3) for more in (0, 1)]
    applicants = tuple(
        ApplicantFacts(
            id=n + 1,
            waiting_days=draw.randint(0, 9),
            themes=frozenset(draw.sample(["01", "02", "03"], 1)),
            times=None if draw.random() < 0.15 else frozenset(draw.sample(starts, 3)),
        )
        for n in range(people)
    )
    supporters = tuple(
        SupporterFacts(
            id=name,
            organisations=frozenset(draw.sample([1, 2, 3], draw.choice([0, 1, 1, 1]))),
            themes=frozenset(draw.sample(["01", "02", "03"], 2)),
            capacity=draw.randint(1, 2),
            load=0,
            receiving=True,
            training_valid=True,
            times=frozenset(start for one in laid for start in one),
        )
        for name, laid in sittings.items()
    )
    return RoundFacts(applicants, supporters, sittings, Weights())


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("size", [2, 3])
def test_teams_stand_together_and_none_can_be_added(seed, size):
    facts = some_facts(random.Random(seed), 5, 6)
    teams = find_teams(facts, size)
    assert faults_of(facts, size, teams) == []
    taken = [(each.supporter_id, each.sitting) for team in teams for each in team.members]
    timed = [each for each in taken if each[1] is not None]
    assert len(set(timed)) == len(timed)
    for supporter in facts.supporters:
        assert [name for name, _sitting in taken].count(supporter.id) <= supporter.capacity
    for team in teams:
        organisations = [
            facts.supporters[facts.columns[each.supporter_id]].organisations for each in team.members
        ]
        assert len(frozenset().union(*organisations)) == sum(map(len, organisations))
        hours = [set(facts.supporters[facts.columns[each.supporter_id]].times) for each in team.members]
        assert team.hour is None or all(team.hour in each for each in hours)


def most_by_trying(facts: RoundFacts, size: int) -> int:
    """The most complete teams there can be, by trying every choice."""
    room = {each.id: each.capacity - each.load for each in facts.supporters}
    return _most([every_team(facts, person, size) for person in facts.applicants], room, frozenset())


def _most(options: list, room: dict[int, int], used: frozenset) -> int:
    """``options``: for each person their teams, as (supporter, sitting)."""
    if not options:
        return 0
    best = _most(options[1:], room, used)
    for team in options[0]:
        timed = frozenset(each for each in team if each[1] is not None)
        if not timed & used and all(room[supporter] for supporter, _sitting in team):
            less = room | {supporter: room[supporter] - 1 for supporter, _sitting in team}
            best = max(best, 1 + _most(options[1:], less, used | timed))
    return best


def every_team(facts: RoundFacts, person: ApplicantFacts, size: int) -> set[frozenset]:
    """Each choice of people and of their sittings once."""
    found = set()
    for hour in [None] if person.times is None else sorted(person.times):
        free = [
            each
            for each in facts.supporters
            if (hour is None or hour in each.times)
            and not set(failed_rules(person, each)) - {Rule.NO_COMMON_TIME}
        ]
        for pick in picks(free, size):
            organisations = [name for each in pick for name in each.organisations]
            if len(set(organisations)) == len(organisations):
                found.add(frozenset((each.id, sitting_of(facts, each, hour)) for each in pick))
    return found


def sitting_of(facts, supporter, hour):
    if hour is None:
        return None
    return next(each[0] for each in facts.sittings[supporter.id] if hour in each)


def picks(people, size):
    if size == 0:
        return [()]
    return [(one, *rest) for at, one in enumerate(people) for rest in picks(people[at + 1 :], size - 1)]


def test_of_small_rounds_nearly_all_are_the_best_and_none_is_below_a_third():
    """The measured gap of ADR 8: teams of two, four people, five supporters, short of everything."""
    best, made, exact = 0, 0, 0
    for seed in range(80):
        facts = some_facts(random.Random(seed), 4, 5)
        most, found = most_by_trying(facts, 2), len(find_teams(facts, 2))
        assert 3 * found >= most
        best, made, exact = best + most, made + found, exact + (found == most)
    assert made <= best
    assert exact >= 60
    assert made >= 0.9 * best
    print(f"exact in {exact} of 80; {made} of {best} teams")  # noqa: T201 - the figure of ADR 8


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_the_first_seats_cap_how_many_teams_there_can_be(seed):
    facts = some_facts(random.Random(seed), 3, 4)
    seats = first_seats(facts, 2)
    first = len(assign(seats.open_field, bans=seats.closed).rows)
    assert first >= most_teams(facts, 2, first) >= most_by_trying(facts, 2)


def test_places_cap_the_teams_too():
    facts = two_with([{1}, {2}])
    assert most_teams(facts, 2, 9) == sum(each.capacity for each in facts.supporters) // 2


def two_with(organisations):
    """One person, two supporters free at the same hour."""
    facts = some_facts(random.Random(1), 1, 2)
    person = replace(facts.applicants[0], times=frozenset({0, 1}))
    others = tuple(
        replace(each, organisations=frozenset(name), times=frozenset({0, 1}))
        for each, name in zip(facts.supporters, organisations, strict=True)
    )
    return replace(facts, applicants=(person,), supporters=others, sittings={10: ((0, 1),), 11: ((0, 1),)})


def test_two_of_one_organisation_make_no_team():
    assert find_teams(two_with([{1}, {1}]), 2) == []
    assert len(find_teams(two_with([{1}, {2}]), 2)) == 1
    assert len(find_teams(two_with([set(), set()]), 2)) == 1


def test_two_without_a_common_hour_make_no_team():
    facts = two_with([{1}, {2}])
    first, second = facts.supporters
    apart = (replace(first, times=frozenset({0})), replace(second, times=frozenset({1})))
    assert find_teams(replace(facts, supporters=apart, sittings={10: ((0,),), 11: ((1,),)}), 2) == []


def test_a_pinned_supporter_is_in_the_team():
    facts = some_facts(random.Random(4), 1, 6)
    seen = {frozenset(each.supporter_id for each in team.members) for team in find_teams(facts, 2)}
    for supporter in facts.supporters:
        for team in find_teams(replace(facts, pins={1: supporter.id}), 2):
            assert supporter.id in {each.supporter_id for each in team.members}
            seen.add(frozenset(each.supporter_id for each in team.members))
    assert len(seen) > 1


def test_teams_come_back_from_json_as_they_were():
    teams = find_teams(some_facts(random.Random(2), 5, 6), 2)
    assert teams_from_json(teams_as_json(2, teams)) == teams


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        (lambda team: replace(team, hour=None), "team_not_allowed"),
        (lambda team: replace(team, hour=999), "team_not_allowed"),
        (lambda team: replace(team, members=team.members[:1]), "team_not_allowed"),
        (lambda team: replace(team, members=(team.members[0],) * 2), "team_not_allowed"),
        (
            lambda team: replace(team, members=(replace(team.members[0], score=101), team.members[1])),
            "team_not_allowed",
        ),
        (
            lambda team: replace(team, members=(replace(team.members[0], sitting=77), team.members[1])),
            "team_not_allowed",
        ),
        (lambda team: replace(team, application_id=99), "team_not_allowed"),
    ],
)
def test_a_team_that_was_changed_by_hand_is_refused(harm, fault):
    facts = two_with([{1}, {2}])
    teams = find_teams(facts, 2)
    assert faults_of(facts, 2, teams) == []
    assert faults_of(facts, 2, [harm(teams[0])]) == [fault]
    assert faults_of(facts, 2, []) == ["team_left_out"]
    assert "applicant_twice" in faults_of(facts, 2, teams * 2)
