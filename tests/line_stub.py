"""LINE for the tests: a real HTTP server that honours X-Line-Retry-Key; its answers can be set.

``accepted`` holds what it took, oldest first, the pushes of a ``CUT`` included. The same key again is answered 409
with the id of the accepted request and is not taken a second time.
"""

import json
import random
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGER_THAN_ANY_TEST = 3600


class Mood(StrEnum):
    KIND = "kind"
    BUSY = "busy"  # 429, come again
    QUOTA = "quota"  # 429, the month is used up
    DOWN = "down"  # 503, nothing taken
    BLOCKED = "blocked"  # 403
    UNKNOWN = "unknown"  # 400
    UNKNOWN_TOKEN = "unknown_token"  # 401
    HANG = "hang"  # no answer, nothing taken
    CUT = "cut"  # takes it, then drops the connection without an answer
    CUT_BEFORE = "cut_before"  # drops the connection, nothing taken


PLAIN = {
    Mood.BUSY: (429, "The API rate limit has been exceeded. Try again later."),
    Mood.QUOTA: (429, "You have reached your monthly limit."),
    Mood.DOWN: (503, "Service unavailable"),
    Mood.BLOCKED: (403, "Access to this API is not available for your account"),
    Mood.UNKNOWN: (400, "The property, 'to', in the request body is invalid (line: -, column: -)"),
    Mood.UNKNOWN_TOKEN: (401, "Authentication failed due to the following reason: invalid token"),
}


@dataclass(frozen=True)
class Push:
    to: str
    text: str
    retry_key: str


class LineStub:
    def __init__(self) -> None:
        self.accepted: list[Push] = []
        self.replies: list[tuple[str, str]] = []  # reply token, text
        self.requests: Counter[str] = Counter()  # by path
        self.tokens: set[str] = set()  # what came as Authorization
        self.mood = Mood.KIND
        self.moods: Callable[[], Mood] | None = None
        """Asked for each push, where it is set."""
        self._by_key: dict[str, str] = {}
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def start(self) -> "LineStub":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def cut_at_random(self, seed: int, share: float = 0.1) -> None:
        """So large a share of the pushes meets a cut, before or after it is taken, or a 503."""
        draw = random.Random(seed)
        bad = (Mood.CUT, Mood.CUT, Mood.CUT_BEFORE, Mood.DOWN)
        self.moods = lambda: draw.choice(bad) if draw.random() < share else Mood.KIND

    def next_mood(self) -> Mood:
        return self.moods() if self.moods else self.mood

    def take(self, push: Push) -> tuple[bool, str]:
        """Whether it is a new one, and the id of the request that was accepted."""
        with self._lock:
            if push.retry_key in self._by_key:
                return False, self._by_key[push.retry_key]
            request_id = str(uuid.uuid4())
            self._by_key[push.retry_key] = request_id
            self.accepted.append(push)
            return True, request_id

    def forget_keys(self) -> None:
        """As LINE does after a day."""
        with self._lock:
            self._by_key.clear()

    def hang(self) -> None:
        self._released.wait(LONGER_THAN_ANY_TEST)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stub: LineStub):
        self.stub = stub
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def stub(self) -> LineStub:
        return self.server.stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.stub.requests[self.path] += 1
        self.stub.tokens.add(self.headers.get("Authorization", ""))
        mood = self.stub.next_mood()
        if mood is Mood.HANG:
            self.stub.hang()
        if mood in (Mood.HANG, Mood.CUT_BEFORE):
            self._cut()
        elif mood in PLAIN:
            status, message = PLAIN[mood]
            self._answer(status, {"message": message})
        elif self.path == "/v2/bot/message/reply":
            self.stub.replies.append((body["replyToken"], body["messages"][0]["text"]))
            self._answer(200, {"sentMessages": []})
        else:
            self._push(body, mood)

    def _push(self, body: dict[str, Any], mood: Mood) -> None:
        key = str(uuid.UUID(self.headers["X-Line-Retry-Key"]))
        is_new, request_id = self.stub.take(Push(body["to"], body["messages"][0]["text"], key))
        if mood is Mood.CUT:
            self._cut()
        elif is_new:
            self._answer(200, {"sentMessages": [{"id": "1"}]})
        else:
            self._answer(
                409,
                {"message": "The retry key is already accepted"},
                {"x-line-accepted-request-id": request_id},
            )

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        pass
