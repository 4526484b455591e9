"""どれも合わない: nothing is chosen beforehand, and what was kept does not vanish without a word."""

import pytest

from mentorlink.applications.models import DayPart
from mentorlink.scheduling.models import Occupancy, OfferState
from mentorlink.scheduling.services import offer_slots
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_programme, make_supporter

EVENINGS = [(day, DayPart.EVENING) for day in range(5)]
NONE_YET = "ほかに合う日にちは、まだ見つかりませんでした"


@pytest.fixture
def offer_of(session):
    def offer_of(windows):
        programme = make_programme(session, horizon_days=7)
        application = make_application(session, programme=programme, times=EVENINGS)
        supporters = [make_supporter(session, windows=windows)]
        engagement = make_engagement(session, application=application, supporters=supporters)
        offer = offer_slots(session, engagement, now=NOW)
        session.commit()
        return offer

    return offer_of


def ask_for_others(client, offer, **data):
    sent = {"times": [f"{day}:evening" for day in range(5)]} | data
    return client.post(f"/my/slots/{offer.id}/replacement", data=sent, follow_redirects=True)


def test_no_hour_is_chosen_beforehand(as_applicant, offer_of):
    offer = offer_of([(4, 1080, 1140)])
    page = as_applicant(offer.engagement.application).get(f"/my/slots/{offer.id}").get_data(as_text=True)
    assert 'type="radio"' in page
    assert " checked" not in page


def test_where_there_are_no_others_the_kept_hour_stays_and_the_page_says_so(session, as_applicant, offer_of):
    offer = offer_of([(4, 1080, 1140)])  # one hour in all
    page = ask_for_others(as_applicant(offer.engagement.application), offer).get_data(as_text=True)
    session.rollback()
    assert NONE_YET in page
    assert offer.state is OfferState.OPEN
    assert session.query(Occupancy).filter_by(source=f"offer:{offer.id}").count() == 2


def test_who_lets_it_go_finds_the_nearest_hours(session, as_applicant, offer_of):
    offer = offer_of([(4, 1080, 1140)])
    times = [(each.weekday, each.part) for each in offer.engagement.application.times]
    page = ask_for_others(as_applicant(offer.engagement.application), offer, times=[], let_go="yes")
    session.rollback()
    assert page.request.path == f"/engagements/{offer.engagement_id}/near-hours"
    assert offer.state is OfferState.REPLACED
    assert [(each.weekday, each.part) for each in offer.engagement.application.times] == times


def test_others_take_its_place_with_a_word(session, as_applicant, offer_of):
    offer = offer_of([(day, 1080, 1260) for day in range(5)])
    page = ask_for_others(as_applicant(offer.engagement.application), offer).get_data(as_text=True)
    session.rollback()
    assert "前の候補は、お相手にお返ししました" in page
    assert offer.state is OfferState.REPLACED


def test_the_page_says_beforehand_that_what_is_kept_stays(as_applicant, offer_of):
    offer = offer_of([(4, 1080, 1140)])
    page = (
        as_applicant(offer.engagement.application)
        .get(f"/my/slots/{offer.id}/replacement")
        .get_data(as_text=True)
    )
    assert "いまの候補はそのまま取ってあります" in page
    assert "もう出しません" not in page
