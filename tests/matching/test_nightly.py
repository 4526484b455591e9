"""毎晩、組み合わせの案を用意しておく: once a night, only where it says something new, and nothing goes out."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.actor import SYSTEM
from mentorlink.core.db import transaction
from mentorlink.core.outbox import InboxMail, OutboxMessage
from mentorlink.jobs import all_jobs, make_courier
from mentorlink.jobs.desk_mail import send_desk_mail
from mentorlink.matching.models import Invitation, MatchRun
from mentorlink.matching.nightly import prepare_tonight, programmes_for_tonight, ready_rounds
from mentorlink.matching.rounds import prepare_round, verify_round
from tests.conftest import NOW
from tests.factories import make_application, make_programme, make_supporter

FIVE = NOW + timedelta(hours=19)  # Thursday, 5:00 in Tokyo
NIGHT = timedelta(days=1)
pytestmark = pytest.mark.both_databases


@pytest.fixture
def programme(session):
    return make_programme(session, nightly_round=True)


def searching(session, programme, **columns):
    begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
    return make_application(session, programme=programme, **begun, **columns)


@pytest.fixture
def night(session, sessions, settings, clock):
    """Runs the job as the worker does, and says how many rounds there are."""
    (job,) = (each for each in all_jobs(settings, sessions, clock) if each.name == "prepare_rounds")

    def run(now):
        session.commit()
        job.run(sessions, now)
        return session.scalar(select(func.count(MatchRun.id)))

    return run


def test_at_five_a_round_is_prepared_in_the_workers_name_and_nothing_goes_out(session, programme, night):
    application, supporter = searching(session, programme), make_supporter(session)
    assert night(FIVE) == 1
    run = session.scalars(select(MatchRun)).one()
    assert (run.made_by, run.made_at) == (SYSTEM, FIVE)
    assert [pair[:2] for pair in run.pairs] == [[application.id, supporter.id]]
    assert verify_round(run).faults == ()
    assert session.scalars(select(Invitation)).all() == []
    assert session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize("hours", [-1, 7])  # four in the morning, noon
def test_it_is_prepared_at_no_other_time(session, programme, night, hours):
    searching(session, programme)
    make_supporter(session)
    assert night(FIVE + timedelta(hours=hours)) == 0


def test_once_a_night_whoever_comes_meanwhile(session, programme, night):
    searching(session, programme)
    make_supporter(session)
    night(FIVE)
    searching(session, programme)
    assert night(FIVE + timedelta(minutes=15)) == 1


def test_a_second_worker_that_was_waiting_changes_nothing(session, programme):
    searching(session, programme)
    make_supporter(session)
    found = programmes_for_tonight(session, FIVE)
    assert prepare_tonight(session, found[0], FIVE) is not None
    searching(session, programme)  # the round would be another one by now
    assert prepare_tonight(session, found[0], FIVE) is None


def test_what_says_the_same_as_the_last_one_is_not_kept(session, programme, night):
    searching(session, programme, times_kind="by_talk", times=[])
    make_supporter(session)
    assert [night(FIVE), night(FIVE + NIGHT)] == [1, 1]
    searching(session, programme)
    assert night(FIVE + 2 * NIGHT) == 2


def test_with_nobody_waiting_or_not_wished_there_is_none(session, night):
    make_supporter(session)
    make_programme(session, nightly_round=True)
    searching(session, make_programme(session))
    assert night(FIVE) == 0


def test_a_round_that_the_office_made_this_morning_stays(session, programme, night):
    searching(session, programme)
    make_supporter(session)
    prepare_round(session, programme, {}, (), now=FIVE + timedelta(hours=1), by="user:1")
    assert night(FIVE + timedelta(hours=2)) == 1


def test_pins_and_bans_of_the_office_stay_in_force(session, programme, night):
    first, second = searching(session, programme), searching(session, programme)
    good, other = make_supporter(session), make_supporter(session, skills={"06": 1})
    prepare_round(session, programme, {first.id: other.id}, [(second.id, good.id)], now=NOW, by="user:1")
    searching(session, programme)
    assert night(FIVE) == 2
    run = session.scalars(select(MatchRun).order_by(MatchRun.id.desc())).first()
    assert {pair[0]: pair[1] for pair in run.pairs}.items() >= {
        first.id: other.id,
        second.id: other.id,
    }.items()


def test_pins_that_clash_by_now_are_left_to_the_office(session, programme, night):
    people = [searching(session, programme) for _ in range(2)]
    supporter = make_supporter(session, capacity_month=2)
    prepare_round(
        session, programme, dict.fromkeys([p.id for p in people], supporter.id), (), now=NOW, by="user:1"
    )
    supporter.capacity_month = 1
    assert night(FIVE) == 1


@pytest.fixture
def post(sessions, settings):
    return lambda at: make_courier(settings, sessions, lambda: at).deliver()


def test_the_desk_mail_of_the_morning_says_how_many_pairs_lie_ready(session, programme, night, post):
    application = searching(session, programme)
    make_supporter(session)
    night(FIVE)
    morning = FIVE + timedelta(hours=4)
    assert ready_rounds(session, morning) == {programme.id: 1}
    with transaction(session):
        assert send_desk_mail(session, morning)
    post(morning)
    assert "用意した組み合わせの案: 1組" in session.scalars(select(InboxMail)).one().text
    application.state = ApplicationState.WITHDRAWN
    assert ready_rounds(session, morning) == {programme.id: 0}
    assert ready_rounds(session, morning + NIGHT) == {}
