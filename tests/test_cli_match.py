"""``mentorlink match`` on a programme's rows, and the check of a stored round, as an operator starts them."""

import json

import pytest
from sqlalchemy import update

from mentorlink.applications.models import ApplicationState
from mentorlink.core.clock import system_clock
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.matching.models import Invitation, InvitationState, MatchRun
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme
from tests.factories import make_application, make_programme, make_supporter
from tests.test_cli import run

__all__ = ["run"]


@pytest.fixture
def rows(run, tmp_path):
    run("db", "upgrade")
    sessions = make_sessions(make_engine(f"sqlite:///{tmp_path}/test.db"))
    with sessions() as session:
        programme = make_programme(session, code="talk-2026")
        now = system_clock()
        for _ in range(3):
            make_application(
                session,
                programme=programme,
                state=ApplicationState.MATCHING,
                submitted_at=now,
                searching_since=now,
            )
        make_supporter(session, training_valid_until=now.date().replace(year=now.year + 1))
        session.commit()
    return sessions


def test_a_programme_is_matched_and_kept_with_its_certificate(run, rows):
    found = run("match", "talk-2026", "--json")
    outline = json.loads(found.stdout)
    assert found.exit_code == 0
    assert (outline["certificate"]["matched"], outline["certificate"]["gap"]) == (3, 0)
    assert all(pair["start"] and pair["reasons"] for pair in outline["pairs"])
    with rows() as session:
        assert session.get(MatchRun, outline["run"]).matched == 3
        assert session.query(Invitation).count() == 0


def test_apply_asks_everybody_at_once(run, rows):
    outline = json.loads(run("match", "talk-2026", "--json", "--apply").stdout)
    assert (outline["asked"], outline["too_late"]) == ([1, 2, 3], [])
    with rows() as session:
        assert [each.state for each in session.query(Invitation)] == [InvitationState.ASKED] * 3


def test_each_member_of_a_team_is_a_pair_at_the_same_start(run, rows):
    with rows() as session:
        session.execute(update(Programme).values(team_min=2, team_max=2))
        supporter = session.query(Supporter).one()
        make_supporter(session, training_valid_until=supporter.training_valid_until)
        session.commit()
    outline = json.loads(run("match", "talk-2026", "--json").stdout)
    starts = {}
    for pair in outline["pairs"]:
        starts.setdefault(pair["applicant"], []).append(pair["start"])
    assert {len(each) for each in starts.values()} == {2}
    assert all(one == other for one, other in starts.values())
    assert outline["certificate"]["teams"] == len(starts) == 3
    assert run("match", "verify", str(outline["run"])).stdout.splitlines()[-1] == "faults none"


def test_a_stored_round_is_checked_without_the_solver(run, rows):
    number = json.loads(run("match", "talk-2026", "--json").stdout)["run"]
    held = run("match", "verify", str(number))
    assert (held.exit_code, held.stdout.splitlines()[-1]) == (0, "faults none")
    with rows() as session:
        session.execute(update(MatchRun).values(pairs=[]))
        session.commit()
    broken = run("match", "verify", str(number))
    assert broken.exit_code == 1
    assert "more_could_be_matched" in broken.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("match",),
        ("match", "verify"),
        ("match", "verify", "one"),
        ("match", "verify", "1", "--apply"),
        ("match", "talk-2026", "another"),
        ("match", "talk-2026", "--explain", "all"),
        ("match", "--applicants", __file__),
        ("match", "talk-2026", "--applicants", __file__, "--supporters", __file__),
        ("match", "--applicants", __file__, "--supporters", __file__, "--apply"),
    ],
)
def test_wrong_combinations_are_exit_code_2(run, words):
    found = run(*words)
    assert (found.exit_code, found.stdout) == (2, "")


def test_what_is_not_there_is_said(run, rows):
    assert run("match", "talk-1999").exit_code == 1
    assert run("match", "verify", "77").exit_code == 1
