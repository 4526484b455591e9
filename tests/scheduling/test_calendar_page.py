"""The page on which a supporter brings their own calendar along."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.scheduling.models import BusySpan, CalendarSource
from mentorlink.scheduling.services import Copy, add_source, claim_source, settle_source
from tests.conftest import NOW
from tests.factories import make_supporter

PAGE = "/supporter/calendar-source"
ADDRESS = "https://calendar.example/private-5f3a/basic.ics"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def supporter(session):
    supporter = make_supporter(session)
    session.commit()
    return supporter


@pytest.fixture
def client(as_supporter, supporter):
    return as_supporter(supporter)


@pytest.fixture
def bring(session, supporter):
    """A calendar, read at an hour with some spans, or tried in vain since."""

    def bring(*, spans=(), caution=None, read_at=NOW, fault=None, is_read=True):
        session.rollback()  # what was read before holds a snapshot that a request has made stale
        add_source(session, supporter, ADDRESS, now=read_at)
        if is_read:
            settle_source(
                session,
                claim_source(session, now=read_at),
                Copy(NOW + 200 * DAY, spans, caution),
                now=read_at,
            )
        if fault:
            later = read_at + timedelta(minutes=40)
            settle_source(session, claim_source(session, now=later), Copy(NOW, fault=fault), now=later)
        session.commit()

    return bring


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.get_data(as_text=True)))


def test_the_page_says_what_is_read_and_where_the_address_is_found(client):
    text = text_of(client.get(PAGE))

    assert "読むのは「空き」か「ふさがり」だけです" in text
    assert all(name in text for name in ("Googleカレンダー", "Outlook", "iCloud", "非公開 URL"))


def test_an_address_is_kept_for_the_worker_and_not_shown_again(client, session):
    answer = client.post(PAGE, data={"address": f" {ADDRESS} "}, follow_redirects=True)

    assert session.scalar(select(CalendarSource.address)) == ADDRESS
    assert "いま読みに行っています" in text_of(answer)
    assert "5f3a" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "ここを教えてください"),
        ("http://calendar.example/a.ics", "ではじまる住所だけを"),
        ("https://169.254.169.254/", "安全のため読みにいけません"),
        ("わたしのカレンダー", "そのまま貼りつけて"),
    ],
)
def test_a_fault_is_told_in_place_with_the_typed_address_kept(client, session, typed, words):
    answer = client.post(PAGE, data={"address": typed})

    assert answer.status_code == 422
    assert words in text_of(answer)
    assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert session.scalars(select(CalendarSource)).all() == []


def test_the_address_is_shown_by_its_host_and_its_last_letters_alone(client, bring):
    bring()
    page = client.get(PAGE).get_data(as_text=True)

    assert "calendar.example" in page
    assert "「.ics」" in page
    assert "private" not in page


def test_a_fresh_copy_says_its_age_and_how_much_is_busy(client, bring, clock):
    bring(spans=((NOW + DAY, NOW + DAY + HOUR), (NOW + 20 * DAY, NOW + 20 * DAY + HOUR)))
    clock.now = NOW + timedelta(minutes=10)
    text = text_of(client.get(PAGE))

    assert "10分前に読みました。" in text
    assert "ふさがっている時間が1かしょ" in text


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (timedelta(minutes=45), "45分前に読みました。"),
        (timedelta(minutes=90), "1時間前に読みました。"),
        (3 * HOUR, "3時間ほど読めていません。"),
        (DAY, "きのうから読めていません。"),
        (3 * DAY, "11月25日（水）から読めていません。"),
    ],
)
def test_an_older_copy_says_since_when_it_serves(client, bring, clock, later, words):
    bring(fault="address_refused")
    clock.now = NOW + later
    text = text_of(client.get(PAGE))

    assert words in text
    assert ("それまでに読んだ予定で、候補を出しています" in text) == (later >= 3 * HOUR)
    assert ("見せてくれませんでした" in text) == (later >= 3 * HOUR)


def test_a_calendar_that_was_never_read_says_why(client, bring):
    bring(is_read=False, fault="address_moved")
    page = client.get(PAGE)

    assert "まだ読めていません。" in text_of(page)
    assert "別の場所への案内だけでした" in text_of(page)
    assert '<details class="disclosure" open>' in page.get_data(as_text=True)


def test_what_could_not_be_made_out_is_told(client, bring):
    bring(caution="calendar_zone_guessed")

    assert "時間帯の分からない予定" in text_of(client.get(PAGE))


def test_a_calendar_is_taken_out_with_all_that_was_read(client, session, bring):
    bring(spans=((NOW, NOW + HOUR),))
    answer = client.post(f"{PAGE}/removal", follow_redirects=True)

    assert "ここには残っていません" in text_of(answer)
    assert session.scalars(select(CalendarSource)).all() == []
    assert session.scalars(select(BusySpan)).all() == []


def test_reading_again_is_asked_a_few_times_and_no_more(client, session, bring):
    bring()
    answers = [client.post(f"{PAGE}/reading").status_code for _ in range(11)]

    assert answers == [303] * 10 + [429]
    assert session.scalar(select(CalendarSource.next_at)) == NOW


def test_new_addresses_are_taken_a_few_times_and_no_more(client):
    answers = [client.post(PAGE, data={"address": ADDRESS}) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert f'value="{ADDRESS}"' in answers[-1].get_data(as_text=True)
    assert "間をおきます" in text_of(answers[-1])


def test_a_look_at_the_page_changes_nothing(client, session, bring):
    bring()
    before = session.execute(select(CalendarSource)).all()
    client.get(PAGE)
    session.expire_all()

    assert session.execute(select(CalendarSource)).all() == before


def test_the_screen_of_hours_leads_to_the_calendar_and_says_its_age(client, bring):
    assert "カレンダーをつなぐ" in text_of(client.get("/supporter/availability"))
    bring()
    page = client.get("/supporter/availability")

    assert "たったいま読みました。" in text_of(page)
    assert f'href="{PAGE}"' in page.get_data(as_text=True)


def test_the_office_sees_that_there_is_a_calendar_and_its_age_alone(as_office, supporter, bring):
    address = f"/office/supporters/{supporter.id}/availability"
    assert "自分のカレンダー" not in text_of(as_office.get(address))
    bring(spans=((NOW + DAY, NOW + DAY + HOUR),))
    page = as_office.get(address)

    assert "自分のカレンダーをつないでいます。 たったいま読みました。" in text_of(page)
    assert "calendar.example" not in page.get_data(as_text=True)
    assert PAGE not in page.get_data(as_text=True)


def test_a_copy_that_nobody_renews_is_not_called_fresh(client, bring, clock):
    bring()
    clock.now = NOW + 3 * HOUR

    assert "3時間ほど読めていません。" in text_of(client.get(PAGE))
