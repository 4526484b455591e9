"""Connecting LINE: the page with the code, and the webhook that believes a signature and nothing else."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mentorlink.accounts.models import Attempt
from mentorlink.core.audit import AuditEntry
from mentorlink.core.db import transaction
from mentorlink.people import line
from mentorlink.people.models import ContactChannel, LineCode, LineEvent, Person
from tests import factories
from tests.conftest import NOW
from tests.line_stub import LineStub, Mood

SECRET, ACCOUNT, OTHER_ACCOUNT = "channel-secret", "U" + "a" * 32, "U" + "b" * 32
CRISIS = "もう消えてしまいたい"


@pytest.fixture
def stub():
    stub = LineStub().start()
    yield stub
    stub.stop()


@pytest.fixture
def settings(settings, stub):
    return settings.model_copy(
        update={
            "line_channel_secret": type(settings.secret_key)(SECRET),
            "line_channel_token": type(settings.secret_key)("token"),
            "line_base_url": stub.url,
            "line_account_url": "https://line.me/R/ti/p/@example",
        }
    )


@pytest.fixture
def person(session):
    person = factories.make_person(session, phone="+81312345678")
    session.commit()
    return person


def sign(body, secret=SECRET):
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def post(client, body, signature=None, **headers):
    signature = sign(body) if signature is None else signature
    answer = client.post("/line/webhook", data=body, headers={"X-Line-Signature": signature, **headers})
    answer.close()  # as the server does once LINE has its answer: now the replies go out
    return answer


def event(kind="message", text=None, *, number=1, account=ACCOUNT, at=NOW, **more):
    made = {
        "type": kind,
        "mode": "active",
        "timestamp": int(at.timestamp() * 1000),
        "source": {"type": "user", "userId": account},
        "webhookEventId": f"01FZ74A0TDDPYRVKNK77XKC3{number:02}",
        "deliveryContext": {"isRedelivery": False},
        "replyToken": f"reply-{number}",
    }
    if text is not None:
        made["message"] = {"type": "text", "id": "1", "text": text}
    return made | more


def body_of(*events):
    return json.dumps({"destination": "U0", "events": list(events)}, ensure_ascii=False).encode()


def give_code(session, person, now=NOW):
    with transaction(session):
        code = line.issue_code(session, session.get_one(Person, person.id), now=now)
        return line.words_of(code)


def fresh(session, person):
    session.rollback()
    return session.get_one(Person, person.id, populate_existing=True)


def connect(client, session, person, *, number=1, **more):
    code = give_code(session, person, NOW + timedelta(seconds=number))
    return post(client, body_of(event(text=code, number=number, **more)))


def test_the_code_sent_in_the_chat_connects_its_person(client, session, person, stub):
    assert connect(client, session, person).status_code == 200
    found = fresh(session, person)
    assert (found.line_user_id, found.contact_channel) == (ACCOUNT, ContactChannel.LINE)
    ((token, text),) = stub.replies
    assert token == "reply-1"
    assert text.startswith("つながりました。")
    assert [entry.verb for entry in session.scalars(select(AuditEntry))] == ["line_connected"]


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "番号は"])
def test_the_code_may_be_typed_as_people_type(client, session, person, typed):
    code = give_code(session, person)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else "ー" for c in code.lower())
    text = wide if typed == "番号は" else typed.format(code.lower())
    post(client, body_of(event(text=text.replace("ー", " "))))
    assert fresh(session, person).line_user_id == ACCOUNT


@pytest.mark.parametrize(
    "signature",
    ["", "x", sign(b"{}"), sign(b'{"events":[]}', "another"), "花", base64.b64encode(b"0" * 31).decode()],
)
def test_a_wrong_signature_is_nothing_at_all(client, session, person, signature, stub):
    body = body_of(event(text=give_code(session, person)))
    answer = client.post("/line/webhook", data=body, headers={"X-Line-Signature": signature.encode()})
    assert (answer.status_code, answer.data) == (401, b"")
    assert fresh(session, person).line_user_id is None
    assert session.scalar(select(func.count(LineEvent.id))) == 0
    assert stub.replies == []


def test_one_byte_more_is_another_message(client, session, person):
    body = body_of(event(text=give_code(session, person)))
    assert post(client, body + b" ", sign(body)).status_code == 401


@pytest.mark.parametrize(
    "body",
    [b"", b"[", b"\xff\xfe", b"[]", b'{"events":{}}', b"[" * 100_000, b"null", b'{"events": 1}'],
)
def test_what_is_no_list_of_events_is_refused_though_signed(client, body):
    assert post(client, body).status_code == 400


def test_a_huge_body_is_not_read(client):
    assert post(client, b"x" * (256 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "strange",
    [
        {"source": None},
        {"source": {"type": "group", "groupId": "C1", "userId": ACCOUNT}},
        {"source": {"type": "user", "userId": 7}},
        {"webhookEventId": None},
        {"webhookEventId": 7},
        {"message": "text"},
        {"message": {"type": "sticker"}},
        {"message": {"type": "text", "text": "\0" * 5000}},
        {"type": "unheard-of"},
        {"timestamp": 10**30},
    ],
)
def test_events_of_any_shape_are_taken_calmly(client, session, person, strange):
    kinds = ("message", "unfollow", "follow")
    events = [event(kind, "a", number=number) | strange for number, kind in enumerate(kinds)]
    assert post(client, body_of(*events, 7, None)).status_code == 200
    assert fresh(session, person).line_user_id is None


def test_an_event_that_comes_twice_is_worked_through_once(client, session, person, stub):
    body = body_of(event(text=give_code(session, person)))
    assert [post(client, body).status_code, post(client, body).status_code] == [200, 200]
    assert len(stub.replies) == 1
    assert session.scalar(select(func.count(LineEvent.id))) == 1


def test_old_events_are_forgotten(client, session, clock):
    post(client, body_of(event(text="a")))
    clock.now += timedelta(days=31)
    post(client, body_of(event(text="a", number=2)))
    assert session.scalar(select(func.count(LineEvent.id))) == 1


def test_wrong_old_and_used_codes_get_the_same_kind_words(client, session, person, clock, stub):
    used = give_code(session, person)
    post(client, body_of(event(text=used)))
    other = factories.make_person(session, email="ken@example.org")
    session.commit()
    old = give_code(session, other)
    clock.now += timedelta(minutes=30)
    for number, text in enumerate([used, old, "AAAA-2222"], start=2):
        post(client, body_of(event(text=text, number=number, account=OTHER_ACCOUNT)))
    said = {text for _, text in stub.replies[1:]}
    assert len(said) == 1
    assert said.pop().startswith("この番号では、つながりませんでした。")
    assert fresh(session, other).line_user_id is None


def test_a_code_is_dead_when_a_new_one_is_shown(client, session, person):
    first = give_code(session, person)
    give_code(session, person, NOW + timedelta(seconds=1))
    post(client, body_of(event(text=first)))
    assert fresh(session, person).line_user_id is None


def test_one_line_account_is_one_persons(client, session, person, stub):
    connect(client, session, person)
    other = factories.make_person(session, email="ken@example.org")
    session.commit()
    code = give_code(session, other)
    post(client, body_of(event(text=code, number=2)))
    assert stub.replies[-1][1].startswith("このLINEは、もう別のお申し込みにつながっています。")
    assert (fresh(session, other).line_user_id, fresh(session, person).line_user_id) == (None, ACCOUNT)
    post(client, body_of(event(text="停止", number=3), event(text=code, number=4)))
    assert (fresh(session, other).line_user_id, fresh(session, person).line_user_id) == (ACCOUNT, None)


def test_a_new_telephone_takes_the_place_of_the_old_one(client, session, person):
    connect(client, session, person)
    connect(client, session, person, number=2, account=OTHER_ACCOUNT)
    assert fresh(session, person).line_user_id == OTHER_ACCOUNT


@pytest.mark.parametrize(
    ("email", "way"), [("hana@example.org", ContactChannel.MAIL), (None, ContactChannel.PHONE)]
)
def test_whoever_leaves_is_reached_by_mail_else_by_telephone(client, session, person, email, way):
    connect(client, session, person)
    with transaction(session):
        session.get_one(Person, person.id).email = email
    post(client, body_of(event("unfollow", number=2, at=NOW + timedelta(hours=1))))
    found = fresh(session, person)
    assert (found.contact_channel, found.line_user_id) == (way, None)


def test_a_farewell_that_comes_late_undoes_no_new_beginning(client, session, person):
    connect(client, session, person)
    post(client, body_of(event("unfollow", number=2, at=NOW - timedelta(minutes=1))))
    assert fresh(session, person).line_user_id == ACCOUNT


@pytest.mark.parametrize("word", ["停止", "「停止」", " STOP ", "取りやめ", "停止。"])
def test_a_word_in_the_chat_is_enough_to_stop(client, session, person, stub, word):
    connect(client, session, person)
    post(client, body_of(event(text=word, number=2)))
    assert fresh(session, person).contact_channel is ContactChannel.MAIL
    assert stub.replies[-1][1].startswith("LINEでのお知らせを、やめました。")


def test_coming_back_asks_for_a_code_again(client, session, person, stub):
    connect(client, session, person)
    later = NOW + timedelta(hours=1)
    post(client, body_of(event("unfollow", number=2, at=later), event("follow", number=3, at=later)))
    assert fresh(session, person).line_user_id is None
    assert "8文字の番号" in stub.replies[-1][1]


def test_the_chat_says_that_nobody_reads_it(client, stub):
    post(client, body_of(event(text="あしたは行けません")))
    ((_, text),) = stub.replies
    assert "人は読んでいません" in text
    assert "0287-00-0000" in text
    assert "窓口" not in text


def test_a_word_of_crisis_is_answered_with_where_somebody_listens(client, stub):
    post(client, body_of(event(text=CRISIS)))
    assert "いま、つらいときは" in stub.replies[0][1]


def test_what_is_written_in_the_chat_is_kept_nowhere(client, session, caplog, sessions):
    caplog.set_level("DEBUG")
    post(client, body_of(event(text=CRISIS)))
    assert CRISIS not in caplog.text
    assert ACCOUNT not in caplog.text
    with sessions() as db:
        assert "消え" not in "".join(str(row.__dict__) for row in db.scalars(select(LineEvent)))


def test_line_gets_its_answer_though_it_is_silent_itself(client, stub, session, person):
    stub.stop()
    assert connect(client, session, person).status_code == 200
    assert fresh(session, person).line_user_id == ACCOUNT


def test_where_a_reply_does_not_go_out_the_others_do_not_wait(client, stub):
    stub.mood = Mood.CUT_BEFORE
    post(client, body_of(*(event(text="a", number=number) for number in range(5))))
    assert sum(stub.requests.values()) == 1


def test_ten_thousand_guesses_are_ten(session, app, person):
    code = give_code(session, person).replace("-", "")
    with transaction(session):
        said = [
            line.link_account(session, ACCOUNT, f"AAAA{number:04}".translate(LETTERS), now=NOW)
            for number in range(10_000)
        ]
        last = line.link_account(session, ACCOUNT, code, now=NOW)
        victim = line.link_account(session, OTHER_ACCOUNT, code, now=NOW)
    assert said.count(line.Linking.UNKNOWN) == 10
    assert said.count(line.Linking.SLOW_DOWN) == 9_990
    assert (last, victim) == (line.Linking.SLOW_DOWN, line.Linking.DONE)
    assert session.scalar(select(func.count(Attempt.id))) == 11


LETTERS = str.maketrans("0123456789", "ABCDEFGHJK")


def test_the_table_keeps_no_code(session, person, app):
    words = give_code(session, person)
    row = session.scalars(select(LineCode)).one()
    assert words.replace("-", "") not in str(row.__dict__)
    assert len(words) == 9
    assert not set("01IOL") & set(words)


def test_at_erasure_no_account_and_no_code_is_left(session, client, person):
    connect(client, session, person)
    give_code(session, person, NOW + timedelta(minutes=1))
    with transaction(session):
        row = session.get_one(Person, person.id)
        row.erased_at = NOW
        line.forget_line(session, row)
    assert fresh(session, person).line_user_id is None
    assert session.scalar(select(func.count(LineCode.id))) == 0


def test_without_line_the_webhook_believes_nobody(client, app, monkeypatch, settings):
    off = settings.model_copy(update={"line_channel_secret": type(settings.secret_key)("")})
    monkeypatch.setitem(app.extensions, "settings", off)
    body = body_of(event(text="a"))
    assert post(client, body, sign(body, "")).status_code == 401
