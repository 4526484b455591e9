import csv
import io
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorlink.core.dates import BadDate
from mentorlink.core.language import use_language
from mentorlink.core.tabular import (
    MESSAGES,
    Choices,
    Problem,
    TabularError,
    TooLarge,
    Unwritable,
    escape_formula,
    find_duplicates,
    parse_form_timestamp,
    read_csv,
    split_choices,
    unescape_formula,
    write_csv,
)

CELLS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
FORMULAS = st.text(st.sampled_from("'=+-@\t\r＝＋－＠a"), max_size=6)


def problems(data: bytes, **options) -> list[tuple[str, int | None, str | None]]:
    with pytest.raises(TabularError) as raised:
        read_csv(data, **options)
    return [(problem.code, problem.line, problem.column) for problem in raised.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_is_read_in_its_encoding(encoding):
    table = read_csv('名前,ひとこと\r\n髙橋,"こん\r\nにちは"\r\n'.encode(encoding))
    assert table.columns == ("名前", "ひとこと")
    assert table.rows == ((2, {"名前": "髙橋", "ひとこと": "こん\r\nにちは"}),)


def test_the_encoding_is_told():
    assert [read_csv("名前\nあ".encode(encoding)).encoding for encoding in ("utf-8", "cp932")] == [
        "utf-8",
        "cp932",
    ]


def test_tabs_part_columns_where_no_comma_does():
    assert read_csv("名前\t年\nあ\t1".encode("utf-16")).rows[0].values == {"名前": "あ", "年": "1"}


def test_rows_know_their_line():
    table = read_csv(b'a,b\n"x\ny",1\n\n,\nz,2\n')
    assert [row.line for row in table.rows] == [2, 6]


def test_formulas_are_read_as_typed():
    assert read_csv(b"a\n=1+1\n").rows[0].values == {"a": "=1+1"}


def test_all_problems_are_named_at_once():
    data = b'a,a,b\n1,2\n1,2,3,4\nx\0,2,3\n"y,1,2\n3,4,5'
    assert problems(data, required=["z"]) == [
        ("duplicate_header", 1, "a"),
        ("missing_header", 1, "z"),
        ("ragged", 2, None),
        ("ragged", 3, None),
        ("nul", 4, "a"),
        ("quote", 5, None),
    ]


@pytest.mark.parametrize("data", [b"", b"\n\n", b",,,\n"])
def test_a_file_without_a_header_is_refused(data):
    assert problems(data) == [("no_header", 1, None)]


def test_bytes_that_are_no_text_are_refused():
    assert problems(b"\x81\xff\xfe\x80") == [("encoding", None, None)]


def test_a_duplicate_header_may_be_numbered():
    assert read_csv(b"a,b,a\n1,2,3", number_duplicates=True).columns == ("a", "b", "a (2)")


def test_ten_thousand_empty_columns_are_passed_by():
    table = read_csv(b"a" + b"," * 10_000 + b"\n1" + b"," * 10_000)
    assert table.rows[0].values == {"a": "1"}


def test_too_many_columns_are_refused():
    assert problems(b",".join(b"c%d" % n for n in range(10_000))) == [("too_many_columns", 1, None)]


def test_a_nameless_column_may_only_be_empty():
    assert read_csv(b"a,,b\n1,,2").rows[0].values == {"a": "1", "b": "2"}
    assert problems(b"a,,b\n1,x,2") == [("blank_header", 2, None)]


def test_a_row_too_many_is_too_large():
    assert len(read_csv(b"a\n" + b"1\n" * 100_000).rows) == 100_000
    with pytest.raises(TooLarge):
        read_csv(b"a\n" + b"1\n" * 100_001)


def test_a_quote_in_the_middle_is_named():
    assert problems(b'a\n"b"c') == [("quote", 2, None)]


def test_an_endless_cell_is_named():
    assert problems(b'a\n"' + b"x" * 200_000) == [("field_too_long", 2, None)]


def test_duplicates_are_found_with_their_first_line():
    table = read_csv(b"mail\nA@x.jp\n\nb@x.jp\na@x.jp \n")
    assert find_duplicates(table, "mail", lambda value: value.strip().lower()) == (
        Problem("duplicate_value", 5, "mail", {"first": 2}),
    )


@pytest.mark.parametrize("code", MESSAGES)
def test_every_problem_has_its_sentence_in_both_languages(code):
    details = dict.fromkeys(("number", "maximum", "actual", "expected", "first"), 3)
    japanese = Problem(code, 2, "名前", details).message
    assert "%(" not in japanese
    with use_language("en"):
        assert Problem(code, 2, "名前", details).message != japanese


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_problems(data):
    with suppress(TabularError):
        assert read_csv(data).columns


@given(st.lists(st.tuples(CELLS | FORMULAS, CELLS), max_size=8))
def test_what_was_written_is_read_back(cells):
    rows = [row for row in cells if "".join(row).strip()]
    data, unwritable = write_csv([("a", "b"), *rows])
    table = read_csv(data)
    assert [tuple(map(unescape_formula, row.values.values())) for row in table.rows] == rows
    assert unwritable == []


@given(CELLS | FORMULAS)
def test_no_cell_begins_like_a_formula(text):
    assert not escape_formula(text).startswith(tuple("=+-@\t\r＝＋－＠"))
    assert unescape_formula(escape_formula(text)) == text


def test_a_file_for_excel_has_a_mark_and_its_line_ends():
    data, _ = write_csv([("名前", "数"), ("=1+1", -5), (None, "a,b")])
    assert data == '\ufeff名前,数\r\n\'=1+1,-5\r\n,"a,b"\r\n'.encode()


def test_cp932_lists_what_it_cannot_hold():
    data, unwritable = write_csv([("名前",), ("𠮷田 髙﨑〜—",)], "cp932")
    assert data.decode("cp932") == "名前\r\n?田 髙﨑～―\r\n"
    assert unwritable == [Unwritable(2, 1, "𠮷")]


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=5))
def test_cp932_names_every_cell_that_it_changed(rows):
    data, unwritable = write_csv(rows, "cp932")
    utf8, _ = write_csv(rows)
    changed = [
        (line, column)
        for line, (old, new) in enumerate(
            zip(_cells(utf8, "utf-8-sig"), _cells(data, "cp932"), strict=True), start=1
        )
        for column, (before, after) in enumerate(zip(old, new, strict=True), start=1)
        if before.count("?") != after.count("?")
    ]
    assert changed == [(line, column) for line, column, _ in unwritable]


def _cells(data: bytes, encoding: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2024/01/07 7:41:40 午後 GMT+9", 10, 41),
        ("2024/01/07 19:41:40", 10, 41),
        ("2024/01/07 12:11:40 午後 GMT+9", 3, 11),
        ("2024/01/08 12:05:40 午前 GMT+9", 15, 5),
        ("2024/01/07 7:41:40 PM GMT+9", 10, 41),
        ("2024/1/7 4:11:40 午後 GMT+5:30", 10, 41),
        ("2024/01/07 5:41:40 午前 GMT-5", 10, 41),
    ],
)
def test_a_form_timestamp_is_an_instant(text, hour, minute):
    assert parse_form_timestamp(text) == datetime(2024, 1, 7, hour, minute, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2024-01-07", "date_format"),
        ("2024/02/30 1:00:00", "date_not_real"),
        ("2024/01/07 25:00:00", "date_not_real"),
        ("2024/01/07 13:00:00 午後 GMT+9", "time_not_real"),
        ("9999/12/31 23:59:59 GMT-12", "date_out_of_range"),
    ],
)
def test_what_is_no_timestamp_says_why(text, code):
    with pytest.raises(BadDate) as raised:
        parse_form_timestamp(text)
    assert raised.value.code == code


@pytest.mark.parametrize(
    ("text", "known", "other"),
    [
        ("子ども;高齢者", ("子ども", "高齢者"), ""),
        ("子ども, 若者, 高齢者", ("子ども, 若者", "高齢者"), ""),
        ("子ども, 高齢者", ("子ども", "高齢者"), ""),
        ("高齢者, まだ, 考え中", ("高齢者",), "まだ, 考え中"),
        ("子どもたち", (), "子どもたち"),
        ("月～金", ("月〜金",), ""),
        ("", (), ""),
    ],
)
def test_choices_are_parted_by_the_longest_option(text, known, other):
    assert split_choices(text, ["子ども", "子ども, 若者", "高齢者", "月〜金"]) == Choices(known, other)


@given(
    st.lists(st.sampled_from(["a", "a, b", "b;c", "c", "月〜金"]), unique=True), st.sampled_from(["", "ほか"])
)
def test_joined_choices_without_ambiguity_are_parted_again(chosen, other):
    options = ["a", "b;c", "月〜金"]
    known = [option for option in chosen if option in options]
    assert split_choices(";".join([*known, other] if other else known), options) == Choices(
        tuple(known), other
    )
