"""Every pair at once equals pair by pair, whoever they are and in whatever order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.fit import scores
from mentorlink.fit.arrays import pack
from mentorlink.fit.points import Weights, points_of, score, score_pair, weight
from mentorlink.fit.profiles import common_times
from mentorlink.fit.rules import (
    common_time_words,
    failed_rules,
    feasible_matrix,
    scored_blocks,
    scored_pairs,
    unpack_times,
)
from mentorlink.fit.scores import attainable_points, score_matrix, weight_matrix
from tests.fit.people import gardener, pioneer
from tests.fit.reference import APPLICANTS, SUPPORTERS, WEIGHTS, reference_feasible, reference_score

CROWD = tuple(
    st.lists(people, min_size=1, max_size=5, unique_by=lambda each: each.id)
    for people in (APPLICANTS, SUPPORTERS)
)


@given(*CROWD, WEIGHTS)
def test_the_matrix_of_scores_equals_the_plain_reference(applicants, supporters, weights):
    expected = [[reference_score(a, b, weights) for b in supporters] for a in applicants]
    assert score_matrix(*pack(applicants, supporters), weights).tolist() == expected


@given(*CROWD)
def test_the_matrix_of_rules_equals_the_plain_reference(applicants, supporters):
    expected = [[reference_feasible(a, b) for b in supporters] for a in applicants]
    assert feasible_matrix(*pack(applicants, supporters)).tolist() == expected


@given(APPLICANTS, SUPPORTERS, WEIGHTS)
def test_one_pair_equals_the_plain_reference(applicant, supporter, weights):
    assert score_pair(applicant, supporter, weights) == reference_score(applicant, supporter, weights)
    assert (failed_rules(applicant, supporter) == ()) == reference_feasible(applicant, supporter)


@given(APPLICANTS, SUPPORTERS, WEIGHTS)
def test_no_criterion_gives_more_than_it_can(applicant, supporter, weights):
    points = points_of(applicant, supporter, weights)
    assert all(0 <= each.points <= each.attainable for each in points)
    assert sum(each.attainable for each in points) == attainable_points(*_alone(applicant), weights)[0]


@given(*CROWD)
def test_scores_lie_between_nought_and_a_hundred(applicants, supporters):
    assert score_matrix(*pack(applicants, supporters)).max() <= 100


@given(*CROWD, st.randoms(use_true_random=False))
def test_the_order_of_people_changes_only_the_order_of_results(applicants, supporters, draw):
    rows = draw.sample(range(len(applicants)), len(applicants))
    columns = draw.sample(range(len(supporters)), len(supporters))
    shuffled = pack([applicants[row] for row in rows], [supporters[column] for column in columns])
    packed = pack(applicants, supporters)
    assert np.array_equal(score_matrix(*shuffled), score_matrix(*packed)[np.ix_(rows, columns)])
    assert np.array_equal(feasible_matrix(*shuffled), feasible_matrix(*packed)[np.ix_(rows, columns)])


@given(*CROWD, st.integers(1, 13))
def test_blocks_of_any_size_give_the_same(applicants, supporters, size):
    packed = pack(applicants, supporters)
    whole, allowed = score_matrix(*packed), feasible_matrix(*packed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scores, "BLOCK", size)
        found = list(scored_blocks(*packed))
        assert np.array_equal(score_matrix(*packed), whole)
    assert np.array_equal(np.vstack([block.scores for block in found]), whole)
    assert np.array_equal(np.vstack([block.feasible for block in found]), allowed)


@given(*CROWD)
def test_the_allowed_pairs_are_those_of_the_matrix(applicants, supporters):
    packed = pack(applicants, supporters)
    pairs = scored_pairs(*packed)
    rows, columns = np.nonzero(feasible_matrix(*packed))
    assert (pairs.applicants.tolist(), pairs.supporters.tolist()) == (rows.tolist(), columns.tolist())
    assert pairs.scores.tolist() == score_matrix(*packed)[rows, columns].tolist()


@given(*CROWD)
def test_common_times_are_those_of_the_two_calendars(applicants, supporters):
    packed = pack(applicants, supporters)
    rows, columns = np.divmod(np.arange(len(applicants) * len(supporters)), len(supporters))
    which, starts = unpack_times(common_time_words(*packed, rows, columns), packed[0].instants)
    found = [(rows[pair], columns[pair], start) for pair, start in zip(which, starts, strict=True)]
    assert found == [
        (row, column, start)
        for row, a in enumerate(applicants)
        for column, b in enumerate(supporters)
        for start in common_times(a, b) or ()
    ]


@given(st.lists(st.sets(st.integers(0, 191), max_size=192), max_size=4))
def test_every_bit_of_every_word_is_one_start(sets):
    words = np.zeros((len(sets), 3), dtype=np.uint64)
    for row, places in enumerate(sets):
        for place in places:
            words[row, place // 64] |= np.uint64(1) << np.uint64(place % 64)
    which, starts = unpack_times(words, np.arange(192, dtype=np.int64) * 30)
    found = list(zip(which.tolist(), starts.tolist(), strict=True))
    assert found == [(row, place * 30) for row, places in enumerate(sets) for place in sorted(places)]


def test_division_by_multiplication_is_exact_for_every_sum_of_points():
    attainable = np.arange(256)
    points = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    scores._Division.by(attainable).percent(points, np.empty((256, 256), dtype=np.uint32))
    expected = [[score(p, most) if p <= most else None for p in range(256)] for most in range(256)]
    found = [[int(points[most, p]) if p <= most else None for p in range(256)] for most in range(256)]
    assert found == expected


def test_weights_are_tenths():
    packed = pack([gardener(waiting_days=7), gardener(id="A2")], [pioneer()])
    assert weight_matrix(score_matrix(*packed), packed[0].waiting_days).tolist() == [
        [weight(100, 7)],
        [weight(100, 0)],
    ]


@pytest.mark.parametrize(("people", "others"), [([], [pioneer()]), ([gardener()], []), ([], [])])
def test_nobody_on_one_side_makes_an_empty_matrix(people, others):
    packed = pack(people, others)
    shape = (len(people), len(others))
    assert (score_matrix(*packed).shape, feasible_matrix(*packed).shape) == (shape, shape)
    assert scored_pairs(*packed).scores.tolist() == []


@pytest.mark.parametrize("extremes", [Weights(theme=200), Weights(main_category=75)])
@settings(deadline=None)
@given(*CROWD)
def test_the_largest_weights_still_fit(extremes, applicants, supporters):
    expected = [[reference_score(a, b, extremes) for b in supporters] for a in applicants]
    assert score_matrix(*pack(applicants, supporters), extremes).tolist() == expected


def _alone(applicant):
    applicants, _ = pack([applicant], [])
    return (applicants,)
