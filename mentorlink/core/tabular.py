"""Spreadsheets as people send them: CSV read with all its problems named at once, CSV written that Excel opens.

Cells are kept as typed: what a cell means, and whether its text is fit to store, is the reader's to judge
(``core.text_input``).
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from mentorlink.core.dates import TOKYO, BadDate, Zone, check_year, hour_of_day, localise
from mentorlink.core.i18n import gettext, mark

MAXIMUM_ROWS = 100_000
MAXIMUM_BYTES = 50_000_000
MAXIMUM_COLUMNS = 500

MESSAGES = {
    "encoding": mark("文字の種類が分かりません。UTF-8 か Shift_JIS の CSV で保存していただけますか。"),
    "no_header": mark("1行目に項目名がありません。"),
    "missing_header": mark("項目「%(column)s」がありません。"),
    "duplicate_header": mark("項目「%(column)s」が2つ以上あります。"),
    "blank_header": mark("%(number)s列目に項目名がありません。"),
    "too_many_columns": mark("列が多すぎます（%(maximum)s列まで）。"),
    "too_large": mark("ファイルが大きすぎます（%(maximum)s行まで）。分けて取り込んでください。"),
    "ragged": mark("%(line)s行目は%(actual)s列です（項目は%(expected)s列）。"),
    "quote": mark('%(line)s行目から始まる「"」が閉じていないか、余分です。'),
    "field_too_long": mark('%(line)s行目に長すぎる欄があります。「"」が閉じていないかもしれません。'),
    "nul": mark("%(line)s行目の「%(column)s」に読み取れない文字があります。"),
    "duplicate_value": mark("%(line)s行目の「%(column)s」は%(first)s行目と同じです。"),
}

_FORMULA = re.compile("[=+\\-@\t\r＝＋－＠]")
_AS_IN_CP932 = str.maketrans("—", "―")  # the dash that it has; the codec itself maps 〜 and − both ways
_ALIKE = str.maketrans("～－", "〜−")  # the same sign after a way through CP932
_SEPARATOR = re.compile(r";|, ")
_FORM_TIMESTAMP = re.compile(
    r"(?P<date>\d{4}/\d{1,2}/\d{1,2}) (?P<hour>\d{1,2}):(?P<minute>\d\d):(?P<second>\d\d)"
    r"(?: (?P<half>午前|午後|AM|PM))?(?: GMT(?P<sign>[+\-−])(?P<offset_hours>\d{1,2})(?::?(?P<offset_minutes>\d\d))?)?"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``line`` counts from 1, the header's; None where it concerns the whole file."""

    code: str
    line: int | None = None
    column: str | None = None
    details: dict[str, int] = field(default_factory=dict)

    @property
    def message(self) -> str:
        """The sentence in the current language, as content of an element."""
        return gettext(MESSAGES[self.code], line=self.line, column=self.column, **self.details)


class TabularError(ValueError):
    """The file cannot be taken as it is. ``problems`` is all that was found, in the order of the lines."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = tuple(problems)


class TooLarge(TabularError):
    """More rows or bytes than are taken at once: an answer 413."""


class Row(NamedTuple):
    """``line`` is where the row begins in the file; ``values`` maps each column's name to its cell as typed."""

    line: int
    values: dict[str, str]


class Table(NamedTuple):
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    encoding: str


class Unwritable(NamedTuple):
    """Characters that CP932 lacks. ``line`` and ``column`` count from 1; ``?`` was written in their place."""

    line: int
    column: int
    characters: str


class Choices(NamedTuple):
    """``known`` are options as the dictionary spells them; ``other`` is the free text, or empty."""

    known: tuple[str, ...]
    other: str


def read_csv(
    data: bytes,
    *,
    required: Collection[str] = (),
    number_duplicates: bool = False,
    maximum_rows: int = MAXIMUM_ROWS,
) -> Table:
    """Read a CSV (or tab-separated) file in UTF-8, CP932, UTF-16 or ISO-2022-JP. Blank rows are passed by.

    ``number_duplicates`` makes a repeated column 「設問 (2)」 instead of a problem. Raises TooLarge at once, else
    TabularError with every problem: ``encoding``, ``no_header``, ``missing_header``, ``duplicate_header``,
    ``blank_header``, ``too_many_columns``, ``ragged``, ``nul``; ``quote`` and ``field_too_long`` end the reading.
    """
    if len(data) > MAXIMUM_BYTES:
        raise TooLarge([Problem("too_large", details={"maximum": maximum_rows})])
    encoding, text = decode(data)
    records = _records(text)
    columns = _header(next(records, None))
    if number_duplicates:
        columns = _numbered(columns)
    problems = list(_header_problems(columns, required))
    rows: list[Row] = []
    for record in records:
        if len(rows) == maximum_rows:
            raise TooLarge([Problem("too_large", record.line, details={"maximum": maximum_rows})])
        problems += _record_problems(record, columns)
        rows.append(Row(record.line, {n: c for n, c in zip(columns, record.cells, strict=False) if n}))
    if problems:
        raise TabularError(problems)
    return Table(tuple(name for name in columns if name), tuple(rows), encoding)


def decode(data: bytes) -> tuple[str, str]:
    """(encoding, text) of a file's bytes: by its mark, else the first that fits. Raises TabularError ``encoding``."""
    for encoding in _likely_encodings(data):
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TabularError([Problem("encoding")])


def find_duplicates(
    table: Table, column: str, normalise: Callable[[str], str] = str.strip
) -> tuple[Problem, ...]:
    """A problem ``duplicate_value`` for every row whose cell equals an earlier one's; blank cells never do."""
    first_lines: dict[str, int] = {}
    problems = []
    for row in table.rows:
        value = normalise(row.values[column])
        first = first_lines.setdefault(value, row.line)
        if value and first != row.line:
            problems.append(Problem("duplicate_value", row.line, column, {"first": first}))
    return tuple(problems)


def write_csv(
    rows: Iterable[Sequence[object]], encoding: Literal["utf-8-sig", "cp932"] = "utf-8-sig"
) -> tuple[bytes, list[Unwritable]]:
    """The bytes of a CSV that Excel opens, and what CP932 could not hold. The first row is the header.

    Numbers are written as they are, None as nothing; text that a spreadsheet would calculate gets a ``'`` in front.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    unwritable: list[Unwritable] = []
    for line, row in enumerate(rows, start=1):
        cells = [_cell(value) for value in row]
        if encoding == "cp932":
            cells = [cell.translate(_AS_IN_CP932) for cell in cells]
            unwritable += _unwritable(line, cells)
        writer.writerow(cells)
    return buffer.getvalue().encode(encoding, errors="replace"), unwritable


def escape_formula(text: str) -> str:
    """``text`` so that no spreadsheet calculates it (OWASP, CSV injection). ``unescape_formula`` undoes it."""
    return f"'{text}" if _FORMULA.match(text.lstrip("'")) else text


def unescape_formula(text: str) -> str:
    """What ``escape_formula`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text.lstrip("'")) else text


def parse_form_timestamp(text: str, zone: Zone = TOKYO) -> datetime:
    """The UTC instant of a Google Forms timestamp, from the form's own CSV or from the spreadsheet's.

    ``2024/01/07 7:41:40 午後 GMT+9`` and ``2024/01/07 19:41:41`` (in ``zone``); ``12:11:00 午後`` is 12:11,
    ``12:05:00 午前`` is 0:05. Raises BadDate ``date_format``, ``date_not_real`` or ``date_out_of_range``.
    """
    match = _FORM_TIMESTAMP.fullmatch(text.strip())
    if match is None:
        raise BadDate("date_format")
    hour = int(match["hour"])
    if match["half"]:
        hour = hour_of_day(hour, afternoon=match["half"] in ("午後", "PM"))
    year, month, day = map(int, match["date"].split("/"))
    try:
        clock = time(hour, int(match["minute"]), int(match["second"]))
        local = datetime.combine(date(year, month, day), clock)
    except ValueError:
        raise BadDate("date_not_real") from None
    check_year(local)
    return localise(local, zone) if match["sign"] is None else (local - _offset(match)).replace(tzinfo=UTC)


def split_choices(text: str, options: Collection[str]) -> Choices:
    """The answer to a question with many choices, parted at ``;`` or ``, ``; the longest option wins.

    So an option may itself contain a separator. What is no option is 「その他」: one free text, as it was typed.
    """
    spelled = {option.translate(_ALIKE): option for option in options}
    longest_first = sorted(spelled, key=len, reverse=True)
    alike, known, other, position = text.translate(_ALIKE), [], [], 0
    while position < len(text):
        option = next((o for o in longest_first if _stands_at(alike, o, position)), None)
        end = position + len(option) if option else _separator_from(text, position)
        if option:
            known.append(spelled[option])
        else:
            other.append((position, end))
        separator = _SEPARATOR.match(text, end)
        position = separator.end() if separator else len(text)
    return Choices(tuple(dict.fromkeys(known)), _joined(text, other))


class _Record(NamedTuple):
    line: int
    cells: list[str]
    problem: Problem | None = None


def _likely_encodings(data: bytes) -> Iterator[str]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield "utf-8-sig"
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
    elif b"\0" in data[:400:2] or b"\0" in data[1:400:2]:
        yield "utf-16-be" if data[:400:2].count(0) > data[1:400:2].count(0) else "utf-16-le"
        yield "utf-8"
    elif b"\x1b$" in data:
        yield "iso2022_jp"
    else:
        yield "utf-8"
        yield "cp932"


def _records(text: str) -> Iterator[_Record]:
    """The records that are not blank, each with the line that it begins on. A broken one is the last."""
    first_line = text.partition("\n")[0]
    delimiter = "\t" if "\t" in first_line and "," not in first_line else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            code = "field_too_long" if "field larger" in str(error) else "quote"
            yield _Record(line, [], Problem(code, line))
            return
        if any(cell.strip() for cell in cells):
            yield _Record(line, cells)


def _header(record: _Record | None) -> list[str]:
    """The names of the columns, without the empty ones at the end. Raises TabularError where there are none."""
    if record is None or record.problem:
        raise TabularError([(record and record.problem) or Problem("no_header", 1)])
    names = [unicodedata.normalize("NFC", cell.strip()) for cell in record.cells]
    names = names[: 1 + max(index for index, name in enumerate(names) if name)]
    if len(names) > MAXIMUM_COLUMNS:
        raise TabularError([Problem("too_many_columns", 1, details={"maximum": MAXIMUM_COLUMNS})])
    return names


def _numbered(columns: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    numbered = []
    for name in columns:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 or not name else f"{name} ({seen[name]})")
    return numbered


def _header_problems(columns: list[str], required: Collection[str]) -> Iterator[Problem]:
    for name, times in Counter(columns).items():
        if name and times > 1:
            yield Problem("duplicate_header", 1, name)
    for name in required:
        if name not in columns:
            yield Problem("missing_header", 1, name)


def _record_problems(record: _Record, columns: list[str]) -> Iterator[Problem]:
    if record.problem:
        yield record.problem
        return
    if len(record.cells) < len(columns) or any(cell.strip() for cell in record.cells[len(columns) :]):
        yield Problem("ragged", record.line, None, {"actual": len(record.cells), "expected": len(columns)})
    for number, (name, cell) in enumerate(zip(columns, record.cells, strict=False), start=1):
        if cell.strip() and not name:
            yield Problem("blank_header", record.line, None, {"number": number})
        if "\0" in cell:
            yield Problem("nul", record.line, name)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        return str(value)
    return escape_formula(str(value).replace("\0", ""))


def _unwritable(line: int, cells: list[str]) -> Iterator[Unwritable]:
    for column, cell in enumerate(cells, start=1):
        missing = "".join(dict.fromkeys(c for c in cell if not _is_in_cp932(c)))
        if missing:
            yield Unwritable(line, column, missing)


@lru_cache(maxsize=65536)
def _is_in_cp932(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _offset(match: re.Match[str]) -> timedelta:
    hours, minutes = int(match["offset_hours"]), int(match["offset_minutes"] or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return offset if match["sign"] == "+" else -offset


def _stands_at(text: str, option: str, position: int) -> bool:
    """Whether the option begins here and is followed by a separator or the end."""
    end = position + len(option)
    return text.startswith(option, position) and (end == len(text) or _SEPARATOR.match(text, end) is not None)


def _separator_from(text: str, position: int) -> int:
    found = _SEPARATOR.search(text, position)
    return found.start() if found else len(text)


def _joined(text: str, spans: list[tuple[int, int]]) -> str:
    """The pieces of free text, with what stood between two that were neighbours."""
    joined = ""
    for index, (begin, end) in enumerate(spans):
        gap = text[spans[index - 1][1] : begin] if index else ""
        joined += (gap if _SEPARATOR.fullmatch(gap) else "; " if index else "") + text[begin:end]
    return joined.strip()
