"""Requests to answer, one reminder at most, and the office's notice of a worry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core import reminder_rules as rules
from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, LinkKind, Opening, address_of, issue_links, page_address
from mentorlink.core.outbox import OutboxMessage, Planned, cancel_events, plan_messages
from mentorlink.engagements.models import Engagement
from mentorlink.people.notices import Named, reminder_to, tell_office
from mentorlink.scheduling.models import after_meeting
from mentorlink.surveys.models import Anchor, Audience, SurveySchedule, Target
from mentorlink.surveys.queries import application_of

AFTER_TALK = rules.AFTER_TALK.template
HOW_ARE_THINGS = rules.HOW_ARE_THINGS.template
HOW_HAS_IT_GONE = rules.HOW_HAS_IT_GONE.template
REMINDER = rules.SURVEY_REMINDER.template
WORRY = "surveys/worry"
LINK_LIFE = timedelta(days=60)
SAFE_LINK_LIFE = timedelta(days=14)


def ask_to_answer(session: Session, asked: Sequence[tuple[Target, SurveySchedule]], *, now: datetime) -> None:
    """Plan each request for the hour at which its target is due and, where the programme wants it, one reminder.

    In a handful of statements, however many there are.
    """
    openings = [_opening(target, now) for target, _schedule in asked]
    links = issue_links(session, LinkKind.ENTRY, openings, now=now) if openings else []
    messages: list[Planned] = []
    for (target, schedule), link_id in zip(asked, links, strict=True):
        messages += _messages(target, schedule, link_id, now)
    plan_messages(session, messages, now=now)


def _opening(target: Target, now: datetime) -> Opening:
    life = SAFE_LINK_LIFE if target.person.safe_contact else LINK_LIFE
    return Opening("target", f"target:{target.id}", max(target.due_at, now) + life)


def _messages(target: Target, schedule: SurveySchedule, link_id: int, now: datetime) -> list[Planned]:
    def named(event: str) -> Named:
        return Named(event=event, about=_about(target), params={"target_id": target.id, "link_id": link_id})

    rule = rules.RULES[_template(target, schedule)]
    found = reminder_to(target.person, rule, target.due_at, **named(_request(target)), now=now)
    if schedule.remind_after_days is not None:
        again = target.due_at + timedelta(days=schedule.remind_after_days)
        named_again = named(_reminder(target))
        found += reminder_to(target.person, rules.SURVEY_REMINDER, again, **named_again, now=now)
    return found


def call_off(session: Session, target: Target) -> None:
    """Neither the request nor its reminder goes out any more."""
    cancel_events(session, [_request(target), _reminder(target)])


def announce_worry(session: Session, target: Target, *, now: datetime) -> None:
    tell_office(
        session,
        event=f"survey_worry:{target.id}",
        template=WORRY,
        about=f"engagement:{target.engagement_id}",
        params={"target_id": target.id},
        now=now,
    )


def _request(target: Target) -> str:
    return f"survey:{target.id}"


def _reminder(target: Target) -> str:
    return f"survey_reminder:{target.id}"


def _about(target: Target) -> str:
    """What makes it pointless: the talk does not take place, the support ends before it is asked about."""
    return after_meeting(target.meeting_id) if target.meeting_id else f"engagement:{target.engagement_id}"


def _template(target: Target, schedule: SurveySchedule) -> str:
    if target.meeting_id is not None:
        return AFTER_TALK
    is_afterwards = schedule.anchor is Anchor.ENGAGEMENT_END and schedule.after_minutes > 0
    return HOW_HAS_IT_GONE if is_afterwards else HOW_ARE_THINGS


def _show_request(session: Session, message: OutboxMessage) -> dict[str, Any]:
    target = session.get_one(Target, message.params["target_id"])
    application = application_of(session, target)
    is_applicant = target.audience is Audience.APPLICANT
    return {
        "action_url": address_of(session.get_one(Link, message.params["link_id"])),
        "action_label": plain("2分で答える"),
        "receipt_number": application.reference,
        "step": 4 if is_applicant else None,
        "talk_ja": application.programme.talk_ja,
        "talk_en": application.programme.talk_en,
        "months": _months_since(session, target),
    }


def _months_since(session: Session, target: Target) -> int:
    """How long ago the support ended, in whole months; 0 for a survey that is not about afterwards."""
    ended_at = engagement.ended_at if (engagement := session.get(Engagement, target.engagement_id)) else None
    return round((target.due_at - ended_at).days / 30) if ended_at is not None else 0


def _show_worry(session: Session, message: OutboxMessage) -> dict[str, Any]:
    target = session.get_one(Target, message.params["target_id"])
    return {
        "action_url": page_address("office_desk"),
        "action_label": plain("きょうの仕事を開く"),
        "receipt_number": application_of(session, target).reference,
    }


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    AFTER_TALK: _show_request,
    HOW_ARE_THINGS: _show_request,
    HOW_HAS_IT_GONE: _show_request,
    REMINDER: _show_request,
    WORRY: _show_worry,
}
