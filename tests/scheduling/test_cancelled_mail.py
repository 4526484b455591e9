"""Calling off: the page cannot be misread, and the mail says kindly whose act it was and what comes next."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Side
from mentorlink.scheduling.services import cancel_meeting
from tests.conftest import NOW
from tests.factories import make_meeting
from tests.scheduling.test_notices import _mail

A, S, OFF = Side.APPLICANT, Side.SUPPORTER, Side.OFFICE
OTHER, OFFICE = "お相手のご都合がつかなくなり", "事務局で中止に"
OWN = "ご連絡ありがとうございます"
LOOKS, LATER = "ほかの日を、いま相談者の方がさがしています", "新しい日にちは、まだ決めていません"
NO_NEED = "お待ちいただかなくて大丈夫です"


def mails(session, settings):
    """The two mails, each in text and in HTML."""
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "scheduling/cancelled"))
    found = {}
    for row in rows:
        mail = _mail(session, row, settings)
        parts = [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]
        found[Side(row.params["side"])] = parts
    return found


@pytest.mark.parametrize(
    ("by", "to", "words"),
    [(A, S, OTHER), (S, A, OTHER), (OFF, A, OFFICE), (OFF, S, OFFICE), (A, A, OWN), (S, S, OWN)],
)
def test_the_mail_says_whose_act_it_was(session, settings, by, to, words):
    cancel_meeting(session, make_meeting(session), side=by, by="t", now=NOW)
    assert all(words in part.replace("\n", "") for part in mails(session, settings)[to])


@pytest.mark.parametrize(("again", "words"), [(True, LOOKS), (False, LATER)])
def test_the_mentor_hears_whether_another_day_is_looked_for(session, settings, again, words):
    cancel_meeting(session, make_meeting(session), side=A, by="t", now=NOW, offer_again=again)
    assert all(words in part for part in mails(session, settings)[S])


@pytest.mark.parametrize(("hours", "is_said"), [(1, True), (48, False)])
def test_near_the_start_nobody_is_left_waiting(session, settings, hours, is_said):
    talk = make_meeting(session, starts_at=NOW + timedelta(hours=hours))
    cancel_meeting(session, talk, side=A, by="t", now=NOW)
    assert [NO_NEED in part for part in mails(session, settings)[S]] == [is_said] * 2


def test_a_mail_planned_before_that_was_noted_is_written_all_the_same(session, settings):
    cancel_meeting(session, make_meeting(session), side=A, by="t", now=NOW)
    for row in session.scalars(select(OutboxMessage)):
        row.params = {
            key: row.params[key]
            for key in row.params
            if key in ("meeting_id", "person_id", "link_id", "side")
        }
    session.flush()
    assert all("中止になりました" in part for part in mails(session, settings)[S])


@pytest.mark.parametrize(("minutes", "is_said"), [(26, True), (600, False)])
def test_the_page_offers_the_way_back_plainly_and_near_the_start_the_telephone(
    session, as_applicant, minutes, is_said
):
    talk = make_meeting(session, starts_at=NOW + timedelta(minutes=minutes))
    application = talk.engagement.application
    page = as_applicant(application).get(f"/meetings/{talk.id}/cancellation").get_data(as_text=True)
    assert "中止しないで戻る" in page
    assert "やめて戻る" not in page
    assert ("事務局にもひとことお電話ください" in page) is is_said
