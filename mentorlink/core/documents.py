"""Documents that people bring: read within bounds, told by what is in them, without programs inside."""

from io import BytesIO
from zipfile import ZipFile, ZipInfo, is_zipfile

from mentorlink.core.errors import RuleViolation, TooMuch

MOST_MEMBERS = 2_000
MOST_UNPACKED = 60 * 1024 * 1024  # bytes, of all members together
CHUNK = 64 * 1024
ENDS_WITHIN = 2_048  # bytes: a PDF's last mark stands near its end
PROGRAMS = ("vbaproject", "vbadata", "macrosheets/", "activex", ".exe", ".js", ".vbs", ".bat", ".scr")
MAIN_PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
TYPES_PART = "[content_types].xml"


def is_whole_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-") and b"%%EOF" in content[-ENDS_WITHIN:]


def is_also_archive(content: bytes) -> bool:
    """Whether something that is no archive by its beginning is one by its end."""
    return is_zipfile(BytesIO(content))


def office_kind(content: bytes) -> str:
    """``docx`` or ``xlsx``. Members are counted and their sizes added up before any is read.

    Raises TooMuch ``file_too_large`` for what would unpack beyond all measure, RuleViolation ``file_macros`` where a
    program is inside, ``file_kind`` for every other archive.
    """
    try:
        with ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            _refuse_bomb(members)
            _refuse_strange_names(members)
            _refuse_programs(archive, members)
            return _main_part({member.filename.lower() for member in members})
    except RuleViolation:
        raise
    except Exception:  # noqa: BLE001 - what a broken archive makes its reader raise, nobody has counted
        raise RuleViolation("file_kind") from None


def plain_text(content: bytes) -> bytes:
    """Text as UTF-8. Raises RuleViolation ``file_kind`` where it is none, or is a page or a drawing in disguise."""
    text = _decoded(content)
    beginning = text.lstrip().lower()
    is_markup = beginning.startswith(("<!doctype", "<html", "<svg", "<?xml", "<script", "<!--"))
    if is_markup or any(ord(one) < 32 and one not in "\t\n\r\f" for one in text):
        raise RuleViolation("file_kind")
    return text.encode()


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RuleViolation("file_kind")


def _refuse_bomb(members: list[ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise TooMuch("file_too_large")


def _refuse_strange_names(members: list[ZipInfo]) -> None:
    names = [member.filename.lower() for member in members]
    climbs = any(name.startswith("/") or ".." in name.split("/") or "\\" in name for name in names)
    if climbs or len(set(names)) != len(names) or any(member.flag_bits & 1 for member in members):
        raise RuleViolation("file_kind")


def _refuse_programs(archive: ZipFile, members: list[ZipInfo]) -> None:
    inside = any(program in member.filename.lower() for member in members for program in PROGRAMS)
    if inside or b"macroenabled" in _read_all(archive, members).lower():
        raise RuleViolation("file_macros")


def _read_all(archive: ZipFile, members: list[ZipInfo]) -> bytes:
    """What the list of kinds says. Every member is unpacked once: a size that lies is found out here."""
    kinds = b""
    for member in members:
        with archive.open(member) as stream:
            is_list = member.filename.lower() == TYPES_PART
            while chunk := stream.read(CHUNK):
                kinds += chunk if is_list else b""
    return kinds


def _main_part(names: set[str]) -> str:
    found = [kind for part, kind in MAIN_PARTS.items() if part in names]
    if len(found) != 1 or TYPES_PART not in names:
        raise RuleViolation("file_kind")
    return found[0]
