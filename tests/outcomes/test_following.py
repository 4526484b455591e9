"""After the end time does the rest: asked at five moments, once each, and then left in peace."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import EngagementState
from mentorlink.home.planned import Wanted, find_planned
from mentorlink.home.tasks import about_application
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.services import follow_engagements, note_followups
from mentorlink.people.models import Consent, Purpose
from mentorlink.people.services import give_consents
from mentorlink.programmes.templates import load_template, template_names
from mentorlink.surveys.models import Target, TargetState
from mentorlink.surveys.services import (
    load_surveys,
    plan_targets,
    refuse_questions,
    schedule_surveys,
    stop_asking_later,
    submit_response,
)
from tests.factories import NOW, make_engagement, make_meeting
from tests.surveys.test_services import row

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
    assert (plan_targets(session, NOW), plan_targets(session, NOW)) == (5, 0)
    targets = session.scalars(select(Target).order_by(Target.due_at)).all()
    for (days, moment), target in zip(MOMENTS, targets, strict=True):
        at = NOW + timedelta(days=days, hours=1)
        assert plan_targets(session, at) == 0
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


def planned(session):
    """Days after the end of what waits to go out, by kind."""
    query = select(OutboxMessage).where(OutboxMessage.state == MessageState.PLANNED)
    days: dict[str, list[int]] = {"surveys/how_has_it_gone": [], "surveys/reminder": []}
    for message in session.scalars(query.order_by(OutboxMessage.due_at)):
        days[message.template].append((message.due_at - NOW).days)
    return list(days.values())


@pytest.mark.both_databases
def test_all_that_is_to_be_asked_of_a_year_is_planned_at_its_beginning(session):
    ended_half_year(session)
    plan_targets(session, NOW)
    assert planned(session) == [[7, 30, 90, 180, 365], [37, 97, 187, 372]]


@pytest.mark.both_databases
def test_with_the_consent_go_the_later_questions_and_with_it_they_return(session):
    person = ended_half_year(session).recipient
    plan_targets(session, NOW)
    stop_asking_later(session, person, by="t", now=NOW)
    plan_targets(session, NOW)
    assert planned(session) == [[7], []]
    give_consents(session, person, [Purpose.LATER_CONTACT], now=NOW)
    assert plan_targets(session, NOW) == 4
    assert planned(session) == [[7, 30, 90, 180, 365], [37, 97, 187, 372]]


def test_taking_the_consent_back_on_its_page_takes_the_later_questions_with_it(session, as_applicant):
    engagement = ended_half_year(session)
    plan_targets(session, NOW)
    as_applicant(engagement.application).post("/my/consents/later_contact/withdrawal")
    session.expire_all()
    assert planned(session) == [[7], []]


def test_the_office_sees_them_all_among_what_goes_out_about_the_half_year(session):
    engagement = ended_half_year(session)
    make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=1), state="confirmed")
    rows = [row("s1", after_minutes=120)]
    schedule_surveys(session, engagement.programme, rows)
    plan_targets(session, NOW)
    found = find_planned(session, Wanted(engagement_id=engagement.id), now=NOW, page=1)
    assert len(found) == 5 + 4 + 2
    assert {about_application(session, message) for message in found} == {
        f"application:{engagement.application_id}"
    }


@pytest.mark.both_databases
def test_whoever_refuses_one_question_is_asked_no_later_one_and_nobody_reminds_of_an_earlier(session):
    ended_half_year(session)
    plan_targets(session, NOW)
    month, quarter = session.scalars(select(Target).order_by(Target.due_at)).all()[1:3]
    month.state, month.sent_at = TargetState.SENT, NOW
    refuse_questions(session, quarter, by="t", now=NOW)
    assert planned(session) == [[7], []]
    assert (month.state, quarter.state) == (TargetState.SENT, TargetState.DECLINED)


def test_what_ended_long_ago_is_not_asked_about_today(session):
    ended_half_year(session)
    assert plan_targets(session, NOW + timedelta(days=700)) == 0


@pytest.mark.both_databases
def test_an_answer_brings_all_its_facts_into_the_outcome(session):
    ended_half_year(session)
    at = NOW + timedelta(days=180, hours=1)
    plan_targets(session, at)
    target = session.scalars(select(Target).order_by(Target.due_at.desc())).all()[1]
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
    last = session.scalars(select(Target).order_by(Target.due_at.desc())).first()
    last.state = TargetState.ANSWERED
    session.flush()
    assert follow_engagements(session, at) == 1
    assert engagement.state is _S.FINISHED


def test_where_nothing_is_asked_a_month_is_enough(session):
    engagement = make_engagement(session, state=_S.FOLLOWING, ended_at=NOW)
    assert follow_engagements(session, NOW + timedelta(days=29)) == 0
    assert follow_engagements(session, NOW + timedelta(days=31)) == 1
    assert engagement.state is _S.FINISHED
