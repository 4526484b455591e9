"""A change of supporter goes the way of every search: a list, an invitation, an acceptance."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import Link, LinkKind, issue_link
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import EngagementState, HandoverState, Side
from mentorlink.engagements.services import ask_handover, choose_handover, open_handover
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, InvitationState
from mentorlink.matching.policies import story_for
from mentorlink.matching.queries import rank_candidates
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay, Occupancy, SlotOffer
from mentorlink.scheduling.services import book_meeting
from tests.factories import (
    NOW,
    make_application,
    make_engagement,
    make_meeting,
    make_programme,
    make_supporter,
)

BY = {"by": "user:1", "now": NOW}
NOTHING = {"talks": False, "thread": False, "evidence": False}


@pytest.fixture
def engagement(session):
    """A half-year that was found through a list of two, of whom the first declined; selection was before it."""
    application = make_application(
        session, programme=make_programme(session, has_selection=True), state="selected"
    )
    declined, found = make_supporter(session), make_supporter(session)
    proposal = services.approve_proposal(
        session, application, [declined.id, found.id], by="user:1", now=NOW - timedelta(days=60)
    )
    first, second = proposal.invitations
    services.decline_invitation(session, first, DeclineReason.BUSY, by="user:1", now=NOW - timedelta(days=60))
    return services.accept_invitation(session, second, by="user:1", now=NOW - timedelta(days=60))


def wish(session, engagement, **chosen):
    handover = ask_handover(session, engagement, Side.APPLICANT, **BY)
    choose_handover(session, handover, **(NOTHING | chosen), **BY)
    return handover


def propose(session, engagement, *supporters):
    ids = [supporter.id for supporter in supporters]
    return services.approve_proposal(session, engagement.application, ids, **BY)


def accept(session, proposal):
    return services.accept_invitation(session, proposal.invitations[0], **BY)


@pytest.mark.both_databases
def test_the_old_supporter_stays_until_the_new_one_accepts(session, engagement):
    (old_id,), new = engagement.supporter_ids(), make_supporter(session)
    handover = wish(session, engagement, thread=True)
    proposal = propose(session, engagement, new)
    assert engagement.supporter_ids() == [old_id]
    assert accept(session, proposal).id == engagement.id
    assert (engagement.supporter_ids(), handover.state) == ([new.id], HandoverState.DONE)
    assert engagement.application.state is ApplicationState.MATCHED
    assert (
        session.scalars(select(SlotOffer.engagement_id).order_by(SlotOffer.id.desc())).first()
        == engagement.id
    )


def test_nobody_is_asked_before_the_mentee_has_chosen(session, engagement):
    ask_handover(session, engagement, Side.SUPPORTER, **BY)
    with pytest.raises(RuleViolation, match="handover_open"):
        propose(session, engagement, make_supporter(session))


def test_the_present_one_is_not_asked_again_and_whoever_declined_then_may_be(session, engagement):
    before = {
        each.supporter.id: each.asked for each in rank_candidates(session, engagement.application, now=NOW)
    }
    wish(session, engagement)
    after = {
        each.supporter.id: each.asked for each in rank_candidates(session, engagement.application, now=NOW)
    }
    (present,) = engagement.supporter_ids()
    (declined,) = before.keys() - {present}
    assert (before[declined], after[declined]) == (InvitationState.DECLINED, None)
    assert after[present] is InvitationState.ACCEPTED


@pytest.mark.both_databases
def test_a_list_that_comes_to_its_end_can_be_followed_by_another(session, engagement):
    handover = wish(session, engagement)
    proposal = propose(session, engagement, make_supporter(session))
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.HEALTH, **BY)
    assert engagement.application.state is ApplicationState.CHECKING
    accept(session, propose(session, engagement, make_supporter(session)))
    assert handover.state is HandoverState.DONE


@pytest.mark.both_databases
def test_the_talks_to_come_end_with_the_old_supporter_and_their_time_is_free(session, engagement):
    talk = make_meeting(session, engagement=engagement)
    (old,) = [place.supporter for place in engagement.supporters]
    wish(session, engagement)
    accept(session, propose(session, engagement, make_supporter(session)))
    assert session.get(Meeting, talk.id).state is MeetingState.CANCELLED
    taken = select(Occupancy.id).where(Occupancy.source == f"meeting:{talk.id}")
    assert session.scalars(taken).all() == []
    called_off = select(OutboxMessage.recipient).where(OutboxMessage.template == "matching/talks_called_off")
    assert sorted(session.scalars(called_off)) == sorted(
        [f"person:{engagement.recipient_id}", f"person:{old.person_id}"]
    )


def test_the_links_to_earlier_talks_open_nothing_any_more(session, engagement):
    talk = make_meeting(
        session, engagement=engagement, starts_at=NOW - timedelta(days=9), state=MeetingState.RECORDED
    )
    expires_at = NOW + timedelta(days=30)
    link = issue_link(
        session, LinkKind.ENTRY, "meeting", f"meeting:{talk.id}", expires_at=expires_at, now=NOW
    )
    wish(session, engagement)
    accept(session, propose(session, engagement, make_supporter(session)))
    session.expire_all()
    assert session.get(Link, link.id).is_open(NOW) is False


def test_whoever_left_reads_the_story_no_more_by_their_invitation(session, engagement):
    application = engagement.application
    proposals = session.scalars(select(services.proposals.Proposal)).all()
    invitation = proposals[0].invitations[1]
    assert story_for(session, invitation) == application.story
    wish(session, engagement)
    accept(session, propose(session, engagement, make_supporter(session)))
    assert story_for(session, invitation) is None


def test_a_rest_stays_a_rest_and_no_hour_is_offered(session, engagement):
    engagement.state = EngagementState.PAUSED
    offers = session.query(SlotOffer).count()
    wish(session, engagement)
    accept(session, propose(session, engagement, make_supporter(session)))
    assert (engagement.state, session.query(SlotOffer).count()) == (EngagementState.PAUSED, offers)


def test_parting_at_once_leaves_the_recipient_with_the_office_until_the_next_one(session, engagement):
    handover = wish(session, engagement)
    services.part_at_once(session, engagement, **BY)
    assert (engagement.supporter_ids(), handover.state) == ([], HandoverState.CHOSEN)
    accept(session, propose(session, engagement, make_supporter(session)))
    assert (len(engagement.supporter_ids()), handover.state) == (1, HandoverState.DONE)


def test_no_talk_is_booked_with_nobody(session, engagement):
    wish(session, engagement)
    services.part_at_once(session, engagement, **BY)
    with pytest.raises(RuleViolation, match="nobody_to_meet"):
        book_meeting(session, engagement, NOW + timedelta(days=3), way=MeetingWay.ONLINE, **BY)


def test_staying_together_releases_whoever_was_asked(session, engagement):
    handover = wish(session, engagement)
    proposal = propose(session, engagement, make_supporter(session))
    services.stay_together(session, handover, **BY)
    assert proposal.invitations[0].state is InvitationState.WITHDRAWN
    assert open_handover(session, engagement) is None
    assert engagement.application.state is ApplicationState.MATCHED


def test_a_team_is_found_anew_as_a_whole(session):
    programme = make_programme(session, team_min=2, team_max=2)
    application = make_application(session, programme=programme, state="matched")
    engagement = make_engagement(
        session, application=application, supporters=[make_supporter(session), make_supporter(session)]
    )
    wish(session, engagement)
    proposal = propose(session, engagement, make_supporter(session), make_supporter(session))
    assert proposal.places_left == 2
    for invitation in list(proposal.invitations):
        services.accept_invitation(session, invitation, **BY)
    assert sorted(engagement.supporter_ids()) == sorted(each.supporter_id for each in proposal.invitations)


def test_who_accepted_before_the_wish_is_no_part_of_the_new_team(session):
    """The first team was found by two lists: of the one that came to its end, somebody had accepted."""
    long_ago = {"by": "user:1", "now": NOW - timedelta(days=60)}
    programme = make_programme(session, team_min=2, team_max=2)
    application = make_application(session, programme=programme)
    for decides in ("accept", "decline"), ("accept",):
        them = [make_supporter(session).id for _ in decides]
        proposal = services.approve_proposal(session, application, them, **long_ago)
        for invitation, answer in zip(list(proposal.invitations), decides, strict=True):
            if answer == "accept":
                engagement = services.accept_invitation(session, invitation, **long_ago)
            else:
                services.decline_invitation(session, invitation, DeclineReason.BUSY, **long_ago)
    before = sorted(engagement.supporter_ids())
    wish(session, engagement)
    proposal = propose(session, engagement, make_supporter(session), make_supporter(session))
    accept(session, proposal)
    assert (proposal.places_left, sorted(engagement.supporter_ids())) == (1, before)


def test_a_no_to_this_same_person_days_ago_does_not_keep_somebody_from_being_the_next(session):
    """It was another question then; only letters for other people tire."""
    then = {"by": "user:1", "now": NOW - timedelta(days=3)}
    application = make_application(session)
    declined, found = make_supporter(session), make_supporter(session)
    first_list = services.approve_proposal(session, application, [declined.id, found.id], **then)
    services.decline_invitation(session, first_list.invitations[0], DeclineReason.BUSY, **then)
    engagement = services.accept_invitation(session, first_list.invitations[1], **then)
    wish(session, engagement)
    proposal = propose(session, engagement, make_supporter(session), declined)
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.HEALTH, **BY)
    assert [each.state.value for each in proposal.invitations] == ["declined", "asked"]


def test_a_long_search_of_months_ago_is_not_apologised_for_again(session, engagement):
    engagement.application.honest_word_at = None
    wish(session, engagement)
    assert services.say_honest_word(session, NOW + timedelta(days=1)) == 1
    assert engagement.application.honest_word_at > NOW + timedelta(days=5)


def test_whoever_is_asked_learns_that_they_would_join_on_the_way(session, engagement, enter):
    wish(session, engagement)
    number = propose(session, engagement, make_supporter(session)).invitations[0].id
    session.commit()
    assert "途中からの伴走です" in enter(scope=("invitation", number)).get(f"/invitations/{number}").text
