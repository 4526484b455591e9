"""The words on screen and in mails. The source language is Japanese: a message's id is its Japanese text.

``en`` is complete (``python -m tests.check_catalogues`` holds it to that). ``easy`` (やさしい日本語) and
``furigana`` are Japanese written by hand, as HTML with ``<ruby>``; what they lack is shown in plain Japanese.
"""

import html
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment
from markupsafe import Markup, escape

from mentorlink.core import dates
from mentorlink.core.language import (
    EASY,
    ENGLISH,
    FURIGANA,
    JAPANESE,
    LANGUAGE_NAMES,
    Language,
    current_language,
    set_language,
    use_language,
)

__all__ = [
    "EASY",
    "ENGLISH",
    "FURIGANA",
    "JAPANESE",
    "LANGUAGE_NAMES",
    "LOCALES",
    "N_",
    "PLACEHOLDER",
    "Language",
    "LazyText",
    "current_language",
    "gettext",
    "install",
    "lazy",
    "mark",
    "ngettext",
    "plain",
    "set_language",
    "use_language",
]

LOCALES = Path(__file__).resolve().parents[1] / "locales"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_READING = re.compile(r"<r[tp]>.*?</r[tp]>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


class LazyText:
    """A message that is looked up when it is shown. Its ``str`` never carries ruby; ``gettext(lazy)`` may."""

    __slots__ = ("msgid", "params")

    def __init__(self, msgid: str, params: Mapping[str, object]):
        self.msgid = msgid
        self.params = dict(params)

    def __str__(self) -> str:
        return plain(self.msgid, **self.params)

    def __repr__(self) -> str:
        return f"lazy({self.msgid!r})"

    def __mod__(self, values: object) -> str:
        return str(self) % values

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __len__(self) -> int:
        return len(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | LazyText) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.msgid)


class _Found(NamedTuple):
    text: str
    has_markup: bool


def gettext(msgid: str | LazyText, /, **params: object) -> str:
    """The message as the content of an element: ``Markup`` (with escaped params) where it carries ruby.

    ``%(name)s`` stands for a param; any other ``%`` is a percent sign. Raises KeyError on a missing param.
    """
    if isinstance(msgid, LazyText):
        params = {**msgid.params, **params}
        msgid = msgid.msgid
    return _filled(_translation(msgid), params)


def ngettext(msgid: str, n: int, /, **params: object) -> str:
    """``gettext`` for a counted thing: English has two forms, Japanese one. ``%(n)s`` is the number."""
    english_plural = current_language().code == "en" and n != 1
    return _filled(_translation(msgid, plural=english_plural), {"n": n, **params})


def plain(msgid: str | LazyText, /, **params: object) -> str:
    """The message as text without ruby: for attributes, ``<title>``, mails and subjects."""
    if isinstance(msgid, LazyText):
        params = {**msgid.params, **params}
        msgid = msgid.msgid
    language = current_language()
    found = _translation(msgid, language=Language(language.code, easy=language.easy))
    text = html.unescape(_TAG.sub("", _READING.sub("", found.text))) if found.has_markup else found.text
    return PLACEHOLDER.sub(lambda match: str(params[match[1]]), text)


def mark(msgid: str) -> str:
    """Puts a message into the catalogues; the translation happens later, by ``gettext(value)``."""
    return msgid


N_ = mark


def lazy(msgid: str, /, **params: object) -> LazyText:
    """A message for a place that is evaluated at import, such as the label of a form's field."""
    return LazyText(msgid, params)


def install(environment: Environment) -> None:
    """Give a Jinja environment ``_``, ``_t``, ``_n``, ``current_language`` and the filters for dates."""
    environment.globals.update(_=gettext, _t=plain, _n=ngettext, current_language=current_language)
    environment.filters.update(dates.FILTERS)


def _translation(msgid: str, *, plural: bool = False, language: Language | None = None) -> _Found:
    language = language or current_language()
    if language.code == "en":
        singular_and_plural = _catalogue("en").get(msgid, (msgid,))
        return _Found(singular_and_plural[-1 if plural else 0], has_markup=False)
    for variant, wanted in (("easy", language.easy), ("furigana", language.furigana)):
        if wanted and msgid in _catalogue(variant):
            return _Found(_catalogue(variant)[msgid][0], has_markup=True)
    return _Found(msgid, has_markup=False)


def _filled(found: _Found, params: Mapping[str, object]) -> str:
    if found.has_markup or any(hasattr(value, "__html__") for value in params.values()):
        template = found.text if found.has_markup else str(escape(found.text))
        return Markup(PLACEHOLDER.sub(lambda match: str(escape(params[match[1]])), template))  # noqa: S704 - escaped
    return PLACEHOLDER.sub(lambda match: str(params[match[1]]), found.text)


@cache
def _catalogue(name: str) -> dict[str, tuple[str, ...]]:
    """Message id → its forms (one; two for a counted thing in English). Empty and fuzzy ones are left out."""
    with (LOCALES / name / "messages.po").open("rb") as file:
        catalogue: Catalog = read_po(file)
    found: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if message.id and all(forms) and not message.fuzzy:
            found[message.id if isinstance(message.id, str) else message.id[0]] = tuple(map(str, forms))
    return found
