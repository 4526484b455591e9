"""打診: asking in order, every answer, every refusal."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm.exc import StaleDataError

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import mark_matched
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.links import Link
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, Invitation, InvitationState, Proposal, ProposalState
from mentorlink.people.models import ContactChannel, Receiving
from mentorlink.scheduling.models import SlotOffer
from tests.conftest import NOW
from tests.factories import make_application, make_person, make_programme, make_supporter

BY = "user:1"
A_DAY = timedelta(days=1)


@pytest.fixture
def application(session):
    return make_application(session)


def propose(session, application, *supporters, now=NOW):
    ids = [supporter.id for supporter in supporters]
    return services.approve_proposal(session, application, ids, by=BY, now=now)


def states(proposal):
    return [invitation.state.value for invitation in proposal.invitations]


def messages(session, template):
    return list(
        session.scalars(select(OutboxMessage).where(OutboxMessage.template == f"matching/{template}"))
    )


def test_approving_a_list_asks_only_the_first(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    assert states(proposal) == ["asked", "listed"]
    assert application.state is ApplicationState.MATCHING


def test_the_list_keeps_the_order_that_was_approved(session, application):
    first, second = make_supporter(session), make_supporter(session)
    proposal = propose(session, application, second, first)
    assert [each.supporter_id for each in proposal.invitations] == [second.id, first.id]


def test_a_deadline_counts_business_hours_within_the_day(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    # 33 hours of 11-hour days from Wednesday 10:00: Thursday, Friday, Monday 30th at 10:00 in Tokyo
    assert invitation.deadline_at.isoformat() == "2026-11-30T01:00:00+00:00"


def test_the_asked_one_gets_a_mail_with_an_entry_link(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    mail = messages(session, "invitation")[0]
    link = session.get(Link, mail.params["link_id"])
    assert (link.purpose, link.opens) == ("invitation", f"invitation:{invitation.id}")
    assert mail.not_after == invitation.deadline_at


def test_the_reminder_is_planned_once_for_the_day_before(session, application):
    propose(session, application, make_supporter(session))
    (reminder,) = messages(session, "invitation_reminder")
    assert reminder.due_at.isoformat() == "2026-11-29T08:00:00+00:00"


def test_somebody_without_mail_becomes_a_call_task(session, application):
    person = make_person(session, contact_channel=ContactChannel.PHONE, email=None, phone="+819012345678")
    propose(session, application, make_supporter(session, person=person))
    assert messages(session, "invitation")[0].channel is Channel.CALL


@pytest.mark.parametrize(
    ("ids", "code"), [([], "nobody_chosen"), ([1, 1], "chosen_twice"), ([999], "cannot_be_asked")]
)
def test_a_bad_list_is_refused(session, application, ids, code):
    with pytest.raises(RuleViolation, match=code):
        services.approve_proposal(session, application, ids, by=BY, now=NOW)


def test_somebody_with_an_obstacle_is_not_asked(session, application):
    paused = make_supporter(session, receiving=Receiving.PAUSED)
    with pytest.raises(RuleViolation, match="cannot_be_asked"):
        propose(session, application, paused)


def test_a_second_open_proposal_is_refused(session, application):
    propose(session, application, make_supporter(session))
    with pytest.raises(Conflict, match="proposal_open"):
        propose(session, application, make_supporter(session))


def test_selection_comes_before_asking(session):
    application = make_application(session, programme=make_programme(session, has_selection=True))
    with pytest.raises(RuleViolation, match="selection_first"):
        propose(session, application, make_supporter(session))


def test_accepting_opens_the_engagement_and_offers_hours(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    engagement = services.accept_invitation(session, proposal.invitations[0], by=BY, now=NOW)
    assert (proposal.state, states(proposal)) == (ProposalState.FILLED, ["accepted", "withdrawn"])
    assert application.state is ApplicationState.MATCHED
    assert engagement.supporter_ids() == [proposal.invitations[0].supporter_id]
    assert session.scalar(select(SlotOffer.engagement_id)) == engagement.id


def test_accepting_cancels_the_reminder(session, application):
    proposal = propose(session, application, make_supporter(session))
    services.accept_invitation(session, proposal.invitations[0], by=BY, now=NOW)
    session.expire_all()
    assert messages(session, "invitation_reminder")[0].state is MessageState.CANCELLED


def test_a_team_of_two_is_complete_with_the_second(session):
    programme = make_programme(session, team_min=2, team_max=3)
    application = make_application(session, programme=programme)
    proposal = propose(session, application, *[make_supporter(session) for _ in range(3)])
    assert states(proposal) == ["asked", "asked", "listed"]
    assert services.accept_invitation(session, proposal.invitations[0], by=BY, now=NOW) is None
    engagement = services.accept_invitation(session, proposal.invitations[1], by=BY, now=NOW)
    assert len(engagement.supporter_ids()) == 2


def test_an_exhausted_list_keeps_whom_it_found(session):
    programme = make_programme(session, team_min=2, team_max=2)
    application = make_application(session, programme=programme)
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    services.accept_invitation(session, proposal.invitations[0], by=BY, now=NOW)
    services.decline_invitation(session, proposal.invitations[1], DeclineReason.BUSY, by=BY, now=NOW)
    again = propose(session, application, make_supporter(session))
    engagement = services.accept_invitation(session, again.invitations[0], by=BY, now=NOW)
    assert len(engagement.supporter_ids()) == 2


def test_declining_asks_the_next(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.HEALTH, by=BY, now=NOW)
    assert states(proposal) == ["declined", "asked"]
    assert proposal.invitations[0].decline_reason is DeclineReason.HEALTH


def test_the_last_decline_brings_the_application_back_to_the_desk(session, application):
    proposal = propose(session, application, make_supporter(session))
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.BUSY, by=BY, now=NOW)
    assert (proposal.state, application.state) == (ProposalState.EXHAUSTED, ApplicationState.CHECKING)


def test_whoever_declined_is_not_asked_again_for_the_same(session, application):
    supporter = make_supporter(session)
    proposal = propose(session, application, supporter)
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.BUSY, by=BY, now=NOW)
    with pytest.raises(RuleViolation, match="cannot_be_asked"):
        propose(session, application, supporter)


def test_declining_may_pause_until_a_date(session, application):
    proposal = propose(session, application, make_supporter(session))
    services.decline_invitation(
        session, proposal.invitations[0], DeclineReason.BUSY, pause_until=date(2026, 12, 31), by=BY, now=NOW
    )
    supporter = proposal.invitations[0].supporter
    assert (supporter.receiving, supporter.paused_until) == (Receiving.PAUSED, date(2026, 12, 31))


def test_a_pause_into_the_past_is_refused(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    with pytest.raises(RuleViolation, match="pause_in_past"):
        services.decline_invitation(
            session, invitation, DeclineReason.BUSY, pause_until=date(2026, 11, 24), by=BY, now=NOW
        )


def test_who_paused_meanwhile_is_left_in_peace(session, application):
    supporters = [make_supporter(session) for _ in range(3)]
    proposal = propose(session, application, *supporters)
    supporters[1].receiving = Receiving.PAUSED
    services.decline_invitation(session, proposal.invitations[0], DeclineReason.BUSY, by=BY, now=NOW)
    assert states(proposal) == ["declined", "withdrawn", "asked"]


def test_wanting_to_talk_stops_the_deadline_and_makes_a_call_task(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    services.want_talk(session, invitation, by=BY, now=NOW)
    services.want_talk(session, invitation, by=BY, now=NOW)
    assert (invitation.state, invitation.deadline_at) == (InvitationState.TALK_WANTED, None)
    (task,) = messages(session, "talk_wanted")
    assert (task.channel, task.recipient) == (Channel.CALL, "office")
    assert services.expire_invitations(session, NOW + 30 * A_DAY) == 0


def test_after_the_talk_a_whole_new_deadline_runs(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    services.want_talk(session, invitation, by=BY, now=NOW)
    services.resume_after_talk(session, invitation, by=BY, now=NOW + A_DAY)
    assert invitation.deadline_at.isoformat() == "2026-12-01T01:00:00+00:00"
    assert len(messages(session, "invitation")) == 2
    session.expire_all()
    assert messages(session, "talk_wanted")[0].state is MessageState.CANCELLED


def test_resuming_what_was_not_stopped_is_refused(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    with pytest.raises(Conflict, match="invitation_closed"):
        services.resume_after_talk(session, invitation, by=BY, now=NOW)


def test_who_wanted_to_talk_may_still_accept(session, application):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    services.want_talk(session, invitation, by=BY, now=NOW)
    assert services.accept_invitation(session, invitation, by=BY, now=NOW) is not None


def test_an_unanswered_invitation_expires_and_the_next_is_asked(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    deadline = proposal.invitations[0].deadline_at
    assert services.expire_invitations(session, deadline - timedelta(minutes=1)) == 0
    assert services.expire_invitations(session, deadline) == 1
    assert states(proposal) == ["expired", "asked"]
    assert services.expire_invitations(session, deadline) == 0


@pytest.mark.parametrize("answer", ["accept", "decline", "talk"])
def test_no_answer_is_taken_after_the_deadline(session, application, answer):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    with pytest.raises(Conflict, match="invitation_closed"):
        give(session, invitation, answer, now=invitation.deadline_at)


@pytest.mark.parametrize("first", ["accept", "decline"])
@pytest.mark.parametrize("second", ["accept", "decline", "talk"])
def test_a_second_answer_is_refused(session, application, first, second):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    give(session, invitation, first)
    with pytest.raises(Conflict, match="invitation_closed"):
        give(session, invitation, second)


@pytest.mark.parametrize("answer", ["accept", "decline", "talk"])
def test_who_was_not_asked_yet_cannot_answer(session, application, answer):
    waiting = propose(session, application, make_supporter(session), make_supporter(session)).invitations[1]
    with pytest.raises(Conflict, match="invitation_closed"):
        give(session, waiting, answer)


@pytest.mark.parametrize("answer", ["accept", "decline", "talk"])
def test_no_answer_for_an_application_that_was_withdrawn(session, application, answer):
    invitation = propose(session, application, make_supporter(session)).invitations[0]
    application.state = ApplicationState.WITHDRAWN
    session.flush()
    with pytest.raises(Conflict, match="invitation_closed"):
        give(session, invitation, answer)


def give(session, invitation, answer, *, now=NOW):
    if answer == "accept":
        services.accept_invitation(session, invitation, by=BY, now=now)
    elif answer == "decline":
        services.decline_invitation(session, invitation, DeclineReason.BUSY, by=BY, now=now)
    else:
        services.want_talk(session, invitation, by=BY, now=now)


def test_what_is_asked_for_nobody_is_taken_back_with_thanks(session, application):
    proposal = propose(session, application, make_supporter(session))
    application.state = ApplicationState.WITHDRAWN
    services.expire_invitations(session, NOW)
    assert (proposal.state, states(proposal)) == (ProposalState.WITHDRAWN, ["withdrawn"])
    assert len(messages(session, "invitation_settled")) == 1


def test_the_office_may_go_on_to_the_next(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    services.ask_next(session, proposal, by=BY, now=NOW)
    assert states(proposal) == ["withdrawn", "asked"]


def test_the_office_may_take_a_proposal_back(session, application):
    proposal = propose(session, application, make_supporter(session), make_supporter(session))
    services.withdraw_proposal(session, proposal, by=BY, now=NOW)
    assert (proposal.state, states(proposal)) == (ProposalState.WITHDRAWN, ["withdrawn", "withdrawn"])
    assert propose(session, application, make_supporter(session)).state is ProposalState.OPEN


@pytest.mark.parametrize("verb", [services.ask_next, services.withdraw_proposal])
def test_a_closed_proposal_stays_closed(session, application, verb):
    proposal = propose(session, application, make_supporter(session))
    services.withdraw_proposal(session, proposal, by=BY, now=NOW)
    with pytest.raises(Conflict, match="proposal_closed"):
        verb(session, proposal, by=BY, now=NOW)


def test_the_month_limit_holds_when_asking_and_when_accepting(session, application):
    supporter = make_supporter(session, capacity_month=1)
    invitation = propose(session, application, supporter).invitations[0]
    with pytest.raises(RuleViolation, match="cannot_be_asked"):
        propose(session, make_application(session), supporter)
    supporter.capacity_month = 0
    with pytest.raises(RuleViolation, match="month_full"):
        services.accept_invitation(session, invitation, by=BY, now=NOW)


def test_the_honest_word_is_planned_once_for_the_end_of_five_business_days(session):
    application = make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    assert [services.say_honest_word(session, NOW + days * A_DAY) for days in (0, 1, 8)] == [1, 0, 0]
    assert application.honest_word_at == NOW + 7 * A_DAY
    assert [message.due_at for message in messages(session, "honest_word")] == [NOW + 7 * A_DAY]


def test_whoever_is_found_before_never_hears_the_honest_word(session):
    application = make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    services.say_honest_word(session, NOW)
    mark_matched(session, application, by=BY, now=NOW + A_DAY)
    assert [message.state for message in messages(session, "honest_word")] == [MessageState.CANCELLED]
    assert application.honest_word_at is None  # the search may go on, and then it is planned once more


@pytest.mark.both_databases
def test_of_two_who_accept_the_same_at_once_one_wins(sessions):
    with sessions() as setup:
        proposal = propose(setup, make_application(setup), make_supporter(setup))
        invitation_id = proposal.invitations[0].id
        setup.commit()
    with sessions() as one, sessions() as other:
        with transaction(one):
            services.accept_invitation(one, one.get(Invitation, invitation_id), by=BY, now=NOW)
        with pytest.raises(Conflict), transaction(other):
            services.accept_invitation(other, other.get(Invitation, invitation_id), by=BY, now=NOW)
        assert other.scalar(select(func.count()).select_from(Engagement)) == 1


@pytest.mark.both_databases
def test_two_desks_that_propose_at_once_make_one_proposal(sessions):
    with sessions() as setup:
        application = make_application(setup)
        supporters = [make_supporter(setup).id, make_supporter(setup).id]
        application_id = application.id
        setup.commit()
    with sessions() as one, sessions() as other:
        with transaction(one):
            services.approve_proposal(
                one, one.get(Application, application_id), supporters[:1], by=BY, now=NOW
            )
        with pytest.raises(Conflict), transaction(other):
            services.approve_proposal(
                other, other.get(Application, application_id), supporters[1:], by=BY, now=NOW
            )
        assert other.scalar(select(func.count()).select_from(Proposal)) == 1


@pytest.mark.both_databases
def test_of_eight_threads_that_accept_at_once_one_wins(sessions):
    with sessions() as setup:
        invitation_id = propose(setup, make_application(setup), make_supporter(setup)).invitations[0].id
        setup.commit()

    def accept(_number):
        with sessions() as session:
            try:
                with transaction(session):
                    services.accept_invitation(
                        session, session.get(Invitation, invitation_id), by=BY, now=NOW
                    )
            except (Conflict, StaleDataError):
                return "conflict"
            return "accepted"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(accept, range(8)))
    assert sorted(answers) == ["accepted", *["conflict"] * 7]


@pytest.mark.both_databases
def test_one_place_and_two_who_accept_at_once_make_one_engagement(sessions):
    """Two are asked for two places; one place is then filled by both at the same moment."""
    with sessions() as setup:
        application = make_application(setup, programme=make_programme(setup, team_min=2, team_max=2))
        proposal = propose(setup, application, make_supporter(setup), make_supporter(setup))
        ids = [invitation.id for invitation in proposal.invitations]
        proposal.places_left = 1
        setup.commit()

    def accept(invitation_id):
        with sessions() as session:
            try:
                with transaction(session):
                    services.accept_invitation(
                        session, session.get(Invitation, invitation_id), by=BY, now=NOW
                    )
            except (Conflict, StaleDataError):
                return "conflict"
            return "accepted"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(accept, ids)) == ["accepted", "conflict"]
