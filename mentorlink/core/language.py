"""Which language the person at the other end reads: set once per request or message, read everywhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Self

LANGUAGE_NAMES = ("ja", "en", "easy", "furigana", "easy+furigana")


@dataclass(frozen=True, slots=True)
class Language:
    """A language and, for Japanese, its variants: やさしい日本語 and ふりがな. English has no variants."""

    code: Literal["ja", "en"] = "ja"
    easy: bool = False
    furigana: bool = False

    @classmethod
    def named(cls, name: str) -> Self:
        """The language of one of ``LANGUAGE_NAMES``, as cookies and outbox rows store it. Else ValueError."""
        if name not in LANGUAGE_NAMES:
            raise ValueError(f"not a language: {name!r}")
        if name == "en":
            return cls("en")
        return cls("ja", easy="easy" in name, furigana="furigana" in name)

    @property
    def name(self) -> str:
        """One of ``LANGUAGE_NAMES``; ``named`` reads it back."""
        variants = [name for name, on in (("easy", self.easy), ("furigana", self.furigana)) if on]
        return "+".join(variants) if variants and self.code == "ja" else self.code


JAPANESE = Language("ja")
ENGLISH = Language("en")
EASY = Language("ja", easy=True)
FURIGANA = Language("ja", furigana=True)

_current: ContextVar[Language] = ContextVar("language", default=JAPANESE)


def current_language() -> Language:
    return _current.get()


def set_language(language: Language | str) -> None:
    """From here on in this context, for example for the rest of a request."""
    _current.set(Language.named(language) if isinstance(language, str) else language)


@contextmanager
def use_language(language: Language | str) -> Iterator[Language]:
    """Inside the ``with`` only, for example while one mail is rendered."""
    wanted = Language.named(language) if isinstance(language, str) else language
    token = _current.set(wanted)
    try:
        yield wanted
    finally:
        _current.reset(token)
