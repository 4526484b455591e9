import threading

import pytest
from jinja2 import Environment
from markupsafe import Markup

from mentorlink.core import i18n
from mentorlink.core.i18n import (
    EASY,
    ENGLISH,
    FURIGANA,
    JAPANESE,
    LANGUAGE_NAMES,
    Language,
    current_language,
    gettext,
    install,
    lazy,
    mark,
    ngettext,
    plain,
    set_language,
    use_language,
)

WORDS = {
    "en": {
        "こんにちは、%(name)sさん": ("Hello, %(name)s",),
        "候補が%(n)sつあります": ("There is %(n)s hour", "There are %(n)s hours"),
        "申込": ("Application",),
    },
    "easy": {"申込": ("<ruby>申<rt>もう</rt></ruby>し<ruby>込<rt>こ</rt></ruby>み &amp; おねがい",)},
    "furigana": {
        "申込": ("<ruby>申込<rt>もうしこみ</rt></ruby>",),
        "%(name)sの申込": ("%(name)sの<ruby>申込<rt>もうしこみ</rt></ruby>",),
    },
}


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(i18n, "_catalogue", WORDS.__getitem__)


def test_the_source_language_is_japanese():
    assert current_language() == JAPANESE
    assert gettext("こんにちは、%(name)sさん", name="花子") == "こんにちは、花子さん"


def test_a_plain_text_stays_a_str_that_the_template_escapes():
    said = gettext("こんにちは、%(name)sさん", name="<b>")
    assert (type(said), said) == (str, "こんにちは、<b>さん")


def test_english_is_looked_up():
    with use_language(ENGLISH):
        assert gettext("申込") == "Application"


def test_what_english_lacks_is_shown_in_japanese():
    with use_language("en"):
        assert gettext("面談") == "面談"


def test_english_has_two_forms_for_a_counted_thing():
    with use_language("en"):
        assert [ngettext("候補が%(n)sつあります", n) for n in (0, 1, 2)] == [
            "There are 0 hours",
            "There is 1 hour",
            "There are 2 hours",
        ]


def test_japanese_has_one_form_for_a_counted_thing():
    assert ngettext("候補が%(n)sつあります", 1) == "候補が1つあります"


def test_ruby_is_markup_with_escaped_params():
    with use_language(FURIGANA):
        said = gettext("%(name)sの申込", name="<b>")
    assert isinstance(said, Markup)
    assert said == Markup("&lt;b&gt;の<ruby>申込<rt>もうしこみ</rt></ruby>")


def test_a_variant_falls_back_to_japanese():
    with use_language(EASY):
        assert gettext("%(name)sの申込", name="花子") == "花子の申込"


def test_easy_words_come_before_furigana():
    with use_language("easy+furigana"):
        assert gettext("申込").endswith("おねがい")
        assert "<ruby>" in gettext("%(name)sの申込", name="花子")


def test_markup_in_a_param_makes_the_whole_safe():
    said = gettext("<%(name)s>", name=Markup("<b>x</b>"))
    assert said == Markup("&lt;<b>x</b>&gt;")
    assert isinstance(said, Markup)


def test_plain_never_has_ruby():
    with use_language(FURIGANA):
        assert plain("申込") == "申込"


def test_plain_keeps_the_easy_words():
    with use_language(EASY):
        assert plain("申込") == "申し込み & おねがい"


def test_percent_signs_are_only_percent_signs():
    assert gettext("96% が満足、%(n)s 人", n=24) == "96% が満足、24 人"


def test_a_missing_param_is_noticed():
    with pytest.raises(KeyError):
        gettext("こんにちは、%(name)sさん")


def test_a_param_may_have_any_name():
    assert gettext("%(msgid)s", msgid="x") == "x"


def test_mark_changes_nothing():
    assert mark("申込") == "申込"


def test_a_lazy_message_is_looked_up_when_it_is_shown():
    label = lazy("申込")
    assert str(label) == "申込"
    with use_language("en"):
        assert str(label) == "Application"
        assert label == "Application"


def test_a_lazy_message_is_plain_and_gettext_gives_its_ruby():
    label = lazy("%(name)sの申込", name="花子")
    with use_language(FURIGANA):
        assert str(label) == "花子の申込"
        assert "<rt>" in gettext(label)


def test_a_lazy_message_can_be_filled_by_a_form():
    assert lazy("%(max)d文字まで") % {"max": 30} == "30文字まで"


def test_use_language_ends_with_its_block():
    with use_language("en"), use_language("ja"):
        assert current_language() == JAPANESE
    assert current_language() == JAPANESE


def test_set_language_is_of_this_context_only():
    seen = []
    thread = threading.Thread(target=lambda: (set_language("en"), seen.append(current_language())))
    thread.start()
    thread.join()
    assert (seen, current_language()) == ([ENGLISH], JAPANESE)


@pytest.mark.parametrize("name", LANGUAGE_NAMES)
def test_a_language_is_found_by_its_name(name):
    assert Language.named(name).name == name


def test_an_unknown_language_is_refused():
    with pytest.raises(ValueError, match="not a language"):
        Language.named("fr")


def test_a_template_speaks_the_current_language():
    environment = Environment(autoescape=True)
    install(environment)
    template = environment.from_string(
        "<b title=\"{{ _t('申込') }}\">{{ _('申込') }}</b>{{ _n('候補が%(n)sつあります', 2) }}"
    )
    assert template.render() == '<b title="申込">申込</b>候補が2つあります'
    with use_language(FURIGANA):
        assert '<b title="申込"><ruby>申込<rt>もうしこみ</rt></ruby></b>' in template.render()


def test_the_shipped_catalogues_are_read(monkeypatch):
    monkeypatch.undo()
    i18n._catalogue.cache_clear()
    assert {name: isinstance(i18n._catalogue(name), dict) for name in ("en", "easy", "furigana")} == {
        "en": True,
        "easy": True,
        "furigana": True,
    }


def test_fuzzy_and_empty_translations_are_not_shown(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "messages.po").write_text(
        'msgid "一"\nmsgstr ""\n\n#, fuzzy\nmsgid "二"\nmsgstr "two"\n\nmsgid "三"\nmsgstr "three"\n',
        encoding="utf-8",
    )
    i18n._catalogue.cache_clear()
    try:
        with use_language("en"):
            assert [gettext(word) for word in "一二三"] == ["一", "二", "three"]
    finally:
        i18n._catalogue.cache_clear()
