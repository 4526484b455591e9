"""A round of teams, from rows: found, checked from its own row, approved as one, and its hour kept for all of them."""

from datetime import timedelta

import pytest

from mentorlink.applications.models import ApplicationState
from mentorlink.core.dates import local_date
from mentorlink.engagements.models import Engagement
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, InvitationState
from mentorlink.matching.round_page import round_page
from mentorlink.matching.round_queries import hour_of, latest_run, searched_for
from mentorlink.matching.rounds import approve_pairs, prepare_round, proposed_by, verify_round
from mentorlink.organisations.models import Affiliation, Organisation
from mentorlink.scheduling.models import Occupancy
from mentorlink.scheduling.queries import open_offer
from tests.conftest import NOW
from tests.factories import make_application, make_programme, make_supporter

BY = "user:1"
pytestmark = pytest.mark.both_databases


@pytest.fixture
def programme(session):
    return make_programme(session, code="pair", team_min=2, team_max=2)


@pytest.fixture
def two_of_a(session):
    """The better ones, both of one organisation."""
    return [of_organisation(session, organisation(session, "団体A")) for _ in range(2)]


def organisation(session, name):
    found = session.query(Organisation).filter_by(name=name).first()
    if found is None:
        found = Organisation(name=name)
        session.add(found)
        session.flush()
    return found


def of_organisation(session, one, **columns):
    supporter = make_supporter(session, **columns)
    since = local_date(NOW) - timedelta(days=400)
    session.add(Affiliation(person_id=supporter.person_id, organisation_id=one.id, since=since))
    session.flush()
    return supporter


@pytest.fixture
def one_of_b(session):
    return of_organisation(session, organisation(session, "団体B"), skills={"06": 1})


@pytest.fixture
def application(session, programme):
    begun = {"state": ApplicationState.MATCHING, "searching_since": NOW}
    return make_application(session, programme=programme, **begun)


@pytest.fixture
def run(session, programme, application, two_of_a, one_of_b):
    return prepare_round(session, programme, {}, (), now=NOW, by=BY)


def sent(session, run):
    asked, late = approve_pairs(
        session, run, [each.application_id for each in proposed_by(run)], by=BY, now=NOW
    )
    assert (len(asked), late) == (1, [])
    return asked[0]


def holds(session):
    return {(each.person_id, each.starts_at) for each in session.query(Occupancy).all()}


def test_the_two_come_from_different_organisations_at_one_hour(session, run, application, two_of_a, one_of_b):
    (team,) = proposed_by(run)
    assert team.application_id == application.id
    assert one_of_b.id in team.supporter_ids
    assert len(set(team.supporter_ids) & {each.id for each in two_of_a}) == 1
    assert team.hour is not None
    assert verify_round(run).faults == ()


def test_a_team_that_was_changed_by_hand_is_refused(session, run, two_of_a):
    application, hour, members = run.teams["made"][0]
    both = [[each.id, members[0][1], members[0][2]] for each in two_of_a]
    run.teams = run.teams | {"made": [[application, hour, both]]}
    assert "team_not_allowed" in verify_round(run).faults
    run.teams = run.teams | {"made": []}
    assert "team_left_out" in verify_round(run).faults


def test_approving_asks_all_and_keeps_the_hour_for_everybody(session, run, application):
    proposal = sent(session, run)
    assert [each.state for each in proposal.invitations] == [InvitationState.ASKED] * 2
    people = {application.person_id, *(each.supporter.person_id for each in proposal.invitations)}
    assert holds(session) == {(person, hour_of(proposed_by(run)[0].hour)) for person in people}


def test_the_hour_is_kept_until_the_last_accepts_and_is_offered_first(session, run, application):
    proposal = sent(session, run)
    first, second = proposal.invitations
    assert services.accept_invitation(session, first, by=BY, now=NOW) is None
    assert len(holds(session)) == 3
    engagement = services.accept_invitation(session, second, by=BY, now=NOW)
    assert set(engagement.supporter_ids()) == {first.supporter_id, second.supporter_id}
    assert open_offer(session, engagement.id).slots[0].starts_at == hour_of(proposed_by(run)[0].hour)


def test_one_who_declines_gives_all_hours_back_and_the_rest_is_found_by_hand(
    session, programme, run, application
):
    first, second = sent(session, run).invitations
    services.accept_invitation(session, first, by=BY, now=NOW)
    services.decline_invitation(session, second, DeclineReason.BUSY, by=BY, now=NOW)
    assert holds(session) == set()
    assert application.state is ApplicationState.CHECKING
    assert searched_for(session, programme) == []
    assert session.query(Engagement).count() == 0


def test_one_who_declines_has_the_hour_back_while_the_other_still_thinks(session, run, application):
    first, second = sent(session, run).invitations
    services.decline_invitation(session, second, DeclineReason.BUSY, by=BY, now=NOW)
    assert {person for person, _hour in holds(session)} == {application.person_id, first.supporter.person_id}


def test_without_a_second_organisation_the_card_says_so(session, programme, application, two_of_a):
    run = prepare_round(session, programme, {}, (), now=NOW, by=BY)
    (card,) = round_page(session, run, page=1, ask=None).cards
    assert card.seats == ()
    assert card.reason == "同じ時間に話せる、別々の団体の方がそろいません"
    assert verify_round(run).faults == ()


def test_the_page_shows_the_team_and_how_many_there_could_be(as_office, session, run, one_of_b):
    session.commit()
    page = as_office.get("/office/rounds/pair").text
    assert "1組できました（どう組んでも、多くて1組です）" in page
    assert page.count('class="pair-head"') == 1
    assert one_of_b.person.display_name in page


def test_another_member_is_chosen_and_the_team_is_made_anew(as_office, session, run, application, two_of_a):
    session.commit()
    inside = next(each for each in two_of_a if each.id in proposed_by(run)[0].supporter_ids)
    outside = next(each for each in two_of_a if each is not inside).id
    page = as_office.get(f"/office/rounds/pair?ask={application.id}").text
    assert "この方を入れて、チームを組み直します" in page
    data = {"run": run.id, "pin": f"{application.id}-{outside}"}
    assert as_office.post("/office/rounds/pair/changes", data=data).status_code == 303
    session.rollback()
    assert outside in proposed_by(latest_run(session, run.programme))[0].supporter_ids
