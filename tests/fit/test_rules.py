"""What stands between two people, one rule at a time."""

import pytest

from mentorlink.fit.arrays import pack
from mentorlink.fit.rules import Rule, failed_rules, rule_matrix
from tests.fit.people import MONEY, PLACES, applicant, gardener, pioneer, supporter

BREAKS = {
    Rule.NOT_RECEIVING: ({}, {"receiving": False}),
    Rule.NO_CAPACITY: ({}, {"capacity": 2, "load": 2}),
    Rule.TRAINING_EXPIRED: ({}, {"training_valid": False}),
    Rule.MAIN_CATEGORY: ({}, {"skills": {PLACES: 0, MONEY: 3}}),
    Rule.MODE: ({"modes": frozenset({"in_person"})}, {}),
    Rule.ACCOMMODATIONS: ({"accommodations": frozenset({"captions", "sign_language"})}, {}),
    Rule.SAME_ORGANISATION: ({}, {"organisations": frozenset({"blue", "green"})}),
    Rule.AVOIDED_ORGANISATION: ({}, {"organisations": frozenset({"grey"})}),
    Rule.PAST_COMPLAINT: ({}, {"refused": frozenset({"A1"})}),
    Rule.NO_COMMON_TIME: ({"times": frozenset({99})}, {}),
}


def test_a_pair_that_fits_breaks_no_rule():
    assert failed_rules(gardener(), pioneer()) == ()


@pytest.mark.parametrize("rule", Rule)
def test_each_rule_is_broken_alone(rule):
    answers, facts = BREAKS[rule]
    assert failed_rules(gardener(**answers), pioneer(**facts)) == (rule,)


@pytest.mark.parametrize("rule", Rule)
def test_the_matrix_of_a_rule_is_false_where_only_it_is_broken(rule):
    answers, facts = BREAKS[rule]
    people = [gardener(**answers), gardener(id="A2")]
    others = [pioneer(), pioneer(**facts, id="S2")]
    arrays = pack(people, others)
    kept = [[not failed_rules(a, b) for b in others] for a in people]
    assert rule_matrix(rule, *arrays).tolist() == kept
    assert all(rule_matrix(other, *arrays).all() for other in Rule if other is not rule)


def test_broken_rules_are_told_in_a_fixed_order():
    nobody = supporter(
        receiving=False, load=1, training_valid=False, refused=frozenset({"A1"}), times=frozenset()
    )
    assert failed_rules(gardener(), nobody) == (
        Rule.NOT_RECEIVING,
        Rule.NO_CAPACITY,
        Rule.TRAINING_EXPIRED,
        Rule.MAIN_CATEGORY,
        Rule.MODE,
        Rule.ACCOMMODATIONS,
        Rule.PAST_COMPLAINT,
        Rule.NO_COMMON_TIME,
    )


def test_who_asks_for_nothing_can_meet_whoever_is_receiving():
    assert failed_rules(applicant(), supporter()) == ()


def test_skill_in_the_other_categories_is_not_required():
    assert failed_rules(gardener(), pioneer(skills={PLACES: 1})) == ()


@pytest.mark.parametrize(
    ("wished", "free"), [(None, None), (None, frozenset()), (None, frozenset({1})), (frozenset({1}), None)]
)
def test_times_to_be_agreed_fit_every_calendar(wished, free):
    assert failed_rules(applicant(times=wished), supporter(times=free)) == ()


@pytest.mark.parametrize(("wished", "free"), [(frozenset(), frozenset({1})), (frozenset({1}), frozenset())])
def test_no_time_left_fits_no_calendar(wished, free):
    assert failed_rules(applicant(times=wished), supporter(times=free)) == (Rule.NO_COMMON_TIME,)
