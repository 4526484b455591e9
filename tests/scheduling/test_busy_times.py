"""Somebody's calendar, read for its busy times: what counts, what does not, and what crooked calendars cost."""

from datetime import UTC, datetime, timedelta

import pytest

from mentorlink.core.errors import RuleViolation
from mentorlink.scheduling.busy_times import merged, read_busy_times

AFTER = datetime(2026, 11, 24, tzinfo=UTC)
UNTIL = AFTER + timedelta(days=60)
TOKYO = "DTSTART;TZID=Asia/Tokyo:20261125T100000"  # 01:00 in UTC
PARTLY, GUESSED = "calendar_partly_read", "calendar_zone_guessed"


def calendar(*events, more=""):
    """Each event as its lines, without a UID of its own unless they have one."""
    blocks = "".join(
        "\n".join(
            [
                "BEGIN:VEVENT",
                *([] if "UID:" in lines else [f"UID:{number}"]),
                lines,
                "SUMMARY:himitsu",
                "END:VEVENT\n",
            ]
        )
        for number, lines in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{more}{blocks}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(content, zone="Asia/Tokyo", host="mentorlink.example", after=AFTER, until=UNTIL):
    return read_busy_times(content, zone=zone, after=after, until=until, host=host)


def hours(*events, **more):
    """The spans as 'day hour–day hour' in UTC."""
    spans = read(calendar(*events, more=more.pop("inside", "")), **more).spans
    return [f"{start:%d %H:%M}–{end:%d %H:%M}" for start, end in spans]


def caution(*events, **more):
    return read(calendar(*events), **more).caution


# ---- what counts


@pytest.mark.parametrize(
    "lines",
    [
        f"{TOKYO}\nDTEND;TZID=Asia/Tokyo:20261125T110000",
        f"{TOKYO}\nDURATION:PT1H",
        f"{TOKYO}\nDURATION:PT1H\nTRANSP:OPAQUE\nSTATUS:CONFIRMED",
        f"{TOKYO}\nDURATION:PT1H\nSTATUS:TENTATIVE",
        f"{TOKYO}\nDURATION:PT1H\nX-MICROSOFT-CDO-BUSYSTATUS:OOF",
        "DTSTART:20261125T010000Z\nDTEND:20261125T020000Z",
        "DTSTART:20261125T100000\nDTEND:20261125T110000",
        "DTSTART;TZID=Tokyo Standard Time:20261125T100000\nDURATION:PT1H",
        'DTSTART;TZID="Asia/Tokyo":20261125T100000\nDURATION:PT1H',
        "DTSTART;TZID=Europe/London:20261125T010000\nDURATION:PT1H",
        "dtstart;tzid=Asia/Tokyo:20261125T100000\nduration:PT1H",
        "DTSTART;TZID=Asia/To\n kyo:2026\n\t1125T100000\nDURATION:PT1H",
    ],
)
def test_an_appointment_is_busy_however_it_is_written(lines):
    assert hours(lines) == ["25 01:00–25 02:00"]
    assert caution(lines) is None


@pytest.mark.parametrize(
    "lines",
    [
        f"{TOKYO}\nDURATION:PT1H\nTRANSP:TRANSPARENT",
        f"{TOKYO}\nDURATION:PT1H\nSTATUS:CANCELLED",
        f"{TOKYO}\nDURATION:PT1H\nX-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "DTSTART;VALUE=DATE:20261125\nTRANSP:TRANSPARENT",
        "DTSTART;VALUE=DATE:20261125\nTRANSP:TRANSPARENT\nRRULE:FREQ=DAILY",
        TOKYO,
        f"{TOKYO}\nDURATION:-PT1H",
        f"{TOKYO}\nDTEND;TZID=Asia/Tokyo:20261125T100000",
        "DTSTART:20261001T010000Z\nDTEND:20261001T020000Z",
        "DTSTART:20270301T010000Z\nDTEND:20270301T020000Z",
        "DTSTART:20200101T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20261001T010000Z",
        f"UID:meeting-0123456789abcdef01234567@mentorlink.example\n{TOKYO}\nDURATION:PT1H",
    ],
)
def test_what_is_free_or_over_or_ours_is_not_busy(lines):
    assert hours(lines) == []
    assert caution(lines) is None


@pytest.mark.parametrize("host", ["other.example", "mentorlink.example.evil.example", ""])
def test_a_meeting_of_another_installation_is_busy(host):
    lines = f"UID:meeting-0123456789abcdef01234567@{host}\n{TOKYO}\nDURATION:PT1H"

    assert hours(lines) == ["25 01:00–25 02:00"]


def test_a_whole_day_is_a_day_where_its_owner_lives():
    assert hours("DTSTART;VALUE=DATE:20261125") == ["24 15:00–25 15:00"]
    assert hours("DTSTART;VALUE=DATE:20261125\nDTEND;VALUE=DATE:20261128") == ["24 15:00–27 15:00"]
    assert hours("DTSTART;VALUE=DATE:20261125", zone="Europe/London") == ["25 00:00–26 00:00"]
    assert hours("DTSTART;VALUE=DATE:20261125\nRRULE:FREQ=WEEKLY;COUNT=2") == [
        "24 15:00–25 15:00",
        "01 15:00–02 15:00",
    ]


def test_a_floating_time_is_where_its_owner_lives():
    lines = "DTSTART:20261125T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2"

    assert hours(lines, zone="Europe/London") == ["25 10:00–25 11:00", "02 10:00–02 11:00"]
    assert hours(lines, inside="X-WR-TIMEZONE:America/New_York\n") == [
        "25 01:00–25 02:00",
        "02 01:00–02 02:00",
    ]


def test_what_overlaps_is_one_span_within_the_bounds():
    a, b, c, d = (AFTER + timedelta(hours=hour) for hour in range(4))

    assert merged([(c, d), (a, c), (b, c)], AFTER, UNTIL) == [(a, d)]
    assert merged([(a, b), (c, d)], AFTER, UNTIL) == [(a, b), (c, d)]
    assert merged([(a, d), (d, d)], b, c) == [(b, c)]


def test_nothing_but_spans_is_kept():
    busy = read(calendar(f"{TOKYO}\nDURATION:PT1H\nDESCRIPTION:himitsu\nLOCATION:himitsu"))

    assert "himitsu" not in repr(busy)
    assert len(busy.spans) == 1


# ---- what repeats


def test_a_series_leaves_out_moves_and_calls_off_single_days():
    series = f"UID:series\n{TOKYO}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5"
    left_out = "EXDATE;TZID=Asia/Tokyo:20261126T100000"
    moved = "UID:series\nRECURRENCE-ID;TZID=Asia/Tokyo:20261127T100000\nDTSTART;TZID=Asia/Tokyo:20261127T150000\nDURATION:PT2H"
    called_off = (
        f"UID:series\nRECURRENCE-ID:20261128T010000Z\n{TOKYO.replace('25T', '28T')}\nSTATUS:CANCELLED"
    )

    assert hours(f"{series}\n{left_out}", moved, called_off) == [
        "25 01:00–25 02:00",
        "27 06:00–27 08:00",
        "29 01:00–29 02:00",
    ]


def test_a_day_moved_from_long_ago_counts():
    series = "UID:series\nDTSTART:20260901T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20260905T010000Z"
    moved = "UID:series\nRECURRENCE-ID:20260903T010000Z\nDTSTART:20261125T010000Z\nDURATION:PT1H"

    assert hours(series, moved) == ["25 01:00–25 02:00"]


def test_more_days_count():
    lines = f"{TOKYO}\nDURATION:PT1H\nRDATE;TZID=Asia/Tokyo:20261130T090000,20261201T090000"

    assert hours(lines) == ["25 01:00–25 02:00", "30 00:00–30 01:00", "01 00:00–01 01:00"]


def test_a_period_as_one_more_day_has_its_own_length():
    lines = f"{TOKYO}\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20261130T000000Z/PT3H"

    assert hours(lines) == ["25 01:00–25 02:00", "30 00:00–30 03:00"]


def test_a_series_keeps_its_hour_over_a_change_of_the_clocks():
    lines = "DTSTART;TZID=Europe/London:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    march = datetime(2026, 3, 22, tzinfo=UTC)

    assert hours(lines, after=march, until=march + timedelta(days=10)) == [
        "23 09:00–23 10:00",
        "30 08:00–30 09:00",
    ]


def test_a_floating_series_keeps_its_hour_over_a_change_of_the_clocks():
    lines = "DTSTART:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY"
    march = datetime(2026, 3, 22, tzinfo=UTC)
    wanted = ["23 09:00–23 10:00", "30 08:00–30 09:00"]

    assert hours(lines, after=march, until=march + timedelta(days=10), zone="Europe/London") == wanted


def test_an_appointment_over_the_fold_lasts_as_long_as_it_lasts():
    lines = "DTSTART;TZID=Europe/London:20261025T003000\nDTEND;TZID=Europe/London:20261025T023000"
    october = datetime(2026, 10, 24, tzinfo=UTC)

    assert hours(lines, after=october, until=october + timedelta(days=3)) == ["24 23:30–25 02:30"]


def test_what_changes_this_and_all_that_follow_is_followed():
    series = f"UID:series\n{TOKYO}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
    change = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Tokyo:20261126T100000"
    later = f"UID:series\n{change}\nDTSTART;TZID=Asia/Tokyo:20261126T120000\nDURATION:PT1H"

    assert hours(series, later) == ["25 01:00–25 02:00", "26 03:00–26 04:00", "27 03:00–27 04:00"]


# ---- free/busy


def test_free_and_busy_periods_are_read():
    more = (
        "BEGIN:VFREEBUSY\nFREEBUSY:20261125T010000Z/PT1H,20261125T050000Z/20261125T060000Z\n"
        "FREEBUSY;FBTYPE=FREE:20261126T010000Z/PT1H\nFREEBUSY;FBTYPE=BUSY-TENTATIVE:20261127T010000Z/PT1H\n"
        "FREEBUSY:rubbish\nEND:VFREEBUSY\n"
    )
    busy = read(calendar(more=more))

    assert hours(inside=more) == ["25 01:00–25 02:00", "25 05:00–25 06:00", "27 01:00–27 02:00"]
    assert busy.caution == PARTLY


# ---- zones


def test_a_zone_that_nobody_knows_is_taken_for_the_owners_and_told():
    lines = "DTSTART;TZID=Middle-earth/Shire:20261125T100000\nDURATION:PT1H"

    assert hours(lines) == ["25 01:00–25 02:00"]
    assert caution(lines) == GUESSED


def test_an_unknown_zone_is_the_calendars_where_it_names_one():
    lines = "DTSTART;TZID=Middle-earth/Shire:20261125T100000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE:20261126T100000Z"
    content = calendar(lines, more="X-WR-TIMEZONE:Europe/London\n")

    assert [start.hour for start, _end in read(content).spans] == [10]
    assert read(content).caution == GUESSED


def test_a_zone_that_the_calendar_brings_along_is_used():
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Shire\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0500\nTZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    lines = "DTSTART;TZID=Shire:20261125T100000\nDURATION:PT1H"

    assert hours(lines, inside=zone) == ["25 05:00–25 06:00"]
    assert read(calendar(lines, more=zone)).caution is None


# ---- crooked ones


@pytest.mark.parametrize(
    "rule",
    [
        "RRULE:FREQ=SECONDLY",
        "RRULE:FREQ=MINUTELY;INTERVAL=2",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "RRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40",
        "RRULE:FREQ=HOURLY;BYSECOND=0,30",
        "RRULE:FREQ=FORTNIGHTLY",
        "RRULE:rubbish",
        "EXRULE:FREQ=DAILY",
    ],
)
def test_a_rule_that_is_no_appointments_leaves_the_first_time_and_is_told(rule):
    assert hours(f"{TOKYO}\nDURATION:PT1H\n{rule}") == ["25 01:00–25 02:00"]
    assert caution(f"{TOKYO}\nDURATION:PT1H\n{rule}") == PARTLY


def test_a_rule_that_leaves_out_cannot_cancel_what_repeats():
    lines = f"{TOKYO}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXRULE:FREQ=DAILY"

    assert len(hours(lines)) == 3


def test_a_thousand_million_times_are_those_within_the_bounds():
    assert len(hours(f"{TOKYO}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=1000000000")) == 59


@pytest.mark.parametrize(
    "crooked",
    [
        f"{TOKYO}\nDTEND;TZID=Asia/Tokyo:20261125T090000",
        f"{TOKYO}\nDTEND;TZID=Asia/Tokyo:20261125T090000\nRRULE:FREQ=DAILY",
        "DTSTART:rubbish\nDURATION:PT1H",
        "DTSTART:20261325T100000\nDURATION:PT1H",
        "DURATION:PT1H",
        f"{TOKYO}\nDURATION:rubbish",
        f"{TOKYO}\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT={'9' * 4_000}",
        "DTSTART:99991231T235959Z\nDURATION:P1000D",
        "DTSTART:00010101T000000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY",
        "X-NOTHING:1",
    ],
)
def test_a_crooked_appointment_costs_only_itself_and_is_told(crooked):
    good = "DTSTART:20261201T010000Z\nDURATION:PT1H"

    assert hours(crooked, good) == ["01 01:00–01 02:00"]
    assert caution(crooked, good) == PARTLY


def test_an_end_beyond_all_calendars_is_cut_at_the_bound():
    assert read(calendar("DTSTART:20261125T010000Z\nDTEND:99991231T000000Z")).spans == (
        (datetime(2026, 11, 25, 1, tzinfo=UTC), UNTIL),
    )


def test_appointments_without_uid_have_nothing_to_do_with_each_other():
    good = [f"{TOKYO}\nDURATION:PT1H", "DTSTART:20261126T010000Z\nDURATION:PT1H"]
    text = calendar(*good, "DTSTART:rubbish").decode()
    content = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("UID")).encode()

    assert len(read(content).spans) == 2


def test_a_line_break_in_a_summary_adds_nothing_that_stands():
    """The server should have escaped it. What it lets in is an appointment of its owner, and no line of ours."""
    lines = f"{TOKYO}\nDURATION:PT1H\nSUMMARY:x\\nBEGIN:VEVENT\\nDTSTART:20261126T010000Z\\nEND:VEVENT"

    assert hours(lines) == ["25 01:00–25 02:00"]


def test_alarms_and_unknown_parts_are_passed_by():
    alarm = (
        "BEGIN:VALARM\nTRIGGER:-PT10M\nDURATION:PT9H\nDTSTART:20261201T000000Z\nSTATUS:CANCELLED\nEND:VALARM"
    )

    assert hours(f"{TOKYO}\nDURATION:PT1H\n{alarm}") == ["25 01:00–25 02:00"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><title>Sign in</title>",
        b"\x00\xff\xfe\x00" * 100,
        b"BEGIN:VEVENT\nDTSTART:20261125T010000Z\nEND:VEVENT\n",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261125T010000Z\nDURATION:PT1H\nEND:VEVENT\n",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n",
        b"END:VCALENDAR\n",
        b"BEGIN:VCALENDAR\n" * 100,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:" + b"2" * 100_001 + b"\nEND:VEVENT\nEND:VCALENDAR\n",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:" + b"2\n " * 100_001 + b"\nEND:VEVENT\nEND:VCALENDAR\n",
    ],
)
def test_what_is_no_whole_calendar_is_refused(content):
    with pytest.raises(RuleViolation, match="calendar_broken"):
        read(content)


def test_an_empty_calendar_is_one():
    assert read(b"\xef\xbb\xbfBEGIN:VCALENDAR\nEND:VCALENDAR") == read(calendar())
    assert read(calendar()).spans == ()
