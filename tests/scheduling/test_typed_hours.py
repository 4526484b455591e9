"""An hour that somebody writes: everything people write, and a kind question where it is not clear or not free."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mentorlink.core.dates import BadDate, TimeFold, TimeGap
from mentorlink.core.spoken import parse_coming_date
from mentorlink.scheduling.typed_hours import HourFault, SeveralHours, nearest, read_hour, read_instant
from tests.conftest import NOW

TOKYO, NEW_YORK, LORD_HOWE = "Asia/Tokyo", "America/New_York", "Australia/Lord_Howe"
TODAY = date(2026, 11, 25)
LATER = NOW + timedelta(days=200)
MONDAY_EVENING = datetime(2026, 11, 30, 10, tzinfo=UTC)  # 19:00 in Tokyo


# ---- what people write


@pytest.mark.parametrize(
    "day",
    [
        "2026-11-30", "2026/11/30", "2026年11月30日", "２０２６年１１月３０日（月）", "令和8年11月30日", "令和８年１１月３０日",
        "R8.11.30", "20261130", "11月30日", "11/30", "１１／３０", "11-30", "11月30日（月）", " 11月 30日 ",
        "30日", "３０日（月）", "11/30 月曜日", "2026/11/30(月)",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "time",
    [
        "19:00", "１９：００", "19時", "19", "午後7時", "午後７時", "午後7時00分", " 19 : 00", "夜の7時", "夜７時", "夕方7時",
        "午後19時", "7pm", "7:00 PM", "19時から", "19:00～",
    ],
)  # fmt: skip
def test_a_day_and_a_time_in_any_common_way(day, time):
    assert read_hour(day, time, TOKYO, now=NOW, until=LATER) == MONDAY_EVENING


@pytest.mark.parametrize(
    ("day", "time", "part", "code"),
    [
        ("", "19:00", "day", "no_day"),
        ("　", "", "day", "no_day"),
        ("11/30", "", "time", "no_time"),
        ("2月30日", "19:00", "day", "date_not_real"),
        ("2027-02-29", "19:00", "day", "date_not_real"),
        ("令和元年4月30日", "19:00", "day", "date_era"),
        ("来週の月曜", "19:00", "day", "date_format"),
        ("9999-12-31", "19:00", "day", "not_near"),
        ("0001-01-01", "19:00", "day", "not_near"),
        ("2026-11-24", "19:00", "day", "not_near"),
        ("2027-11-30", "19:00", "day", "not_near"),
        ("11/25", "9:30", "time", "over"),
        ("11/30", "24:00", "time", "time_not_real"),
        ("11/30", "午前13時", "time", "time_half"),
        ("11/30", "夜12時", "time", "time_half"),
        ("11/30", "夕方", "time", "time_format"),
        ("11/30", "19:07", "time", "not_quarter"),
    ],
)
def test_what_cannot_be_meant_is_told_in_its_place(day, time, part, code):
    with pytest.raises(HourFault) as fault:
        read_hour(day, time, TOKYO, now=NOW, until=LATER)
    assert fault.value.faults[part] == code


def test_both_faults_are_told_at_once():
    with pytest.raises(HourFault) as fault:
        read_hour("2月30日", "25時", TOKYO, now=NOW, until=LATER)
    assert fault.value.faults == {"day": "date_not_real", "time": "time_not_real"}


@pytest.mark.parametrize(
    ("day", "ahead"),
    [
        ("きょう", 0),
        ("今日", 0),
        ("あした", 1),
        ("あす", 1),
        ("明日（木）", 1),
        ("Tomorrow", 1),
        ("あさって", 2),
    ],
)
def test_near_days_have_names(day, ahead):
    assert read_hour(day, "正午", TOKYO, now=NOW, until=LATER) == datetime(
        2026, 11, 25 + ahead, 3, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("day", "weekday_of", "also"),
    [
        ("令和８年１１月２７日（土）", (11, 27), (11, 28)),
        ("11/30(日)", (11, 30), (11, 29)),
        ("あした（日）", (11, 26), (11, 29)),
        ("25日（月）", (11, 25), (11, 30)),  # the Monday before is over
    ],
)
def test_a_day_with_the_weekday_of_another_may_be_either(day, weekday_of, also):
    with pytest.raises(SeveralHours) as several:
        read_hour(day, "19:00", TOKYO, now=NOW, until=LATER)
    meant = [datetime(2026, *each, 10, tzinfo=UTC) for each in (weekday_of, also)]
    assert (several.value.starts, several.value.by_day) == (meant, True)


def test_a_mere_seven_is_in_the_morning_or_in_the_evening():
    with pytest.raises(SeveralHours) as several:
        read_hour("11/30", "7", TOKYO, now=NOW, until=LATER)
    assert several.value.starts == [MONDAY_EVENING - timedelta(hours=12), MONDAY_EVENING]
    evening = datetime(2026, 11, 25, 10, tzinfo=UTC)  # what is over cannot be meant
    assert read_hour("きょう", "７", TOKYO, now=NOW, until=LATER) == evening


def test_a_day_without_a_year_is_the_next_such_day():
    assert [parse_coming_date(day, TODAY) for day in ("11/25", "8/31", "1月5日", "20日", "31日")] == [
        date(2026, 11, 25),
        date(2027, 8, 31),
        date(2027, 1, 5),
        date(2026, 12, 20),
        date(2026, 12, 31),
    ]
    with pytest.raises(BadDate, match="date_not_real"):
        parse_coming_date("2/29", TODAY)


def test_a_day_that_is_just_over_is_not_taken_for_one_of_the_next_year():
    with pytest.raises(BadDate, match="date_which_year"):
        parse_coming_date("11/24", TODAY)
    assert parse_coming_date("2027/11/24", TODAY) == date(2027, 11, 24)


def test_a_time_that_the_clocks_skip_has_neighbours_and_one_shown_twice_is_asked_for():
    with pytest.raises(TimeGap) as gap:
        read_hour("2027-03-14", "2:30", NEW_YORK, now=NOW, until=LATER)
    with pytest.raises(TimeFold) as fold:
        read_hour("2027-04-04", "1:45", LORD_HOWE, now=NOW, until=LATER)
    assert gap.value.neighbours[1] - gap.value.neighbours[0] == timedelta(hours=1)
    assert fold.value.choices[1] - fold.value.choices[0] == timedelta(minutes=30)


def test_the_nearest_hours_come_in_their_order_and_none_over_another():
    starts = [MONDAY_EVENING + timedelta(minutes=each) for each in (-540, -30, 0, 30, 90, 480)]
    wanted = MONDAY_EVENING + timedelta(minutes=15)
    assert nearest(starts, wanted, minutes=60) == [starts[2], starts[4], starts[5]]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-11-30T19:00",
        "2026-11-30T19:00+09:00",
        "2026-11-30T10:07+00:00",
        "2026-11-30T10:00:01+00:00",
    ],
)
def test_a_button_of_ours_carries_whole_quarters_of_utc(text):
    assert read_instant(text) is None
