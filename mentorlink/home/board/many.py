"""Acts on many half-years at once: which ones are meant, and the proof that their effect was seen first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hmac import compare_digest

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mentorlink.accounts.keys import keys
from mentorlink.core.errors import RuleViolation
from mentorlink.home.board.filters import BoardFilter
from mentorlink.home.board.lines import keep_need, order_lines

MOST_AT_ONCE = 1000
SHOWN = 100  # lines of a preview that stand there by name; the others are counted


def chosen_ids(session: Session, words: MultiDict[str, str], *, now: datetime) -> list[int]:
    """The lines that were ticked, or with ``all`` those of the whole filter.

    Raises RuleViolation ``too_many_at_once``.
    """
    if words.get("all"):
        wanted = BoardFilter.read(words)
        return _few([each.id for each in keep_need(order_lines(session, wanted, now=now), wanted)])
    return _few(ticked(words))


def ticked(words: MultiDict[str, str]) -> list[int]:
    found = (
        word for word in words.getlist("chosen") if word.isascii() and word.isdecimal() and len(word) < 10
    )
    return list(dict.fromkeys(int(word) for word in found))


def proof_of(act: str, user_id: int, ids: Iterable[int], *words: str) -> str:
    """What only a preview of exactly this effect carries: without it nothing is done."""
    return keys().digest("board", act, str(user_id), ",".join(str(each) for each in sorted(ids)), *words)


def is_proof(given: str | None, expected: str) -> bool:
    return compare_digest((given or "").encode(), expected.encode())


def _few(ids: Sequence[int]) -> list[int]:
    if len(ids) > MOST_AT_ONCE:
        raise RuleViolation("too_many_at_once")
    return list(ids)
