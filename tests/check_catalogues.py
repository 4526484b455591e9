"""Holds the words to their rules: ``python -m tests.check_catalogues`` (exit 1 lists what is wrong).

``--update`` adds what is missing to the English catalogue, to be filled in, and drops what nobody says any more.
``--fill words.json [--language en|easy|furigana]`` writes ``{"Japanese": "translation"}`` (for counted things
``["one", "many"]``) into a catalogue; both take a lock, so that several people can write at once.
"""

import argparse
import fcntl
import html
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast

from mentorlink.core.i18n import PLACEHOLDER

ROOT = Path(__file__).resolve().parents[1]
KEYWORDS = ("_", "_t", "_n", "gettext", "ngettext", "plain", "mark", "N_", "lazy", "_l")
COUNTING = ("_n", "ngettext")
VARIANTS = ("easy", "furigana")
LANGUAGE_OF = {"en": "en", "easy": "ja", "furigana": "ja"}

HURTFUL = re.compile(
    "審査|却下|対象外|ケース(?!会議)|エラー|不正|拒否|失敗|違反|無効|督促|不備|不採用|不合格|落選|欠席|滞納|ドタキャン|無断|怠"
)
HURTFUL_IN_ENGLISH = re.compile(
    r"\b(errors?|invalid|reject\w*|denied|denial|fail\w*|illegal|ineligible|forbidden|no-show|overdue|unqualified)\b",
    re.IGNORECASE,
)
SEEN_BY_APPLICANTS = re.compile(
    r"templates/(applications|home|surveys|engagements|scheduling|mail|components|errors)/|templates/base\.html$"
    r"|mentorlink/(applications|home|surveys|engagements|scheduling)/(forms|views|notices)"
    r"|mentorlink/(app|core/(text_input|dates|errors|web\w*))\.py$"
)
OFFICE_ONLY = re.compile("office")  # in the path: what no applicant opens may use the office's words

SAME_IN_ENGLISH = {"日本語", "やさしい日本語", "ふりがな"}  # a language switch names each in its own words
_KANA_OR_KANJI = re.compile("[\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff]")
_SAID_IN_JAPANESE_ON_PURPOSE = re.compile(r'<!--.*?-->|\blang="ja"[^<>]*>[^<]*<', re.DOTALL)
_WRONG_PLACEHOLDER = re.compile(r"%\(\w*\)(?!s)|%[sdr](?!\w)")
_VARIANT_TAG = re.compile(r"</?(ruby|rt|rp|strong|em|span)>|<(br|wbr)>")
_READING = re.compile(r"<r[tp]>.*?</r[tp]>")
_TAG = re.compile(r"<[^>]*>")


@dataclass
class Source:
    """What one file says: its messages and where it speaks Japanese without them."""

    path: str
    messages: dict[str, int] = field(default_factory=dict)  # the text → its first line
    counted: set[str] = field(default_factory=set)
    unmarked: list[tuple[int, str]] = field(default_factory=list)

    @property
    def is_seen_by_applicants(self) -> bool:
        return bool(SEEN_BY_APPLICANTS.search(self.path)) and not OFFICE_ONLY.search(self.path)

    def add(self, line: int, keyword: str, arguments: object) -> None:
        first = arguments[0] if isinstance(arguments, tuple | list) and arguments else arguments
        if isinstance(first, str) and first:
            self.messages.setdefault(first, line)
            if keyword in COUNTING:
                self.counted.add(first)


def read_sources(root: Path = ROOT) -> list[Source]:
    """Every Python module and template that carries words."""
    modules = [_read_module(root, path) for path in sorted((root / "mentorlink").rglob("*.py"))]
    templates = sorted(p for p in (root / "templates").rglob("*") if p.suffix in (".html", ".txt"))
    return modules + [_read_template(root, path) for path in templates]


def _read_module(root: Path, path: Path) -> Source:
    source = Source(path.relative_to(root).as_posix())
    content = path.read_bytes()
    if b'"' in content:
        for line, keyword, arguments, _comments in extract_python(io.BytesIO(content), KEYWORDS, (), {}):
            source.add(line, keyword, arguments)
    return source


_JINJA = Environment(extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"], autoescape=True)


def _read_template(root: Path, path: Path) -> Source:
    source = Source(path.relative_to(root).as_posix())
    tree = _JINJA.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for line, keyword, arguments in extract_from_ast(tree, KEYWORDS, babel_style=False):
        source.add(line, keyword, arguments)
    source.unmarked = sorted(_unmarked(tree))
    return source


def _unmarked(tree: nodes.Template) -> Iterator[tuple[int, str]]:
    """Japanese outside of a call that translates: as text of the page, or handed to a macro as a string."""
    marked = {
        id(call.args[0])
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in KEYWORDS and call.args
    }
    for node in tree.find_all((nodes.TemplateData, nodes.Const)):
        text = node.data if isinstance(node, nodes.TemplateData) else node.value
        if isinstance(text, str) and id(node) not in marked:
            for line in _SAID_IN_JAPANESE_ON_PURPOSE.sub("", text).splitlines():
                if _KANA_OR_KANJI.search(line):
                    yield node.lineno, line.strip()


# ---- the rules


def find_problems(sources: list[Source], catalogues: dict[str, Catalog]) -> list[str]:
    """One line for each thing that is wrong, sources first."""
    problems = [*_source_problems(sources)]
    said = {text for source in sources for text in source.messages}
    counted = {text for source in sources for text in source.counted}
    problems += _english_problems(catalogues["en"], said, counted)
    for name, catalogue in catalogues.items():
        problems += [
            f"{name}: nobody says 「{key}」 any more" for key in sorted(set(_by_id(catalogue)) - said)
        ]
        problems += _placeholder_problems(name, catalogue)
    for name in VARIANTS:
        problems += _variant_problems(name, catalogues[name])
    seen = {text for source in sources if source.is_seen_by_applicants for text in source.messages}
    problems += _hurtful_translations(catalogues, seen)
    return problems


def _source_problems(sources: list[Source]) -> Iterator[str]:
    for source in sources:
        for line, text in source.unmarked:
            yield f"{source.path}:{line}: Japanese outside of _(): {text}"
        for text, line in source.messages.items():
            if _WRONG_PLACEHOLDER.search(text):
                yield f"{source.path}:{line}: only %(name)s is a placeholder: {text}"
            if source.is_seen_by_applicants and (word := HURTFUL.search(text)):
                yield f"{source.path}:{line}: 「{word[0]}」 hurts: {text}"


def _english_problems(english: Catalog, said: set[str], counted: set[str]) -> Iterator[str]:
    messages = _by_id(english)
    for text in sorted(said):
        message = messages.get(text)
        if message is None:
            yield f"en: missing: {text}"
        elif message.fuzzy or not all(_forms(message)):
            yield f"en: {'fuzzy' if message.fuzzy else 'empty'}: {text}"
        elif text in _forms(message) and _KANA_OR_KANJI.search(text) and text not in SAME_IN_ENGLISH:
            yield f"en: not translated: {text}"
        elif text in counted and len(_forms(message)) != 2:
            yield f"en: needs a singular and a plural: {text}"


def _placeholder_problems(name: str, catalogue: Catalog) -> Iterator[str]:
    for text, message in _by_id(catalogue).items():
        wanted = set(PLACEHOLDER.findall(text))
        for form in filter(None, _forms(message)):
            if set(PLACEHOLDER.findall(form)) != wanted or _WRONG_PLACEHOLDER.search(form):
                yield f"{name}: other placeholders than 「{text}」: {form}"


def _variant_problems(name: str, catalogue: Catalog) -> Iterator[str]:
    for text, message in _by_id(catalogue).items():
        form = _forms(message)[0]
        if not form or message.fuzzy:
            yield f"{name}: empty or fuzzy: {text}"
        elif not _is_sound_markup(form):
            yield f"{name}: broken ruby: {form}"
        elif name == "furigana" and _without_ruby(form) != text:
            yield f"furigana: other words than 「{text}」: {form}"


def _hurtful_translations(catalogues: dict[str, Catalog], seen: set[str]) -> Iterator[str]:
    for name, catalogue in catalogues.items():
        hurtful = HURTFUL_IN_ENGLISH if LANGUAGE_OF[name] == "en" else HURTFUL
        for text, message in _by_id(catalogue).items():
            for form in filter(None, _forms(message)):
                if text in seen and (word := hurtful.search(_without_ruby(form))):
                    yield f"{name}: 「{word[0]}」 hurts: {form}"


def _is_sound_markup(form: str) -> bool:
    """Only the tags that a variant needs, each closed in its turn."""
    if "<" in _VARIANT_TAG.sub("", form):
        return False
    opened: list[str] = []
    for tag in _VARIANT_TAG.finditer(form):
        if tag[2]:
            continue
        if not tag[0].startswith("</"):
            opened.append(tag[1])
        elif not opened or opened.pop() != tag[1]:
            return False
    return not opened and form.count("<ruby>") <= form.count("<rt>")


def _without_ruby(form: str) -> str:
    return html.unescape(_TAG.sub("", _READING.sub("", form)))


# ---- the catalogues


def read_catalogues(locales: Path) -> dict[str, Catalog]:
    """The three catalogues by name."""
    return {name: _read_catalogue(locales / name / "messages.po") for name in LANGUAGE_OF}


def _read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, ignore_obsolete=True)


def _by_id(catalogue: Catalog) -> dict[str, Message]:
    return {_key(message): message for message in catalogue if message.id}


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(s or "" for s in message.string)


def update(catalogue: Catalog, sources: list[Source], *, add_missing: bool) -> Catalog:
    """The same translations for what the sources say now."""
    counted = {text for source in sources for text in source.counted}
    said = {text for source in sources for text in source.messages}
    old = _by_id(catalogue)
    updated = Catalog(fuzzy=False)
    for text in said if add_missing else said & set(old):
        forms = _forms(old[text]) if text in old else ("",)
        fuzzy = text in old and old[text].fuzzy
        _put(updated, text, forms, counted=add_missing and text in counted, fuzzy=fuzzy)
    return updated


def fill(catalogue: Catalog, words: dict[str, str | list[str]]) -> Catalog:
    """The catalogue with these translations set; the others stay."""
    filled = Catalog(fuzzy=False)
    for text, message in _by_id(catalogue).items():
        if text not in words:
            _put(filled, text, _forms(message), counted=not isinstance(message.id, str), fuzzy=message.fuzzy)
    for text, translation in words.items():
        forms = (translation,) if isinstance(translation, str) else tuple(translation)
        _put(filled, text, forms, counted=len(forms) > 1)
    return filled


def _put(
    catalogue: Catalog, text: str, forms: tuple[str, ...], *, counted: bool, fuzzy: bool = False
) -> None:
    message = catalogue.add((text, text), (forms * 2)[:2]) if counted else catalogue.add(text, forms[0])
    message.flags = {"fuzzy"} if fuzzy else set()


def as_po(name: str, catalogue: Catalog) -> bytes:
    """The file: sorted, one line for each text, without locations and times, so that a diff shows words only."""
    header = [
        'msgid ""',
        'msgstr ""',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        '"Content-Transfer-Encoding: 8bit\\n"',
        f'"Language: {LANGUAGE_OF[name]}\\n"',
    ]
    if name == "en":
        header.append('"Plural-Forms: nplurals=2; plural=(n != 1);\\n"')
    buffer = io.BytesIO()
    write_po(
        buffer, catalogue, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    return "\n".join([*header, "", ""]).encode() + buffer.getvalue().strip() + b"\n"


@contextmanager
def _locked(locales: Path) -> Iterator[None]:
    with (locales / "en" / "messages.po").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main(arguments: Iterable[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--fill", type=Path, metavar="WORDS.json")
    parser.add_argument("--language", choices=LANGUAGE_OF, default="en")
    options = parser.parse_args(None if arguments is None else list(arguments))
    locales = root / "mentorlink" / "locales"
    sources = read_sources(root)
    with _locked(locales):
        if options.fill:
            path = locales / options.language / "messages.po"
            words = json.loads(options.fill.read_text(encoding="utf-8"))
            path.write_bytes(as_po(options.language, fill(_read_catalogue(path), words)))
        if options.update:
            for name, catalogue in read_catalogues(locales).items():
                updated = update(catalogue, sources, add_missing=name == "en")
                (locales / name / "messages.po").write_bytes(as_po(name, updated))
        problems = find_problems(sources, read_catalogues(locales))
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    said = len({text for source in sources for text in source.messages})
    sys.stderr.write(f"{said} messages, {len(problems)} problems\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
