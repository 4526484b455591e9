"""The made-up people of ``seed/``, read from their CSV files."""

import csv
from datetime import UTC, date, datetime, time
from typing import Any

from mentorlink.core.dates import TOKYO
from mentorlink.core.paths import resource

Row = dict[str, str]


def read_rows(*path: str) -> list[Row]:
    with resource("seed", *path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def several(cell: str) -> list[str]:
    """A cell of several values: ``01;02``."""
    return [value for value in cell.split(";") if value]


def day(cell: str) -> date:
    return date.fromisoformat(cell)


def instant(cell: str) -> datetime:
    """``2023-05-15 15:38`` in Tokyo."""
    return datetime.fromisoformat(cell).replace(tzinfo=TOKYO).astimezone(UTC)


def at(on: date, hour: int, minute: int = 0) -> datetime:
    """That hour of a day in Tokyo."""
    return datetime.combine(on, time(hour, minute), TOKYO).astimezone(UTC)


def whole(cell: str) -> int | None:
    return int(cell) if cell else None


def answers_of(row: Row) -> dict[str, Any]:
    """What the six screens would have asked, as ``applications`` takes it; an empty cell is no answer."""
    answers: dict[str, Any] = {
        name: row[name]
        for name in (
            "display_name",
            "display_kana",
            "contact_channel",
            "email",
            "phone",
            "prefecture",
            "stage",
            "story",
        )
        if row.get(name)
    }
    answers |= {name: tuple(several(row.get(name, ""))) for name in ("themes", "targets", "categories")}
    answers |= {"modes": tuple(several(row.get("modes", "online")))}
    if times := several(row.get("times", "")):
        answers["times"] = tuple(
            (int(weekday), part) for weekday, _, part in (t.partition("-") for t in times)
        )
    else:
        answers["by_talk"] = True
    return answers


def windows_of(row: Row) -> list[tuple[int, int, int]]:
    """``1-18-21``: Tuesdays from 18:00 to 21:00."""
    parts = (window.split("-") for window in several(row["windows"]))
    return [(int(weekday), int(start) * 60, int(end) * 60) for weekday, start, end in parts]
