"""Links that stand for a person: act links do one thing once, entry links let somebody back in.

Both are stored hashed. The token is derived from the row and the secret key, so that the worker can write a mail
again after a crash, byte for byte, while a stolen database opens nothing.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.db import Base

FEED, BUSY_FEED = "feed", "feed_busy"
FEEDS = (FEED, BUSY_FEED)  # what a calendar reads; nobody comes in by it
TO_ACCOUNT = ("join", "sign_in")  # opens an account rather than one page
# Whatever a link is for. A test finds the way in of each, so that no button of a mail leads nowhere.
PURPOSES = frozenset(
    {
        *FEEDS,
        *TO_ACCOUNT,
        "application",
        "confirm_contact",
        "engagement",
        "half_year",
        "handover",
        "hour_answer",
        "invitation",
        "meeting",
        "mentoring",
        "milestone",
        "near_hours",
        "own_near_hours",
        "own_slots",
        "own_talks",
        "talks",
        "target",
    }
)


class LinkKind(StrEnum):
    ACT = "act"
    ENTRY = "entry"


class Link(Base):
    """``opens`` names the row it is for (``invitation:12``), ``purpose`` what may be done with it there."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("used_at IS NULL OR kind = 'act'", "only_acts_are_used_up"),
        Index("ix_link_opens", "opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind]
    purpose: Mapped[str]
    opens: Mapped[str]
    salt: Mapped[str]
    token_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    def is_open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at

    @property
    def row_id(self) -> int:
        return int(self.opens.partition(":")[2])


class LinkSigner:
    """Derives tokens; one per process, made from the secret key."""

    def __init__(self, secret_key: str):
        self._key = hashlib.sha256(b"mentorlink links\0" + secret_key.encode()).digest()

    def token(self, purpose: str, opens: str, salt: str) -> str:
        digest = hmac.new(self._key, f"{purpose}\0{opens}\0{salt}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

    def token_of(self, link: Link) -> str:
        return self.token(link.purpose, link.opens, link.salt)


_signer: LinkSigner | None = None


def configure(secret_key: str) -> None:
    """Set once per process, before links are issued or written out."""
    global _signer  # noqa: PLW0603 — one key per process, set by the wiring
    _signer = LinkSigner(secret_key)


def signer() -> LinkSigner:
    if _signer is None:
        raise RuntimeError("links.configure() was not called")
    return _signer


class Opening(NamedTuple):
    """What a link is for, and until when."""

    purpose: str
    opens: str
    expires_at: datetime


def issue_link(
    session: Session, kind: LinkKind, purpose: str, opens: str, *, expires_at: datetime, now: datetime
) -> Link:
    """A new link for ``opens``; its address is ``address_of(link)``."""
    link = Link(**_columns(kind, Opening(purpose, opens, expires_at), now))
    session.add(link)
    session.flush()
    return link


def issue_links(session: Session, kind: LinkKind, openings: Sequence[Opening], *, now: datetime) -> list[int]:
    """The ids of new links, one for each of ``openings``, in one statement."""
    rows = [_columns(kind, each, now) for each in openings]
    return list(session.connection().execute(_INSERT, rows).scalars())


_INSERT = insert(Link).returning(Link.id, sort_by_parameter_order=True)


def _columns(kind: LinkKind, opening: Opening, now: datetime) -> dict[str, Any]:
    if opening.purpose not in PURPOSES:
        raise ValueError(f"no way in is known for links of the purpose {opening.purpose!r}")
    salt = secrets.token_urlsafe(16)
    token_hash = _hash(signer().token(opening.purpose, opening.opens, salt))
    known = {"kind": kind, "salt": salt, "token_hash": token_hash, "created_at": now, "used_at": None}
    return opening._asdict() | known


def find_link(session: Session, token: str, now: datetime) -> Link | None:
    """The open link of this token. Expired, used, revoked and never issued all answer None."""
    link = session.scalar(select(Link).where(Link.token_hash == _hash(token)))
    return link if link is not None and link.is_open(now) else None


def use_link(session: Session, link: Link, now: datetime) -> bool:
    """Use up an act link; True for the one caller who did."""
    result = session.execute(
        update(Link).where(Link.id == link.id, Link.used_at.is_(None)).values(used_at=now)
    )
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def revoke_links(session: Session, opens: str, now: datetime) -> None:
    """Close every link to a row: from now on they answer as if they had never been."""
    session.execute(update(Link).where(Link.opens == opens, Link.expires_at > now).values(expires_at=now))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


# The paths that mails point to. A test compares each with the URL map of the application.
PATHS: Mapping[str, str] = {
    "entry": "/e/{token}",
    "feed": "/calendar/{token}.ics",
    "landing": "/",
    "apply": "/apply",
    "reviews": "/office/reviews",
    "help": "/help",
    "sign_in": "/sign-in",
    "office_desk": "/office",
    "supporter_home": "/supporter",
    "availability": "/supporter/availability",
    "calendar_source": "/supporter/calendar-source",
    "care": "/supporter/care",
    "slots": "/my/slots/{offer_id}",
    "near_hours": "/engagements/{engagement_id}/near-hours",
    "meeting": "/meetings/{meeting_id}",
    "half_year": "/engagements/{engagement_id}",
    "milestone": "/milestones/{milestone_id}",
    "talks": "/engagements/{engagement_id}/talks",
}
_base_url = ""


def configure_base(base_url: str) -> None:
    global _base_url  # noqa: PLW0603 — one address per process, set by the wiring
    _base_url = base_url.rstrip("/")


def page_address(name: str, **ids: str | int) -> str:
    """Absolute address of a page for a mail."""
    return _base_url + PATHS[name].format(**{key: quote(str(value), safe="") for key, value in ids.items()})


def address_of(link: Link, page: str = "entry") -> str:
    return page_address(page, token=signer().token_of(link))
