"""Coming in by password, by link, with the second step; and how somebody likes to read."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from mentorlink.accounts import services
from mentorlink.accounts.models import Attempt
from mentorlink.core.actor import Role
from mentorlink.core.links import Link, LinkKind, issue_link, signer
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.sessions import WebSession
from tests import factories
from tests.conftest import NOW
from tests.pages import without_token

PASSWORD = "春の縁側で、お茶を一杯"


@pytest.fixture
def make_account(app, session):
    def make(role=Role.SUPPORTER, email="hanako@example.jp"):
        user = services.create_user(session, email=email, name="花子", role=role, password=PASSWORD, now=NOW)
        session.commit()
        return user

    return make


def sign_in(client, email="hanako@example.jp", password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more})


def link_to(session, purpose, opens, kind=LinkKind.ACT, hours=1):
    link = issue_link(session, kind, purpose, opens, expires_at=NOW + timedelta(hours=hours), now=NOW)
    path = f"/e/{signer().token_of(link)}"
    session.commit()
    return path


def test_the_right_password_leads_to_the_first_page(client, make_account):
    make_account()
    response = sign_in(client)
    assert (response.status_code, response.location) == (303, "/supporter")


def test_signing_in_changes_the_token(client, make_account, session):
    make_account()
    client.post("/preferences")
    client.get("/sign-in")
    before = set(session.scalars(select(WebSession.token_hash)))
    sign_in(client)
    session.rollback()
    assert not before & set(session.scalars(select(WebSession.token_hash)))


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/supporter/profile", "/supporter/profile"),
        ("//evil.example", "/supporter"),
        ("\\\\evil.example", "/supporter"),
        ("/\\evil.example", "/supporter"),
        ("https://evil.example/", "/supporter"),
        ("/\t/evil.example", "/supporter"),
        ("", "/supporter"),
    ],
)
def test_the_way_on_stays_on_this_site(client, make_account, wanted, lands):
    make_account()
    assert sign_in(client, next=wanted).location == lands


def test_the_office_shows_a_second_proof(client, make_account, session, clock):
    user = make_account(Role.OFFICE)
    assert sign_in(client).location == "/totp/setup"
    page = client.get("/totp/setup").text
    secret = page.partition("<code>")[2].partition("</code>")[0]
    done = client.post("/totp/setup", data={"code": pyotp.TOTP(secret).at(NOW)})
    assert (done.status_code, done.location) == (303, "/office")
    client.post("/sign-out")
    clock.now = NOW + timedelta(minutes=1)
    assert sign_in(client).location == "/totp"
    assert client.post("/totp", data={"code": "000000"}).status_code == 422
    assert client.post("/totp", data={"code": pyotp.TOTP(secret).at(clock.now)}).location == "/office"
    assert user.id is not None


def test_half_way_in_nobody_is_known(client, make_account):
    make_account(Role.OFFICE)
    sign_in(client)
    assert client.get("/password").status_code == 303


def test_half_way_ends_after_ten_minutes(client, make_account, clock):
    make_account(Role.OFFICE)
    sign_in(client)
    clock.now = NOW + timedelta(minutes=10)
    assert client.get("/totp/setup").location == "/sign-in"


def test_known_and_unknown_addresses_get_the_same_answer(app, make_account):
    make_account()
    known, unknown = app.test_client(), app.test_client()
    names = ("hanako", "nobody")
    answers = [
        sign_in(client, f"{name}@example.jp", "not the password")
        for client, name in zip((known, unknown), names, strict=True)
    ]
    texts = [
        without_token(answer.text.replace(name, "X")) for answer, name in zip(answers, names, strict=True)
    ]
    assert (texts[0], answers[0].status_code) == (texts[1], answers[1].status_code)


def test_known_and_unknown_addresses_get_the_same_answer_for_a_link(client, make_account):
    make_account()
    answers = [
        client.post("/sign-in/link", data={"email": email})
        for email in ("hanako@example.jp", "nobody@example.jp")
    ]
    assert len({(a.status_code, a.data, a.location, a.headers.get("Set-Cookie")) for a in answers}) == 1


def test_the_eleventh_guess_is_not_looked_at(client, make_account, session):
    make_account()
    codes = [sign_in(client, password="guess number one").status_code for _ in range(10)]
    assert (codes, sign_in(client).status_code) == ([422] * 10, 429)
    assert session.scalar(select(func.count(Attempt.id))) == 20  # the account's and the network's


def test_the_owner_still_gets_in_from_their_own_browser(app, make_account):
    make_account()
    own, stranger = app.test_client(), app.test_client()
    sign_in(own)
    own.post("/sign-out")
    for _ in range(12):
        sign_in(stranger, password="guess number one")
    assert (sign_in(stranger).status_code, sign_in(own).status_code) == (429, 303)


def test_the_owner_still_gets_in_by_mail(app, make_account, session):
    make_account()
    stranger = app.test_client()
    for _ in range(12):
        sign_in(stranger, password="guess number one")
    app.test_client().post("/sign-in/link", data={"email": "hanako@example.jp"})
    link = session.get_one(Link, session.scalars(select(OutboxMessage)).one().params["link_id"])
    entered = app.test_client().post(f"/e/{signer().token_of(link)}")
    assert (entered.status_code, entered.location) == (303, "/supporter")


def test_an_act_link_works_once(client, make_account, session):
    user = make_account()
    path = link_to(session, "sign_in", f"user:{user.id}")
    assert [client.post(path).status_code for _ in range(2)] == [303, 410]


def test_looking_at_a_link_changes_nothing_and_shows_nobody(client, make_account, session):
    user = make_account()
    path = link_to(session, "sign_in", f"user:{user.id}")
    page = client.get(path)
    assert page.status_code == 200
    assert "花子" not in page.text
    assert session.scalars(select(Link)).one().used_at is None


def test_joining_sets_a_password_and_goes_in(client, app, session):
    user = services.invite_user(session, email="new@b.jp", name="新", role=Role.SUPPORTER, now=NOW)
    session.commit()
    path = f"/e/{signer().token_of(session.scalars(select(Link)).one())}"
    assert client.post(path).location == "/join"
    assert client.post("/join", data={"password": "みじかい"}).status_code == 422
    assert client.post("/join", data={"password": PASSWORD}).location == "/supporter"
    session.rollback()
    assert services.check_password(session, user.email, PASSWORD) is not None


def test_an_entry_link_opens_again_and_again(app, session):
    application = factories.make_application(session)
    path = link_to(session, "application", f"application:{application.id}", LinkKind.ENTRY)
    answers = [app.test_client().post(path) for _ in range(2)]
    assert [(a.status_code, a.location) for a in answers] == [(303, "/my")] * 2


@pytest.mark.parametrize(("safe", "hours"), [(False, 14 * 24), (True, 2)])
def test_a_visit_is_short_where_safe_contact_was_asked_for(client, session, safe, hours):
    person = factories.make_person(session, safe_contact=safe)
    application = factories.make_application(session, person=person)
    client.post(link_to(session, "application", f"application:{application.id}", LinkKind.ENTRY))
    visit = session.scalars(select(WebSession).where(WebSession.scope_id.is_not(None))).one()
    assert visit.expires_at - NOW == timedelta(hours=hours)


def test_confirming_a_contact_is_written_down(client, session):
    person = factories.make_person(session, contact_confirmed_at=None)
    application = factories.make_application(session, person=person)
    client.post(link_to(session, "confirm_contact", f"application:{application.id}"))
    session.refresh(person)
    assert person.contact_confirmed_at == NOW


def test_an_answer_in_the_mail_is_carried_to_the_page(client, session):
    path = link_to(session, "invitation", "invitation:7", LinkKind.ENTRY)
    assert client.post(f"{path}?answer=accept").location == "/invitations/7?answer=accept"


@pytest.mark.parametrize("purpose", ["target", "invitation"])
def test_a_link_opens_only_what_its_purpose_is_about(client, session, purpose):
    path = link_to(session, purpose, "application:1", LinkKind.ENTRY)
    assert client.get(path).status_code == client.post(path).status_code == 410


def test_every_closed_link_answers_alike(client, session, clock):
    used = link_to(session, "sign_in", "user:99")
    expired = link_to(session, "application", "application:1", LinkKind.ENTRY)
    session.scalars(select(Link).where(Link.purpose == "sign_in")).one().used_at = NOW
    session.commit()
    clock.now = NOW + timedelta(hours=2)
    answers = [client.get(path) for path in (used, expired, "/e/never-issued", "/e/x")]
    assert {(a.status_code, without_token(a.text)) for a in answers} == {
        (410, without_token(answers[0].text))
    }


@pytest.mark.parametrize(
    ("wishes", "cookie"),
    [
        ({"locale": "en"}, "en.normal"),
        ({"furigana": "on", "easy": "on"}, "ja.easy.furigana.normal"),
        ({"text_size": "larger", "contrast": "on"}, "ja.contrast.larger"),
        ({"text_size": "huge", "locale": "xx", "furigana": "maybe"}, "ja.normal"),
    ],
)
def test_preferences_keep_known_words_only(client, wishes, cookie):
    response = client.post("/preferences", data={**wishes, "next": "/help?x=1"})
    assert response.location == "/help?x=1"
    assert client.get_cookie("mentorlink_prefs").value == cookie


def test_english_is_shown_to_who_asked_for_it(client):
    client.post("/preferences", data={"locale": "en"})
    assert '<html lang="en"' in client.get("/").text


@pytest.mark.parametrize("cookie", ["en", "%%%", "ja.\x01", "larger.en.en", "x" * 4000])
def test_a_strange_cookie_harms_no_page(client, cookie):
    client.set_cookie("mentorlink_prefs", cookie, domain="localhost")
    assert client.get("/").status_code == 200
