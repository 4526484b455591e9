"""わたしのページ in a programme that selects and lasts: where one stands, in kind words, with a way on."""

from datetime import date, timedelta

import pytest

from mentorlink.applications.models import ApplicationState, Decision
from mentorlink.core.actor import Role
from mentorlink.engagements.models import EngagementState
from mentorlink.scheduling.models import MeetingRecord, MeetingState
from tests.factories import (
    NOW,
    make_application,
    make_engagement,
    make_meeting,
    make_offer,
    make_programme,
    make_user,
)
from tests.surveys.rows import make_target

S, E = ApplicationState, EngagementState
HURTING = ("審査", "却下", "対象外", "ケース", "不採択")
REASON = "席が四つでした。"


def page_of(as_applicant, application):
    page = as_applicant(application).get("/my").get_data(as_text=True)
    assert [word for word in HURTING if word in page] == []
    return page


@pytest.fixture
def run(session):
    return make_programme(session, has_selection=True, months=6, result_on=date(2026, 12, 18))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.RECEIVED, ["結果は、12月18日（金）までに"]),
        (S.SELECTING, ["結果は、12月18日（金）までに", "待つあいだに、60分話してみる"]),
        (S.WAITING, ["席があくのを待っています", "いま、2番目です", REASON, "60分話してみる"]),
        (S.SELECTED, ["いっしょに進めましょう", REASON]),
        (S.NOT_SELECTED, ["これからのご案内", REASON, 'href="/apply"', 'href="/help"']),
        (S.MATCHING, ["お相手をさがしています"]),
    ],
)
def test_a_selection_says_what_comes_next(session, as_applicant, run, state, words):
    application = make_application(session, programme=run, state=state)
    decision = {
        "outcome": state.value,
        "reason": REASON,
        "waiting_position": 2 if state is S.WAITING else None,
    }
    if state in (S.WAITING, S.SELECTED, S.NOT_SELECTED):
        decision |= {
            "application_id": application.id,
            "decided_by_user_id": 1,
            "decided_at": NOW,
            "told_at": NOW,
        }
        session.add(Decision(**decision))
    page = page_of(as_applicant, application)
    assert [word for word in words if word not in page] == []


def half_year(session, run, state=E.RUNNING, **columns):
    application = make_application(session, programme=run, state=S.CLOSED if columns else S.MATCHED)
    return make_engagement(session, application=application, state=state, **columns)


def test_a_half_year_leads_to_its_page_with_the_promise_first(session, as_applicant, run):
    engagement = half_year(session, run)
    talk = make_meeting(
        session, engagement=engagement, starts_at=NOW - timedelta(days=1), state=MeetingState.RECORDED
    )
    lines = {"went_well": "よかった", "difficult": "", "next_promise": "役場に電話します。"}
    session.add(MeetingRecord(meeting_id=talk.id, written_by="t", written_at=NOW, **lines))
    address = f'href="/engagements/{engagement.id}"'
    page = page_of(as_applicant, engagement.application)
    assert 0 < page.index("役場に電話します。") < page.index(address)


def test_a_talk_that_nobody_wrote_of_is_not_the_next_one(session, as_applicant, run):
    engagement = half_year(session, run)
    make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=1))
    make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=7))
    page = page_of(as_applicant, engagement.application)
    assert "12月2日（水）" in page
    assert "11月24日（火）" not in page


def test_a_rest_is_said_and_leads_to_the_same_page(session, as_applicant, run):
    engagement = half_year(session, run, E.PAUSED)
    address = f'href="/engagements/{engagement.id}"'
    page = page_of(as_applicant, engagement.application)
    assert "いまは、お休み中です" in page
    assert address in page


@pytest.mark.parametrize("state", [E.COMPLETED, E.STOPPED, E.FOLLOWING, E.FINISHED])
def test_an_ended_half_year_can_be_talked_about_again(session, as_applicant, run, state):
    engagement = half_year(session, run, state, ended_at=NOW)
    address = f"/engagements/{engagement.id}/ending"
    page = page_of(as_applicant, engagement.application)
    assert "もう一度相談する" in page
    assert address in page


def test_the_question_of_a_later_month_is_asked_in_its_own_words(session, as_applicant, run):
    engagement = half_year(session, run, E.FOLLOWING, ended_at=NOW)
    target = make_target(session, engagement, code="s4")
    address = f"/surveys/{target.id}"
    page = page_of(as_applicant, engagement.application)
    assert "その後、いかがですか" in page
    assert address in page


def test_a_question_of_long_ago_is_not_put_again(session, as_applicant, run):
    engagement = half_year(session, run, E.FINISHED, ended_at=NOW)
    make_target(session, engagement, code="s4", due_at=NOW - timedelta(days=61))
    assert "その後、いかがですか" not in page_of(as_applicant, engagement.application)


def test_another_talk_after_a_half_year_needs_no_selection(session, as_applicant, run):
    make_programme(session)
    application = half_year(session, run, E.FINISHED, ended_at=NOW).application
    address = f"/my/applications/{application.id}/again"
    client = as_applicant(application)
    assert client.post(address).location == "/apply/screens/1"
    draft = session.query(type(application)).order_by(type(application).id.desc()).first()
    assert draft.programme.has_selection is False


def account_page_of(session, enter, person):
    """わたしのページ of somebody with several applications, who signs in: a link opens one of them alone."""
    user = make_user(session, role=Role.APPLICANT)
    person.user_id = user.id
    session.commit()
    return enter(user_id=user.id).get("/my").get_data(as_text=True)


def test_the_next_talk_of_an_earlier_half_year_comes_first(session, enter, run):
    """A newer application is what the page is about; the talk in fifty minutes is still what comes next."""
    engagement = half_year(session, run)
    talk = make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(minutes=50))
    make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=3))
    person = engagement.recipient
    make_application(session, person=person, state=S.MATCHING, submitted_at=NOW)
    page = account_page_of(session, enter, person)
    assert page.count("入り方を見る") == 1
    assert (
        0
        < page.index("次のお話し")
        < page.index(f'href="/meetings/{talk.id}"')
        < page.index("お相手をさがしています")
    )


def test_a_talk_that_has_ended_is_not_the_next(session, as_applicant, run):
    engagement = half_year(session, run)
    make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(hours=3))
    assert "入り方を見る" not in page_of(as_applicant, engagement.application)


def test_hours_offered_in_a_half_year_stand_on_the_own_page(session, as_applicant, run):
    engagement = half_year(session, run)
    offer = make_offer(session, engagement)
    assert f'href="/my/slots/{offer.id}"' in page_of(as_applicant, engagement.application)


def test_hours_offered_in_another_application_stand_on_the_own_page_too(session, enter, run):
    engagement = make_engagement(session)
    offer = make_offer(session, engagement)
    make_application(session, person=engagement.recipient, state=S.MATCHING, submitted_at=NOW)
    assert f'href="/my/slots/{offer.id}"' in account_page_of(session, enter, engagement.recipient)
