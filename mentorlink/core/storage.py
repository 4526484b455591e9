"""Files that people bring: checked, re-encoded where they are images, kept as bytes beside the rows that speak of them."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from mentorlink.core.db import Base, lock_keys
from mentorlink.core.documents import is_also_archive, is_whole_pdf, office_kind, plain_text
from mentorlink.core.errors import RuleViolation, TooMuch
from mentorlink.core.images import clean_image
from mentorlink.core.text_input import BadText, clean_text

MIB = 1024 * 1024
LARGEST_FILE = 10 * MIB
QUOTA = 100 * MIB  # of one row's files together, as they are kept
LONGEST_NAME = 80
QUOTA_LOCK = 21  # files of one row are counted one after the other

_NOT_IN_NAMES = re.compile(r'[<>:"|?*]')
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


class StoredFile(Base):
    """``key`` is its address, ``about`` the row it belongs to (``engagement:12``), which decides who may have it."""

    __tablename__ = "stored_file"
    __table_args__ = (CheckConstraint("size > 0", "size"), Index("ix_stored_file_about", "about"))

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    about: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]  # bytes
    sha256: Mapped[str]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


@dataclass(frozen=True)
class Checked:
    """What is kept of a file: its kind (also the ending of its name) and its bytes."""

    kind: str
    content: bytes


MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def store_file(
    session: Session, *, about: str, name: str, content: bytes, by: str, now: datetime
) -> StoredFile:
    """Check a file and keep it. What it is, its bytes say; its name only names it. The same bytes again are one file.

    Raises TooMuch ``file_too_large``, ``image_too_large`` and ``quota_full``, RuleViolation ``file_empty``,
    ``file_heic``, ``file_macros`` and ``file_kind``.
    """
    checked = check_file(content)
    _lock(session, about)
    digest = hashlib.sha256(checked.content).hexdigest()
    known = session.scalar(select(StoredFile).where(StoredFile.about == about, StoredFile.sha256 == digest))
    if known is not None:
        return known
    if _used(session, about) + len(checked.content) > QUOTA:
        raise TooMuch("quota_full")
    stored = StoredFile(
        key=secrets.token_urlsafe(24),
        about=about,
        name=_safe_name(name, checked.kind),
        media_type=MEDIA_TYPES[checked.kind],
        size=len(checked.content),
        sha256=digest,
        added_by=by,
        added_at=now,
        content=checked.content,
    )
    session.add(stored)
    session.flush()
    return stored


def file_by_key(session: Session, key: str) -> StoredFile | None:
    return session.scalar(select(StoredFile).where(StoredFile.key == key))


def check_file(content: bytes) -> Checked:
    """What the bytes are, fit to be kept. Raises as ``store_file``."""
    if not content:
        raise RuleViolation("file_empty")
    if len(content) > LARGEST_FILE:
        raise TooMuch("file_too_large")
    kind = _kind(content)
    if kind == "zip":
        return Checked(office_kind(content), content)
    if is_also_archive(content) or (kind != "pdf" and b"%PDF-" in content[:1024]):
        raise RuleViolation("file_kind")  # two things in one
    if kind == "pdf":
        return Checked(kind, content)
    return Checked(kind, plain_text(content) if kind == "txt" else clean_image(content))


def _kind(content: bytes) -> str:
    """Told by the first bytes; what is none of them may be text."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        raise RuleViolation("file_heic")
    if content.startswith(b"%PDF-"):
        if not is_whole_pdf(content):
            raise RuleViolation("file_kind")
        return "pdf"
    beginnings = {b"\xff\xd8\xff": "jpg", b"\x89PNG\r\n\x1a\n": "png", b"PK\x03\x04": "zip"}
    for beginning, kind in beginnings.items():
        if content.startswith(beginning):
            return kind
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "txt"


def _safe_name(name: str, kind: str) -> str:
    """The last part of the name as it was given, with the ending of what the file is."""
    last = re.split(r"[/\\]", name)[-1]
    try:
        last = clean_text(_NOT_IN_NAMES.sub("", last)[: LONGEST_NAME * 2], maximum=LONGEST_NAME * 2)
    except BadText:
        last = ""
    stem = last.rpartition(".")[0] if "." in last.strip(".") else last
    return f"{stem.strip('. ')[:LONGEST_NAME] or 'file'}.{kind}"


def _lock(session: Session, about: str) -> None:
    row_id = about.rpartition(":")[2]
    lock_keys(session, QUOTA_LOCK, [int(row_id)] if row_id.isdecimal() else [])


def _used(session: Session, about: str) -> int:
    return (
        session.scalar(select(func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.about == about))
        or 0
    )
