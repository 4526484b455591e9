"""Whoever changes a stored round by hand is found out: its row is checked without the solver, on both databases.

Every kind of change is tried on the same small round, and each alone: a fault for each, by its name.
"""

from copy import deepcopy

import pytest

from mentorlink.applications.models import ApplicationState
from mentorlink.matching.rounds import prepare_round, verify_round
from tests.conftest import NOW
from tests.factories import make_application, make_programme, make_supporter

pytestmark = pytest.mark.both_databases


@pytest.fixture
def run(session):
    """Three who wait; one supporter with two places in two sittings, a lesser one with one, and one more of no use now."""
    programme = make_programme(session)
    for theme in ("16", "01", "16"):
        begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
        make_application(session, programme=programme, terms={"theme": [theme]}, **begun)
    make_supporter(session, capacity_month=2, capacity_week=2)
    make_supporter(session, skills={"06": 1}, capacity_month=1)
    make_supporter(session, skills={"06": 1}, terms={"theme": ["02"]}, capacity_month=1)
    found = prepare_round(session, programme, {}, (), now=NOW, by="user:1")
    session.commit()
    session.expire_all()
    return found


def other_supporter(run):
    supporters = {int(each["id"]) for each in run.facts["supporters"]}
    return next(iter(supporters - {pair[1] for pair in run.pairs}))


def pair_moved(run):
    pairs = deepcopy(run.pairs)
    pairs[0][1] = other_supporter(run)
    run.pairs = pairs


def pair_dropped(run):
    run.pairs = run.pairs[1:]


def pair_twice(run):
    run.pairs = [*run.pairs, run.pairs[0]]


def pairs_exchanged(run):
    pairs = deepcopy(run.pairs)
    one = next(pair for pair in pairs if pair[1] != pairs[0][1])
    pairs[0][1], one[1] = one[1], pairs[0][1]
    run.pairs = pairs


def score_raised(run):
    run.pairs = [[*run.pairs[0][:2], run.pairs[0][2] + 1, *run.pairs[0][3:]], *run.pairs[1:]]


def hour_doubled(run):
    pairs = deepcopy(run.pairs)
    one, other = [pair for pair in pairs if [each[1] for each in pairs].count(pair[1]) == 2]
    one[3:] = other[3:]
    run.pairs = pairs


def hour_moved(run):
    run.pairs = [[*run.pairs[0][:4], run.pairs[0][4] + 1], *run.pairs[1:]]


def hour_dropped(run):
    run.pairs = [[*run.pairs[0][:3], None, None], *run.pairs[1:]]


def worst_lied(run):
    run.worst += 1


def worst_lied_lower(run):
    run.worst -= 1


def total_lied(run):
    run.total = run.dual_total = run.total + 10


def spread_lied(run):
    run.spread -= 1


def matched_lied(run):
    run.matched += 1


def price_changed(side):
    def change(run):
        proof = deepcopy(run.proof)
        proof["prices"][side] = [each + 7 for each in proof["prices"][side]]
        run.proof = proof

    return change


def count_cut_opened(run):
    proof = deepcopy(run.proof)
    proof["count"] |= {"applicants": [True] * 3, "supporters": [False] * 3, "slots": [[], []]}
    run.proof = proof


def worst_cut_taken_away(run):
    run.proof = run.proof | {"worst": None}


def load_lied(run):
    facts = deepcopy(run.facts)
    facts["supporters"][0]["load"] = 2
    run.facts = facts


def rule_lied(run):
    facts = deepcopy(run.facts)
    facts["supporters"][0]["receiving"] = False
    run.facts = facts


def weights_lied(run):
    run.weights = run.weights | {"theme": 0}


def ban_added(run):
    run.bans = [run.pairs[0][:2]]


def pin_added(run):
    run.pins = [[run.pairs[0][0], other_supporter(run)]]


TAMPERINGS = {
    pair_moved: "weight_could_be_higher",
    pair_dropped: "more_could_be_matched",
    pair_twice: "applicant_twice",
    pairs_exchanged: "pair_not_allowed",
    score_raised: "pair_not_allowed",
    hour_doubled: "start_twice",
    hour_moved: "hour_differs",
    hour_dropped: "pair_not_allowed",
    worst_lied: "worst_could_be_higher",
    worst_lied_lower: "worst_could_be_higher",
    total_lied: "figures_differ",
    spread_lied: "figures_differ",
    matched_lied: "figures_differ",
    price_changed("applicants"): "weight_could_be_higher",
    price_changed("supporters"): "weight_could_be_higher",
    count_cut_opened: "more_could_be_matched",
    worst_cut_taken_away: "worst_could_be_higher",
    load_lied: "too_many_for_a_supporter",
    rule_lied: "pair_not_allowed",
    weights_lied: "pair_not_allowed",
    ban_added: "pair_not_allowed",
    pin_added: "pair_not_allowed",
}


def test_the_round_itself_holds(run):
    assert verify_round(run).faults == ()
    assert (run.matched, len({pair[1] for pair in run.pairs})) == (3, 2)


@pytest.mark.parametrize(
    ("tamper", "fault"), TAMPERINGS.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_each_change_by_hand_is_refused_by_its_name(run, tamper, fault):
    tamper(run)
    assert fault in verify_round(run).faults
