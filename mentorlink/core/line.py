"""LINE's Messaging API, as much of it as we use: push to one person, answer in a chat, believe a webhook.

Two requests need no library. A push carries a retry key: LINE accepts it once, however often it is sent within a
day, and says 409 with the id of the accepted one after that. So silence is answered by the same request again.
"""

import base64
import hashlib
import hmac
import http.client
import json
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from mentorlink.core.settings import Settings
from mentorlink.core.transports import MaybeDelivered, NotDelivered, Refused

PUSH = "/v2/bot/message/push"
REPLY = "/v2/bot/message/reply"
TIMEOUT_SECONDS = 10
REPLY_SECONDS = 4  # in a web process, after the webhook has been answered
LONGEST_ANSWER = 64 * 1024
LONGEST_TEXT = 5000  # UTF-16 units, as LINE counts
OVER_QUOTA = "monthly limit"


class Answer(NamedTuple):
    status: int
    accepted_before: bool
    message: str


class LineClient:
    """One kept connection. Raises the faults of ``core.transports``; their texts are codes and name nobody."""

    def __init__(self, base_url: str, token: str, *, timeout: float = TIMEOUT_SECONDS):
        parts = urlsplit(base_url)
        self._host, self._is_tls, self._path = parts.netloc, parts.scheme == "https", parts.path
        self._token = token
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def push(self, to: str, text: str, retry_key: UUID) -> None:
        """One text to one person. Refused means that LINE will not carry it to them, whoever is to blame."""
        body = {"to": to, "messages": [_text(text)]}
        headers = {"X-Line-Retry-Key": str(retry_key)}
        was_kept = self._connection is not None
        try:
            answer = self._post(PUSH, body, headers)
        except MaybeDelivered:
            if not was_kept:
                raise
            answer = self._post(
                PUSH, body, headers
            )  # a kept connection that had ended; the key makes it safe
        _judge(answer)

    def reply(self, reply_token: str, text: str) -> None:
        """An answer in the chat: free of charge, possible once, and within about a minute."""
        _judge(self._post(REPLY, {"replyToken": reply_token, "messages": [_text(text)]}, {}))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        connection = self._connected()
        try:
            connection.request(
                "POST",
                self._path + path,
                json.dumps(body, ensure_ascii=False).encode(),
                {
                    "Authorization": f"Bearer {self._token}",
                    "Content-Type": "application/json; charset=utf-8",
                    **headers,
                },
            )
            response = connection.getresponse()
            content = response.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise MaybeDelivered(f"line_{type(error).__name__}") from error
        if response.will_close or not response.isclosed():
            self.close()
        accepted = response.headers.get("x-line-accepted-request-id") is not None
        return Answer(response.status, accepted, _message_in(content))

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
            more: dict[str, Any] = {"context": ssl.create_default_context()} if self._is_tls else {}
            made = kind(self._host, timeout=self._timeout, **more)
            try:
                made.connect()
            except OSError as error:
                raise NotDelivered(f"line_{type(error).__name__}") from error
            self._connection = made
        return self._connection


def make_client(settings: Settings, *, timeout: float = TIMEOUT_SECONDS) -> LineClient | None:
    """None where the installation has no LINE."""
    if not settings.has_line:
        return None
    return LineClient(settings.line_base_url, settings.line_channel_token.get_secret_value(), timeout=timeout)


def is_from_line(body: bytes, signature: str, channel_secret: str) -> bool:
    """Whether ``X-Line-Signature`` belongs to these very bytes; asked before anything reads them."""
    digest = hmac.new(channel_secret.encode(), body, hashlib.sha256).digest()
    return hmac.compare_digest(base64.b64encode(digest), signature.encode("utf-8", "replace"))


def _judge(answer: Answer) -> None:
    """LINE's word as one of ours. What LINE calls 5xx may have been delivered."""
    status = answer.status
    if status == 200 or (status == 409 and answer.accepted_before):
        return
    if status >= 500:
        raise MaybeDelivered(f"line_{status}")
    if status == 429:
        if OVER_QUOTA in answer.message.casefold():
            raise Refused("line_quota")
        raise NotDelivered("line_429")
    raise Refused(f"line_{status}")


def _text(text: str) -> dict[str, str]:
    units = text.encode("utf-16-le")[: 2 * LONGEST_TEXT]
    return {"type": "text", "text": units.decode("utf-16-le", "ignore")}


def _message_in(content: bytes) -> str:
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    return str(found.get("message", "")) if isinstance(found, dict) else ""
