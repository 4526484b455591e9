"""The words about steps and notes, as the worker writes them: kind, with one button, and nothing that somebody wrote."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.i18n import use_language
from mentorlink.core.links import Link, LinkKind
from mentorlink.core.mailer import Letter, Recipient, render_call, render_words
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements import milestone_notices as notices
from mentorlink.engagements import services
from mentorlink.engagements.milestone_notices import CONTEXTS
from mentorlink.engagements.models import EngagementSupporter
from tests.engagements.test_milestones import handed_in, make_half_year, show
from tests.factories import NOW, make_supporter, make_user

WHO = {"by": "user:1", "now": NOW}


def told(session, template):
    session.flush()
    return session.scalars(select(OutboxMessage).where(OutboxMessage.template == template)).all()


def written(session, settings, template, *, safe=False, locale="ja"):
    message = told(session, template)[0]
    letter = Letter(message.id, message.queued_at, message.template, locale)
    recipient = Recipient("Haru", "haru@example.org", language=locale, safe_contact=safe)
    with use_language(locale):
        context = CONTEXTS[template](session, message)
    return render_words(letter, recipient, context, settings), render_call(
        letter, recipient, context, settings
    )


@pytest.fixture
def told_everything(session):
    """Every mail of this page, once."""
    step = handed_in(session)
    services.check_milestone(session, step, reached=False, words="ひみつの言葉", **WHO)
    services.resume_milestone(session, step, **WHO)
    services.hand_in_milestone(session, step, **WHO)
    services.check_milestone(session, step, reached=True, words=None, **WHO)
    engagement = step.engagement
    services.add_milestone(session, engagement, "ひみつの一歩", NOW.date() + timedelta(days=30), **WHO)
    note = services.write_note(session, engagement, engagement.recipient_id, "ひみつのメモ", now=NOW)
    services.share_note(session, note, **WHO)


SUBJECTS = {
    notices.TO_LOOK_AT: "【お願い】見てほしい一歩があります",
    notices.REACHED: "【お知らせ】一歩、できました",
    notices.ONE_MORE_TURN: "【お知らせ】お相手から言葉が届いています",
    notices.DUE_SOON: "【ご案内】次の一歩の日まで、あと1週間です",
    notices.NOTE_SHARED: "【お知らせ】共有されたメモがあります",
}


@pytest.mark.usefixtures("told_everything")
@pytest.mark.parametrize("template", SUBJECTS)
def test_each_mail_has_one_button_and_no_word_that_somebody_wrote(session, settings, template):
    words, call = written(session, settings, template)
    assert words.subject == SUBJECTS[template]
    assert words.text.count("http://localhost/e/") == 1
    for each in (words.subject, words.text, words.html, call):
        assert "ひみつ" not in each
        assert "三人に聞きました" not in each


@pytest.mark.usefixtures("told_everything")
@pytest.mark.parametrize("template", SUBJECTS)
def test_each_mail_is_whole_in_english(session, settings, template):
    words, _call = written(session, settings, template, locale="en")
    assert not any("ぁ" <= letter <= "ん" for letter in words.subject + words.text)


@pytest.mark.usefixtures("told_everything")
def test_with_safe_contact_the_subject_says_nothing(session, settings):
    words, _call = written(session, settings, notices.REACHED, safe=True)
    assert "一歩" not in words.subject


@pytest.mark.usefixtures("told_everything")
def test_the_links_open_the_step_to_the_mentor_and_the_half_year_to_the_mentee(session):
    found = {
        template: session.get_one(Link, told(session, template)[0].params["link_id"]) for template in SUBJECTS
    }
    assert {link.kind for link in found.values()} == {LinkKind.ENTRY}
    assert {template: link.purpose for template, link in found.items()} == {
        notices.TO_LOOK_AT: "milestone",
        notices.REACHED: "half_year",
        notices.ONE_MORE_TURN: "half_year",
        notices.DUE_SOON: "half_year",
        notices.NOTE_SHARED: "mentoring",
    }


def test_a_mentor_with_an_account_is_led_to_the_step_itself(session, settings):
    engagement = make_half_year(session)
    engagement.supporters[0].supporter.person.user_id = make_user(session).id
    step = services.add_milestone(session, engagement, "会う", NOW.date(), **WHO)
    show(session, step)
    services.hand_in_milestone(session, step, **WHO)
    words, _call = written(session, settings, notices.TO_LOOK_AT)
    assert f"http://localhost/milestones/{step.id}" in words.text


def test_both_of_a_team_are_asked_and_an_earlier_mentor_is_not(session):
    engagement = make_half_year(session)
    engagement.supporters[0].until = NOW
    for _ in range(2):
        place = EngagementSupporter(supporter_id=make_supporter(session).id, since=NOW)
        engagement.supporters.append(place)
    session.flush()
    session.refresh(engagement)
    step = services.add_milestone(session, engagement, "会う", NOW.date(), **WHO)
    show(session, step)
    services.hand_in_milestone(session, step, **WHO)
    wanted = {f"person:{place.supporter.person_id}" for place in engagement.supporters if not place.until}
    assert {row.recipient for row in told(session, notices.TO_LOOK_AT)} == wanted
