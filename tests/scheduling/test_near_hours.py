"""The page of near hours for both sides and the office, and the way from a mail to a booked hour by one tap."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from mentorlink.core.outbox import InboxMail, OutboxMessage
from mentorlink.engagements.models import PauseReason, Side
from mentorlink.jobs import all_jobs, make_courier
from mentorlink.scheduling.models import AskState, HourAsk, Meeting
from mentorlink.scheduling.services import (
    answer_hour,
    ask_for_hour,
    let_ask_go,
    offer_slots,
    rest_engagement,
)
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_programme, make_supporter
from tests.scheduling.test_asks import MONDAY, SUNDAY, tokyo

BY = {"by": "test", "now": NOW}
APPLICANT, MENTOR = "hana@example.org", "mentor@example.org"


@pytest.fixture
def engagement(session):
    supporter = make_supporter(session, windows=SUNDAY, person=make_person(session, email=MENTOR))
    application = make_application(session, person=make_person(session, email=APPLICANT), state="matched")
    engagement = make_engagement(session, application=application, supporters=[supporter])
    session.commit()
    return engagement


@pytest.fixture
def applicant(as_applicant, engagement):
    return as_applicant(engagement.application)


@pytest.fixture
def supporter(as_supporter, engagement):
    return as_supporter(engagement.supporters[0].supporter)


def page_of(engagement) -> str:
    return f"/engagements/{engagement.id}/near-hours"


def starts_on(page: str) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page)


def latest(session) -> HourAsk:
    session.rollback()
    return session.scalars(select(HourAsk).order_by(HourAsk.id.desc())).first()


def answer_to(ask: HourAsk, person_id: int | None = None) -> str:
    """Where the word of that person is given; of the only one whose word is wanted."""
    [wanted] = ask.waits_for if person_id is None else [person_id]
    return f"/hour-answers/{ask.answer_of(wanted).id}"


def asked(session, engagement, side=Side.APPLICANT, start=MONDAY) -> HourAsk:
    session.rollback()
    ask = ask_for_hour(session, engagement, start, side=side, **BY)
    session.commit()
    return ask


def test_an_offer_without_an_hour_leads_to_the_near_ones(session, engagement, applicant):
    session.commit()
    offer = offer_slots(session, engagement, now=NOW)
    session.commit()
    assert applicant.get(f"/my/slots/{offer.id}").location == page_of(engagement)
    page = applicant.get(page_of(engagement)).text
    assert len(starts_on(page)) == 3
    assert f"/my/slots/{offer.id}/call" in page


def test_both_sides_see_near_hours_and_who_would_be_asked(engagement, applicant, supporter):
    mentor = engagement.supporters[0].supporter.person.display_name
    assert (
        f"この時間なら、{mentor} さんに聞いてみることができます。" in applicant.get(page_of(engagement)).text
    )
    page, name = supporter.get(page_of(engagement)).text, engagement.recipient.display_name
    assert f"この時間なら、{name} さんに聞いてみることができます。" in page


def test_one_tap_asks_and_the_page_says_that_it_waits(session, engagement, applicant):
    start = starts_on(applicant.get(page_of(engagement)).text)[0]
    answer = applicant.post(page_of(engagement), data={"start": start})
    assert (answer.status_code, answer.location) == (303, page_of(engagement))
    assert latest(session).starts_at.isoformat() == start
    page = applicant.get(page_of(engagement)).text
    assert "お返事を待っています" in page
    assert starts_on(page) == []


def test_an_hour_that_needs_nobody_elses_word_is_booked_by_the_tap(session, engagement, applicant):
    assert "さんは空いています。この時間なら、すぐに決まります。" in applicant.get(page_of(engagement)).text
    answer = applicant.post(page_of(engagement), data={"start": tokyo(29, 9).isoformat()})
    assert re.fullmatch(r"/meetings/\d+", answer.location)


def test_the_other_side_answers_on_the_same_page_by_one_tap(session, engagement, supporter):
    ask = asked(session, engagement)
    page = supporter.get(page_of(engagement)).text
    assert "この時間は、いかがですか" in page
    answer = supporter.post(answer_to(ask), data={"answer": "yes"})
    session.rollback()
    meeting = session.scalar(select(Meeting))
    assert (answer.location, meeting.starts_at) == (f"/meetings/{meeting.id}", MONDAY)


def test_a_no_is_thanked_for_and_the_other_side_is_told_without_blame(
    session, engagement, applicant, supporter
):
    ask = asked(session, engagement)
    page = supporter.post(answer_to(ask), data={"answer": "no"}, follow_redirects=True).text
    assert "お知らせくださって、ありがとうございます。" in page
    page = applicant.get(page_of(engagement)).text
    assert "だれのせいでもありません。" in page
    assert len(starts_on(page)) == 3


def test_looking_changes_nothing(session, engagement, supporter):
    asked(session, engagement)
    supporter.get(page_of(engagement))
    ask = latest(session)
    assert (ask.state, len(ask.waits_for)) == (AskState.OPEN, 1)


@pytest.mark.parametrize(
    "data", [{}, {"start": "x"}, {"start": "2026-11-30T09:00:00"}, {"start": "0001-01-01T00:00Z"}]
)
def test_what_no_page_sends_is_asked_about_kindly(engagement, applicant, data):
    answer = applicant.post(page_of(engagement), data=data)
    assert (answer.status_code, "時間をひとつえらんでください。" in answer.text) == (422, True)


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}])
def test_no_answer_is_asked_about_kindly(session, engagement, supporter, data):
    assert supporter.post(answer_to(asked(session, engagement)), data=data).status_code == 422


def test_an_hour_that_nobody_may_be_asked_for_is_gone(engagement, applicant):
    for start in (tokyo(30, 2), NOW + timedelta(hours=2), NOW + timedelta(days=300)):
        answer = applicant.post(page_of(engagement), data={"start": start.isoformat()})
        assert (answer.status_code, len(starts_on(answer.text))) == (409, 3)


def test_a_second_question_waits_for_the_first(session, engagement, applicant):
    asked(session, engagement)
    later = (MONDAY + timedelta(days=1)).isoformat()
    answer = applicant.post(page_of(engagement), data={"start": later})
    assert answer.status_code == 409
    assert "いま、ほかの時間を聞いているところです。" in answer.text


def test_an_answer_to_what_is_over_says_so_and_shows_what_is(session, engagement, supporter):
    ask = asked(session, engagement)
    address = answer_to(ask)
    let_ask_go(session, ask.id, ask.expires_at)
    session.commit()
    answer = supporter.post(address, data={"answer": "yes"})
    assert answer.status_code == 409
    assert "この時間のご相談は、もう終わっています。" in answer.text
    assert len(starts_on(answer.text)) == 3


def test_in_a_rest_there_is_nothing_to_do(session, engagement, supporter):
    asked(session, engagement)
    session.rollback()
    rest_engagement(session, engagement, PauseReason.FAMILY, **BY)
    session.commit()
    page = supporter.get(page_of(engagement)).text
    assert "何もしていただくことはありません。" in page
    assert "<form" not in page[page.index("<main") : page.index("</main")]


def test_after_three_in_vain_both_read_that_the_office_helps(session, engagement, applicant):
    for number in range(3):
        ask = asked(session, engagement, start=MONDAY + timedelta(days=number))
        answer_hour(session, ask, ask.waits_for[0], is_yes=False, **BY)
        session.commit()
    page = applicant.get(page_of(engagement)).text
    assert "日にちは、事務局がごいっしょにさがします" in page
    assert starts_on(page) == []


def test_where_hours_are_offered_the_page_leads_there(session, as_applicant, as_supporter):
    engagement = make_engagement(session)
    session.commit()
    applicant = as_applicant(engagement.application)
    supporter = as_supporter(engagement.supporters[0].supporter)
    session.commit()
    offer = offer_slots(session, engagement, now=NOW)
    session.commit()
    assert f"/my/slots/{offer.id}" in applicant.get(page_of(engagement)).text
    assert "合う日にちが見つかりました" in supporter.get(page_of(engagement)).text


def test_the_office_writes_down_an_answer_from_the_telephone(session, engagement, as_office):
    address = answer_to(asked(session, engagement))
    assert f'action="{address}"' in as_office.get(page_of(engagement)).text
    assert "/meetings/" in as_office.post(address, data={"answer": "yes"}).location


def test_only_the_office_answers_for_somebody_else(session, engagement, applicant):
    address = answer_to(asked(session, engagement))
    assert applicant.post(address, data={"answer": "yes"}).status_code == 404
    assert latest(session).state is AskState.OPEN


def test_who_asked_may_take_it_back(session, engagement, applicant):
    ask = asked(session, engagement)
    page = applicant.get(page_of(engagement)).text
    address = answer_to(ask, engagement.recipient_id)
    assert f'action="{address}"' in page
    session.rollback()
    applicant.post(address, data={"answer": "no"})
    assert latest(session).state is AskState.DECLINED


# ---- from the mail


@pytest.fixture
def enter_from_mail(app, session, sessions, settings, clock):
    """Somebody's browser on the page to which their latest mail leads, with no password on the way."""

    def enter_from_mail(address: str):
        make_courier(settings, sessions, clock).deliver()
        session.rollback()
        newest = select(InboxMail.text).where(InboxMail.to_address.contains(address))
        mail = session.scalar(newest.order_by(InboxMail.id.desc()).limit(1))
        session.rollback()
        [path] = set(re.findall(r"http://localhost(/e/\S+)", mail))
        client = app.test_client()
        assert "<form" in client.get(path).text
        landed = client.post(path)
        while landed.status_code == 303:
            path = landed.location
            landed = client.get(path)
        return client, path, mail

    return enter_from_mail


def answer_from(client, path: str, answer: str):
    [action] = set(re.findall(r'action="(/hour-answers/\d+)"', client.get(path).text))
    return client.post(action, data={"answer": answer})


@pytest.mark.both_databases
def test_from_no_common_hour_to_a_meeting_by_one_tap_of_each_side(session, engagement, enter_from_mail):
    session.commit()
    offer_slots(session, engagement, now=NOW)
    session.commit()
    client, path, mail = enter_from_mail(APPLICANT)
    shown = starts_on(client.get(path).text)
    assert (path, len(shown), mail.count("■")) == (page_of(engagement), 3, 3)
    start = next(each for each in shown if each != tokyo(29, 9).isoformat())
    client.post(path, data={"start": start})
    mentor, path, mail = enter_from_mail(MENTOR)
    assert answer_from(mentor, path, "yes").status_code == 303
    session.rollback()
    assert [each.starts_at.isoformat() for each in session.scalars(select(Meeting))] == [start]


@pytest.mark.both_databases
def test_each_of_a_team_answers_by_a_link_of_their_own(session, enter_from_mail):
    addresses = ["one@example.org", "two@example.org", "three@example.org"]
    team = [
        make_supporter(session, windows=[], person=make_person(session, email=each)) for each in addresses
    ]
    programme = make_programme(session, team_min=3, team_max=3)
    application = make_application(session, programme=programme, state="matched")
    engagement = make_engagement(session, application=application, supporters=team)
    session.commit()
    asked(session, engagement)
    for number, address in enumerate(addresses):
        assert len(latest(session).waits_for) == 3 - number
        client, path, _mail = enter_from_mail(address)
        assert answer_from(client, path, "yes").status_code == 303
    assert latest(session).state is AskState.AGREED


def test_no_mail_of_it_says_whom_one_would_meet_or_how_to_reach_them(session, engagement, enter_from_mail):
    offer_slots(session, engagement, now=NOW)
    session.commit()
    ask = asked(session, engagement)
    texts = [enter_from_mail(address)[2] for address in (APPLICANT, MENTOR)]
    let_ask_go(session, ask.id, ask.expires_at)
    session.commit()
    texts.append(enter_from_mail(APPLICANT)[2])
    people = engagement.recipient, engagement.supporters[0].supporter.person
    for text, own in zip(texts, (people[0], people[1], people[0]), strict=True):
        [other] = set(people) - {own}
        assert own.display_name in text
        assert other.display_name not in text
        assert other.email not in text


@pytest.mark.both_databases
def test_of_two_last_answers_at_once_one_books_and_none_is_lost(session, app, enter_from_mail):
    addresses = ["one@example.org", "two@example.org"]
    for _ in range(3):
        team = [
            make_supporter(session, windows=[], person=make_person(session, email=each)) for each in addresses
        ]
        programme = make_programme(session, team_min=2, team_max=2)
        application = make_application(session, programme=programme, state="matched")
        engagement = make_engagement(session, application=application, supporters=team)
        session.commit()
        asked(session, engagement)
        entered, together = [enter_from_mail(each) for each in addresses], Barrier(2)

        def answer(who: int, entered=entered, together=together):
            client, path, _mail = entered[who]
            together.wait()
            return answer_from(client, path, "yes").status_code

        with ThreadPoolExecutor(2) as threads:
            assert list(threads.map(answer, range(2))) == [303, 303]
        assert latest(session).state is AskState.AGREED
        booked = select(Meeting.id).where(Meeting.engagement_id == engagement.id)
        assert len(session.scalars(booked).all()) == 1
        session.rollback()


@pytest.mark.both_databases
def test_of_a_yes_and_a_no_at_once_exactly_one_counts(session, engagement, enter_from_mail, as_office):
    for number in range(3):
        ask = asked(session, engagement, start=MONDAY + timedelta(days=number))
        client, _path, _mail = enter_from_mail(MENTOR)
        together = Barrier(2)
        address = answer_to(ask)
        session.rollback()

        def answer(who: int, together=together, address=address, client=client):
            together.wait()
            return (client, as_office)[who].post(address, data={"answer": ("yes", "no")[who]}).status_code

        with ThreadPoolExecutor(2) as threads:
            codes = list(threads.map(answer, range(2)))
        state = latest(session).state
        assert sorted(codes) == [303, 409]
        assert state is (AskState.AGREED if codes[0] == 303 else AskState.DECLINED)
        if state is AskState.AGREED:
            return


def test_the_worker_lets_go_what_nobody_answered(session, engagement, sessions, settings, clock):
    ask = asked(session, engagement)
    clock.now = ask.expires_at
    session.rollback()
    [job] = [each for each in all_jobs(settings, sessions, clock) if each.name == "let_asks_go"]
    assert [job.run(sessions, clock.now) for _ in range(2)] == [1, 0]
    assert latest(session).state is AskState.EXPIRED
    office = select(OutboxMessage.template).where(OutboxMessage.recipient == "office")
    assert session.scalars(office).all() == ["scheduling/hour_to_find"]
