from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.check_catalogues import as_po, fill, find_problems, main, read_catalogues, read_sources, update

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


class House:
    """A small root with templates and catalogues."""

    def __init__(self, root: Path):
        self.root = root
        for name in ("en", "easy", "furigana"):
            self.po(name, {})

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def po(self, name: str, words: dict[str, str]) -> None:
        entries = "\n\n".join(f'msgid "{text}"\nmsgstr "{word}"' for text, word in words.items())
        self.write(f"mentorlink/locales/{name}/messages.po", HEADER + entries + "\n")

    def problems(self) -> list[str]:
        return find_problems(read_sources(self.root), read_catalogues(self.root / "mentorlink" / "locales"))


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_a_complete_house_has_no_problem(house):
    house.write(
        "templates/home/page.html",
        "<h1 title=\"{{ _t('申込') }}\">{{ _('%(n)s件', n=3) }}</h1>{# 注 #}<!-- 注 -->",
    )
    house.write("mentorlink/home/forms.py", 'label = lazy("お名前")\n')
    house.po("en", {"申込": "Application", "%(n)s件": "%(n)s items", "お名前": "Name"})
    house.po("furigana", {"申込": "<ruby>申込<rt>もうしこみ</rt></ruby>"})
    assert house.problems() == []


def test_missing_empty_and_untranslated_words_are_named(house):
    house.write("templates/home/page.html", "{{ _('申込') }}{{ _('面談') }}{{ _('支援') }}")
    house.po("en", {"面談": "", "支援": "支援"})
    assert sorted(house.problems()) == ["en: empty: 面談", "en: missing: 申込", "en: not translated: 支援"]


def test_a_fuzzy_word_is_named(house):
    house.write("templates/home/page.html", "{{ _('申込') }}")
    house.write(
        "mentorlink/locales/en/messages.po", HEADER + '#, fuzzy\nmsgid "申込"\nmsgstr "Application"\n'
    )
    assert house.problems() == ["en: fuzzy: 申込"]


def test_what_nobody_says_is_named(house):
    house.po("en", {"申込": "Application"})
    assert house.problems() == ["en: nobody says 「申込」 any more"]


def test_a_counted_thing_needs_two_forms(house):
    house.write("templates/home/page.html", "{{ _n('%(n)s件', n) }}")
    house.po("en", {"%(n)s件": "%(n)s items"})
    assert house.problems() == ["en: needs a singular and a plural: %(n)s件"]


def test_placeholders_have_to_agree(house):
    house.write("templates/home/page.html", "{{ _('%(n)s件', n=1) }}{{ _('%(n)d回', n=1) }}")
    house.po("en", {"%(n)s件": "%(m)s items", "%(n)d回": "times"})
    assert house.problems() == [
        "templates/home/page.html:1: only %(name)s is a placeholder: %(n)d回",
        "en: other placeholders than 「%(n)s件」: %(m)s items",
    ]


@pytest.mark.parametrize(
    "template",
    [
        "<p>申込</p>",
        "{{ button('申込') }}",
        "<img alt='申込'>",
        "{% set label = '申込' %}",
        "{{ '申込' ~ n }}",
    ],
)
def test_japanese_outside_of_a_message_is_named(house, template):
    house.write("templates/home/page.html", template)
    assert [problem.partition(": ")[2][:21] for problem in house.problems()] == ["Japanese outside of _"]


def test_a_language_may_be_named_in_itself(house):
    house.write("templates/base.html", '<button lang="ja">日本語</button>')
    assert house.problems() == []


@pytest.mark.parametrize("path", ["templates/home/page.html", "templates/mail/home/m17/subject.txt"])
def test_a_word_that_hurts_is_named(house, path):
    house.write(path, "{{ _('審査の結果') }}")
    house.po("en", {"審査の結果": "Your application was rejected"})
    assert house.problems() == [
        f"{path}:1: 「審査」 hurts: 審査の結果",
        "en: 「rejected」 hurts: Your application was rejected",
    ]


@pytest.mark.parametrize("path", ["templates/applications/office_desk.html", "templates/casework/page.html"])
def test_the_office_may_use_its_words(house, path):
    house.write(path, "{{ _('審査の結果') }}")
    house.po("en", {"審査の結果": "Decision"})
    assert house.problems() == []


@pytest.mark.parametrize(
    ("ruby", "problem"),
    [
        ("<ruby>申込<rt>もうしこみ</ruby>", "broken ruby"),
        ("<script>申込</script>", "broken ruby"),
        ("<ruby>申請<rt>しんせい</rt></ruby>", "other words than 「申込」"),
    ],
)
def test_furigana_are_the_same_words_in_sound_markup(house, ruby, problem):
    house.write("templates/home/page.html", "{{ _('申込') }}")
    house.po("en", {"申込": "Application"})
    house.po("furigana", {"申込": ruby})
    assert house.problems() == [f"furigana: {problem}: {ruby}"]


def test_update_adds_drops_and_keeps(house):
    house.write("templates/home/page.html", "{{ _('申込') }}{{ _n('%(n)s件', n) }}")
    house.po("en", {"申込": "Application", "面談": "Talk"})
    assert main(["--update"], house.root) == 1
    path = house.root / "mentorlink/locales/en/messages.po"
    assert path.read_text(encoding="utf-8").split("\n\n")[1:] == [
        'msgid "%(n)s件"\nmsgid_plural "%(n)s件"\nmsgstr[0] ""\nmsgstr[1] ""',
        'msgid "申込"\nmsgstr "Application"\n',
    ]
    once = path.read_bytes()
    main(["--update"], house.root)
    assert path.read_bytes() == once


def test_fill_writes_translations(house):
    house.write("templates/home/page.html", "{{ _('申込') }}{{ _n('%(n)s件', n) }}")
    house.write("words.json", '{"申込": "Application", "%(n)s件": ["%(n)s item", "%(n)s items"]}')
    assert main(["--fill", str(house.root / "words.json")], house.root) == 0


def test_a_written_catalogue_is_read_back(tmp_path):
    house = House(tmp_path)
    house.po("en", {"申込": "Application"})
    catalogue = fill(read_catalogues(house.root / "mentorlink" / "locales")["en"], {"面談": 'A "talk"'})
    house.root.joinpath("x.po").write_bytes(as_po("en", catalogue))
    with house.root.joinpath("x.po").open("rb") as file:
        assert {m.id: m.string for m in read_po(file) if m.id} == {"申込": "Application", "面談": 'A "talk"'}


def test_update_of_a_variant_adds_nothing(house):
    house.write("templates/home/page.html", "{{ _('申込') }}{{ _('面談') }}")
    house.po("easy", {"申込": "おねがい", "支援": "てつだい"})
    sources = read_sources(house.root)
    updated = update(
        read_catalogues(house.root / "mentorlink" / "locales")["easy"], sources, add_missing=False
    )
    assert [message.id for message in updated if message.id] == ["申込"]
