"""Busy times of supporters' own calendars, as the hours to offer read them."""

from datetime import timedelta

from sqlalchemy import event

from mentorlink.scheduling.models import BusySpan, CalendarSource
from mentorlink.scheduling.queries import busy_spans_of_many
from tests.conftest import NOW
from tests.factories import make_supporter

HOUR = timedelta(hours=1)


def bring_calendar(session, supporter, *spans):
    source = CalendarSource(
        supporter_id=supporter.id, address="https://calendar.example/a.ics", added_at=NOW, next_at=NOW
    )
    session.add(source)
    session.flush()
    session.add_all(BusySpan(source_id=source.id, starts_at=start, ends_at=end) for start, end in spans)
    session.flush()
    return source


def test_busy_spans_are_found_by_supporter_and_only_where_they_touch(session):
    one, other = make_supporter(session), make_supporter(session)
    before, inside, after = (NOW - HOUR, NOW), (NOW, NOW + HOUR), (NOW + 2 * HOUR, NOW + 3 * HOUR)
    bring_calendar(session, one, before, inside, after)
    bring_calendar(session, other, inside)

    found = busy_spans_of_many(session, [one.id, other.id], after=NOW, until=NOW + 2 * HOUR)

    assert found == {one.id: [inside], other.id: [inside]}


def test_nobody_without_a_calendar_is_busy(session):
    supporter = make_supporter(session)

    assert busy_spans_of_many(session, [supporter.id], after=NOW, until=NOW + HOUR)[supporter.id] == []


def test_busy_spans_of_many_take_one_query(session, engine):
    ids = []
    for _each in range(5):
        supporter = make_supporter(session)
        bring_calendar(session, supporter, (NOW, NOW + HOUR))
        ids.append(supporter.id)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    found = busy_spans_of_many(session, ids, after=NOW, until=NOW + HOUR)

    assert len(found) == 5
    assert len(statements) == 1
