"""What a search reads again and again: every pair scored once, the likeliest of each applicant first."""

import numpy as np
import pytest

from mentorlink.matching.assignment import field as fields
from mentorlink.matching.assignment.field import RememberedField
from mentorlink.matching.assignment.pairs import likeliest
from tests.matching.listed_field import ListedField

PAIRS = {
    (row, column): (10 * row + column, None) for row in range(7) for column in range(9) if (row + column) % 3
}


class CountedField(ListedField):
    def blocks(self):
        passes.append(self)
        return super().blocks()


passes: list[ListedField] = []


@pytest.fixture
def counted():
    passes.clear()
    return CountedField(tuple(range(7)), (1,) * 9, (0,) * 9, PAIRS)


def allowed(field):
    return {
        (int(row) + block.start, int(column)): int(block.scores[row, column])
        for block in field.blocks()
        for row, column in zip(*np.nonzero(block.feasible), strict=True)
    }


def test_a_remembered_field_says_the_same_again_and_scores_once(counted):
    field = RememberedField(counted)
    wanted = {pair: score for pair, (score, _starts) in PAIRS.items()}
    assert [allowed(field), allowed(field), len(passes)] == [wanted, wanted, 1]


def test_a_pass_that_was_broken_off_is_not_taken_for_the_whole(counted):
    field = RememberedField(counted)
    next(field.blocks())
    assert len(allowed(field)) == len(PAIRS)


def test_more_pairs_than_may_be_kept_are_scored_each_time(counted, monkeypatch):
    monkeypatch.setattr(fields, "MOST_REMEMBERED", 62)
    field = RememberedField(counted)
    assert [len(allowed(field)), len(allowed(field)), len(passes)] == [len(PAIRS), len(PAIRS), 2]


@pytest.mark.parametrize("most", [1, 2, 4, 9])
def test_the_likeliest_are_the_best_scores_of_every_row(counted, most):
    pairs, number = likeliest(counted, most)
    for row in range(7):
        best = sorted((score for (each, _), (score, _starts) in PAIRS.items() if each == row), reverse=True)
        assert sorted(pairs.scores[pairs.rows == row].tolist(), reverse=True) == best[:most]
    assert (
        number,
        [PAIRS[pair][0] for pair in zip(pairs.rows.tolist(), pairs.columns.tolist(), strict=True)],
    ) == (
        len(PAIRS),
        pairs.scores.tolist(),
    )
