"""The whole way of one message by LINE, as the worker of an installation goes it."""

from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from mentorlink.core.db import transaction
from mentorlink.core.links import LinkKind, address_of, issue_link
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.jobs import all_jobs, make_line_courier
from mentorlink.people.line import leave_line
from mentorlink.people.models import ContactChannel, Person
from mentorlink.people.notices import tell_way_back
from tests import factories
from tests.conftest import NOW
from tests.line_stub import LineStub

pytestmark = pytest.mark.both_databases


@pytest.fixture
def stub():
    stub = LineStub().start()
    yield stub
    stub.stop()


@pytest.fixture
def settings(settings, stub):
    token = {"line_channel_secret": SecretStr("s"), "line_channel_token": SecretStr("t")}
    return settings.model_copy(update=token | {"line_base_url": stub.url})


@pytest.fixture
def courier(settings, sessions, clock):
    return make_line_courier(settings, sessions, clock)


@pytest.fixture
def planned(session):
    """A way back for somebody who has a telephone and LINE, and no mail; the address of the link."""
    with transaction(session):
        person = factories.make_person(
            session,
            contact_channel=ContactChannel.LINE,
            line_user_id="U1",
            email=None,
            phone="+81312345678",
        )
        link = issue_link(
            session,
            LinkKind.ENTRY,
            "application",
            "application:1",
            expires_at=NOW + timedelta(days=1),
            now=NOW,
        )
        tell_way_back(session, person, link, about="application:1", now=NOW)
        return person.id, address_of(link)


def row_of(session):
    session.rollback()
    row = session.scalars(select(OutboxMessage)).one()
    return row.channel, row.state


def test_the_way_back_arrives_by_line(session, planned, courier, stub):
    assert courier.deliver() == 1
    assert row_of(session) == (Channel.LINE, MessageState.SENT)
    assert planned[1] in stub.accepted[0].text


def test_for_somebody_who_left_meanwhile_it_becomes_a_call(session, planned, courier, stub):
    with transaction(session):
        leave_line(session, session.get_one(Person, planned[0]), now=NOW)
    courier.deliver()
    assert row_of(session) == (Channel.CALL, MessageState.PLANNED)
    assert stub.accepted == []


def test_for_somebody_erased_nothing_is_sent_and_nobody_called(session, planned, courier, stub):
    with transaction(session):
        session.get_one(Person, planned[0]).erased_at = NOW
    courier.deliver()
    assert row_of(session) == (Channel.LINE, MessageState.CANCELLED)
    assert stub.accepted == []


def test_the_worker_goes_this_way(settings, sessions, clock):
    assert "deliver_line" in {job.name for job in all_jobs(settings, sessions, clock)}
