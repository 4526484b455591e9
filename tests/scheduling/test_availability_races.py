"""Two people change one supporter's hours in the same moment, on both databases: one wins, the other is told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import WeeklyWindow
from mentorlink.scheduling.services import merged, save_availability
from tests.conftest import NOW
from tests.factories import make_supporter

pytestmark = pytest.mark.both_databases
BASE = [(1, 1140, 1260)]
WISHES = ([(2, 540, 600), (4, 600, 660)], [(2, 540, 660), (5, 600, 660)])


def test_of_two_weeks_saved_from_one_base_one_stands_whole(sessions, session):
    supporter = make_supporter(session, windows=BASE)
    session.commit()
    number, base = supporter.id, BASE
    for _round in range(8):
        barrier = Barrier(2)

        def save(wish, base=base, barrier=barrier) -> str:
            with sessions() as own:
                barrier.wait()
                try:
                    with transaction(own):
                        mine = own.get_one(Supporter, number)
                        save_availability(own, mine, wish, by="test", now=NOW, seen=base)
                except Conflict as no:
                    return no.code
                return "saved"

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(save, WISHES)) == ["changed_meanwhile", "saved"]
        session.rollback()
        rows = session.scalars(select(WeeklyWindow)).all()
        base = merged((row.weekday, row.start_minute, row.end_minute) for row in rows)
        assert base in [list(wish) for wish in WISHES]
        session.commit()
        base = reset(session, number)


def reset(session, number) -> list[tuple[int, int, int]]:
    supporter = session.get_one(Supporter, number)
    save_availability(session, supporter, BASE, by="test", now=NOW)
    session.commit()
    return BASE
