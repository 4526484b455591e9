"""Joining, signing in, and what ends a session."""

from datetime import datetime, timedelta
from functools import lru_cache

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from mentorlink.accounts import notices
from mentorlink.accounts.keys import keys
from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.accounts.models import User
from mentorlink.accounts.policies import roles_below
from mentorlink.core.actor import Role
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import LinkKind, issue_link
from mentorlink.core.sessions import end_sessions_of_user

JOIN_VALID = timedelta(days=7)
SIGN_IN_VALID = timedelta(minutes=30)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 10, 200
TOTP_SECONDS, TOTP_STEPS_ASIDE = 30, 1
NEEDS_TOTP = (Role.OFFICE, Role.LEAD, Role.ADMIN)

_hasher = PasswordHasher()


def create_user(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    now: datetime,
    password: str | None = None,
    language: str = "ja",
) -> User:
    """A new account. Raises RuleViolation ``email_taken``, ``password_short`` or ``password_long``."""
    if find_user(session, email) is not None:
        raise RuleViolation("email_taken")
    user = User(
        email=email.strip().lower(),
        name=name,
        role=role,
        language=language,
        password_hash=None if password is None else _hash(password),
        totp_secret=None,
        totp_last_step=None,
        created_at=now,
        disabled_at=None,
    )
    session.add(user)
    session.flush()
    return user


def invite_user(
    session: Session, *, email: str, name: str, role: Role, now: datetime, language: str = "ja"
) -> User:
    """An account without a password, and a mail with a link to choose one."""
    user = create_user(session, email=email, name=name, role=role, now=now, language=language)
    _send_join_link(session, user, now=now)
    return user


def invite_colleague(
    session: Session, *, email: str, name: str, role: Role, invited_by: Role, now: datetime
) -> User:
    """An account for somebody of a role below one's own. Raises RuleViolation ``role_not_below`` and ``email_taken``."""
    if role not in roles_below(invited_by):
        raise RuleViolation("role_not_below")
    return invite_user(session, email=email, name=name, role=role, now=now)


def invite_again(session: Session, user: User, *, now: datetime) -> None:
    """Another link to choose a password, for who has lost the first or had been away. Raises RuleViolation ``already_here``."""
    if user.disabled_at is None and user.password_hash is not None:
        raise RuleViolation("already_here")
    user.disabled_at = user.password_hash = None
    _send_join_link(session, user, now=now)


def find_user(session: Session, email: str) -> User | None:
    return session.scalar(select(User).where(User.email == email.strip().lower()))


def check_password(session: Session, email: str, password: str) -> User | None:
    """The user whose password this is. An unknown address costs the same work as a known one."""
    user = find_user(session, email)
    known = user is not None and user.password_hash is not None and user.disabled_at is None
    stored = user.password_hash if user is not None and known else None
    matches = _matches(stored or _decoy_hash(), password[:LONGEST_PASSWORD])
    return user if known and matches else None


def request_sign_in_link(session: Session, email: str, *, address: str | None, now: datetime) -> None:
    """Mail a link for signing in, if there is such an account. Tells its caller nothing."""
    account = email.strip().lower()
    if not count_attempt(session, buckets_for("sign_in_link", account, address=address), now=now):
        return
    user = find_user(session, account)
    known = user is not None and user.disabled_at is None
    link = issue_link(
        session,
        LinkKind.ACT,
        "sign_in",
        f"user:{user.id}" if user is not None and known else "user:0",
        expires_at=now + SIGN_IN_VALID if known else now,  # the decoy costs the same write, and opens nothing
        now=now,
    )
    if user is not None and known:
        notices.tell_sign_in(session, user, link, now=now)


def change_password(session: Session, user: User, password: str) -> None:
    """Every session of the account ends; whoever changed it is signed in anew by the view."""
    user.password_hash = _hash(password)
    end_sessions_of_user(session, user.id)


def change_role(session: Session, user: User, role: Role) -> None:
    """Sessions end, so that nobody keeps rights of before."""
    user.role = role
    end_sessions_of_user(session, user.id)


def disable_user(session: Session, user: User, *, now: datetime) -> None:
    user.disabled_at = now
    end_sessions_of_user(session, user.id)


def needs_second_step(user: User, *, demo: bool) -> bool:
    return user.totp_secret is not None or (user.role in NEEDS_TOTP and not demo)


def new_totp_secret() -> str:
    return pyotp.random_base32()


def totp_address(user: User, secret: str) -> str:
    """What an authenticator app reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name="mentorlink")


def set_up_totp(session: Session, user: User, secret: str, code: str, *, now: datetime) -> bool:
    """Store the secret once the person's device has shown that it knows it. Never replaces one."""
    step = _step_of(secret, code, now)
    if user.totp_secret is not None or step is None:
        return False
    user.totp_secret = keys().encrypt(secret)
    user.totp_last_step = step
    session.flush()
    return True


def verify_totp(session: Session, user: User, code: str, *, now: datetime) -> bool:
    """Whether the code is right and was not used before; a code is good once."""
    secret = keys().decrypt(user.totp_secret) if user.totp_secret else None
    step = _step_of(secret, code, now) if secret else None
    if step is None:
        return False
    result = session.execute(
        update(User)
        .where(User.id == user.id, or_(User.totp_last_step.is_(None), User.totp_last_step < step))
        .values(totp_last_step=step)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _send_join_link(session: Session, user: User, *, now: datetime) -> None:
    expires = now + JOIN_VALID
    link = issue_link(session, LinkKind.ACT, "join", f"user:{user.id}", expires_at=expires, now=now)
    notices.tell_join(session, user, link, now=now)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    typed = "".join(code.split())
    here = int(now.timestamp()) // TOTP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = range(here - TOTP_STEPS_ASIDE, here + TOTP_STEPS_ASIDE + 1)
    matching = [step for step in steps if pyotp.utils.strings_equal(typed, totp.generate_otp(step))]
    return matching[-1] if matching else None


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise RuleViolation("password_short")
    if len(password) > LONGEST_PASSWORD:
        raise RuleViolation("password_long")
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password.encode("utf-8", "surrogatepass"))
    except (Argon2Error, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _decoy_hash() -> str:
    return _hasher.hash(b"nobody has this password")
