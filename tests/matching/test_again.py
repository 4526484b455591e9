"""Declines and silences come back into the next round, with what was before counted: through the services alone."""

from datetime import timedelta

import pytest

from mentorlink.applications.models import ApplicationState
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, InvitationState
from mentorlink.matching.round_page import round_page
from mentorlink.matching.round_queries import hour_of
from mentorlink.matching.rounds import approve_pairs, facts_of, prepare_round
from mentorlink.scheduling.models import Occupancy
from tests.conftest import NOW
from tests.factories import make_application, make_programme, make_supporter

BY = "user:1"
LATER = NOW + timedelta(days=6)  # the deadline of 33 business hours is over
pytestmark = pytest.mark.both_databases


@pytest.fixture
def programme(session):
    return make_programme(session)


@pytest.fixture
def application(session, programme):
    return searching(session, programme)


def searching(session, programme):
    begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
    return make_application(session, programme=programme, submitted_at=NOW - timedelta(days=4), **begun)


def prepared(session, programme, now):
    return prepare_round(session, programme, {}, (), now=now, by=BY)


def sent(session, programme, now=NOW):
    """A round in which everybody is asked. Returns it and the invitations."""
    run = prepared(session, programme, now)
    asked, late = approve_pairs(session, run, [pair[0] for pair in run.pairs], by=BY, now=now)
    assert late == []
    return run, [proposal.invitations[0] for proposal in asked]


def decline(session, invitation, now):
    services.decline_invitation(session, invitation, DeclineReason.BUSY, by=BY, now=now)


def expire(session, invitation, now):
    assert services.expire_invitations(session, now) == 1
    session.expire_all()
    assert invitation.state is InvitationState.EXPIRED


@pytest.mark.parametrize("ends", [decline, expire])
def test_whoever_did_not_come_is_not_proposed_again_to_the_same_person(session, programme, application, ends):
    first, second = make_supporter(session), make_supporter(session, skills={"06": 1})
    _run, (invitation,) = sent(session, programme)
    assert invitation.supporter_id == first.id
    ends(session, invitation, LATER if ends is expire else NOW)
    run = prepared(session, programme, LATER)
    assert [pair[:2] for pair in run.pairs] == [[application.id, second.id]]


@pytest.mark.parametrize("ends", [decline, expire])
def test_the_hour_that_was_kept_is_free_for_the_next_round(session, programme, application, ends):
    make_supporter(session)
    run, (invitation,) = sent(session, programme)
    assert session.query(Occupancy).count() == 2
    ends(session, invitation, LATER if ends is expire else NOW)
    assert session.query(Occupancy).count() == 0
    other = searching(session, programme)
    again = prepared(session, programme, NOW)
    assert [(pair[0], hour_of(pair[4])) for pair in again.pairs] == [(other.id, hour_of(run.pairs[0][4]))]


def test_waiting_days_count_from_the_day_it_was_sent_in(session, programme, application):
    make_supporter(session)
    make_supporter(session)
    run, (invitation,) = sent(session, programme)
    decline(session, invitation, NOW + timedelta(days=1))
    again = prepared(session, programme, LATER)
    days = [facts_of(each).applicants[0].waiting_days for each in (run, again)]
    assert days == [4, 10]
    assert again.total - run.total == 6 + 10 * (again.pairs[0][2] - run.pairs[0][2])


def test_who_is_being_asked_and_who_accepted_count_as_load_and_who_declined_does_not(session, programme):
    people = [searching(session, programme) for _ in range(3)]
    supporters = [make_supporter(session, capacity_month=1) for _ in range(3)]
    _run, invitations = sent(session, programme)
    services.accept_invitation(session, invitations[0], by=BY, now=NOW)
    decline(session, invitations[1], NOW)
    loads = {int(each.id): each.load for each in facts_of(prepared(session, programme, NOW)).supporters}
    assert loads == {
        invitations[0].supporter_id: 1,
        invitations[1].supporter_id: 0,
        invitations[2].supporter_id: 1,
    }
    assert len(people) == len(supporters) == len(loads)


def test_the_card_says_how_many_were_asked_and_who_had_a_letter_lately(session, programme, application):
    supporters = [make_supporter(session, capacity_month=1) for _ in range(2)]
    _run, (invitation,) = sent(session, programme)
    decline(session, invitation, NOW)
    other = searching(session, programme)
    run = prepared(session, programme, NOW)
    cards = {each.application.id: each for each in round_page(session, run, page=1, ask=None).cards}
    tired = {cards[each].seats[0].supporter.id: cards[each].seats[0].is_tired for each in cards}
    assert tired == {
        invitation.supporter_id: True,
        ({s.id for s in supporters} - {invitation.supporter_id}).pop(): False,
    }
    assert (cards[application.id].asked_before, cards[other.id].asked_before) == (1, 0)


def test_a_week_later_they_have_rested(session, programme, application):
    make_supporter(session)
    _run, (invitation,) = sent(session, programme)
    decline(session, invitation, NOW)
    searching(session, programme)
    run = prepared(session, programme, NOW + timedelta(days=8))
    cards = round_page(session, run, page=1, ask=None).cards
    assert [seat.is_tired for each in cards for seat in each.seats] == [False]
