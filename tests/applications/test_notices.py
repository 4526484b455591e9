"""Every message about an application can be written, in both languages, and gives nothing away."""

from dataclasses import replace
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.notices import CONTEXTS, ask_to_review
from mentorlink.applications.services import (
    ask_applicant,
    confirm_contact,
    decide_selection,
    remind_drafts,
    save_answers,
    start_draft,
    submit_application,
    withdraw_application,
)
from mentorlink.core.mailer import Letter, Recipient, render_call, write_mail
from mentorlink.core.outbox import OutboxMessage
from mentorlink.people.models import REQUIRED_CONSENTS, Purpose
from mentorlink.people.services import give_consents
from tests.applications.answers import COMPLETE
from tests.conftest import NOW
from tests.factories import make_programme, make_user

BY = {"by": "test", "now": NOW}
STORY = "もう消えたいです"


def draft_of(session, programme):
    draft = start_draft(session, programme, now=NOW)
    save_answers(session, draft, replace(COMPLETE, story=STORY), now=NOW)
    give_consents(session, draft.person, [*REQUIRED_CONSENTS, Purpose.LATER_CONTACT], now=NOW)
    return draft


@pytest.fixture
def rows(session):
    """Every message that an application can cause."""
    talk, long = make_programme(session), make_programme(session, has_selection=True)
    left = draft_of(session, talk)
    confirm_contact(session, left, now=NOW)
    remind_drafts(session, NOW + timedelta(days=2))
    asked = submit_application(session, draft_of(session, talk), **BY)
    ask_applicant(
        session,
        asked,
        "場所は決まっていますか",
        first_choice="はい",
        second_choice="まだ",
        by_user_id=1,
        **BY,
    )
    withdraw_application(session, submit_application(session, draft_of(session, talk), **BY), **BY)
    for outcome in (ApplicationState.SELECTED, ApplicationState.WAITING, ApplicationState.NOT_SELECTED):
        chosen = submit_application(session, draft_of(session, long), **BY)
        decide_selection(session, chosen, outcome, "計画がよく伝わりました。", by_user_id=1, **BY)
    ask_to_review(session, make_user(session), long, 3, now=NOW)
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def letter_of(row):
    return Letter(row.id, row.queued_at, row.template, row.locale)


def mail_of(session, row, settings, **recipient):
    to = Recipient("somebody@example.org", "はな", row.locale, **recipient)
    context = CONTEXTS[row.template](session, row)
    letter = letter_of(row)
    assert render_call(letter, to, context, settings).strip()
    return message_from_bytes(write_mail(letter, to, context, settings, now=NOW).as_bytes(), policy=default)


def test_every_template_is_written(session, rows, settings):
    assert {row.template for row in rows} == set(CONTEXTS)
    for row in rows:
        text = mail_of(session, row, settings).get_body(("plain",)).get_content()
        assert STORY not in text
        assert "{{" not in text


def test_subjects_are_the_agreed_ones(session, rows, settings):
    subjects = {row.template.partition("/")[2]: mail_of(session, row, settings)["Subject"] for row in rows}

    assert subjects["receipt"].startswith("【受付完了】お申し込みを受け付けました（受付番号 2026-")
    assert (
        subjects["selection_receipt"]
        == "【受付完了】お申し込みを受け付けました（結果は12月16日（水）までに）"
    )
    assert subjects["draft_left"] == "続きから書けます（あと1問です）"
    assert subjects["not_selected"] == "【選考結果】これからのご案内"
    assert not any("はな" in subject for subject in subjects.values())


def test_rows_hold_ids_only(rows):
    assert all(isinstance(value, int) for row in rows for value in row.params.values())


def test_the_receipt_promises_a_day_and_leads_back(session, rows, settings):
    row = next(row for row in rows if row.template == "applications/receipt")
    text = mail_of(session, row, settings).get_body(("plain",)).get_content()

    assert "11月27日（金）" in text
    assert "http://localhost/e/" in text


def test_whoever_is_not_selected_is_led_on_by_three_addresses(session, rows, settings):
    row = next(row for row in rows if row.template == "applications/not_selected")
    mail = mail_of(session, row, settings)
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        assert all(url in text for url in ("http://localhost/apply", "/help#company", "localhost/e/"))
    assert "もう一度相談" in text
    assert "仲間をさがす" in text
    assert "情報をさがす" in text


@pytest.mark.parametrize("name", ["selected", "waiting", "not_selected", "selection_receipt"])
def test_no_word_hurts_who_applied(session, rows, settings, name):
    row = next(row for row in rows if row.template == f"applications/{name}")
    to = Recipient("somebody@example.org", "はな", row.locale)
    spoken = render_call(letter_of(row), to, CONTEXTS[row.template](session, row), settings)
    written = mail_of(session, row, settings).get_body(("plain",)).get_content()
    hurting = ("審査", "却下", "対象外", "ケース", "不採択", "待機", "落選", "残念")
    assert [word for word in hurting if word in spoken + written] == []


def test_the_receipt_of_a_selection_keeps_the_day_that_the_run_names(session, rows, settings):
    row = next(row for row in rows if row.template == "applications/selection_receipt")
    session.get(Application, row.params["application_id"]).programme.result_on = date(2027, 1, 20)
    assert mail_of(session, row, settings)["Subject"].endswith("（結果は1月20日（水）までに）")


def test_a_question_stays_out_of_a_safe_mail(session, rows, settings):
    row = next(row for row in rows if row.template == "applications/question")

    safe = mail_of(session, row, settings, safe_contact=True).get_body(("plain",)).get_content()

    assert "場所は決まっていますか" not in safe
    assert "場所は決まっていますか" in mail_of(session, row, settings).get_body(("plain",)).get_content()
