"""Another way to be reached: what waits goes by the new way, in the same step."""

from sqlalchemy import select

from mentorlink.applications.services import change_contact
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from tests.factories import NOW, make_meeting

BY_PHONE = {"display_name": "あおい", "contact_channel": "phone", "phone": "03-1234-5678"}
SENT_MAIL = "確認のメールをお送りしました"


def rows_of(session, person_id):
    return session.scalars(
        select(OutboxMessage).filter_by(recipient=f"person:{person_id}").order_by(OutboxMessage.due_at)
    ).all()


def test_what_waits_follows_and_what_was_sent_stays(session):
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    engagement = meeting.engagement
    applicant, supporter = engagement.recipient_id, engagement.supporters[0].supporter.person_id
    tomorrow, _in_an_hour = rows_of(session, applicant)
    tomorrow.state, tomorrow.sent_at = MessageState.SENT, NOW
    change_contact(session, engagement.application, BY_PHONE, now=NOW)
    assert [row.channel for row in rows_of(session, applicant)] == [Channel.MAIL, Channel.CALL]
    assert {row.channel for row in rows_of(session, supporter)} == {Channel.MAIL}


def test_back_again_is_the_old_way_again(session):
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    application = meeting.engagement.application
    for answers in (BY_PHONE, BY_PHONE | {"contact_channel": "mail", "email": "aoi@example.org"}):
        change_contact(session, application, answers, now=NOW)
    told = [row for row in rows_of(session, application.person_id) if row.template.startswith("scheduling/")]
    assert {row.channel for row in told} == {Channel.MAIL}


def test_no_mail_is_promised_to_who_chose_the_telephone(session, as_applicant):
    application = make_meeting(session).engagement.application
    application.person.contact_confirmed_at = None
    session.commit()
    browser = as_applicant(application)
    assert SENT_MAIL in browser.get("/my").text
    change_contact(session, application, BY_PHONE, now=NOW)
    session.commit()
    assert SENT_MAIL not in browser.get("/my").text
