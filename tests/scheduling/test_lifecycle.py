"""Whatever people do with their time, in whatever order: the same steps on both databases, looked at after each.

``python -m benchmarks.lifecycle --steps 100000`` goes on for longer.
"""

from datetime import datetime

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update

from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.scheduling.models import Meeting, Occupancy
from tests.conftest import _empty
from tests.scheduling.lifecycle.pair import Pair
from tests.scheduling.lifecycle.steps import ACTS, HOURS, MOST, Step
from tests.scheduling.lifecycle.world import BEGINNINGS

pytestmark = pytest.mark.postgres

LIVES, STEPS = 40, 50
SELDOM = 4  # so many acts may have been refused each time


@pytest.fixture(scope="module")
def pair(sqlite_engine, postgresql_engine):
    engines = (sqlite_engine, postgresql_engine)
    yield Pair(*engines)
    for engine in engines:
        _empty(engine)


class Lifecycle(RuleBasedStateMachine):
    pair: Pair

    @initialize(beginning=st.sampled_from(BEGINNINGS))
    def begin(self, beginning: datetime) -> None:
        self.pair.begin_again(beginning)

    def take(self, name: str, choices: tuple[int, ...]) -> None:
        assert self.pair.take(Step(name, choices)) == ([], [])


def _rule(name: str, number: int):
    @rule(choices=st.tuples(*[st.integers(0, MOST - 1)] * number))
    def act(self, choices):
        self.take(name, choices)

    return act


for _name, (_act, _number, _weight) in ACTS.items():
    setattr(Lifecycle, _name, _rule(_name, _number))


def test_two_thousand_steps_break_nothing_and_both_databases_agree(pair):
    pair.done.clear()
    machine = type("LifecycleOfBoth", (Lifecycle,), {"pair": pair})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Short lives need not reach every rare act; those of the benchmark do. All refused would show nothing.
    assert len(set(ACTS) - set(pair.done)) <= SELDOM, pair.done


# ---- what the watch would see


@pytest.fixture
def booked(pair) -> Pair:
    pair.begin_again(BEGINNINGS[0])
    assert pair.take(Step("book", (1, 3 * len(HOURS)))) == ([], [])
    return pair


def spoil(pair: Pair, statement, which: int = 0) -> tuple[list[str], list[str]]:
    with pair.worlds[which].engine.begin() as connection:
        connection.execute(statement)
    return pair.take(Step("give_back", (0,)))


def test_a_span_that_is_lost_is_seen(booked):
    wrong, differing = spoil(booked, delete(Occupancy))
    assert "instead of" in wrong[0]
    assert differing[0].startswith("occupancy")


def test_a_reminder_that_is_lost_is_seen(booked):
    values = {"state": MessageState.CANCELLED}
    wrong, _differing = spoil(booked, update(OutboxMessage).values(values), which=1)
    assert "instead of one" in wrong[0]


def test_a_state_without_its_line_of_history_is_seen(booked):
    wrong, _differing = spoil(booked, update(Meeting).values(state="no_show"))
    assert any("its history ends with" in each for each in wrong)


def test_what_one_database_alone_has_is_seen(booked):
    with booked.worlds[0].engine.connect() as connection:
        way = connection.scalar(select(Meeting.way))
    assert way == "online"
    assert spoil(booked, update(Meeting).values(way="phone"))[1][0].startswith("meeting")


AWAY_FOR_A_FORTNIGHT = Step("say_of_days", (0, 0, 10))


def test_an_hour_that_is_chosen_after_it_was_taken_back_is_seen(pair, monkeypatch):
    monkeypatch.setattr("mentorlink.scheduling.services.booking.is_still_given", lambda *_, **__: True)
    pair.begin_again(BEGINNINGS[0])
    for step in (Step("offer", (0,)), AWAY_FOR_A_FORTNIGHT):
        assert pair.take(step) == ([], [])
    wrong, _differing = pair.take(Step("choose", (0, 0)))
    assert "supporter 1 does not give" in wrong[0]


def test_an_hour_that_is_offered_while_somebody_is_away_is_seen(pair, monkeypatch):
    monkeypatch.setattr("mentorlink.scheduling.queries.hours.people._exceptions", lambda *_: {})
    pair.begin_again(BEGINNINGS[0])
    assert pair.take(AWAY_FOR_A_FORTNIGHT) == ([], [])
    wrong, _differing = pair.take(Step("offer", (0,)))
    assert "supporter 1 does not give" in wrong[0]


def test_an_hour_that_is_asked_for_and_not_kept_is_seen(pair):
    pair.begin_again(BEGINNINGS[0])
    assert pair.take(Step("ask", (0, 0, 6))) == ([], [])
    wrong, differing = spoil(pair, delete(Occupancy).where(Occupancy.source.startswith("ask:")))
    assert "keeps the hour of" in wrong[0]
    assert differing


def test_a_yes_of_all_without_a_talk_is_seen(pair, monkeypatch):
    pair.begin_again(BEGINNINGS[0])
    assert pair.take(Step("ask", (0, 0, 6))) == ([], [])
    monkeypatch.setattr("mentorlink.scheduling.services.asks.book_meeting", lambda *_, **__: None)
    wrong = [each for who in range(2) for each in pair.take(Step("answer", (0, who, 1)))[0]]
    assert "0 talks came of it" in wrong[0]
