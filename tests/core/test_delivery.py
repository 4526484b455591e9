"""What becomes of a due mail, in a real SMTP conversation, on both databases: sent or visibly parked."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.core.delivery import LEASE, Courier
from mentorlink.core.mailer import Recipient
from mentorlink.core.outbox import (
    Channel,
    InboxMail,
    MessageState,
    OutboxMessage,
    cancel_messages,
    plan_message,
)
from mentorlink.core.transports import InboxTransport, SmtpTransport, parse_mail_url
from tests.smtp import Mood

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SOON = timedelta(minutes=2)
pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """Ends the worker where it stands, as SIGKILL does: nothing is written down afterwards."""


def contexts():
    return {
        "core/desk": lambda session, row: {"late": 1, "today": 2, "tomorrow": 3, "rounds": 0, "resting": 0}
    }


def resolve(session, key):
    return None if key == "person:404" else Recipient(f"{key.replace(':', '')}@example.org", "見本")


@pytest.fixture
def courier_of(sessions, clock, settings):
    def courier_of(transport):
        return Courier(sessions, clock, transport, contexts(), resolve, settings)

    return courier_of


@pytest.fixture
def smtp(smtp_sink):
    return SmtpTransport(parse_mail_url(smtp_sink.url), "office@mentorlink.example", timeout=0.5)


@pytest.fixture
def courier(courier_of, smtp):
    return courier_of(smtp)


def plan(
    session,
    number=1,
    *,
    recipient=None,
    template="core/desk",
    channel=Channel.MAIL,
    due_at=NOW,
    hours=24,
    **more,
):
    with transaction(session):
        plan_message(
            session,
            event=f"test:{number}",
            template=template,
            recipient=recipient or f"person:{number}",
            channel=channel,
            locale="ja",
            about=f"meeting:{number}",
            now=NOW,
            due_at=due_at,
            not_after=NOW + timedelta(hours=hours),
            params={},
            **more,
        )


def rows(session):
    session.rollback()
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def states(session):
    return [row.state for row in rows(session)]


def test_a_due_mail_is_sent_once(session, courier, smtp_sink):
    plan(session)
    assert [courier.deliver(), courier.deliver()] == [1, 0]
    (row,) = rows(session)
    assert (row.state, row.sent_at, row.lease_until) == (MessageState.SENT, NOW, None)
    assert [mail.recipients for mail in smtp_sink.messages] == [("person1@example.org",)]


def test_many_mails_go_over_one_connection(session, courier, smtp, smtp_sink, monkeypatch):
    connects = []
    connect = smtp._connect
    monkeypatch.setattr(smtp, "_connect", lambda: connects.append(1) or connect())
    for number in range(5):
        plan(session, number)
    courier.deliver()
    assert (len(smtp_sink.messages), len(connects)) == (5, 1)


def test_what_is_due_later_waits(session, courier, clock, smtp_sink):
    plan(session, due_at=NOW + timedelta(hours=1))
    assert courier.deliver() == 0
    clock.now += timedelta(hours=1)
    assert courier.deliver() == 1


def test_calls_and_desk_notices_are_left_to_the_office(session, courier, clock):
    plan(session, 1, channel=Channel.CALL)
    plan(session, 2, channel=Channel.DESK)
    clock.now += timedelta(hours=2)
    assert courier.deliver() == 0
    assert states(session) == [MessageState.PLANNED, MessageState.PLANNED]


def test_nothing_is_sent_after_it_became_pointless(session, courier, clock, smtp_sink):
    plan(session, hours=1)
    clock.now += timedelta(hours=1)
    courier.deliver()
    assert states(session) == [MessageState.EXPIRED]
    assert smtp_sink.attempts == 0


def test_a_call_that_became_pointless_leaves_the_office_alone(session, courier, clock):
    plan(session, 1, channel=Channel.CALL, hours=1)
    clock.now += timedelta(hours=2)
    courier.deliver()
    assert states(session) == [MessageState.EXPIRED]


def test_a_mail_that_becomes_pointless_while_the_server_greets_is_not_sent(
    session, courier_of, clock, smtp_sink, monkeypatch
):
    plan(session, hours=1)
    smtp = SmtpTransport(parse_mail_url(smtp_sink.url), "office@mentorlink.example")
    connect = smtp._connect

    def connect_slowly():
        clock.now += timedelta(hours=1)
        return connect()

    monkeypatch.setattr(smtp, "_connect", connect_slowly)
    courier_of(smtp).deliver()
    assert states(session) == [MessageState.EXPIRED]
    assert smtp_sink.attempts == 0


def test_a_server_that_is_down_is_tried_again_later_and_later(session, courier, clock, smtp_sink):
    plan(session)
    waits = []
    with smtp_sink.down():
        for _ in range(3):
            courier.deliver()
            (row,) = rows(session)
            waits.append((row.due_at - clock.now).total_seconds())
            clock.now = row.due_at
    assert waits == [60, 120, 240]
    courier.deliver()
    assert states(session) == [MessageState.SENT]
    assert len(smtp_sink.messages) == 1


def test_a_temporary_refusal_is_tried_again(session, courier, clock, smtp_sink):
    plan(session)
    smtp_sink.mood = Mood.TEMPORARY
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.ambiguous, row.problem) == (MessageState.PLANNED, 0, "451 4.3.0 Try again later")
    smtp_sink.mood = Mood.KIND
    clock.now += SOON
    courier.deliver()
    assert len(smtp_sink.messages) == 1


def test_a_final_refusal_is_parked_at_once_and_never_tried_again(session, courier, clock, smtp_sink):
    plan(session)
    smtp_sink.mood = Mood.PERMANENT
    courier.deliver()
    clock.now += timedelta(hours=2)
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.problem) == (MessageState.PARKED, "554 5.6.0 Refused")
    assert smtp_sink.attempts == 1


def test_a_refused_address_is_parked_without_naming_it(session, courier, smtp_sink):
    plan(session)
    smtp_sink.refused["person1@example.org"] = "550 5.1.1 <person1@example.org> unknown"
    courier.deliver()
    assert rows(session)[0].problem == "550 5.1.1 <…> unknown"


def test_one_refused_mail_does_not_stop_the_next(session, courier, smtp_sink):
    smtp_sink.refused["person1@example.org"] = "550 no"
    plan(session, 1)
    plan(session, 2)
    courier.deliver()
    assert states(session) == [MessageState.PARKED, MessageState.SENT]


@pytest.mark.parametrize("mood", [Mood.CUT, Mood.HANG])
def test_a_lost_answer_is_tried_once_more_and_then_parked(session, courier, clock, smtp_sink, mood):
    plan(session)
    smtp_sink.mood = mood
    for _ in range(4):
        courier.deliver()
        clock.now += timedelta(hours=2)
    (row,) = rows(session)
    assert (row.state, row.ambiguous) == (MessageState.PARKED, 2)
    assert smtp_sink.attempts == 2
    assert len(smtp_sink.messages) <= 2


def test_the_second_copy_carries_the_same_message_id(session, courier, clock, smtp_sink):
    plan(session)
    smtp_sink.mood = Mood.CUT
    courier.deliver()
    smtp_sink.mood = Mood.KIND
    clock.now += SOON
    courier.deliver()
    assert states(session) == [MessageState.SENT]
    first, second = (mail.parsed()["Message-ID"] for mail in smtp_sink.messages)
    assert first == second


def test_a_worker_killed_while_sending_leaves_at_most_one_duplicate(
    session, courier_of, smtp, clock, smtp_sink
):
    plan(session)
    courier = courier_of(smtp)

    class Dying:
        def send(self, *details):
            smtp.send(*details)
            raise Killed

        def close(self):
            smtp.close()

    for _ in range(2):
        with pytest.raises(Killed):
            courier_of(Dying()).deliver()
        assert courier.deliver() == 0, "the lease still runs"
        clock.now += LEASE
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.problem) == (MessageState.PARKED, "ambiguous")
    assert len({mail.parsed()["Message-ID"] for mail in smtp_sink.messages}) == 1
    assert len(smtp_sink.messages) == 2


def test_after_one_kill_the_mail_still_arrives(session, courier, courier_of, clock, smtp_sink):
    plan(session)

    class Dying:
        def send(self, *details):
            raise Killed

        def close(self):
            pass

    with pytest.raises(Killed):
        courier_of(Dying()).deliver()
    clock.now += LEASE
    courier.deliver()
    assert states(session) == [MessageState.SENT]
    assert len(smtp_sink.messages) == 1


def test_what_cannot_go_any_more_before_it_is_pointless_is_shown_to_the_office(
    session, courier, clock, smtp_sink
):
    plan(session, hours=1)
    with smtp_sink.down():
        for _ in range(10):
            courier.deliver()
            clock.now = max(clock.now, rows(session)[0].due_at)
    (row,) = rows(session)
    assert (row.state, row.problem) == (MessageState.PARKED, "ConnectionRefusedError")


AT_NIGHT, IN_THE_MORNING = NOW + timedelta(hours=11, minutes=30), NOW + timedelta(hours=22)  # 21:30 and 8:00


def test_a_worker_that_comes_late_keeps_the_quiet_hours(session, courier, clock, smtp_sink):
    plan(session, keeps_quiet=True)
    clock.now = AT_NIGHT
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.due_at, row.attempts, row.problem) == (
        MessageState.PLANNED,
        IN_THE_MORNING,
        0,
        None,
    )
    assert smtp_sink.messages == []
    clock.now = IN_THE_MORNING
    courier.deliver()
    assert (states(session), len(smtp_sink.messages)) == ([MessageState.SENT], 1)


def test_what_the_quiet_hours_make_pointless_is_shown_to_the_office(session, courier, clock, smtp_sink):
    plan(session, keeps_quiet=True, hours=20)
    clock.now = AT_NIGHT
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.problem, smtp_sink.messages) == (MessageState.PARKED, "quiet_hours", [])


def test_what_answers_its_reader_goes_at_night_too(session, courier, clock, smtp_sink):
    plan(session)
    clock.now = AT_NIGHT
    courier.deliver()
    assert states(session) == [MessageState.SENT]


def test_somebody_without_an_address_is_parked(session, courier, smtp_sink):
    plan(session, recipient="person:404")
    courier.deliver()
    (row,) = rows(session)
    assert (row.state, row.problem) == (MessageState.PARKED, "no_address")


def test_a_mail_that_cannot_be_written_is_parked_and_the_next_goes_out(session, courier, smtp_sink):
    plan(session, 1, template="core/no_such")
    plan(session, 2)
    courier.deliver()
    assert states(session) == [MessageState.PARKED, MessageState.SENT]
    assert rows(session)[0].problem == "no_context"


def test_what_was_cancelled_while_it_was_sent_stays_cancelled(session, sessions, courier_of):
    plan(session)

    class Cancelling:
        def send(self, *details):
            with sessions() as other, transaction(other):
                cancel_messages(other, "meeting:1")

        def close(self):
            pass

    courier_of(Cancelling()).deliver()
    assert states(session) == [MessageState.CANCELLED]


def test_two_workers_share_the_work_and_send_nothing_twice(session, sessions, courier_of, smtp_sink):
    for number in range(40):
        plan(session, number)
    server = parse_mail_url(smtp_sink.url)
    couriers = [courier_of(SmtpTransport(server, "office@mentorlink.example")) for _ in range(2)]
    workers = [threading.Thread(target=courier.deliver) for courier in couriers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert states(session) == [MessageState.SENT] * 40
    assert len({mail.recipients for mail in smtp_sink.messages}) == len(smtp_sink.messages) == 40


def test_an_installation_that_sends_nothing_outside_keeps_the_mail_readable(
    session, sessions, clock, courier_of
):
    plan(session)
    courier_of(InboxTransport(sessions, clock)).deliver()
    mail = session.scalars(select(InboxMail)).one()
    assert (mail.to_address, mail.delivered_at) == ("person1@example.org", NOW)
    assert mail.subject == "【今日の仕事】期限切れ 1・きょう 2・あす 3"
    assert "期限が過ぎたもの" in mail.text
    assert states(session) == [MessageState.SENT]
