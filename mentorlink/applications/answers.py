"""What the six screens ask, as one value: pure, without the web and without the database."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

Times = tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class IntakeAnswers:
    """Answers of one or of several screens; None leaves what is stored as it is.

    Codes are those of ``core.taxonomy``; ``times`` are pairs of weekday (Monday is 0) and part of the day
    (``morning``, ``afternoon``, ``evening``). An empty text, an empty tuple and False are answers, and clear what
    was there: ``prefecture=""`` says まだ決まっていない.
    """

    display_name: str | None = None
    display_kana: str | None = None
    contact_channel: str | None = None
    email: str | None = None
    phone: str | None = None
    call_hours: str | None = None
    safe_contact: bool | None = None
    no_voicemail: bool | None = None
    language: str | None = None
    prefecture: str | None = None
    city: str | None = None
    stage: str | None = None
    themes: tuple[str, ...] | None = None
    unsure_theme: bool | None = None
    targets: tuple[str, ...] | None = None
    any_target: bool | None = None
    categories: tuple[str, ...] | None = None  # the first is the one that matters most (◎)
    unsure_category: bool | None = None
    story: str | None = None
    modes: tuple[str, ...] | None = None
    times: Times | None = None
    by_talk: bool | None = None  # 時間は相談
    accommodations: tuple[str, ...] | None = None
    accommodation_note: str | None = None
    preferences: tuple[str, ...] | None = None
    avoided: tuple[str, ...] | None = None  # names of organisations, as written

    @classmethod
    def of(cls, values: "IntakeAnswers | Mapping[str, Any]") -> "IntakeAnswers":
        """The same from a mapping. Raises TypeError on a key that is no answer."""
        if isinstance(values, IntakeAnswers):
            return values
        return cls(**{key: _tidy(value) for key, value in values.items()})

    def given(self) -> dict[str, Any]:
        """Only what was answered."""
        return {each.name: value for each in fields(self) if (value := getattr(self, each.name)) is not None}


def _tidy(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


PERSON_FIELDS = (
    "display_name",
    "display_kana",
    "contact_channel",
    "email",
    "phone",
    "call_hours",
    "safe_contact",
    "no_voicemail",
    "language",
)
PLAIN_FIELDS = (
    "prefecture",
    "city",
    "stage",
    "unsure_theme",
    "any_target",
    "unsure_category",
    "story",
    "accommodation_note",
)
TERM_SCHEMES = {
    "themes": "theme",
    "targets": "target",
    "categories": "category",
    "modes": "mode",
    "accommodations": "accommodation",
    "preferences": "preference",
}
