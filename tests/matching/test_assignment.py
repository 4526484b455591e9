"""The assignment is the best there is: against trying everything, against its own proof, and against bad proofs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.matching.assignment.field import SteeredField
from mentorlink.matching.assignment.solve import PinsClash, assign
from mentorlink.matching.assignment.verify import verify
from tests.matching.listed_field import ListedField, best_by_trying


@st.composite
def fields(draw):
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    starts = st.one_of(
        st.none(), st.sets(st.integers(0, 3), min_size=1, max_size=3).map(lambda s: tuple(sorted(s)))
    )
    pairs = {
        (row, column): (draw(st.integers(0, 6)) * 15, draw(starts))
        for row in range(n)
        for column in range(m)
        if draw(st.integers(0, 3))
    }
    return ListedField(
        days=tuple(draw(st.lists(st.integers(0, 40), min_size=n, max_size=n))),
        room=tuple(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m))),
        loads=tuple(draw(st.lists(st.integers(0, 4), min_size=m, max_size=m))),
        pairs=pairs,
    )


@st.composite
def steered(draw):
    field = draw(fields())
    known = sorted(field.pairs)
    bans = frozenset(draw(st.lists(st.sampled_from(known), max_size=2)) if known else [])
    wanted = draw(st.lists(st.sampled_from(known), max_size=2)) if known else []
    return field, dict(pair for pair in wanted if pair not in bans), bans


def _values(found):
    return len(found.rows), found.worst, found.total, found.spread


@settings(max_examples=300, deadline=None)
@given(steered(), st.integers(1, 3))
def test_it_equals_the_best_of_all_that_can_be_tried(case, candidates):
    field, pins, bans = case
    best = best_by_trying(field, pins, bans)
    if best is None:
        with pytest.raises(PinsClash):
            assign(field, pins=pins, bans=bans, candidates=candidates)
        return
    found = assign(field, pins=pins, bans=bans, candidates=candidates)
    assert _values(found) == best
    must = np.isin(np.arange(len(field.days)), list(pins))
    verdict = verify(SteeredField(field, pins, bans), found, pinned=must)
    assert verdict.faults == ()
    assert verdict.gap == 0


FIVE = ListedField(
    days=(3, 0, 12, 7, 1),
    room=(2, 1, 2),
    loads=(0, 1, 0),
    pairs={
        (0, 0): (80, (1, 2)),
        (0, 1): (70, (1,)),
        (1, 0): (60, (1,)),
        (1, 2): (45, None),
        (2, 1): (90, (1, 3)),
        (2, 2): (30, (2,)),
        (3, 0): (75, (2, 3)),
        (3, 2): (40, (2,)),
        (4, 2): (55, (2,)),
    },
)


def test_of_five_everybody_is_served_and_the_proof_holds():
    found = assign(FIVE)
    verdict = verify(FIVE, found)
    assert _values(found) == best_by_trying(FIVE, {}, frozenset())
    assert (verdict.matched, verdict.gap, verdict.faults) == (5, 0, ())


def _without_one(found):
    kept = slice(1, None)
    names = ("rows", "columns", "scores", "starts", "timed")
    return replace(found, **{name: getattr(found, name)[kept] for name in names})


def _with(found, **columns):
    return replace(found, **{name: np.array(values) for name, values in columns.items()})


def test_one_pair_fewer_is_refused():
    assert "more_could_be_matched" in verify(FIVE, _without_one(assign(FIVE))).faults


def test_a_worse_partner_is_refused():
    field = ListedField(
        (0, 0),
        (1, 1),
        (0, 0),
        {(0, 0): (90, None), (0, 1): (50, None), (1, 0): (50, None), (1, 1): (60, None)},
    )
    found = assign(field)
    worse = _with(found, columns=found.columns[::-1], scores=[50, 50])
    faults = verify(field, replace(worse, worst=50, total=1000)).faults
    assert {"worst_could_be_higher", "weight_could_be_higher"} <= set(faults)


def test_a_less_balanced_choice_is_refused():
    field = ListedField((0,), (2, 2), (1, 0), {(0, 0): (90, None), (0, 1): (90, None)})
    found = assign(field)
    assert found.columns.tolist() == [1]
    assert verify(field, _with(found, columns=[0])).faults == ("weight_could_be_higher",)


def test_a_price_that_was_changed_is_refused():
    found = assign(FIVE)
    prices = replace(found.proof.prices, supporters=found.proof.prices.supporters + 5)
    assert verify(FIVE, replace(found, proof=replace(found.proof, prices=prices))).faults


def test_a_cut_that_hides_somebody_is_refused():
    field = ListedField((0, 0), (1,), (0,), {(0, 0): (90, None), (1, 0): (50, None)})
    found = assign(field)
    count = replace(found.proof.count, supporters=np.array([False]), applicants=np.array([True, True]))
    assert (
        "more_could_be_matched"
        in verify(field, replace(found, proof=replace(found.proof, count=count))).faults
    )


def test_two_talks_at_one_start_of_a_supporter_are_refused():
    field = ListedField((0, 0), (2,), (0,), {(0, 0): (90, (1, 2)), (1, 0): (50, (1, 2))})
    found = assign(field)
    assert verify(field, found).faults == ()
    assert "start_twice" in verify(field, _with(found, starts=[1, 1])).faults


def test_a_start_that_was_not_offered_is_refused():
    field = ListedField((0,), (1,), (0,), {(0, 0): (90, (1, 2))})
    assert "pair_not_allowed" in verify(field, _with(assign(field), starts=[7])).faults


def test_somebody_twice_and_too_many_are_refused():
    field = ListedField((0, 0), (1,), (0,), {(0, 0): (90, None), (1, 0): (50, None)})
    twice = _with(
        assign(field), rows=[0, 0], columns=[0, 0], scores=[90, 90], starts=[0, 0], timed=[False, False]
    )
    assert {"applicant_twice", "too_many_for_a_supporter"} <= set(verify(field, twice).faults)


def test_a_pin_is_kept_at_any_price_and_a_ban_too():
    assert dict(zip(*_pairs(assign(FIVE, pins={2: 2})), strict=True))[2] == 2
    assert (0, 0) not in set(zip(*_pairs(assign(FIVE, bans=frozenset({(0, 0)}))), strict=True))


def test_pins_that_clash_are_refused():
    with pytest.raises(PinsClash):
        assign(FIVE, pins={0: 1, 2: 1})


def _pairs(found):
    return found.rows.tolist(), found.columns.tolist()


def test_nobody_at_all_is_an_empty_round():
    empty = ListedField((), (), (), {})
    found = assign(empty)
    assert _values(found) == (0, None, 0, 0)
    assert verify(empty, found).faults == ()
