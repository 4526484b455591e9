"""Nothing about hours reads all of a person's past."""

import pytest
from sqlalchemy import event, text

from mentorlink.core.db import transaction
from mentorlink.scheduling.models import MeetingWay
from mentorlink.scheduling.queries import common_starts, common_starts_of_many, team_starts
from mentorlink.scheduling.services import book_meeting
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_supporter
from tests.scheduling.test_offers import tokyo


@pytest.fixture
def statements(session):
    """What is sent to the database, with its values."""
    sent: list[tuple[str, object]] = []
    engine = session.get_bind()

    def note(_connection, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def _plans(session, statements) -> list[str]:
    about = [
        each for each in statements if "occupancy" in each[0] and each[0].startswith(("SELECT", "DELETE"))
    ]
    connection = session.connection()
    return [
        " | ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values))
        for statement, values in about
    ]


def test_hours_are_read_between_two_instants(session, statements):
    engagement, application = make_engagement(session), make_application(session)
    statements.clear()
    team_starts(session, engagement, now=NOW)
    common_starts(session, application, engagement.supporters[0].supporter, now=NOW)
    plans = _plans(session, statements)
    assert len(plans) == 2
    assert all("person_id=? AND starts_at>? AND starts_at<?" in plan for plan in plans)


def test_booking_gives_back_holds_without_a_look_at_the_past(session, statements):
    engagement = make_engagement(session)
    statements.clear()
    book_meeting(session, engagement, tokyo(27, 18), way=MeetingWay.ONLINE, by="test", now=NOW)
    assert all("kind=? AND expires_at<?" in plan for plan in _plans(session, statements))


def test_the_guard_looks_at_one_row(session):
    [guard] = session.scalars(text("SELECT sql FROM sqlite_master WHERE name = 'tr_occupancy_insert'"))
    assert "ORDER BY other.starts_at DESC LIMIT 1" in guard


def test_the_same_queries_for_one_supporter_and_for_forty(session, statements):
    application = make_application(session)
    assert application.programme.horizon_days
    assert application.person
    counted = []
    for number in (1, 40):
        supporters = [make_supporter(session) for _ in range(number)]
        statements.clear()
        common_starts_of_many(session, application, supporters, now=NOW)
        counted.append(len(statements))
    assert counted == [5, 5]


WRITTEN = [
    "BEGIN",
    "SELECT",  # the engagement with its people and programme
    "DELETE",  # holds that have run out
    "SELECT",  # whether an offer or an ask waits
    "SAVEPOINT",
    "INSERT",  # the meeting
    "INSERT",  # everybody's span
    "RELEASE",
    "INSERT",  # a link for each reader (PostgreSQL takes both at once)
    "INSERT",
    "INSERT",  # every message
]


def test_a_booking_is_written_in_eleven_statements(session, statements):
    engagement = make_engagement(session)
    session.commit()
    statements.clear()
    with transaction(session):
        book_meeting(session, engagement, tokyo(27, 18), way=MeetingWay.ONLINE, by="test", now=NOW)
    assert [statement.split()[0] for statement, _values in statements] == WRITTEN
