"""A supporter's profile and rest; an applicant's consents; the open pages."""

from datetime import date

import pytest
from sqlalchemy import select

from mentorlink.applications.crisis import helplines
from mentorlink.core import taxonomy
from mentorlink.core.dates import format_date
from mentorlink.people.models import Purpose, Receiving, Supporter
from mentorlink.people.queries import open_consents
from tests import factories


@pytest.fixture
def supporter(session):
    return factories.make_supporter(session)


@pytest.fixture
def browser(as_supporter, supporter):
    return as_supporter(supporter)


def profile(**changes):
    skills = {f"skill_{term.code}": "0" for term in taxonomy.terms("category")}
    values = {
        "introduction": "畑をひらいて8年です。",
        "prefecture": "09",
        "capacity_month": "4",
        "capacity_week": "2",
    }
    return skills | values | {"modes": ["online"], "themes": ["01", "16"], "skill_06": "3"} | changes


def saved(session):
    session.rollback()
    return session.scalars(select(Supporter)).one()


def test_a_profile_is_shown_as_it_is(browser):
    page = browser.get("/supporter/profile").text
    assert "地域の農園をひらいて8年になります。" in page
    assert 'value="20" selected' in page or 'selected value="20"' in page


def test_a_profile_is_saved(browser, session):
    answer = browser.post("/supporter/profile", data=profile(meeting_url="https://talk.example/room"))
    assert answer.status_code == 303
    supporter = saved(session)
    assert (supporter.prefecture, supporter.capacity_month, supporter.skills) == ("09", 4, {"06": 3})
    assert sorted(supporter.codes("theme")) == ["01", "16"]
    assert supporter.meeting_url == "https://talk.example/room"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("introduction", ""),
        ("introduction", "あ" * 1001),
        ("prefecture", "99"),
        ("skill_06", "4"),
        ("skill_06", ""),
        ("themes", ["nothing"]),
        ("modes", []),
        ("capacity_month", "-1"),
        ("capacity_month", "١"),
        ("setting", "moon"),
        ("meeting_url", "javascript:alert(1)"),
        ("meeting_url", "http://talk.example"),
    ],
)
def test_what_does_not_fit_is_asked_again_with_all_that_was_typed(browser, session, field, value):
    answer = browser.post("/supporter/profile", data=profile(**{field: value}))
    assert answer.status_code == 422
    assert f'id="{field}' in answer.text
    assert 'id="summary"' in answer.text
    assert field == "introduction" or "畑をひらいて8年です。" in answer.text
    assert saved(session).prefecture == "20"


@pytest.mark.parametrize(
    ("typed", "until"),
    [
        ("2026年12月31日", date(2026, 12, 31)),
        ("令和8年12月31日", date(2026, 12, 31)),
        ("12/31", date(2026, 12, 31)),
        ("あした", date(2026, 11, 26)),
        ("", None),
    ],
)
def test_a_rest_is_taken_until_a_day_or_openly(browser, session, typed, until):
    assert browser.post("/supporter/pause", data={"receiving": "paused", "until": typed}).status_code == 303
    assert (saved(session).receiving, saved(session).paused_until) == (Receiving.PAUSED, until)


def test_a_rest_is_ended(browser, session):
    browser.post("/supporter/pause", data={"receiving": "paused", "until": "2026-12-31"})
    browser.post("/supporter/pause", data={"receiving": "few", "until": "2026-12-31"})
    assert (saved(session).receiving, saved(session).paused_until) == (Receiving.FEW, None)


@pytest.mark.parametrize("typed", ["きのう", "2026-11-24", "2026-02-30", "9999-01-01", "12/31(日)"])
def test_a_day_that_cannot_be_is_asked_again_in_its_place(browser, session, typed):
    answer = browser.post("/supporter/pause", data={"receiving": "paused", "until": typed})
    assert (answer.status_code, f'value="{typed}"' in answer.text, 'id="until-fault"' in answer.text) == (
        422,
        True,
        True,
    )
    assert saved(session).receiving is Receiving.OPEN


def test_a_rest_that_is_over_shows_as_over(browser, supporter, session):
    supporter.receiving, supporter.paused_until = Receiving.PAUSED, date(2026, 11, 24)
    session.commit()
    page = browser.get("/supporter/pause").text
    assert ('value="open" checked' in page, "2026-11-24" in page) == (True, False)


def test_the_two_ways_to_rest_lead_to_one_another(browser):
    assert 'href="/supporter/availability#days"' in browser.get("/supporter/pause").text
    assert 'href="/supporter/pause"' in browser.get("/supporter/availability").text.partition('id="days"')[2]


def test_consents_are_taken_back_and_given_again(as_applicant, session):
    application = factories.make_application(session)
    browser = as_applicant(application)
    for path, wanted in (("quote", True), ("quote/withdrawal", False), ("quote", True)):
        assert browser.post(f"/my/consents/{path}").status_code == 303
        session.rollback()
        assert (Purpose.QUOTE in open_consents(session, application.person_id)) is wanted


def test_a_needed_consent_is_explained_and_kept(as_applicant, session):
    application = factories.make_application(session)
    browser = as_applicant(application)
    assert "おさがしを止めます" in browser.get("/my/consents/personal_data/withdrawal").text
    assert browser.post("/my/consents/personal_data/withdrawal").status_code == 422
    session.rollback()
    assert Purpose.PERSONAL_DATA in open_consents(session, application.person_id)


@pytest.mark.parametrize("path", ["/my/consents/everything", "/my/consents/quote/withdrawal"])
def test_there_is_no_page_for_other_consents(as_applicant, session, path):
    assert as_applicant(factories.make_application(session)).get(path).status_code in (404, 405)


def test_the_first_page_offers_what_is_open_today(client, session):
    factories.make_programme(session, meeting_minutes=45)
    factories.make_programme(session, name_ja="まだの事業", months=6, opened_at=None)
    session.commit()
    page = client.get("/").text
    assert "45分、話してみる" in page
    assert "まだの事業" not in page


def test_the_first_page_is_kind_when_nothing_is_open(client):
    assert "いまは、受付をお休みしています" in client.get("/").text


def test_helplines_say_when_they_were_checked_and_none_is_temporary(client):
    page = client.get("/help").text
    assert all(line.phone in page for line in helplines())
    assert all(format_date(line.checked_on) in page for line in helplines())
    assert "9999" not in page


@pytest.mark.parametrize("path", ["/", "/help", "/sign-in", "/return", "/components", "/supporter/profile"])
@pytest.mark.parametrize("language", ["en", "ja.easy.furigana"])
def test_pages_speak_the_readers_language(browser, path, language):
    browser.set_cookie("mentorlink_prefs", f"{language}.normal", domain="localhost")
    assert browser.get(path).status_code == 200
