"""Surveys are loaded once, planned once, reminded of once, and answered once."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import PauseReason, Side
from mentorlink.home.planned import stop_planned
from mentorlink.outcomes.services import close_engagement
from mentorlink.people.models import Consent, Purpose
from mentorlink.people.services import give_consents
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.services import (
    cancel_meeting,
    mark_no_show,
    move_meeting,
    record_meeting,
    rest_engagement,
    take_up_engagement,
)
from mentorlink.surveys.models import Audience, Question, Survey, Target, TargetState
from mentorlink.surveys.services import load_surveys, plan_targets, schedule_surveys, submit_response
from tests.factories import NOW, make_engagement, make_meeting
from tests.surveys.rows import make_target

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


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


def waiting(session):
    """(template, time after NOW) of what waits to go out."""
    found = [each for each in messages(session) if each.state is MessageState.PLANNED]
    return [(each.template.removeprefix("surveys/"), each.due_at - NOW) for each in found]


@pytest.mark.both_databases
def test_a_talk_that_is_agreed_has_its_question_planned_for_after_it(session):
    ended_meeting(session, state=MeetingState.CONFIRMED)
    long_before = NOW - timedelta(days=20)
    assert (plan_targets(session, long_before), plan_targets(session, long_before)) == (1, 0)
    assert waiting(session) == [("after_talk", 3 * HOUR), ("reminder", 3 * DAY + 3 * HOUR)]


def test_the_supporter_is_asked_only_once_the_talk_is_over(session):
    ended_meeting(session, row(code="s2", audience="supporter"), state=MeetingState.CONFIRMED)
    assert (plan_targets(session, NOW), plan_targets(session, NOW + HOUR)) == (0, 1)


@pytest.mark.both_databases
def test_a_talk_that_moves_takes_its_question_along(session):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    long_before = NOW - timedelta(days=20)
    plan_targets(session, long_before)
    move_meeting(session, meeting, NOW + DAY, side=Side.OFFICE, by="t", now=long_before)
    assert {template for template, _after in waiting(session)} & {"after_talk", "reminder"} == set()
    for _twice in range(2):
        assert plan_targets(session, long_before) == 0
    ours = [each for each in waiting(session) if each[0] in {"after_talk", "reminder"}]
    assert ours == [("after_talk", DAY + 3 * HOUR), ("reminder", 4 * DAY + 3 * HOUR)]


@pytest.mark.parametrize("act", ["cancel", "rest", "miss"])
def test_a_talk_that_is_called_off_or_missed_takes_its_question_with_it_at_once(session, act):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    plan_targets(session, NOW - DAY)
    who = {"by": "t", "now": NOW - HOUR}
    if act == "cancel":
        cancel_meeting(session, meeting, side=Side.APPLICANT, **who)
    elif act == "rest":
        rest_engagement(session, meeting.engagement, PauseReason.FAMILY, **who)
    else:
        mark_no_show(session, meeting, side=Side.APPLICANT, by="t", now=NOW + HOUR)
    assert {template for template, _after in waiting(session)} & {"after_talk", "reminder"} == set()
    plan_targets(session, NOW + HOUR)
    assert session.query(Target).one().state is TargetState.VOID


def test_the_record_of_a_talk_leaves_its_question_alone(session):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    plan_targets(session, NOW)
    lines = dict.fromkeys(("went_well", "difficult", "next_promise"), "はい")
    record_meeting(session, meeting, **lines, by="t", now=NOW + HOUR)
    plan_targets(session, NOW + HOUR)
    assert waiting(session) == [("after_talk", 3 * HOUR), ("reminder", 3 * DAY + 3 * HOUR)]


def test_what_the_office_stopped_stays_stopped_when_the_talk_moves(session):
    meeting = ended_meeting(session, state=MeetingState.CONFIRMED)
    plan_targets(session, NOW - DAY)
    stop_planned(session, messages(session)[0], by="t", now=NOW - DAY)
    meeting.starts_at, meeting.ends_at = NOW + DAY, NOW + DAY + HOUR
    plan_targets(session, NOW - DAY)
    assert waiting(session) == [("reminder", 4 * DAY + 3 * HOUR)]


@pytest.fixture
def on_the_way(session):
    """A half-year with a question sixty days after its beginning, which was today."""
    engagement = make_engagement(session, opened_at=NOW)
    load_surveys(session)
    middle = row("s3", anchor="engagement_start", after_minutes=60 * 24 * 60, remind_after_days=None)
    schedule_surveys(session, engagement.programme, [middle])
    give_consents(session, engagement.recipient, [Purpose.LATER_CONTACT], now=NOW)
    plan_targets(session, NOW)
    assert waiting(session) == [("how_are_things", 60 * DAY)]
    return engagement


@pytest.mark.both_databases
def test_a_rest_puts_off_what_is_asked_on_the_way_by_its_days(session, on_the_way):
    rest_engagement(session, on_the_way, PauseReason.FAMILY, by="t", now=NOW + DAY)
    plan_targets(session, NOW + 2 * DAY)
    assert "how_are_things" not in dict(waiting(session))
    take_up_engagement(session, on_the_way, by="t", now=NOW + 11 * DAY)
    for _twice in range(2):
        plan_targets(session, NOW + 11 * DAY)
    assert dict(waiting(session))["how_are_things"] == 70 * DAY


def test_an_end_takes_what_was_to_be_asked_on_the_way_with_it(session, on_the_way):
    close_engagement(session, on_the_way, "06", side=Side.OFFICE, by="t", now=NOW + DAY)
    assert "how_are_things" not in dict(waiting(session))
    plan_targets(session, NOW + DAY)
    assert session.query(Target).one().state is TargetState.VOID


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


def test_planning_twenty_talks_asks_the_database_as_often_as_planning_two(session, engine):
    def planned(number):
        for _ in range(number):
            engagement = make_engagement(session)
            engagement.programme_id = meeting.engagement.programme_id
            make_meeting(session, engagement=engagement, starts_at=NOW, state=MeetingState.RECORDED)
        session.commit()
        seen = []
        event.listen(engine, "before_cursor_execute", listener := lambda *args: seen.append(args[2]))
        new = plan_targets(session, NOW + timedelta(hours=3))
        event.remove(engine, "before_cursor_execute", listener)
        return new, sum(each.startswith("SELECT") for each in seen)

    meeting = ended_meeting(session)
    plan_targets(session, NOW + timedelta(hours=3))
    few, many = planned(2), planned(20)
    assert (few[0], many[0], many[1]) == (2, 20, few[1])


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
