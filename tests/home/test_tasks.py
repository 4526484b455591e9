"""Calls and messages of the office: words to say, what came of it, what is stuck."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import QUIET_HOURS, Call, Channel, MessageState, OutboxMessage
from mentorlink.core.paths import resource
from mentorlink.core.reminder_rules import IN_AN_HOUR
from mentorlink.home import tasks
from mentorlink.home.message_words import MESSAGE_WORDS
from mentorlink.matching import services
from mentorlink.people.models import ContactChannel
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from tests.conftest import NOW
from tests.factories import make_application, make_meeting, make_person, make_supporter

BY = "user:1"


@pytest.fixture
def call(session):
    """The call task of a supporter without mail who was asked."""
    person = make_person(
        session,
        display_name="見本 でんわ",
        contact_channel=ContactChannel.PHONE,
        email=None,
        phone="+819012345678",
        call_hours="平日の午後",
    )
    supporter = make_supporter(session, person=person)
    services.approve_proposal(session, make_application(session), [supporter.id], by=BY, now=NOW)
    return session.scalar(select(OutboxMessage).where(OutboxMessage.template == "matching/invitation"))


@pytest.fixture
def mail(session):
    services.approve_proposal(
        session, make_application(session), [make_supporter(session).id], by=BY, now=NOW
    )
    return session.scalar(select(OutboxMessage).where(OutboxMessage.template == "matching/invitation"))


def test_a_call_shows_the_number_and_the_words(session, as_office, call):
    number = call.id
    session.commit()
    listed, page = as_office.get("/office/calls").text, as_office.get(f"/office/calls/{number}").text
    assert "見本 でんわ" in listed
    assert "平日の午後" in listed
    assert "090-1234-5678" in page
    assert "ご相談の打診でお電話しました" in page


def test_the_supporter_who_wants_to_talk_is_called_too(session, as_office):
    person = make_person(session, display_name="見本 はる", phone="+819011112222")
    supporter = make_supporter(session, person=person)
    proposal = services.approve_proposal(session, make_application(session), [supporter.id], by=BY, now=NOW)
    services.want_talk(session, proposal.invitations[0], by=BY, now=NOW)
    number = session.scalar(select(OutboxMessage.id).where(OutboxMessage.channel == Channel.CALL))
    session.commit()
    page = as_office.get(f"/office/calls/{number}").text
    assert "見本 はる" in page
    assert "090-1111-2222" in page


def test_a_call_that_reached_is_done_and_counts_as_office_time(session, as_office, call):
    number, about = call.id, tasks.about_application(session, call)
    session.commit()
    data = {"outcome": "reached", "minutes": "７"}
    assert as_office.post(f"/office/calls/{number}/completion", data=data).status_code == 303
    done = session.scalar(select(Call))
    assert (done.about, done.minutes, done.reached) == (about, 7, True)
    assert about.startswith("application:")
    assert session.get(OutboxMessage, number).state is MessageState.SENT


def test_a_call_that_did_not_reach_comes_back_later(session, as_office, call):
    number = call.id
    session.commit()
    as_office.post(f"/office/calls/{number}/completion", data={"outcome": "missed", "minutes": "1"})
    again = session.get(OutboxMessage, number, populate_existing=True)
    assert (again.state, again.due_at) == (MessageState.PLANNED, NOW + timedelta(hours=3))
    assert tasks.due_calls(session, NOW) == []
    assert tasks.due_calls(session, NOW + timedelta(hours=3)) == [again]


@pytest.mark.parametrize("minutes", ["", "-1", "601", "many", "9" * 5])
def test_odd_minutes_are_asked_again(session, as_office, call, minutes):
    number = call.id
    session.commit()
    data = {"outcome": "reached", "minutes": minutes}
    answer = as_office.post(f"/office/calls/{number}/completion", data=data)
    assert answer.status_code == 422
    assert 'id="minutes-fault"' in answer.text


def test_a_call_is_done_once(session, call):
    tasks.finish_call(session, call, minutes=1, reached=True, by_user_id=1, now=NOW)
    with pytest.raises(Conflict, match="call_done"):
        tasks.finish_call(session, call, minutes=1, reached=True, by_user_id=1, now=NOW)
    with pytest.raises(Conflict, match="call_done"):
        tasks.postpone_call(session, call, now=NOW)


def test_the_service_knows_the_bounds_too(session, call):
    with pytest.raises(RuleViolation, match="minutes_wrong"):
        tasks.finish_call(session, call, minutes=601, reached=True, by_user_id=1, now=NOW)


def test_an_evening_call_waits_for_the_morning(session, call):
    evening = NOW + timedelta(hours=9)  # 19:00 in Tokyo
    tasks.postpone_call(session, call, now=evening)
    assert call.due_at.isoformat() == "2026-11-25T23:00:00+00:00"


def test_a_call_may_wait(session, as_office, call):
    number = call.id
    session.commit()
    assert as_office.post(f"/office/calls/{number}/postponement").status_code == 303
    assert "いま、かける電話はありません" in as_office.get("/office/calls").text


def test_what_will_go_out_is_listed_and_can_be_stopped(session, as_office, mail):
    number = mail.id
    session.commit()
    assert "打診のあす締切" in as_office.get("/office/messages").text
    assert as_office.post(f"/office/messages/{number}/stop").status_code == 303
    assert session.get(OutboxMessage, number, populate_existing=True).state is MessageState.CANCELLED
    session.rollback()
    assert as_office.post(f"/office/messages/{number}/stop").status_code == 409


def test_what_is_stuck_comes_first_and_is_tried_again(session, as_office, mail):
    mail.state, mail.problem, mail.attempts = MessageState.PARKED, "no_address", 5
    number = mail.id
    session.commit()
    assert "送り先のアドレスがありません" in as_office.get("/office/messages").text
    assert as_office.post(f"/office/messages/{number}/retry").status_code == 303
    again = session.get(OutboxMessage, number, populate_existing=True)
    assert (again.state, again.problem, again.attempts, again.due_at) == (MessageState.PLANNED, None, 0, NOW)
    session.rollback()
    assert as_office.post(f"/office/messages/{number}/retry").status_code == 409


def test_what_the_night_has_stopped_is_sent_at_night_if_the_office_wants(session, as_office, mail):
    mail.state, mail.problem, mail.keeps_quiet = MessageState.PARKED, QUIET_HOURS, True
    number = mail.id
    session.commit()
    page = as_office.get("/office/messages").text
    assert "夜でも、いま送る" in page
    assert "朝では間に合わない連絡が1件あります" in page
    assert "朝では間に合わない連絡が1件あります" in as_office.get("/office/messages/planned").text
    as_office.post(f"/office/messages/{number}/retry")
    again = session.get(OutboxMessage, number, populate_existing=True)
    assert (again.state, again.keeps_quiet) == (MessageState.PLANNED, False)
    session.rollback()
    assert "朝では間に合わない" not in as_office.get("/office/messages/planned").text


def test_a_call_that_is_stuck_is_seen_and_put_among_the_calls(session, as_office, call):
    call.state, call.problem = MessageState.PARKED, QUIET_HOURS
    number = call.id
    session.commit()
    assert "お電話の用件に出す" in as_office.get("/office/messages").text
    assert as_office.post(f"/office/messages/{number}/retry").status_code == 303
    assert "見本 でんわ" in as_office.get("/office/calls").text


@pytest.fixture
def reminder(session):
    """The reminder of a talk in five days, to its applicant."""
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    query = select(OutboxMessage).where(OutboxMessage.template == IN_AN_HOUR.template)
    return session.scalars(query.filter_by(recipient=f"person:{meeting.engagement.recipient_id}")).one()


def test_a_reminder_is_tried_again_up_to_the_talk_and_not_after_it(session, as_office, reminder, clock):
    begins, number = reminder.not_after, reminder.id
    reminder.state, reminder.problem = MessageState.PARKED, "ambiguous"
    session.commit()
    clock.now = begins
    assert as_office.post(f"/office/messages/{number}/retry").status_code == 409
    clock.now = begins - timedelta(minutes=10)
    assert as_office.post(f"/office/messages/{number}/retry").status_code == 303
    assert session.get(OutboxMessage, number, populate_existing=True).not_after == begins


@pytest.mark.parametrize(("hours_before", "state"), [(1, MessageState.EXPIRED), (10, MessageState.PLANNED)])
def test_a_call_about_a_talk_is_not_put_off_past_it(session, reminder, hours_before, state):
    reminder.channel, begins = Channel.CALL, reminder.not_after
    tasks.postpone_call(session, reminder, now=begins - timedelta(hours=hours_before))
    assert (reminder.state, reminder.not_after) == (state, begins)


@pytest.mark.parametrize("state", ["planned", "parked", "sent", "nonsense"])
def test_every_list_of_messages_opens(as_office, state):
    assert as_office.get(f"/office/messages?state={state}&page=99999999999999999999").status_code == 200


def test_every_message_has_a_name_for_the_office():
    folders = {path.parent for path in resource("templates", "mail").glob("*/*/body.txt")}
    assert {f"{folder.parent.name}/{folder.name}" for folder in folders} <= set(MESSAGE_WORDS)


PATHS = [
    ("get", "/office/calls/{call}"),
    ("post", "/office/calls/{call}/completion"),
    ("post", "/office/calls/{call}/postponement"),
    ("post", "/office/messages/{mail}/retry"),
    ("post", "/office/messages/{mail}/stop"),
]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_only_the_office_acts_on_calls_and_messages(
    *, session, as_supporter, as_office, call, mail, method, path
):
    where, crossed = path.format(call=call.id, mail=mail.id), path.format(call=mail.id, mail=call.id)
    session.commit()
    stranger = as_supporter(make_supporter(session))
    assert getattr(stranger, method)(where).status_code == 404
    crossed = crossed if mail.id != call.id else path.format(call=999999, mail=999999)
    session.rollback()
    assert getattr(as_office, method)(path.format(call=999999, mail=999999)).status_code == 404
    assert getattr(as_office, method)(crossed).status_code == 404
