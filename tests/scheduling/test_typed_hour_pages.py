"""Where an hour is written by hand: asked for kindly where it is not clear or not free, and nothing typed is lost."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.audit import AuditEntry
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay
from mentorlink.scheduling.services import offer_slots
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)

TOKYO, NEW_YORK, LORD_HOWE = "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"
MONDAY_EVENING = datetime(2026, 11, 30, 10, tzinfo=UTC)  # 19:00 in Tokyo


@pytest.fixture
def half_year(session):
    """Both free on weekday evenings, 18:00 to 21:00 in Tokyo."""
    application = make_application(session, programme=make_programme(session, months=6), state="matched")
    engagement = make_engagement(session, application=application, begins_on=date(2026, 11, 4))
    make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=20), state="recorded")
    session.commit()
    return engagement


@pytest.fixture
def url(half_year) -> str:
    return f"/engagements/{half_year.id}/hour"


def planned(session) -> list[datetime]:
    session.rollback()
    query = select(Meeting.starts_at).where(Meeting.state == MeetingState.CONFIRMED)
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def abroad(session, zone: str, windows=None):
    """A half-year of an applicant who lives by other clocks; the supporter has all hours of every day."""
    person = make_person(session, zone=zone)
    application = make_application(
        session, person=person, programme=make_programme(session, months=6), state="matched"
    )
    windows = [(weekday, 0, 24 * 60) for weekday in range(7)] if windows is None else windows
    supporter = make_supporter(session, windows=windows, capacity_week=20, capacity_month=50)
    engagement = make_engagement(
        session, application=application, supporters=[supporter], begins_on=date(2026, 11, 4)
    )
    make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=20), state="recorded")
    session.commit()
    return engagement


def test_the_office_books_what_was_said_on_the_telephone(as_office, session, half_year, url):
    answer = as_office.post(url, data={"day": "１１／３０", "time": "午後７時", "way": "phone"})
    assert (answer.status_code, planned(session)) == (303, [MONDAY_EVENING])
    meeting = session.scalars(select(Meeting).where(Meeting.state == MeetingState.CONFIRMED)).one()
    assert (meeting.way, answer.location) == (MeetingWay.PHONE, f"/meetings/{meeting.id}")
    assert session.scalars(select(AuditEntry.verb)).all() == ["book_by_hand"]


@pytest.mark.both_databases
def test_sending_it_twice_is_one_talk(as_office, session, url):
    answers = [as_office.post(url, data={"day": "11/30", "time": "19:00"}) for _ in range(2)]
    assert ({answer.status_code for answer in answers}, len(planned(session))) == ({303}, 1)
    assert answers[0].location == answers[1].location


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2月30日", "19:00", "その日付はカレンダーにないようです"),
        ("9999-12-31", "19:00", "きょうから2027年"),
        ("2026年11月20日", "19:00", "きょうから2027年"),
        ("11月20日", "19:00", "年もいっしょに書いて"),
        ("", "19:00", "日にちを書いてください"),
        ("11/30", "24:00", "時刻は0:00から23:59まで"),
        ("11/30", "", "時刻を書いてください"),
        ("11/25", "9:00", "もう過ぎています"),
    ],
)
def test_what_was_written_stays_with_a_word_in_its_place(as_office, url, day, time, words):
    page = as_office.post(url, data={"day": day, "time": time, "way": "in_person"})
    assert (page.status_code, page.text.count(words)) == (422, 2)  # above, and in its place
    for kept in (
        f'name="day" type="text" autocomplete="off" value="{day}"',
        f'value="{time}"',
        'value="in_person" checked',
    ):
        assert kept in page.text


def test_a_contradicting_weekday_is_asked_and_books_nothing(as_office, session, url):
    page = as_office.post(url, data={"day": "令和８年１１月２７日（土）", "time": "19:00", "way": "phone"})
    friday = datetime(2026, 11, 27, 10, tzinfo=UTC)
    taps = [
        f'name="start" value="{day.isoformat()}"' in page.text for day in (friday, friday + timedelta(days=1))
    ]
    assert (page.status_code, taps, planned(session)) == (422, [True, True], [])
    assert as_office.post(url, data={"start": friday.isoformat(), "way": "phone"}).status_code == 303
    assert planned(session) == [friday]


def test_the_office_books_what_was_agreed_for_next_year(as_office, session):
    engagement = make_engagement(session)
    session.commit()
    url = f"/engagements/{engagement.id}/hour"
    assert as_office.post(url, data={"day": "2027-10-04", "time": "19:00"}).status_code == 303
    assert planned(session) == [datetime(2027, 10, 4, 10, tzinfo=UTC)]
    assert "きょうから2027年11月26日" in as_office.post(url, data={"day": "2027-12-04", "time": "19:00"}).text


def test_the_office_sees_for_whom_it_writes(as_office, half_year, url):
    page = as_office.get(url).text
    for person in (half_year.recipient, half_year.supporters[0].supporter.person):
        assert person.display_name in page


def test_two_faults_stand_in_their_places(as_office, url):
    page = as_office.post(url, data={"day": "2月30日", "time": "25時"}).text
    assert (page.count("その日付はカレンダーにない"), page.count("時刻は0:00から23:59まで")) == (2, 2)


def test_outside_of_the_hours_the_office_is_asked_and_may_insist(as_office, session, url):
    noon = MONDAY_EVENING - timedelta(hours=7)
    page = as_office.post(url, data={"day": "11/30", "time": "12:00", "way": "phone"})
    assert (page.status_code, planned(session)) == (422, [])
    assert f'name="sure" value="{noon.isoformat()}"' in page.text
    assert '11月30日（月）</span> <span class="nowrap">18:00〜19:00' in page.text  # the nearest
    answer = as_office.post(url, data={"sure": noon.isoformat(), "way": "phone"})
    assert (answer.status_code, planned(session)) == (303, [noon])


def test_the_two_sides_may_not_insist(as_supporter, session, half_year, url):
    noon = MONDAY_EVENING - timedelta(hours=7)
    browser = as_supporter(half_year.supporters[0].supporter)
    for sent in ({"day": "11/30", "time": "12:00"}, {"start": noon.isoformat()}, {"sure": noon.isoformat()}):
        page = browser.post(url, data=sent)
        assert (page.status_code, 'name="sure"' in page.text, planned(session)) == (422, False, [])


def test_the_two_sides_take_a_free_hour_and_the_other_hears_of_it(as_applicant, session, half_year, url):
    answer = as_applicant(half_year.application).post(url, data={"day": "12月14日", "time": "18時半"})
    assert (answer.status_code, planned(session)) == (303, [datetime(2026, 12, 14, 9, 30, tzinfo=UTC)])


def test_an_hour_that_somebody_has_is_never_booked_over(as_office, session, half_year, url):
    supporter = half_year.supporters[0].supporter
    make_meeting(
        session, engagement=make_engagement(session, supporters=[supporter]), starts_at=MONDAY_EVENING
    )
    session.commit()
    for sent in ({"day": "11/30", "time": "19:00"}, {"sure": MONDAY_EVENING.isoformat()}):
        page = as_office.post(url, data=sent)
        assert (page.status_code, "ほかの予定と重なります" in page.text) == (422, True)
    assert planned(session) == [MONDAY_EVENING]


def test_a_gap_offers_its_neighbours_as_taps(as_office, session):
    engagement = abroad(session, NEW_YORK)
    url, sent = f"/engagements/{engagement.id}/hour", {"day": "2027-03-14", "time": "2:30"}
    page = as_office.post(url, data=sent)
    taps = [f'name="start" value="2027-03-14T{hour}:30:00+00:00"' for hour in ("06", "07")]
    assert (page.status_code, [tap in page.text for tap in taps], planned(session)) == (422, [True, True], [])
    again = as_office.post(
        url, data=sent | {"start": "2027-03-14T07:30:00+00:00"}
    )  # at night: nobody gave it
    assert 'name="sure" value="2027-03-14T07:30:00+00:00"' in again.text
    assert as_office.post(url, data=sent | {"sure": "2027-03-14T07:30:00+00:00"}).status_code == 303
    assert planned(session) == [datetime(2027, 3, 14, 7, 30, tzinfo=UTC)]


def test_a_fold_asks_which_of_the_two(as_office, session):
    engagement = abroad(session, LORD_HOWE)
    url, sent = f"/engagements/{engagement.id}/hour", {"day": "2027-04-04", "time": "午前1時30分"}
    page = as_office.post(url, data=sent)
    assert page.status_code == 422
    for words in ("最初の1時30分", "2回目の1時30分", "UTC+11", "UTC+10:30", "どちらの1時30分ですか"):
        assert words in page.text
    second = datetime(2027, 4, 3, 15, 0, tzinfo=UTC)
    assert f'name="start" value="{second.isoformat()}"' in page.text
    assert as_office.post(url, data=sent | {"sure": second.isoformat()}).status_code == 303
    assert planned(session) == [second]


def test_the_office_says_by_whose_clock(as_office, session):
    engagement = abroad(session, NEW_YORK)
    url = f"/engagements/{engagement.id}/hour"
    for zone, time in (
        (TOKYO, "9:00"),
        ("", "17:00"),
        ("Europe/London", "20:00"),
    ):  # not one of theirs: the usual
        answer = as_office.post(url, data={"day": "12/1", "time": time, "zone": zone})
        assert answer.status_code == 303
    assert planned(session) == [
        datetime(2026, 12, day, hour, tzinfo=UTC) for day, hour in ((1, 0), (1, 22), (2, 1))
    ]


def test_the_two_sides_write_by_their_own_clock_alone(as_supporter, session):
    engagement = abroad(session, NEW_YORK)
    page = as_supporter(engagement.supporters[0].supporter).get(f"/engagements/{engagement.id}/hour").text
    assert ("ニューヨーク" in page, 'type="radio" id="hour-zone' in page) == (False, False)


@pytest.mark.both_databases
def test_a_talk_is_moved_to_a_written_hour(as_supporter, session, half_year):
    meeting = make_meeting(session, engagement=half_year, starts_at=MONDAY_EVENING)
    browser = as_supporter(half_year.supporters[0].supporter)
    url = f"/meetings/{meeting.id}/hour"
    outside = browser.post(url, data={"day": "12/1", "time": "12:00", "sequence": 0})
    assert (outside.status_code, "18:00〜19:00" in outside.text, planned(session)) == (
        422,
        True,
        [MONDAY_EVENING],
    )
    answer = browser.post(url, data={"day": "12/1", "time": "19:00", "sequence": 0})
    assert (answer.status_code, planned(session)) == (303, [MONDAY_EVENING + timedelta(days=1)])


def test_half_an_hour_later_is_no_overlap_with_itself(as_supporter, session, half_year):
    meeting = make_meeting(session, engagement=half_year, starts_at=MONDAY_EVENING)
    browser = as_supporter(half_year.supporters[0].supporter)
    answer = browser.post(
        f"/meetings/{meeting.id}/hour", data={"day": "11/30", "time": "19:30", "sequence": 0}
    )
    assert (answer.status_code, planned(session)) == (303, [MONDAY_EVENING + timedelta(minutes=30)])


def test_the_office_moves_it_over_its_own_old_hour(as_office, session, half_year):
    late = MONDAY_EVENING + timedelta(hours=1)  # the last hour that was given
    meeting = make_meeting(session, engagement=half_year, starts_at=late)
    session.commit()
    page = as_office.post(
        f"/meetings/{meeting.id}/hour", data={"day": "11/30", "time": "20:30", "sequence": 0}
    )
    assert f'name="sure" value="{(late + timedelta(minutes=30)).isoformat()}"' in page.text


def test_who_writes_after_somebody_else_has_moved_it_sees_the_new_hour(as_supporter, session, half_year):
    meeting = make_meeting(session, engagement=half_year, starts_at=MONDAY_EVENING, sequence=3)
    browser = as_supporter(half_year.supporters[0].supporter)
    page = browser.post(f"/meetings/{meeting.id}/hour", data={"day": "12/1", "time": "19:00", "sequence": 2})
    assert (page.status_code, "ひと足先に日時を変えていました" in page.text) == (409, True)
    assert (planned(session), 'value="12/1"' in page.text) == ([MONDAY_EVENING], True)


def test_the_office_comes_there_from_the_hours_it_chooses_for_somebody(as_office, as_applicant, session):
    offer = offer_slots(session, make_engagement(session), now=NOW)
    session.commit()
    link = f'href="/engagements/{offer.engagement_id}/hour"'
    pages = [
        browser.get(f"/my/slots/{offer.id}").text
        for browser in (as_office, as_applicant(offer.engagement.application))
    ]
    assert [link in page for page in pages] == [True, False]


@pytest.mark.parametrize("windows", [[(1, 1140, 1260)], []])
def test_the_months_lead_to_it_whether_or_not_they_have_an_hour(as_office, session, windows):
    engagement = abroad(session, TOKYO, windows)
    page = as_office.get(f"/engagements/{engagement.id}/talks").text
    assert (page.count(f'href="/engagements/{engagement.id}/hour"'), "<select" in page) == (1, bool(windows))


def test_nobody_is_sent_to_write_an_hour_that_cannot_be_theirs(as_applicant, session):
    engagement = abroad(session, TOKYO, [])
    page = as_applicant(engagement.application).get(f"/engagements/{engagement.id}/talks").text
    assert "/hour" not in page


@pytest.mark.parametrize("name", ["start", "sure"])
@pytest.mark.parametrize("start", [NOW - timedelta(hours=1), NOW, datetime(2029, 11, 30, 10, tzinfo=UTC)])
def test_a_tap_on_what_is_over_or_far_off_books_nothing(as_office, session, url, name, start):
    page = as_office.post(url, data={name: start.isoformat()})
    assert (page.status_code, planned(session)) == (422, [])
    assert "もう過ぎています" in page.text or "きょうから2027年" in page.text


def test_a_single_talk_is_written_by_the_office_alone(as_office, as_applicant, session):
    engagement = make_engagement(session)
    session.commit()
    url = f"/engagements/{engagement.id}/hour"
    assert [as_office.get(url).status_code, as_applicant(engagement.application).get(url).status_code] == [
        200,
        404,
    ]


@pytest.mark.parametrize("name", ["day", "time", "start", "sure", "zone", "way"])
def test_a_value_sent_twice_is_no_browser(as_office, url, name):
    assert as_office.post(url, data={name: ["", ""]}).status_code == 400


@pytest.mark.parametrize("sent", ["x" * 100_000, "\x00", "\u202e11/30", "1" * 200, "٣٠", "\ud800"])
def test_whatever_is_sent_is_answered(as_office, session, url, sent):
    assert as_office.post(
        url, data={"day": sent.encode("utf-8", "surrogatepass"), "time": "19:00"}
    ).status_code in (400, 422)
    assert planned(session) == []


@pytest.fixture
def full_week(session, half_year):
    """The week of the talk on Monday evening holds one talk, and no more may be there; in the next there is one too."""
    supporter = half_year.supporters[0].supporter
    supporter.capacity_week, supporter.capacity_month = 1, 9
    other = make_engagement(session, supporters=[supporter])
    make_meeting(session, engagement=other, starts_at=MONDAY_EVENING + timedelta(days=2))
    make_meeting(session, engagement=other, starts_at=MONDAY_EVENING + timedelta(days=9))
    meeting = make_meeting(session, engagement=half_year, starts_at=MONDAY_EVENING)
    session.commit()
    return meeting


@pytest.mark.parametrize(
    ("page", "sent"),
    [
        ("hour", {"day": "12/1", "time": "19:00"}),
        ("change", {"start": "2026-12-01T10:00:00+00:00", "sequence": "0"}),
    ],
)
def test_within_its_full_week_a_talk_moves(as_applicant, session, full_week, page, sent):
    browser = as_applicant(full_week.engagement.application)
    answer = browser.post(f"/meetings/{full_week.id}/{page}", data=sent)
    assert (answer.status_code, planned(session)[0]) == (303, MONDAY_EVENING + timedelta(days=1))


def test_a_supporter_puts_their_own_talk_into_a_full_week(as_supporter, session, full_week):
    browser = as_supporter(full_week.engagement.supporters[0].supporter)
    answer = browser.post(f"/meetings/{full_week.id}/hour", data={"day": "12/8", "time": "19:00"})
    assert (answer.status_code, MONDAY_EVENING + timedelta(days=8) in planned(session)) == (303, True)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [("12/8", "19:00", "回数がいっぱいです"), ("12/2", "19:00", "ほかの予定と重なります")],
)
def test_a_refused_hour_says_which_reason_it_is(as_applicant, full_week, day, time, words):
    browser = as_applicant(full_week.engagement.application)
    page = browser.post(f"/meetings/{full_week.id}/hour", data={"day": day, "time": time})
    assert (page.status_code, words in page.text) == (422, True)
