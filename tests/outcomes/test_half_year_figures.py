"""The figures of a half-year: steps reached, months with a talk, who ended, who is still in touch."""

from datetime import timedelta

import pytest

from mentorlink.engagements.models import EngagementState, Milestone, MilestoneState
from mentorlink.outcomes.figures import compute_figures, count_rows
from mentorlink.outcomes.models import Moment
from mentorlink.outcomes.services import record_outcome
from mentorlink.scheduling.models import MeetingState
from tests.factories import NOW, make_application, make_engagement, make_meeting, make_programme

pytestmark = pytest.mark.both_databases
_M = MilestoneState


def make_steps(session, engagement, *states):
    for position, state in enumerate(states, 1):
        reached_at = NOW if state is _M.REACHED else None
        values = {"position": position, "code": f"0{position}", "state": state, "reached_at": reached_at}
        session.add(Milestone(engagement_id=engagement.id, due_on=NOW.date(), **values))
    session.flush()


@pytest.fixture
def figures(session):
    """Two half-years, one ended and followed with two answers, one that runs without a talk."""
    run = make_programme(session, months=6)
    ended, runs = (
        make_engagement(session, application=make_application(session, programme=run), **columns)
        for columns in ({"state": EngagementState.FOLLOWING, "ended_at": NOW}, {})
    )
    for days in (-3, -2, -40, -70):  # November twice, October, September
        starts_at = NOW + timedelta(days=days)
        make_meeting(session, engagement=ended, starts_at=starts_at, state=MeetingState.RECORDED)
    make_meeting(session, engagement=runs, starts_at=NOW, state=MeetingState.CANCELLED)
    make_steps(session, ended, _M.REACHED, _M.REACHED, _M.SKIPPED)
    make_steps(session, runs, _M.IN_PROGRESS)
    for moment, word in ((Moment.ONE_WEEK, "no"), (Moment.ONE_MONTH, "often")):
        record_outcome(session, ended, moment, "02", by="t", now=NOW, in_touch=word)
    session.commit()
    return run, {figure.key: figure for figure in compute_figures(session, run)}


def test_each_has_its_value_its_n_and_what_is_missing(figures):
    _run, found = figures
    keys = ("steps_reached", "months_with_talk", "ended", "in_touch")
    assert [(found[key].value, found[key].n, found[key].missing) for key in keys] == [
        (2, 3, 0),
        (1.5, 2, 0),
        (1, 2, 0),
        (1.0, 1, 0),
    ]


def test_each_opens_to_its_rows(session, figures):
    run, _found = figures
    keys = ("steps_reached", "months_with_talk", "ended", "in_touch")
    assert [count_rows(session, run, key) for key in keys] == [2, 2, 1, 1]
