"""The words of M04, M05, M29 and the others, as the worker writes them."""

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.mailer import Letter, Recipient, render_call, render_words
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.text_input import show_phone
from mentorlink.matching import services
from mentorlink.matching.notices import CONTEXTS
from tests.conftest import NOW
from tests.factories import make_application, make_person, make_supporter

BY = "user:1"
NAME, STORY = "やまもと見本", "空き家をお借りできそうです。"


def written(session, settings, template, *, safe=False, locale="ja"):
    message = session.scalar(select(OutboxMessage).where(OutboxMessage.template == f"matching/{template}"))
    context = CONTEXTS[message.template](session, message)
    letter = Letter(message.id, message.queued_at, message.template, locale)
    recipient = Recipient("見本 はる", "haru@example.org", language=locale, safe_contact=safe)
    return render_words(letter, recipient, context, settings), render_call(
        letter, recipient, context, settings
    )


@pytest.fixture
def invitation(session):
    person = make_person(session, display_name=NAME)
    application = make_application(session, person=person, story=STORY)
    supporters = [make_supporter(session).id]
    return services.approve_proposal(session, application, supporters, by=BY, now=NOW).invitations[0]


def test_the_invitation_says_what_by_when_and_has_three_buttons(session, settings, invitation):
    words, _call = written(session, settings, "invitation")
    assert words.subject == "【ご相談の打診】60分・オンライン／11月30日（月）までにお返事ください"
    for answer in ("accept", "decline", "talk"):
        assert f"?answer={answer}" in words.text
        assert f"?answer={answer}" in words.html
    assert "いちばんの相談「場所・物件」の経験がおありです" in words.text
    assert "11月27日（金） 18:00" in words.text


def test_no_mail_carries_a_name_or_the_story(session, settings, invitation):
    services.want_talk(session, invitation, by=BY, now=NOW)
    services.resume_after_talk(session, invitation, by=BY, now=NOW)
    services.withdraw_proposal(session, invitation.proposal, by=BY, now=NOW)
    for template in ("invitation", "invitation_reminder", "invitation_settled", "talk_wanted"):
        words, call = written(session, settings, template)
        everything = words.subject + words.text + words.html + call
        assert NAME not in everything
        assert STORY not in everything


def test_the_reminder_is_for_tomorrow(session, settings, invitation):
    words, _call = written(session, settings, "invitation_reminder")
    assert words.subject == "【あす締切】ご相談の打診について"
    assert "11月30日（月） 10:00" in words.text


def test_a_safe_contact_gets_a_neutral_subject(session, settings, invitation):
    words, _call = written(session, settings, "invitation", safe=True)
    assert "打診" not in words.subject


def test_the_honest_word_names_two_other_roads(session, settings):
    make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    services.say_honest_word(session, NOW)
    words, call = written(session, settings, "honest_word")
    assert words.subject == "【お知らせ】もう少し時間をください"
    assert "/help" in words.text
    assert show_phone(settings.office_phone) in words.text
    assert "お待たせして" in call


@pytest.mark.parametrize("template", ["invitation", "invitation_reminder"])
def test_the_mails_speak_english_too(session, settings, invitation, template):
    words, _call = written(session, settings, template, locale="en")
    japanese = [character for character in words.subject if "぀" <= character <= "ヿ"]
    assert japanese == []
