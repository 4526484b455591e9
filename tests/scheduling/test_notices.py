"""Every message about an hour can be written, and says nothing that nobody else may learn."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from mentorlink.core.mailer import Letter, Recipient, render_call, write_mail
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement, PauseReason, Side
from mentorlink.people.models import ContactChannel
from mentorlink.scheduling.models import CalendarSource
from mentorlink.scheduling.notices import CONTEXTS, tell_calendar_unread
from mentorlink.scheduling.services import (
    ask_for_call,
    ask_for_hour,
    cancel_meeting,
    choose_slot,
    let_ask_go,
    let_offer_go,
    look_back,
    mark_no_show,
    move_meeting,
    note_silence,
    offer_slots,
    plan_talks,
    record_meeting,
    rest_engagement,
    take_up_engagement,
)
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)

HOURS = [NOW.replace(day=2, month=12, hour=10) + timedelta(weeks=4 * number) for number in range(5)]


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
    late = offer_slots(session, make_engagement(session), now=NOW)
    let_offer_go(session, late.id, late.expires_at)
    _ask_in_vain(session)
    _live_half_a_year(session)
    tell_calendar_unread(session, _silent_calendar(session), now=NOW)
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row, _mail(session, row, settings)) for row in rows if row.template.startswith("scheduling/")]


def _ask_in_vain(session) -> None:
    """A near hour is asked for; nobody answers, and the office looks for one."""
    engagement = make_engagement(session, supporters=[make_supporter(session, windows=[(6, 540, 600)])])
    for week in range(3):
        near = HOURS[0].replace(hour=9) + timedelta(days=week)
        ask = ask_for_hour(session, engagement, near, side=Side.APPLICANT, by="test", now=NOW)
        let_ask_go(session, ask.id, ask.expires_at)


def _silent_calendar(session) -> CalendarSource:
    address, days_ago = "https://calendar.example/secret.ics", NOW - timedelta(days=4)
    supporter_id = make_supporter(session).id
    source = CalendarSource(
        supporter_id=supporter_id,
        address=address,
        added_at=days_ago,
        next_at=NOW,
        failures=9,
        fault="fetch_failed",
    )
    session.add(source)
    session.flush()
    return source


def _live_half_a_year(session) -> Engagement:
    person = make_person(session, display_name="あおい")
    programme = make_programme(session, months=6)
    application = make_application(session, person=person, programme=programme)
    engagement = make_engagement(session, application=application, opened_at=NOW - timedelta(days=40))
    plan_talks(session, engagement, HOURS, by="test", now=NOW, side=Side.APPLICANT)
    look_back(session, engagement.id, NOW)
    note_silence(session, engagement.id, NOW)
    rest_engagement(session, engagement, PauseReason.DISASTER, by="test", now=NOW)
    take_up_engagement(session, engagement, by="test", now=NOW + timedelta(days=30))
    return engagement


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
        "scheduling/resting": "CANCEL",
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


def test_no_subject_carries_the_promise(session, settings):
    engagement = _promised(session)
    look_back(session, engagement.id, NOW)
    for row in _rows(session, "monthly"):
        mail = _mail(session, row, settings)
        assert "大家さん" in mail.get_body(("plain",)).get_content()
        assert "大家さん" not in mail["Subject"]


@pytest.mark.parametrize("safe_contact", [False, True])
def test_the_promise_comes_first_in_the_reminder_unless_contact_must_be_safe(session, settings, safe_contact):
    engagement = _promised(session, safe_contact=safe_contact)
    plan_talks(session, engagement, HOURS[:1], by="test", now=NOW)
    row = next(row for row in _rows(session, "tomorrow") if row.params["side"] == Side.APPLICANT)
    lines = _mail(session, row, settings).get_body(("plain",)).get_content()
    assert ("大家さんに電話する" in lines) is not safe_contact
    if not safe_contact:
        assert lines.index("大家さんに電話する") < lines.index("あすのお話しのご案内です")


def test_a_talk_called_off_before_the_mail_goes_out_is_not_announced(session):
    engagement = _promised(session)
    talks = plan_talks(session, engagement, HOURS, by="test", now=NOW)
    cancel_meeting(session, talks[1], side=Side.APPLICANT, by="test", now=NOW)
    row = _rows(session, "talks_planned")[0]
    assert [start for start, _end in CONTEXTS[row.template](session, row)["talks"]] == [HOURS[0], *HOURS[2:]]


def test_a_plan_that_was_called_off_as_a_whole_is_not_announced_at_all(session):
    engagement = _promised(session)
    for talk in plan_talks(session, engagement, HOURS, by="test", now=NOW):
        cancel_meeting(session, talk, side=Side.APPLICANT, by="test", now=NOW)
    assert {row.state for row in _rows(session, "talks_planned")} == {MessageState.CANCELLED}


def _promised(session, **person) -> Engagement:
    application = make_application(
        session, person=make_person(session, **person), programme=make_programme(session, months=6)
    )
    engagement = make_engagement(session, application=application)
    talk = make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=3), occupies=False)
    lines = {"went_well": "", "difficult": "", "next_promise": "大家さんに電話する"}
    record_meeting(session, talk, **lines, by="test", now=NOW)
    return engagement


def _rows(session, template: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.template == f"scheduling/{template}")
    return list(session.scalars(query.order_by(OutboxMessage.id)))
