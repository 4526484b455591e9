"""The table of rules, walked: each has its words, and no hour stands elsewhere. What falls: ``test_reminders_fall``."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from mentorlink.core.outbox import OPEN, OutboxMessage
from mentorlink.core.reminder_rules import PLANNED_AHEAD, RULES, Anchor
from mentorlink.engagements.models import Side
from mentorlink.home.message_words import MESSAGE_WORDS
from mentorlink.jobs.post import CONTEXTS
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from mentorlink.scheduling.services import move_meeting
from tests.factories import NOW, make_meeting

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


@pytest.fixture
def meeting(session):
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    assert open_templates(session) == TALK
    return meeting


def test_nothing_of_a_moved_talk_remains_at_its_old_hour(session, meeting):
    old = {each.due_at for each in session.scalars(select(OutboxMessage))}
    move_meeting(session, meeting, meeting.starts_at + timedelta(days=3), side=Side.OFFICE, **WHO)
    query = select(OutboxMessage.due_at).where(
        OutboxMessage.state.in_(OPEN), OutboxMessage.template.in_(TALK)
    )
    assert set(session.scalars(query)).isdisjoint(old)
