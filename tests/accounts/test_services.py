"""Joining, passwords, links and the second step."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import func, select

from mentorlink.accounts import keys, services
from mentorlink.accounts.limits import PER_ACCOUNT, PER_NETWORK, WINDOW, buckets_for, count_attempt
from mentorlink.accounts.models import Attempt, User
from mentorlink.core.actor import Role
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import Link
from mentorlink.core.outbox import OutboxMessage
from tests.conftest import NOW

PASSWORD = "春の縁側で、お茶を一杯"


@pytest.fixture(autouse=True)
def _keys():
    keys.configure("test-secret")


@pytest.fixture
def user(session) -> User:
    return services.create_user(
        session, email="Hanako@Example.jp", name="花子", role=Role.OFFICE, password=PASSWORD, now=NOW
    )


def test_an_address_has_one_account_however_it_is_written(session, user):
    with pytest.raises(RuleViolation, match="email_taken"):
        services.create_user(session, email="hanako@EXAMPLE.jp ", name="別", role=Role.LEAD, now=NOW)


@pytest.mark.parametrize(("password", "code"), [("短い", "password_short"), ("長" * 201, "password_long")])
def test_a_password_is_neither_short_nor_endless(session, password, code):
    with pytest.raises(RuleViolation, match=code):
        services.create_user(session, email="a@b.jp", name="あ", role=Role.LEAD, password=password, now=NOW)


def test_the_right_password_names_its_user(session, user):
    assert services.check_password(session, "hanako@example.jp", PASSWORD) is user


@pytest.mark.parametrize("password", ["", "wrong password", PASSWORD + " "])
def test_another_password_names_nobody(session, user, password):
    assert services.check_password(session, "hanako@example.jp", password) is None


def test_an_unknown_address_costs_a_verification_too(session, monkeypatch):
    asked = []
    monkeypatch.setattr(services, "_matches", lambda stored, password: asked.append(stored))
    services.check_password(session, "nobody@example.jp", PASSWORD)
    assert [stored.startswith("$argon2id$") for stored in asked] == [True]


def test_a_disabled_account_opens_to_nobody(session, user):
    services.disable_user(session, user, now=NOW)
    assert services.check_password(session, "hanako@example.jp", PASSWORD) is None


def test_a_code_is_good_once(session, user):
    secret = services.new_totp_secret()
    code = pyotp.TOTP(secret).at(NOW)
    assert services.set_up_totp(session, user, secret, code, now=NOW)
    assert not services.verify_totp(session, user, code, now=NOW)
    later = NOW + timedelta(seconds=30)
    assert services.verify_totp(session, user, pyotp.TOTP(secret).at(later), now=later)
    assert not services.verify_totp(session, user, pyotp.TOTP(secret).at(later), now=later)


def test_an_old_code_is_refused(session, user):
    secret = services.new_totp_secret()
    services.set_up_totp(session, user, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + timedelta(minutes=10)
    assert not services.verify_totp(
        session, user, pyotp.TOTP(secret).at(NOW + timedelta(minutes=5)), now=later
    )


def test_the_secret_is_stored_encrypted_and_never_replaced(session, user):
    secret = services.new_totp_secret()
    services.set_up_totp(session, user, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert secret not in user.totp_secret
    assert keys.keys().decrypt(user.totp_secret) == secret
    other = services.new_totp_secret()
    assert not services.set_up_totp(session, user, other, pyotp.TOTP(other).at(NOW), now=NOW)


def test_another_secret_key_reads_no_secret(session, user):
    text = keys.keys().encrypt("S3CRET")
    assert keys.Keys("another key").decrypt(text) is None


@pytest.mark.parametrize("role", [Role.OFFICE, Role.LEAD, Role.ADMIN])
def test_who_reads_stories_needs_a_second_step_except_in_the_demo(session, role):
    user = services.create_user(session, email=f"{role}@b.jp", name="あ", role=role, now=NOW)
    assert (services.needs_second_step(user, demo=False), services.needs_second_step(user, demo=True)) == (
        True,
        False,
    )


def test_inviting_writes_a_link_and_a_mail(session):
    user = services.invite_user(session, email="new@b.jp", name="新", role=Role.SUPPORTER, now=NOW)
    link = session.scalars(select(Link)).one()
    message = session.scalars(select(OutboxMessage)).one()
    assert (link.purpose, link.opens) == ("join", f"user:{user.id}")
    assert (message.template, message.recipient, message.params) == (
        "accounts/join",
        f"user:{user.id}",
        {"link_id": link.id},
    )


def test_a_link_for_an_unknown_address_opens_nothing_and_mails_nobody(session):
    services.request_sign_in_link(session, "nobody@b.jp", address="192.0.2.1", now=NOW)
    assert session.scalars(select(Link)).one().is_open(NOW) is False
    assert session.scalar(select(func.count(OutboxMessage.id))) == 0


@pytest.mark.both_databases
def test_ten_tries_are_evaluated_in_a_quarter_of_an_hour(session):
    buckets = buckets_for("sign_in", "a@b.jp", address="192.0.2.1")
    answers = [count_attempt(session, buckets, now=NOW + timedelta(seconds=n)) for n in range(50)]
    assert answers == [True] * PER_ACCOUNT + [False] * (50 - PER_ACCOUNT)
    assert count_attempt(session, buckets, now=NOW + WINDOW)


def test_a_known_device_has_a_bucket_of_its_own(session):
    stranger = buckets_for("sign_in", "a@b.jp", address="192.0.2.1")
    while count_attempt(session, stranger, now=NOW):
        pass
    mark = keys.keys().new_device_mark("a@b.jp")
    assert count_attempt(session, buckets_for("sign_in", "a@b.jp", address="192.0.2.1", device=mark), now=NOW)


@pytest.mark.parametrize("mark", ["", "x", "name.0000", "名前.証明"])
def test_a_made_up_device_is_none(mark):
    assert keys.keys().device_of(mark, "a@b.jp") is None


def test_a_device_of_another_account_is_none():
    assert keys.keys().device_of(keys.keys().new_device_mark("a@b.jp"), "b@b.jp") is None


def test_a_network_is_limited_coarsely(session):
    tries = [
        count_attempt(session, buckets_for("sign_in", f"{n}@b.jp", address=f"192.0.2.{n}"), now=NOW)
        for n in range(PER_NETWORK + 1)
    ]
    assert tries == [True] * PER_NETWORK + [False]


def test_the_table_of_tries_names_nobody(session):
    count_attempt(session, buckets_for("sign_in", "hanako@example.jp", address="192.0.2.1"), now=NOW)
    assert all(
        "hanako" not in row.key and "192" not in row.key[:4] for row in session.scalars(select(Attempt))
    )
