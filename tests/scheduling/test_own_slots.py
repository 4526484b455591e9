"""Mails that ask somebody to choose a day open the hours themselves, in a single talk and in a half-year alike."""

from datetime import timedelta

import pytest

from mentorlink.applications.models import DayPart
from mentorlink.core.links import Link, address_of
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import OfferState
from mentorlink.scheduling.services import mark_no_show, offer_slots
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_programme, make_supporter

EVENINGS = [(day, 1080, 1260) for day in range(5)]


@pytest.fixture(params=[0, 6], ids=["one talk", "half-year"])
def engagement(session, request):
    programme = make_programme(session, months=request.param)
    application = make_application(
        session, programme=programme, times=[(d, DayPart.EVENING) for d in range(5)]
    )
    supporter = make_supporter(session, windows=EVENINGS)
    return make_engagement(session, application=application, supporters=[supporter])


def page_behind(client, session, template):
    """Where the button of the only such mail ends, after 開く."""
    message = session.query(OutboxMessage).filter_by(template=f"scheduling/{template}").one()
    address = address_of(session.get_one(Link, message.params["link_id"]))
    session.commit()
    return client.post(address.removeprefix("http://localhost"), follow_redirects=True)


def test_the_mail_of_the_hours_opens_the_hours(client, session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    page = page_behind(client, session, "slots_offered")
    assert page.request.path == f"/my/slots/{offer.id}"
    assert page.status_code == 200


def test_a_mail_of_hours_that_were_replaced_opens_those_there_are_now(client, session, engagement):
    offer_slots(session, engagement, now=NOW)
    later = offer_slots(session, engagement, now=NOW, announce=False)
    assert page_behind(client, session, "slots_offered").request.path == f"/my/slots/{later.id}"


def test_after_a_missed_talk_the_mail_opens_the_new_hours(client, session, engagement):
    talk = make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(hours=2))
    offer = mark_no_show(session, talk, side=Side.APPLICANT, by="t", now=NOW)
    assert page_behind(client, session, "missed").request.path == f"/my/slots/{offer.id}"


def test_once_a_day_is_settled_the_mail_opens_that_talk(client, session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    offer.state = OfferState.CHOSEN
    talk = make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=2))
    assert page_behind(client, session, "slots_offered").request.path == f"/meetings/{talk.id}"


def test_hours_that_ran_out_say_how_to_find_others(client, session, engagement):
    offer = offer_slots(session, engagement, now=NOW)
    offer.state = OfferState.EXPIRED
    assert page_behind(client, session, "slots_offered").request.path == f"/my/slots/{offer.id}"


def test_without_any_hours_the_own_page_is_shown(session, as_applicant, engagement):
    application = engagement.application
    session.commit()
    page = as_applicant(application).get(f"/my/applications/{application.id}/slots", follow_redirects=True)
    assert page.request.path == "/my"
