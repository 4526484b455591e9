"""A change of supporter: wished for without a reason, with nothing handed over that was not chosen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState, Flag, FlagKind
from mentorlink.core.actor import Actor, Role
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import Link, LinkKind, issue_link
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.core.sessions import WebSession
from mentorlink.engagements import policies, services
from mentorlink.engagements.models import EngagementState, HandoverState, Side
from tests.factories import NOW, make_application, make_engagement, make_supporter

BY = {"by": "user:1", "now": NOW}
LATER = NOW + timedelta(days=30)
NOTHING = {"talks": False, "thread": False, "evidence": False}


@pytest.fixture
def engagement(session):
    return make_engagement(session, opened_at=NOW - timedelta(days=60))


def ask(session, engagement, side=Side.APPLICANT):
    return services.ask_handover(session, engagement, side, **BY)


def choose(session, handover, **chosen):
    services.choose_handover(session, handover, **(NOTHING | chosen), **BY)


def take_over(session, engagement, supporter, now=LATER):
    services.open_engagement(session, engagement.application, [supporter.id], by="user:1", now=now)
    return next(each for each in engagement.supporters if each.supporter_id == supporter.id)


def told(session):
    mails = session.scalars(
        select(OutboxMessage).where(OutboxMessage.template.like("engagements/handover_%"))
    )
    return {(mail.template.rpartition("_")[2], mail.recipient) for mail in mails}


def person(supporter):
    return f"person:{supporter.person_id}"


@pytest.mark.both_databases
def test_wishing_twice_is_one_wish(session, engagement):
    assert ask(session, engagement).id == ask(session, engagement, Side.SUPPORTER).id


def test_a_wish_is_shown_to_the_office_and_changes_nothing_yet(session, engagement):
    ask(session, engagement)
    assert session.scalars(select(Flag.kind)).all() == [FlagKind.CHANGE]
    assert engagement.application.state is ApplicationState.MATCHED
    assert len(engagement.supporter_ids()) == 1


def test_a_wish_of_the_mentee_is_told_to_the_office_alone(session, engagement):
    ask(session, engagement)
    assert told(session) == {("office", "office")}


def test_a_wish_of_the_mentor_is_received_and_the_mentee_is_asked(session, engagement):
    ask(session, engagement, Side.SUPPORTER)
    supporter = engagement.supporters[0].supporter
    recipient = f"person:{engagement.recipient_id}"
    assert told(session) == {("office", "office"), ("asked", recipient), ("received", person(supporter))}


@pytest.mark.parametrize(
    "state", [EngagementState.COMPLETED, EngagementState.FINISHED, EngagementState.STOPPED]
)
def test_what_is_over_has_nobody_to_change(session, state):
    with pytest.raises(RuleViolation, match="engagement_ended"):
        ask(session, make_engagement(session, state=state))


@pytest.mark.both_databases
def test_choosing_brings_the_application_back_to_the_search(session, engagement):
    application = engagement.application
    application.searching_since, application.honest_word_at = (
        NOW - timedelta(days=70),
        NOW - timedelta(days=65),
    )
    handover = ask(session, engagement)
    choose(session, handover, thread=True)
    assert (handover.state, handover.talks, handover.thread, handover.evidence) == (
        HandoverState.CHOSEN,
        False,
        True,
        False,
    )
    assert application.state is ApplicationState.MATCHING
    assert (application.searching_since, application.honest_word_at) == (NOW, None)
    assert len(engagement.supporter_ids()) == 1  # until somebody else has accepted


def test_choosing_again_is_possible_until_somebody_else_begins(session, engagement):
    handover = ask(session, engagement)
    choose(session, handover, thread=True)
    choose(session, handover, talks=True)
    assert (handover.talks, handover.thread) == (True, False)
    take_over(session, engagement, make_supporter(session))
    with pytest.raises(RuleViolation, match="handover_not_chosen"):
        choose(session, handover, thread=True)


@pytest.mark.both_databases
def test_the_new_one_takes_the_place_and_the_old_one_leaves_it(session, engagement):
    old, new = engagement.supporters[0], make_supporter(session)
    handover = ask(session, engagement)
    choose(session, handover, evidence=True)
    place = take_over(session, engagement, new)
    assert (handover.state, handover.done_at) == (HandoverState.DONE, LATER)
    assert (old.until, engagement.supporter_ids()) == (LATER, [new.id])
    assert (place.since, place.sees_talks, place.sees_thread, place.sees_evidence) == (
        LATER,
        False,
        False,
        True,
    )


def test_all_three_hear_of_the_change(session, engagement):
    old, new = engagement.supporters[0].supporter, make_supporter(session)
    choose(session, ask(session, engagement))
    take_over(session, engagement, new)
    assert {
        ("thanks", person(old)),
        ("begun", person(new)),
        ("done", f"person:{engagement.recipient_id}"),
    } <= told(session)


def test_the_half_year_stays_as_it_is(session, engagement):
    engagement.begins_on = (NOW - timedelta(days=50)).date()
    choose(session, ask(session, engagement))
    take_over(session, engagement, make_supporter(session))
    assert (engagement.state, engagement.begins_on) == (
        EngagementState.RUNNING,
        (NOW - timedelta(days=50)).date(),
    )


@pytest.mark.parametrize("what", ["talks", "thread", "evidence"])
def test_a_later_supporter_reads_from_their_own_time_unless_it_was_handed_over(session, engagement, what):
    choose(session, ask(session, engagement), **{what: True})
    place = take_over(session, engagement, make_supporter(session))
    others = {"talks", "thread", "evidence"} - {what}
    assert policies.seen_since(place, what) is None
    assert {policies.seen_since(place, each) for each in others} == {LATER}


def test_the_first_supporter_the_recipient_and_the_office_read_all(session):
    engagement = services.open_engagement(
        session, make_application(session), [make_supporter(session).id], **BY
    )
    place = engagement.supporters[0]
    seats = [
        policies.Seat(engagement, Side.SUPPORTER, place.supporter.person_id),
        policies.Seat(engagement, Side.APPLICANT, engagement.recipient_id),
        policies.Seat(engagement, Side.OFFICE, None),
    ]
    assert [policies.seen_since(each, "thread") for each in [place, *seats]] == [None] * 4


def test_whoever_comes_back_does_not_read_what_was_between(session, engagement):
    first = engagement.supporters[0].supporter
    choose(session, ask(session, engagement))
    take_over(session, engagement, make_supporter(session))
    handover = services.ask_handover(session, engagement, Side.APPLICANT, by="user:1", now=LATER)
    services.choose_handover(session, handover, **NOTHING, by="user:1", now=LATER)
    again = LATER + timedelta(days=9)
    place = take_over(session, engagement, first, now=again)
    assert (place.until, policies.seen_since(place, "thread")) == (None, again)


def test_whoever_left_sees_nothing_of_it_any_more(session, engagement):
    old = engagement.supporters[0].supporter
    actor = Actor(role=Role.SUPPORTER, user_id=1, person_id=old.person_id)
    before = policies.seat_at_thread(session, actor, engagement.id)
    choose(session, ask(session, engagement))
    take_over(session, engagement, make_supporter(session))
    assert (before is None, policies.seat_at_thread(session, actor, engagement.id)) == (False, None)


def test_links_and_visits_of_whoever_left_open_nothing(session, engagement):
    opens, expires_at = f"engagement:{engagement.id}", LATER + timedelta(days=30)
    link = issue_link(session, LinkKind.ENTRY, "engagement", opens, expires_at=expires_at, now=NOW)
    session.add(
        WebSession(
            token_hash="x", scope_concept="engagement", scope_id=engagement.id, data={}, created_at=NOW,
            expires_at=expires_at,
        )
    )  # fmt: skip
    choose(session, ask(session, engagement))
    take_over(session, engagement, make_supporter(session))
    session.expire_all()
    assert session.get(Link, link.id).is_open(LATER) is False
    assert session.query(WebSession).count() == 0


@pytest.mark.both_databases
def test_staying_together_closes_the_wish(session, engagement):
    handover = ask(session, engagement, Side.SUPPORTER)
    choose(session, handover)
    services.cancel_handover(session, handover, **BY)
    assert (handover.state, engagement.application.state) == (
        HandoverState.CANCELLED,
        ApplicationState.MATCHED,
    )
    stayed = [who for what, who in told(session) if what == "stayed"]
    assert sorted(stayed) == sorted(
        [f"person:{engagement.recipient_id}", person(engagement.supporters[0].supporter)]
    )
    open_mails = select(OutboxMessage.template).where(OutboxMessage.state == MessageState.PLANNED)
    assert set(session.scalars(open_mails)) == {"engagements/handover_stayed"}


def test_nobody_stays_with_somebody_who_has_gone(session, engagement):
    handover = ask(session, engagement)
    choose(session, handover)
    services.let_supporters_go(session, engagement, now=NOW)
    with pytest.raises(RuleViolation, match="handover_needs_supporter"):
        services.cancel_handover(session, handover, **BY)


@pytest.mark.parametrize("back_at", [ApplicationState.MATCHING, ApplicationState.CHECKING])
def test_a_half_year_that_ends_takes_its_wish_along(session, engagement, back_at):
    handover = ask(session, engagement)
    choose(session, handover)
    engagement.application.state = back_at
    services.stop_engagement(session, engagement, why="06", **BY)
    assert (handover.state, engagement.application.state) == (
        HandoverState.CANCELLED,
        ApplicationState.CLOSED,
    )
