"""Every message about an hour can be written, and says nothing that nobody else may learn."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from mentorlink.core.mailer import Letter, Recipient, render_call, write_mail
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Side
from mentorlink.people.models import ContactChannel
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.services import (
    ask_for_call,
    cancel_meeting,
    choose_slot,
    mark_no_show,
    move_meeting,
    offer_slots,
)
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_supporter


@pytest.fixture
def written(session, settings):
    """All messages of a lively engagement, as they would go out."""
    person = make_person(session, display_name="あおい")
    engagement = make_engagement(session, application=make_application(session, person=person))
    offer = offer_slots(session, engagement, now=NOW)
    ask_for_call(session, offer, now=NOW)
    meeting = choose_slot(session, offer, offer.slots[0], by="test", now=NOW)
    move_meeting(session, meeting, offer.slots[1].starts_at, by="test", side=Side.APPLICANT, now=NOW)
    again = cancel_meeting(session, meeting, side=Side.SUPPORTER, by="test", now=NOW, offer_again=True)
    other = choose_slot(session, again, again.slots[1], by="test", now=NOW)
    mark_no_show(session, other, side=Side.APPLICANT, by="test", now=other.ends_at)
    nobody = make_engagement(session, supporters=[make_supporter(session, windows=[])])
    offer_slots(session, nobody, now=NOW)
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row, _mail(session, row, settings)) for row in rows if row.template.startswith("scheduling/")]


def _mail(session, row, settings):
    recipient = Recipient("somebody@example.org", "あおい", row.locale)
    letter = Letter(row.id, row.queued_at, row.template, row.locale)
    context = CONTEXTS[row.template](session, row)
    assert render_call(letter, recipient, context, settings).strip()
    return message_from_bytes(
        write_mail(letter, recipient, context, settings, now=NOW).as_bytes(), policy=default
    )


def test_every_template_is_written(written):
    assert {row.template for row, _mail in written} == set(CONTEXTS)


def test_subjects_carry_no_name_and_no_undefined_word(written):
    subjects = {row.template: mail["Subject"] for row, mail in written}
    assert subjects["scheduling/booked"] == "【日時が決まりました】2026年11月30日（月）18:00〜19:00"
    assert not any("あおい" in subject for subject in subjects.values())


def test_the_mail_of_an_hour_brings_a_calendar_file(written):
    methods = {
        row.template: part["Content-Type"].params["method"]
        for row, mail in written
        for part in mail.iter_attachments()
    }
    assert methods == {
        "scheduling/booked": "REQUEST",
        "scheduling/moved": "CANCEL",  # of a meeting that was called off before it went out
        "scheduling/cancelled": "CANCEL",
    }


def test_a_person_without_mail_becomes_a_call_task(session):
    person = make_person(session, contact_channel=ContactChannel.PHONE, email=None, phone="+81901234567")
    engagement = make_engagement(session, application=make_application(session, person=person))
    offer = offer_slots(session, engagement, now=NOW)
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.about == f"offer:{offer.id}"))
    assert row.channel == "call"


def test_a_change_at_night_waits_for_the_morning_unless_the_hour_is_near(session):
    engagement = make_engagement(session)
    offer = offer_slots(session, engagement, now=NOW)
    meeting = choose_slot(session, offer, offer.slots[2], by="test", now=NOW)
    night = NOW + timedelta(hours=13)  # 23:00
    move_meeting(
        session, meeting, meeting.starts_at + timedelta(days=1), by="test", side=Side.APPLICANT, now=night
    )
    due = session.execute(
        select(OutboxMessage.recipient, OutboxMessage.due_at).where(
            OutboxMessage.template == "scheduling/moved"
        )
    )
    morning = night + timedelta(hours=9)
    assert dict(tuple(row) for row in due) == {
        f"person:{engagement.recipient_id}": night,
        f"person:{engagement.supporters[0].supporter.person_id}": morning,
    }


def test_the_organizer_is_the_office_of_the_settings_that_were_given(session, settings):
    engagement = make_engagement(session)
    offer = offer_slots(session, engagement, now=NOW)
    choose_slot(session, offer, offer.slots[0], by="test", now=NOW)
    row = session.scalar(select(OutboxMessage).where(OutboxMessage.template == "scheduling/booked").limit(1))
    mail = _mail(session, row, settings.model_copy(update={"mail_from": "madoguchi@example.org"}))
    calendar = next(mail.iter_attachments()).get_content()
    assert "madoguchi@example.org" in (calendar if isinstance(calendar, str) else calendar.decode())
