"""LINE's interface against a real HTTP server: what each answer means, and that a retry key makes silence harmless."""

from uuid import uuid4

import pytest

from mentorlink.core.line import LONGEST_TEXT, LineClient, is_from_line, make_client
from mentorlink.core.settings import Settings
from mentorlink.core.transports import MaybeDelivered, NotDelivered, Refused
from tests import line_stub
from tests.line_stub import LineStub, Mood

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
BODY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
# openssl dgst -sha256 -hmac SECRET -binary | base64
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


@pytest.fixture
def stub():
    stub = LineStub().start()
    yield stub
    stub.stop()


@pytest.fixture
def client(stub):
    client = LineClient(stub.url, "token-1", timeout=0.3)
    yield client
    client.close()


def test_a_push_arrives_with_its_token_and_its_key(stub, client):
    key = uuid4()
    client.push("U1", "お知らせが一つあります。", key)
    (push,) = stub.accepted
    assert (push.to, push.text, push.retry_key) == ("U1", "お知らせが一つあります。", str(key))
    assert stub.tokens == {"Bearer token-1"}


def test_many_pushes_go_over_one_connection(client):
    client.push("U1", "a", uuid4())
    kept = client._connection
    client.push("U1", "b", uuid4())
    assert kept is not None
    assert client._connection is kept


def test_the_same_key_again_is_a_success_and_is_not_taken_twice(stub, client):
    key = uuid4()
    client.push("U1", "a", key)
    client.push("U1", "a", key)
    assert len(stub.accepted) == 1


def test_a_conflict_that_names_no_accepted_request_is_no_success(stub, client, monkeypatch):
    monkeypatch.setitem(line_stub.PLAIN, Mood.BUSY, (409, "conflict"))
    stub.mood = Mood.BUSY
    with pytest.raises(Refused, match="line_409"):
        client.push("U1", "a", uuid4())


@pytest.mark.parametrize(
    ("mood", "fault", "code"),
    [
        (Mood.BUSY, NotDelivered, "line_429"),
        (Mood.QUOTA, Refused, "line_quota"),
        (Mood.BLOCKED, Refused, "line_403"),
        (Mood.UNKNOWN, Refused, "line_400"),
        (Mood.UNKNOWN_TOKEN, Refused, "line_401"),
        (Mood.DOWN, MaybeDelivered, "line_503"),
        (Mood.HANG, MaybeDelivered, "line_TimeoutError"),
        (Mood.CUT, MaybeDelivered, "line_RemoteDisconnected"),
        (Mood.CUT_BEFORE, MaybeDelivered, "line_RemoteDisconnected"),
    ],
)
def test_each_answer_says_whether_it_arrived(stub, client, mood, fault, code):
    stub.mood = mood
    with pytest.raises(NotDelivered) as caught:
        client.push("U1", "a", uuid4())
    assert (type(caught.value), str(caught.value)) == (fault, code)


def test_nobody_there_is_certainly_not_delivered(stub, client):
    stub.stop()
    with pytest.raises(NotDelivered) as caught:
        client.push("U1", "a", uuid4())
    assert type(caught.value) is NotDelivered


def test_a_kept_connection_that_ended_is_opened_anew_without_a_second_message(stub, client):
    client.push("U1", "a", uuid4())
    moods = iter([Mood.CUT])
    stub.moods = lambda: next(moods, Mood.KIND)
    client.push("U1", "b", uuid4())
    assert [push.text for push in stub.accepted] == ["a", "b"]


def test_a_text_is_cut_where_line_stops_counting(stub, client):
    client.push("U1", "😀" * LONGEST_TEXT, uuid4())
    assert len(stub.accepted[0].text.encode("utf-16-le")) == 2 * LONGEST_TEXT


def test_an_answer_goes_by_its_token(stub, client):
    client.reply("r1", "つながりました。")
    assert stub.replies == [("r1", "つながりました。")]


def test_a_signature_belongs_to_the_very_bytes():
    assert is_from_line(BODY, SIGNATURE, SECRET)
    for body, signature, secret in [
        (BODY + b" ", SIGNATURE, SECRET),
        (BODY, SIGNATURE, SECRET[:-1] + "9"),
        (BODY, SIGNATURE[:-2], SECRET),
        (BODY, "", SECRET),
        (BODY, "花\ud800", SECRET),
    ]:
        assert not is_from_line(body, signature, secret)


def test_half_a_configuration_is_no_line():
    assert make_client(Settings(secret_key="x", line_channel_token="t")) is None
    assert make_client(Settings(secret_key="x", line_channel_secret="s")) is None
    assert make_client(Settings(secret_key="x", line_channel_secret="s", line_channel_token="t")) is not None


def test_the_token_is_never_shown():
    settings = Settings(secret_key="x", line_channel_secret="s3cret", line_channel_token="t0ken")
    assert "t0ken" not in repr(settings)
    assert "s3cret" not in repr(settings)
