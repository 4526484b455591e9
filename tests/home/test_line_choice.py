"""Choosing LINE: where it is offered, that the mail or telephone stays the way until it is connected, and letting go."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.people import line
from mentorlink.people.models import ContactChannel, LineCode, Person
from tests import factories
from tests.applications.answers import CONTACT, SCREENS
from tests.conftest import NOW

ACCOUNT = "U" + "a" * 32
LINE_CHOICE = 'value="line"'


@pytest.fixture
def with_line(app, settings):
    app.extensions["settings"] = settings.model_copy(
        update={
            "line_channel_secret": SecretStr("secret"),
            "line_channel_token": SecretStr("token"),
            "line_account_url": "https://line.me/R/ti/p/@example",
        }
    )


@pytest.fixture
def applicant(client, session):
    programme = factories.make_programme(session)
    session.commit()
    client.post(f"/apply/{programme.code}")
    return client


@pytest.fixture
def known(as_applicant, session):
    """Somebody whose request was received, with their browser."""
    application = factories.make_application(session)
    person_id, path = application.person_id, f"/my/applications/{application.id}/contact"
    return as_applicant(application), person_id, path


def fresh(session, person_id):
    session.rollback()
    return session.get_one(Person, person_id, populate_existing=True)


def text_of(answer):
    return answer.get_data(as_text=True)


def connect(session, person_id):
    with transaction(session):
        person = session.get_one(Person, person_id)
        code = line.words_of(line.issue_code(session, person, now=NOW)).replace("-", "")
        assert line.link_account(session, ACCOUNT, code, now=NOW) is line.Linking.DONE


def test_without_line_an_applicant_is_not_offered_it(known):
    browser, _, path = known
    assert [page for page in (path, "/my") if "LINE" in text_of(browser.get(page))] == []
    assert browser.get("/line").location == "/my"


def test_without_line_a_supporter_is_not_offered_it(as_supporter, session):
    browser = as_supporter(factories.make_supporter(session))
    assert "LINE" not in text_of(browser.get("/supporter/profile"))
    assert browser.get("/line").location == "/supporter"


def test_without_line_the_form_does_not_take_it(applicant):
    assert "LINE" not in text_of(applicant.get("/apply/screens/1"))
    assert applicant.post("/apply/screens/1", data=CONTACT | {"contact_channel": "line"}).status_code == 422


def test_without_line_the_office_hears_nothing_of_it(as_office, session):
    factories.make_programme(session)
    session.commit()
    assert "LINE" not in text_of(as_office.get("/office/applications/new"))


def test_an_applicant_chooses_line_and_is_reached_by_mail_until_it_is_connected(
    with_line, applicant, session
):
    assert LINE_CHOICE in text_of(applicant.get("/apply/screens/1"))
    for number, data in SCREENS.items():
        answer = applicant.post(
            f"/apply/screens/{number}", data=data | ({"contact_channel": "line"} if number == 1 else {})
        )
        assert answer.status_code == 303
    session.rollback()
    person = session.scalars(select(Person)).one()
    assert (person.contact_channel, person.line_user_id) == (ContactChannel.MAIL, None)
    assert 'href="/line"' in text_of(applicant.get("/apply/thanks"))


def test_the_choice_is_remembered_on_the_screen(with_line, applicant):
    applicant.post("/apply/screens/1", data=CONTACT | {"contact_channel": "line"})
    page = text_of(applicant.get("/apply/screens/1"))

    assert "checked" in page[page.index(LINE_CHOICE) - 200 : page.index(LINE_CHOICE) + 60]
    applicant.post("/apply/screens/1", data=CONTACT)
    page = text_of(applicant.get("/apply/screens/1"))
    assert "checked" not in page[page.index(LINE_CHOICE) : page.index(LINE_CHOICE) + 60]


def test_typing_on_gives_no_new_code_each_time(with_line, applicant, session, clock):
    for _ in range(3):
        applicant.post("/apply/autosave/1", data=CONTACT | {"contact_channel": "line"})
        clock.now += timedelta(seconds=5)
    session.rollback()
    assert [code.created_at for code in session.scalars(select(LineCode))] == [NOW]


def test_line_alone_is_asked_for_another_way(with_line, applicant):
    answer = applicant.post("/apply/screens/1", data=CONTACT | {"contact_channel": "line", "email": ""})
    assert answer.status_code == 422
    assert "メールか電話を、一つ教えてください" in text_of(answer)
    by_phone = CONTACT | {"contact_channel": "line", "email": "", "phone": "090-1234-5678"}
    assert applicant.post("/apply/screens/1", data=by_phone).status_code == 303


def test_changing_to_line_leads_to_the_code(with_line, known, session):
    browser, person_id, path = known
    answer = browser.post(path, data=CONTACT | {"contact_channel": "line"})
    assert answer.location == "/line"
    code = line.words_of(session.scalars(select(LineCode)).one())
    session.rollback()
    assert code in text_of(browser.get("/line"))
    browser.post("/line/code")
    assert fresh(session, person_id).contact_channel is ContactChannel.MAIL


def test_the_page_shows_that_it_is_connected_and_lets_it_go(with_line, known, session):
    browser, person_id, _ = known
    connect(session, person_id)
    assert "LINEとつながっています" in text_of(browser.get("/line"))
    assert browser.post("/line/leaving").status_code == 303
    person = fresh(session, person_id)
    assert (person.contact_channel, person.line_user_id) == (ContactChannel.MAIL, None)


def test_choosing_the_mail_again_lets_line_go(with_line, known, session):
    browser, person_id, path = known
    connect(session, person_id)
    browser.post(path, data=CONTACT | {"contact_channel": "line"})
    assert fresh(session, person_id).line_user_id == ACCOUNT
    browser.post(path, data=CONTACT)
    person = fresh(session, person_id)
    assert (person.contact_channel, person.line_user_id) == (ContactChannel.MAIL, None)


def test_the_last_other_way_is_not_taken_away(with_line, known, session):
    browser, person_id, path = known
    connect(session, person_id)
    answer = browser.post(path, data=CONTACT | {"contact_channel": "line", "email": ""})
    assert answer.status_code == 422
    assert fresh(session, person_id).email is not None


def test_a_supporter_connects_theirs(with_line, as_supporter, session):
    supporter = factories.make_supporter(session)
    person_id = supporter.person_id
    browser = as_supporter(supporter)
    assert 'href="/line"' in text_of(browser.get("/supporter/profile"))
    assert "番号を出す" in text_of(browser.get("/line"))
    browser.post("/line/code")
    session.rollback()
    code = session.scalars(select(LineCode)).one()
    assert (code.person_id, line.words_of(code) in text_of(browser.get("/line"))) == (person_id, True)


def test_the_office_cannot_connect_somebody_elses_line(with_line, as_office, session):
    factories.make_programme(session)
    session.commit()
    page = text_of(as_office.get("/office/applications/new"))
    assert LINE_CHOICE not in page
    assert "ご本人がご自分のページからつなげます" in page


def test_whoever_has_no_line_any_more_keeps_their_page(known, session):
    browser, person_id, path = known
    connect(session, person_id)
    assert browser.get(path).status_code == 200
    assert browser.post(path, data=CONTACT).status_code == 303
    assert fresh(session, person_id).contact_channel is ContactChannel.MAIL
