"""Hours that are kept while somebody makes up their mind, in a supporter's week: in words, and free for nobody."""

from datetime import timedelta

import pytest

from mentorlink.scheduling.models import Occupancy, OccupancyKind
from tests.conftest import NOW
from tests.factories import make_supporter
from tests.home.test_calendar import EVENING, HOUR, queries


@pytest.fixture
def supporter(session):
    return make_supporter(session)


def kept(session, supporter, source: str, *, until=NOW + 3 * 24 * HOUR, starts_at=EVENING):
    span = {"starts_at": starts_at, "ends_at": starts_at + HOUR + timedelta(minutes=supporter.buffer_minutes)}
    held = {"kind": OccupancyKind.HELD, "source": source, "expires_at": until}
    session.add(Occupancy(person_id=supporter.person_id, **span, **held))
    session.commit()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("invitation:7", 'href="/invitations/7"'),
        ("offer:5", "相談された方が、日にちを選んでいます"),
        ("ask:3", "この時間でよいか、うかがっています"),
    ],
)
def test_an_hour_that_is_kept_says_so_in_words(as_supporter, session, supporter, source, words):
    kept(session, supporter, source)
    page = as_supporter(supporter).get("/supporter/calendar").text
    thursday = page.partition("11月26日（木）</span>")[2].partition('<li class="day')[0]
    for each in ("<b>取り置き</b>", "19:00〜20:00", "11月28日（土）10:00まで取っておきます", words):
        assert each in thursday
    assert "あおい" not in thursday


@pytest.mark.both_databases
def test_a_kept_hour_is_not_free_and_the_rest_behind_it_is_not_drawn(as_supporter, session, supporter):
    kept(session, supporter, "offer:5")
    page = as_supporter(supporter).get("/supporter/calendar?week=2026-11-26").text
    thursday = page.partition("11月26日（木）</span>")[2].partition('<li class="day')[0]
    free = [each.partition("<")[0] for each in thursday.split('空き <span class="nowrap">')[1:]]
    assert free == ["18:00〜19:00", "20:00〜21:00"]


def test_what_is_kept_no_longer_or_for_somebody_else_is_not_shown(as_supporter, session, supporter):
    kept(session, supporter, "offer:5", until=NOW)
    kept(session, make_supporter(session), "offer:6")
    page = as_supporter(supporter).get("/supporter/calendar").text
    assert ("取り置き" in page, 'class="swatch held"' in page) == (False, False)


def test_a_week_asks_as_much_for_many_kept_hours_as_for_none(as_supporter, session, engine, supporter):
    browser = as_supporter(supporter)
    browser.get("/supporter/calendar")
    none = queries(engine, lambda: browser.get("/supporter/calendar"))
    for number in range(6):
        kept(session, supporter, f"offer:{number}", starts_at=EVENING + number * 2 * HOUR)
    assert queries(engine, lambda: browser.get("/supporter/calendar")) == none
