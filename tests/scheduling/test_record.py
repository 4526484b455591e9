"""The three lines after a talk: a promise with its day, what weighed, and words that somebody should look at."""

from datetime import date

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.scheduling.models import Meeting, MeetingRecord
from tests.factories import make_engagement, make_meeting

DAY = {"promise_on-year": "2026", "promise_on-month": "12", "promise_on-day": "１０"}


@pytest.fixture
def url(session, clock) -> str:
    meeting = make_meeting(session, engagement=make_engagement(session))
    session.commit()
    clock.now = meeting.ends_at
    return f"/meetings/{meeting.id}"


@pytest.fixture
def mentor(session, url, as_supporter):
    engagement = meeting_of(session, url).engagement
    return as_supporter(engagement.supporters[0].supporter)


@pytest.fixture
def mentee(session, url, as_applicant):
    return as_applicant(meeting_of(session, url).engagement.application)


def meeting_of(session, url):
    return session.get_one(Meeting, int(url.rpartition("/")[2]))


def flags(session) -> list[FlagKind]:
    session.rollback()
    return list(session.scalars(select(Flag.kind).order_by(Flag.id)))


def test_a_promise_has_its_day_in_three_fields(mentor, session, url):
    sent = {"next_promise": "大家さんに電話する"} | DAY
    assert mentor.post(f"{url}/record", data=sent).status_code == 303
    session.rollback()
    assert session.scalar(select(MeetingRecord.promise_on)) == date(2026, 12, 10)
    assert "2026年12月10日（木）まで" in mentor.get(url).text


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"promise_on-month": "13"}, "カレンダー"),
        ({"promise_on-day": ""}, "日付"),
        ({"promise_on-year": "9999"}, "2100年"),
        ({"promise_on-year": "2020"}, "きょうより後"),
        ({"next_promise": "", "went_well": "会えた"}, "約束のことば"),
    ],
)
def test_a_day_that_cannot_be_is_asked_for_again_and_stays_as_typed(mentor, session, url, changed, words):
    sent = {"next_promise": "大家さんに電話する"} | DAY | changed
    page = mentor.post(f"{url}/record", data=sent)
    assert page.status_code == 422
    assert words in page.text
    assert (
        f'name="promise_on-year" inputmode="numeric" autocomplete="off" value="{sent["promise_on-year"]}"'
        in page.text
    )
    session.rollback()
    assert session.scalar(select(MeetingRecord.id)) is None


def test_a_day_sent_twice_is_no_browser(mentor, url):
    assert mentor.post(f"{url}/record", data={"promise_on-day": ["1", "2"]}).status_code == 400


def test_what_weighed_is_for_the_office_alone(mentor, mentee, as_office, session, url):
    mentor.post(f"{url}/record", data={"went_well": "会えた", "was_heavy": "y"})
    assert flags(session) == [FlagKind.HEAVY]
    assert "重いお話しでした" in as_office.get(url).text
    assert "重いお話しでした" not in mentee.get(url).text


@pytest.mark.parametrize("line", ["went_well", "difficult", "next_promise"])
def test_words_of_crisis_in_a_line_are_watched_over(mentor, session, url, line):
    mentor.post(f"{url}/record", data={line: "ときどき、しにたいと話された"})
    assert flags(session) == [FlagKind.CRISIS]


def test_words_that_only_meet_between_two_lines_are_none(mentor, session, url):
    mentor.post(f"{url}/record", data={"went_well": "いそがし", "difficult": "にたいへん"})
    assert flags(session) == []
