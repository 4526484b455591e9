"""The screen of a supporter's hours: the week, days that differ, the terms, and two people at it at once."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select

from mentorlink.core.audit import AuditEntry
from mentorlink.people.models import Receiving
from mentorlink.scheduling.models import AvailabilityException, Meeting, MeetingState, SlotOffer, WeeklyWindow
from mentorlink.scheduling.services import offer_slots
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting, make_person, make_supporter

PAGE = "/supporter/availability"
TODAY = date(2026, 11, 25)
TUESDAY_EVENING = [(1, 1140, 1260)]
SEEN = "1:1140-1260"


@pytest.fixture
def supporter(session):
    supporter = make_supporter(session, windows=TUESDAY_EVENING)
    session.commit()
    return supporter


@pytest.fixture
def mentor(as_supporter, supporter):
    return as_supporter(supporter)


def text_of(answer) -> str:
    return answer.get_data(as_text=True)


def windows(session) -> list[tuple[int, int, int]]:
    session.rollback()
    rows = session.scalars(select(WeeklyWindow).order_by(WeeklyWindow.weekday, WeeklyWindow.start_minute))
    return [(row.weekday, row.start_minute, row.end_minute) for row in rows]


def exceptions(session) -> list[tuple[date, int, int, bool]]:
    session.rollback()
    order = (AvailabilityException.day, AvailabilityException.start_minute)
    rows = session.scalars(select(AvailabilityException).order_by(*order))
    return [(row.day, row.start_minute, row.end_minute, row.is_free) for row in rows]


def halves(weekday: int, start: int, end: int) -> list[str]:
    return [f"{weekday}-{minute}" for minute in range(start, end, 30)]


def day(first: str = "2026-12-05", **more: str) -> dict[str, str]:
    return {"kind": "off", "first": first, "last": "", "start": "", "end": ""} | more


def terms(**more: str) -> dict[str, str]:
    seen = "48|15|1|3|1|Asia/Tokyo|open|"
    values = {"notice": "48", "rest": "15", "per_week": "1", "per_month": "3", "zone": "Asia/Tokyo"}
    return {"seen_terms": seen, "holidays": "y", "receiving": "open", "until": ""} | values | more


# ---- the week


def test_the_week_is_drawn_with_a_label_for_each_half_hour(mentor):
    page = text_of(mentor.get(PAGE))
    assert page.count('name="free"') == 336
    assert 'value="1-1140" aria-label="火曜 19:00" checked' in page
    assert page.count(" checked></td>") == 4
    assert "火曜 19:00〜21:00" in page


def test_half_hours_that_touch_are_saved_as_one_window(mentor, session):
    ticked = halves(0, 600, 720) + halves(0, 720, 780) + halves(6, 1410, 1440)
    assert mentor.post(PAGE, data={"seen": SEEN, "free": ticked}).status_code == 303
    assert windows(session) == [(0, 600, 780), (6, 1410, 1440)]


def test_no_half_hour_at_all_empties_the_week(mentor, session):
    assert mentor.post(PAGE, data={"seen": SEEN}).status_code == 303
    assert windows(session) == []


@pytest.mark.parametrize("half", ["7-600", "0-1440", "0-15", "-1-600", "x", "0-600-", "０-600"])
def test_a_half_hour_that_no_week_has_is_told_and_the_others_stay_ticked(mentor, session, half):
    answer = mentor.post(PAGE, data={"seen": SEEN, "free": ["3-600", half]})
    assert answer.status_code == 422
    assert 'value="3-600" aria-label="木曜 10:00" checked' in text_of(answer)
    assert windows(session) == TUESDAY_EVENING


@pytest.mark.parametrize("seen", ["1:1140", "x", "9:0-30", "1:1140-1260;"])
def test_a_base_that_no_page_carried_is_refused(mentor, seen):
    assert mentor.post(PAGE, data={"seen": seen}).status_code == 400


def test_a_week_that_somebody_changed_meanwhile_is_not_lost(mentor, as_office, supporter, session):
    address = f"/office/supporters/{supporter.id}/availability"
    assert as_office.post(address, data={"seen": SEEN, "free": halves(4, 600, 720)}).status_code == 303
    stale = mentor.post(PAGE, data={"seen": SEEN, "free": halves(2, 540, 600)})
    page = text_of(stale)
    assert stale.status_code == 409
    assert windows(session) == [(4, 600, 720)]
    assert "金曜 10:00〜12:00" in page  # what is saved now
    assert 'value="2-540" aria-label="水曜 9:00" checked' in page  # what was typed
    assert mentor.post(PAGE, data={"seen": "4:600-720", "free": halves(2, 540, 600)}).status_code == 303
    assert windows(session) == [(2, 540, 600)]


def test_the_same_week_saved_twice_is_no_conflict(mentor, session):
    for _press in range(2):
        sent = {"seen": SEEN, "free": halves(2, 540, 600)}
        assert mentor.post(PAGE, data=sent).status_code == 303
    assert windows(session) == [(2, 540, 600)]


def test_saving_offers_hours_at_once_to_those_without(mentor, supporter, session):
    mentor.post(PAGE, data={"seen": SEEN})
    session.rollback()
    engagement = make_engagement(session, supporters=[supporter])
    session.commit()
    assert offer_slots(session, engagement, now=NOW).slots == []
    session.commit()
    mentor.post(PAGE, data={"seen": "", "free": halves(1, 1080, 1260)})
    session.rollback()
    newest = session.scalar(select(SlotOffer).order_by(SlotOffer.id.desc()).limit(1))
    assert len(newest.slots) >= 1


def test_an_agreed_talk_stays_and_is_named_when_it_lies_outside(mentor, supporter, session):
    engagement = make_engagement(session, supporters=[supporter])
    inside = make_meeting(session, engagement=engagement, starts_at=datetime(2026, 12, 1, 10, 0, tzinfo=UTC))
    number = inside.id
    session.commit()
    assert f'href="/meetings/{number}"' not in text_of(mentor.get(PAGE))
    mentor.post(PAGE, data={"seen": SEEN, "free": halves(5, 600, 720)})
    assert f'href="/meetings/{number}"' in text_of(mentor.get(PAGE))
    session.rollback()
    assert session.get(Meeting, number).state is MeetingState.CONFIRMED


def test_a_day_off_on_the_day_of_a_talk_says_at_once_that_it_stays(mentor, supporter, session):
    engagement = make_engagement(session, supporters=[supporter])
    make_meeting(session, engagement=engagement, starts_at=datetime(2026, 12, 1, 10, 0, tzinfo=UTC))
    session.commit()
    answer = mentor.post(f"{PAGE}/exceptions", data=day("2026-12-01"), follow_redirects=True)
    assert "決まっているお話しが1件あります" in text_of(answer)
    other = mentor.post(f"{PAGE}/exceptions", data=day("2026-12-02"), follow_redirects=True)
    assert "決まっているお話しが1件あります" not in text_of(other)


# ---- what it comes to


def test_the_preview_names_the_days_of_two_weeks(mentor):
    page = text_of(mentor.get(PAGE))
    assert "12月1日（火）" in page
    assert "19:00〜20:00" in page


@pytest.mark.parametrize(
    ("columns", "week", "words"),
    [
        ({"receiving": Receiving.PAUSED}, TUESDAY_EVENING, "いまは、お休み中です"),
        ({}, [], "空いている時間が、まだありません"),
        ({"capacity_week": 0}, TUESDAY_EVENING, "週か月の上限が、0回になっています"),
        ({}, [(1, 1140, 1170)], "30分の枠が二つ続いて"),
        ({"notice_hours": 336}, TUESDAY_EVENING, "お約束のしめきり"),
    ],
)
def test_where_nothing_is_left_the_page_says_why(as_supporter, session, columns, week, words):
    supporter = make_supporter(session, windows=week, **columns)
    session.commit()
    page = text_of(as_supporter(supporter).get(PAGE))
    assert words in page.split('id="preview"')[1].split("</section>")[0]


def test_days_off_that_close_two_weeks_are_said(mentor):
    mentor.post(f"{PAGE}/exceptions", data=day("2026-11-25", last="2026-12-10"))
    assert "お休みの日や祝日と重なっています" in text_of(mentor.get(PAGE))


def test_a_day_off_leaves_the_days_on_which_talks_can_be(mentor):
    mentor.post(f"{PAGE}/exceptions", data=day("2026-12-01"))
    mentor.post(f"{PAGE}/exceptions", data=day("2026-12-04", kind="free", start="600", end="660"))
    shown = text_of(mentor.get(PAGE)).split('id="preview"')[1].split("</section>")[0]
    found = [each in shown for each in ("12月1日（火）", "12月4日（金）", "12月8日（火）")]
    assert found == [False, True, True]


def test_a_full_week_is_said(as_supporter, session):
    supporter = make_supporter(session, windows=TUESDAY_EVENING)
    engagement = make_engagement(session, supporters=[supporter])
    for days in (0, 7):
        begins = datetime(2026, 12, 1, 10, 0, tzinfo=UTC) + timedelta(days=days)
        make_meeting(session, engagement=engagement, starts_at=begins)
    session.commit()
    assert "週か月の上限までお約束があります" in text_of(as_supporter(supporter).get(PAGE))


# ---- days that differ


@pytest.mark.parametrize(
    "first",
    ["2026-12-05", "令和8年12月5日", "R8.12.5", "2026/12/5", "２０２６年１２月５日", "12/5", "12月5日（土）"],
)
def test_a_whole_day_off_is_read_in_any_way_of_writing_it(mentor, session, first):
    assert mentor.post(f"{PAGE}/exceptions", data=day(first)).status_code == 303
    assert exceptions(session) == [(date(2026, 12, 5), 0, 1440, False)]


def test_some_hours_until_midnight_are_free_besides_the_week(mentor, session):
    data = day(kind="free", start="1380", end="1440")
    assert mentor.post(f"{PAGE}/exceptions", data=data).status_code == 303
    assert exceptions(session) == [(date(2026, 12, 5), 1380, 1440, True)]


def test_days_in_a_row_are_one_line_and_taken_back_together(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=day("2026-12-28", last="2027-01-03"))
    page = text_of(mentor.get(PAGE))
    assert "2026年12月28日（月）〜1月3日（日）" in page
    session.rollback()
    ids = [str(number) for number in session.scalars(select(AvailabilityException.id))]
    assert len(ids) == 7
    assert mentor.post(f"{PAGE}/exceptions/removal", data={"ids": " ".join(ids)}).status_code == 303
    assert exceptions(session) == []


def test_what_was_said_last_of_a_day_counts(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=day())
    mentor.post(f"{PAGE}/exceptions", data=day(kind="free", start="600", end="720"))
    fifth = date(2026, 12, 5)
    assert exceptions(session) == [(fifth, 0, 600, False), (fifth, 600, 720, True), (fifth, 720, 1440, False)]
    mentor.post(f"{PAGE}/exceptions", data=day())
    assert exceptions(session) == [(fifth, 0, 1440, False)]


WEEK_OFF = day("2026-11-25", last="2026-12-01")
SATURDAY = day("2026-11-28", kind="free", start="600", end="720")
EXTRA = (date(2026, 11, 28), 600, 720, True)


def test_a_week_off_asks_what_becomes_of_an_extra_saturday(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    page = text_of(answer := mentor.post(f"{PAGE}/exceptions", data=WEEK_OFF))
    assert (answer.status_code, exceptions(session)) == (422, [EXTRA])
    for words in (
        "前に「特別に空いている」と書いて",
        "10:00〜12:00",
        'name="others" value="keep"',
        'value="drop"',
    ):
        assert words in page


@pytest.mark.parametrize(("choice", "stays"), [("keep", True), ("drop", False)])
def test_the_extra_saturday_stays_or_goes_as_they_say(mentor, session, choice, stays):
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    assert mentor.post(f"{PAGE}/exceptions", data=WEEK_OFF | {"others": choice}).status_code == 303
    assert (EXTRA in exceptions(session)) == stays
    assert (date(2026, 12, 1), 0, 1440, False) in exceptions(session)


def test_a_week_off_is_one_line_and_the_extra_saturday_another(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=WEEK_OFF)
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    page = text_of(mentor.get(PAGE))
    assert page.count('name="ids"') == 2
    assert "2026年11月25日（水）〜12月1日（火）" in page


def ids_of(page: str) -> list[str]:
    return re.findall(r'name="ids" value="([^"]+)"', page)


def test_the_extra_saturday_taken_back_is_off_again(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=WEEK_OFF)
    before = exceptions(session)
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    saturday = ids_of(text_of(mentor.get(PAGE)))[1]
    mentor.post(f"{PAGE}/exceptions/removal", data={"ids": saturday})
    assert exceptions(session) == before


def test_the_week_off_taken_back_leaves_the_extra_saturday(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=WEEK_OFF)
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    week = ids_of(text_of(mentor.get(PAGE)))[0]
    mentor.post(f"{PAGE}/exceptions/removal", data={"ids": week})
    assert exceptions(session) == [EXTRA]


def test_a_day_off_over_extra_hours_of_that_day_says_that_they_are_gone(mentor, session):
    mentor.post(f"{PAGE}/exceptions", data=SATURDAY)
    page = text_of(mentor.post(f"{PAGE}/exceptions", data=day("2026-11-28"), follow_redirects=True))
    assert exceptions(session) == [(date(2026, 11, 28), 0, 1440, False)]
    assert "2026年11月28日（土） 10:00〜12:00は、取り消しました" in page


def test_hours_free_besides_ask_for_their_hours(mentor, session):
    page = text_of(mentor.post(f"{PAGE}/exceptions", data=day(kind="free")))
    assert "何時から何時までかを選んでください" in page
    assert exceptions(session) == []


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        (day("2026-11-24"), "first"),
        (day("2027-12-31"), "first"),
        (day("9999-12-31"), "first"),
        (day("2026-02-30"), "first"),
        (day("平成38年12月5日"), "first"),
        (day(""), "first"),
        (day("来週の土曜"), "first"),
        (day("12月5日（日）"), "first"),
        (day("11/24"), "first"),
        (day(kind="free"), "start"),
        (day(last="2026-12-04"), "last"),
        (day(last="2027-02-05"), "last"),
        (day(start="600"), "end"),
        (day(end="600"), "end"),
        (day(start="600", end="600"), "end"),
        (day(start="720", end="600"), "end"),
        (day(start="1440", end="1440"), "start"),
        (day(start="601", end="720"), "start"),
        (day(start="600", end="1470"), "end"),
        (day(kind="dog"), "kind"),
    ],
)
def test_a_day_that_cannot_be_is_told_in_its_place_and_kept(mentor, session, sent, place):
    answer = mentor.post(f"{PAGE}/exceptions", data=sent)
    assert answer.status_code == 422
    assert f'id="{place}-fault"' in text_of(answer)
    assert sent["first"] in text_of(answer)
    assert exceptions(session) == []


@pytest.mark.parametrize("whole", ["2027-12-30", "2026-11-25"])
def test_today_and_four_hundred_days_ahead_are_within_reach(mentor, whole):
    assert mentor.post(f"{PAGE}/exceptions", data=day(whole)).status_code == 303


@pytest.fixture
def abroad(as_supporter, session):
    supporter = make_supporter(session, windows=TUESDAY_EVENING)
    supporter.person.zone = "America/New_York"
    session.commit()
    return as_supporter(supporter)


def test_a_time_that_the_clocks_skip_is_told_with_its_neighbours(abroad, session):
    answer = abroad.post(f"{PAGE}/exceptions", data=day("2027-03-14", start="150", end="240"))
    assert answer.status_code == 422
    assert "2:30はありません。1:30か3:30にしてください。" in text_of(answer)
    assert exceptions(session) == []


def test_one_tap_takes_the_neighbour_instead(abroad, session):
    sent = day("2027-03-14", start="150", end="240")
    page = text_of(abroad.post(f"{PAGE}/exceptions", data=sent))
    for tap in ("start-90", "start-210"):
        assert f'name="instead" value="{tap}"' in page
    assert abroad.post(f"{PAGE}/exceptions", data=sent | {"instead": "start-210"}).status_code == 303
    assert exceptions(session) == [(date(2027, 3, 14), 210, 240, False)]


@pytest.mark.parametrize("sent", ["kind-free", "start-7", "start", "first-2026-12-01", "x" * 999])
def test_a_tap_that_no_page_has_changes_nothing_else(mentor, session, sent):
    answer = mentor.post(f"{PAGE}/exceptions", data=day(instead=sent))
    assert all((start, end, free) == (0, 1440, False) for _day, start, end, free in exceptions(session))
    assert answer.status_code in (303, 422)


def test_of_a_time_that_the_clocks_show_twice_it_is_asked_which(abroad, session):
    sent = day("2027-11-07", start="60", end="240")
    answer = abroad.post(f"{PAGE}/exceptions", data=sent)
    assert (answer.status_code, exceptions(session)) == (422, [])
    for words in (
        "11月7日（日）は時計がもどる日で、1:00が2回あります",
        'value="start-60"',
        "最初の1:00",
        'value="start-120"',
    ):
        assert words in text_of(answer)


@pytest.mark.parametrize("minute", [60, 120])
def test_either_of_the_two_is_one_tap(abroad, session, minute):
    sent = day("2027-11-07", start="60", end="240", instead=f"start-{minute}")
    assert abroad.post(f"{PAGE}/exceptions", data=sent).status_code == 303
    assert exceptions(session) == [(date(2027, 11, 7), minute, 240, False)]


def test_two_such_times_are_asked_for_one_after_the_other(abroad, session):
    sent = day("2027-11-07", start="60", end="90", instead="start-60")
    answer = abroad.post(f"{PAGE}/exceptions", data=sent)
    assert (answer.status_code, 'name="settled" value="start"' in text_of(answer)) == (422, True)
    sent |= {"settled": "start", "instead": "end-120"}
    assert abroad.post(f"{PAGE}/exceptions", data=sent).status_code == 303
    assert exceptions(session) == [(date(2027, 11, 7), 60, 120, False)]


# ---- terms


def test_the_terms_are_saved_at_once(mentor, supporter, session):
    data = terms(notice="24", rest="30", per_week="２", per_month="40", zone="Europe/London")
    data.pop("holidays")
    assert mentor.post(f"{PAGE}/terms", data=data).status_code == 303
    session.rollback()
    assert (supporter.notice_hours, supporter.buffer_minutes) == (24, 30)
    assert (supporter.capacity_week, supporter.capacity_month) == (2, 40)
    assert (supporter.free_on_holidays, supporter.person.zone) == (False, "Europe/London")


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ({"notice": "337"}, "notice"),
        ({"notice": "-1"}, "notice"),
        ({"rest": "121"}, "rest"),
        ({"per_week": "41"}, "per_week"),
        ({"per_week": "-1"}, "per_week"),
        ({"per_month": "101"}, "per_month"),
        ({"per_month": "たくさん"}, "per_month"),
        ({"per_month": "9" * 19}, "per_month"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"receiving": "never"}, "receiving"),
        ({"receiving": "paused", "until": "2026-11-24"}, "until"),
        ({"receiving": "paused", "until": "9999-01-01"}, "until"),
    ],
)
def test_terms_beyond_their_bounds_are_told_in_their_place(mentor, supporter, session, sent, place):
    answer = mentor.post(f"{PAGE}/terms", data=terms(**sent))
    assert answer.status_code == 422
    assert f'id="{place}-fault"' in text_of(answer)
    session.rollback()
    assert (supporter.notice_hours, supporter.capacity_week, supporter.person.zone) == (48, 1, "Asia/Tokyo")


def test_a_pause_until_a_day_ends_by_itself(mentor, supporter, session, clock):
    data = terms(receiving="paused", until="令和8年12月10日")
    assert mentor.post(f"{PAGE}/terms", data=data).status_code == 303
    session.rollback()
    assert supporter.paused_until == date(2026, 12, 10)
    clock.now = NOW + timedelta(days=16)
    page = text_of(mentor.get(PAGE))
    assert 'value="open" checked' in page
    assert "いまは、お休み中です" not in page


def test_terms_that_somebody_changed_meanwhile_are_shown_with_what_changed(
    mentor, as_office, supporter, session
):
    address = f"/office/supporters/{supporter.id}/availability/terms"
    assert as_office.post(address, data=terms(notice="72")).status_code == 303
    stale = mentor.post(f"{PAGE}/terms", data=terms(per_week="2"))
    assert stale.status_code == 409
    assert "2日前まで（48時間） → 3日前まで（72時間）" in text_of(stale)
    assert 'name="per_week" type="text" value="2"' in text_of(stale)
    session.rollback()
    assert (supporter.notice_hours, supporter.capacity_week) == (72, 1)
    fresh = terms(per_week="2", seen_terms="72|15|1|3|1|Asia/Tokyo|open|")
    assert mentor.post(f"{PAGE}/terms", data=fresh).status_code == 303


def test_the_zones_are_grouped_with_japan_first(mentor):
    page = text_of(mentor.get(PAGE))
    options = page.split('name="zone"')[1]
    assert options.index("Asia/Tokyo") < options.index("<optgroup")
    assert '<optgroup label="ヨーロッパ">' in options
    assert ">ロンドン（イギリス）</option>" in options


@pytest.mark.parametrize(("keeps", "words"), [(True, "10:00〜12:00"), (False, "お休み")])
def test_a_holiday_to_come_says_what_it_means(as_supporter, session, keeps, words):
    supporter = make_supporter(session, windows=[(0, 600, 720)], free_on_holidays=keeps)
    session.commit()
    page = text_of(as_supporter(supporter).get(PAGE))
    lines = page.split('class="disclosure holidays"')[1].split("</ul>")[0].split("<li>")
    assert "元日" in lines[1]  # a Friday
    assert "もともと空きなし" in lines[1]
    assert "成人の日" in lines[2]  # a Monday
    assert words in lines[2]


def test_years_whose_holidays_are_not_published_are_called_so(mentor):
    assert "2028年からは、まだ発表されていない年です" in text_of(mentor.get(PAGE))


def test_the_first_page_asks_for_hours_only_where_there_are_none(as_supporter, mentor, session):
    bare = make_supporter(session, windows=[])
    session.commit()
    without = as_supporter(bare)
    words = "空いている時間が、まだありません"
    assert words in text_of(without.get("/supporter"))
    assert words not in text_of(mentor.get("/supporter"))
    without.post(f"{PAGE}/exceptions", data=day(kind="free", start="600", end="660"))
    assert words not in text_of(without.get("/supporter"))


# ---- who


def test_the_office_changes_a_supporters_hours_and_leaves_its_mark(as_office, supporter, session):
    base = f"/office/supporters/{supporter.id}/availability"
    assert supporter.person.display_name in text_of(as_office.get(base))
    as_office.post(base, data={"seen": SEEN, "free": halves(0, 600, 660)})
    as_office.post(f"{base}/exceptions", data=day())
    as_office.post(f"{base}/exceptions/removal", data={"ids": "1"})
    as_office.post(f"{base}/terms", data=terms())
    session.rollback()
    found = session.execute(select(AuditEntry.verb, AuditEntry.about).order_by(AuditEntry.id)).all()
    about = f"supporter:{supporter.id}"
    verbs = ["save_availability", "add_exceptions", "remove_exceptions", "save_terms"]
    assert [tuple(row) for row in found] == [(verb, about) for verb in verbs]


def test_nobody_takes_back_the_days_of_another(mentor, session):
    other = make_supporter(session)
    row = AvailabilityException(
        supporter_id=other.id, day=TODAY, start_minute=0, end_minute=1440, is_free=False
    )
    session.add(row)
    session.commit()
    mentor.post(f"{PAGE}/exceptions/removal", data={"ids": f"{row.id} x {'9' * 30}"})
    assert len(exceptions(session)) == 1


def test_a_supporter_does_not_enter_by_the_offices_door(mentor, supporter):
    assert mentor.get(f"/office/supporters/{supporter.id}/availability").status_code == 404


def test_nobody_opens_the_hours_of_somebody_who_was_erased(as_office, supporter, session):
    supporter.person.erased_at = NOW
    session.commit()
    assert as_office.get(f"/office/supporters/{supporter.id}/availability").status_code == 404


def test_an_applicant_has_no_week(as_applicant, supporter, session):
    engagement = make_engagement(session, supporters=[supporter])
    session.commit()
    assert as_applicant(engagement.application).get(PAGE).status_code == 404


def test_the_page_stays_light_however_many_days_differ(mentor, supporter, session):
    session.add_all(
        AvailabilityException(
            supporter_id=supporter.id,
            day=TODAY + timedelta(days=2 * number),
            start_minute=600,
            end_minute=720,
            is_free=True,
        )
        for number in range(40)
    )
    session.commit()
    first, last = text_of(mentor.get(PAGE)), text_of(mentor.get(f"{PAGE}?days=99999999"))
    assert [page.count('name="ids"') for page in (first, last)] == [15, 10]
    assert max(len(page.encode()) for page in (first, last)) < 100_000
    assert "あと25" in first


# ---- the office looks somebody up


def test_the_office_finds_a_supporter_by_a_part_of_the_name(as_office, session):
    for name in ("はる さん", "なつ さん"):
        make_supporter(session, person=make_person(session, display_name=name), windows=TUESDAY_EVENING)
    session.commit()
    page = text_of(as_office.get("/office/supporters?q=はる"))
    assert "はる さん" in page
    assert "火曜 19:00〜21:00" in page
    assert "なつ さん" not in page


def test_the_list_of_supporters_is_paged_under_the_same_queries(as_office, engine, session):
    make_supporter(session)
    session.commit()
    as_office.get("/office/supporters")
    before = queries_of(engine, lambda: as_office.get("/office/supporters"))
    for _more in range(45):
        make_supporter(session)
    session.commit()
    assert queries_of(engine, lambda: as_office.get("/office/supporters")) == before
    assert text_of(as_office.get("/office/supporters?page=2")).count("空き時間をひらく</span>") == 16
    assert as_office.get("/office/supporters?page=99999999999999999999").status_code == 200
    assert as_office.get("/office/supporters?page=-1&q=%00").status_code in {200, 400}


def queries_of(engine, ask) -> int:
    seen = []
    event.listen(engine, "before_cursor_execute", lambda *_arguments: seen.append(1))
    assert ask().status_code == 200
    return len(seen)
