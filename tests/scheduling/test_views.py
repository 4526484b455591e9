"""The pages about hours, as each side sees and uses them."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.dates import format_instant
from mentorlink.people.models import Consent
from mentorlink.scheduling.models import (
    Meeting,
    MeetingState,
    MeetingWay,
    SlotOffer,
    WeeklyWindow,
)
from mentorlink.scheduling.services import book_meeting, offer_slots
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_person, make_supporter
from tests.pages import without_token

HOUR = timedelta(hours=1)


@pytest.fixture
def engagement(session):
    engagement = make_engagement(
        session, supporters=[make_supporter(session, meeting_url="https://room.example/9")]
    )
    session.commit()
    return engagement


@pytest.fixture
def offer(session, engagement):
    session.commit()  # an old reading of SQLite cannot go on to write
    offer = offer_slots(session, engagement, now=NOW)
    session.commit()
    return offer


@pytest.fixture
def meeting(session, engagement):
    session.commit()
    meeting = make_meeting(session, engagement=engagement)
    session.commit()
    return meeting


@pytest.fixture
def applicant(as_applicant, engagement):
    return as_applicant(engagement.application)


@pytest.fixture
def supporter(as_supporter, engagement):
    return as_supporter(engagement.supporters[0].supporter)


def text_of(response) -> str:
    return response.get_data(as_text=True)


def newest(session, kind):
    """What the pages have written last."""
    session.rollback()
    return session.scalar(select(kind).order_by(kind.id.desc()).limit(1))


# ---- choosing


def test_the_applicant_sees_three_hours_and_until_when_the_first_is_kept(applicant, offer):
    page = text_of(applicant.get(f"/my/slots/{offer.id}"))
    assert page.count('type="radio"') == 3
    assert "11月27日（金）の日にちは、2026年11月27日（金）16:00まで" in page


def test_the_applicant_chooses_an_hour(applicant, offer, session):
    slot = offer.slots[0]
    answer = applicant.post(f"/my/slots/{offer.id}/choice", data={"slot": slot.id})
    meeting = newest(session, Meeting)
    assert (answer.status_code, answer.location) == (303, f"/meetings/{meeting.id}")
    assert meeting.starts_at == slot.starts_at


def test_choosing_nothing_asks_for_one(applicant, offer):
    answer = applicant.post(f"/my/slots/{offer.id}/choice", data={})
    assert answer.status_code == 422
    assert "日にちをひとつえらんでください。" in text_of(answer)


def test_sending_two_hours_is_no_honest_browser(applicant, offer):
    answer = applicant.post(f"/my/slots/{offer.id}/choice", data={"slot": ["1", "2"]})
    assert answer.status_code == 400


def test_an_hour_that_is_gone_answers_409_with_fresh_ones(applicant, offer, session, engagement):
    session.commit()
    other = make_engagement(session, supporters=[engagement.supporters[0].supporter])
    slot = offer.slots[1]
    book_meeting(session, other, slot.starts_at, way=MeetingWay.ONLINE, by="test", now=NOW)
    session.commit()
    answer = applicant.post(f"/my/slots/{offer.id}/choice", data={"slot": slot.id})
    fresh = newest(session, SlotOffer)
    assert answer.status_code == 409
    assert f"/my/slots/{fresh.id}/choice" in text_of(answer)
    assert slot.starts_at not in {each.starts_at for each in fresh.slots}


def test_an_old_offer_leads_to_the_current_one(applicant, offer, session):
    applicant.post(f"/my/slots/{offer.id}/replacement", data={"times": ["0:evening", "4:evening"]})
    fresh = newest(session, SlotOffer)
    assert applicant.get(f"/my/slots/{offer.id}").location == f"/my/slots/{fresh.id}"


def test_other_times_are_ticked_on_one_page(applicant, offer):
    page = text_of(applicant.get(f"/my/slots/{offer.id}/replacement"))
    assert page.count('type="checkbox"') == 21
    assert page.count(" checked") == 5


def test_an_unknown_time_is_not_taken(applicant, offer):
    answer = applicant.post(f"/my/slots/{offer.id}/replacement", data={"times": "7:midnight"})
    assert answer.status_code == 422


def test_deciding_by_telephone_is_one_button(applicant, offer):
    assert applicant.post(f"/my/slots/{offer.id}/call").status_code == 303


@pytest.mark.parametrize(("phone", "onward"), [(None, "contact"), ("+81312345678", "slots")])
def test_a_call_without_a_number_asks_for_it(applicant, offer, session, phone, onward):
    offer.engagement.recipient.phone = phone
    session.commit()
    answer = applicant.post(f"/my/slots/{offer.id}/call")
    assert (onward in answer.location, "contact" in answer.location) == (True, phone is None)
    assert ("番号を教えてください" in applicant.get(answer.location).text) == (phone is None)


def test_a_foreign_offer_and_an_absent_one_answer_alike(as_applicant, offer, session):
    session.commit()
    stranger = as_applicant(make_engagement(session).application)
    foreign, absent = (stranger.get(f"/my/slots/{number}") for number in (offer.id, 999))
    assert (foreign.status_code, without_token(foreign.text)) == (404, without_token(absent.text))


def test_a_supporter_does_not_choose_for_the_applicant(supporter, offer):
    assert supporter.get(f"/my/slots/{offer.id}").status_code == 404


def test_the_office_may_choose_while_talking_on_the_telephone(as_office, offer):
    answer = as_office.post(f"/my/slots/{offer.id}/choice", data={"slot": offer.slots[0].id})
    assert answer.status_code == 303


def test_an_offer_without_hours_leads_to_the_near_ones(as_applicant, session):
    engagement = make_engagement(session, supporters=[make_supporter(session, windows=[])])
    offer = offer_slots(session, engagement, now=NOW)
    answer = as_applicant(engagement.application).get(f"/my/slots/{offer.id}")
    assert answer.location == f"/engagements/{engagement.id}/near-hours"


# ---- the meeting


def test_both_sides_and_the_office_see_the_meeting(applicant, supporter, as_office, meeting):
    for client in (applicant, supporter, as_office):
        assert "2026年11月30日（月）19:00〜20:00" in text_of(client.get(f"/meetings/{meeting.id}"))


def test_the_link_in_the_supporters_mail_opens_their_side(enter, meeting):
    client = enter(scope=("meeting", meeting.id))
    assert "準備メモ" in text_of(client.get(f"/meetings/{meeting.id}"))


def test_a_stranger_sees_no_meeting(as_applicant, session, meeting):
    session.commit()
    stranger = as_applicant(make_engagement(session).application)
    assert stranger.get(f"/meetings/{meeting.id}").status_code == 404


def test_the_room_is_shown_from_an_hour_before(applicant, meeting, clock):
    before = text_of(applicant.get(f"/meetings/{meeting.id}"))
    clock.now = meeting.starts_at - HOUR
    near = text_of(applicant.get(f"/meetings/{meeting.id}"))
    assert ("https://room.example/9" in before, "https://room.example/9" in near) == (False, True)


@pytest.mark.parametrize(("minutes_before", "shown"), [(61, False), (60, True), (-120, True), (-121, False)])
def test_the_number_is_shown_to_the_supporter_an_hour_either_side(
    session, as_supporter, clock, minutes_before, shown
):
    engagement = make_engagement(session)
    engagement.recipient.phone = "+81901234567"
    meeting = make_meeting(session, engagement=engagement, way=MeetingWay.PHONE)
    client = as_supporter(engagement.supporters[0].supporter)
    clock.now = meeting.starts_at - timedelta(minutes=minutes_before)
    assert ("901234567" in text_of(client.get(f"/meetings/{meeting.id}"))) is shown


def test_without_consent_no_number_is_shown(session, as_supporter, clock):
    engagement = make_engagement(session)
    engagement.recipient.phone = "+81901234567"
    meeting = make_meeting(session, engagement=engagement, way=MeetingWay.PHONE)
    for consent in session.scalars(select(Consent)):
        consent.withdrawn_at = NOW
    client = as_supporter(engagement.supporters[0].supporter)
    clock.now = meeting.starts_at
    assert "01234567" not in text_of(client.get(f"/meetings/{meeting.id}"))


def test_either_side_moves_the_meeting(applicant, supporter, meeting, session):
    for number, client in enumerate((applicant, supporter)):
        page = text_of(client.get(f"/meetings/{meeting.id}/change"))
        start = page.split('name="start" value="')[1].split('"')[0]
        answer = client.post(f"/meetings/{meeting.id}/change", data={"start": start, "sequence": number})
        session.rollback()
        assert (answer.status_code, meeting.starts_at.isoformat()) == (303, start)
        assert meeting.sequence == number + 1


def test_moving_from_an_old_page_is_refused(applicant, meeting):
    page = text_of(applicant.get(f"/meetings/{meeting.id}/change"))
    starts = [part.split('"')[0] for part in page.split('name="start" value="')[1:]]
    applicant.post(f"/meetings/{meeting.id}/change", data={"start": starts[0], "sequence": 0})
    answer = applicant.post(f"/meetings/{meeting.id}/change", data={"start": starts[1], "sequence": 0})
    assert answer.status_code == 409


def test_who_moves_a_moved_meeting_sees_its_new_hour_and_keeps_their_choice(applicant, supporter, meeting):
    page = text_of(applicant.get(f"/meetings/{meeting.id}/change"))
    first, second, *_more = [part.split('"')[0] for part in page.split('name="start" value="')[1:]]
    supporter.post(f"/meetings/{meeting.id}/change", data={"start": first, "sequence": 0})
    answer = applicant.post(f"/meetings/{meeting.id}/change", data={"start": second, "sequence": 0})
    assert answer.status_code == 409
    assert "ひと足先に日時を変えていました" in text_of(answer)
    assert format_instant(datetime.fromisoformat(first)) in text_of(answer)
    assert f'value="{second}" checked' in text_of(answer)
    assert 'name="sequence" value="1"' in text_of(answer)


def test_who_chose_the_same_new_hour_is_told_so_too(applicant, supporter, meeting):
    page = text_of(applicant.get(f"/meetings/{meeting.id}/change"))
    start = page.split('name="start" value="')[1].split('"')[0]
    for client, status in ((supporter, 303), (applicant, 409)):
        answer = client.post(f"/meetings/{meeting.id}/change", data={"start": start, "sequence": 0})
        assert answer.status_code == status
    assert "ひと足先に日時を変えていました" in text_of(answer)


def test_moving_to_no_hour_asks_for_one(applicant, meeting):
    assert applicant.post(f"/meetings/{meeting.id}/change", data={"sequence": 0}).status_code == 422


def test_moving_to_an_hour_that_is_not_free_says_so(applicant, meeting):
    data = {"start": meeting.starts_at.isoformat(), "sequence": 0}
    assert applicant.post(f"/meetings/{meeting.id}/change", data=data).status_code == 409


def test_cancelling_needs_a_page_and_no_reason(applicant, meeting, session):
    assert "理由はいりません" in text_of(applicant.get(f"/meetings/{meeting.id}/cancellation"))
    answer = applicant.post(f"/meetings/{meeting.id}/cancellation", data={"again": "yes"})
    session.rollback()
    offer = newest(session, SlotOffer)
    assert (meeting.state, answer.location) == (MeetingState.CANCELLED, f"/my/slots/{offer.id}")


def test_reading_a_page_changes_nothing(applicant, meeting, session):
    for page in ("", "/change", "/cancellation"):
        applicant.get(f"/meetings/{meeting.id}{page}")
    session.rollback()
    assert (meeting.state, meeting.sequence) == (MeetingState.CONFIRMED, 0)


def test_the_supporter_records_three_lines(supporter, meeting, session, clock):
    clock.now = meeting.ends_at
    lines = {"went_well": "物件を一つ見つけた", "difficult": "", "next_promise": "来週、大家さんに電話する"}
    answer = supporter.post(f"/meetings/{meeting.id}/record", data=lines)
    session.rollback()
    assert (answer.status_code, meeting.state) == (303, MeetingState.RECORDED)
    assert "来週、大家さんに電話する" in text_of(supporter.get(f"/meetings/{meeting.id}"))


def test_a_worry_goes_to_the_office_alone(supporter, applicant, meeting, session, clock):
    clock.now = meeting.ends_at
    lines = {"went_well": "お話しできた", "worry": "y", "worry_note": "眠れていないようす"}
    supporter.post(f"/meetings/{meeting.id}/record", data=lines)
    flag = newest(session, Flag)
    assert (flag.kind, flag.note) == (FlagKind.WORRY, "眠れていないようす")
    assert "眠れていない" not in text_of(applicant.get(f"/meetings/{meeting.id}"))


def test_an_empty_record_is_asked_for_kindly_and_nothing_typed_is_lost(supporter, meeting, clock):
    clock.now = meeting.ends_at
    answer = supporter.post(f"/meetings/{meeting.id}/record", data={"worry_note": "のこる言葉"})
    assert answer.status_code == 422
    assert "のこる言葉" in text_of(answer)


def test_the_applicant_does_not_write_the_record(applicant, meeting):
    assert applicant.get(f"/meetings/{meeting.id}/record").status_code == 404


def test_not_having_met_offers_other_hours_in_one_step(supporter, meeting, session, clock):
    clock.now = meeting.ends_at
    answer = supporter.post(f"/meetings/{meeting.id}/absence", data={"who": "applicant"})
    session.rollback()
    assert (answer.status_code, meeting.state) == (303, MeetingState.NO_SHOW)
    assert len(newest(session, SlotOffer).slots) == 3


def test_saying_who_could_not_come_is_needed(supporter, meeting, clock):
    clock.now = meeting.ends_at
    assert supporter.post(f"/meetings/{meeting.id}/absence", data={"who": "dog"}).status_code == 422


# ---- queries


def _queries(engine, ask) -> int:
    seen = []

    def count(*_arguments):
        seen.append(1)

    event.listen(engine, "before_cursor_execute", count)
    try:
        assert ask().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(seen)


def test_pages_ask_the_database_as_often_however_much_there_is(
    applicant, supporter, engine, session, meeting
):
    number = meeting.id
    pages = [
        lambda: applicant.get(f"/meetings/{number}/change"),
        lambda: supporter.get(f"/meetings/{number}"),
        lambda: supporter.get("/supporter/availability"),
    ]
    for page in pages:
        page()
    before = [_queries(engine, page) for page in pages]
    session.commit()
    engagement = meeting.engagement
    helper = engagement.supporters[0].supporter
    for more in range(1, 20):
        make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=40 + more))
        session.add(WeeklyWindow(supporter_id=helper.id, weekday=6, start_minute=30 * more, end_minute=1440))
    make_person(session)
    session.commit()
    assert [_queries(engine, page) for page in pages] == before
