"""The words of the field: themes, stages, categories and the other lists, and the prefectures.

They come from ``seed/taxonomies.csv`` and ``seed/prefectures.csv``, read once. A code is what rows store; a name is
what people read. Codes are text: "01" is not 1, though a spreadsheet that ate the zero is understood.
"""

import csv
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from mentorlink.core.language import Language, current_language
from mentorlink.core.paths import resource


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list. ``easy`` is やさしい日本語, ``sentence`` how an applicant would say it; both may be empty."""

    scheme: str
    code: str
    ja: str
    en: str
    easy: str = ""
    sentence: str = ""
    sentence_en: str = ""
    aliases: tuple[str, ...] = ()

    def label(self, language: Language | str | None = None) -> str:
        """The name in ``language`` (a ``Language`` or its name); without one, in the reader's."""
        wanted = _language(language)
        if wanted.code == "en":
            return self.en
        return self.easy if wanted.easy and self.easy else self.ja

    def said(self, language: Language | str | None = None) -> str:
        """The sentence that a form offers as the choice; the name where the list has no sentence."""
        if _language(language).code == "en":
            return self.sentence_en or self.en
        return self.sentence or self.label(language)

    def __str__(self) -> str:
        return self.label()


@dataclass(frozen=True, slots=True)
class Prefecture:
    """One of the 47 (JIS X 0401). ``neighbours`` share a land border, a bridge, a tunnel or the shortest ferry."""

    code: str
    ja: str
    kana: str
    en: str
    block: str
    neighbours: frozenset[str]

    def label(self, language: Language | str | None = None) -> str:
        return self.en if _language(language).code == "en" else self.ja

    def is_near(self, other: "Prefecture") -> bool:
        """Whether the other is this one or next to it: what 「近い地域」 means."""
        return other.code == self.code or other.code in self.neighbours

    def __str__(self) -> str:
        return self.label()


class Terms(tuple[Term, ...]):
    """Several terms inside one pair of quotation marks of a sentence: 「%(themes)s」 → 「住まい」「学習支援」."""

    __slots__ = ()

    def __str__(self) -> str:
        separator = "”, “" if current_language().code == "en" else "」「"
        return separator.join(term.label() for term in self)


@lru_cache
def schemes() -> tuple[str, ...]:
    """The names of all lists, in the order of the file."""
    return tuple(_by_scheme())


def terms(scheme: str) -> tuple[Term, ...]:
    """Every term of one list, in its order. Raises KeyError for a list that does not exist."""
    return tuple(_by_scheme()[scheme].values())


def term(scheme: str, code: str) -> Term:
    """One term. Raises KeyError for an unknown list or code."""
    return _by_scheme()[scheme][code]


@lru_cache
def codes(scheme: str) -> tuple[str, ...]:
    """The codes of one list, in its order: a code's place here is its bit in ``fit``'s sets."""
    return tuple(_by_scheme()[scheme])


def by_name(scheme: str, text: str) -> Term | None:
    """The term that ``text`` means: its code, a name in either language, an alias; None for anything else.

    Width, case and blanks do not matter, "1" means "01", and the part before a bracket suffices where it is unique.
    """
    code = _by_key(scheme).get(_key(text))
    return None if code is None else term(scheme, code)


def is_open_answer(scheme: str, text: str) -> bool:
    """Whether the text is that question's way of not choosing: 「うまく言えない」, 「どなたでも」, 「まだ決まっていない」."""
    found = by_name("open_answer", text)
    return found is not None and found.code == scheme


@lru_cache
def prefectures() -> tuple[Prefecture, ...]:
    """The 47 prefectures in the order of their codes."""
    return tuple(
        Prefecture(
            code=row["code"],
            ja=row["ja"],
            kana=row["kana"],
            en=row["en"],
            block=row["block"],
            neighbours=frozenset(row["neighbours"].split(";")) - {""},
        )
        for row in _rows("prefectures.csv")
    )


def prefecture(code: str) -> Prefecture:
    """One prefecture. Raises KeyError for an unknown code."""
    return _prefectures_by_code()[code]


def prefecture_by_name(text: str) -> Prefecture | None:
    """The prefecture that ``text`` means: 13, 東京都, 東京, とうきょうと or Tokyo; None for anything else."""
    code = _prefectures_by_key().get(_key(text))
    return None if code is None else prefecture(code)


def _language(language: Language | str | None) -> Language:
    if language is None:
        return current_language()
    return Language.named(language) if isinstance(language, str) else language


def _rows(name: str) -> Iterator[dict[str, str]]:
    with resource("seed", name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@lru_cache
def _by_scheme() -> Mapping[str, Mapping[str, Term]]:
    found: dict[str, dict[str, Term]] = {}
    for row in _rows("taxonomies.csv"):
        aliases = tuple(alias for alias in row.pop("aliases").split(";") if alias)
        new = Term(**row, aliases=aliases)
        if new.code in found.setdefault(new.scheme, {}):
            raise ValueError(f"taxonomies.csv has {new.scheme} {new.code} twice")
        found[new.scheme][new.code] = new
    return found


@lru_cache
def _prefectures_by_code() -> Mapping[str, Prefecture]:
    return {each.code: each for each in prefectures()}


def _key(text: str) -> str:
    """What of a spelling matters. A lone digit gets back the zero that a spreadsheet ate."""
    key = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return key.zfill(2) if key.isdecimal() else key


@lru_cache
def _by_key(scheme: str) -> Mapping[str, str]:
    exact = (
        (name, each.code) for each in terms(scheme) for name in (each.code, each.ja, each.en, *each.aliases)
    )
    short = [(_key(each.ja).partition("(")[0], each.code) for each in terms(scheme)]
    unique = Counter(name for name, _ in short)
    return _index([*exact, *((name, code) for name, code in short if unique[name] == 1)])


@lru_cache
def _prefectures_by_key() -> Mapping[str, str]:
    long = ((name, each.code) for each in prefectures() for name in (each.code, each.ja, each.kana, each.en))
    short = ((each.ja[:-1], each.code) for each in prefectures())
    return _index([*long, *short])


def _index(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, code in names:
        found.setdefault(_key(name), code)
    return found
