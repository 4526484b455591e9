"""Surveys are loaded once, planned once, reminded of once, and answered once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.people.models import Consent, Purpose
from mentorlink.scheduling.models import MeetingState
from mentorlink.surveys.models import Audience, Question, Survey, Target, TargetState
from mentorlink.surveys.services import load_surveys, plan_targets, schedule_surveys, submit_response
from tests.factories import NOW, make_engagement, make_meeting
from tests.surveys.rows import make_target


def row(code="s1", audience="applicant", anchor="meeting_end", after_minutes=120, remind_after_days=3):
    return SimpleNamespace(
        code=code,
        audience=audience,
        anchor=anchor,
        after_minutes=after_minutes,
        remind_after_days=remind_after_days,
    )


def ended_meeting(session, *rows, state=MeetingState.RECORDED, hours=2):
    """A talk that ended so many hours after NOW + 1, and the surveys of its programme."""
    engagement = make_engagement(session)
    meeting = make_meeting(session, engagement=engagement, starts_at=NOW, state=state, occupies=False)
    load_surveys(session)
    schedule_surveys(session, engagement.programme, rows or [row()])
    return meeting


def messages(session):
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.due_at)).all()


@pytest.mark.both_databases
def test_loading_twice_makes_nothing_new(session):
    first = [survey.id for survey in load_surveys(session)]
    assert [survey.id for survey in load_surveys(session)] == first
    assert session.query(Question).join(Survey).filter(Survey.code == "s1").count() == 7


@pytest.mark.both_databases
def test_a_talk_that_ended_asks_once_and_reminds_once(session):
    meeting = ended_meeting(session)
    for minutes in (61, 62, 300):
        plan_targets(session, NOW + timedelta(minutes=minutes))
    due = [(message.template, message.due_at - meeting.ends_at) for message in messages(session)]
    assert due == [
        ("surveys/after_talk", timedelta(hours=2)),
        ("surveys/reminder", timedelta(days=3, hours=2)),
    ]


@pytest.mark.parametrize("state", [MeetingState.NO_SHOW, MeetingState.CANCELLED, MeetingState.MOVED])
def test_a_talk_that_did_not_take_place_asks_nobody(session, state):
    ended_meeting(session, state=state)
    assert plan_targets(session, NOW + timedelta(hours=3)) == 0


def test_a_talk_is_not_asked_about_before_its_end(session):
    ended_meeting(session, state=MeetingState.CONFIRMED)
    assert plan_targets(session, NOW + timedelta(minutes=59)) == 0


def test_quiet_hours_bind_the_request(session):
    meeting = ended_meeting(session, row(after_minutes=12 * 60))
    plan_targets(session, meeting.ends_at)
    assert messages(session)[0].due_at == NOW.replace(hour=23)  # 8:00 in Tokyo, not 23:00


def test_a_talk_found_not_to_have_happened_takes_its_question_back(session):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    plan_targets(session, meeting.ends_at)
    meeting.state = MeetingState.NO_SHOW
    plan_targets(session, meeting.ends_at)
    assert session.query(Target).one().state is TargetState.VOID
    assert {message.state for message in messages(session)} == {MessageState.CANCELLED}


def test_what_went_out_is_noted_as_sent(session):
    meeting = ended_meeting(session)
    plan_targets(session, meeting.ends_at)
    first, at = messages(session)[0], meeting.ends_at + timedelta(hours=2)
    first.state, first.sent_at = MessageState.SENT, at
    plan_targets(session, at)
    target = session.query(Target).one()
    assert (target.state, target.sent_at) == (TargetState.SENT, at)


def test_later_questions_need_the_consent_to_later_contact(session):
    engagement = make_engagement(session, ended_at=NOW)
    load_surveys(session)
    later = row("s4", anchor="engagement_end", after_minutes=129600)
    schedule_surveys(session, engagement.programme, [later])
    at = NOW + timedelta(days=91)
    assert plan_targets(session, at) == 0
    session.add(
        Consent(person_id=engagement.recipient_id, purpose=Purpose.LATER_CONTACT, version="1", given_at=NOW)
    )
    session.flush()
    assert (plan_targets(session, at), plan_targets(session, at)) == (1, 0)


def test_planning_asks_the_database_as_often_for_one_talk_as_for_twenty(session, engine):
    def statements():
        seen = []
        event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
        plan_targets(session, NOW + timedelta(hours=3))
        return len(seen)

    meeting = ended_meeting(session)
    plan_targets(session, NOW + timedelta(hours=3))
    one = statements()
    for _ in range(20):
        engagement = make_engagement(session)
        engagement.programme_id = meeting.engagement.programme_id
        make_meeting(session, engagement=engagement, starts_at=NOW, state=MeetingState.RECORDED)
    plan_targets(session, NOW + timedelta(hours=3))
    assert statements() == one


def test_an_answer_stops_the_reminder_and_stays_as_first_given(session):
    meeting = ended_meeting(session)
    plan_targets(session, meeting.ends_at)
    target = session.query(Target).one()
    first = submit_response(session, target, {"satisfaction": "satisfied"}, by="t", now=NOW)
    assert submit_response(session, target, {"satisfaction": "unsatisfied"}, by="t", now=NOW) is first
    assert {message.state for message in messages(session)} == {MessageState.CANCELLED}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "answer_missing"),
        ({"satisfaction": "superb"}, "option_unknown"),
        ({"satisfaction": ["satisfied", "unsatisfied"]}, "one_answer"),
        ({"satisfaction": "satisfied", "colour": "red"}, "question_unknown"),
    ],
)
def test_answers_that_do_not_fit_are_refused(session, answers, code):
    target = make_target(session, make_engagement(session))
    with pytest.raises(RuleViolation, match=code):
        submit_response(session, target, answers, by="t", now=NOW)


def test_a_worry_of_the_supporter_reaches_the_office_the_same_day(session):
    engagement = make_engagement(session)
    person_id = engagement.supporters[0].supporter.person_id
    target = make_target(session, engagement, code="s2", audience=Audience.SUPPORTER, person_id=person_id)
    answers = {"took_place": "as_planned", "for_office": ["worry"]}
    submit_response(session, target, answers, by="t", now=NOW)
    assert session.query(Flag).one().kind is FlagKind.WORRY
    assert [(message.recipient, message.due_at) for message in messages(session)] == [("office", NOW)]


def test_the_supporter_is_not_written_to_because_the_record_leads_on(session):
    meeting = ended_meeting(session, row(code="s2", audience="supporter"))
    plan_targets(session, meeting.ends_at)
    target = session.query(Target).one()
    assert (target.audience, target.meeting_id, messages(session)) == (Audience.SUPPORTER, meeting.id, [])


def test_words_of_crisis_in_an_answer_are_watched_over(session):
    target = make_target(session, make_engagement(session))
    text = next(each.code for each in target.survey.questions if not each.options)
    given = {each.code: each.options[0].code for each in target.survey.questions if each.required}
    submit_response(session, target, given | {text: "消えたい"}, by="t", now=NOW)
    assert session.query(Flag).one().kind is FlagKind.CRISIS


def test_a_talk_that_took_place_after_all_is_asked_about_anew(session):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    plan_targets(session, meeting.ends_at)
    for state in (MeetingState.NO_SHOW, MeetingState.RECORDED, MeetingState.RECORDED):
        meeting.state = state
        plan_targets(session, meeting.ends_at)
    states = session.scalars(select(Target.state).order_by(Target.id)).all()
    assert states == [TargetState.VOID, TargetState.PLANNED]
    waiting = [message.template for message in messages(session) if message.state is MessageState.PLANNED]
    assert waiting == ["surveys/after_talk", "surveys/reminder"]
