"""Mentors are looked after: no chain of invitations, a word after a heavy talk, somebody who calls."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState, Flag, FlagKind
from mentorlink.applications.services import resolve_flag
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, ProposalState
from mentorlink.matching.queries import rank_candidates
from mentorlink.scheduling.models import MeetingRecord, MeetingState
from mentorlink.scheduling.services import record_meeting
from tests.factories import NOW, make_application, make_engagement, make_meeting, make_supporter

BY = "user:1"
A_DAY = timedelta(days=1)


def propose(session, *supporters, now=NOW, application=None):
    application = application or make_application(session)
    ids = [supporter.id for supporter in supporters]
    return services.approve_proposal(session, application, ids, by=BY, now=now)


def decline(session, invitation, now=NOW):
    services.decline_invitation(session, invitation, DeclineReason.BUSY, by=BY, now=now)


def states(proposal):
    return [invitation.state.value for invitation in proposal.invitations]


def asked_elsewhere(session, supporter, now=NOW):
    """Another application's letter that waits for an answer."""
    return propose(session, supporter, now=now).invitations[0]


# ---- no chain of invitations


@pytest.mark.both_databases
def test_whoever_has_a_letter_to_answer_is_not_the_automatic_next(session):
    first, busy, rested = (make_supporter(session) for _ in range(3))
    asked_elsewhere(session, busy)
    proposal = propose(session, first, busy, rested)
    decline(session, proposal.invitations[0])
    assert states(proposal) == ["declined", "withdrawn", "asked"]
    why = select(StateChange.why).where(StateChange.row_id == proposal.invitations[1].id)
    assert session.scalars(why.where(StateChange.concept == "invitation")).all() == ["asked_lately"]


@pytest.mark.both_databases
@pytest.mark.parametrize(("days", "then"), [(0, "withdrawn"), (6, "withdrawn"), (8, "asked")])
def test_whoever_answered_within_a_week_is_left_in_peace(session, days, then):
    first, answered = make_supporter(session), make_supporter(session)
    decline(session, asked_elsewhere(session, answered))
    at = NOW + days * A_DAY
    proposal = propose(session, first, answered, now=at)
    decline(session, proposal.invitations[0], now=at)
    assert states(proposal) == ["declined", then]


def test_a_letter_that_ran_out_counts_like_one_that_was_answered(session):
    first, silent = make_supporter(session), make_supporter(session)
    invitation = asked_elsewhere(session, silent)
    at = invitation.deadline_at + A_DAY
    services.expire_invitations(session, at)
    proposal = propose(session, first, silent, now=at)
    decline(session, proposal.invitations[0], now=at)
    assert states(proposal) == ["declined", "withdrawn"]


def test_a_list_of_tired_ones_comes_back_to_the_desk(session):
    first, busy = make_supporter(session), make_supporter(session)
    asked_elsewhere(session, busy)
    proposal = propose(session, first, busy)
    decline(session, proposal.invitations[0])
    assert (proposal.state, proposal.application.state) == (
        ProposalState.EXHAUSTED,
        ApplicationState.CHECKING,
    )


def test_the_office_may_ask_somebody_lately_asked_with_its_own_eyes(session):
    busy = make_supporter(session)
    asked_elsewhere(session, busy)
    assert states(propose(session, busy)) == ["asked"]


def test_the_lately_asked_stand_behind_the_rested_whatever_their_points(session):
    application = make_application(session, terms={"theme": ["16"]})
    fitting, other = make_supporter(session, skills={"06": 3}), make_supporter(session, skills={"06": 1})
    asked_elsewhere(session, fitting)
    ranked = rank_candidates(session, application, now=NOW)
    assert [(each.supporter.id, each.was_asked_lately) for each in ranked] == [
        (other.id, False),
        (fitting.id, True),
    ]
    assert ranked[0].score < ranked[1].score


def test_the_office_sees_who_was_asked_lately(session, as_office):
    asked_elsewhere(session, make_supporter(session))
    number = make_application(session).id
    session.commit()
    assert "最近お声がけしました" in as_office.get(f"/office/applications/{number}/candidates").text


# ---- after a heavy talk


def heavy(session, *, was_heavy=True, at=NOW):
    engagement = make_engagement(session)
    meeting = make_meeting(
        session, engagement=engagement, starts_at=at - timedelta(hours=3), state=MeetingState.RECORDED
    )
    record = MeetingRecord(
        meeting_id=meeting.id,
        went_well="話せた",
        difficult="…",
        next_promise="",
        was_heavy=was_heavy,
        written_by="user:1",
        written_at=at,
    )
    session.add(record)
    session.flush()
    return engagement


def words(session):
    return session.scalars(select(OutboxMessage).where(OutboxMessage.template == "matching/heavy_talk")).all()


@pytest.mark.both_databases
def test_a_heavy_talk_is_shown_to_the_office_and_followed_by_a_word_next_morning(session):
    engagement = heavy(session)
    assert services.look_after_mentors(session, NOW) == 1
    (mail,) = words(session)
    assert mail.recipient == f"person:{engagement.supporters[0].supporter.person_id}"
    assert mail.due_at.isoformat() == "2026-11-26T00:00:00+00:00"  # 9:00 in Tokyo
    flags = session.scalars(select(Flag)).all()
    assert [(flag.kind, flag.application_id) for flag in flags] == [
        (FlagKind.HEAVY, engagement.application_id)
    ]


@pytest.mark.both_databases
def test_the_record_itself_is_followed_by_the_word(session):
    """It shows the talk to the office at once, which is no word to whoever carried it."""
    meeting = make_meeting(session, starts_at=NOW - timedelta(hours=2))
    lines = dict.fromkeys(("went_well", "difficult", "next_promise"), "はい")
    record_meeting(session, meeting, **lines, was_heavy=True, by="t", now=NOW)
    resolve_flag(session, session.scalars(select(Flag)).one(), by_user_id=1, now=NOW)
    assert services.look_after_mentors(session, NOW) == 1
    assert (len(words(session)), session.query(Flag).count()) == (1, 1)


@pytest.mark.both_databases
def test_the_word_is_said_once_however_often_the_worker_looks(session):
    heavy(session)
    services.look_after_mentors(session, NOW)
    resolve_flag(session, session.scalars(select(Flag)).one(), by_user_id=1, now=NOW)
    assert services.look_after_mentors(session, NOW + A_DAY) == 0
    assert (len(words(session)), session.query(Flag).count()) == (1, 1)


@pytest.mark.parametrize(("was_heavy", "days"), [(False, 0), (True, 4)])
def test_a_light_talk_and_one_of_long_ago_are_left_alone(session, was_heavy, days):
    heavy(session, was_heavy=was_heavy)
    assert services.look_after_mentors(session, NOW + days * A_DAY) == 0
