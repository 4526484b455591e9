import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorlink.core.language import use_language
from mentorlink.core.text_input import (
    MESSAGES,
    BadText,
    clean_text,
    message_for,
    normalise_email,
    normalise_phone,
    normalise_postcode,
    show_phone,
    show_postcode,
    to_hiragana,
)

ANY_TEXT = st.text(st.characters(), max_size=60)  # surrogates included
NASTY = st.text(
    st.sampled_from(
        "a か゛\u3099\u0301\u200b\u200d👩👧\ufe0f\u00ad\ufeff\u3000\t\n\r\u2028\x85\x00\u202e神﨑ﾊﾟ\ud800"
    ),
    max_size=20,
)


def refused(function, *arguments, **options) -> str:
    with pytest.raises(BadText) as raised:
        function(*arguments, **options)
    return raised.value.code


def test_ordinary_text_stays_as_it_is():
    assert clean_text("居場所を、つくりたい。", maximum=30) == "居場所を、つくりたい。"


def test_letters_are_composed():
    assert clean_text("か\u3099", maximum=1) == "が"


@pytest.mark.parametrize("name", ["髙橋", "山﨑", "神谷", "福\ufa1b", "葛\U000e0100城", "𠮷田", "①②ｱｲｳ"])
def test_names_keep_their_letters(name):
    assert clean_text(name, maximum=30) == name


def test_what_nobody_sees_is_taken_out():
    assert clean_text("\ufeff山\u200b田\u00ad 花\u2060子\x07\u3164", maximum=30) == "山田 花子"


def test_emoji_keep_their_joiners():
    assert clean_text("👩\u200d👧 あ\u200dい", maximum=30) == "👩\u200d👧 あい"


def test_lines_and_tabs_stay_in_long_text():
    assert clean_text("\r\n一\r\n\t二\r三\u2028四  \n", multiline=True, maximum=30) == "一\n\t二\n三\n四"


def test_a_tab_on_one_line_parts_words():
    assert clean_text("\t山田\t花子\u3000", maximum=30) == "山田 花子"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("a\0b", "nul"),
        ("a\ud800b", "surrogate"),
        ("a\u202eb", "bidi"),
        ("a\u2067b", "bidi"),
        ("a\r\nBcc: b", "newline"),
        ("a\u2028b", "newline"),
        ("", "blank"),
        ("\u200b\u3000\u2800\ufeff", "blank"),
    ],
)
def test_what_cannot_be_taken_is_questioned(value, code):
    assert refused(clean_text, value, maximum=30, required=True) == code


def test_blank_is_fine_where_it_is_not_required():
    assert clean_text(" \u200b", maximum=30) == ""


@pytest.mark.parametrize(("typed", "actual"), [("あ" * 5001, 5001), ("あ" * 100_000, 100_000)])
def test_too_long_says_how_long(typed, actual):
    with pytest.raises(BadText) as raised:
        clean_text(typed, multiline=True, maximum=5000)
    assert (raised.value.code, raised.value.params) == ("too_long", {"maximum": 5000, "actual": actual})
    assert raised.value.message == f"5000文字までです（いまは{actual}文字）。少し短くしていただけますか。"


def test_length_is_counted_after_cleaning():
    assert clean_text("か\u3099" * 30 + " ", maximum=30) == "が" * 30


@given(ANY_TEXT | NASTY, st.booleans())
def test_cleaning_again_changes_nothing(text, multiline):
    try:
        cleaned = clean_text(text, multiline=multiline, maximum=60)
    except BadText:
        return
    assert clean_text(cleaned, multiline=multiline, maximum=60) == cleaned
    assert len(cleaned) <= 60


@given(ANY_TEXT | NASTY)
def test_cleaned_text_can_be_stored_and_sent(text):
    try:
        cleaned = clean_text(text, maximum=60)
    except BadText:
        return
    cleaned.encode()
    assert "Cc" not in map(unicodedata.category, cleaned)


@pytest.mark.parametrize(
    ("typed", "hiragana"),
    [
        ("ヤマダ ハナコ", "やまだ はなこ"),
        ("ﾔﾏﾀﾞ", "やまだ"),
        ("やまだ", "やまだ"),
        ("ジョーンズ A1", "じょーんず A1"),
    ],
)
def test_kana_become_hiragana(typed, hiragana):
    assert to_hiragana(typed) == hiragana


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        (" Hanako@EXAMPLE.JP ", "Hanako@example.jp"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
        ("hanako@例え.jp", "hanako@例え.jp"),
        ("hanako@docomo.ne.jp", "hanako@docomo.ne.jp"),
    ],
)
def test_an_address_is_normalised(typed, address):
    assert normalise_email(typed) == address


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("a@example.jp, b@example.jp", "two_addresses"),
        ("a@example.jp b@example.jp", "two_addresses"),
        ("a@example.jp；b@example.jp", "two_addresses"),
        ("foo..bar@docomo.ne.jp", "carrier_address"),
        ("foo.@ezweb.ne.jp", "carrier_address"),
        (".foo@t.vodafone.ne.jp", "carrier_address"),
        ("foo..bar@example.jp", "email"),
        ("foo@notdocomo..ne.jp", "email"),
        ("hanako", "email"),
        ("Hanako <hanako@example.jp>", "email"),
        ("花子@example.jp", "email"),
        ("a@example.jp\r\nBcc: b@example.jp", "newline"),
        (" ", "blank"),
    ],
)
def test_what_is_no_address_says_why(typed, code):
    assert refused(normalise_email, typed) == code


@pytest.mark.parametrize(
    ("typed", "e164", "shown"),
    [
        ("０２２６－１２－３４５６", "+81226123456", "0226-12-3456"),
        ("(0226) 12-3456", "+81226123456", "0226-12-3456"),
        ("+81 226-12-3456", "+81226123456", "0226-12-3456"),
        ("０９０ー１２３４ー５６７８", "+819012345678", "090-1234-5678"),
        ("0120-279-338", "+81120279338", "0120-279-338"),
        ("+1 650 253 0000", "+16502530000", "+1 650-253-0000"),
    ],
)
def test_a_phone_number_is_stored_and_shown(typed, e164, shown):
    assert (normalise_phone(typed), show_phone(e164)) == (e164, shown)


@pytest.mark.parametrize(
    "typed",
    [
        "110",
        "#9999",
        "0226-12-345",
        "090-1234-567",
        "0226-12-3456 内線12",
        "090-1234-5678/0226-12-3456",
        "なし",
    ],
)
def test_what_is_no_phone_number_is_questioned(typed):
    assert refused(normalise_phone, typed) == "phone"


@given(st.from_regex(r"0(226[1-9]|3[1-9][0-9]{2}|[789]0[1-9][0-9])[0-9]{5}\Z"))
def test_a_shown_number_is_read_back(typed):
    try:
        e164 = normalise_phone(typed)
    except BadText:
        return
    assert normalise_phone(show_phone(e164)) == e164


def test_an_unknown_number_is_shown_as_it_is():
    assert show_phone("なし") == "なし"


@pytest.mark.parametrize("typed", ["〒123-4567", "1234567", "１２３ー４５６７", "〒 123 4567"])
def test_a_postcode_is_seven_digits(typed):
    assert show_postcode(normalise_postcode(typed)) == "〒123-4567"


@pytest.mark.parametrize("typed", ["123-456", "12345678", "abc-defg"])
def test_what_is_no_postcode_is_questioned(typed):
    assert refused(normalise_postcode, typed) == "postcode"


@given(ANY_TEXT | NASTY)
def test_any_text_is_taken_or_questioned(text):
    codes = set()
    for function in (normalise_email, normalise_phone, normalise_postcode):
        try:
            function(text)
        except BadText as bad:
            codes.add(bad.code)
    assert all(message_for(code) for code in codes)


@pytest.mark.parametrize("code", MESSAGES)
def test_every_code_has_its_english_sentence(code):
    with use_language("en"):
        assert BadText(code, maximum=1, actual=2).message != MESSAGES[code]
