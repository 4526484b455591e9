"""わたしのページ: where an applicant stands at every step, and what they can do themselves."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState, ClarifyingQuestion
from mentorlink.applications.services import ask_applicant, decide_selection
from mentorlink.core.actor import Role
from mentorlink.engagements.models import EngagementState
from mentorlink.scheduling.models import Meeting, MeetingState, Occupancy
from mentorlink.scheduling.services import offer_slots
from tests.applications.answers import CONTACT
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_user,
)
from tests.pages import without_token

S = ApplicationState


def my_page(as_applicant, application):
    return as_applicant(application).get("/my").get_data(as_text=True)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (S.RECEIVED, "11月27日（金）までに"),
        (S.CHECKING, "11月27日（金）までに"),
        (S.MATCHING, "12月2日（水）までに"),
        (S.WITHDRAWN, "もう一度相談する"),
        (S.REFERRED, "ほかの窓口におつなぎしました"),
    ],
)
def test_every_state_says_what_comes_next(as_applicant, session, state, words):
    assert words in my_page(as_applicant, make_application(session, state=state))


def test_an_hour_is_to_be_chosen(as_applicant, session):
    engagement = make_engagement(session)
    offer = offer_slots(session, engagement, now=NOW)

    assert f"/my/slots/{offer.id}" in my_page(as_applicant, engagement.application)


def test_the_talk_is_set(as_applicant, session):
    meeting = make_meeting(session)

    assert f"/meetings/{meeting.id}" in my_page(as_applicant, meeting.engagement.application)


def test_after_the_talk_one_can_talk_again(as_applicant, session):
    meeting = make_meeting(session, state=MeetingState.RECORDED, starts_at=NOW - timedelta(days=1))

    assert "もう一度相談する" in my_page(as_applicant, meeting.engagement.application)


def test_a_decision_against_shows_its_reason_and_another_road(as_applicant, session):
    application = make_application(session, programme=make_programme(session, has_selection=True))
    decide_selection(
        session,
        application,
        S.NOT_SELECTED,
        "今回は席が足りませんでした。",
        by_user_id=1,
        by="user:1",
        now=NOW,
    )

    page = my_page(as_applicant, application)

    assert "今回は席が足りませんでした。" in page
    assert 'href="/apply"' in page
    assert "不採択" not in page


def ask(session):
    application = make_application(session)
    question = ask_applicant(
        session,
        application,
        "場所は?",
        first_choice="ある",
        second_choice="まだ",
        by_user_id=1,
        by="user:1",
        now=NOW,
    )
    return application, question


def test_a_question_is_answered_by_a_choice_and_once(as_applicant, session):
    application, question = ask(session)
    client = as_applicant(application)

    for _ in range(2):
        assert client.post(f"/my/questions/{question.id}/answer", data={"choice": "まだ"}).status_code == 303

    session.rollback()
    assert session.scalars(select(ClarifyingQuestion.answer)).one() == "まだ"


def test_an_empty_answer_is_asked_for_again_and_others_questions_are_not_there(as_applicant, session):
    application, question = ask(session)
    stranger = make_application(session)

    assert as_applicant(application).post(f"/my/questions/{question.id}/answer", data={}).status_code == 422
    answer = as_applicant(stranger).post(f"/my/questions/{question.id}/answer", data={"words": "はい"})
    assert answer.status_code == 404


def test_withdrawing_asks_first_and_frees_everybody(as_applicant, session):
    meeting = make_meeting(session)
    application = meeting.engagement.application
    client, path = as_applicant(application), f"/my/applications/{application.id}/withdrawal"
    assert client.get(path).status_code == 200

    for _ in range(2):
        assert client.post(path).status_code == 303

    session.expire_all()
    session.rollback()
    assert application.state is S.WITHDRAWN
    assert meeting.state is MeetingState.CANCELLED
    assert meeting.engagement.state is EngagementState.STOPPED
    assert session.scalars(select(Occupancy)).all() == []
    assert "取り消しました" in client.get("/my").get_data(as_text=True)


def test_a_referral_frees_everybody_too(as_office, session):
    meeting = make_meeting(session)
    application = meeting.engagement.application
    path = f"/office/applications/{application.id}/referral"
    session.commit()
    assert as_office.post(path).status_code == 303
    session.expire_all()
    session.rollback()
    assert application.state is S.REFERRED
    assert (meeting.state, meeting.engagement.state) == (MeetingState.CANCELLED, EngagementState.STOPPED)
    assert session.scalars(select(Occupancy)).all() == []


def test_others_applications_are_not_there(as_applicant, session):
    mine, other = make_application(session), make_application(session)
    client = as_applicant(mine)

    for what in ("withdrawal", "contact", "again"):
        foreign = client.post(f"/my/applications/{other.id}/{what}")
        absent = client.post(f"/my/applications/9999/{what}")
        assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))


def test_contact_is_changed_and_asked_to_be_confirmed(as_applicant, session):
    application = make_application(session)
    client, path = as_applicant(application), f"/my/applications/{application.id}/contact"
    assert client.get(path).status_code == 200

    assert client.post(path, data=CONTACT | {"email": "hana@"}).status_code == 422
    assert client.post(path, data=CONTACT).status_code == 303

    session.rollback()
    person = application.person
    assert (person.email, person.contact_confirmed_at) == ("hana@example.org", None)


def test_talking_again_opens_a_form_that_knows_the_answers(as_applicant, session):
    application = make_application(session, state=S.CLOSED)
    client = as_applicant(application)

    assert client.post(f"/my/applications/{application.id}/again").location == "/apply/screens/1"

    assert application.person.email in client.get("/apply/screens/1").get_data(as_text=True)
    session.rollback()
    assert (
        session.scalars(select(Application.origin_id).order_by(Application.id.desc())).first()
        == application.id
    )


def test_somebody_signed_in_sees_all_their_applications(enter, session):
    user = make_user(session, role=Role.APPLICANT)
    person = make_person(session, user_id=user.id)
    both = [make_application(session, person=person) for _ in range(2)]
    session.commit()

    page = enter(user_id=user.id).get("/my").get_data(as_text=True)

    assert all(application.reference in page for application in both)


def test_a_draft_goes_on_where_it_was_left(as_applicant, session):
    draft = make_application(session, state=S.DRAFT, reference=None, submitted_at=None, screen=4)

    assert "/apply/screens/4" in my_page(as_applicant, draft)


def test_a_meeting_that_is_no_more_leaves_the_office_to_arrange_another(as_applicant, session):
    meeting = make_meeting(session, state=MeetingState.CANCELLED)

    assert "日にちを調整しています" in my_page(as_applicant, meeting.engagement.application)
    assert session.scalars(select(Meeting)).one().state is MeetingState.CANCELLED
