"""Telephone numbers of others who listen, from ``seed/helplines.csv``, each with the day it was checked."""

import csv
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from mentorlink.core.language import current_language
from mentorlink.core.paths import resource


@dataclass(frozen=True)
class Helpline:
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
def helplines() -> tuple[Helpline, ...]:
    with resource("seed", "helplines.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    days = [date.fromisoformat(row.pop("checked_on")) for row in rows]
    return tuple(Helpline(**row, checked_on=day) for row, day in zip(rows, days, strict=True))
