"""A mail server for the tests: a real SMTP conversation; messages are kept, and its answers can be set."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LONGER_THAN_ANY_TEST = 3600
OK = "250 Message accepted for delivery"


class Mood(StrEnum):
    """How the server behaves. Where it refuses connections altogether, it is stopped: ``SmtpSink.down()``."""

    KIND = "kind"
    TEMPORARY = "temporary"  # 451 after the text: try again
    PERMANENT = "permanent"  # 554 after the text: never
    HANG = "hang"  # no answer after the text
    CUT = "cut"  # keeps the message, then drops the connection without an answer


@dataclass(frozen=True)
class ReceivedMail:
    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)


class SmtpSink:
    """``messages`` holds what was accepted, oldest first, the ones of a ``CUT`` included."""

    def __init__(self) -> None:
        self.messages: list[ReceivedMail] = []
        self.mood = Mood.KIND
        self.refused: dict[str, str] = {}
        """Address → the reply it gets, for example ``"550 5.1.1 No such user"``."""
        self.attempts = 0
        self._attempted = threading.Event()
        self.port = 0
        self._controller: _Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """On any free port the first time, on the same one after that."""
        self._controller = _Controller(_Handler(self), hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @contextmanager
    def down(self) -> Iterator[None]:
        """Nobody listens on the port inside the block."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def wait_for_attempt(self, seconds: float = 10) -> None:
        """Until a message's text has arrived, whatever the answer to it is."""
        if not self._attempted.wait(seconds):
            raise TimeoutError("no message arrived")

    def _take(self, mail: ReceivedMail, *, keep: bool) -> None:
        self.attempts += 1
        if keep:
            self.messages.append(mail)
        self._attempted.set()


class _Controller(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]  # 0 asked for a free one
        super()._trigger_server()


class _Handler:
    def __init__(self, sink: SmtpSink) -> None:
        self.sink = sink

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.sink.refused:
            return self.sink.refused[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        mood = self.sink.mood
        raw = envelope.original_content or b""
        mail = ReceivedMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw)
        self.sink._take(mail, keep=mood in {Mood.KIND, Mood.CUT})
        if mood is Mood.HANG:
            await asyncio.sleep(LONGER_THAN_ANY_TEST)
        if mood is Mood.CUT:
            server.transport.abort()
        return {Mood.TEMPORARY: "451 4.3.0 Try again later", Mood.PERMANENT: "554 5.6.0 Refused"}.get(
            mood, OK
        )
