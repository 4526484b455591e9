"""The words of the field and how a spreadsheet may spell them."""

import re

import pytest

from mentorlink.core import taxonomy
from mentorlink.core.i18n import use_language
from mentorlink.core.taxonomy import Terms, by_name, prefecture, prefecture_by_name, prefectures, term

SIZES = {
    "theme": 24,
    "target": 16,
    "stage": 7,
    "category": 19,
    "legal_form": 15,
    "event_kind": 19,
    "delivery": 6,
    "response_way": 5,
    "milestone": 5,
    "ending": 8,
    "occupation": 10,
    "age_band": 7,
    "mode": 3,
    "accommodation": 13,
    "preference": 7,
    "setting": 4,
    "funding": 8,
    "channel": 3,
    "open_answer": 5,
}


def test_the_lists_are_those_of_the_field():
    assert {scheme: len(taxonomy.terms(scheme)) for scheme in taxonomy.schemes()} == SIZES


def test_every_term_has_both_languages():
    every = [each for scheme in taxonomy.schemes() for each in taxonomy.terms(scheme)]
    assert [each for each in every if not each.ja or not each.en] == []


def test_no_english_name_holds_japanese():
    japanese = re.compile(r"[ぁ-んァ-ヶ一-龠]")
    every = [each for scheme in taxonomy.schemes() for each in taxonomy.terms(scheme)]
    assert [each.en for each in every if japanese.search(each.en + each.sentence_en)] == []


def test_names_inside_a_list_differ():
    for scheme in taxonomy.schemes():
        for names in zip(*((each.ja, each.en) for each in taxonomy.terms(scheme)), strict=True):
            assert len(set(names)) == len(names)


def test_every_stage_is_a_sentence_that_an_applicant_could_say():
    assert all(each.sentence and each.sentence_en for each in taxonomy.terms("stage"))
    assert term("stage", "01").said("ja") == "まだ思いだけです"
    assert term("stage", "01").said("en") == "So far it is only a wish"


@pytest.mark.parametrize(
    ("language", "label"),
    [("ja", "住まい"), ("en", "Housing"), ("easy", "住む ところ"), ("furigana", "住まい")],
)
def test_a_label_follows_the_language(language, label):
    assert term("theme", "14").label(language) == label
    with use_language(language):
        assert str(term("theme", "14")) == label


def test_a_term_without_easy_words_is_shown_in_plain_japanese():
    assert term("category", "03").label("easy") == "何が 必要か しらべる"
    assert term("event_kind", "06").label("easy") == "座談会"


def test_several_terms_stand_in_one_pair_of_quotation_marks():
    both = Terms((term("theme", "14"), term("theme", "05")))
    assert str(both) == "住まい」「学習支援"
    with use_language("en"):
        assert str(both) == "Housing”, “Learning support"


@pytest.mark.parametrize(
    ("scheme", "text", "code"),
    [
        ("theme", "16", "16"),
        ("theme", "農・自然・地域農園", "16"),
        ("theme", "farming, nature and community gardens", "16"),
        ("theme", "１６", "16"),
        ("theme", "1", "01"),
        ("theme", " 移動・送迎（ボランティア輸送） ", "15"),
        ("theme", "移動・送迎", "15"),
        ("category", "始め方", "01"),
        ("stage", "構想中", "02"),
        ("mode", "オンライン", "online"),
        ("mode", "02", "online"),
        ("mode", "phone", "phone"),
        ("accommodation", "ゆっくり", "slowly"),
        ("preference", "性別", "same_gender"),
        ("legal_form", "NPO法人", "01"),
    ],
)
def test_a_spreadsheet_may_spell_a_term_its_own_way(scheme, text, code):
    assert by_name(scheme, text) == term(scheme, code)


@pytest.mark.parametrize("text", ["", "  ", "25", "今後活動予定", "なんでも"])
def test_what_means_no_term_or_two_is_none(text):
    assert by_name("stage", text) is None


@pytest.mark.parametrize("scheme", [scheme for scheme in SIZES if scheme != "open_answer"])
def test_every_name_leads_back_to_its_own_term(scheme):
    for each in taxonomy.terms(scheme):
        assert {by_name(scheme, name) for name in (each.code, each.ja, each.en, *each.aliases)} == {each}


def test_not_choosing_is_an_answer():
    assert taxonomy.is_open_answer("category", "うまく言えない")
    assert taxonomy.is_open_answer("target", "どなたでも")
    assert not taxonomy.is_open_answer("theme", "どなたでも")
    assert not taxonomy.is_open_answer("theme", "住まい")


def test_an_unknown_list_or_code_is_a_key_error():
    with pytest.raises(KeyError):
        taxonomy.terms("colour")
    with pytest.raises(KeyError):
        term("theme", "99")


@pytest.mark.parametrize("text", ["13", "東京都", "東京", "とうきょうと", "Tokyo", "ＴＯＫＹＯ"])
def test_a_prefecture_is_known_by_any_of_its_names(text):
    assert prefecture_by_name(text) == prefecture("13")


def test_kyoto_is_not_shortened_twice():
    assert [prefecture_by_name(text) for text in ("京都", "京", "1")] == [
        prefecture("26"),
        None,
        prefecture("01"),
    ]


def test_there_are_forty_seven_prefectures_and_neighbours_agree():
    assert [each.code for each in prefectures()] == [f"{number:02}" for number in range(1, 48)]
    assert all(each.code in prefecture(code).neighbours for each in prefectures() for code in each.neighbours)
    assert not any(each.code in each.neighbours for each in prefectures())
    assert all(each.neighbours for each in prefectures())


def test_near_is_the_same_prefecture_or_the_next():
    tokyo = prefecture("13")
    assert [tokyo.is_near(prefecture(code)) for code in ("13", "19", "01")] == [True, True, False]
