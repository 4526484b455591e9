"""Addresses of rooms to meet in: which may be one, and the one that this installation makes for a talk."""

from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import urlsplit

from mentorlink.core.links import signer

LONGEST = 500
_base = ""


def configure(base: str) -> None:
    """Set once per process; empty where no server for rooms is configured."""
    global _base  # noqa: PLW0603 — one server per process, set by the wiring
    _base = base


def makes_rooms() -> bool:
    return bool(_base)


def is_room_address(text: str) -> bool:
    """An https address without a name or password in it, on one line."""
    if len(text) > LONGEST or not text.isprintable() or any(each.isspace() for each in text):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    named = parts.username is not None or parts.password is not None
    return parts.scheme == "https" and bool(parts.hostname) and not named and port != 0


def room_for(uid: str, own: Iterable[str | None]) -> str | None:
    """The first of the supporters' own rooms, else the one that the installation makes for the talk."""
    return next((room for room in own if room and is_room_address(room)), None) or made_room(uid)


def made_room(uid: str) -> str | None:
    """The room of the talk with this mark, where a server for rooms is configured.

    Nobody without our key can guess it. It stays the same when the talk is moved: whoever opens an older mail comes
    to the same door. Lower-case hex, because Jitsi forgets the case of letters.
    """
    if not _base:
        return None
    return f"{_base}/m-{sha256(signer().token('room', uid, '').encode()).hexdigest()[:32]}"
