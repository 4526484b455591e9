"""The table of rules, walked: each has its words and a planner, and what cancels its occasion cancels it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.applications.services import discard_draft, start_draft, withdraw_application
from mentorlink.applications.services.intake import remind_drafts
from mentorlink.core.outbox import OPEN, OutboxMessage, cancel_messages_to
from mentorlink.core.reminder_rules import PLANNED_AHEAD, RULES, Anchor
from mentorlink.engagements import services as engagements
from mentorlink.engagements.models import PauseReason, Side
from mentorlink.engagements.services.milestones import milestones_of
from mentorlink.home.message_words import MESSAGE_WORDS
from mentorlink.jobs.post import CONTEXTS
from mentorlink.matching import services as matching
from mentorlink.matching.models import DeclineReason
from mentorlink.matching.services import say_honest_word
from mentorlink.outcomes.services import close_engagement
from mentorlink.people.models import Purpose
from mentorlink.people.services import give_consents
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from mentorlink.scheduling.services import cancel_meeting, look_back, move_meeting, rest_engagement
from mentorlink.surveys.models import Target
from mentorlink.surveys.services import load_surveys, plan_targets, schedule_surveys, submit_response
from tests.engagements.test_milestones import make_half_year
from tests.factories import (
    NOW,
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)
from tests.surveys.test_services import row as survey_row

WHO = {"by": "user:1", "now": NOW}
TALK = {"scheduling/tomorrow", "scheduling/in_an_hour", "scheduling/record_wanted"}
SOURCE = Path(__file__).parents[1] / "mentorlink"
MAY_SET_A_TIME = {
    "core/outbox.py",
    "core/delivery.py",
    "core/reminder_rules.py",
    "people/notices.py",
    "home/tasks.py",
}


def open_templates(session):
    session.flush()
    return set(session.scalars(select(OutboxMessage.template).where(OutboxMessage.state.in_(OPEN))))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.template)
def test_every_rule_has_its_template_its_context_and_a_name(rule):
    folder = SOURCE.parent / "templates" / "mail" / rule.template
    assert (folder / "body.txt").exists()
    assert rule.template in CONTEXTS
    assert rule.template in MESSAGE_WORDS
    assert (rule.anchor is Anchor.ACT) != (rule in PLANNED_AHEAD)


def test_every_message_that_can_be_sent_has_its_rule():
    assert set(CONTEXTS) - set(RULES) == set()


def test_no_slice_keeps_an_hour_of_its_own():
    """Nothing but the table's own ways hands an hour to the outbox."""
    files = {str(path.relative_to(SOURCE)): path.read_text() for path in SOURCE.rglob("*.py")}
    telling = re.compile(
        r"\b(?:tell|plan_message|message_to|Planned)\((?:[^()]|\([^()]*\))*\bdue_at=(?!now\b)"
    )
    found = {name for name, text in files.items() if telling.search(text)}
    assert found - MAY_SET_A_TIME == set()


# ---- what cancels its occasion cancels it


@pytest.fixture
def meeting(session):
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    assert open_templates(session) == TALK
    return meeting


def test_nothing_of_a_cancelled_talk_remains(session, meeting):
    cancel_meeting(session, meeting, side=Side.APPLICANT, **WHO)
    assert open_templates(session) & TALK == set()


def test_nothing_of_a_moved_talk_remains_at_its_old_hour(session, meeting):
    old = {each.due_at for each in session.scalars(select(OutboxMessage))}
    move_meeting(session, meeting, meeting.starts_at + timedelta(days=3), side=Side.OFFICE, **WHO)
    query = select(OutboxMessage.due_at).where(
        OutboxMessage.state.in_(OPEN), OutboxMessage.template.in_(TALK)
    )
    assert set(session.scalars(query)).isdisjoint(old)


@pytest.mark.parametrize("ending", ["01", "05", "07"])
def test_nothing_of_a_half_year_that_ends_or_rests_remains(session, ending):
    engagement = make_half_year(session)
    look_back(session, engagement.id, NOW - timedelta(days=5))
    meeting = make_meeting(session, engagement=engagement)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    engagements.plan_step_reminders(session, milestones_of(session, engagement), now=NOW)
    planned = TALK | {"scheduling/monthly", "engagements/step_due_soon"}
    assert open_templates(session) == planned
    close_engagement(session, engagement, ending, side=Side.OFFICE, **WHO)
    assert open_templates(session) & planned == set()


def test_nothing_of_a_rest_remains(session):
    engagement = make_half_year(session)
    engagements.plan_step_reminders(session, milestones_of(session, engagement), now=NOW)
    rest_engagement(session, engagement, PauseReason.OTHER, **WHO)
    assert open_templates(session) == {"scheduling/resting"}


def test_nothing_of_an_answered_invitation_remains(session):
    application = make_application(session, state=ApplicationState.CHECKING)
    supporter = make_supporter(session)
    proposal = matching.approve_proposal(session, application, [supporter.id], **WHO)
    assert {"matching/invitation", "matching/invitation_reminder"} <= open_templates(session)
    matching.decline_invitation(session, proposal.invitations[0], DeclineReason.BUSY, **WHO)
    assert open_templates(session) & {"matching/invitation", "matching/invitation_reminder"} == set()


def test_nothing_of_a_withdrawn_application_remains_but_the_word_about_it(session):
    application = make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    say_honest_word(session, NOW)
    assert open_templates(session) == {"matching/honest_word"}
    withdraw_application(session, application, **WHO)
    assert open_templates(session) == {"applications/withdrawn"}


def test_nothing_of_a_discarded_draft_remains(session):
    person = make_person(session)
    give_consents(session, person, [Purpose.LATER_CONTACT], now=NOW)
    draft = start_draft(session, make_programme(session), person=person, now=NOW)
    remind_drafts(session, NOW)
    assert open_templates(session) == {"applications/draft_left"}
    discard_draft(session, draft, now=NOW)
    assert open_templates(session) == set()


def test_nothing_of_an_answered_survey_remains(session):
    engagement = make_engagement(session)
    meeting = make_meeting(session, engagement=engagement, starts_at=NOW, state=MeetingState.RECORDED)
    load_surveys(session)
    schedule_surveys(session, engagement.programme, [survey_row()])
    plan_targets(session, meeting.ends_at)
    assert open_templates(session) == {"surveys/after_talk", "surveys/reminder"}
    target = session.scalars(select(Target)).one()
    submit_response(session, target, {"satisfaction": "satisfied"}, **WHO)
    assert open_templates(session) == set()


def test_nothing_to_somebody_who_is_erased_remains(session, meeting):
    person = meeting.engagement.recipient
    cancel_messages_to(session, f"person:{person.id}")
    query = select(OutboxMessage.recipient).where(OutboxMessage.state.in_(OPEN))
    assert f"person:{person.id}" not in set(session.scalars(query))
