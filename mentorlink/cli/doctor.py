"""``mentorlink doctor``: what is configured, what is missing, and what to do about it."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from mentorlink.accounts.models import User
from mentorlink.app.vendor import WHITELIST
from mentorlink.core.actor import Role
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.core.paths import resource
from mentorlink.core.schema import schema_status
from mentorlink.core.settings import Settings
from mentorlink.core.transports import parse_mail_url
from mentorlink.scheduling.models import CalendarSource

SHORTEST_SECRET = 32
HERE = ("127.0.0.1", "localhost", "::1")


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    BLOCKED = "blocked"


class Finding(NamedTuple):
    level: Level
    about: str
    words: str


def examine(settings: Settings) -> list[Finding]:
    """Every finding, the blocking ones included; nothing is changed."""
    return [finding for check in CHECKS for finding in check(settings)]


def _secret(settings: Settings) -> Iterator[Finding]:
    length = len(settings.secret_key.get_secret_value())
    about = "MENTORLINK_SECRET_KEY"
    if length == 0:
        yield Finding(
            Level.BLOCKED, about, "is empty: set it to the output of `openssl rand -hex 32`, and keep it"
        )
    elif length < SHORTEST_SECRET:
        yield Finding(Level.NOTE, about, f"has {length} characters: use at least {SHORTEST_SECRET}")
    else:
        yield Finding(Level.OK, about, "is set")


def _address(settings: Settings) -> Iterator[Finding]:
    about, parts = "MENTORLINK_BASE_URL", urlsplit(settings.base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield Finding(Level.BLOCKED, about, "is no address: set it to https://your.domain")
    elif parts.scheme == "http" and parts.hostname not in HERE:
        yield Finding(
            Level.BLOCKED, about, f"{settings.base_url} is not https: cookies would travel in the clear"
        )
    elif parts.scheme == "http":
        yield Finding(Level.NOTE, about, f"{settings.base_url}: links in mails open on this machine only")
    else:
        yield Finding(Level.OK, about, settings.base_url)


def _mail(settings: Settings) -> Iterator[Finding]:
    about = "MENTORLINK_MAIL_URL"
    if not settings.delivers_outside:
        yield Finding(Level.NOTE, about, "inbox: mails are kept in the application and reach nobody")
        return
    try:
        server = parse_mail_url(settings.mail_url)
    except ValueError as error:
        yield Finding(Level.BLOCKED, about, str(error))
        return
    secured = (
        "TLS"
        if server.implicit_tls
        else "STARTTLS required"
        if server.must_encrypt
        else "STARTTLS if offered"
    )
    yield Finding(Level.OK, about, f"{server.host}:{server.port}, {secured}, as {settings.mail_from}")


def _line(settings: Settings) -> Iterator[Finding]:
    about, parts = "MENTORLINK_LINE_…", urlsplit(settings.line_base_url)
    token, secret = settings.line_channel_token, settings.line_channel_secret
    if not settings.has_line:
        half = bool(token.get_secret_value()) != bool(secret.get_secret_value())
        words = "needs both CHANNEL_SECRET and CHANNEL_TOKEN" if half else "not set: LINE is offered nowhere"
        yield Finding(Level.NOTE, about, words)
        return
    if parts.scheme != "https" and parts.hostname not in HERE:
        yield Finding(Level.BLOCKED, about, "BASE_URL is not https: the token would travel in the clear")
        return
    quota = f"{settings.line_monthly_quota} recipients a month"
    yield Finding(Level.OK, about, f"webhook {settings.base_url}/line/webhook, {quota}")
    if not settings.line_account_url:
        yield Finding(Level.NOTE, about, "ACCOUNT_URL is empty: people must find the account by themselves")


def _database(settings: Settings) -> Iterator[Finding]:
    about = "MENTORLINK_DATABASE_URL"
    try:
        engine = make_engine(settings.database_url)
        status = schema_status(engine)
    except (SQLAlchemyError, ModuleNotFoundError, OSError) as error:
        kind = type(error).__name__
        yield Finding(Level.BLOCKED, about, f"cannot be opened ({kind}): sqlite:///file.db or postgresql://…")
        return
    yield Finding(Level.OK, about, f"{engine.dialect.name} answers")
    if status.is_current:
        yield Finding(Level.OK, "database", f"is at revision {status.current}")
        yield from _parked(engine)
        yield from _office(engine)
        yield from _calendars(engine)
    elif not status.is_known:
        yield Finding(
            Level.BLOCKED, "database", f"is at {status.current}, of a newer mentorlink: install that one"
        )
    else:
        yield Finding(Level.BLOCKED, "database", "is behind: run `mentorlink db upgrade`")


def _parked(engine: Engine) -> Iterator[Finding]:
    with make_sessions(engine)() as session:
        parked = session.scalar(select(func.count()).where(OutboxMessage.state == MessageState.PARKED)) or 0
    if parked:
        yield Finding(
            Level.NOTE, "messages", f"{parked} could not be sent: the office sees them at /office/messages"
        )


def _office(engine: Engine) -> Iterator[Finding]:
    wanted = select(func.count()).where(User.role.in_((Role.LEAD, Role.OFFICE)), User.disabled_at.is_(None))
    with make_sessions(engine)() as session:
        if not session.scalar(wanted):
            yield Finding(Level.NOTE, "office", "has nobody yet: mentorlink invite you@your.domain --name …")


def _calendars(engine: Engine) -> Iterator[Finding]:
    with make_sessions(engine)() as session:
        connected = session.scalar(select(func.count(CalendarSource.id))) or 0
        failing = session.scalar(select(func.count()).where(CalendarSource.failures > 0)) or 0
    if not connected:
        return
    words = f"{connected} of supporters' own, {failing} not read at the last try"
    if failing == connected:
        yield Finding(Level.NOTE, "calendars", f"{words}: does this machine reach port 443 outside?")
    else:
        yield Finding(Level.OK, "calendars", words)


def _rooms(settings: Settings) -> Iterator[Finding]:
    about = "MENTORLINK_MEETING_BASE_URL"
    if settings.meeting_base_url:
        yield Finding(Level.OK, about, f"{settings.meeting_base_url}: a room for every talk online")
    else:
        words = "is empty: a supporter without a room of their own calls instead; a Jitsi server's https://… makes rooms"
        yield Finding(Level.NOTE, about, words)


def _zone(settings: Settings) -> Iterator[Finding]:
    yield Finding(Level.OK, "MENTORLINK_TZ", settings.zone)


def _front_end(settings: Settings) -> Iterator[Finding]:
    root = settings.node_modules or resource("node_modules")
    missing = [name for name in WHITELIST if not (root / name).is_file()]
    if missing:
        yield Finding(Level.BLOCKED, "front end", f"{', '.join(missing)} not in {root}: run `make setup`")
    else:
        yield Finding(Level.OK, "front end", str(root))


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    _database,
    _secret,
    _address,
    _mail,
    _line,
    _rooms,
    _zone,
    _front_end,
)
