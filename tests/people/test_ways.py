"""By which way somebody hears of what."""

import pytest
from sqlalchemy import select

from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.people import notices, services
from mentorlink.people.models import ContactChannel
from mentorlink.people.ways import OF_THE_DAY, WITH_A_DAY, other_way_of, way_of
from mentorlink.people.words import CHANNEL_WORDS
from tests import factories
from tests.conftest import NOW

ACCOUNT = "U" + "4" * 32


@pytest.mark.parametrize(
    ("email", "template", "channel"),
    [
        ("hana@example.org", "scheduling/in_an_hour", Channel.LINE),
        ("hana@example.org", "scheduling/slots_offered", Channel.LINE),
        ("hana@example.org", "applications/receipt", Channel.MAIL),
        (None, "applications/receipt", Channel.LINE),
    ],
)
def test_line_carries_what_has_a_day_and_all_where_there_is_no_mail(session, email, template, channel):
    person = factories.make_person(
        session, contact_channel=ContactChannel.LINE, line_user_id=ACCOUNT, email=email, phone="+81312345678"
    )
    assert way_of(person, template) is channel
    notices.tell(session, person, event="e:1", template=template, about="application:1", now=NOW)
    assert session.scalars(select(OutboxMessage)).one().channel is channel


def test_where_line_cannot_go_the_mail_does_else_the_telephone(session):
    with_mail = factories.make_person(session, contact_channel=ContactChannel.LINE, line_user_id=ACCOUNT)
    without = factories.make_person(
        session, contact_channel=ContactChannel.LINE, line_user_id="U2", email=None, phone="+81312345678"
    )
    assert [other_way_of(with_mail), other_way_of(without)] == [Channel.MAIL, Channel.CALL]


def test_every_way_has_a_name():
    assert set(CHANNEL_WORDS) == set(ContactChannel)


def test_what_is_of_the_day_goes_by_line_too():
    assert OF_THE_DAY < WITH_A_DAY


def test_line_alone_is_no_way_to_reach_somebody(session):
    with pytest.raises(RuleViolation, match="contact_missing"):
        services.create_person(
            session, display_name="花", contact_channel=ContactChannel.LINE, now=NOW, line_user_id=ACCOUNT
        )
