"""Talks by telephone: the number is asked for in time, and every page and mail says the same of the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.core import rooms
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Side
from mentorlink.home.desk import Kind, Queue, list_queue
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.queries.calendar import talks_by_id
from mentorlink.scheduling.services import book_meeting, give_number
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_supporter

ROOM = "https://room.example/9"
START = NOW.replace(day=30, hour=10)
DAY = timedelta(days=1)


def engagement_of(session, *, url=None, phone=None):
    engagement = make_engagement(session, supporters=[make_supporter(session, meeting_url=url)])
    engagement.recipient.phone = phone
    session.commit()
    return engagement


def booked(session, **about):
    engagement = engagement_of(session, **about)
    meeting = book_meeting(session, engagement, START, way=MeetingWay.ONLINE, by="test", now=NOW)
    session.commit()
    return meeting


def kinds(session, now) -> set[Kind]:
    return {row.kind for row in list_queue(session, Queue.ANSWER, page=1, now=now)}


@pytest.mark.parametrize(
    ("url", "phone", "way"),
    [
        (ROOM, "+819012345678", "online"),
        (None, "+819012345678", "phone"),
        (None, None, "online"),  # until there is one or the other
    ],
)
def test_a_talk_is_booked_in_a_way_that_works(session, url, phone, way):
    assert booked(session, url=url, phone=phone).way == way


def test_where_the_installation_makes_rooms_nobody_is_called_instead(session):
    rooms.configure("https://meet.example.org")
    try:
        assert booked(session, phone="+819012345678").way == "online"
    finally:
        rooms.configure("")


@pytest.mark.parametrize(("url", "word"), [(ROOM, "オンライン"), (None, "お電話")])
def test_every_mail_and_calendar_says_the_same_way(session, url, word):
    meeting = booked(session, url=url)
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.about == f"meeting:{meeting.id}"))
    assert {str(CONTEXTS[row.template](session, row)["way_word"]) for row in rows} == {word}
    (talk,) = talks_by_id(session, [meeting.id])
    assert talk.way == ("online" if url else "phone")


def test_no_mail_of_a_talk_by_telephone_speaks_of_a_camera(session):
    booked(session, phone="+819012345678")
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "scheduling/booked"))
    said = [str(CONTEXTS[row.template](session, row)["way_in"]) for row in rows]
    assert len(said) == 2
    assert not any("カメラ" in words or "部屋" in words for words in said)


def test_the_applicant_is_asked_for_the_number_and_tells_it_in_one_field(session, as_applicant):
    meeting = booked(session)
    applicant = as_applicant(meeting.engagement.application)
    assert "番号を教えてください" in applicant.get(f"/meetings/{meeting.id}").text
    answer = applicant.post(f"/meetings/{meeting.id}/number", data={"phone": "090-1234-5678"})
    assert answer.status_code == 303
    session.rollback()
    assert (meeting.engagement.recipient.phone, meeting.way) == ("+819012345678", "phone")
    page = applicant.get(f"/meetings/{meeting.id}").text
    assert ("番号を教えてください" in page, "090-1234-5678" in page) == (False, True)


def test_what_is_no_number_is_asked_for_again_with_what_was_typed(session, as_applicant):
    meeting = booked(session)
    client = as_applicant(meeting.engagement.application)
    for typed in ("", "12", "090-abcd-1234"):
        answer = client.post(f"/meetings/{meeting.id}/number", data={"phone": typed})
        assert (answer.status_code, typed in answer.text) == (422, True)
    session.rollback()
    assert meeting.engagement.recipient.phone is None


def test_the_supporter_is_never_promised_a_number_that_is_not_there(session, as_supporter, clock):
    meeting = booked(session)
    client = as_supporter(meeting.engagement.supporters[0].supporter)
    for clock.now in (NOW, START - timedelta(minutes=26)):
        page = client.get(f"/meetings/{meeting.id}").text
        assert "番号は、はじまる1時間前から" not in page
        assert "いまうかがっています" in page


def test_the_supporter_cannot_write_the_applicants_number(session, as_supporter):
    meeting = booked(session)
    client = as_supporter(meeting.engagement.supporters[0].supporter)
    assert client.post(f"/meetings/{meeting.id}/number", data={"phone": "0901234567"}).status_code == 404


def test_the_office_sees_days_before_that_nobody_can_call(session):
    meeting = booked(session)
    found = {days: Kind.NUMBER_MISSING in kinds(session, START - days * DAY) for days in (6, 4, 1, -1)}
    assert found == {6: False, 4: True, 1: True, -1: False}
    give_number(session, meeting.engagement, "+819012345678", now=NOW)
    session.flush()
    assert Kind.NUMBER_MISSING not in kinds(session, START - DAY)


def test_a_room_takes_the_row_from_the_desk_too(session):
    meeting = booked(session)
    meeting.engagement.supporters[0].supporter.meeting_url = ROOM
    session.flush()
    assert Kind.NUMBER_MISSING not in kinds(session, START - DAY)


def test_a_number_told_within_the_hour_reaches_who_calls_at_once(session):
    meeting = booked(session)
    at = START - timedelta(minutes=26)
    give_number(session, meeting.engagement, "+819012345678", now=at)
    told = session.scalars(select(OutboxMessage).where(OutboxMessage.event.startswith("number_known:"))).all()
    assert [(row.params["side"], row.due_at) for row in told] == [(Side.SUPPORTER, at)]


def test_every_talk_to_come_without_a_room_takes_the_number(session):
    engagement = engagement_of(session)
    talks = [make_meeting(session, engagement=engagement, starts_at=START + days * DAY) for days in (1, 2)]
    give_number(session, engagement, "+819012345678", now=NOW)
    assert {session.get_one(Meeting, each.id).way for each in talks} == {MeetingWay.PHONE}
