"""Pages of an invitation and of the office: who may, what is shown, what an answer does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.core.actor import Role
from mentorlink.engagements.models import Engagement
from mentorlink.matching import services
from mentorlink.matching.models import DeclineReason, Invitation, InvitationState, Proposal, ProposalState
from mentorlink.matching.words import DECLINE_WORDS
from mentorlink.people.models import Receiving, Supporter
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_supporter,
    make_user,
)
from tests.pages import without_token

BY = "user:1"
STORY = "空き家をお借りできそうです。"
NAME = "やまもと見本"


@pytest.fixture
def invitation_id(session):
    person = make_person(session, display_name=NAME, email="yamamoto@example.org")
    application = make_application(session, person=person, story=STORY)
    supporters = [make_supporter(session).id, make_supporter(session).id]
    proposal = services.approve_proposal(session, application, supporters, by=BY, now=NOW)
    found = proposal.invitations[0].id
    session.commit()
    return found


@pytest.fixture
def by_link(enter, invitation_id):
    """A browser that came in through the mail's link."""
    return enter(scope=("invitation", invitation_id))


def state(session, invitation_id):
    session.rollback()
    return session.get(Invitation, invitation_id).state


def test_before_acceptance_nobodys_name_contact_or_story_is_shown(by_link, invitation_id):
    page = by_link.get(f"/invitations/{invitation_id}").text
    assert "場所・物件" in page
    assert not any(secret in page for secret in (NAME, "yamamoto@example.org", STORY))


def test_the_story_is_told_after_acceptance(session, by_link, invitation_id):
    assert by_link.post(f"/invitations/{invitation_id}/acceptance").status_code == 303
    assert STORY in by_link.get(f"/invitations/{invitation_id}").text
    assert state(session, invitation_id) is InvitationState.ACCEPTED


@pytest.mark.parametrize(
    ("answer", "leads_to"), [("accept", "acceptance"), ("decline", "decline"), ("talk", "talk")]
)
def test_a_button_of_the_mail_leads_to_its_confirm_page(session, by_link, invitation_id, answer, leads_to):
    page = by_link.get(f"/invitations/{invitation_id}?answer={answer}")
    assert page.location == f"/invitations/{invitation_id}/{leads_to}"
    assert by_link.get(page.location).status_code == 200
    assert state(session, invitation_id) is InvitationState.ASKED


def test_an_unknown_answer_shows_the_invitation(by_link, invitation_id):
    assert by_link.get(f"/invitations/{invitation_id}?answer=nonsense").status_code == 200


def test_reasons_to_decline_are_one_of_a_few(by_link, invitation_id):
    assert by_link.get(f"/invitations/{invitation_id}/decline").text.count('type="radio"') == len(
        DeclineReason
    )


def test_declining_takes_a_reason_and_a_pause(session, by_link, invitation_id):
    data = {"reason": "busy", "pause_until": "令和8年12月31日"}
    assert by_link.post(f"/invitations/{invitation_id}/decline", data=data).status_code == 303
    assert state(session, invitation_id) is InvitationState.DECLINED
    supporter = session.get(Invitation, invitation_id).supporter
    assert supporter.receiving is Receiving.PAUSED
    assert "12月31日" in by_link.get(f"/invitations/{invitation_id}").text


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "reason"),
        ({"reason": "nonsense"}, "reason"),
        ({"reason": "busy", "pause_until": "いつか"}, "pause_until"),
        ({"reason": "busy", "pause_until": "2026-13-45"}, "pause_until"),
    ],
)
def test_a_bad_decline_keeps_what_was_typed(session, by_link, invitation_id, data, field):
    answer = by_link.post(f"/invitations/{invitation_id}/decline", data=data)
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert data.get("pause_until", "") in answer.text
    assert state(session, invitation_id) is InvitationState.ASKED


def test_a_pause_in_the_past_is_refused_in_words(session, by_link, invitation_id):
    data = {"reason": "busy", "pause_until": "2026年11月24日"}
    assert by_link.post(f"/invitations/{invitation_id}/decline", data=data).status_code == 422
    assert state(session, invitation_id) is InvitationState.ASKED


def test_wanting_to_talk_is_said_on_the_page(session, by_link, invitation_id):
    assert by_link.post(f"/invitations/{invitation_id}/talk").status_code == 303
    assert "事務局からお電話します" in by_link.get(f"/invitations/{invitation_id}").text


@pytest.mark.parametrize("verb", ["acceptance", "decline", "talk"])
def test_a_second_answer_is_a_conflict(by_link, invitation_id, verb):
    by_link.post(f"/invitations/{invitation_id}/acceptance")
    assert by_link.post(f"/invitations/{invitation_id}/{verb}", data={"reason": "busy"}).status_code == 409


@pytest.mark.parametrize("page", ["", "/acceptance", "/decline", "/talk"])
def test_who_comes_late_reads_what_became_of_it(by_link, invitation_id, clock, page):
    clock.now = NOW + timedelta(days=9)
    answer = by_link.get(f"/invitations/{invitation_id}{page}", follow_redirects=True)
    assert "この打診は終わりました" in answer.text


def test_the_signed_in_supporter_sees_their_own_invitations_only(session, as_supporter, invitation_id):
    mine = session.get(Invitation, invitation_id)
    not_asked_yet = mine.proposal.invitations[1].id
    own, other = as_supporter(mine.supporter), as_supporter(make_supporter(session))
    assert own.get(f"/invitations/{invitation_id}").status_code == 200
    assert own.get(f"/invitations/{not_asked_yet}").status_code == 404
    foreign, absent = (other.get(f"/invitations/{each}") for each in (invitation_id, 999999))
    assert without_token(foreign.text) == without_token(absent.text)


@pytest.mark.parametrize("verb", ["acceptance", "decline", "talk"])
def test_nobody_answers_for_somebody_else(*, session, as_supporter, as_office, client, invitation_id, verb):
    stranger = as_supporter(make_supporter(session))
    for browser in (stranger, as_office):
        assert browser.post(f"/invitations/{invitation_id}/{verb}").status_code == 404
    assert client.post(f"/invitations/{invitation_id}/{verb}").status_code == 303  # to the sign-in page
    assert state(session, invitation_id) is InvitationState.ASKED


def test_the_one_of_the_link_does_not_see_the_next_on_the_list(session, by_link, invitation_id):
    other = session.get(Invitation, invitation_id).proposal.invitations[1].id
    session.rollback()
    assert by_link.get(f"/invitations/{other}").status_code == 404


# ---- the office


@pytest.fixture
def number(session):
    found = make_application(session).id
    session.commit()
    return found


def test_candidates_come_with_reasons_and_why_not(session, as_office, number):
    make_supporter(session, person=make_person(session, display_name="見本 はる"))
    make_supporter(session, receiving=Receiving.PAUSED)
    session.commit()
    page = as_office.get(f"/office/applications/{number}/candidates").text
    assert "見本 はる" in page
    assert "得意度が3です" in page
    assert "なぜこの方ではないのか（1人）" in page
    assert "いまは相談の受付を休んでいます" in page


def test_numbers_make_the_order(session, as_office, number):
    first, second = make_supporter(session).id, make_supporter(session).id
    session.commit()
    data = {f"place-{first}": "2", f"place-{second}": "1"}
    assert as_office.post(f"/office/applications/{number}/proposal", data=data).status_code == 303
    assert list(session.scalars(select(Invitation.supporter_id).order_by(Invitation.position))) == [
        second,
        first,
    ]


@pytest.mark.parametrize("places", [("", ""), ("1", "1")])
def test_a_list_without_order_is_refused_and_kept(session, as_office, number, places):
    ids = [make_supporter(session).id, make_supporter(session).id]
    session.commit()
    data = {f"place-{one}": place for one, place in zip(ids, places, strict=True)}
    answer = as_office.post(f"/office/applications/{number}/proposal", data=data)
    assert answer.status_code == 422
    assert 'id="summary"' in answer.text
    assert session.scalar(select(Proposal.id)) is None


@pytest.mark.parametrize("name", ["place-999999", "place-99999999999999999999999", "place-x", "other"])
def test_a_place_for_nobody_is_refused(as_office, number, name):
    assert as_office.post(f"/office/applications/{number}/proposal", data={name: "1"}).status_code == 422


def test_an_open_proposal_is_shown_instead_of_a_second(session, as_office, number):
    supporter = make_supporter(session).id
    session.commit()
    path, data = f"/office/applications/{number}/proposal", {f"place-{supporter}": "1"}
    as_office.post(path, data=data)
    assert as_office.post(path, data=data).status_code == 409
    assert "いま打診しています" in as_office.get(f"/office/applications/{number}/candidates").text


def test_the_office_goes_on_or_takes_back(session, as_office, invitation_id):
    proposal = session.scalar(select(Proposal.id))
    session.rollback()
    assert as_office.get(f"/office/proposals/{proposal}").status_code == 200
    assert as_office.post(f"/office/proposals/{proposal}/next").status_code == 303
    assert state(session, invitation_id) is InvitationState.WITHDRAWN
    session.rollback()
    assert as_office.post(f"/office/proposals/{proposal}/withdrawal").status_code == 303
    session.rollback()
    assert session.get(Proposal, proposal).state is ProposalState.WITHDRAWN
    session.rollback()
    assert as_office.post(f"/office/proposals/{proposal}/next").status_code == 409


def test_after_a_call_the_office_sends_it_again_or_notes_the_yes(session, as_office, by_link, invitation_id):
    by_link.post(f"/invitations/{invitation_id}/talk")
    assert as_office.post(f"/office/invitations/{invitation_id}/resumption").status_code == 303
    assert state(session, invitation_id) is InvitationState.ASKED
    session.rollback()
    assert as_office.post(f"/office/invitations/{invitation_id}/acceptance").status_code == 303
    assert session.scalar(select(Application.state)) is ApplicationState.MATCHED


OFFICE_PAGES = [
    ("get", "/office/applications/{application}/candidates"),
    ("post", "/office/applications/{application}/proposal"),
    ("get", "/office/proposals/{proposal}"),
    ("post", "/office/proposals/{proposal}/next"),
    ("post", "/office/proposals/{proposal}/withdrawal"),
    ("post", "/office/invitations/{invitation}/resumption"),
    ("post", "/office/invitations/{invitation}/acceptance"),
]


@pytest.mark.parametrize(("method", "path"), OFFICE_PAGES)
def test_only_the_office_proposes(*, session, as_supporter, as_applicant, enter, invitation_id, method, path):
    mine = session.get(Invitation, invitation_id)
    where = path.format(
        application=mine.proposal.application_id, proposal=mine.proposal_id, invitation=invitation_id
    )
    admin = make_user(session, role=Role.ADMIN).id
    session.commit()
    supporter = as_supporter(session.get(Supporter, session.get(Invitation, invitation_id).supporter_id))
    applicant = as_applicant(session.get(Application, session.scalar(select(Application.id))))
    for browser in (supporter, applicant, enter(user_id=admin)):
        assert getattr(browser, method)(where).status_code == 404
    assert state(session, invitation_id) is InvitationState.ASKED


@pytest.mark.parametrize(("method", "path"), OFFICE_PAGES)
def test_what_is_not_there_is_404(as_office, method, path):
    where = path.format(application=999999, proposal=999999, invitation=999999)
    assert getattr(as_office, method)(where).status_code == 404


def test_a_draft_has_no_candidates(session, as_office):
    draft = make_application(session, state=ApplicationState.DRAFT).id
    session.commit()
    assert as_office.get(f"/office/applications/{draft}/candidates").status_code == 404


def test_every_reason_to_decline_has_words():
    assert set(DECLINE_WORDS) == {reason.value for reason in DeclineReason}


@pytest.fixture
def seat(session, enter, by_link, invitation_id):
    """The accepted one with a talk that is over, and the same of somebody else."""
    by_link.post(f"/invitations/{invitation_id}/acceptance")
    session.rollback()
    engagement = session.scalar(select(Engagement))
    other = make_engagement(session)
    over = NOW - timedelta(hours=3)
    rows = [
        (each.id, make_meeting(session, engagement=each, starts_at=over).id) for each in (engagement, other)
    ]
    session.commit()
    return [*rows, (987654, 987654)]


@pytest.mark.parametrize("scope", ["invitation", "meeting", "engagement"])
def test_an_accepted_supporter_without_account_comes_to_the_story_thread_and_record(
    enter, seat, invitation_id, scope
):
    engagement_id, meeting_id = seat[0]
    ids = {"invitation": invitation_id, "meeting": meeting_id, "engagement": engagement_id}
    browser = enter(scope=(scope, ids[scope]))
    page = browser.get(f"/meetings/{meeting_id}").text
    assert all(words in page for words in (NAME, STORY))
    assert NAME in browser.get(f"/engagements/{engagement_id}/thread").text
    written = {"body": "お会いできるのを楽しみにしています", "submission": "token-0002"}
    assert browser.post(f"/engagements/{engagement_id}/messages", data=written).status_code == 303
    record = {"went_well": "話せた", "difficult": "", "next_promise": ""}
    assert browser.post(f"/meetings/{meeting_id}/record", data=record).status_code == 303


@pytest.mark.parametrize("scope", ["invitation", "meeting", "engagement"])
def test_such_a_link_opens_no_other_engagement(enter, seat, invitation_id, scope):
    own, *others = seat
    ids = {"invitation": invitation_id, "meeting": own[1], "engagement": own[0]}
    browser = enter(scope=(scope, ids[scope]))
    paths = ("/engagements/{0}/thread", "/engagements/{0}/concern", "/meetings/{1}", "/meetings/{1}/record")
    for path in paths:
        foreign, absent = (browser.get(path.format(*ids)) for ids in others)
        assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))


def test_the_accepted_page_leads_on(by_link, seat, invitation_id):
    page = by_link.get(f"/invitations/{invitation_id}").text
    assert all(words in page for words in (NAME, "/thread", f"/meetings/{seat[0][1]}"))


def test_an_invitation_not_accepted_opens_no_engagement(session, enter, by_link, seat, invitation_id):
    asked = session.scalar(select(Invitation).where(Invitation.id != invitation_id))
    browser = enter(scope=("invitation", asked.id))
    session.rollback()
    assert browser.get(f"/engagements/{seat[0][0]}/thread").status_code == 404
