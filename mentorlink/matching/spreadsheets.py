"""Two spreadsheets, one of applicants and one of supporters, as the facts that matching looks at."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mentorlink.core import taxonomy
from mentorlink.core.tabular import Problem, Row, TabularError, find_duplicates, read_csv, unescape_formula
from mentorlink.fit.profiles import MOST_SKILL, ApplicantFacts, SupporterFacts

APPLICANT_COLUMNS = (
    "id", "prefecture", "stage", "themes", "targets", "categories", "modes", "accommodations", "prefer",
    "organisations", "avoid", "waiting_days", "times",
)  # fmt: skip
SUPPORTER_COLUMNS = (
    "id", "organisation", "prefecture", "setting", "themes", "targets", "skills", "stages", "modes",
    "accommodations", "capacity", "load", "times",
)  # fmt: skip
START = "%Y-%m-%dT%H:%M"
MOST_NUMBER = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FORM_OF_START = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a sheet. ``line`` counts from 1, the header's; the words are for the operator."""

    line: int | None
    column: str | None
    words: str


class SheetError(ValueError):
    """The sheet cannot be used. Carries every fault of it."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__(f"{len(self.faults)} faults")


class _BadCell(ValueError):
    """The text says what is wrong with it."""


def read_applicants(data: bytes) -> list[ApplicantFacts]:
    """The applicants of a CSV file, by id. Raises SheetError with all that is wrong."""
    return _read(data, APPLICANT_COLUMNS, _APPLICANT_CELLS, _applicant)


def read_supporters(data: bytes) -> list[SupporterFacts]:
    """The supporters of a CSV file, by id. Raises SheetError with all that is wrong."""
    return _read(data, SUPPORTER_COLUMNS, _SUPPORTER_CELLS, _supporter)


def start_text(start: int) -> str:
    """A start as the sheets write it: local time, no zone."""
    return (_EPOCH + timedelta(minutes=start)).strftime(START)


def _read(
    data: bytes,
    columns: tuple[str, ...],
    readers: Mapping[str, Callable[[str], Any]],
    make: Callable[[dict[str, Any]], Any],
) -> list[Any]:
    try:
        table = read_csv(data, required=columns)
    except TabularError as error:
        raise SheetError(
            Fault(each.line, each.column, _table_words(each)) for each in error.problems
        ) from None
    faults = [
        Fault(each.line, each.column, "the same as an earlier one") for each in find_duplicates(table, "id")
    ]
    found = []
    for row in table.rows:
        values, wrong = _cells(row, columns, readers)
        faults += wrong
        if not wrong:
            found.append(make(values))
    if faults:
        raise SheetError(sorted(faults, key=lambda fault: fault.line or 0))
    return sorted(found, key=lambda facts: str(facts.id))


def _cells(
    row: Row, columns: tuple[str, ...], readers: Mapping[str, Callable[[str], Any]]
) -> tuple[dict[str, Any], list[Fault]]:
    values, faults = {}, []
    for column in columns:
        try:
            values[column] = readers[column](unescape_formula(row.values[column]).strip())
        except _BadCell as error:
            faults.append(Fault(row.line, column, str(error)))
    return values, faults


def _table_words(problem: Problem) -> str:
    details = ", ".join(f"{name} {value}" for name, value in problem.details.items())
    return problem.code.replace("_", " ") + (f" ({details})" if details else "")


def _applicant(values: dict[str, Any]) -> ApplicantFacts:
    everyone = "targets" in values and values["targets"] is None
    return ApplicantFacts(**{**values, "targets": values["targets"] or frozenset()}, anyone=everyone)


def _supporter(values: dict[str, Any]) -> SupporterFacts:
    organisation, everyone = values.pop("organisation"), values["targets"] is None
    return SupporterFacts(
        **{**values, "targets": values["targets"] or frozenset()},
        organisations=frozenset({organisation} if organisation else ()),
        anyone=everyone,
    )


# ---- cells


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _name(text: str) -> str:
    if not text:
        raise _BadCell("is empty")
    return text


def _code(scheme: str, text: str) -> str:
    found = taxonomy.by_name(scheme, text)
    if found is None:
        raise _BadCell(f"no such {scheme}: {text!r}")
    return found.code


def _one(scheme: str) -> Callable[[str], str | None]:
    return lambda text: _code(scheme, text) if text and not taxonomy.is_open_answer(scheme, text) else None


def _prefecture(text: str) -> str | None:
    if not text or taxonomy.is_open_answer("prefecture", text):
        return None
    found = taxonomy.prefecture_by_name(text)
    if found is None:
        raise _BadCell(f"no such prefecture: {text!r}")
    return found.code


def _ordered(scheme: str) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        parts = [part for part in _parts(text) if not taxonomy.is_open_answer(scheme, part)]
        return tuple(dict.fromkeys(_code(scheme, part) for part in parts))

    return read


def _some(scheme: str) -> Callable[[str], frozenset[str]]:
    return lambda text: frozenset(_ordered(scheme)(text))


def _targets(text: str) -> frozenset[str] | None:
    """None stands for anyone (どなたでも)."""
    if any(taxonomy.is_open_answer("target", part) for part in _parts(text)):
        return None
    return _some("target")(text)


def _names(text: str) -> frozenset[str]:
    return frozenset(_parts(text))


def _skills(text: str) -> dict[str, int]:
    found = {}
    for part in _parts(text):
        name, _, level = part.replace("：", ":").rpartition(":")
        if not name or not re.fullmatch(f"[0-{MOST_SKILL}]", level.strip()):
            raise _BadCell(f"not code:level with a level from 0 to {MOST_SKILL}: {part!r}")
        found[_code("category", name)] = int(level)
    return found


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text) or int(text) > MOST_NUMBER:
        raise _BadCell(f"not a whole number from 0 to {MOST_NUMBER}: {text!r}")
    return int(text)


def _whole_or(default: int) -> Callable[[str], int]:
    return lambda text: _whole(text) if text else default


def _times(text: str) -> frozenset[int] | None:
    """Minutes since 1970-01-01T00:00 of the local clock; None, 時間は相談, where nothing is written."""
    return frozenset(map(_start, _parts(text))) or None


def _start(text: str) -> int:
    wrong = _BadCell(f"not a start like 2026-11-25T19:00: {text!r}")
    if not _FORM_OF_START.fullmatch(text):
        raise wrong
    try:
        moment = datetime.strptime(text, START).replace(tzinfo=UTC)
    except ValueError:
        raise wrong from None
    return int((moment - _EPOCH).total_seconds()) // 60


_APPLICANT_CELLS: Mapping[str, Callable[[str], Any]] = {
    "id": _name,
    "prefecture": _prefecture,
    "stage": _one("stage"),
    "themes": _some("theme"),
    "targets": _targets,
    "categories": _ordered("category"),
    "modes": _some("mode"),
    "accommodations": _some("accommodation"),
    "prefer": _some("preference"),
    "organisations": _names,
    "avoid": _names,
    "waiting_days": _whole_or(0),
    "times": _times,
}
_SUPPORTER_CELLS: Mapping[str, Callable[[str], Any]] = {
    "id": _name,
    "organisation": lambda text: text or None,
    "prefecture": _prefecture,
    "setting": _one("setting"),
    "themes": _some("theme"),
    "targets": _targets,
    "skills": _skills,
    "stages": _some("stage"),
    "modes": _some("mode"),
    "accommodations": _some("accommodation"),
    "capacity": _whole_or(1),
    "load": _whole_or(0),
    "times": _times,
}
