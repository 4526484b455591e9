"""Among equal optima the earlier hours, per supporter."""

from itertools import product

import numpy as np
from hypothesis import given, settings

from mentorlink.matching.assignment.earliest import move_up
from mentorlink.matching.assignment.solve import assign
from mentorlink.matching.assignment.verify import verify
from tests.matching.listed_field import ListedField
from tests.matching.test_assignment import fields


def _starts_of(found, supporter):
    pairs = zip(found.columns.tolist(), found.starts.tolist(), found.timed.tolist(), strict=True)
    return sorted(start for column, start, timed in pairs if timed and column == supporter)


def test_the_free_morning_is_taken_before_the_evening():
    field = ListedField((0, 0), (2,), (0,), {(0, 0): (90, (3, 7)), (1, 0): (50, (1, 3, 9))})
    assert _starts_of(assign(field), 0) == [1, 3]


def test_somebody_makes_room_for_an_earlier_hour():
    field = ListedField((0, 0), (2,), (0,), {(0, 0): (90, (1, 2)), (1, 0): (50, (1,))})
    found = assign(field)
    assert found.starts.tolist() == [2, 1]
    assert verify(field, found).faults == ()


@settings(max_examples=150, deadline=None)
@given(fields())
def test_no_other_hours_of_the_same_pairs_are_earlier(field):
    found = assign(field)
    for supporter in range(len(field.room)):
        rows = [
            row
            for row, column, timed in zip(found.rows, found.columns, found.timed, strict=True)
            if timed and column == supporter
        ]
        choices = product(*(field.pairs[row, supporter][1] for row in rows))
        possible = [sorted(choice) for choice in choices if len(set(choice)) == len(choice)]
        assert _starts_of(found, supporter) == min(possible)


def test_a_supporter_of_thousands_does_not_go_deep():
    people = 1100
    hours = tuple(range(people))
    field = ListedField(
        (0,) * people, (people,), (0,), {(row, 0): (50, hours[: people - row % 2]) for row in range(people)}
    )
    names = [np.zeros(people, np.intp), np.arange(people)[::-1].copy(), np.ones(people, np.bool_)]
    assert sorted(move_up(field, np.arange(people), *names).tolist()) == list(hours)
