"""Why not that one: the cost of another choice equals what trying everything with that choice fixed would find."""

from dataclasses import replace

from hypothesis import given, settings

from mentorlink.matching.assignment.alternatives import Alternatives
from mentorlink.matching.assignment.field import SteeredField
from mentorlink.matching.assignment.solve import assign
from tests.matching.listed_field import ListedField, best_by_trying
from tests.matching.test_assignment import FIVE, fields, steered


def _kept(field, worst, pair, pins=()):
    """The field without pairs below the round's worst, except the one asked about and those of the pinned."""
    pairs = {
        each: value
        for each, value in field.pairs.items()
        if value[0] >= worst or each == pair or each[0] in pins
    }
    return replace(field, pairs=pairs)


@settings(max_examples=150, deadline=None)
@given(fields())
def test_every_other_choice_costs_what_trying_everything_says(field):
    found = assign(field, candidates=2)
    answers = Alternatives(field, found)
    now = dict(zip(found.rows.tolist(), found.columns.tolist(), strict=True))
    for applicant, supporter in field.pairs:
        told = answers.consequence(applicant, supporter)
        kept = _kept(field, found.worst or 0, (applicant, supporter))
        best = best_by_trying(kept, {applicant: supporter}, frozenset(), worst_counts=False)
        if now.get(applicant) == supporter or best is None:
            assert told is None
            continue
        matched, _worst, total, spread = best
        assert (told.matched, told.total, told.spread) == (
            matched - len(found.rows),
            total - found.total,
            spread - found.spread,
        )
        assert told.moves[0].applicant == applicant
        assert told.moves[0].new[0] == supporter


def test_it_names_whom_it_moves():
    found = assign(FIVE)
    told = Alternatives(FIVE, found).consequence(0, 1)
    moved = {move.applicant: (move.old and move.old[0], move.new and move.new[0]) for move in told.moves}
    assert moved[0] == (0, 1)
    assert moved[2][0] == 1  # the only place of that supporter was theirs


def test_a_pair_that_the_rules_forbid_has_no_price():
    field = ListedField((0,), (1, 1), (0, 0), {(0, 0): (90, None)})
    assert Alternatives(field, assign(field)).consequence(0, 1) is None


@settings(max_examples=150, deadline=None)
@given(steered())
def test_whoever_is_pinned_stays_and_the_cost_is_still_exact(case):
    field, pins, bans = case
    if best_by_trying(field, pins, bans) is None:
        return
    steered_field = SteeredField(field, pins, bans)
    found = assign(field, pins=pins, bans=bans, candidates=2)
    answers = Alternatives(steered_field, found, pins)
    now = dict(zip(found.rows.tolist(), found.columns.tolist(), strict=True))
    for applicant, supporter in set(field.pairs) - bans:
        if applicant in pins or now.get(applicant) == supporter:
            continue
        kept = _kept(field, found.worst or 0, (applicant, supporter), pins)
        best = best_by_trying(kept, pins | {applicant: supporter}, bans, worst_counts=False)
        told = answers.consequence(applicant, supporter)
        assert (told is None) == (best is None)
        if told is not None:
            assert (told.matched, told.total) == (best[0] - len(found.rows), best[2] - found.total)
            assert all(move.new[0] == pins[move.applicant] for move in told.moves if move.applicant in pins)
