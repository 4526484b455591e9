"""Calendars to look at: whose talks stand where, on whose clocks, and how much is asked for them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from benchmarks.board import counted
from mentorlink.engagements.models import EngagementSupporter
from mentorlink.home.calendar.layout import hours_shown, lay_out, week_with, without
from mentorlink.people.models import Receiving
from mentorlink.scheduling.models import (
    BusySpan,
    CalendarSource,
    Meeting,
    MeetingState,
)
from mentorlink.scheduling.queries.calendar import Talk
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_supporter

MONDAY = date(2026, 11, 23)
EVENING = NOW.replace(hour=10) + timedelta(days=1)  # Thursday, 19:00 in Tokyo
HOUR = timedelta(hours=1)
TOKYO, NEW_YORK = "Asia/Tokyo", "America/New_York"


def half_year(session, *, name="あおい", zone=TOKYO, safe_contact=False, supporter=None, programme=None):
    person = make_person(session, display_name=name, zone=zone, safe_contact=safe_contact)
    more = {"programme": programme} if programme else {}
    application = make_application(session, person=person, state="matched", **more)
    engagement = make_engagement(
        session, application=application, supporters=[supporter or make_supporter(session)]
    )
    engagement.supporters[0].since = NOW - timedelta(days=90)
    session.flush()
    return engagement


@pytest.fixture
def supporter(session):
    return make_supporter(session)


@pytest.fixture
def engagement(session, supporter):
    return half_year(session, supporter=supporter)


@pytest.fixture
def talk(session, engagement):
    return make_meeting(session, engagement=engagement, starts_at=EVENING)


def queries(engine, act) -> int:
    with counted(engine) as statements:
        act()
    return len(statements)


# ---- a supporter's week


def test_a_supporter_sees_their_talk_on_its_day(as_supporter, supporter, talk):
    page = as_supporter(supporter).get("/supporter/calendar").text
    thursday = page.partition("11月26日（木）</span>")[2].partition('</li>\n        <li class="day')[0]
    assert ("19:00〜20:00" in thursday, f'href="/meetings/{talk.id}"' in thursday) == (True, True)


def test_nobody_elses_talk_stands_in_it(as_supporter, session, supporter, talk):
    other = make_meeting(session, engagement=half_year(session, name="みどり"), starts_at=EVENING)
    page = as_supporter(supporter).get("/supporter/calendar").text
    assert (f"/meetings/{talk.id}" in page, f"/meetings/{other.id}" in page, "みどり" in page) == (
        True,
        False,
        False,
    )


def test_a_talk_after_it_was_handed_on_is_not_theirs(as_supporter, supporter, engagement, talk):
    engagement.supporters[0].until = NOW
    assert f"/meetings/{talk.id}" not in as_supporter(supporter).get("/supporter/calendar").text


@pytest.mark.parametrize(
    ("state", "is_shown"), [("cancelled", False), ("no_show", True), ("recorded", True), ("confirmed", True)]
)
def test_what_was_called_off_is_gone_and_what_was_missed_stays(
    as_supporter, session, engagement, state, is_shown
):
    supporter = engagement.supporters[0].supporter
    meeting = make_meeting(session, engagement=engagement, starts_at=EVENING, state=MeetingState(state))
    page = as_supporter(supporter).get("/supporter/calendar").text
    assert (f"/meetings/{meeting.id}" in page) is is_shown


def test_today_is_marked_once(as_supporter, supporter):
    page = as_supporter(supporter).get("/supporter/calendar").text
    marked = page.partition('aria-current="date"')[2]
    assert (marked.startswith('><span class="nowrap">11月25日（水）'), 'aria-current="date"' in marked) == (
        True,
        False,
    )


def test_the_weeks_before_and_after_are_one_step_away(as_supporter, supporter):
    page = as_supporter(supporter).get("/supporter/calendar?week=2026-11-29").text
    for words in (
        "2026年11月23日（月）</span>〜",
        "week=2026-11-16",
        "week=2026-11-30",
        "勤労感謝の日",
    ):
        assert words in page


@pytest.mark.parametrize("asked", ["x", "2026-13-01", "0001-01-01", "9999-12-31", "2026-11-25T10", "１"])
def test_a_week_that_is_none_is_this_one(as_supporter, supporter, asked):
    answer = as_supporter(supporter).get(f"/supporter/calendar?week={asked}")
    assert (answer.status_code, "2026年11月23日（月）" in answer.text) == (200, True)


def test_free_hours_are_drawn_without_what_takes_them(as_supporter, session, supporter, talk):
    source = CalendarSource(
        supporter_id=supporter.id, address="https://x.example/", added_at=NOW, next_at=NOW
    )
    session.add(source)
    session.flush()
    session.add(BusySpan(source_id=source.id, starts_at=EVENING - HOUR, ends_at=EVENING - HOUR / 2))
    session.commit()
    page = as_supporter(supporter).get("/supporter/calendar?week=2026-11-26").text
    thursday = page.partition("11月26日（木）</span>")[2].partition('<li class="day')[0]
    free = [each.partition("<")[0] for each in thursday.split('空き <span class="nowrap">')[1:]]
    assert all("18:00" not in each.partition("〜")[0] for each in free)
    assert free == ["18:30〜19:00", "20:00〜21:00"]


def test_in_a_rest_no_hour_is_drawn_as_free(as_supporter, supporter):
    browser = as_supporter(supporter)
    assert "空き <" in browser.get("/supporter/calendar").text
    supporter.receiving = Receiving.PAUSED
    assert "空き <" not in as_supporter(supporter).get("/supporter/calendar").text


def test_past_days_show_no_free_hours(as_supporter, supporter):
    assert "空き <" not in as_supporter(supporter).get("/supporter/calendar?week=2026-11-16").text


def test_a_week_asks_as_much_for_many_talks_as_for_one(as_supporter, session, engine, supporter, talk):
    browser = as_supporter(supporter)
    browser.get("/supporter/calendar")  # the first request of a visit notes that it was here
    one = queries(engine, lambda: browser.get("/supporter/calendar"))
    for number in range(12):
        make_meeting(
            session,
            engagement=half_year(session, supporter=supporter),
            starts_at=EVENING - timedelta(hours=number),
            occupies=False,
        )
    session.commit()
    assert queries(engine, lambda: browser.get("/supporter/calendar")) == one


# ---- clocks that differ


def test_both_clocks_stand_there_where_they_differ(as_supporter, session, supporter):
    make_meeting(
        session, engagement=half_year(session, zone=NEW_YORK, supporter=supporter), starts_at=EVENING
    )
    page = as_supporter(supporter).get("/supporter/calendar").text
    assert "お相手の時計では5:00〜6:00" in page


def test_who_must_not_be_found_is_not_placed_by_a_clock(as_supporter, session, supporter):
    hidden = half_year(session, zone=NEW_YORK, safe_contact=True, supporter=supporter)
    make_meeting(session, engagement=hidden, starts_at=EVENING)
    assert "お相手の時計" not in as_supporter(supporter).get("/supporter/calendar").text


def test_a_supporter_abroad_sees_their_own_clock_first(as_supporter, supporter, talk):
    supporter.person.zone = NEW_YORK
    page = as_supporter(supporter).get("/supporter/calendar").text
    for words in ("5:00〜6:00", "日本では19:00〜20:00", "時刻は、ニューヨーク"):
        assert words in page


def test_a_day_of_change_keeps_its_hours():
    night = datetime(2026, 11, 1, 4, tzinfo=UTC)  # midnight of the day with 25 hours
    week = week_with(date(2026, 11, 1), NEW_YORK)
    assert week.until - week.after == timedelta(hours=7 * 24 + 1)
    talks = [_talk(night + timedelta(hours=each)) for each in (0, 1, 2, 3)]
    days = lay_out(week, talks, (), NOW)
    assert [(each.hours, each.at < each.to) for each in days[6].entries] == [
        ("0:00〜1:00", True),
        ("1:00〜1:00", True),
        ("1:00〜2:00", True),
        ("2:00〜3:00", True),
    ]


def _talk(start, **columns) -> Talk:
    values = {"id": 1, "recipient": "あおい", "recipient_zone": TOKYO, "run_ja": "", "run_en": ""}
    values |= {"state": MeetingState.CONFIRMED, "way": "online", "supporters": ()}
    return Talk(starts_at=start, ends_at=start + HOUR, **values | columns)


def test_a_talk_over_midnight_ends_with_its_day_in_the_drawing():
    late = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)  # 23:30 in Tokyo
    days = lay_out(week_with(MONDAY, TOKYO), [_talk(late)], (), NOW)
    assert [(each.at, each.to) for each in days[2].entries] == [(94, 96)]
    assert hours_shown(days) == range(9, 24)


def test_what_is_taken_is_cut_out_of_what_is_free():
    at = [NOW + each * HOUR for each in range(8)]
    assert without([(at[0], at[6])], [(at[1], at[2]), (at[1], at[3]), (at[5], at[7])]) == [
        (at[0], at[1]),
        (at[3], at[5]),
    ]


# ---- the office's


def test_the_office_sees_every_run_or_one(as_office, session, talk):
    other = make_meeting(session, engagement=half_year(session, name="みどり"), starts_at=EVENING)
    session.commit()
    whole = as_office.get("/office/calendar").text
    one = as_office.get(f"/office/calendar?run={other.engagement.programme.code}").text
    names = [[name in page for name in ("あおい さん", "みどり さん")] for page in (whole, one)]
    assert names == [[True, True], [False, True]]


def test_a_run_that_does_not_exist_is_all_of_them(as_office, session, talk):
    session.commit()
    assert "あおい さん" in as_office.get("/office/calendar?run=nowhere").text


def test_a_full_day_says_how_many_more_and_opens_whole(as_office, session, engagement):
    for number in range(15):
        make_meeting(session, engagement=engagement, starts_at=EVENING + number * HOUR / 4, occupies=False)
    session.commit()
    page = as_office.get("/office/calendar").text
    assert (page.count('class="talk"'), "ほか3件" in page) == (12, True)
    day = as_office.get("/office/calendar?day=2026-11-26").text
    assert day.count('<th role="rowheader"') == 15


def test_a_day_of_hundreds_comes_in_pages(as_office, session, engagement):
    for _number in range(101):
        make_meeting(session, engagement=engagement, starts_at=EVENING, occupies=False)
    session.commit()
    counts = [
        as_office.get(f"/office/calendar?day=2026-11-26&page={page}").text.count('<th role="rowheader"')
        for page in (1, 2, 99)
    ]
    assert counts == [100, 1, 1]


@pytest.mark.parametrize("path", ["/office/calendar", "/office/calendar?day=2026-11-26"])
def test_the_office_asks_as_much_for_many_talks_as_for_one(as_office, session, engine, talk, path):
    session.commit()
    as_office.get(path)  # the first request of a visit notes that it was here
    one = queries(engine, lambda: as_office.get(path))
    for _number in range(20):
        make_meeting(session, engagement=half_year(session), starts_at=EVENING, occupies=False)
    session.commit()
    assert queries(engine, lambda: as_office.get(path)) == one


# ---- which of them: three choices that stay in the address


def shown(page: str) -> list[str]:
    """The recipients of the talks, in the order of the page."""
    return [each.partition(" さん")[0] for each in page.split("</b> <span>")[1:]]


@pytest.fixture
def several(session):
    """Three runs, two supporters, four states; all on Thursday."""
    kept = make_supporter(
        session, person=make_person(session, display_name="佐藤 けやき", display_kana="さとう けやき")
    )
    rows = (
        ("あおい", kept, "confirmed"),
        ("みどり", kept, "recorded"),
        ("きいろ", None, "no_show"),
        ("しろ", None, "cancelled"),
    )
    runs = {}
    for number, (name, supporter, state) in enumerate(rows):
        engagement = half_year(session, name=name, supporter=supporter)
        make_meeting(
            session,
            engagement=engagement,
            starts_at=EVENING + number * HOUR / 4,
            state=MeetingState(state),
            occupies=False,
        )
        runs[name] = engagement.programme.code
    session.commit()
    return runs


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["あおい", "みどり", "きいろ"]),
        ("state=planned", ["あおい"]),
        ("state=done", ["みどり"]),
        ("state=missed", ["きいろ"]),
        ("state=cancelled", ["しろ"]),
        ("supporter=けやき", ["あおい", "みどり"]),
        ("supporter=さとう", ["あおい", "みどり"]),
        ("supporter=けやき&state=done", ["みどり"]),
        ("supporter=%25", []),
        ("state=asleep", ["あおい", "みどり", "きいろ"]),
    ],
)
def test_the_office_chooses_whose_and_which_talks(as_office, several, words, names):
    week = as_office.get(f"/office/calendar?{words}").text
    day = as_office.get(f"/office/calendar?day=2026-11-26&{words}").text
    assert (shown(week), day.count('<th role="rowheader"')) == (names, len(names))


@pytest.mark.both_databases
def test_what_was_chosen_stays_through_the_weeks_and_is_told(as_office, several):
    page = as_office.get(f"/office/calendar?supporter=けやき&state=done&run={several['みどり']}").text
    assert f"week=2026-11-30&amp;run={several['みどり']}&amp;state=done&amp;supporter=" in page
    assert 'name="week" value="2026-11-23"' in page
    assert 'value="けやき"' in page
    assert '<option value="done" selected>' in page
    assert "お話し 1件" in page
    assert 'href="/office/calendar?week=2026-11-23">絞り込みをやめる' in page


def test_a_supporter_whom_a_talk_has_left_is_not_found_by_it(as_office, session, several):
    for place in session.query(EngagementSupporter).all():
        place.until = EVENING - HOUR
    session.commit()
    assert shown(as_office.get("/office/calendar?supporter=けやき").text) == []


@pytest.mark.parametrize("path", ["/office/calendar?{}", "/office/calendar?day=2026-11-26&{}"])
def test_thousands_of_talks_cost_no_more_questions_and_a_light_page(as_office, session, engine, talk, path):
    words = path.format("state=planned")
    session.commit()
    as_office.get(words)
    one = queries(engine, lambda: as_office.get(words))
    session.execute(insert(Meeting), _thousands(talk))
    session.commit()
    page = as_office.get(words)
    assert queries(engine, lambda: as_office.get(words)) == one
    assert (len(page.data) < 100_000, "お話し 4,001件" in page.text or "お話し 4001件" in page.text) == (
        True,
        True,
    )


def _thousands(talk) -> list[dict[str, object]]:
    columns = {
        name: getattr(talk, name) for name in ("engagement_id", "state", "way", "minutes", "created_at")
    }
    return [
        columns
        | {
            "starts_at": EVENING,
            "ends_at": EVENING + HOUR,
            "uid": f"many-{number}",
            "sequence": 0,
            "version": 1,
        }
        for number in range(4_000)
    ]


def test_on_paper_the_office_s_list_has_the_year_of_the_era(as_office, session, talk):
    session.commit()
    week, day = (as_office.get(f"/office/calendar{words}").text for words in ("", "?day=2026-11-26"))
    assert '<p class="on-paper">令和8年11月23日〜令和8年11月29日 ・ 令和8年11月25日に印刷' in week
    assert '<p class="on-paper">令和8年11月26日 ・ ' in day
