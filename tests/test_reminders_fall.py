"""Every rule of the table, with every way in which its occasion can go: what waits falls, what was sent stays."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.applications.services import (
    discard_draft,
    refer_application,
    save_answers,
    start_draft,
    submit_application,
    withdraw_application,
)
from mentorlink.applications.services.intake import confirm_contact, remind_drafts
from mentorlink.core import reminder_rules as rules
from mentorlink.core.outbox import MessageState, OutboxMessage, cancel_messages_to
from mentorlink.core.reminder_rules import Whom
from mentorlink.engagements import services as engagements
from mentorlink.engagements.models import EvidenceKind, PauseReason, Side
from mentorlink.engagements.services.milestones import milestones_of
from mentorlink.home.withdrawal import withdraw_everything
from mentorlink.matching import services as matching
from mentorlink.matching.models import DeclineReason
from mentorlink.outcomes.services import close_engagement, take_back_ending
from mentorlink.people.models import REQUIRED_CONSENTS, Purpose, Supporter
from mentorlink.people.services import give_consents
from mentorlink.scheduling import services as scheduling
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from mentorlink.surveys import services as surveys
from mentorlink.surveys.models import Target
from tests.applications.answers import COMPLETE
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
LINES = dict.fromkeys(("went_well", "difficult", "next_promise"), "はい")
ASKED_AS_THE_PROGRAMME_SAYS = {rules.HOW_ARE_THINGS, rules.SURVEY_REMINDER}
STAYS = {rules.DESK: "a working day comes, whatever anybody does"}

Scene = Callable[[Any], Iterator[None]]
WAYS: dict[Scene, tuple[rules.Rule, ...]] = {}


def falls(*told: rules.Rule) -> Callable[[Scene], Scene]:
    """A scene plans messages of these rules, yields, and takes their occasion away."""

    def register(scene: Scene) -> Scene:
        WAYS[scene] = told
        return scene

    return register


def rows_of(session, rule):
    return session.scalars(select(OutboxMessage).filter_by(template=rule.template)).all()


def send_a_copy_of(session, row):
    """One of the same kind, about the same, that has gone out before."""
    names = (
        "template",
        "recipient",
        "channel",
        "locale",
        "params",
        "about",
        "queued_at",
        "due_at",
        "not_after",
    )
    same = {name: getattr(row, name) for name in names}
    sent = OutboxMessage(**same, event=f"{row.event}:before", state=MessageState.SENT, sent_at=NOW)
    session.add(sent)
    session.flush()
    return sent


# ---- a draft


def reminded_draft(session):
    person = make_person(session)
    give_consents(session, person, [Purpose.LATER_CONTACT], now=NOW)
    draft = start_draft(session, make_programme(session), person=person, now=NOW)
    save_answers(session, draft, COMPLETE, now=NOW)
    confirm_contact(session, draft, now=NOW)
    give_consents(session, person, REQUIRED_CONSENTS, now=NOW)
    remind_drafts(session, NOW)
    return draft


@falls(rules.DRAFT_LEFT)
def the_draft_is_thrown_away(session):
    draft = reminded_draft(session)
    yield
    discard_draft(session, draft, now=NOW)


@falls(rules.DRAFT_LEFT)
def the_draft_is_handed_in(session):
    draft = reminded_draft(session)
    yield
    submit_application(session, draft, **WHO)


# ---- an invitation and the search


def asked(session):
    application = make_application(session, state=ApplicationState.CHECKING)
    return matching.approve_proposal(session, application, [make_supporter(session).id], **WHO)


@falls(rules.INVITATION_REMINDER)
def the_invitation_is_declined(session):
    proposal = asked(session)
    yield
    matching.decline_invitation(session, proposal.invitations[0], DeclineReason.BUSY, **WHO)


@falls(rules.INVITATION_REMINDER)
def the_invitation_is_accepted(session):
    proposal = asked(session)
    yield
    matching.accept_invitation(session, proposal.invitations[0], **WHO)


@falls(rules.INVITATION_REMINDER)
def the_office_takes_the_invitation_back(session):
    proposal = asked(session)
    yield
    matching.withdraw_proposal(session, proposal, **WHO)


@falls(rules.INVITATION_REMINDER)
def whoever_is_looked_for_withdraws(session):
    proposal = asked(session)
    yield
    withdraw_everything(session, proposal.application, side=Side.APPLICANT, **WHO)


def searching(session):
    application = make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    matching.say_honest_word(session, NOW)
    return application


@falls(rules.HONEST_WORD)
def the_application_is_withdrawn(session):
    application = searching(session)
    yield
    withdraw_application(session, application, **WHO)


@falls(rules.HONEST_WORD)
def others_help_from_now_on(session):
    application = searching(session)
    yield
    refer_application(session, application, **WHO)


@falls(rules.HONEST_WORD)
def somebody_is_found(session):
    proposal = asked(session)
    matching.say_honest_word(session, NOW)
    yield
    matching.accept_invitation(session, proposal.invitations[0], **WHO)


# ---- a talk

TALK = (rules.TOMORROW, rules.IN_AN_HOUR, rules.RECORD_WANTED)
ITS_QUESTIONS = (rules.AFTER_TALK, rules.SURVEY_REMINDER)


def talk(session):
    """Agreed for in five days, with what is said about it and asked after it."""
    meeting = make_meeting(session)
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    surveys.load_surveys(session)
    surveys.schedule_surveys(session, meeting.engagement.programme, [survey_row()])
    surveys.plan_targets(session, NOW)
    return meeting


@falls(*TALK, *ITS_QUESTIONS)
def the_talk_is_cancelled(session):
    meeting = talk(session)
    yield
    scheduling.cancel_meeting(session, meeting, side=Side.APPLICANT, **WHO)


@falls(*TALK, *ITS_QUESTIONS)
def the_half_year_of_the_talk_rests(session):
    meeting = talk(session)
    yield
    scheduling.rest_engagement(session, meeting.engagement, PauseReason.FAMILY, **WHO)


@falls(*TALK, *ITS_QUESTIONS)
def the_half_year_of_the_talk_ends(session):
    meeting = talk(session)
    yield
    close_engagement(session, meeting.engagement, "06", side=Side.OFFICE, **WHO)


@falls(*TALK, *ITS_QUESTIONS)
def whoever_was_to_talk_withdraws(session):
    meeting = talk(session)
    yield
    withdraw_everything(session, meeting.engagement.application, side=Side.APPLICANT, **WHO)


@falls(rules.RECORD_WANTED, *ITS_QUESTIONS)
def the_two_did_not_meet(session):
    meeting = talk(session)
    yield
    scheduling.mark_no_show(session, meeting, side=Side.APPLICANT, by="t", now=meeting.ends_at)


@falls(rules.RECORD_WANTED)
def the_record_is_written(session):
    meeting = talk(session)
    yield
    scheduling.record_meeting(session, meeting, **LINES, by="t", now=meeting.ends_at)


@falls(*ITS_QUESTIONS)
def the_talk_is_answered_about(session):
    talk(session)
    yield
    target = session.scalars(select(Target)).one()
    surveys.submit_response(session, target, {"satisfaction": "satisfied"}, **WHO)


@falls(rules.HEAVY_TALK)
def whoever_carried_a_heavy_talk_is_erased(session):
    """It stays heavy, whatever becomes of the half-year."""
    meeting = make_meeting(session, starts_at=NOW - timedelta(hours=2), state=MeetingState.HELD)
    scheduling.record_meeting(session, meeting, **LINES, was_heavy=True, **WHO)
    matching.look_after_mentors(session, NOW)
    yield
    cancel_messages_to(session, f"person:{meeting.engagement.supporters[0].supporter.person_id}")


# ---- a half-year

ITS_WAY = (rules.MONTHLY, rules.STEP_DUE_SOON, rules.HOW_ARE_THINGS, rules.SILENCE)


def half_year(session):
    engagement = make_half_year(session, opened_at=NOW - timedelta(days=31))
    scheduling.look_back(session, engagement.id, NOW - timedelta(days=5))
    engagements.plan_step_reminders(session, milestones_of(session, engagement), now=NOW)
    scheduling.note_silence(session, engagement.id, NOW)
    give_consents(session, engagement.recipient, [Purpose.LATER_CONTACT], now=NOW)
    surveys.load_surveys(session)
    on_the_way = survey_row("s3", anchor="engagement_start", after_minutes=60 * 24 * 60)
    afterwards = survey_row("s4", anchor="engagement_end", after_minutes=90 * 24 * 60)
    surveys.schedule_surveys(session, engagement.programme, [on_the_way, afterwards])
    surveys.plan_targets(session, NOW)
    return engagement


@falls(*ITS_WAY)
def the_half_year_rests(session):
    engagement = half_year(session)
    yield
    scheduling.rest_engagement(session, engagement, PauseReason.OTHER, **WHO)


@falls(*ITS_WAY)
def the_half_year_ends(session):
    engagement = half_year(session)
    yield
    close_engagement(session, engagement, "01", side=Side.OFFICE, **WHO)


@falls(*ITS_WAY)
def the_half_year_is_called_off(session):
    engagement = half_year(session)
    yield
    withdraw_everything(session, engagement.application, side=Side.APPLICANT, **WHO)


@falls(rules.STEP_DUE_SOON)
def the_steps_are_left_out(session):
    engagement = half_year(session)
    yield
    for step in milestones_of(session, engagement):
        engagements.skip_milestone(session, step, **WHO)


@falls(rules.STEP_DUE_SOON)
def the_steps_are_handed_in(session):
    engagement = half_year(session)
    yield
    for step in milestones_of(session, engagement):
        engagements.add_evidence(session, step, EvidenceKind.TEXT, text="はい", side=Side.APPLICANT, **WHO)
        engagements.hand_in_milestone(session, step, **WHO)


# ---- the year afterwards

AFTERWARDS = (rules.HOW_HAS_IT_GONE, rules.SURVEY_REMINDER)


def ended(session):
    engagement = make_engagement(session)
    give_consents(session, engagement.recipient, [Purpose.LATER_CONTACT], now=NOW)
    surveys.load_surveys(session)
    afterwards = survey_row("s4", anchor="engagement_end", after_minutes=90 * 24 * 60)
    surveys.schedule_surveys(session, engagement.programme, [afterwards])
    close_engagement(session, engagement, "06", side=Side.OFFICE, **WHO)
    surveys.plan_targets(session, NOW)
    return engagement


@falls(*AFTERWARDS)
def it_goes_on_after_all(session):
    engagement = ended(session)
    yield
    take_back_ending(session, engagement, **WHO)


@falls(*AFTERWARDS)
def the_consent_to_later_contact_is_taken_back(session):
    engagement = ended(session)
    yield
    surveys.stop_asking_later(session, engagement.recipient, **WHO)


@falls(*AFTERWARDS)
def the_question_is_waved_off(session):
    ended(session)
    yield
    surveys.refuse_questions(session, session.scalars(select(Target)).one(), **WHO)


@falls(*AFTERWARDS)
def the_later_question_is_answered(session):
    ended(session)
    yield
    surveys.submit_response(session, session.scalars(select(Target)).one(), {"ending": "06"}, **WHO)


# ---- all of them


@pytest.mark.both_databases
@pytest.mark.parametrize("scene", WAYS, ids=lambda scene: scene.__name__)
def test_what_has_lost_its_occasion_falls_and_what_was_sent_stays(session, scene):
    acts = scene(session)
    next(acts)
    planned = {rule.template: rows_of(session, rule) for rule in WAYS[scene]}
    assert {name for name, rows in planned.items() if not rows} == set()
    waiting = [row for rows in planned.values() for row in rows if row.state is MessageState.PLANNED]
    assert [row for rows in planned.values() for row in rows if row not in waiting] == []
    sent = [send_a_copy_of(session, row) for row in waiting]
    assert next(acts, "done") == "done"
    session.flush()
    session.expire_all()
    assert {row.template for row in waiting if row.state is not MessageState.CANCELLED} == set()
    assert {row.template for row in sent if row.state is not MessageState.SENT} == set()


@pytest.mark.parametrize(
    "scene", [the_talk_is_cancelled, the_half_year_ends, it_goes_on_after_all, somebody_is_found]
)
def test_each_goes_to_whom_the_table_says(session, scene):
    next(scene(session))
    supporters = {f"person:{each}" for each in session.scalars(select(Supporter.person_id))}
    for rule in set(WAYS[scene]) - ASKED_AS_THE_PROGRAMME_SAYS:
        told = {row.recipient for row in rows_of(session, rule)}
        sides = {
            Whom.OFFICE if who == "office" else Whom.SUPPORTER if who in supporters else Whom.APPLICANT
            for who in told
        }
        assert sides == ({Whom.APPLICANT, Whom.SUPPORTER} if rule.whom is Whom.BOTH else {rule.whom}), (
            rule.template
        )


def test_no_rule_is_left_out():
    assert {rule for told in WAYS.values() for rule in told} | set(STAYS) == set(rules.PLANNED_AHEAD)
