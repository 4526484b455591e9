"""The columns of an open run that may change, and what they may be. All others are frozen when it opens."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from mentorlink.core.dates import FIRST_YEAR, LAST_YEAR
from mentorlink.core.text_input import BadText, clean_text

Value = str | int | bool | date | None


class Rule(NamedTuple):
    """``kind`` of the values; texts have from ``least`` to ``most`` characters, numbers are between the two."""

    kind: type
    least: int = 0
    most: int = 0
    optional: bool = False


ON, OFF = "on", "off"  # a switch, as an amendment keeps it and a form sends it
DATES = ("opens_on", "closes_on", "result_on")
PROMISED = ("closes_on", "result_on")  # whoever waits for a selection was told these days
WORDS = ("name_ja", "name_en", "talk_ja", "talk_en", "introduction_ja", "introduction_en")
CAPACITY = ("target_number", "reviewers_min", "answer_hours", "offer_hours", "search_days", "horizon_days")
SWITCHES = ("nightly_round",)
POINTS = tuple(
    f"points_{name}"
    for name in (
        "theme",
        "target",
        "main_category",
        "other_category",
        "stage",
        "similar",
        "similar_most",
        "region",
    )
)
PASSAGES = ("introduction_ja", "introduction_en")

AMENDABLE: Mapping[str, Rule] = MappingProxyType(
    {
        **{name: Rule(date, optional=name != "opens_on") for name in DATES},
        **{
            name: Rule(str, 0 if name in PASSAGES else 1, 1000 if name in PASSAGES else 60, name in PASSAGES)
            for name in WORDS
        },
        "target_number": Rule(int, 1, 10_000, optional=True),
        "reviewers_min": Rule(int, 1, 9),
        **{name: Rule(int, 1, 10_000) for name in ("answer_hours", "offer_hours", "search_days")},
        "horizon_days": Rule(int, 1, 180),
        **{name: Rule(bool) for name in SWITCHES},
        **{name: Rule(int, 0, 100) for name in POINTS},
    }
)


def is_possible(field: str, value: Value) -> bool:
    rule = AMENDABLE[field]
    if value is None:
        return rule.optional
    if type(value) is not rule.kind:  # a bool is no number, an instant no day
        return False
    if isinstance(value, str):
        return _is_readable(value, rule) and len(value) >= max(1, rule.least)
    if isinstance(value, bool):
        return True
    if isinstance(value, date):
        return FIRST_YEAR <= value.year <= LAST_YEAR
    return rule.least <= value <= rule.most


def as_text(value: Any) -> str | None:
    """As it stands in an amendment's ``old`` and ``new``."""
    if isinstance(value, bool):
        return ON if value else OFF
    return value.isoformat() if isinstance(value, date) else None if value is None else str(value)


def value_of(field: str, text: str | None) -> Value:
    """What ``as_text`` wrote of this field."""
    if text is None:
        return None
    kind = AMENDABLE[field].kind
    if kind is bool:
        return text == ON
    return date.fromisoformat(text) if kind is date else int(text) if kind is int else text


def _is_readable(text: str, rule: Rule) -> bool:
    try:
        return clean_text(text, multiline=rule.most > 60, maximum=rule.most, required=True) == text
    except BadText:
        return False
