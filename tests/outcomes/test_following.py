"""After the end time does the rest: asked at five moments, once each, and then left in peace."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import EngagementState
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.services import follow_engagements, note_followups
from mentorlink.people.models import Consent, Purpose
from mentorlink.programmes.templates import load_template, template_names
from mentorlink.surveys.models import Target, TargetState
from mentorlink.surveys.services import load_surveys, plan_targets, schedule_surveys, submit_response
from tests.factories import NOW, make_engagement

_S = EngagementState
MOMENTS = [
    (7, Moment.ONE_WEEK),
    (30, Moment.ONE_MONTH),
    (90, Moment.THREE_MONTHS),
    (180, Moment.SIX_MONTHS),
    (365, Moment.TWELVE_MONTHS),
]


def ended_half_year(session, *, agrees=True, state=_S.COMPLETED):
    """Ended at NOW, with the later questions of the template that has milestones."""
    engagement = make_engagement(session, state=state, ended_at=NOW)
    template = next(each for each in map(load_template, template_names()) if each.milestones)
    rows = [each for each in template.surveys if each.anchor == "engagement_end" and each.after_minutes]
    load_surveys(session)
    schedule_surveys(session, engagement.programme, rows)
    if agrees:
        purpose = Purpose.LATER_CONTACT
        session.add(Consent(person_id=engagement.recipient_id, purpose=purpose, version="1", given_at=NOW))
    session.flush()
    return engagement


@pytest.mark.both_databases
def test_a_half_year_is_asked_about_at_five_moments_and_each_answer_is_noted(session):
    engagement = ended_half_year(session)
    for days, moment in MOMENTS:
        at = NOW + timedelta(days=days, hours=1)
        assert (plan_targets(session, at), plan_targets(session, at)) == (1, 0)
        target = session.scalars(select(Target).order_by(Target.id.desc())).first()
        submit_response(session, target, {"ending": "06", "in_touch": "sometimes"}, by="t", now=at)
        assert note_followups(session, at) == 1
        outcome = session.scalars(select(Outcome).order_by(Outcome.id.desc())).first()
        assert (outcome.moment, outcome.ending, outcome.in_touch) == (moment, "06", "sometimes")
    assert engagement.state is _S.COMPLETED


def test_whoever_does_not_answer_is_reminded_once_at_most(session):
    ended_half_year(session)
    for days, _moment in MOMENTS:
        for later in range(0, 25, 8):
            plan_targets(session, NOW + timedelta(days=days + later))
    templates = [message.template for message in session.scalars(select(OutboxMessage))]
    assert templates.count("surveys/how_has_it_gone") == 5
    assert templates.count("surveys/reminder") == 4  # the first week asks once only


def test_without_the_consent_only_the_first_week_is_asked(session):
    ended_half_year(session, agrees=False)
    found = [plan_targets(session, NOW + timedelta(days=days)) for days, _moment in MOMENTS]
    assert found == [1, 0, 0, 0, 0]


def test_what_ended_long_ago_is_not_asked_about_today(session):
    ended_half_year(session)
    assert plan_targets(session, NOW + timedelta(days=700)) == 0


@pytest.mark.both_databases
def test_an_answer_brings_all_its_facts_into_the_outcome(session):
    ended_half_year(session)
    at = NOW + timedelta(days=180, hours=1)
    plan_targets(session, at)
    target = session.scalars(select(Target)).one()
    answers = {
        "ending": "01",
        "started_on": "2026-12-01",
        "started_name": "みんなの畑",
        "income": "even",
        "inquiries": "4",
    }
    submit_response(session, target, answers, by="t", now=at)
    note_followups(session, at)
    outcome = session.query(Outcome).one()
    assert (outcome.started_on, outcome.activity_name, outcome.income, outcome.inquiries) == (
        date(2026, 12, 1),
        "みんなの畑",
        "even",
        4,
    )


@pytest.mark.both_databases
@pytest.mark.parametrize("state", [_S.COMPLETED, _S.STOPPED])
def test_what_ended_is_followed_until_a_month_after_the_last_question(session, state):
    engagement = ended_half_year(session, state=state)
    follow_engagements(session, NOW)
    assert engagement.state is _S.FOLLOWING
    follow_engagements(session, NOW + timedelta(days=394))
    assert engagement.state is _S.FOLLOWING
    follow_engagements(session, NOW + timedelta(days=396))
    assert engagement.state is _S.FINISHED


@pytest.mark.both_databases
def test_the_last_answer_finishes_it_at_once(session):
    engagement = ended_half_year(session, state=_S.FOLLOWING)
    at = NOW + timedelta(days=365, hours=1)
    plan_targets(session, at)
    follow_engagements(session, at)
    assert engagement.state is _S.FOLLOWING
    session.scalars(select(Target)).one().state = TargetState.ANSWERED
    session.flush()
    assert follow_engagements(session, at) == 1
    assert engagement.state is _S.FINISHED


def test_where_nothing_is_asked_a_month_is_enough(session):
    engagement = make_engagement(session, state=_S.FOLLOWING, ended_at=NOW)
    assert follow_engagements(session, NOW + timedelta(days=29)) == 0
    assert follow_engagements(session, NOW + timedelta(days=31)) == 1
    assert engagement.state is _S.FINISHED
