from datetime import UTC, datetime, timedelta

import pytest

from mentorlink.seeds.stories import tell

START = datetime(2023, 5, 1, tzinfo=UTC)


def story(heard, name, *hours):
    for hour in hours:
        yield START + timedelta(hours=hour)
        heard.append((hour, name))


def test_the_earliest_of_all_goes_on_first():
    heard = []
    last = tell([story(heard, "a", 1, 5), story(heard, "b", 2, 3)])
    assert heard == [(1, "a"), (2, "b"), (3, "b"), (5, "a")]
    assert last == START + timedelta(hours=5)


def test_what_would_come_later_never_happens():
    heard = []
    tell([story(heard, "a", 1, 5), story(heard, "b", 9)], until=START + timedelta(hours=4))
    assert heard == [(1, "a")]


def test_nobody_goes_back_in_time():
    with pytest.raises(ValueError, match="back in time"):
        tell([story([], "a", 5, 1)])
