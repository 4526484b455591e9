"""Why not that one: the cost of another choice equals what trying everything with that choice fixed would find."""

from dataclasses import replace

from hypothesis import given, settings

from mentorlink.matching.assignment.alternatives import Alternatives
from mentorlink.matching.assignment.solve import assign
from tests.matching.listed_field import ListedField, best_by_trying
from tests.matching.test_assignment import FIVE, fields


def _kept(field, worst, pair):
    """The field without pairs below the round's worst, except the one asked about."""
    pairs = {each: value for each, value in field.pairs.items() if value[0] >= worst or each == pair}
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
