"""A rest moves what is still to come, by the days rested and no more."""

from datetime import date, timedelta

import pytest

from mentorlink.core.errors import RuleViolation
from mentorlink.engagements import services
from mentorlink.engagements.models import Milestone, MilestoneState, MoveReason, PauseReason
from tests.factories import NOW, make_engagement

BY = "user:1"
DUE = date(2026, 12, 20)


def half_year(session, *states):
    engagement = make_engagement(session, begins_on=date(2026, 11, 1), ends_on=date(2027, 5, 1))
    for position, state in enumerate(states, start=1):
        reached_at = NOW if state is MilestoneState.REACHED else None
        session.add(
            Milestone(
                engagement_id=engagement.id,
                position=position,
                title=f"一歩 {position}",
                state=state,
                due_on=DUE,
                reached_at=reached_at,
            )
        )
    session.flush()
    return engagement


def rest(session, engagement, days, **values):
    services.pause_engagement(session, engagement, PauseReason.FAMILY, by=BY, now=NOW, **values)
    services.resume_engagement(session, engagement, by=BY, now=NOW + timedelta(days=days))


def steps(session, engagement):
    return session.query(Milestone).filter_by(engagement_id=engagement.id).order_by(Milestone.position).all()


@pytest.mark.both_databases
def test_what_is_still_to_do_and_the_last_day_move_by_the_days_rested(session):
    engagement = half_year(
        session, MilestoneState.IN_PROGRESS, MilestoneState.CHECKING, MilestoneState.REVISING
    )
    rest(session, engagement, 10)
    assert [step.due_on for step in steps(session, engagement)] == [DUE + timedelta(days=10)] * 3
    assert engagement.ends_on == date(2027, 5, 11)
    assert engagement.begins_on == date(2026, 11, 1)


@pytest.mark.both_databases
def test_a_step_that_was_reached_stays_on_its_day(session):
    engagement = half_year(session, MilestoneState.REACHED, MilestoneState.NOT_STARTED)
    rest(session, engagement, 3)
    reached, to_do = steps(session, engagement)
    assert (reached.due_on, reached.moves) == (DUE, [])
    assert [(move.old_due_on, move.new_due_on, move.reason, move.by) for move in to_do.moves] == [
        (DUE, DUE + timedelta(days=3), MoveReason.PAUSE, BY)
    ]


def test_a_rest_that_ends_on_its_own_day_moves_nothing(session):
    engagement = half_year(session, MilestoneState.NOT_STARTED)
    rest(session, engagement, 0)
    (step,) = steps(session, engagement)
    assert (step.due_on, step.moves, engagement.ends_on) == (DUE, [], date(2027, 5, 1))


def test_the_second_rest_counts_from_its_own_beginning(session):
    engagement = half_year(session, MilestoneState.NOT_STARTED)
    rest(session, engagement, 5)
    later = NOW + timedelta(days=20)
    services.pause_engagement(session, engagement, PauseReason.HEALTH, by=BY, now=later)
    services.resume_engagement(session, engagement, by=BY, now=later + timedelta(days=2))
    assert steps(session, engagement)[0].due_on == DUE + timedelta(days=7)


def test_days_are_counted_where_the_mentee_lives(session):
    engagement = half_year(session, MilestoneState.NOT_STARTED)
    late = NOW.replace(hour=14, minute=30)  # 23:30 in Tokyo
    services.pause_engagement(session, engagement, PauseReason.WORK, by=BY, now=late)
    services.resume_engagement(session, engagement, by=BY, now=late + timedelta(hours=1))
    assert steps(session, engagement)[0].due_on == DUE + timedelta(days=1)


def test_a_pause_knows_its_hope_and_its_batch(session):
    engagement = make_engagement(session)
    values = {"expected_until": date(2026, 12, 1), "batch": "disaster-1"}
    services.pause_engagement(session, engagement, PauseReason.DISASTER, by=BY, now=NOW, **values)
    pause = services.open_pause(session, engagement)
    assert (pause.expected_until, pause.batch) == (date(2026, 12, 1), "disaster-1")


def test_a_hope_that_is_over_already_is_asked_again(session):
    engagement = make_engagement(session)
    with pytest.raises(RuleViolation, match="pause_in_past"):
        services.pause_engagement(
            session, engagement, PauseReason.WORK, expected_until=date(2026, 11, 24), by=BY, now=NOW
        )
