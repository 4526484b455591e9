"""The page on which a half-year's talks are planned, as each side uses it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from mentorlink.core.audit import AuditEntry
from mentorlink.engagements.models import EngagementState
from mentorlink.scheduling.models import Meeting, MeetingState, OfferState, SlotOffer
from mentorlink.scheduling.services import offer_slots, propose_months
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_programme

EVENING = datetime(2026, 12, 2, 10, tzinfo=UTC)  # Wednesday, 19:00 in Tokyo


@pytest.fixture
def engagement(session):
    application = make_application(session, programme=make_programme(session, months=6), state="matched")
    engagement = make_engagement(session, application=application, begins_on=date(2026, 11, 4))
    make_meeting(session, engagement=engagement, starts_at=EVENING - timedelta(weeks=4), state="recorded")
    session.commit()
    return engagement


@pytest.fixture
def url(engagement) -> str:
    return f"/engagements/{engagement.id}/talks"


@pytest.fixture
def as_mentee(as_applicant, engagement):
    return as_applicant(engagement.application)


@pytest.fixture
def proposed(session, engagement) -> dict[str, str]:
    """What the page sends where nothing was changed."""
    rows = propose_months(session, engagement, now=NOW)
    session.commit()
    return {f"start-{month.key}": start.isoformat() if start else "" for month, start in rows}


def planned(session) -> list[datetime]:
    session.rollback()
    query = select(Meeting.starts_at).where(Meeting.state == MeetingState.CONFIRMED)
    return list(session.scalars(query.order_by(Meeting.starts_at)))


@pytest.mark.parametrize("side", ["mentee", "mentor", "office"])
def test_each_side_sees_the_months_and_a_proposal(side, request, engagement, url):
    if side == "mentor":
        client = request.getfixturevalue("as_supporter")(engagement.supporters[0].supporter)
    else:
        client = request.getfixturevalue(f"as_{side}")
    page = client.get(url)
    assert page.status_code == 200
    assert "12月2日（水）19:00〜20:00" in page.text
    assert page.text.count("<select") == 6


def test_one_post_books_all_that_was_proposed(as_mentee, session, url, proposed):
    answer = as_mentee.post(url, data=proposed)
    assert (answer.status_code, answer.location) == (303, url)
    assert [start.isoformat() for start in planned(session)] == [
        value for value in proposed.values() if value
    ]


def test_a_month_may_be_left_out(as_mentee, session, url, proposed):
    as_mentee.post(url, data=proposed | {"start-2027-02": ""})
    assert {f"{start:%Y-%m}" for start in planned(session)} == {"2026-12", "2027-01", "2027-03", "2027-04"}


def test_sending_it_twice_books_it_once(as_mentee, session, url, proposed):
    answers = [as_mentee.post(url, data=proposed).status_code for _ in range(2)]
    assert (answers, len(planned(session))) == ([303, 303], 5)


def test_a_taken_hour_is_named_in_its_row_and_nothing_else_is_lost(
    as_mentee, session, engagement, url, proposed
):
    supporter = engagement.supporters[0].supporter
    january = datetime.fromisoformat(proposed["start-2027-01"])
    make_meeting(session, engagement=make_engagement(session, supporters=[supporter]), starts_at=january)
    session.commit()
    other = datetime.fromisoformat(proposed["start-2026-12"]) + timedelta(days=1)
    page = as_mentee.post(url, data=proposed | {"start-2026-12": other.isoformat()})
    assert page.status_code == 409
    assert page.text.count("は、ひと足先に埋まりました") == 2  # above, and in its row
    assert f'<option value="{other.isoformat()}" selected>' in page.text
    assert planned(session) == [january]


@pytest.mark.parametrize(
    "sent",
    ["soon", "2026-12-02", "2026-12-02T19:00", "9999-12-31T23:59:59+00:00", "12:00", "\x00", "２０２６"],
)
def test_what_no_page_offered_is_asked_for_again(as_mentee, session, url, sent):
    answer = as_mentee.post(url, data={"start-2026-12": sent})
    assert answer.status_code in (400, 422)
    assert planned(session) == []


def test_an_hour_outside_both_sides_times_is_not_booked(as_mentee, session, url):
    night = EVENING - timedelta(hours=16)
    assert as_mentee.post(url, data={"start-2026-12": night.isoformat()}).status_code == 409
    assert planned(session) == []


def test_nothing_chosen_is_said_kindly(as_mentee, url):
    page = as_mentee.post(url, data={"start-2026-12": ""})
    assert page.status_code == 422
    assert "ひとつは選んでください" in page.text


def test_a_value_sent_twice_is_no_browser(as_mentee, url):
    assert as_mentee.post(url, data={"start-2026-12": ["", ""]}).status_code == 400


def test_a_resting_half_year_offers_nothing_to_choose(as_mentee, session, engagement, url, proposed):
    session.get_one(type(engagement), engagement.id).state = EngagementState.PAUSED
    session.commit()
    page = as_mentee.get(url)
    assert "いまは、お休み中です" in page.text
    assert "<select" not in page.text
    assert as_mentee.post(url, data=proposed).status_code == 422


def test_the_office_leaves_a_trace(as_office, session, url, proposed):
    as_office.post(url, data=proposed)
    session.rollback()
    assert "plan_talks" in set(session.scalars(select(AuditEntry.verb)))


def test_a_programme_of_single_talks_has_no_such_page(as_office, session):
    engagement_id = make_engagement(session).id
    session.commit()
    assert as_office.get(f"/engagements/{engagement_id}/talks").status_code == 404


def test_the_link_of_a_mail_finds_the_half_year(as_mentee, engagement, url):
    assert as_mentee.get(f"/my/applications/{engagement.application_id}/talks").location == url


def test_planning_replaces_the_offer_that_waited(as_mentee, session, engagement, url, proposed):
    offer_slots(session, session.get_one(type(engagement), engagement.id), now=NOW)
    session.commit()
    as_mentee.post(url, data=proposed)
    session.rollback()
    assert session.scalars(select(SlotOffer.state)).all() == [OfferState.REPLACED]


def test_the_page_asks_the_database_as_often_however_many_talks(as_mentee, session, engagement, url, engine):
    counts = []
    as_mentee.get(url)  # a browser's first visit notes itself
    for number in range(2):
        statements: list[str] = []
        event.listen(engine, "after_cursor_execute", lambda *told, seen=statements: seen.append(told[2]))
        as_mentee.get(url)
        counts.append(len(statements))
        session.rollback()
        engagement = session.get_one(type(engagement), engagement.id)
        for week in range(1, 4):
            start = EVENING + timedelta(weeks=3 * week + number)
            make_meeting(session, engagement=engagement, starts_at=start)
        session.commit()
    assert counts[0] == counts[1] <= 25
