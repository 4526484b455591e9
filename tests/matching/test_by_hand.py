"""A careful person's first come, first served is never better than the optimum."""

from hypothesis import given, settings

from benchmarks.by_hand import first_come
from mentorlink.matching.assignment.solve import assign
from tests.matching.listed_field import ListedField
from tests.matching.test_assignment import fields


@settings(max_examples=100, deadline=None)
@given(fields())
def test_by_hand_reaches_at_most_the_optimum(field):
    hand, found = first_come(field), assign(field)
    assert hand["matched"] <= len(found.rows)
    if hand["matched"] == len(found.rows) > 0:
        assert hand["worst"] <= found.worst
        if hand["worst"] == found.worst:
            assert hand["total"] <= found.total


def test_the_first_takes_the_only_one_whom_the_second_could_have():
    field = ListedField((9, 0), (1, 1), (0, 0), {(0, 0): (90, None), (0, 1): (80, None), (1, 0): (90, None)})
    assert (first_come(field)["matched"], len(assign(field).rows)) == (1, 2)
