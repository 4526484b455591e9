"""A supporter's own calendar: read by the worker, kept as spans alone, and never in anybody's way."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.cli.doctor import Level, _calendars
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.fetching import Fetcher, FetchFault
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.jobs import all_jobs, make_courier
from mentorlink.jobs.calendars import AT_ONCE, read_calendars
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import BusySpan, CalendarSource
from mentorlink.scheduling.notices import tell_calendar_unread
from mentorlink.scheduling.services import (
    Copy,
    add_source,
    claim_source,
    read_again,
    remove_source,
    settle_source,
)
from tests.conftest import NOW
from tests.factories import make_person, make_supporter
from tests.https_server import Certificates, Listener, send

ADDRESS = "https://calendar.example/private-5f3a/basic.ics"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
UNTIL = NOW + 200 * DAY
SPAN = (NOW + DAY, NOW + DAY + HOUR)
EVENT = (
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261126T010000Z\r\nDURATION:PT1H\r\n"
    b"SUMMARY:himitsu\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def supporter(session):
    return make_supporter(session)


@pytest.fixture
def source(session, supporter):
    source = add_source(session, supporter, ADDRESS, now=NOW)
    session.commit()
    return source


def settle(session, copy, *, now=NOW):
    claim = claim_source(session, now=now)
    settle_source(session, claim, copy, now=now)
    session.flush()


def fail(session, source, *, now, fault="address_silent"):
    source.next_at = now
    settle(session, Copy(UNTIL, fault=fault), now=now)


def spans(session):
    return session.execute(select(BusySpan.starts_at, BusySpan.ends_at).order_by(BusySpan.starts_at)).all()


def words_planned(session):
    return session.scalars(
        select(OutboxMessage.event).where(
            OutboxMessage.template == "scheduling/calendar_unread",
            OutboxMessage.state == MessageState.PLANNED,
        )
    ).all()


# ---- bringing and letting go


@pytest.mark.parametrize(
    "address", ["", "http://calendar.example/a.ics", "https://127.0.0.1/a.ics", "rubbish"]
)
def test_an_address_that_is_none_is_refused(session, supporter, address):
    with pytest.raises(RuleViolation, match="address_"):
        add_source(session, supporter, address, now=NOW)


def test_another_calendar_takes_the_place_of_the_first_with_all_its_times(session, supporter, source):
    settle(session, Copy(UNTIL, (SPAN,)))

    add_source(session, supporter, "webcal://other.example/b.ics", now=NOW)

    assert session.scalars(select(CalendarSource.address)).all() == ["webcal://other.example/b.ics"]
    assert spans(session) == []


def test_a_calendar_that_is_let_go_leaves_nothing(session, supporter, source):
    settle(session, Copy(UNTIL, (SPAN,)))
    fail(session, source, now=NOW + 4 * DAY)
    assert len(words_planned(session)) == 1

    remove_source(session, supporter)

    assert (session.scalars(select(CalendarSource)).all(), spans(session), words_planned(session)) == (
        [],
        [],
        [],
    )


def test_letting_go_of_none_is_nothing(session, supporter):
    remove_source(session, supporter)

    assert session.scalars(select(CalendarSource)).all() == []


# ---- a reading


def test_a_reading_keeps_the_spans_and_comes_again_in_half_an_hour(session, source):
    settle(session, Copy(UNTIL, (SPAN,), "calendar_zone_guessed"))

    assert spans(session) == [SPAN]
    assert (source.read_at, source.covers_until, source.next_at) == (NOW, UNTIL, NOW + timedelta(minutes=30))
    assert (source.failures, source.fault, source.caution) == (0, None, "calendar_zone_guessed")


def test_the_next_reading_keeps_what_is_the_same_and_drops_what_is_gone(session, source):
    other = (SPAN[0] + DAY, SPAN[1] + DAY)
    third = (SPAN[0] + 2 * DAY, SPAN[1] + 2 * DAY)
    settle(session, Copy(UNTIL, (SPAN, other)))
    kept = session.scalar(select(BusySpan.id).where(BusySpan.starts_at == other[0]))

    settle(session, Copy(UNTIL, (other, third)), now=NOW + HOUR)

    assert spans(session) == [other, third]
    assert session.scalar(select(BusySpan.id).where(BusySpan.starts_at == other[0])) == kept


def test_a_failure_leaves_the_last_good_copy_in_its_place(session, source):
    settle(session, Copy(UNTIL, (SPAN,)))

    fail(session, source, now=NOW + HOUR, fault="address_refused")

    assert spans(session) == [SPAN]
    assert (source.read_at, source.failures, source.fault) == (NOW, 1, "address_refused")


def test_failures_are_tried_again_ever_later_up_to_half_a_day(session, source):
    waits = []
    for number in range(8):
        now = NOW + number * DAY
        fail(session, source, now=now)
        waits.append((source.next_at - now) / timedelta(minutes=30))

    assert waits == [1, 2, 4, 8, 16, 24, 24, 24]


def test_success_ends_a_row_of_failures(session, source):
    fail(session, source, now=NOW)
    source.next_at = NOW + HOUR

    settle(session, Copy(UNTIL), now=NOW + HOUR)

    assert (source.failures, source.fault, source.next_at) == (0, None, NOW + timedelta(minutes=90))


@pytest.mark.parametrize("change", ["removed", "other address", "added again"])
def test_a_calendar_that_changed_meanwhile_is_not_overwritten(session, supporter, source, change):
    claim = claim_source(session, now=NOW)
    if change == "removed":
        remove_source(session, supporter)
    else:
        address = ADDRESS if change == "added again" else "https://other.example/b.ics"
        add_source(session, supporter, address, now=NOW + HOUR).id = claim.source_id
        session.flush()

    settle_source(session, claim, Copy(UNTIL, (SPAN,)), now=NOW)

    assert spans(session) == []
    assert [each.read_at for each in session.scalars(select(CalendarSource))] == [None] * (
        change != "removed"
    )


def test_what_is_claimed_is_nobody_elses_until_its_lease_is_over(session, source):
    assert claim_source(session, now=NOW) is not None
    assert claim_source(session, now=NOW) is None
    assert claim_source(session, now=NOW + timedelta(minutes=5)) is not None


def test_calendars_are_read_in_the_order_in_which_they_wait(session, source):
    late = add_source(session, make_supporter(session), "https://late.example/", now=NOW - HOUR)

    assert [claim_source(session, now=NOW).source_id for _ in range(2)] == [late.id, source.id]


def test_somebody_erased_has_no_calendar_read(session):
    person = make_person(session, erased_at=NOW)
    add_source(session, make_supporter(session, person=person), ADDRESS, now=NOW)

    assert claim_source(session, now=NOW) is None


def test_reading_again_does_not_wait(session, supporter, source):
    settle(session, Copy(UNTIL))
    read_again(session, supporter, now=NOW + timedelta(minutes=1))

    assert claim_source(session, now=NOW + timedelta(minutes=1)) is not None


# ---- told once


def test_three_days_of_silence_are_told_once(session, source):
    settle(session, Copy(UNTIL, (SPAN,)))
    told = []
    for hours in (71, 72, 96, 240):
        fail(session, source, now=NOW + hours * HOUR)
        told.append(len(words_planned(session)))

    assert told == [0, 1, 1, 1]


def test_a_calendar_that_never_answered_is_told_too(session, source):
    fail(session, source, now=NOW + 3 * DAY)

    assert len(words_planned(session)) == 1


def test_the_word_is_taken_back_when_the_calendar_answers_and_said_again_another_time(session, source):
    fail(session, source, now=NOW + 3 * DAY)
    source.next_at = NOW + 4 * DAY
    settle(session, Copy(UNTIL), now=NOW + 4 * DAY)
    assert words_planned(session) == []

    fail(session, source, now=NOW + 8 * DAY)

    assert len(words_planned(session)) == 1


# ---- the job


@pytest.mark.both_databases
def test_the_job_reads_each_calendar_that_is_due_once(sessions, session):
    for number in range(6):
        add_source(session, make_supporter(session), f"https://calendar.example/{number}.ics", now=NOW)
    session.commit()
    asked = []

    def fetch(address):
        asked.append(address)
        return EVENT

    others = [
        threading.Thread(target=read_calendars, args=[sessions, NOW], kwargs={"fetch": fetch}) for _ in "ab"
    ]
    for each in others:
        each.start()
    read_calendars(sessions, NOW, fetch=fetch)
    for each in others:
        each.join()

    hour = datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert sorted(asked) == [f"https://calendar.example/{number}.ics" for number in range(6)]
    assert spans(session) == [(hour, hour + HOUR)] * 6


def test_a_calendar_comes_over_https_through_all_walls_into_spans(sessions, session, supporter, tmp_path):
    certificates = Certificates(tmp_path)
    server = Listener("127.0.0.2", tls=certificates.serving())
    server.answer = send(EVENT)
    fetcher = Fetcher(
        ports=frozenset({server.port}),
        resolve=lambda _host, _port: ["127.0.0.2"],
        allows=lambda address: address == "127.0.0.2",
        context=certificates.trusted(),
    )
    add_source(session, supporter, ADDRESS, now=NOW)
    session.commit()

    read_calendars(
        sessions,
        NOW,
        fetch=lambda address: fetcher.fetch(address.replace("example", f"example:{server.port}")),
    )
    server.close()

    hour = datetime(2026, 11, 26, 1, tzinfo=UTC)
    assert spans(session) == [(hour, hour + HOUR)]


def test_a_calendar_that_fails_stands_in_nobodys_way(sessions, session, source):
    add_source(session, make_supporter(session), "https://good.example/", now=NOW)
    session.commit()

    def fetch(address):
        if address == ADDRESS:
            raise FetchFault("address_slow")
        return EVENT

    assert read_calendars(sessions, NOW, fetch=fetch) == 2
    assert sorted(session.scalars(select(CalendarSource.fault)), key=str) == [None, "address_slow"]


def test_what_is_no_calendar_is_told_by_its_code(sessions, session, source):
    read_calendars(sessions, NOW, fetch=lambda _address: b"<!doctype html>")

    assert session.scalar(select(CalendarSource.fault)) == "calendar_broken"


def test_servers_that_hang_hold_up_no_writing_and_no_mail(sessions, session, settings, clock, source):
    """As many as are read at once, and more."""
    for _each in range(7):
        add_source(session, make_supporter(session), ADDRESS, now=NOW)
    tell_calendar_unread(session, source, now=NOW)
    session.commit()
    hanging, go_on = threading.Semaphore(0), threading.Event()

    def fetch(_address):
        hanging.release()
        go_on.wait(5)
        return EVENT

    reading = threading.Thread(target=read_calendars, args=[sessions, NOW], kwargs={"fetch": fetch})
    reading.start()
    assert all(hanging.acquire(timeout=5) for _ in range(AT_ONCE))
    begun = time.monotonic()
    with transaction(session):
        make_supporter(session)
    sent = make_courier(settings, sessions, clock).deliver()
    waited = time.monotonic() - begun
    go_on.set()
    reading.join()

    assert sent == 1
    assert waited < 1


def test_no_reading_begins_when_the_budget_is_spent_or_the_worker_stops(sessions, session, source):
    assert read_calendars(sessions, NOW, fetch=lambda _address: EVENT, budget=0) == 0
    assert read_calendars(sessions, NOW, fetch=lambda _address: EVENT, may_go_on=lambda: False) == 0
    assert read_calendars(sessions, NOW, fetch=lambda _address: EVENT) == 1


def test_reading_is_a_job_that_workers_share(settings, sessions, clock):
    job = next(each for each in all_jobs(settings, sessions, clock) if each.name == "read_calendars")

    assert (job.every_seconds, job.alone) == (60, False)


def test_our_own_talks_do_not_block_twice(sessions, session, source):
    ours = EVENT.replace(b"UID:1", b"UID:meeting-0123456789abcdef01234567@localhost")

    read_calendars(sessions, NOW, fetch=lambda _address: ours)

    assert session.scalar(select(CalendarSource.read_at)) == NOW
    assert spans(session) == []


def test_the_doctor_says_how_calendars_are_doing(engine, session, source):
    assert [finding.level for finding in _calendars(engine)] == [Level.OK]
    fail(session, source, now=NOW)
    session.commit()
    (finding,) = _calendars(engine)
    remove_source(session, session.get_one(Supporter, source.supporter_id))
    session.commit()

    assert (finding.level, "port 443" in finding.words) == (Level.NOTE, True)
    assert list(_calendars(engine)) == []
