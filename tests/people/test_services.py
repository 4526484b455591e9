"""Writing down people, consents, and what supporters can give."""

from datetime import date

import pytest
from sqlalchemy import select

from mentorlink.core.errors import RuleViolation
from mentorlink.people import services
from mentorlink.people.models import Consent, ContactChannel, Purpose, Receiving
from mentorlink.people.queries import actor_for, open_consents, receiving_supporters
from tests import factories
from tests.conftest import NOW


@pytest.mark.parametrize("channel", list(ContactChannel))
def test_a_person_can_be_reached_the_way_they_chose(session, channel):
    with pytest.raises(RuleViolation, match="contact_missing"):
        services.create_person(session, display_name="花", contact_channel=channel, now=NOW)


def test_a_consent_is_written_once(session):
    person = factories.make_person(session)
    for _ in range(2):
        services.give_consents(session, person, [Purpose.QUOTE, Purpose.QUOTE], now=NOW)
    assert [c.purpose for c in session.scalars(select(Consent))] == [Purpose.QUOTE]


def test_new_words_ask_for_a_new_consent(session):
    person = factories.make_person(session)
    services.give_consents(session, person, [Purpose.QUOTE], now=NOW)
    session.scalars(select(Consent)).one().version = "2025-01"
    services.give_consents(session, person, [Purpose.QUOTE], now=NOW)
    assert [(c.version == "2025-01", c.withdrawn_at) for c in session.scalars(select(Consent))] == [
        (True, NOW),
        (False, None),
    ]


def test_a_wish_may_be_taken_back_and_given_again(session):
    person = factories.make_person(session)
    services.give_consents(session, person, [Purpose.LATER_CONTACT], now=NOW)
    services.withdraw_consent(session, person, Purpose.LATER_CONTACT, now=NOW)
    assert open_consents(session, person.id) == {}
    services.give_consents(session, person, [Purpose.LATER_CONTACT], now=NOW)
    assert set(open_consents(session, person.id)) == {Purpose.LATER_CONTACT}


@pytest.mark.parametrize("purpose", [Purpose.PERSONAL_DATA, Purpose.SHARE_WITH_SUPPORTER])
def test_what_the_search_needs_is_not_taken_back_alone(session, purpose):
    with pytest.raises(RuleViolation, match="consent_required"):
        services.withdraw_consent(session, factories.make_person(session), purpose, now=NOW)


def test_a_supporter_is_registered_with_a_year_of_training(session):
    person = factories.make_person(session)
    supporter = services.register_supporter(
        session,
        person,
        introduction="はい",
        prefecture="20",
        skills={"06": 3, "05": 0},
        now=NOW,
        themes=["16"],
    )
    assert (supporter.skills, supporter.codes("theme"), supporter.codes("mode")) == (
        {"06": 3},
        ["16"],
        ["online"],
    )
    assert supporter.training_valid_until == date(2027, 11, 25)


def test_saving_a_profile_twice_changes_nothing(session):
    supporter = factories.make_supporter(session, terms={"funding": ["grants"]})
    for _ in range(2):
        services.update_supporter(session, supporter, skills={"05": 1, "06": 2}, chosen={"theme": ["01"]})
        session.commit()
    assert (supporter.skills, supporter.codes("theme")) == ({"05": 1, "06": 2}, ["01"])
    assert supporter.codes("funding") == ["grants"]


def test_a_rest_ends_by_itself(session):
    supporter = factories.make_supporter(session)
    services.pause_supporter(session, supporter, until=date(2026, 12, 1))
    assert receiving_supporters(session, date(2026, 12, 1)) == []
    assert receiving_supporters(session, date(2026, 12, 2)) == [supporter]


def test_a_rest_does_not_end_in_the_past(session):
    supporter = factories.make_supporter(session)
    with pytest.raises(RuleViolation, match="pause_in_past"):
        services.set_receiving(
            session, supporter, Receiving.PAUSED, until=date(2026, 11, 24), today=date(2026, 11, 25)
        )


def test_a_browser_stands_for_its_user_and_their_person(session):
    user = factories.make_user(session, role="supporter")
    person = factories.make_person(session, user_id=user.id)
    assert (actor_for(session, user.id, None).person_id, actor_for(session, user.id, None).role) == (
        person.id,
        "supporter",
    )


def test_a_closed_account_and_an_unknown_one_are_nobody(session):
    user = factories.make_user(session, disabled_at=NOW)
    assert not actor_for(session, user.id, None).is_known
    assert not actor_for(session, 9999, None).is_known
