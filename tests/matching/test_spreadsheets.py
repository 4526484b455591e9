"""Two spreadsheets on the command line: the best round, or every fault by line and column, and never a traceback."""

import json
import random

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.cli import main
from mentorlink.matching.outline import outline_round
from mentorlink.matching.spreadsheets import (
    APPLICANT_COLUMNS,
    SUPPORTER_COLUMNS,
    SheetError,
    read_applicants,
    read_supporters,
    start_text,
)

A = """id,prefecture,stage,themes,targets,categories,modes,accommodations,prefer,organisations,avoid,waiting_days,times
a1,東京都,02,16,01,06;03,online,,,,,12,2026-11-25T19:00;2026-11-26T19:00
a2,20,01,16,,場所・物件,オンライン,,near,団体A,,3,
a3,13,01,16,,12,online,,,,,0,2026-11-25T19:00
"""
S = """id,organisation,prefecture,setting,themes,targets,skills,stages,modes,accommodations,capacity,load,times
s1,団体A,20,,16,01,06:3;03:1,02;03,online,,2,0,2026-11-25T19:00;2026-11-26T19:00
s2,,13,,01,,06:1,,online,,1,0,2026-11-26T19:00
"""


@pytest.fixture
def match(tmp_path):
    def run(applicants: bytes, supporters: bytes, *options: str):
        (tmp_path / "A.csv").write_bytes(applicants)
        (tmp_path / "S.csv").write_bytes(supporters)
        sheets = ["--applicants", str(tmp_path / "A.csv"), "--supporters", str(tmp_path / "S.csv")]
        return CliRunner().invoke(main, ["match", *sheets, *options])

    return run


def test_pairs_unmatched_and_certificate_are_all_that_is_printed(match):
    found = json.loads(match(A.encode(), S.encode(), "--json").stdout)
    assert set(found) == {"pairs", "unmatched", "certificate"}
    assert [(pair["applicant"], pair["supporter"]) for pair in found["pairs"]] == [("a1", "s1"), ("a2", "s2")]
    assert found["pairs"][0]["start"] in ("2026-11-25T19:00", "2026-11-26T19:00")
    assert found["pairs"][0]["score"] == 100
    assert found["pairs"][0]["reasons"]
    assert found["pairs"][1]["start"] is None  # no times: 時間は相談
    assert found["unmatched"] == [
        {"applicant": "a3", "reason": "いちばん相談したいことを受けられる人がいません"}
    ]
    certificate = found["certificate"]
    assert certificate["matched"] == 2
    assert certificate["gap"] == 0
    assert certificate["total"] == certificate["dual_total"]


def test_every_allowed_pair_is_listed_when_asked_for(match):
    found = json.loads(match(A.encode(), S.encode(), "--json", "--explain", "all").stdout)
    listed = {(pair["applicant"], pair["supporter"]): pair for pair in found["feasible"]}
    assert set(listed) == {("a1", "s1"), ("a1", "s2"), ("a2", "s2")}  # a2 and s1 share an organisation
    assert listed["a1", "s1"]["starts"] == ["2026-11-25T19:00", "2026-11-26T19:00"]
    assert listed["a1", "s1"]["weight"] == listed["a1", "s1"]["score"] * 10 + 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_every_usual_encoding_gives_the_same(match, encoding):
    found = json.loads(match(A.encode(encoding), S.encode(encoding), "--json").stdout)
    assert found["certificate"]["matched"] == 2


def test_all_faults_of_both_sheets_are_named_and_nothing_is_matched(match):
    bad_a = A.replace("東京都", "火星").replace("2026-11-25T19:00\n", "25 Nov\n")
    bad_s = S.replace("06:1", "06:9").replace(",1,0,", ",one,0,")
    result = match(bad_a.encode(), bad_s.encode(), "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert [line.split(": ")[0] for line in result.stderr.splitlines()] == [
        "A.csv:2:prefecture",
        "A.csv:4:times",
        "S.csv:3:skills",
        "S.csv:3:capacity",
    ]


def test_the_same_id_twice_and_a_missing_column_are_faults(match):
    result = match(A.replace("a3", "a1").encode(), S.replace(",load", ",lod").encode())
    assert result.exit_code == 2
    assert "A.csv:4:id" in result.stderr
    assert "S.csv:1:load: missing header" in result.stderr


def test_the_order_of_the_rows_changes_nothing():
    people, others = read_applicants(A.encode()), read_supporters(S.encode())
    first = outline_round(people, others, start_text)
    again = outline_round(people[::-1], others[::-1], start_text)
    for outline in (first, again):
        del outline["certificate"]["seconds"]
    assert first == again


CELLS = st.sampled_from(
    [
        "",
        "01",
        "06:3",
        "16;01",
        "online",
        "2026-11-25T19:00",
        "2026-13-45T99:99",
        "-1",
        "９",
        "団体A",
        "=1+1",
        "\x00",
        '"',
        "a" * 300,
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=11, max_size=14), max_size=4), st.binary(max_size=60))
def test_no_file_gives_a_traceback(rows, noise):
    for columns, reader in ((APPLICANT_COLUMNS, read_applicants), (SUPPORTER_COLUMNS, read_supporters)):
        text = "\n".join([",".join(columns), *(",".join(row) for row in rows)])
        for data in (text.encode(), text.encode() + noise, noise):
            assert _faults(reader, data) != ()


def _faults(reader, data):
    """None where the file can be used."""
    try:
        reader(data)
    except SheetError as error:
        return error.faults
    return None


def test_people_drawn_by_chance_are_all_matched_or_told_why():
    draw = random.Random(7)
    starts = [f"2026-12-{day:02d}T{hour}:00" for day in range(1, 6) for hour in (10, 14, 19)]
    a = [
        f"p{i},13,02,16,,06,online,,,,,{draw.randint(0, 30)},{';'.join(draw.sample(starts, 3))}"
        for i in range(40)
    ]
    s = [
        f"q{i},,13,,16,,06:{draw.randint(1, 3)},,online,,4,0,{';'.join(draw.sample(starts, 6))}"
        for i in range(10)
    ]
    sheets = (
        "\n".join([",".join(columns), *rows]).encode()
        for columns, rows in ((APPLICANT_COLUMNS, a), (SUPPORTER_COLUMNS, s))
    )
    people, others = (
        reader(sheet) for reader, sheet in zip((read_applicants, read_supporters), sheets, strict=True)
    )
    found = outline_round(people, others, start_text)
    assert len(found["pairs"]) + len(found["unmatched"]) == 40
    assert found["certificate"]["gap"] == 0


HEADER = ",".join(APPLICANT_COLUMNS).encode()
ROW = A.splitlines()[1].encode()
BROKEN = {
    "nothing": b"",
    "bom alone": b"\xef\xbb\xbf",
    "half a bom": b"\xef\xbb",
    "not japanese": HEADER + b"\n\xff\xfe\x81",
    "half a character of cp932": A.encode("cp932")[:-1] + b"\x93",
    "nul": HEADER + b"\n" + ROW.replace(b"a1", b"a\x001"),
    "nul alone": b"\x00" * 1000,
    "ragged, short": HEADER + b"\na1,13\n",
    "ragged, long": HEADER + b"\n" + ROW + b",more,and,more\n",
    "a quote that never ends": HEADER + b'\na1,"13,02\n' + ROW,
    "quotes in quotes": HEADER + b'\n"a""1""","1"3,"",,,,,,,,,1,\n',
    "no header": ROW,
    "the same column twice": HEADER + b",id\n" + ROW + b",a2",
    "a huge field": HEADER + b"\n" + b"x" * 300_000 + ROW,
    "a huge quoted field": HEADER + b'\n"' + b"x" * 300_000 + b'"' + ROW,
    "a number of many digits": HEADER + b"\na1,13,02,16,01,06,online,,,,," + b"9" * 5000 + b",",
    "other digits": HEADER + "\na1,13,02,16,01,06,online,,,,,௩,".encode(),
    "a year that is none": HEADER + b"\na1,13,02,16,01,06,online,,,,,1,0000-01-01T00:00;9999-12-31T23:59",
    "one line of everything": bytes(range(256)),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_sheet_on_either_side_is_named_and_gives_no_traceback(match, data):
    for sheets in ((data, S.encode()), (A.encode(), data)):
        result = match(*sheets, "--json")
        assert isinstance(result.exception, SystemExit)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.startswith(("A.csv", "S.csv"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_sheet_with_any_bytes_put_into_it_gives_no_traceback(data):
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "cp932"]))
    for sheet, reader in ((A, read_applicants), (S, read_supporters)):
        good = sheet.encode(encoding)
        place = data.draw(st.integers(0, len(good)))
        gone = data.draw(st.integers(0, 20))
        put = data.draw(
            st.one_of(
                st.binary(max_size=20), st.sampled_from([b'"', b"\x00", b"\r", b";" * 50, b"\xef\xbb\xbf"])
            )
        )
        assert _faults(reader, good[:place] + put + good[place + gone :]) != ()
