"""The office sees where no hour was found, and what can be done: on the desk and on the application's page."""

from datetime import timedelta

import pytest

from mentorlink.home.desk import Kind, Queue, count_queues, list_queue
from mentorlink.scheduling.models import OfferState
from mentorlink.scheduling.queries import hour_standing
from mentorlink.scheduling.services import ask_for_call
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_offer

A_DAY = timedelta(days=1)
NO_HOUR = "合う時間がありませんでした"


@pytest.fixture
def engagement(session):
    return make_engagement(session)


def kinds(session):
    counts = count_queues(session, NOW)
    found = {queue: [item.kind for item in list_queue(session, queue, page=1, now=NOW)] for queue in Queue}
    assert {queue: len(rows) for queue, rows in found.items()} == dict(counts)
    return [kind for rows in found.values() for kind in rows]


def page_of(as_office, engagement):
    return as_office.get(f"/office/applications/{engagement.application_id}").get_data(as_text=True)


@pytest.mark.parametrize("columns", [{}, {"expires_at": NOW - A_DAY}], ids=["still open", "past its time"])
def test_an_offer_without_an_hour_waits_for_the_office_and_not_for_a_word(session, engagement, columns):
    make_offer(session, engagement, hours=0, **columns)
    assert kinds(session) == [Kind.NO_HOUR]


def test_when_the_searches_have_run_out_it_still_says_so(session, engagement):
    make_offer(session, engagement, hours=0, state=OfferState.EXPIRED)
    assert kinds(session) == [Kind.NO_HOUR]


def test_hours_that_nobody_chose_are_another_thing(session, engagement):
    make_offer(session, engagement, hours=0, state=OfferState.EXPIRED)
    make_offer(session, engagement, state=OfferState.EXPIRED)
    assert kinds(session) == [Kind.HOUR_MISSING]


@pytest.mark.parametrize("state", [OfferState.OPEN, OfferState.EXPIRED])
def test_the_desk_leads_to_the_written_hour_the_question_and_the_call(session, as_office, engagement, state):
    make_offer(session, engagement, hours=0, state=state)
    session.commit()
    page = as_office.get("/office?queue=hour").get_data(as_text=True)
    here, application = f"/engagements/{engagement.id}", f"/office/applications/{engagement.application_id}"
    assert NO_HOUR in page
    assert [
        way
        for way in (f"{here}/hour", f"{here}/near-hours", f"{application}?call=1#call")
        if f'href="{way}"' not in page
    ] == []


def test_the_application_says_what_was_not_found_and_what_can_be_done(session, as_office, engagement):
    make_offer(session, engagement, hours=0)
    session.commit()
    page = page_of(as_office, engagement)
    assert NO_HOUR in page
    assert f'href="/engagements/{engagement.id}/hour"' in page


def test_once_a_talk_is_planned_the_application_says_nothing_of_it(session, as_office, engagement):
    make_offer(session, engagement, hours=0, state=OfferState.EXPIRED)
    make_meeting(session, engagement=engagement)
    session.commit()
    assert NO_HOUR not in page_of(as_office, engagement)


def test_after_a_talk_that_was_held_no_old_search_comes_back(session, engagement):
    make_offer(session, engagement, hours=0, state=OfferState.EXPIRED, offered_at=NOW - 9 * A_DAY)
    make_meeting(session, engagement=engagement, starts_at=NOW - 2 * A_DAY, created_at=NOW - 8 * A_DAY)
    assert hour_standing(session, engagement.application_id, now=NOW) is None


def test_a_choice_that_is_waited_for_is_told_with_its_day(session, as_office, engagement):
    offer = make_offer(session, engagement)
    session.commit()
    page = page_of(as_office, engagement)
    assert "日にちのお返事待ち" in page
    assert f'href="/my/slots/{offer.id}"' in page


def test_a_wished_call_stands_on_the_application(session, as_office, engagement):
    ask_for_call(session, make_offer(session, engagement), now=NOW)
    session.commit()
    assert "お電話をご希望です" in page_of(as_office, engagement)
