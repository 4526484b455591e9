"""Answering on a phone: kept answers, the same result twice, the wish that leads on, and nobody else's eyes."""

from datetime import timedelta

import pytest

from mentorlink.applications.models import Application
from mentorlink.surveys.models import Audience, Response, Target, TargetState
from tests.factories import NOW, make_engagement, make_meeting, make_programme
from tests.pages import faults_of_page
from tests.surveys.rows import make_target


@pytest.fixture
def engagement(session):
    return make_engagement(session)


@pytest.fixture
def target(session, engagement):
    target = make_target(session, engagement)
    session.commit()
    return target


@pytest.fixture
def visitor(enter, target):
    return enter(scope=("target", target.id))


def test_the_page_is_whole(visitor, target):
    page = visitor.get(f"/surveys/{target.id}")
    assert (page.status_code, faults_of_page(page.text)) == (200, [])


def test_what_is_missing_is_named_and_what_was_written_stays(visitor, target):
    page = visitor.post(f"/surveys/{target.id}", data={"q4": "畑を見に行く"})
    assert (page.status_code, "畑を見に行く" in page.text, faults_of_page(page.text)) == (422, True, [])


@pytest.mark.parametrize(
    "data", [{"q1": "superb"}, {"q1": "satisfied", "q6": "あ" * 2001}, {"q1": "satisfied", "q6": "\u202e"}]
)
def test_answers_that_cannot_be_are_questioned(visitor, target, data):
    assert visitor.post(f"/surveys/{target.id}", data=data).status_code == 422


def test_answering_twice_shows_the_same_result(visitor, target, session):
    for answer in ("satisfied", "unsatisfied"):
        page = visitor.post(f"/surveys/{target.id}", data={"q1": answer, "q4": "畑"}, follow_redirects=True)
    session.rollback()
    assert (session.query(Response).count(), "<dd>満足</dd>" in page.text) == (1, True)
    assert faults_of_page(page.text) == []


def test_a_wish_opens_the_form_of_what_the_programme_leads_to(visitor, target, engagement, session):
    session.rollback()  # what was read before the visit is read again
    onward = make_programme(session, has_selection=True, name_ja="半年の伴走")
    engagement.programme.leads_to_id = onward.id
    session.commit()
    data = {"q1": "satisfied", "q5": ["half_year", "talk_again"]}
    page = visitor.post(f"/surveys/{target.id}", data=data, follow_redirects=True)
    assert ("半年の伴走" in page.text, faults_of_page(page.text)) == (True, [])
    answer = visitor.post(f"/surveys/{target.id}/wish")
    assert answer.status_code == 303
    session.rollback()
    draft = session.query(Application).filter_by(programme_id=onward.id).one()
    assert (answer.location, draft.origin_id) == ("/apply/screens/1", engagement.application_id)


def test_the_office_enters_an_answer_from_paper(as_office, target, session):
    as_office.post(f"/surveys/{target.id}", data={"q1": "somewhat_satisfied"})
    session.rollback()
    assert session.query(Response).one().entered_by.startswith("user:")


def test_nobody_else_sees_the_survey(target, as_supporter, engagement, enter, session):
    supporter = as_supporter(engagement.supporters[0].supporter)
    other = enter(scope=("target", target.id + 1))
    assert [client.get(f"/surveys/{target.id}").status_code for client in (supporter, other)] == [404, 404]


def test_the_record_leads_to_the_supporters_questions_while_they_are_open(session, enter):
    engagement = make_engagement(session)
    over = NOW - timedelta(hours=2)
    meeting = make_meeting(session, engagement=engagement, starts_at=over)
    person_id = engagement.supporters[0].supporter.person_id
    columns = {"audience": Audience.SUPPORTER, "person_id": person_id}
    target = make_target(session, engagement, code="s2", **columns)
    target.meeting_id = meeting.id
    target_id, meeting_id = target.id, meeting.id
    session.commit()
    by_link = enter(scope=("meeting", meeting_id))
    page = by_link.post(f"/meetings/{meeting_id}/record", data={"went_well": "話せた"})
    assert by_link.get(page.location).location == f"/surveys/{target_id}"
    assert by_link.get(f"/surveys/{target_id}").status_code == 200
    session.get_one(Target, target_id).state = TargetState.ANSWERED
    session.commit()
    assert by_link.get(page.location).location == f"/meetings/{meeting_id}"
