"""Sixteen connections at the same few hours of PostgreSQL; ``python -m benchmarks.hot`` goes on for longer."""

from uuid import uuid4

import pytest

from benchmarks.hot import rush_on
from tests.postgres import postgres_database

pytestmark = [pytest.mark.stampede, pytest.mark.postgres]


@pytest.fixture
def url(request):
    with postgres_database(request.getfixturevalue("postgres_url_base"), f"hot_{uuid4().hex[:8]}") as url:
        yield url


def test_nobody_is_booked_twice_and_nobody_sees_a_deadlock(url):
    result = rush_on(url, 320)
    assert (result.attempts, result.errors, result.overlaps) == (320, 0, 0)
    assert result.outcomes["booked"] > 0


def test_without_the_constraint_people_are_booked_twice(url):
    assert rush_on(url, 160, guard=False).overlaps > 0
