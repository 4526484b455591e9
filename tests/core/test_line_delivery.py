"""What becomes of a message for LINE, against a real HTTP server, on both databases: accepted once, or another way."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.core.delivery import LEASE
from mentorlink.core.line import LineClient
from mentorlink.core.line_delivery import KEY_LIVES, PATIENCE, LineCourier, LineTransport, Quota
from mentorlink.core.mailer import Recipient
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage, plan_message
from mentorlink.core.settings import Settings
from tests.line_stub import LineStub, Mood

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
CONTEXTS = {"core/desk": lambda session, row: {"action_url": "https://example.org/e/token"}}
OF_THE_DAY, USUAL = "scheduling/in_an_hour", "core/desk"
pytestmark = pytest.mark.both_databases


class Killed(BaseException):
    """Ends the worker where it stands, as SIGKILL does."""


@pytest.fixture
def stub():
    stub = LineStub().start()
    yield stub
    stub.stop()


@pytest.fixture
def line_settings():
    return Settings(
        secret_key="test-secret",
        base_url="http://localhost",
        line_channel_secret="s",
        line_channel_token="t",
        line_monthly_quota=10,
    )


def resolve(session, key):
    gone = key == "person:404"
    return None if gone else Recipient("", "見本", line_user_id=f"U{key.partition(':')[2]}")


@pytest.fixture
def courier_of(sessions, clock, line_settings, stub):
    def courier_of(settings=line_settings):
        client = LineClient(stub.url, "t", timeout=0.3) if settings.has_line else None
        return LineCourier(
            sessions,
            clock,
            LineTransport(client),
            CONTEXTS | {OF_THE_DAY: lambda session, row: {"starts_at": NOW, "zone": "Asia/Tokyo"}},
            resolve,
            settings,
            other_way=lambda session, key: Channel.MAIL,
            of_the_day=frozenset({OF_THE_DAY}),
            quota=Quota(settings.line_monthly_quota, ZoneInfo("Asia/Tokyo")),
        )

    return courier_of


@pytest.fixture
def courier(courier_of):
    return courier_of()


def plan(session, number=1, *, recipient=None, template=USUAL, channel=Channel.LINE, hours=72):
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
            due_at=NOW,
            not_after=NOW + timedelta(hours=hours),
            params={},
        )


def rows(session):
    session.rollback()
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()


def shape(session):
    return [(row.channel, row.state, row.problem) for row in rows(session)]


def try_again_and_again(courier, clock, times):
    for _ in range(times):
        courier.deliver()
        clock.now += timedelta(hours=1)


def test_a_message_is_accepted_once(session, courier, stub):
    plan(session)
    assert [courier.deliver(), courier.deliver()] == [1, 0]
    assert shape(session) == [(Channel.LINE, MessageState.SENT, None)]
    assert [push.to for push in stub.accepted] == ["U1"]


def test_the_words_say_that_there_is_news_and_where(session, courier, stub):
    plan(session)
    courier.deliver()
    assert stub.accepted[0].text == (
        "mentorlink 事務局です。\nお知らせが一つあります。\n\nこちらからご覧ください。\n"
        "https://example.org/e/token\n\nお電話でもどうぞ: 0287-00-0000"
    )


def test_a_cut_after_the_acceptance_is_one_message(session, courier, clock, stub):
    plan(session)
    stub.mood = Mood.CUT
    courier.deliver()
    stub.mood = Mood.KIND
    assert shape(session)[0][1] is MessageState.PLANNED
    clock.now += timedelta(minutes=2)
    courier.deliver()
    assert shape(session) == [(Channel.LINE, MessageState.SENT, None)]
    assert len(stub.accepted) == 1


def test_a_worker_killed_after_the_acceptance_sends_no_second(session, courier, clock, stub, monkeypatch):
    plan(session)

    def die(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(LineCourier, "_settle", die)
        with pytest.raises(Killed):
            courier.deliver()
    clock.now += LEASE
    courier.deliver()
    assert shape(session) == [(Channel.LINE, MessageState.SENT, None)]
    assert len(stub.accepted) == 1


@pytest.mark.parametrize(
    ("mood", "problem"),
    [
        (Mood.BLOCKED, "line_403"),
        (Mood.UNKNOWN, "line_400"),
        (Mood.UNKNOWN_TOKEN, "line_401"),
        (Mood.QUOTA, "line_quota"),
    ],
)
def test_what_line_will_not_carry_becomes_a_mail_at_once(session, courier, stub, mood, problem):
    plan(session)
    stub.mood = mood
    courier.deliver()
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, problem)]


def test_somebody_who_left_line_gets_a_mail(session, courier, stub):
    plan(session, recipient="person:404")
    courier.deliver()
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, "no_address")]
    assert stub.accepted == []


def test_without_line_nothing_waits_for_it(session, courier_of, stub):
    plan(session)
    courier_of(Settings(secret_key="x")).deliver()
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, "line_off")]


def test_a_mail_that_is_there_already_is_not_doubled(session, courier, stub):
    plan(session, 1, channel=Channel.MAIL)
    plan(session, 2)
    with transaction(session):
        line = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == Channel.LINE)).one()
        line.event, line.recipient = "test:1", "person:1"
    stub.mood = Mood.BLOCKED
    courier.deliver()
    assert sorted(shape(session)) == [
        (Channel.LINE, MessageState.CANCELLED, "line_403"),
        (Channel.MAIL, MessageState.PLANNED, None),
    ]


def test_planned_again_it_does_not_return_to_line(session, courier, stub):
    plan(session)
    stub.mood = Mood.BLOCKED
    courier.deliver()
    plan(session)
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, "line_403")]


def test_planned_again_by_mail_it_is_not_told_a_second_time(session, courier, stub):
    plan(session)
    courier.deliver()
    plan(session, channel=Channel.MAIL)
    assert shape(session) == [(Channel.LINE, MessageState.SENT, None)]


def test_a_busy_line_is_asked_again_and_then_left(session, courier, clock, stub):
    plan(session)
    stub.mood = Mood.BUSY
    try_again_and_again(courier, clock, PATIENCE - 1)
    assert shape(session) == [(Channel.LINE, MessageState.PLANNED, "line_429")]
    try_again_and_again(courier, clock, 1)
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, "line_429")]


def test_a_busy_line_is_left_in_time(session, courier, clock, stub):
    plan(session, hours=0.01)
    stub.mood = Mood.BUSY
    courier.deliver()
    assert shape(session) == [(Channel.MAIL, MessageState.PLANNED, "line_429")]


def test_what_may_have_arrived_is_never_told_another_way(session, courier, clock, stub):
    """Tried with its key for as long as LINE remembers keys; then somebody of the office looks at it."""
    plan(session)
    stub.mood = Mood.CUT
    try_again_and_again(courier, clock, 2)
    stub.mood = Mood.BLOCKED
    try_again_and_again(courier, clock, 1)
    assert shape(session) == [(Channel.LINE, MessageState.PARKED, "line_403")]
    assert len(stub.accepted) == 1


def test_no_key_is_used_longer_than_line_remembers_it(session, courier, clock, stub):
    plan(session)
    stub.mood = Mood.CUT
    courier.deliver()
    clock.now += KEY_LIVES
    stub.mood = Mood.KIND
    stub.forget_keys()
    courier.deliver()
    assert shape(session) == [(Channel.LINE, MessageState.PARKED, "line_late")]
    assert len(stub.accepted) == 1


def test_the_last_of_a_month_is_kept_for_what_is_of_the_day(session, courier, stub):
    for number in range(9):
        plan(session, number)
    courier.deliver()
    assert len(stub.accepted) == 8  # of ten, two are kept
    for number in range(10, 13):
        plan(session, number, template=OF_THE_DAY)
    courier.deliver()
    assert len(stub.accepted) == 10
    assert [channel for channel, _, problem in shape(session) if problem == "line_quota"] == [
        Channel.MAIL
    ] * 2


def test_the_month_turns_at_midnight_in_tokyo(session, courier, clock, stub):
    clock.now = datetime(2026, 11, 30, 14, 59, tzinfo=UTC)
    for number in range(8):
        plan(session, number, hours=200)
    courier.deliver()
    plan(session, 8, hours=200)
    plan(session, 9, hours=200)
    courier.deliver(most=1)
    assert len(stub.accepted) == 8
    clock.now += timedelta(minutes=1)
    courier.deliver()
    assert len(stub.accepted) == 9


def test_a_mail_counts_for_nothing(session, courier, stub):
    for number in range(10):
        plan(session, number, channel=Channel.MAIL)
        row = rows(session)[-1]
        with transaction(session):
            row = session.get(OutboxMessage, row.id)
            row.state, row.sent_at = MessageState.SENT, NOW
    plan(session, 11)
    courier.deliver()
    assert len(stub.accepted) == 1


def test_nothing_is_sent_after_it_became_pointless(session, courier, clock, stub):
    plan(session, hours=1)
    clock.now += timedelta(hours=1)
    courier.deliver()
    assert shape(session) == [(Channel.LINE, MessageState.EXPIRED, None)]
    assert stub.accepted == []
