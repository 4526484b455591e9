"""What the columns of a Google Forms spreadsheet mean. Pure: bytes in, answers and problems out."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from mentorlink.applications.models import ImportKind
from mentorlink.core import taxonomy
from mentorlink.core.dates import BadDate, TimeFold, TimeGap
from mentorlink.core.i18n import gettext, mark
from mentorlink.core.tabular import (
    Problem,
    Row,
    Table,
    TabularError,
    TooLarge,
    find_duplicates,
    parse_form_timestamp,
    read_csv,
    split_choices,
    unescape_formula,
)
from mentorlink.core.text_input import (
    BadText,
    clean_text,
    message_for,
    normalise_email,
    normalise_phone,
    to_hiragana,
)

Reader = Callable[[str], Any]

# The heading of a column, without blanks and brackets → what it is. The first that a file has counts.
COMMON_COLUMNS = {
    "display_name": ("呼ばれたいお名前", "お名前", "名前", "氏名", "ニックネーム", "name"),
    "display_kana": ("ふりがな", "フリガナ", "よみがな"),
    "email": ("メールアドレス", "メール", "email", "e-mail", "連絡先メールアドレス"),
    "phone": ("電話番号", "電話", "お電話番号", "phone"),
    "prefecture": (
        "都道府県",
        "活動する都道府県",
        "活動したい都道府県",
        "活動する（したい）都道府県",
        "prefecture",
    ),
    "themes": ("やってみたいこと", "活動テーマ", "テーマ", "活動の内容"),
    "targets": ("どんな人と", "対象者", "対象"),
    "modes": ("お話しの方法", "話し方", "方法", "相談方法"),
    "accommodations": ("お願いしたい配慮", "配慮", "使える配慮"),
}
COLUMNS: dict[ImportKind, dict[str, tuple[str, ...]]] = {
    ImportKind.APPLICATIONS: COMMON_COLUMNS
    | {
        "submitted_at": ("タイムスタンプ", "timestamp"),
        "city": ("市区町村", "市町村"),
        "stage": ("いまの様子", "活動の段階", "段階"),
        "categories": ("相談したいこと", "相談カテゴリ", "相談内容"),
        "story": ("いま思っていること", "自由記述", "相談の詳細"),
        "times": ("来られそうな時間", "希望の時間", "希望日時"),
    },
    ImportKind.SUPPORTERS: COMMON_COLUMNS
    | {
        "introduction": ("自己紹介", "プロフィール", "紹介文"),
        "skills": ("得意なこと", "相談カテゴリ別の得意度", "相談カテゴリ", "話せること"),
        "stages": ("経験した段階", "段階"),
        "funding": ("財源", "お金のまかない方"),
        "capacity_month": ("月の上限件数", "月の上限"),
    },
}
REQUIRED = {
    ImportKind.APPLICATIONS: ("display_name", "stage", "categories", "modes"),
    ImportKind.SUPPORTERS: ("display_name", "email", "prefecture", "skills"),
}
WEEKDAYS = "月火水木金土日"
PARTS = {
    "morning": ("朝", "午前"),
    "afternoon": ("昼", "午後"),
    "evening": ("夜", "夕方"),
}
EVERYDAY_SKILL = 2

ROW_MESSAGES = {
    "column_needed": mark("「%(column)s」の列が見つかりません。"),
    "value_needed": mark("「%(column)s」が空です。"),
    "value_unknown": mark("「%(column)s」の「%(value)s」が選択肢にありません。"),
    "contact_needed": mark("メールアドレスか電話番号のどちらかが必要です。"),
    "no_rows": mark("取り込む行がありません。"),
}
FIELD_WORDS = {
    "display_name": mark("お名前"),
    "display_kana": mark("ふりがな"),
    "email": mark("メールアドレス"),
    "phone": mark("電話番号"),
    "prefecture": mark("都道府県"),
    "city": mark("市区町村"),
    "stage": mark("いまの様子"),
    "themes": mark("やってみたいこと"),
    "targets": mark("どんな人と"),
    "categories": mark("相談したいこと"),
    "story": mark("いま思っていること"),
    "modes": mark("お話しの方法"),
    "times": mark("来られそうな時間"),
    "accommodations": mark("お願いしたい配慮"),
    "submitted_at": mark("タイムスタンプ"),
    "introduction": mark("自己紹介"),
    "skills": mark("得意なこと"),
    "stages": mark("経験した段階"),
    "funding": mark("財源"),
    "capacity_month": mark("月の上限件数"),
}


class RowProblem(NamedTuple):
    """One thing to be put right; ``message`` is content of an element, in the current language."""

    line: int | None
    column: str | None
    message: str


class SheetRow(NamedTuple):
    line: int
    values: dict[str, Any]


@dataclass
class Sheet:
    """``mapping`` says which column became what; ``unused`` are the headings that mean nothing to us."""

    mapping: dict[str, str] = field(default_factory=dict)
    unused: list[str] = field(default_factory=list)
    rows: list[SheetRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)


class _NotThere(ValueError):
    """A value that is no option."""


def read_sheet(data: bytes, kind: ImportKind) -> Sheet:
    """All of a file: what it says, or everything that is wrong with it. Raises TooLarge on more than 100,000 rows."""
    try:
        table = read_csv(data)
    except TooLarge:
        raise
    except TabularError as error:
        return Sheet(problems=[_from_table(problem) for problem in error.problems])
    sheet = Sheet(mapping=_mapping(table, kind))
    times = [name for name in table.columns if _weekday_of(name) is not None]
    sheet.unused = [name for name in table.columns if name not in {*sheet.mapping.values(), *times}]
    sheet.problems = [
        RowProblem(1, None, _say("column_needed", column=gettext(FIELD_WORDS[name])))
        for name in REQUIRED[kind]
        if name not in sheet.mapping
    ]
    if not sheet.problems:
        _read_rows(sheet, table, kind)
    return sheet


def _read_rows(sheet: Sheet, table: Table, kind: ImportKind) -> None:
    if not table.rows:
        sheet.problems.append(RowProblem(None, None, _say("no_rows")))
    if "email" in sheet.mapping:
        duplicates = find_duplicates(table, sheet.mapping["email"], lambda text: text.strip().casefold())
        sheet.problems += [_from_table(problem) for problem in duplicates]
    for row in table.rows:
        values, problems = _read_row(row, sheet.mapping, kind)
        sheet.rows.append(SheetRow(row.line, values))
        sheet.problems += problems
    sheet.problems.sort(key=lambda problem: problem.line or 0)


def _mapping(table: Table, kind: ImportKind) -> dict[str, str]:
    by_key = {_heading(name): name for name in reversed(table.columns)}
    found = {}
    for name, headings in COLUMNS[kind].items():
        column = next((by_key[_heading(each)] for each in headings if _heading(each) in by_key), None)
        if column is not None:
            found[name] = column
    return found


def _heading(text: str) -> str:
    return re.sub(r"[\s　]+|[(（].*?[)）]$|[※?？。*＊]", "", text).casefold()


def _read_row(row: Row, mapping: dict[str, str], kind: ImportKind) -> tuple[dict[str, Any], list[RowProblem]]:
    values: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for name, column in mapping.items():
        text = row.values[column].strip()
        try:
            values[name] = _read_cell(name, text, kind)
        except (_NotThere, BadText, BadDate, TimeGap, TimeFold) as error:
            problems.append(RowProblem(row.line, column, _words(error, column, text)))
    if kind is ImportKind.APPLICATIONS:
        values |= _times(row, values.pop("times", None))
    if not problems and not (values.get("email") or values.get("phone")):
        problems.append(RowProblem(row.line, None, _say("contact_needed")))
    return _settled(values), problems


def _read_cell(name: str, text: str, kind: ImportKind) -> Any:
    if not text and name in REQUIRED[kind]:
        raise _NotThere("value_needed")
    return READERS[name](text) if text else None


def _settled(values: dict[str, Any]) -> dict[str, Any]:
    """Lists that say 「まだはっきりしない」 become that answer; empty cells are no answers."""
    for name, unsure in (
        ("themes", "unsure_theme"),
        ("categories", "unsure_category"),
        ("targets", "any_target"),
    ):
        if name in values and not values[name]:
            values[unsure] = True
    if "themes" not in values and "stage" in values:
        values["unsure_theme"] = True
    return {name: value for name, value in values.items() if value is not None}


def _say(code: str, **params: str) -> str:
    return gettext(ROW_MESSAGES[code], **params)


def _words(error: ValueError, column: str, text: str) -> str:
    if isinstance(error, BadText):
        return error.message
    if isinstance(error, _NotThere):
        code, value = error.args[0], error.args[1] if len(error.args) > 1 else text
        return gettext(ROW_MESSAGES[code], column=column, value=value[:60])
    return gettext(message_for(error.code))  # type: ignore[attr-defined]


def _from_table(problem: Problem) -> RowProblem:
    return RowProblem(problem.line, problem.column, problem.message)


# ---- cells


def _line(maximum: int) -> Reader:
    return lambda text: clean_text(unescape_formula(text), maximum=maximum) or None


def _block(maximum: int) -> Reader:
    return lambda text: clean_text(unescape_formula(text), maximum=maximum, multiline=True) or None


def _one(scheme: str) -> Reader:
    def read(text: str) -> str:
        by_sentence = next((term.code for term in taxonomy.terms(scheme) if text == term.sentence), None)
        found = taxonomy.by_name(scheme, text)
        if found is None and by_sentence is None:
            raise _NotThere("value_unknown", text)
        return by_sentence or found.code  # type: ignore[union-attr]

    return read


def _some(scheme: str, most: int | None = None) -> Reader:
    """Codes; nothing where the question's way of not choosing was chosen. More than ``most``: the first ones count."""

    def read(text: str) -> tuple[str, ...]:
        if taxonomy.is_open_answer(scheme, text):
            return ()
        return tuple(dict.fromkeys(_one(scheme)(part) for part in _parts(scheme, text)))[:most]

    return read


def _parts(scheme: str, text: str) -> Iterator[str]:
    options = [name for term in taxonomy.terms(scheme) for name in (term.ja, term.sentence) if name]
    chosen = split_choices(text, options)
    yield from chosen.known
    yield from (part.strip() for part in re.split(r"[;、]", chosen.other) if part.strip())


def _prefecture(text: str) -> str:
    if taxonomy.is_open_answer("prefecture", text):
        return ""
    found = taxonomy.prefecture_by_name(text)
    if found is None:
        raise _NotThere("value_unknown", text)
    return found.code


def _skills(text: str) -> dict[str, int]:
    """「場所・物件:3、資金:2」 or plain names, which count as 2."""
    skills: dict[str, int] = {}
    for part in _parts("category", text):
        name, _, level = part.replace("：", ":").rpartition(":")
        if not (name and level.strip() in ("1", "2", "3")):
            name, level = part, str(EVERYDAY_SKILL)
        skills[_one("category")(name.strip())] = int(level)
    return skills


def _capacity(text: str) -> int:
    digits = re.fullmatch(r"(\d{1,2})\s*件?", text)
    if digits is None:
        raise _NotThere("value_unknown", text)
    return int(digits[1])


READERS: dict[str, Reader] = {
    "display_name": _line(30),
    "display_kana": lambda text: to_hiragana(_line(60)(text) or "") or None,
    "email": normalise_email,
    "phone": normalise_phone,
    "prefecture": _prefecture,
    "city": _line(30),
    "stage": _one("stage"),
    "themes": _some("theme", 3),
    "targets": _some("target"),
    "categories": _some("category", 3),
    "story": _block(2000),
    "modes": _some("mode"),
    "times": str,
    "accommodations": _some("accommodation"),
    "submitted_at": parse_form_timestamp,
    "introduction": _block(2000),
    "skills": _skills,
    "stages": _some("stage"),
    "funding": _some("funding"),
    "capacity_month": _capacity,
}


def _times(row: Row, text: str | None) -> dict[str, Any]:
    """A matrix question 「来られそうな時間 [月曜]」, one cell such as 「月曜の夜」, or 時間は相談."""
    found = {
        (weekday, part)
        for name, cell in row.values.items()
        if (weekday := _weekday_of(name)) is not None
        for part in _parts_of_day(cell)
    }
    for chunk in re.split(r"[;、,\n]", text or ""):
        weekday = next((index for index, sign in enumerate(WEEKDAYS) if chunk.strip().startswith(sign)), None)
        if weekday is not None:
            found |= {(weekday, part) for part in _parts_of_day(chunk)}
    return {"times": tuple(sorted(found)), "by_talk": False} if found else {"by_talk": True}


def _weekday_of(heading: str) -> int | None:
    match = re.search(rf"\[([{WEEKDAYS}])曜?日?\]\s*$", heading)
    return WEEKDAYS.index(match[1]) if match and "時間" in heading else None


def _parts_of_day(cell: str) -> list[str]:
    return [part for part, words in PARTS.items() if any(word in cell for word in words)]


def submitted_at(row: SheetRow) -> datetime | None:
    value = row.values.get("submitted_at")
    return value if isinstance(value, datetime) else None
