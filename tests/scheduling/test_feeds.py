"""A secret address at which one's own calendar reads one's own talks: neutral, bounded, revocable."""

import threading
from datetime import timedelta

import pytest
from icalendar import Calendar
from werkzeug.serving import make_server

from benchmarks.board import counted
from mentorlink.core.links import Link, LinkKind, address_of, issue_link
from mentorlink.engagements.models import Side
from mentorlink.people.models import Consent, Purpose
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.queries.feeds import feed_entries
from mentorlink.scheduling.services import cancel_meeting, move_meeting
from mentorlink.scheduling.services.feeds import make_feed, stop_feed
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_supporter,
    make_user,
)
from tests.scheduling.caldav import Syncer, from_feed

START = NOW.replace(day=30, hour=10)


@pytest.fixture
def person(session):
    return make_person(session, display_name="あおい")


@pytest.fixture
def supporter(session):
    return make_supporter(session)


@pytest.fixture
def engagement(session, person, supporter):
    application = make_application(session, person=person, state="matched")
    since = NOW - timedelta(days=90)
    engagement = make_engagement(session, application=application, supporters=[supporter], opened_at=since)
    engagement.supporters[0].since = since
    session.flush()
    return engagement


@pytest.fixture
def meeting(session, engagement):
    return make_meeting(session, engagement=engagement)


def path_of(session, person, *, busy_only=False, now=NOW) -> str:
    link = make_feed(session, person, busy_only=busy_only, now=now)
    path = address_of(link, "feed").removeprefix("http://localhost")
    session.commit()
    return path


def events(answer) -> list:
    assert answer.status_code == 200
    return Calendar.from_ical(answer.data).walk("VEVENT")


def test_a_feed_says_when_and_nothing_else(client, session, person, meeting):
    answer = client.get(path_of(session, person))
    (found,) = events(answer)
    assert (str(found["SUMMARY"]), str(found["DESCRIPTION"])) == (
        "mentorlink の予定",
        f"http://localhost/meetings/{meeting.id}",
    )
    assert found.DTSTART == START
    assert "あおい" not in answer.text
    calendar = Calendar.from_ical(answer.data)
    assert (calendar["METHOD"], calendar["X-PUBLISHED-TTL"]) == ("PUBLISH", "PT1H")


def test_a_busy_feed_says_only_that_there_is_something(client, session, supporter, meeting):
    answer = client.get(path_of(session, supporter.person, busy_only=True))
    (found,) = events(answer)
    assert (str(found["SUMMARY"]), "DESCRIPTION" in found, "URL" in found) == ("予定", False, False)
    assert ("mentorlink" in answer.text, "localhost" in answer.text) == (False, False)


def test_who_asked_for_safe_contact_never_gets_more_than_that(client, session, person, meeting):
    person.safe_contact = True
    answer = client.get(path_of(session, person, busy_only=False))
    assert [str(each["SUMMARY"]) for each in events(answer)] == ["予定"]
    assert "mentorlink" not in answer.text


def test_a_feed_needs_no_visit_and_leaves_no_trace_in_the_browser(client, session, person, meeting):
    for path in (path_of(session, person), "/calendar/none.ics"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_an_unchanged_feed_is_not_sent_again(client, session, person, meeting):
    path = path_of(session, person)
    mark = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": mark})
    move_meeting(
        session, meeting, START + timedelta(hours=2), by="test", side=Side.OFFICE, now=NOW, sequence=0
    )
    session.commit()
    changed = client.get(path, headers={"If-None-Match": mark})
    assert (again.status_code, again.data, changed.status_code) == (304, b"", 200)


def _erased(session, person):
    person.erased_at = NOW


def _stopped(session, person):
    stop_feed(session, person, now=NOW)


def _renewed(session, person):
    make_feed(session, person, busy_only=False, now=NOW)


def _consent_withdrawn(session, person):
    for consent in session.query(Consent).where(Consent.purpose == Purpose.PERSONAL_DATA):
        consent.withdrawn_at = NOW


def _account_closed(session, person):
    user = make_user(session, role="supporter", disabled_at=NOW)
    person.user_id = user.id


def _expired(session, person):
    for link in session.query(Link).where(Link.purpose == "feed"):
        link.expires_at = NOW


def _of_another_purpose(session, person):
    for link in session.query(Link).where(Link.purpose == "feed"):
        link.purpose = "application"


ENDINGS = [_erased, _stopped, _renewed, _consent_withdrawn, _account_closed, _expired, _of_another_purpose]


@pytest.mark.parametrize("ending", ENDINGS, ids=lambda ending: ending.__name__.strip("_"))
def test_a_feed_that_has_ended_answers_like_one_that_never_was(client, session, person, meeting, ending):
    path = path_of(session, person)
    assert client.get(path).status_code == 200
    ending(session, person)
    session.commit()
    found, never = client.get(path), client.get(f"/calendar/{'x' * 43}.ics")
    assert found.status_code == 404
    assert (found.data, sorted(found.headers)) == (never.data, sorted(never.headers))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_feed_is_only_read(client, session, person, meeting, method):
    assert client.open(path_of(session, person), method=method).status_code == 405


def test_the_token_of_a_feed_is_no_way_in(client, session, person, meeting):
    path = path_of(session, person)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert client.post(f"/e/{token}").status_code == 410


def test_who_opens_the_token_of_a_feed_by_hand_is_led_to_its_page(client, session, person, meeting):
    token = path_of(session, person).removeprefix("/calendar/").removesuffix(".ics")
    page = client.get(f"/e/{token}")
    assert (page.status_code, 'href="/calendar-feed"' in page.text) == (200, True)
    inside = page.text.partition("<main")[2].partition("</main>")[0]
    assert ('method="post"' in inside, "あおい" in page.text, token in inside) == (False, False, False)


def test_a_token_of_a_feed_that_was_stopped_answers_like_any_that_is_over(client, session, person):
    token = path_of(session, person).removeprefix("/calendar/").removesuffix(".ics")
    stop_feed(session, person, now=NOW)
    session.commit()
    assert [client.get(f"/e/{each}").status_code for each in (token, "x" * 43)] == [410, 410]


def test_the_token_of_a_way_in_is_no_feed(client, session, person, meeting):
    expires_at = NOW + timedelta(days=1)
    opens = f"person:{person.id}"
    link = issue_link(session, LinkKind.ENTRY, "application", opens, expires_at=expires_at, now=NOW)
    path = address_of(link, "feed").removeprefix("http://localhost")
    session.commit()
    assert client.get(path).status_code == 404


def test_the_address_itself_is_kept_nowhere(session, person):
    token = path_of(session, person).removeprefix("/calendar/").removesuffix(".ics")
    link = session.query(Link).one()
    assert token not in {link.token_hash, link.salt, link.opens}


def test_a_feed_has_the_talks_of_sixty_days_and_those_called_off_lately(session, engagement, person):
    days = {"old": -61, "held": -30, "gone": -10, "called off": 3, "next": 5, "beyond": 500}
    states = {"held": MeetingState.RECORDED, "old": MeetingState.RECORDED, "gone": MeetingState.CANCELLED}
    states["called off"] = MeetingState.CANCELLED
    ids = {
        name: make_meeting(
            session,
            engagement=engagement,
            starts_at=NOW + timedelta(days=day),
            state=states.get(name, MeetingState.CONFIRMED),
        ).uid
        for name, day in days.items()
    }
    found = [(each.uid, each.is_cancelled) for each in feed_entries(session, person.id, now=NOW)]
    assert found == [(ids["held"], False), (ids["called off"], True), (ids["next"], False)]


def test_a_supporters_feed_has_the_talks_while_it_was_theirs(session, engagement, supporter):
    place = engagement.supporters[0]
    place.since, place.until = NOW - timedelta(days=20), NOW - timedelta(days=5)
    before, within, after = (
        make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=day)).uid
        for day in (25, 10, 2)
    )
    assert [each.uid for each in feed_entries(session, supporter.person_id, now=NOW)] == [within]
    assert before != within != after


def test_nobody_elses_talk_is_in_a_feed(session, meeting):
    other = make_meeting(session)
    found = feed_entries(session, other.engagement.recipient_id, now=NOW)
    assert [each.uid for each in found] == [other.uid]


def _queries(engine, act) -> int:
    with counted(engine) as statements:
        act()
    return len(statements)


def test_a_feed_asks_as_much_for_many_talks_as_for_one(client, session, engine, meeting):
    engagement = meeting.engagement
    path = path_of(session, engagement.recipient)
    one = _queries(engine, lambda: client.get(path))
    for number in range(1, 30):
        make_meeting(session, engagement=engagement, starts_at=START + timedelta(days=number), occupies=False)
    session.commit()
    assert (one, _queries(engine, lambda: client.get(path))) == (3, 3)


def test_unknown_expired_and_stopped_cost_the_same_one_question(client, session, engine, person):
    stopped = path_of(session, person)
    expired = path_of(session, person)
    session.query(Link).order_by(Link.id.desc()).first().expires_at = NOW
    session.commit()
    asked = [_queries(engine, lambda p=p: client.get(p)) for p in (stopped, expired, "/calendar/x.ics")]
    assert asked == [1, 1, 1]


# ---- the page


def made(client, **form) -> str:
    page = client.post("/calendar-feed", data=form, follow_redirects=True).text
    return page.partition('value="http://localhost')[2].partition('"')[0]


def test_the_address_is_shown_once(as_supporter, session, supporter):
    browser = as_supporter(supporter)
    assert made(browser, says="busy").startswith("/calendar/")
    assert "/calendar/" not in browser.get("/calendar-feed").text.replace("/css/calendar", "")


def test_the_new_address_works_and_the_one_before_does_not(as_supporter, client, session, supporter, meeting):
    browser = as_supporter(supporter)
    old, new = made(browser, says="busy"), made(browser, says="talks")
    assert [client.get(path).status_code for path in (old, new)] == [404, 200]
    assert "mentorlink の予定" in client.get(new).text


def test_a_supporters_feed_is_busy_only_unless_they_say_otherwise(as_supporter, client, supporter, meeting):
    browser = as_supporter(supporter)
    page = browser.get("/calendar-feed").text
    assert 'value="busy" checked' in page
    assert "mentorlink" not in client.get(made(browser)).text


def test_an_applicant_finds_the_page_from_their_own(as_applicant, session, meeting):
    browser = as_applicant(meeting.engagement.application)
    page = browser.get("/my").text
    assert 'href="/calendar-feed">お使いのカレンダーに、お話しの予定を入れる' in page
    assert browser.get("/calendar-feed").status_code == 200


def test_nobody_without_a_talk_to_come_is_sent_there(as_applicant, session):
    application = make_application(session)
    session.commit()
    assert "/calendar-feed" not in as_applicant(application).get("/my").text


def test_stopping_is_one_tap_from_the_page(as_applicant, client, meeting):
    browser = as_applicant(meeting.engagement.application)
    path = made(browser, says="talks")
    page = browser.get("/calendar-feed").text
    assert page.count('action="/calendar-feed/closure"') == 1
    assert (
        browser.post("/calendar-feed/closure", follow_redirects=True).text.count(
            "前のアドレスは、もう使えません"
        )
        == 1
    )
    assert client.get(path).status_code == 404


def test_who_makes_a_feed_can_stop_it(as_applicant, client, meeting):
    browser = as_applicant(meeting.engagement.application)
    path = made(browser, says="talks")
    assert client.get(path).status_code == 200
    browser.post("/calendar-feed/closure")
    assert client.get(path).status_code == 404


def test_a_page_with_the_address_names_the_ways_into_the_usual_calendars(as_applicant, meeting):
    browser = as_applicant(meeting.engagement.application)
    page = browser.post("/calendar-feed", data={"says": "talks"}, follow_redirects=True).text
    for way in ("calendar.google.com/calendar/render?cid=webcal", "outlook.live.com", 'href="webcal://'):
        assert way in page


# ---- a program that subscribes


@pytest.fixture
def served(app):
    """The application on a real port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(10)


@pytest.fixture
def settings(settings, request):
    """The demo's, for the feed is asked for at a port that nobody knows beforehand."""
    return settings.model_copy(update={"demo": "served" in request.fixturenames})


def test_a_calendar_that_subscribes_follows_the_talk(served, session, meeting, khal, tmp_path):
    syncer = Syncer(tmp_path, from_feed(served + path_of(session, meeting.engagement.recipient)))

    def listed() -> list[str]:
        syncer.sync()
        session.expire_all()
        return khal("list", "--format", "{start} {title} {status}", "2026-11-01", "60d").splitlines()[1::2]

    found = [listed()]
    move_meeting(
        session, meeting, START + timedelta(hours=2), by="test", side=Side.OFFICE, now=NOW, sequence=0
    )
    session.commit()
    found += [listed()]
    cancel_meeting(session, meeting, side=Side.SUPPORTER, by="test", now=NOW)
    session.commit()
    found += [listed()]
    assert found == [
        ["2026-11-30 19:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CONFIRMED "],
        ["2026-11-30 21:00 mentorlink の予定 CANCELLED "],
    ]
