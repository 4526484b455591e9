"""How a mail leaves: an SMTP server, or the inbox inside the application where nothing may go outside."""

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core.clock import Clock
from mentorlink.core.db import transaction
from mentorlink.core.outbox import InboxMail
from mentorlink.core.settings import Settings

TIMEOUT_SECONDS = 20
REPLY_LENGTH = 200
_FIRST_DOT = re.compile(rb"(?m)^\.")


class NotDelivered(Exception):
    """Carries the reply for the office. Certainly not delivered; another try may help."""


class Refused(NotDelivered):
    """The server said never (5xx): another try would be wrong."""


class TooLate(NotDelivered):
    """It became pointless while the server was greeting."""


class MaybeDelivered(NotDelivered):
    """The text went out and no answer came: nobody knows."""


class Transport(Protocol):
    def send(self, message: Any, outbox_id: int, last_check: Callable[[], None]) -> None:
        """Deliver, or raise NotDelivered or one of its kinds. ``last_check`` may raise at the last moment."""

    def close(self) -> None: ...


@dataclass(frozen=True)
class MailServer:
    """``smtp://user:password@host:port`` (STARTTLS where offered) or ``smtps://…`` (TLS from the first byte)."""

    host: str
    port: int
    user: str | None
    password: str
    implicit_tls: bool

    @property
    def must_encrypt(self) -> bool:
        """A password travels encrypted, except inside this machine."""
        return self.user is not None and not self.implicit_tls and not _is_this_machine(self.host)


def parse_mail_url(url: str) -> MailServer:
    """Raises ValueError, in words for the operator, without repeating the password."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("MENTORLINK_MAIL_URL: smtp://user:password@host:port, smtps://… or inbox:")
    default = 465 if parts.scheme == "smtps" else 587 if parts.username else 25
    return MailServer(
        host=parts.hostname,
        port=parts.port or default,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or ""),
        implicit_tls=parts.scheme == "smtps",
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def make_transport(settings: Settings, sessions: sessionmaker[Session], clock: Clock) -> Transport:
    if settings.delivers_outside:
        return SmtpTransport(parse_mail_url(settings.mail_url), settings.mail_from)
    return InboxTransport(sessions, clock)


class InboxTransport:
    """Keeps the mail as a row. Delivering the same message again changes nothing."""

    def __init__(self, sessions: sessionmaker[Session], clock: Clock):
        self._sessions = sessions
        self._clock = clock

    def send(self, message: EmailMessage, outbox_id: int, last_check: Callable[[], None]) -> None:
        last_check()
        with self._sessions() as session, transaction(session):
            if session.scalar(select(InboxMail.id).where(InboxMail.outbox_message_id == outbox_id)) is None:
                session.add(self._kept(message, outbox_id))

    def _kept(self, message: EmailMessage, outbox_id: int) -> InboxMail:
        text = message.get_body(("plain",))
        return InboxMail(
            outbox_message_id=outbox_id,
            to_address=address_of(message, "To"),
            subject=str(message["Subject"]),
            text=text.get_content() if text is not None else "",
            delivered_at=self._clock(),
            raw=message.as_bytes(),
        )

    def close(self) -> None:
        pass


class SmtpTransport:
    """One kept connection. After anything but a success it is closed, and the next mail opens a new one."""

    def __init__(self, server: MailServer, sender: str, *, timeout: float = TIMEOUT_SECONDS):
        self._server = server
        self._sender = sender
        self._timeout = timeout
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, outbox_id: int, last_check: Callable[[], None]) -> None:
        try:
            connection = self._connected()
            self._announce(connection, address_of(message, "To"), last_check)
        except NotDelivered:
            self.close()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise NotDelivered(_in_words(error)) from error
        try:
            _send_text(connection, message)
        except NotDelivered:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None:
            try:
                if self._connection.noop()[0] == 250:
                    return self._connection
            except (OSError, smtplib.SMTPException):
                pass
            self.close()
        self._connection = self._connect()
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server, trust = self._server, ssl.create_default_context()
        if server.implicit_tls:
            made: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout, context=trust
            )
        else:
            made = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
            made.ehlo_or_helo_if_needed()
            if made.has_extn("starttls"):
                made.starttls(context=trust)
            elif server.must_encrypt:
                made.close()
                raise NotDelivered("no_starttls")
        if server.user is not None:
            made.login(server.user, server.password)
        made.ehlo_or_helo_if_needed()
        return made

    def _announce(self, connection: smtplib.SMTP, recipient: str, last_check: Callable[[], None]) -> None:
        _expect(connection.mail(self._sender), 250)
        _expect(connection.rcpt(recipient), 250, 251)
        _expect(connection.docmd("data"), 354)
        last_check()  # as late as can be: a connection that ends here leaves no mail behind


def _send_text(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """From its first byte on a silent server may have taken it: every loss here is MaybeDelivered."""
    text = _FIRST_DOT.sub(b"..", message.as_bytes())
    try:
        connection.send(text + (b"" if text.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        answer = connection.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise MaybeDelivered(_in_words(error)) from error
    _expect(answer, 250)


def _expect(answer: tuple[int, bytes], *wanted: int) -> None:
    code, reply = answer
    if code in wanted:
        return
    said = f"{code} {reply.decode('utf-8', 'replace')}"[:REPLY_LENGTH]
    raise (Refused if code >= 500 else NotDelivered)(said)


def _in_words(error: Exception) -> str:
    """A code for the office: replies of a server that greets badly, else the name of what went wrong."""
    if isinstance(error, smtplib.SMTPResponseException):
        reply = error.smtp_error
        said = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
        return f"{error.smtp_code} {said}"[:REPLY_LENGTH]
    return type(error).__name__


def address_of(message: EmailMessage, header: str) -> str:
    return str(message[header].addresses[0].addr_spec)
