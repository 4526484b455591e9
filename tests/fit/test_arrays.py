"""Packing people into arrays."""

import pytest

from mentorlink.fit.arrays import pack
from tests.fit.people import PLACES, applicant, gardener, pioneer, supporter


@pytest.mark.parametrize(
    "answers",
    [
        {"themes": frozenset({"99"})},
        {"categories": ("00",)},
        {"prefecture": "48"},
        {"prefecture": "48", "prefer": frozenset({"near"})},
        {"stage": "08"},
        {"modes": frozenset({"fax"})},
    ],
)
def test_an_unknown_code_of_an_applicant_is_named(answers):
    with pytest.raises(ValueError, match=r"unknown (theme|category|prefecture|stage|mode) '"):
        pack([applicant(**answers)], [pioneer()])


def test_an_unknown_code_of_a_supporter_is_named():
    with pytest.raises(ValueError, match="unknown category '77'"):
        pack([gardener()], [supporter(skills={"77": 1})])


@pytest.mark.parametrize("level", [-1, 4])
def test_a_skill_off_the_scale_is_refused(level):
    with pytest.raises(ValueError, match="not between 0 and 3"):
        pack([gardener()], [supporter(skills={PLACES: level})])


def test_only_times_that_both_sides_name_take_a_bit():
    applicants, supporters = pack(
        [gardener(times=frozenset({1, 2, 3}))], [pioneer(times=frozenset({2, 3, 4}))]
    )
    assert applicants.instants.tolist() == [2, 3]
    assert (applicants.times.tolist(), supporters.times.tolist()) == ([[0b11]], [[0b11]])


def test_more_than_sixty_four_times_take_another_word():
    times = frozenset(range(100))
    applicants, _ = pack([gardener(times=times)], [pioneer(times=times)])
    assert applicants.times.tolist() == [[2**64 - 1, 2**36 - 1]]


def test_a_slice_of_applicants_keeps_everything_in_step():
    applicants, _ = pack([gardener(id=number, waiting_days=number) for number in range(5)], [pioneer()])
    part = applicants.rows(1, 3)
    assert (len(part), part.ids, part.waiting_days.tolist()) == (2, (1, 2), [1, 2])


@pytest.mark.parametrize(
    ("people", "others"), [([gardener(), gardener()], [pioneer()]), ([gardener()], [pioneer(), pioneer()])]
)
def test_two_people_of_one_side_cannot_have_one_id(people, others):
    with pytest.raises(ValueError, match=r"ids must differ: '[AS]1'"):
        pack(people, others)
