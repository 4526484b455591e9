"""Two people change one supporter's hours in the same moment, on both databases: one wins, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise
from threading import Barrier

import pytest
from sqlalchemy import delete, insert, select, text

from mentorlink.core.db import is_sqlite, transaction
from mentorlink.core.errors import Conflict
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import AvailabilityException, WeeklyWindow
from mentorlink.scheduling.services import (
    Terms,
    add_exceptions,
    merged,
    remove_exceptions,
    save_availability,
    save_terms,
)
from mentorlink.scheduling.services.availability import lock_supporter
from tests.conftest import NOW
from tests.factories import make_supporter

pytestmark = pytest.mark.both_databases
BASE = [(1, 1140, 1260)]
WISHES = ([(2, 540, 600), (4, 600, 660)], [(2, 540, 660), (5, 600, 660)])
DAY = date(2026, 12, 1)
ROUNDS = 8
DONE = {"by": "test", "now": NOW}


@pytest.fixture
def at_once(sessions):
    """Two changes of a supporter that begin in the same moment, each having read the row before: what came of them."""

    def at_once(number, *changes) -> list[str]:
        barrier = Barrier(len(changes))

        def make(change) -> str:
            with sessions() as own:
                try:
                    with transaction(own):
                        mine = own.get_one(Supporter, number)
                        _ = mine.person
                        _wait(own, barrier)
                        change(own, mine)
                except Conflict as no:
                    return no.code
            return "saved"

        with ThreadPoolExecutor(len(changes)) as pool:
            return sorted(pool.map(make, changes))

    return at_once


def _wait(session, barrier) -> None:
    """SQLite lets one write at a time from its first statement on: the other has not begun."""
    if not is_sqlite(session):
        barrier.wait()


def test_of_two_weeks_saved_from_one_base_one_stands_whole(session, at_once):
    supporter = make_supporter(session, windows=BASE)
    number = supporter.id
    session.commit()

    def save(wish):
        return lambda own, mine: save_availability(own, mine, wish, seen=BASE, **DONE)

    for _round in range(ROUNDS):
        assert at_once(number, *map(save, WISHES)) == ["changed_meanwhile", "saved"]
        rows = session.scalars(select(WeeklyWindow)).all()
        assert merged((row.weekday, row.start_minute, row.end_minute) for row in rows) in WISHES
        save_availability(session, supporter, BASE, **DONE)
        session.commit()


@pytest.mark.parametrize(
    "wishes",
    [
        ({"capacity_week": 5}, {"buffer_minutes": 30}),
        ({"zone": "Europe/London"}, {"zone": "America/New_York"}),
    ],
    ids=["terms", "clocks"],
)
def test_of_two_terms_saved_from_one_base_one_stands_whole(session, at_once, wishes):
    supporter = make_supporter(session)
    number, base = supporter.id, Terms.of(supporter)
    session.commit()

    def save(wish):
        return lambda own, mine: save_terms(own, mine, replace(base, **wish), seen=base, **DONE)

    for _round in range(ROUNDS):
        assert at_once(number, *map(save, wishes)) == ["changed_meanwhile", "saved"]
        assert Terms.of(supporter) in [replace(base, **wish) for wish in wishes]
        save_terms(session, supporter, base, **DONE)
        session.commit()


def test_two_who_speak_of_one_day_leave_no_hour_with_two_meanings(session, at_once):
    number = make_supporter(session).id
    session.commit()

    def say(minutes, is_free):
        return lambda own, mine: add_exceptions(own, mine, (DAY, DAY), minutes, is_free=is_free, **DONE)

    for _round in range(ROUNDS):
        assert at_once(number, say((540, 660), False), say((540, 720), True)) == ["saved", "saved"]
        rows = session.scalars(select(AvailabilityException)).all()
        spans = sorted((row.start_minute, row.end_minute) for row in rows)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        session.execute(delete(AvailabilityException))
        session.commit()


def test_two_who_take_one_day_back_at_once_take_it_back(session, at_once):
    supporter = make_supporter(session)
    number = supporter.id
    for _round in range(ROUNDS):
        add_exceptions(session, supporter, (DAY, DAY), (0, 1440), is_free=False, **DONE)
        ids = session.scalars(select(AvailabilityException.id)).all()
        session.commit()

        def take_back(own, mine, ids=ids):
            remove_exceptions(own, mine, ids, **DONE)

        assert at_once(number, take_back, take_back) == ["saved", "saved"]
        assert session.scalars(select(AvailabilityException)).all() == []
        session.commit()


def test_whoever_changes_their_hours_keeps_nobody_from_being_placed(session, sessions):
    """Rows that refer to the supporter are written meanwhile: on PostgreSQL a full lock would let them wait."""
    supporter = make_supporter(session)
    session.commit()
    lock_supporter(session, supporter)
    if is_sqlite(session):
        return  # one writer, whatever the rows
    with sessions() as other, transaction(other):
        other.execute(text("SET LOCAL lock_timeout = '2s'"))
        window = {"supporter_id": supporter.id, "weekday": 6, "start_minute": 0, "end_minute": 30}
        other.execute(insert(WeeklyWindow).values(**window))
    assert 6 in session.scalars(select(WeeklyWindow.weekday)).all()
