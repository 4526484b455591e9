"""What every page refuses and every answer carries; each guard here fails a test when it is taken away."""

import re
from html import unescape

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from mentorlink.accounts import services
from mentorlink.accounts.models import User
from mentorlink.app import create_app, headers
from mentorlink.core.actor import Role
from mentorlink.core.db import transaction
from mentorlink.core.local_path import local_path
from mentorlink.core.sessions import WebSession
from mentorlink.core.settings import Settings
from tests import factories
from tests.conftest import NOW

PASSWORD = "春の縁側で、お茶を一杯"
ONE_OF_EACH = [
    "/",
    "/help",
    "/sign-in",
    "/return",
    "/nothing-here",
    "/e/unknown",
    "/my",
    "/office",
    "/supporter",
]


@pytest.fixture
def guarded_app(engine, settings, clock):
    """As in production: with the token of every form."""
    app = create_app(settings, engine=engine, clock=clock)
    app.config.update(TESTING=True)
    return app


@pytest.fixture
def guarded(guarded_app):
    return guarded_app.test_client()


@pytest.fixture
def user(session, app):
    user = services.create_user(
        session, email="hanako@example.jp", name="花子", role=Role.SUPPORTER, password=PASSWORD, now=NOW
    )
    session.commit()
    return user


def token_of(client, path="/sign-in"):
    return re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[1]


def stolen(app, client):
    """Another browser with a copy of the cookie."""
    thief = app.test_client()
    thief.set_cookie("mentorlink", client.get_cookie("mentorlink").value, domain="localhost")
    return thief


@pytest.fixture
def signed_in(app, client, user):
    client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert client.get("/password").status_code == 200
    return client


# ---- sessions


def test_a_copied_cookie_is_dead_after_signing_out(app, signed_in):
    thief = stolen(app, signed_in)
    assert thief.get("/password").status_code == 200
    signed_in.post("/sign-out")
    assert [thief.get("/password").status_code for _ in range(20)] == [303] * 20


def test_another_visit_is_dead_after_the_password_changed(app, signed_in, user):
    thief = app.test_client()
    thief.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    assert thief.get("/password").status_code == 200
    signed_in.post("/password", data={"current": PASSWORD, "password": "秋の縁側で、柿を一つ"})
    assert (signed_in.get("/password").status_code, thief.get("/password").status_code) == (200, 303)


@pytest.mark.parametrize(
    "end",
    [
        lambda session, user: services.change_role(session, user, Role.OFFICE),
        lambda session, user: services.disable_user(session, user, now=NOW),
    ],
)
def test_a_session_is_dead_after_the_role_changed_or_the_account_closed(signed_in, session, user, end):
    with transaction(session):
        end(session, session.get_one(User, user.id))
    assert signed_in.get("/password").status_code == 303


def test_a_copied_cookie_is_dead_after_the_quick_exit(app, signed_in):
    thief = stolen(app, signed_in)
    left = signed_in.post("/exit")
    assert (left.status_code, left.location) == (303, "https://www.jma.go.jp/bosai/forecast/")
    assert signed_in.get_cookie("mentorlink") is None
    assert thief.get("/password").status_code == 303


def test_a_page_in_work_does_not_bring_an_ended_session_back(app, signed_in, session, user):
    thief = stolen(app, signed_in)
    with app.test_request_context(
        "/", headers={"Cookie": f"mentorlink={signed_in.get_cookie('mentorlink').value}"}
    ):
        from flask import session as browser  # noqa: PLC0415 — the request's own

        assert browser.get("typed") is None  # loaded before the sign-out
        signed_in.post("/sign-out")
        browser["typed"] = "something"
        response = app.make_response("")
        app.session_interface.save_session(app, browser._get_current_object(), response)
    assert session.scalars(select(WebSession.user_id).where(WebSession.user_id.is_not(None))).all() == []
    assert thief.get("/password").status_code == 303


def test_a_token_is_stored_hashed(signed_in, session):
    cookie = signed_in.get_cookie("mentorlink").value
    assert cookie not in set(session.scalars(select(WebSession.token_hash)))


def test_cookies_are_closed_to_scripts_and_other_sites(client, user):
    response = client.post("/sign-in", data={"email": user.email, "password": PASSWORD})
    cookies = response.headers.getlist("Set-Cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_behind_https_cookies_and_headers_insist_on_it(engine, clock):
    settings = Settings(secret_key="s" * 20, base_url="https://talk.example")
    client = create_app(settings, engine=engine, clock=clock).test_client()
    response = client.get("/", base_url="https://talk.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-mentorlink=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "max-age=31536000" in response.headers["Strict-Transport-Security"]


# ---- requests that are not ours


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:81@evil", "", "localhost:99"]
)
def test_a_forged_host_is_refused_in_plain_words(client, host):
    answer = client.get("/", headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")


def test_a_forwarded_host_is_not_read(client):
    page = client.get("/sign-in", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"})
    assert page.status_code == 200
    assert "evil" not in page.text


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_what_another_site_sends_is_refused(client, sent):
    answer = client.post("/preferences", data={"locale": "en"}, headers=sent)
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert client.get_cookie("mentorlink_prefs") is None


@pytest.mark.parametrize(
    "sent", [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}, {}]
)
def test_what_our_own_page_sends_is_taken(client, sent):
    assert client.post("/preferences", data={"locale": "en"}, headers=sent).status_code == 303


def test_a_link_from_another_site_may_be_followed(client):
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


# ---- the form's mark


def test_without_its_mark_a_form_keeps_all_that_was_typed(guarded):
    story = "一行目\n<b>二行目</b> & 「三」"
    answer = guarded.post("/return?x=1", data={"reference": "2026-0142", "contact": story})
    assert answer.status_code == 400
    assert unescape(answer.text).count(story) == 2  # once to read, once to send again
    assert "<b>二行目" not in answer.text
    assert 'action="/return?x=1"' in answer.text


def test_one_button_sends_a_kept_form_again(guarded):
    answer = guarded.post(
        "/return", data={"reference": "2026-0142", "contact": "a@b.jp", "csrf_token": "old"}
    )
    token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text.partition("<main")[2])[1]
    again = guarded.post("/return", data={"reference": "2026-0142", "contact": "a@b.jp", "csrf_token": token})
    assert again.status_code == 303


def test_a_password_is_never_written_back(guarded):
    answer = guarded.post("/sign-in", data={"email": "a@b.jp", "password": "secret-words-here"})
    assert "secret-words-here" not in answer.text


def test_the_mark_of_another_visit_is_refused(guarded_app):
    token = token_of(guarded_app.test_client())
    data = {"locale": "en", "csrf_token": token}
    other = guarded_app.test_client()
    token_of(other)
    assert other.post("/preferences", data=data).status_code == 400


def test_every_form_that_posts_asks_for_the_mark(guarded_app):
    app = guarded_app
    exempt = app.extensions["csrf"]._exempt_views | app.extensions["csrf"]._exempt_blueprints
    assert exempt == {"mentorlink.home.line_webhook.receive_line"}  # believed by its signature, not by a form


# ---- unreadable and doubled input


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("get", "/?x=%00", None),
        ("get", "/%00", None),
        ("get", "/e/a%00b", None),
        ("post", "/return", {"reference": "2026\0", "contact": "x"}),
        ("post", "/preferences", {"lo\0cale": "en"}),
    ],
)
def test_nul_is_refused(client, method, path, data):
    assert getattr(client, method)(path, data=data).status_code == 400


def test_a_doubled_value_is_refused(client):
    data = {"reference": ["2026-0001", "2026-0002"], "contact": "a@b.jp"}
    assert client.post("/return", data=data).status_code == 400


def test_unknown_parameters_change_nothing(client, session, user):
    client.post("/sign-in", data={"email": user.email, "password": PASSWORD, "role": "admin", "org_id": "1"})
    session.refresh(user)
    assert user.role is Role.SUPPORTER


def test_too_much_is_said_kindly(client):
    answer = client.post("/return", data={"reference": "x" * (9 * 1024 * 1024)})
    assert answer.status_code == 413
    assert "少し大きすぎました" in answer.text


def test_a_hundred_thousand_letters_are_answered_in_words(client):
    answer = client.post("/return", data={"reference": "あ" * 100_000, "contact": "a@b.jp"})
    assert answer.status_code == 422
    assert "20文字まで" in answer.text


@pytest.mark.parametrize("typed", ["a\r\nBcc: x@y.jp", "\u202eevil", "\ud800", "\u200b\u200b"])
def test_hidden_letters_are_answered_in_words(client, typed):
    body = "reference=" + "".join(f"%{byte:02X}" for byte in typed.encode("utf-8", "surrogatepass"))
    answer = client.post(
        "/return", data=body + "&contact=x", content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code in (303, 422)


# ---- headers


@pytest.mark.parametrize("path", ONE_OF_EACH)
def test_every_page_carries_the_headers(client, path):
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in headers.HEADERS} == headers.HEADERS
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_headers_are_these():
    assert {name: headers.HEADERS[name] for name in sorted(headers.HEADERS) if "Policy" not in name} == {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    assert (headers.HEADERS["Referrer-Policy"], headers.HEADERS["Cross-Origin-Opener-Policy"]) == (
        "no-referrer",
        "same-origin",
    )


def test_the_policy_allows_no_inline_and_no_foreign_code():
    assert headers.CONTENT_POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self' https://www.jma.go.jp; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize("path", ["/", "/help", "/sign-in", "/return", "/components"])
def test_no_page_has_inline_code_or_style(client, path):
    page = client.get(path).text
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", page) == []


def test_files_with_a_mark_may_stay_in_the_browser(client):
    address = re.search(r'href="(/static/css/[^"]+)"', client.get("/").text)[1]
    with client.get(unescape(address)) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["/vendor/../pyproject.toml", "/vendor/.package-lock.json", "/vendor/htmx.org/package.json"]
)
def test_only_named_files_of_others_are_given_out(client, path):
    assert client.get(path).status_code == 404


def test_the_named_files_of_others_are_given_out(client):
    with client.get("/vendor/htmx.org/dist/htmx.min.js") as answer:
        assert answer.status_code == 200


# ---- the way on


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil", "\\evil", "/\\evil", "https://evil", "javascript:alert(1)", "///evil", "evil", "/\x00", "/\n/evil",
        "\t//evil", "http:evil", "/" + "x" * 3000, None, "",
    ],
)  # fmt: skip
def test_elsewhere_means_home(wanted):
    assert local_path(wanted) == "/"


@pytest.mark.parametrize("wanted", ["/", "/my?x=1&y=//z", "/office/applications/3#row"])
def test_a_path_of_ours_is_kept(wanted):
    assert local_path(wanted) == wanted


# ---- when something is wrong on our side


@pytest.fixture
def broken_app(guarded_app):
    guarded_app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False)
    return guarded_app


def test_a_database_that_is_away_is_said_with_when_to_come_back(broken_app):
    def no_database():
        raise OperationalError("SELECT 'a secret story'", {}, Exception("down"))

    client = broken_app.test_client()
    client.get("/")
    broken_app.extensions["sessions"] = no_database
    for answer in (client.get("/"), client.post("/sign-in", data={}), broken_app.test_client().get("/")):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "手入れをしています" in answer.text


def test_a_fault_is_logged_without_what_people_wrote(broken_app, caplog):
    def boom(token):
        raise ValueError(token)

    broken_app.view_functions["accounts.show_entrance"] = boom
    answer = broken_app.test_client().get("/e/secret-token")
    assert answer.status_code == 500
    assert "ValueError in accounts.show_entrance" in caplog.text
    assert "secret" not in caplog.text


def test_without_a_secret_key_nothing_starts(engine):
    with pytest.raises(RuntimeError, match="SECRET_KEY"):
        create_app(Settings(secret_key=""), engine=engine)


def test_the_demo_sends_no_real_mail(engine):
    settings = Settings(secret_key="s", demo=True, mail_url="smtp://127.0.0.1:25")
    with pytest.raises(RuntimeError, match="inbox"):
        create_app(settings, engine=engine)


# ---- receipt number and contact


def test_the_way_back_answers_everybody_alike(client, session):
    person = factories.make_person(session, email="known@example.jp")
    application = factories.make_application(session, person=person)
    session.commit()
    asked = [
        (application.reference, "known@example.jp"),
        (application.reference, "other@example.jp"),
        ("2026-9999", "known@example.jp"),
    ]
    answers = [client.post("/return", data={"reference": r, "contact": c}) for r, c in asked]
    assert len({(a.status_code, a.data, a.location) for a in answers}) == 1
    session.rollback()
    sent = session.execute(text("SELECT recipient, template FROM outbox_message")).all()
    assert sent == [(f"person:{person.id}", "accounts/return")]


def test_the_way_back_is_a_call_for_somebody_without_mail(client, session):
    person = factories.make_person(session, contact_channel="phone", email=None, phone="+81226123456")
    application = factories.make_application(session, person=person)
    session.commit()
    client.post("/return", data={"reference": application.reference, "contact": "0226-12-3456"})
    session.rollback()
    assert session.execute(text("SELECT channel, template FROM outbox_message")).all() == [
        ("call", "accounts/return")
    ]
