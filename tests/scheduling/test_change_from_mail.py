"""From the mail to another hour without a password or a reason, for either side; and both sides at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from mentorlink.core.dates import format_instant
from mentorlink.core.outbox import InboxMail
from mentorlink.jobs import make_courier
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.services import book_meeting
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_supporter

APPLICANT, MENTOR = "hana@example.org", "mentor@example.org"
START = NOW + timedelta(days=2, hours=9)  # Friday, 19:00 in Tokyo
MINUTE = timedelta(minutes=1)


@pytest.fixture
def meeting_id(session) -> int:
    supporter = make_supporter(session, person=make_person(session, email=MENTOR), notice_hours=0)
    application = make_application(session, person=make_person(session, email=APPLICANT), state="matched")
    engagement = make_engagement(session, application=application, supporters=[supporter])
    meeting = book_meeting(session, engagement, START, way=MeetingWay.PHONE, by="test", now=NOW)
    session.commit()
    return meeting.id


@pytest.fixture
def enter_from_mail(app, session, sessions, settings, clock):
    """Somebody's browser, and the page of the meeting to which their latest mail has led them."""

    def enter_from_mail(address: str, at: datetime = NOW):
        clock.now = at
        make_courier(settings, sessions, clock).deliver()
        newest = select(InboxMail.text).where(InboxMail.to_address.contains(address))
        session.rollback()
        mail = session.scalar(newest.order_by(InboxMail.id.desc()).limit(1))
        session.rollback()  # and read nothing after it
        [path] = set(re.findall(r"http://localhost(/e/\S+)", mail))
        client = app.test_client()
        assert "<form" in client.get(path).text
        landed = client.post(path).location
        if "/meetings/" in landed:
            return client, landed
        return client, re.findall(r'href="(/meetings/\d+)', client.get(landed).text)[0]

    return enter_from_mail


def starts_on(page: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page)


def meeting_now(session, meeting_id: int) -> Meeting:
    session.rollback()
    return session.get_one(Meeting, meeting_id)


@pytest.mark.parametrize("address", [APPLICANT, MENTOR])
@pytest.mark.parametrize("before", [timedelta(days=1), timedelta(minutes=50), MINUTE])
def test_either_side_goes_from_the_mail_to_another_hour(
    session, meeting_id, enter_from_mail, address, before
):
    client, landed = enter_from_mail(address, START - before)
    assert landed.endswith(f"/meetings/{meeting_id}")
    assert f"/meetings/{meeting_id}/change" in client.get(landed).text
    page = client.get(f"{landed}/change").text
    assert 'type="password"' not in page
    assert "<textarea" not in page
    start = starts_on(page)[-1]
    answer = client.post(f"{landed}/change", data={"start": start, "sequence": 0})
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting_id}")
    meeting = meeting_now(session, meeting_id)
    assert (meeting.starts_at, meeting.sequence) == (datetime.fromisoformat(start), 1)


@pytest.mark.parametrize("address", [APPLICANT, MENTOR])
def test_what_has_begun_is_not_moved_from_a_mail(session, meeting_id, clock, enter_from_mail, address):
    client, landed = enter_from_mail(address, START - MINUTE)
    start = starts_on(client.get(f"{landed}/change").text)[0]
    clock.now = START
    assert "/change" not in client.get(landed).text
    answer = client.post(f"{landed}/change", data={"start": start, "sequence": 0})
    assert answer.status_code == 422
    assert meeting_now(session, meeting_id).starts_at == START


@pytest.mark.both_databases
def test_of_both_sides_at_once_one_wins_and_the_other_sees_the_new_hour(session, meeting_id, enter_from_mail):
    entered = [enter_from_mail(address) for address in (APPLICANT, MENTOR)]
    starts = starts_on(entered[0][0].get(f"{entered[0][1]}/change").text)
    for turn in range(4):
        together, wanted = Barrier(2), starts[2 * turn % 6 : 2 * turn % 6 + 2]

        def move(who: int, together=together, wanted=wanted, turn=turn):
            client, landed = entered[who]
            together.wait()
            return client.post(f"{landed}/change", data={"start": wanted[who], "sequence": turn})

        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(move, range(2)))
        meeting = meeting_now(session, meeting_id)
        assert sorted(each.status_code for each in answers) == [303, 409]
        winner = next(number for number, each in enumerate(answers) if each.status_code == 303)
        assert (meeting.starts_at.isoformat(), meeting.sequence) == (wanted[winner], turn + 1)
        assert format_instant(meeting.starts_at) in answers[1 - winner].text
