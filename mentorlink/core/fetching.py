"""The one way to fetch an address that somebody typed. It reaches public servers over https, and nothing else.

A name is resolved once; every address behind it must be public; the connection goes to the address that was checked, while
the certificate is checked by name. There are no redirects, no proxies and no second look-up, so nothing that a server
answers leads anywhere else. Neither the address nor what it held is ever logged.
"""

import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from mentorlink.core.errors import RuleViolation

HTTPS = 443
SECONDS = 15.0  # for everything together: a server that drips is cut off as one that is silent
MOST_BYTES = 5 * 1024 * 1024
LONGEST_ADDRESS = 2_000
USER_AGENT = "mentorlink"
ADDRESSES_TRIED = 4
CONNECT_SECONDS = 5.0  # so that one address that swallows everything leaves time for the next

_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(
    r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_OWN_ENDINGS = (
    ".localhost",
    ".local",
    ".localdomain",
    ".internal",
    ".intranet",
    ".lan",
    ".home.arpa",
    ".onion",
)

_V4_REFUSED = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "192.0.0.0/24",  # protocol assignments; one cloud keeps its metadata here
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # another cloud's own agent, public only by its number
    )
)
_V6_PUBLIC = ipaddress.IPv6Network("2000::/3")
_V6_REFUSED = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # Teredo, ORCHID and other assignments that are no hosts
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address of anybody's choice
        "3fff::/20",  # documentation
    )
)

Resolve = Callable[[str, int], Iterable[str]]


class FetchFault(RuleViolation):
    """Why an address was not fetched. ``code`` is a key of ``core.messages``; nothing else is said."""


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    path: str  # with the query, without the fragment

    @property
    def origin(self) -> str:
        return self.host if self.port == HTTPS else f"{self.host}:{self.port}"


def read_address(typed: str, ports: Iterable[int] = (HTTPS,)) -> Target:
    """What an address leads to, by its form alone: nothing is looked up.

    ``webcal://`` means https. Raises FetchFault ``address_form`` for what is no address, ``address_not_https``,
    ``address_not_allowed`` for a number instead of a name, a name inside of some network, another port, or a password.
    """
    text = typed.strip()
    if len(text) > LONGEST_ADDRESS or not _PRINTABLE.fullmatch(text) or "\\" in text:
        raise FetchFault("address_form")
    try:
        parts = urlsplit(text)
        port = parts.port or HTTPS
    except ValueError:
        raise FetchFault("address_form") from None
    if parts.scheme not in ("https", "webcal", "webcals"):
        raise FetchFault("address_not_https" if parts.scheme else "address_form")
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc or port not in ports or not _NAME.fullmatch(host) or host.endswith(_OWN_ENDINGS):
        raise FetchFault("address_not_allowed" if host else "address_form")
    return Target(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_public(address: str) -> bool:
    """Whether an IP address belongs to a host that anybody on the internet may reach."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inside = parsed in _V6_PUBLIC and parsed.scope_id is None
        return inside and parsed.is_global and not any(parsed in block for block in _V6_REFUSED)
    is_special = parsed.is_multicast or parsed.is_reserved or any(parsed in block for block in _V4_REFUSED)
    return parsed.is_global and not is_special


def resolve_name(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. The last dot keeps search lists of this network out."""
    found = socket.getaddrinfo(f"{host}.", port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Fetcher:
    """All that is not the default is for tests, which have servers of their own on this machine."""

    seconds: float = SECONDS
    most_bytes: int = MOST_BYTES
    ports: frozenset[int] = frozenset({HTTPS})
    resolve: Resolve = resolve_name
    allows: Callable[[str], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    def fetch(self, address: str) -> bytes:
        """The bytes behind an address, at most ``most_bytes``, within ``seconds``. Raises FetchFault."""
        target, deadline = read_address(address, self.ports), Deadline(self.seconds)
        try:
            found = self._addresses(target, deadline)
            connection = _PinnedConnection(target, found, self.context, deadline)
            try:
                return self._read(connection, target)
            finally:
                connection.close()
        except ssl.SSLCertVerificationError:
            raise FetchFault("address_certificate") from None
        except TimeoutError:
            raise FetchFault("address_slow") from None
        except (OSError, HTTPException, ValueError):
            raise FetchFault("address_silent") from None

    def _addresses(self, target: Target, deadline: "Deadline") -> list[str]:
        """Where the connection may go. One forbidden address among them, and none is trusted."""
        found = deadline.call(lambda: list(self.resolve(target.host, target.port)))
        if isinstance(found, TimeoutError):
            raise found
        if isinstance(found, Exception) or not found:
            raise FetchFault("address_unknown")
        if not all(self.allows(address) for address in found):
            raise FetchFault("address_not_allowed")
        return found[:ADDRESSES_TRIED]

    def _read(self, connection: HTTPSConnection, target: Target) -> bytes:
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "identity",
        }
        connection.request("GET", target.path, headers=headers | {"Connection": "close"})
        with connection.getresponse() as response:
            _refuse_answer(response)
            announced = response.length
            if announced is not None and announced > self.most_bytes:
                raise FetchFault("address_too_large")
            content = response.read(self.most_bytes + 1)
        if len(content) > self.most_bytes:
            raise FetchFault("address_too_large")
        if announced is not None and len(content) < announced:
            raise FetchFault("address_silent")  # cut off in the middle: half a file is none
        return content


class Deadline:
    """How long everything may still take, together."""

    def __init__(self, seconds: float):
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds, more than none. Raises TimeoutError once there are none."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def call(self, work: Callable[[], Any]) -> Any:
        """What ``work`` returns or raised, or a TimeoutError: a look-up in the system knows no time limit of its own."""
        result: list[Any] = [TimeoutError()]

        def run() -> None:
            try:
                result[0] = work()
            except Exception as error:  # noqa: BLE001 - handed to who waits
                result[0] = error

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(self.left())
        return result[0]


class _PatientSocket(ssl.SSLSocket):
    """Each reading may last only as long as everything may, however often another byte drips in."""

    deadline: Deadline

    def recv_into(self, *arguments: Any) -> int:
        self.settimeout(self.deadline.left())
        return int(super().recv_into(*arguments))


class _PinnedConnection(HTTPSConnection):
    """Goes to an address that was checked, and asks for the certificate of the name."""

    def __init__(self, target: Target, addresses: list[str], context: ssl.SSLContext, deadline: Deadline):
        super().__init__(target.host, target.port, context=context)
        context.sslsocket_class = _PatientSocket
        self._addresses, self._tls, self._deadline = addresses, context, deadline

    def connect(self) -> None:
        plain = self._first_that_answers()
        plain.settimeout(self._deadline.left())
        secured = self._tls.wrap_socket(plain, server_hostname=self.host)
        secured.deadline = self._deadline  # type: ignore[attr-defined]
        self.sock = secured

    def _first_that_answers(self) -> socket.socket:
        problem: OSError = OSError()
        for address in self._addresses:
            try:
                seconds = min(self._deadline.left(), CONNECT_SECONDS)
                return socket.create_connection((address, self.port), timeout=seconds)
            except OSError as error:
                problem = error
        raise problem


def _refuse_answer(response: HTTPResponse) -> None:
    """Everything but the thing itself, unpacked: a redirect is not followed, packed bytes may hide a flood."""
    if 300 <= response.status < 400:
        raise FetchFault("address_moved")
    if response.status in (401, 403, 404, 410):
        raise FetchFault("address_refused")
    if response.status != 200:
        raise FetchFault("address_silent")
    if response.getheader("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchFault("address_packed")
