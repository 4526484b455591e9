"""A round from rows: who is in it, that hours can all be kept, that it is checked from its own row, and approved."""

from contextlib import contextmanager
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from mentorlink.applications.models import ApplicationState, DayPart, TimesKind
from mentorlink.core.errors import RuleViolation
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, InvitationState
from mentorlink.matching.queries import first_starts
from mentorlink.matching.round_queries import hour_of, latest_run, read_field
from mentorlink.matching.rounds import approve_pairs, prepare_round, verify_round
from mentorlink.matching.sittings import lay_out_sittings
from mentorlink.scheduling.models import Occupancy, OccupancyKind
from mentorlink.scheduling.queries import common_starts, open_offer
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)

BY = "user:1"
pytestmark = pytest.mark.both_databases


def searching(session, programme, **columns):
    begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
    return make_application(session, programme=programme, **begun, **columns)


def prepared(session, programme, pins=(), bans=()):
    return prepare_round(session, programme, dict(pins), frozenset(bans), now=NOW, by=BY)


def pairs_of(run):
    return {pair[0]: pair[1] for pair in run.pairs}


@pytest.fixture
def programme(session):
    return make_programme(session)


def test_everybody_meets_somebody_at_an_hour_that_both_have(session, programme):
    people = [searching(session, programme) for _ in range(3)]
    supporter = make_supporter(session)
    run = prepared(session, programme)
    assert pairs_of(run) == {each.id: supporter.id for each in people}
    free = common_starts(session, people[0], supporter, now=NOW)
    hours = [hour_of(pair[4]) for pair in run.pairs]
    assert set(hours) <= set(free)
    assert (
        len({hour.isocalendar()[1] for hour in hours}) == 3
    )  # one talk a week is this supporter's own limit


def test_a_round_is_checked_from_its_own_row_alone(session, programme):
    for _ in range(3):
        searching(session, programme)
    make_supporter(session, skills={"06": 1})
    make_supporter(session)
    run = prepared(session, programme)
    session.commit()
    session.expire_all()
    verdict = verify_round(run)
    assert (verdict.faults, verdict.gap, verdict.matched) == ((), 0, 3)


@pytest.mark.parametrize(
    ("column", "change", "fault"),
    [
        ("pairs", lambda pairs: pairs[1:], "more_could_be_matched"),
        ("pairs", lambda pairs: [[*pair[:4], 1] for pair in pairs], "hour_differs"),
        ("pairs", lambda pairs: [[*pair[:2], 100, *pair[3:]] for pair in pairs], "pair_not_allowed"),
        ("spread", lambda spread: spread + 1, "figures_differ"),
    ],
)
def test_a_row_that_was_changed_by_hand_is_refused(session, programme, column, change, fault):
    searching(session, programme)
    make_supporter(session, terms={"theme": ["01"]})
    run = prepared(session, programme)
    setattr(run, column, change(getattr(run, column)))
    assert fault in verify_round(run).faults


def test_who_declined_is_not_proposed_again_for_the_same_person(session, programme):
    application = searching(session, programme)
    first, second = make_supporter(session), make_supporter(session, skills={"06": 1})
    proposal = services.approve_proposal(session, application, [first.id], by=BY, now=NOW)
    services.decline_invitation(
        session, proposal.invitations[0], DeclineReason.BUSY, pause_until=None, by=BY, now=NOW
    )
    assert application.state is ApplicationState.CHECKING
    assert pairs_of(prepared(session, programme)) == {application.id: second.id}


def test_nobody_who_is_being_asked_for_is_in_the_round(session, programme):
    application = searching(session, programme)
    services.approve_proposal(session, application, [make_supporter(session).id], by=BY, now=NOW)
    searching(session, make_programme(session))  # of another run
    make_application(session, programme=programme)  # not looked at yet
    assert read_field(session, programme, now=NOW).applicants == ()


def test_nobody_is_their_own_supporter(session, programme):
    person = make_person(session)
    searching(session, programme, person=person)
    make_supporter(session, person=person)
    assert pairs_of(prepared(session, programme)) == {}


def test_a_month_that_is_full_takes_nobody(session, programme):
    people = [searching(session, programme) for _ in range(2)]
    supporter = make_supporter(session, capacity_month=1)
    services.approve_proposal(session, people[0], [supporter.id], by=BY, now=NOW)
    assert pairs_of(prepared(session, programme)) == {}


def test_by_talk_uses_a_place_and_no_hour(session, programme):
    searching(session, programme, times_kind=TimesKind.BY_TALK, times=[])
    make_supporter(session, windows=[])
    assert prepared(session, programme).pairs[0][3:] == [None, None]


def test_mornings_and_evenings_never_meet(session, programme):
    searching(session, programme, times=[(day, DayPart.MORNING) for day in range(5)])
    make_supporter(session)
    assert prepared(session, programme).matched == 0


def test_a_pin_and_a_ban_are_kept(session, programme):
    application = searching(session, programme)
    good, other = make_supporter(session), make_supporter(session, skills={"06": 1})
    assert pairs_of(prepared(session, programme)) == {application.id: good.id}
    assert pairs_of(prepared(session, programme, pins=[(application.id, other.id)])) == {
        application.id: other.id
    }
    run = prepared(session, programme, bans=[(application.id, good.id)])
    assert pairs_of(run) == {application.id: other.id}
    assert verify_round(run).faults == ()
    assert latest_run(session, programme) is run


def test_pins_that_clash_are_refused_in_words(session, programme):
    people = [searching(session, programme) for _ in range(2)]
    supporter = make_supporter(session, capacity_month=1)
    with pytest.raises(RuleViolation, match="pins_clash"):
        prepared(session, programme, pins=[(each.id, supporter.id) for each in people])


def test_approving_asks_the_supporter_of_the_pair(session, programme):
    people = [searching(session, programme) for _ in range(2)]
    supporter = make_supporter(session)
    run = prepared(session, programme)
    asked, late = approve_pairs(session, run, [people[0].id], by=BY, now=NOW)
    assert [each.application_id for each in asked] == [people[0].id]
    assert asked[0].invitations[0].supporter_id == supporter.id
    assert asked[0].invitations[0].state is InvitationState.ASKED
    assert late == []


def test_approving_twice_says_that_it_is_too_late(session, programme):
    application = searching(session, programme)
    make_supporter(session)
    run = prepared(session, programme)
    approve_pairs(session, run, [application.id], by=BY, now=NOW)
    assert approve_pairs(session, run, [application.id], by=BY, now=NOW) == ([], [application.id])


def test_approving_nothing_is_refused(session, programme):
    with pytest.raises(RuleViolation, match="no_pair_chosen"):
        approve_pairs(session, prepared(session, programme), [7], by=BY, now=NOW)


def test_fifty_people_take_as_many_queries_as_one(session, engine, programme):
    searching(session, programme)
    make_supporter(session)
    few = _queries(engine, session, programme)
    for _ in range(20):
        searching(session, programme)
        make_supporter(session)
    assert _queries(engine, session, programme) == few


def test_each_approved_pair_takes_the_same_queries_however_many_there_are(session, engine, programme):
    per_pair = []
    for number in (2, 8):
        for _ in range(number):
            searching(session, programme)
            make_supporter(session, capacity_month=3)
        run = prepared(session, programme)
        with said_on(engine) as said:
            asked, late = approve_pairs(session, run, [pair[0] for pair in run.pairs], by=BY, now=NOW)
        assert (len(asked), late) == (number, [])
        per_pair.append(len(said) / number)
    assert per_pair[1] <= per_pair[0]


@contextmanager
def said_on(engine):
    said = []
    listener = lambda *args: said.append(args[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", listener)
    yield said
    event.remove(engine, "before_cursor_execute", listener)


def _queries(engine, session, programme):
    session.flush()
    session.expire_all()
    programme.code  # noqa: B018 - loaded before we count
    with said_on(engine) as said:
        read_field(session, programme, now=NOW)
    return len(said)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(0, 335), max_size=30)), min_size=1, max_size=3),
    st.integers(1, 5),
)
def test_one_start_of_each_sitting_can_always_be_kept_together(weeks, apart):
    laid = [
        (room, sorted(start + 336 * place for start in starts)) for place, (room, starts) in enumerate(weeks)
    ]
    sittings = lay_out_sittings(laid, apart, 0)
    for one, other in pairwise(sittings):
        assert other[0] - one[-1] >= apart
    for place, (room, starts) in enumerate(laid):
        inside = [each for each in sittings if each[0] // 336 == place]
        assert len(inside) <= room
        assert bool(inside) == bool(room and starts) or place > 0


def _approved(session, programme):
    searching(session, programme)
    supporter = make_supporter(session)
    run = prepared(session, programme)
    asked, _late = approve_pairs(session, run, [pair[0] for pair in run.pairs], by=BY, now=NOW)
    return hour_of(run.pairs[0][4]), asked[0].invitations[0], supporter


def _occupied(session):
    return [(each.person_id, each.starts_at, each.kind) for each in session.query(Occupancy).all()]


def test_the_hour_is_kept_for_both_until_the_answer(session, programme):
    hour, invitation, supporter = _approved(session, programme)
    people = {invitation.proposal.application.person_id, supporter.person_id}
    assert {each[0] for each in _occupied(session)} == people
    assert {each[1:] for each in _occupied(session)} == {(hour, OccupancyKind.HELD)}
    assert first_starts(session, invitation, now=NOW)[0] == hour


def test_the_kept_hour_is_the_first_offered(session, programme):
    hour, invitation, _supporter = _approved(session, programme)
    engagement = services.accept_invitation(session, invitation, by=BY, now=NOW)
    offer = open_offer(session, engagement.id)
    assert offer.slots[0].starts_at == hour
    assert [slot.is_held for slot in offer.slots].count(True) == 1
    assert offer.slots[0].is_held


def test_a_decline_gives_the_hour_back(session, programme):
    _hour, invitation, _supporter = _approved(session, programme)
    services.decline_invitation(session, invitation, DeclineReason.BUSY, by=BY, now=NOW)
    assert _occupied(session) == []


def test_an_hour_that_is_gone_is_no_matter(session, programme):
    searching(session, programme)
    supporter = make_supporter(session)
    run = prepared(session, programme)
    engagement = make_engagement(session, supporters=[supporter])
    make_meeting(session, engagement=engagement, starts_at=hour_of(run.pairs[0][4]))
    asked, late = approve_pairs(session, run, [run.pairs[0][0]], by=BY, now=NOW)
    assert (len(asked), late) == (1, [])
    assert {each[2] for each in _occupied(session)} == {OccupancyKind.CONFIRMED}
