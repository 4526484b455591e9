"""Many processes at the same hours over HTTP: as many bookings as hours, and the guard is what does it."""

import pytest

from benchmarks.stampede import stampede_everywhere

pytestmark = [pytest.mark.stampede, pytest.mark.postgres]


def test_a_thousand_attempts_book_each_hour_once():
    results = stampede_everywhere(processes=8, attempts=1000, slots=100)
    assert [(each.database, each.booked, each.conflicts, each.errors, each.overlaps) for each in results] == [
        ("sqlite", 100, 900, 0, 0),
        ("postgresql", 100, 900, 0, 0),
    ]


def test_without_the_guard_people_are_booked_twice():
    results = stampede_everywhere(processes=4, attempts=60, slots=10, guard=False)
    assert all(each.overlaps > 0 for each in results)
    assert [each.errors for each in results] == [0, 0]
