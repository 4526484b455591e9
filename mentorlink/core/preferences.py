"""How somebody likes to read: language, easy words, furigana, size of text, contrast. One cookie, no account.

The cookie holds known words joined by dots (``ja.furigana.large``); anything else in it is passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from mentorlink.core.language import Language

COOKIE = "mentorlink_prefs"
TextSize = Literal["normal", "large", "larger"]
SIZES: tuple[TextSize, ...] = ("normal", "large", "larger")


@dataclass(frozen=True)
class Preferences:
    english: bool = False
    easy: bool = False
    furigana: bool = False
    text_size: TextSize = "normal"
    contrast: bool = False

    @classmethod
    def read(cls, cookie: str | None) -> "Preferences":
        words = set((cookie or "").split("."))
        return cls(
            english="en" in words,
            easy="easy" in words,
            furigana="furigana" in words,
            text_size=next((size for size in SIZES if size in words), "normal"),
            contrast="contrast" in words,
        )

    def write(self) -> str:
        switches = ("easy", "furigana", "contrast")
        on = [name for name in switches if getattr(self, name)]
        return ".".join(["en" if self.english else "ja", *on, self.text_size])

    def changed(self, wishes: Mapping[str, str]) -> "Preferences":
        """With what the pressed button says; unknown names and values change nothing."""
        values: dict[str, Any] = {
            name: wishes[name] == "on"
            for name in ("easy", "furigana", "contrast")
            if wishes.get(name) in ("on", "off")
        }
        if wishes.get("locale") in ("ja", "en"):
            values["english"] = wishes["locale"] == "en"
        if wishes.get("text_size") in SIZES:
            values["text_size"] = wishes["text_size"]
        return replace(self, **values)

    @property
    def language(self) -> Language:
        if self.english:
            return Language("en")
        return Language("ja", easy=self.easy, furigana=self.furigana)

    @property
    def display_classes(self) -> str:
        """Words for the class of ``<html>``; easy and furigana follow from the language."""
        size = [] if self.text_size == "normal" else [f"text-{self.text_size}"]
        return " ".join(size + (["contrast"] if self.contrast else []))
