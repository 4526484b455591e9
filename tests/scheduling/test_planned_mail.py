"""The one mail of many talks, through a real SMTP conversation into a calendar program that nobody here wrote."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.core.delivery import Courier
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.transports import SmtpTransport, parse_mail_url
from mentorlink.engagements.models import Engagement, PauseReason
from mentorlink.jobs import CONTEXTS
from mentorlink.jobs.post import make_resolve
from mentorlink.scheduling.models import MeetingWay
from mentorlink.scheduling.services import book_meeting, plan_talks, rest_engagement
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_programme

pytestmark = pytest.mark.both_databases
EVENING = datetime(2026, 12, 2, 10, tzinfo=UTC)  # Wednesday, 19:00 in Tokyo
EVENINGS = [EVENING + timedelta(weeks=4 * number) for number in range(3)]


@pytest.fixture
def engagement_id(session) -> int:
    person = make_person(session, email="aoi@example.org")
    programme = make_programme(session, months=6)
    application = make_application(session, person=person, programme=programme, state="matched")
    engagement = make_engagement(session, application=application)
    session.commit()
    return engagement.id


@pytest.fixture
def deliver(sessions, clock, settings, smtp_sink):
    transport = SmtpTransport(parse_mail_url(smtp_sink.url), "office@mentorlink.example", timeout=5)
    return Courier(sessions, clock, transport, CONTEXTS, make_resolve(settings), settings).deliver


def plan(session, engagement_id: int) -> None:
    with transaction(session):
        plan_talks(session, session.get_one(Engagement, engagement_id), EVENINGS, by="test", now=NOW)


def calendar_to(sink, address: str) -> tuple[str, bytes]:
    """The method and the bytes of the latest file that this reader got."""
    mail = [each.parsed() for each in sink.messages if address in each.recipients][-1]
    part = next(mail.iter_attachments())
    return part["Content-Type"].params["method"], part.get_payload(decode=True)


@pytest.fixture
def days_in_calendar(khal, tmp_path):
    """What khal shows once it has read the file."""

    def days_in_calendar(content: bytes) -> list[str]:
        (tmp_path / "talks.ics").write_bytes(content)
        khal("import", "--batch", "-a", "office", str(tmp_path / "talks.ics"))
        lines = khal("list", "--format", "{start}", "2026-11-01", "120d").splitlines()
        return [line for line in lines if line.endswith(" 19:00")]

    return days_in_calendar


def test_one_mail_brings_all_talks_into_the_calendar(
    session, engagement_id, deliver, smtp_sink, days_in_calendar
):
    plan(session, engagement_id)
    deliver()
    assert len(smtp_sink.messages) == 2  # one for each side
    method, content = calendar_to(smtp_sink, "aoi@example.org")
    assert method == "REQUEST"
    assert days_in_calendar(content) == ["2026-12-02 19:00", "2026-12-30 19:00", "2027-01-27 19:00"]


def test_a_rest_takes_them_all_away_with_the_same_names(session, engagement_id, deliver, smtp_sink):
    plan(session, engagement_id)
    deliver()
    with transaction(session):
        engagement = session.get_one(Engagement, engagement_id)
        rest_engagement(session, engagement, PauseReason.DISASTER, by="test", now=NOW)
    _request, planned = calendar_to(smtp_sink, "aoi@example.org")
    deliver()
    method, cancelled = calendar_to(smtp_sink, "aoi@example.org")
    assert method == "CANCEL"
    assert names(cancelled) == names(planned)
    assert session.scalar(select(OutboxMessage.id).where(OutboxMessage.state == "planned")) is None


def names(calendar: bytes) -> list[bytes]:
    return sorted(line for line in calendar.replace(b"\r\n ", b"").split(b"\r\n") if line.startswith(b"UID:"))


LATE = datetime(2026, 12, 1, 14, tzinfo=UTC)  # 23:00 in Tokyo


@pytest.mark.parametrize(("hours", "due"), [(8.5, LATE), (30, LATE + timedelta(hours=9))])
def test_what_is_booked_late_for_the_early_morning_is_told_at_night(session, engagement_id, hours, due):
    """At eight it would have begun, and somebody would wait alone."""
    engagement = session.get_one(Engagement, engagement_id)
    supporter = f"person:{engagement.supporters[0].supporter.person_id}"
    start = LATE + timedelta(hours=hours)
    book_meeting(session, engagement, start, way=MeetingWay.ONLINE, by="test", now=LATE)
    plan_talks(session, engagement, [start + timedelta(days=35)], by="test", now=LATE)
    query = select(OutboxMessage.due_at).filter_by(recipient=supporter)
    assert session.scalars(query.filter_by(template="scheduling/booked")).one() == due
    planned = session.scalars(query.filter_by(template="scheduling/talks_planned")).one()
    assert planned == LATE + timedelta(hours=9)


def test_a_plan_that_begins_early_next_morning_is_told_at_night(session, engagement_id):
    engagement = session.get_one(Engagement, engagement_id)
    plan_talks(session, engagement, [LATE + timedelta(hours=8.5)], by="test", now=LATE)
    query = select(OutboxMessage.due_at).filter_by(template="scheduling/talks_planned")
    assert set(session.scalars(query)) == {LATE}
