"""Words of crisis and where help is: shown quietly, never stopping anybody from writing."""

import csv
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mentorlink.core.language import current_language
from mentorlink.core.paths import resource


@dataclass(frozen=True)
class Helpline:
    """``checked_on`` is the day on which somebody compared the number with its source."""

    name_ja: str
    name_en: str
    phone: str
    hours_ja: str
    hours_en: str
    checked_on: date

    @property
    def name(self) -> str:
        return self.name_en if current_language().code == "en" else self.name_ja

    @property
    def hours(self) -> str:
        return self.hours_en if current_language().code == "en" else self.hours_ja


@lru_cache
def crisis_words() -> tuple[str, ...]:
    lines = resource("seed", "crisis_words.txt").read_text(encoding="utf-8").splitlines()
    return tuple(_key(line) for line in lines if line.strip() and not line.startswith("#"))


@lru_cache
def helplines() -> tuple[Helpline, ...]:
    with resource("seed", "helplines.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [date.fromisoformat(row.pop("checked_on")) for row in rows]
    return tuple(Helpline(**row, checked_on=day) for row, day in zip(rows, days, strict=True))


def helplines_after(*texts: str | None) -> tuple[Helpline, ...]:
    """Where help is, quietly, for whoever wrote one of the words."""
    return helplines() if any(map(speaks_of_crisis, texts)) else ()


def speaks_of_crisis(text: str | None) -> bool:
    """Whether a text holds one of the words. It decides nothing: a person looks."""
    key = _key(text or "")
    return any(word in key for word in crisis_words())


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
