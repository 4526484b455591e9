"""Both clocks stand there where they differ: on the page of a talk, on the hours to choose, and in mails."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.dates import hours_elsewhere
from mentorlink.core.mailer import Letter, Recipient, render_call, render_line, render_words
from mentorlink.core.outbox import OutboxMessage
from mentorlink.scheduling.models import MeetingWay
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.services import book_meeting
from mentorlink.scheduling.shown import format_hours, option
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_supporter

TOKYO, NEW_YORK, LONDON = "Asia/Tokyo", "America/New_York", "Europe/London"
START = NOW.replace(day=30, hour=10)  # 19:00 in Tokyo, 5:00 in New York, 10:00 in London
HOUR = timedelta(hours=1)


def half_year(session, *, recipient=TOKYO, supporter=TOKYO, safe_contact=False):
    person = make_person(session, zone=recipient, safe_contact=safe_contact)
    mentor = make_supporter(session)
    mentor.person.zone = supporter
    application = make_application(session, person=person, state="matched")
    return make_engagement(session, application=application, supporters=[mentor])


def test_an_applicant_abroad_reads_their_hour_and_japans(session, as_applicant):
    meeting = make_meeting(session, engagement=half_year(session, recipient=NEW_YORK))
    page = as_applicant(meeting.engagement.application).get(f"/meetings/{meeting.id}").text
    assert "2026年11月30日（月）5:00〜6:00（ニューヨークの時間。日本では19:00〜20:00）" in page
    assert "お相手の時計" not in page


@pytest.mark.parametrize(("recipient", "said"), [(NEW_YORK, "5:00〜6:00"), (LONDON, "10:00〜11:00")])
def test_a_supporter_reads_the_hour_of_an_applicant_abroad(session, as_supporter, recipient, said):
    meeting = make_meeting(session, engagement=half_year(session, recipient=recipient))
    browser = as_supporter(meeting.engagement.supporters[0].supporter)
    assert f"お相手の時計では{said}" in browser.get(f"/meetings/{meeting.id}").text


def test_a_clock_does_not_tell_where_somebody_is_who_must_not_be_found(session, as_supporter):
    engagement = half_year(session, recipient=NEW_YORK, safe_contact=True)
    meeting = make_meeting(session, engagement=engagement)
    browser = as_supporter(engagement.supporters[0].supporter)
    assert "お相手の時計" not in browser.get(f"/meetings/{meeting.id}").text


def test_where_all_clocks_agree_one_is_shown(session, as_supporter):
    meeting = make_meeting(session, engagement=half_year(session))
    browser = as_supporter(meeting.engagement.supporters[0].supporter)
    page = browser.get(f"/meetings/{meeting.id}").text
    assert ("お相手の時計" in page, "日本では" in page) == (False, False)


@pytest.mark.parametrize(("zone", "note"), [(NEW_YORK, "日本では19:00〜20:00"), (TOKYO, None)])
def test_an_hour_to_choose_says_japans_too(app, zone, note):
    with app.test_request_context():
        assert option(1, START, HOUR, zone)["note"] == note


def test_an_hour_of_a_list_says_japans_too(app):
    with app.test_request_context():
        assert format_hours(START, HOUR, NEW_YORK) == "11月30日（月）5:00〜6:00（日本では19:00〜20:00）"


def test_another_day_is_named():
    assert (
        hours_elsewhere(START - 8 * HOUR, START - 7 * HOUR, TOKYO, NEW_YORK) == "11月29日（日）21:00〜22:00"
    )


WAYS = {"mail": lambda *given: render_words(*given).text, "line": render_line, "call": render_call}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("template", ["booked", "tomorrow", "in_an_hour"])
def test_every_message_about_the_hour_says_both(session, settings, way, template):
    engagement = half_year(session, recipient=NEW_YORK)
    words = said(session, settings, engagement, engagement.recipient, template, way)
    if (template, way) == ("booked", "line"):  # LINE says that there is a day, and where to read it
        assert "5:00" not in words
    else:
        assert "日本では19:00" in words
        assert "5:00" in words


@pytest.mark.parametrize("way", ["mail", "call"])
@pytest.mark.parametrize("template", ["booked", "tomorrow"])
@pytest.mark.parametrize(("safe_contact", "hours"), [(False, ["5:00〜6:00"]), (True, [])])
def test_a_supporter_hears_the_hour_of_an_applicant_abroad(  # noqa: PLR0917
    session, settings, way, template, safe_contact, hours
):
    engagement = half_year(session, recipient=NEW_YORK, safe_contact=safe_contact)
    mentor = engagement.supporters[0].supporter.person
    words = said(session, settings, engagement, mentor, template, way)
    assert re.findall(r"お相手の時計では(\S+)", words) == hours


def said(session, settings, engagement, person, template, way):  # noqa: PLR0917
    book_meeting(session, engagement, START + timedelta(days=2), way=MeetingWay.ONLINE, by="test", now=NOW)
    key = f"scheduling/{template}"
    row = session.scalars(
        select(OutboxMessage).filter_by(recipient=f"person:{person.id}", template=key)
    ).one()
    letter = Letter(row.id, row.queued_at, row.template, row.locale)
    context = CONTEXTS[key](session, row)
    return WAYS[way](letter, Recipient("a@example.org", "あおい", row.locale), context, settings)
