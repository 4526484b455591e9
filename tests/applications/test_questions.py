"""The programme's own questions: their screen, the way round it, and the closing date."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import (
    save_answers,
    save_selection_answers,
    start_draft,
    submit_application,
)
from mentorlink.core.errors import RuleViolation
from mentorlink.people.models import REQUIRED_CONSENTS
from mentorlink.people.services import give_consents
from tests.applications.answers import COMPLETE, SCREENS, STORY
from tests.factories import NOW, make_application, make_programme, make_question

S = ApplicationState


@pytest.fixture
def programme(session):
    programme = make_programme(session, has_selection=True, closes_on=date(2026, 11, 30))
    make_question(session, programme, code="open")
    make_question(session, programme, code="company", required=False, length="line", maximum=20)
    return programme


@pytest.fixture
def applicant(client, programme, session):
    code = programme.code
    session.commit()
    client.post(f"/apply/{code}")
    for number in range(1, 6):
        answer = client.post(f"/apply/screens/{number}", data=SCREENS[number])
    assert answer.location == "/apply/questions"
    return client


def names(programme):
    return [f"q{question.id}" for question in programme.questions]


def the_application(session):
    session.rollback()
    return session.scalars(select(Application).order_by(Application.id.desc()).limit(1)).one()


def test_the_questions_stand_between_the_fifth_and_the_last_screen(applicant, programme, session):
    first, second = names(programme)
    page = applicant.get("/apply/questions").text
    assert "7つのうち 6つめ" in page
    assert 'href="/apply/screens/5"' in page
    answer = applicant.post("/apply/questions", data={first: "縁側のある家", second: "妹"})
    assert answer.location == "/apply/screens/6"
    page = applicant.get("/apply/screens/6").text
    assert "縁側のある家" in page
    assert 'href="/apply/questions"' in page
    applicant.post("/apply/screens/6", data=SCREENS[6])
    assert the_application(session).state is S.RECEIVED


def test_a_programme_without_questions_has_six_screens(client, session):
    code = make_programme(session).code
    session.commit()
    client.post(f"/apply/{code}")
    for number in range(1, 6):
        answer = client.post(f"/apply/screens/{number}", data=SCREENS[number])
    assert answer.location == "/apply/screens/6"
    assert "6つのうち 6つめ" in client.get("/apply/screens/6").text
    assert client.get("/apply/questions").location == "/apply/screens/6"


def test_coming_back_to_a_draft_leads_to_the_questions_first(applicant):
    assert applicant.get("/apply/screens/6").location == "/apply/questions"


def test_a_required_question_is_asked_for_and_the_rest_is_kept(applicant, programme, session):
    first, second = names(programme)
    answer = applicant.post("/apply/questions", data={first: " ", second: "妹"})
    assert (answer.status_code, "ここを教えてください" in answer.text) == (422, True)
    assert [row.text for row in the_application(session).selection_answers] == ["妹"]


def test_nothing_is_sent_while_a_required_question_is_open(applicant, programme, session):
    _first, second = names(programme)
    applicant.post("/apply/questions/autosave", data={second: "妹"})
    answer = applicant.post("/apply/screens/6", data=SCREENS[6])
    assert (answer.status_code, the_application(session).state) == (422, S.DRAFT)
    assert "この募集の質問" in answer.text


@pytest.mark.parametrize("text", ["x" * 21, "a\u202eb"])
def test_bad_words_are_refused_and_kept_on_the_page(applicant, programme, session, text):
    first, second = names(programme)
    answer = applicant.post("/apply/questions", data={first: "縁側", second: text})
    assert (answer.status_code, text in answer.text) == (422, True)
    assert [row.text for row in the_application(session).selection_answers] == ["縁側"]


def test_an_older_page_does_not_write_over_a_newer_one(applicant, programme):
    first = names(programme)[0]
    page = applicant.get("/apply/questions").text
    base = page.split('name="base"')[1].split('value="')[1].split('"')[0]
    applicant.post("/apply/questions", data={first: "庭のある家"})
    old = {first: "縁側", "base": base, "tab": "other"}
    answer = applicant.post("/apply/questions", data=old)
    assert (answer.status_code, "庭のある家" in answer.text) == (409, True)


@pytest.mark.parametrize(("state", "is_asked"), [(S.CLOSED, True), (S.WITHDRAWN, False)])
def test_only_who_has_talked_is_asked_to_share_it(as_applicant, programme, session, state, is_asked):
    origin = make_application(session, state=state)
    draft = start_draft(session, programme, origin=origin, now=NOW)
    draft_id = draft.id
    applicant = as_applicant(draft)
    assert ("選ぶ人に見てもらってもよい" in applicant.get("/apply/questions").text) is is_asked
    first = names(session.get(type(programme), draft.programme_id))[0]
    applicant.post("/apply/questions", data={first: "縁側", "shares_talk": "y"})
    session.rollback()
    assert session.get(Application, draft_id).shares_talk is is_asked


def test_asking_again_brings_the_answers_along(programme, session):
    origin = make_application(session, programme=programme, state=S.CLOSED)
    draft = start_draft(session, programme, origin=origin, now=NOW)
    save_selection_answers(session, draft, {programme.questions[0].id: "縁側"})
    again = start_draft(session, programme, origin=draft, now=NOW)
    assert [row.text for row in again.selection_answers] == ["縁側"]


def test_answers_to_another_programme_are_refused(programme, session):
    other = make_question(session, make_programme(session))
    draft = start_draft(session, programme, now=NOW)
    with pytest.raises(RuleViolation, match="question_unknown"):
        save_selection_answers(session, draft, {other.id: "縁側"})


def complete_draft(session, programme):
    draft = start_draft(session, programme, now=NOW)
    save_answers(session, draft, COMPLETE, now=NOW)
    give_consents(session, draft.person, REQUIRED_CONSENTS, now=NOW)
    return draft


@pytest.mark.parametrize("later", [timedelta(0), timedelta(days=10)])
def test_sending_needs_the_required_answers_and_an_open_programme(programme, session, later):
    draft, when = complete_draft(session, programme), {"by": "test", "now": NOW + later}
    with pytest.raises(RuleViolation, match="answers_missing"):
        submit_application(session, draft, **when)
    save_selection_answers(session, draft, {programme.questions[0].id: "縁側"})
    if later:
        with pytest.raises(RuleViolation, match="programme_closed"):
            submit_application(session, draft, **when)
    else:
        assert submit_application(session, draft, **when).state is S.RECEIVED


def test_what_was_sent_is_not_written_over(programme, session):
    sent = make_application(session, programme=programme)
    with pytest.raises(RuleViolation, match="application_not_draft"):
        save_selection_answers(session, sent, {})


def test_the_office_enters_the_answers_too_and_reads_them(as_office, programme, session):
    programme_id, (first, _second) = programme.id, names(programme)
    session.commit()
    everything = {key: value for part in SCREENS.values() for key, value in part.items()}
    data = everything | {"programme_id": programme_id, "intake": "phone", "consents_heard": "y"}
    missing = as_office.post("/office/applications", data=data)
    assert (missing.status_code, first in missing.text) == (422, True)
    shown = as_office.post("/office/applications", data=data | {"then": "questions"})
    assert (shown.status_code, first in shown.text) == (200, True)
    sent = as_office.post("/office/applications", data=data | {first: "縁側のある家"})
    assert "縁側のある家" in as_office.get(sent.location).text


# ---- the closing date


@pytest.fixture
def closed(applicant, clock, session):
    """A draft whose programme has closed meanwhile, while a talk can still be asked for."""
    make_programme(session, code="talk-open")
    session.commit()
    clock.now = NOW + timedelta(days=10)
    return applicant


def test_a_closed_run_says_when_and_what_else_there_is(client, programme, session, clock):
    make_programme(session, code="talk-open")
    code = programme.code
    session.commit()
    clock.now = NOW + timedelta(days=10)
    page = client.get(f"/apply/{code}").text
    assert "受付は、11月30日（月）に終わりました" in page
    assert 'href="/apply/talk-open"' in page
    assert 'href="/help"' in page
    assert client.post(f"/apply/{code}").location == f"/apply/{code}"
    assert f'href="/apply/{code}"' in client.get("/apply").text


def test_an_open_run_says_until_when(client, programme, session):
    programme.result_on = date(2026, 12, 20)
    code = programme.code
    session.commit()
    page = client.get(f"/apply/{code}").text
    assert "受付は、11月30日（月）までです" in page
    assert "12月20日（日）までにお知らせします" in page


def test_a_run_that_is_not_opened_is_not_there(client, programme, session):
    programme.opened_at = None
    code = programme.code
    session.commit()
    assert client.get(f"/apply/{code}").status_code == 404


def test_a_draft_is_told_that_its_programme_has_closed(closed, session, programme):
    first = names(programme)[0]
    for path in ("/apply/screens/3", "/apply/questions"):
        assert "この募集の受付は、11月30日（月）に終わりました" in closed.get(path).text
    closed.post("/apply/questions", data={first: "縁側"})
    answer = closed.post("/apply/screens/6", data=SCREENS[6])
    assert (answer.status_code, the_application(session).state) == (422, S.DRAFT)


def test_what_was_written_goes_along_into_an_open_programme(closed, session):
    assert closed.post("/apply/other/talk-open").location == "/apply/screens/1"
    draft = the_application(session)
    assert (draft.programme.code, draft.story, draft.codes("category"), draft.origin_id) == (
        "talk-open",
        STORY["story"],
        ["06", "05"],
        None,
    )
