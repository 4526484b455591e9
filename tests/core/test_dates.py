from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentorlink.core.dates import (
    TOKYO,
    BadDate,
    TimeFold,
    TimeGap,
    fiscal_year,
    format_date,
    format_instant,
    format_short_date,
    format_span,
    format_time,
    format_wareki,
    local_date,
    localise,
    parse_date,
    relative_day,
)
from mentorlink.core.language import use_language
from mentorlink.core.spoken import EitherTime, parse_time

START = datetime(2026, 11, 25, 10, tzinfo=UTC)  # 19:00 in Japan
HOUR = timedelta(hours=1)
DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
ZONES = st.sampled_from(
    ["Asia/Tokyo", "America/New_York", "Europe/London", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]
)


def test_a_day_in_japanese():
    assert format_date(date(2026, 11, 25)) == "2026年11月25日（水）"
    assert format_short_date(date(2026, 11, 25)) == "11月25日（水）"


def test_a_day_in_english():
    with use_language("en"):
        assert format_date(date(2026, 11, 25)) == "Wed 25 November 2026"
        assert format_short_date(date(2026, 11, 25)) == "Wed 25 November"


def test_an_instant_is_shown_as_its_day_in_the_zone():
    late = datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert format_date(late) == "2026年11月26日（木）"
    assert format_date(late, "Europe/London") == "2026年11月25日（水）"


def test_a_span_in_both_languages():
    assert format_span(START, START + HOUR) == "2026年11月25日（水）19:00〜20:00"
    with use_language("en"):
        assert format_span(START, START + HOUR) == "Wed 25 November 2026, 19:00–20:00"


def test_a_span_past_midnight_names_the_next_day():
    start = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
    assert format_span(start, start + HOUR) == "2026年11月25日（水）23:30〜11月26日（木）0:30"


def test_another_zone_sees_both_hours():
    assert format_span(START, START + HOUR, "Europe/London") == (
        "2026年11月25日（水）10:00〜11:00（ロンドンの時間。日本では19:00〜20:00）"
    )
    with use_language("en"):
        assert format_span(START, START + HOUR, ZoneInfo("Europe/London")) == (
            "Wed 25 November 2026, 10:00–11:00 (London time; in Japan 19:00–20:00)"
        )


def test_another_zone_sees_japans_day_where_it_is_another():
    late = datetime(2026, 11, 25, 16, tzinfo=UTC)
    assert format_instant(late, "Europe/London") == (
        "2026年11月25日（水）16:00（ロンドンの時間。日本では11月26日（木）1:00）"
    )


def test_a_zone_with_japans_clocks_needs_no_second_hour():
    assert format_span(START, START + HOUR, "Asia/Seoul") == format_span(START, START + HOUR)


def test_hours_are_written_as_each_language_does():
    morning = datetime(2026, 11, 25, 0, 5, tzinfo=UTC)
    assert format_time(morning) == "9:05"
    with use_language("en"):
        assert format_time(morning) == "09:05"


@pytest.mark.parametrize("write", [format_date, format_short_date, format_time, format_instant, local_date])
def test_a_naive_datetime_is_refused(write):
    with pytest.raises(TypeError):
        write(datetime(2026, 11, 25))  # noqa: DTZ001


def test_near_days_have_words():
    today = date(2026, 12, 31)
    days = [today + timedelta(days=d) for d in (-1, 0, 1, 2, 3)]
    assert [relative_day(day, today) for day in days] == [
        "きのう",
        "きょう",
        "あす",
        "あさって",
        "2027年1月3日（日）",
    ]
    with use_language("en"):
        assert [relative_day(day, today) for day in days[:4]] == [
            "Yesterday",
            "Today",
            "Tomorrow",
            "Sat 2 January 2027",
        ]


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2024, 3, 8), "令和6年3月8日", "R6.3.8"),
        (date(2019, 5, 1), "令和元年5月1日", "R1.5.1"),
        (date(2019, 4, 30), "平成31年4月30日", "H31.4.30"),
        (date(1989, 1, 7), "昭和64年1月7日", "S64.1.7"),
        (date(1900, 1, 1), "明治33年1月1日", "M33.1.1"),
    ],
)
def test_eras_change_on_their_day(day, long, short):
    assert (format_wareki(day), format_wareki(day, short=True)) == (long, short)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026/3/1",
        "2026.3.1",
        "20260301",
        "2026年3月1日",
        "２０２６年３月１日（日）",
        "２０２６／０３／０１",
        "令和8年3月1日",
        "令和８年 ３月 １日",
        "R8.3.1",
        "r8/3/1",
        "Ｒ８．３．１",
    ],
)
def test_a_date_is_read_in_any_common_writing(text):
    assert parse_date(text) == date(2026, 3, 1)


def test_the_first_year_of_an_era_is_read():
    assert parse_date("令和元年5月1日") == date(2019, 5, 1)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "date_format"),
        ("令和元年", "date_format"),
        ("3月1日", "date_format"),
        ("2026-3/1", "date_format"),
        ("2026-02-29", "date_not_real"),
        ("令和0年1月1日", "date_not_real"),
        ("令和元年4月30日", "date_era"),
        ("平成31年5月1日", "date_era"),
        ("9999-12-31", "date_out_of_range"),
        ("1899-12-31", "date_out_of_range"),
        ("明治元年1月1日", "date_out_of_range"),
    ],
)
def test_what_is_no_date_says_why(text, code):
    with pytest.raises(BadDate) as raised:
        parse_date(text)
    assert raised.value.code == code


@given(DAYS)
def test_every_day_is_read_back_as_written(day):
    assert parse_date(format_date(day)) == day
    assert parse_date(format_wareki(day)) == day
    assert parse_date(format_wareki(day, short=True)) == day
    assert parse_date(day.isoformat()) == day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_a_question(text):
    with suppress(BadDate):
        assert 1900 <= parse_date(text).year <= 2100


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("19:00", time(19)),
        ("１９：３０", time(19, 30)),
        ("19時半", time(19, 30)),
        ("午後7時5分", time(19, 5)),
        ("午後12:11", time(12, 11)),
        ("午前12:05", time(0, 5)),
        ("朝9時半", time(9, 30)),
        ("昼の1時", time(13)),
        ("お昼12時", time(12)),
        ("午後13時", time(13)),
        ("12", time(12)),
    ],
)
def test_a_time_is_read_in_any_common_writing(text, clock):
    assert parse_time(text) == clock


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("24:00", "time_not_real"),
        ("19:60", "time_not_real"),
        ("午前13時", "time_half"),
        ("夜の1時", "time_half"),
        ("夕方", "time_format"),
    ],
)
def test_what_is_no_time_says_why(text, code):
    with pytest.raises(BadDate) as raised:
        parse_time(text)
    assert raised.value.code == code


@given(st.text(max_size=12) | st.from_regex(r"(午前|夜の?)?\d{1,2}(時|:\d\d)?", fullmatch=True))
def test_any_text_is_a_time_or_a_question(text):
    with suppress(BadDate, EitherTime):
        assert parse_time(text) < time.max


def test_a_local_time_becomes_its_instant():
    assert localise(datetime(2026, 11, 25, 19), TOKYO) == START  # noqa: DTZ001


def test_a_skipped_time_offers_its_neighbours():
    with pytest.raises(TimeGap) as raised:
        localise(datetime(2026, 3, 8, 2, 30), "America/New_York")  # noqa: DTZ001
    assert [format_time(instant, "America/New_York") for instant in raised.value.neighbours] == [
        "1:30",
        "3:30",
    ]


def test_a_skipped_day_offers_its_neighbours():
    with pytest.raises(TimeGap) as raised:
        localise(datetime(2011, 12, 30, 12), "Pacific/Apia")  # noqa: DTZ001
    assert [local_date(i, "Pacific/Apia").day for i in raised.value.neighbours] == [29, 31]


def test_a_time_shown_twice_asks_which():
    with pytest.raises(TimeFold) as raised:
        localise(datetime(2026, 4, 5, 1, 45), "Australia/Lord_Howe")  # noqa: DTZ001
    first, second = raised.value.choices
    assert second - first == timedelta(minutes=30)


def test_far_years_and_zoned_times_are_refused():
    with pytest.raises(BadDate):
        localise(datetime(9999, 1, 1), TOKYO)  # noqa: DTZ001
    with pytest.raises(TypeError):
        localise(START, TOKYO)


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 12, 30)), ZONES)  # noqa: DTZ001
def test_every_local_time_is_one_instant_or_a_question(local, zone):
    shown = [
        instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) for instant in _instants(local, zone)
    ]
    assert set(shown) == {local} or shown[0] < local < shown[1]


def _instants(local: datetime, zone: str) -> tuple[datetime, ...]:
    try:
        return (localise(local, zone),)
    except TimeFold as fold:
        return fold.choices
    except TimeGap as gap:
        return gap.neighbours


@pytest.mark.parametrize(
    ("day", "year"), [(date(2023, 4, 1), 2023), (date(2024, 3, 31), 2023), (date(2024, 4, 1), 2024)]
)
def test_a_fiscal_year_begins_in_april(day, year):
    assert fiscal_year(day) == year


def test_an_instant_has_the_fiscal_year_of_its_day_in_japan():
    assert fiscal_year(datetime(2024, 3, 31, 15, tzinfo=UTC)) == 2024
