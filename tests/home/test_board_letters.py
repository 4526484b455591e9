"""まとめて書く: nothing goes out unseen, everybody gets it once, and who gets none is told with the reason."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, Side, ThreadPost
from mentorlink.home.board.letters import Left, effects_of
from mentorlink.people.models import ContactChannel, Person
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_person, make_programme, make_supporter
from tests.pages import faults_of_page

PATH = "/office/engagements/messages"
WORDS = "大雪の予報です。お話しは画面ごしにしましょう。"


@pytest.fixture
def run(session):
    return make_programme(session, months=6)


def half_year(session, run, *, state=EngagementState.RUNNING, **person):
    application = make_application(
        session, programme=run, person=make_person(session, **person), state="matched"
    )
    return make_engagement(session, application=application, state=state)


def by_phone(session, run):
    return half_year(session, run, contact_channel=ContactChannel.PHONE, email=None, phone="+81226123456")


def hidden(page):
    """What the form of a page carries, but its words."""
    return re.findall(r'name="(submission|seen|chosen|all|state)"[^>]*?value="([^"]*)"', page)


def filled(page, words=WORDS):
    fields: dict[str, list[str]] = {"body": [words]}
    for name, value in hidden(page):
        fields.setdefault(name, []).append(value)
    return fields


def posts(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(ThreadPost))


def preview(client, address, words=WORDS):
    return client.post(PATH, data=filled(client.get(address).text, words))


def test_the_effect_says_who_gets_it_by_which_way_and_who_not(session, run):
    mail, phone = half_year(session, run), by_phone(session, run)
    paused = half_year(session, run, state=EngagementState.PAUSED)
    ended = half_year(session, run, state=EngagementState.FOLLOWING)
    erased = half_year(session, run, erased_at=NOW)
    single = make_engagement(session)
    found = effects_of(session, [each.id for each in (mail, phone, paused, ended, erased, single)])
    assert [each.left for each in found] == [None, None, Left.PAUSED, Left.ENDED, Left.ERASED]
    assert [each.ways for each in found[:2]] == [("mail", "mail"), ("phone", "mail")]
    assert found[4].name == ""


def test_nothing_goes_out_before_its_effect_was_seen(session, run, as_office):
    engagement = half_year(session, run)
    session.commit()
    page = preview(as_office, f"{PATH}?chosen={engagement.id}")
    assert page.status_code == 200
    assert (WORDS in page.text, "1件に送る" in page.text) == (True, True)
    assert faults_of_page(page.text) == []
    assert posts(session) == 0


def test_a_forged_preview_sends_nothing(session, run, as_office):
    engagement = half_year(session, run)
    session.commit()
    data = filled(as_office.get(f"{PATH}?chosen={engagement.id}").text) | {"seen": "a" * 64}
    assert as_office.post(PATH, data=data).status_code == 200
    assert posts(session) == 0


def test_sent_twice_is_sent_once(session, run, as_office):
    ids = [half_year(session, run).id, by_phone(session, run).id]
    session.commit()
    seen = preview(as_office, f"{PATH}?chosen={ids[0]}&chosen={ids[1]}").text
    for _ in range(2):
        assert as_office.post(PATH, data=filled(seen)).status_code == 303
    assert posts(session) == 2
    assert set(session.scalars(select(ThreadPost.side))) == {Side.OFFICE}
    channels = session.scalars(select(OutboxMessage.channel).order_by(OutboxMessage.id)).all()
    assert sorted(channels) == [Channel.CALL, Channel.MAIL, Channel.MAIL, Channel.MAIL]
    verbs = session.scalars(select(AuditEntry.verb).where(AuditEntry.verb == "write_in_thread")).all()
    assert len(verbs) == 4  # both times it was the office's act


@pytest.mark.parametrize("changed", ["words", "people", "state"])
def test_what_has_changed_since_is_shown_again(session, run, as_office, changed):
    one, other = half_year(session, run), half_year(session, run)
    ids, address = (one.id, other.id), f"{PATH}?chosen={one.id}"
    session.commit()
    data = filled(preview(as_office, address).text)
    if changed == "words":
        data["body"] = ["ほかのことば"]
    if changed == "people":
        data["chosen"] = [str(each) for each in ids]
    if changed == "state":
        session.get_one(Engagement, ids[0]).state = EngagementState.PAUSED
        session.commit()
    assert as_office.post(PATH, data=data).status_code == 200
    assert posts(session) == 0


def test_those_who_rest_or_are_erased_get_none_and_are_named_with_the_reason(session, run, as_office):
    going, resting = half_year(session, run), half_year(session, run, display_name="ことり")
    resting.state = EngagementState.PAUSED
    gone = half_year(session, run, erased_at=NOW)
    address = f"{PATH}?chosen={going.id}&chosen={resting.id}&chosen={gone.id}"
    session.commit()
    seen = preview(as_office, address).text
    assert "ことり" in seen
    assert ("お休み中です" in seen, "情報を消した方です" in seen) == (True, True)
    assert as_office.post(PATH, data=filled(seen)).status_code == 303
    assert posts(session) == 1


def test_the_whole_filter_gets_it(session, run, as_office):
    for _ in range(30):
        half_year(session, run)
    half_year(session, run, state=EngagementState.FOLLOWING)
    session.commit()
    seen = preview(as_office, f"{PATH}?all=1&state=going_on").text
    assert "30件に送る" in seen
    assert as_office.post(PATH, data=filled(seen)).location.endswith("?state=going_on")
    assert posts(session) == 30


@pytest.mark.parametrize("words", ["", " \u200b", "a" * 3001, "\u202eあ"])
def test_words_that_cannot_be_sent_come_back_as_typed(session, run, as_office, words):
    engagement = half_year(session, run)
    session.commit()
    answer = preview(as_office, f"{PATH}?chosen={engagement.id}", words)
    assert answer.status_code == 422
    assert words.strip() in answer.text
    assert posts(session) == 0


@pytest.mark.parametrize("query", ["", "?chosen=x&chosen=99999999999999&chosen=-1", "?chosen=987654"])
def test_without_anybody_there_is_a_kind_word(as_office, query):
    page = as_office.get(PATH + query)
    assert page.status_code == 200
    assert "書く相手が、まだいません" in page.text
    assert as_office.post(PATH, data={"body": WORDS, "submission": "abcdefgh"}).status_code == 422


def test_more_than_a_thousand_at_once_are_too_many(as_office):
    many = "&".join(f"chosen={number}" for number in range(1, 1002))
    assert as_office.get(f"{PATH}?{many}").status_code == 422


def test_a_letter_is_the_offices_alone(session, run, client, as_supporter):
    engagement = half_year(session, run)
    data = {"body": WORDS, "submission": "abcdefgh", "chosen": str(engagement.id)}
    session.commit()
    assert client.post(PATH, data=data).status_code == 303
    assert as_supporter(make_supporter(session)).post(PATH, data=data).status_code == 404
    assert posts(session) == 0


def test_somebody_erased_after_the_preview_gets_nothing(session, run, as_office):
    engagement = half_year(session, run)
    person_id, address = engagement.recipient_id, f"{PATH}?chosen={engagement.id}"
    session.commit()
    data = filled(preview(as_office, address).text)
    session.get_one(Person, person_id).erased_at = NOW + timedelta(0)
    session.commit()
    as_office.post(PATH, data=data)
    assert posts(session) == 0
