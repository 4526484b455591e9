from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.app import create_app
from mentorlink.core.actor import Role
from mentorlink.core.clock import DemoClock
from mentorlink.core.outbox import Channel, InboxMail, plan_message
from mentorlink.core.sessions import WebSession
from mentorlink.home.events import next_event
from tests.factories import make_meeting, make_user

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture
def demo(engine, settings, clock):
    app = create_app(settings.model_copy(update={"demo": True}), engine=engine, clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    return app.test_client()


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/demo/sign-in"), ("POST", "/demo/clock"), ("GET", "/demo/mail"), ("GET", "/demo/mail/1")],
)
def test_outside_the_demo_there_is_no_such_page(client, method, path):
    assert client.open(path, method=method).status_code == 404


def test_outside_the_demo_no_page_says_that_it_is_one(client):
    assert "これは見本です" not in client.get("/").text


def test_every_page_of_the_demo_says_that_it_is_one(demo):
    for path in ("/", "/help", "/sign-in", "/no-such-page"):
        assert "これは見本です" in demo.get(path).text


@pytest.mark.parametrize(
    ("role", "home"), [("applicant", "/my"), ("supporter", "/supporter"), ("office", "/office")]
)
def test_one_click_makes_a_visitor_somebody(demo, session, role, home):
    make_user(session, role=Role(role), disabled_at=NOW)
    user = make_user(session, role=Role(role))
    session.commit()
    assert demo.post("/demo/sign-in", data={"role": role}).location == home
    assert session.scalar(select(WebSession.user_id).where(WebSession.user_id.is_not(None))) == user.id


@pytest.mark.parametrize(("button", "role"), [("office", Role.LEAD), ("colleague", Role.OFFICE)])
def test_the_office_is_its_lead_and_a_colleague(demo, session, button, role):
    users = {each: make_user(session, role=each).id for each in (Role.OFFICE, Role.LEAD)}
    session.commit()
    assert demo.post("/demo/sign-in", data={"role": button}).location == "/office"
    assert session.scalar(select(WebSession.user_id).where(WebSession.user_id.is_not(None))) == users[role]


@pytest.mark.parametrize("role", ["", "admin", "lead", "anonymous", "x"])
def test_nobody_becomes_another_role(demo, session, role):
    make_user(session, role=Role.ADMIN)
    session.commit()
    assert demo.post("/demo/sign-in", data={"role": role}).status_code == 422


@pytest.mark.parametrize(("by", "seconds"), [("hour", 3600), ("day", 86400)])
def test_time_passes_and_the_visitor_stays_where_they_were(demo, session, by, seconds):
    answer = demo.post("/demo/clock", data={"by": by, "next": "/help"})
    assert (answer.status_code, answer.location) == (303, "/help")
    assert session.get(DemoClock, 1).ahead_seconds == seconds


@pytest.mark.parametrize("by", ["", "week", "-1"])
def test_another_step_is_refused(demo, by):
    assert demo.post("/demo/clock", data={"by": by}).status_code == 422


def test_after_the_clock_no_foreign_page_follows(demo):
    assert demo.post("/demo/clock", data={"by": "hour", "next": "//evil.example"}).location == "/"


def test_a_day_signs_nobody_out(demo, session):
    make_user(session, role=Role.OFFICE)
    session.commit()
    demo.post("/demo/sign-in", data={"role": "office"})
    before = session.scalar(select(WebSession.expires_at).where(WebSession.user_id.is_not(None)))
    session.rollback()
    demo.post("/demo/clock", data={"by": "day"})
    after = session.scalar(select(WebSession.expires_at).where(WebSession.user_id.is_not(None)))
    assert after - before == timedelta(days=1)


def test_the_next_event_is_the_earliest_of_a_mail_and_the_end_of_a_talk(session):
    assert next_event(session, NOW) is None
    meeting = make_meeting(session, starts_at=NOW + timedelta(hours=5))
    assert next_event(session, NOW) == meeting.ends_at
    plan(session, NOW + timedelta(hours=2))
    assert next_event(session, NOW) == NOW + timedelta(hours=2)


def test_the_clock_goes_just_past_the_next_event(demo, session):
    plan(session, NOW + timedelta(hours=2))
    session.commit()
    demo.post("/demo/clock", data={"by": "next"})
    assert session.get(DemoClock, 1).ahead_seconds == 7201


def test_without_an_event_the_clock_stands(demo, session):
    demo.post("/demo/clock", data={"by": "next"})
    assert session.get(DemoClock, 1).ahead_seconds == 0


def test_a_mail_is_shown_as_text_with_links_and_the_names_of_its_files(demo, session):
    mail = keep_mail(session, "こんにちは <b>\nhttp://localhost/e/abc\n")
    page = demo.get(f"/demo/mail/{mail.id}").text
    assert "こんにちは &lt;b&gt;" in page
    assert 'href="http://localhost/e/abc"' in page
    assert "talk.ics" in page


def test_an_absent_mail_is_not_found(demo):
    assert demo.get("/demo/mail/99").status_code == 404


def test_mails_count_as_new_until_the_list_was_opened(demo, session):
    keep_mail(session, "x")
    assert '<span class="count">1</span>' in demo.get("/").text
    assert "お知らせ" in demo.get("/demo/mail").text
    assert '<span class="count">' not in demo.get("/").text


def plan(session, due_at):
    plan_message(
        session,
        event="x",
        template="x",
        recipient="office",
        channel=Channel.MAIL,
        locale="ja",
        about="x:1",
        now=NOW,
        due_at=due_at,
        not_after=due_at + timedelta(days=1),
        params={},
    )
    session.flush()


def keep_mail(session, text):
    plan(session, NOW)
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n'
        b'--b\r\nContent-Type: text/calendar\r\nContent-Disposition: attachment; filename="talk.ics"\r\n\r\n'
        b"BEGIN\r\n--b--\r\n"
    )
    mail = InboxMail(
        outbox_message_id=1,
        to_address="a@example.jp",
        subject="お知らせ",
        text=text,
        delivered_at=NOW,
        raw=raw,
    )
    session.add(mail)
    session.commit()
    return mail
