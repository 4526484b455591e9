"""The board of half-years: what each needs, in which order, what the filter keeps; the same few queries always."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from benchmarks.board import counted, measure, seed_half_years
from mentorlink.accounts.models import SavedView
from mentorlink.core.actor import Role
from mentorlink.core.audit import AuditEntry
from mentorlink.engagements.models import (
    EngagementState,
    Handover,
    HandoverState,
    Milestone,
    MilestoneState,
    Pause,
    PauseReason,
    Side,
    ThreadPost,
)
from mentorlink.home.board.filters import BoardFilter
from mentorlink.home.board.lines import count_resting, keep_need, lines_of, order_lines
from mentorlink.home.board.marks import marks_of
from mentorlink.home.board.needs import WORDS, Need
from mentorlink.scheduling.models import MeetingState
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
    make_user,
)
from tests.pages import faults_of_page

PATH = "/office/engagements"
A_DAY = timedelta(days=1)
TODAY = date(2026, 11, 25)
ONE_PAGE = 100_000  # bytes


@pytest.fixture
def run(session):
    return make_programme(session, months=6)


def half_year(session, run, *, days=10, supporters=None, name=None, prefecture="17", **columns):
    """Running since ``days`` days, without a talk, a step or a word."""
    person = make_person(session, **({"display_name": name} if name else {}))
    application = make_application(
        session, programme=run, person=person, state="matched", prefecture=prefecture
    )
    dates = {"begins_on": TODAY - days * A_DAY, "ends_on": TODAY + 90 * A_DAY}
    values = {"opened_at": NOW - days * A_DAY} | dates | columns
    return make_engagement(session, application=application, supporters=supporters, **values)


def planned(session, engagement):
    """A talk this month and one ahead: nothing is missing."""
    make_meeting(session, engagement=engagement, starts_at=NOW + A_DAY, occupies=False)
    return engagement


def step(session, engagement, *, due_on, state=MilestoneState.NOT_STARTED, position=1, **columns):
    reached_at = NOW if state is MilestoneState.REACHED else None
    row = Milestone(
        engagement_id=engagement.id, position=position, code=None, title="見学に行く", due_on=due_on,
        state=state, reached_at=reached_at, **columns,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def needs(session, **words):
    wanted = BoardFilter.read(words)
    return [each.need for each in keep_need(order_lines(session, wanted, now=NOW), wanted)]


def ids(session, **words):
    wanted = BoardFilter.read(words)
    return {each.id for each in keep_need(order_lines(session, wanted, now=NOW), wanted)}


# ---- what each needs


@pytest.mark.parametrize(
    ("days", "need"), [(60, Need.CALL), (59, Need.WRITE), (30, Need.WRITE), (29, Need.NOTHING)]
)
def test_silence_asks_for_a_word_after_thirty_days_and_for_a_call_after_sixty(session, run, days, need):
    planned(session, half_year(session, run, days=days))
    assert needs(session) == [need]


def test_a_word_of_the_two_ends_the_silence_and_one_of_the_office_does_not(session, run):
    engagement = planned(session, half_year(session, run, days=40))
    for side, need in ((Side.OFFICE, Need.WRITE), (Side.APPLICANT, Need.NOTHING)):
        session.add(
            ThreadPost(engagement_id=engagement.id, side=side, body="見本", at=NOW, submission=side.value)
        )
        session.flush()
        assert needs(session) == [need]


def test_whoever_has_no_supporter_needs_one(session, run):
    planned(session, half_year(session, run, supporters=[]))
    assert needs(session) == [Need.MENTOR]


@pytest.mark.parametrize(
    ("state", "need"), [(HandoverState.ASKED, Need.NOTHING), (HandoverState.CHOSEN, Need.MENTOR)]
)
def test_a_change_of_supporter_waits_for_the_mentee_and_then_for_the_office(session, run, state, need):
    engagement = planned(session, half_year(session, run))
    chosen = NOW if state is HandoverState.CHOSEN else None
    session.add(
        Handover(
            engagement_id=engagement.id, wished_by=Side.APPLICANT, wished_at=NOW, state=state,
            chosen_at=chosen,
        )
    )  # fmt: skip
    session.flush()
    assert needs(session) == [need]


@pytest.mark.parametrize(
    ("until", "need"), [(TODAY, Need.RETURN), (TODAY + A_DAY, Need.NOTHING), (None, Need.NOTHING)]
)
def test_a_rest_is_looked_at_on_the_day_it_was_to_end(session, run, until, need):
    engagement = half_year(session, run, days=90, state=EngagementState.PAUSED)
    session.add(
        Pause(engagement_id=engagement.id, reason=PauseReason.DISASTER, since=NOW, expected_until=until)
    )
    session.flush()
    assert needs(session) == [need]


@pytest.mark.parametrize(
    ("since", "until", "wrote", "need"),
    [
        (30, None, None, Need.REST),
        (29, None, None, Need.NOTHING),
        (60, None, 29, Need.NOTHING),
        (60, None, 31, Need.REST),
        (60, TODAY + A_DAY, None, Need.NOTHING),
        (60, TODAY, 1, Need.RETURN),
    ],
)
def test_a_rest_without_a_day_is_given_a_word_each_month(session, run, *, since, until, wrote, need):
    engagement = half_year(session, run, days=90, state=EngagementState.PAUSED)
    began = NOW - since * A_DAY
    session.add(
        Pause(engagement_id=engagement.id, reason=PauseReason.FAMILY, since=began, expected_until=until)
    )
    if wrote is not None:
        at = NOW - wrote * A_DAY
        post = {"side": Side.OFFICE, "body": "春に", "at": at, "submission": "1"}
        session.add(ThreadPost(engagement_id=engagement.id, **post))
    session.flush()
    assert needs(session) == [need]
    assert count_resting(session, now=NOW) == (0 if need is Need.NOTHING else 1)


def test_the_desk_leads_to_those_who_rest(session, run, as_office):
    engagement = half_year(session, run, days=90, state=EngagementState.PAUSED)
    session.add(Pause(engagement_id=engagement.id, reason=PauseReason.OTHER, since=NOW - 40 * A_DAY))
    session.commit()
    assert "/office/engagements?state=resting" in as_office.get("/office").get_data(as_text=True)
    assert "お休み中の方に、ひと声" in as_office.get(f"{PATH}?state=resting").get_data(as_text=True)


def test_the_months_have_their_names_in_english(session, run, as_office):
    half_year(session, run)
    session.commit()
    as_office.post("/preferences", data={"locale": "en"})
    page = as_office.get(PATH).get_data(as_text=True)
    assert ">November</th>" in page
    assert 'data-label="November"' in page
    assert "Month 11" not in page


def test_a_half_year_that_is_over_is_to_be_closed(session, run):
    planned(session, half_year(session, run, ends_on=TODAY - A_DAY))
    assert needs(session) == [Need.CLOSE]


def test_one_with_every_step_done_is_to_be_closed(session, run):
    engagement = planned(session, half_year(session, run, ends_on=TODAY + A_DAY))
    step(session, engagement, due_on=TODAY, state=MilestoneState.REACHED)
    step(session, engagement, due_on=TODAY - A_DAY, state=MilestoneState.SKIPPED, position=2)
    assert needs(session) == [Need.CLOSE]


@pytest.mark.parametrize(("due_on", "need"), [(TODAY - A_DAY, Need.STEP), (TODAY, Need.NOTHING)])
@pytest.mark.parametrize("state", [EngagementState.PREPARING, EngagementState.RUNNING])
def test_a_step_is_looked_at_after_its_day(session, run, due_on, need, state):
    step(session, planned(session, half_year(session, run, state=state)), due_on=due_on)
    assert needs(session) == [need]


@pytest.mark.parametrize(("ended", "need"), [(3 * A_DAY, Need.RECORD), (2 * A_DAY, Need.NOTHING)])
def test_a_record_that_is_late_is_asked_for_before_a_step(session, run, ended, need):
    engagement = planned(session, half_year(session, run))
    past = {"starts_at": NOW - ended - timedelta(hours=1), "occupies": False}
    talk = make_meeting(session, engagement=engagement, **past)
    assert needs(session) == [need]
    (line,) = lines_of(session, order_lines(session, BoardFilter(), now=NOW), now=NOW)
    assert line.unrecorded_id == (talk.id if need is Need.RECORD else None)
    step(session, engagement, due_on=TODAY - A_DAY)
    assert needs(session) == [need if need is Need.RECORD else Need.STEP]


def test_talks_are_to_be_planned_where_one_is_missing_this_month_or_ahead(session, run):
    nothing, only_next, only_past, both = (half_year(session, run) for _ in range(4))
    make_meeting(session, engagement=only_next, starts_at=NOW + 20 * A_DAY, occupies=False)
    past = {"starts_at": NOW - 2 * A_DAY, "state": MeetingState.RECORDED, "occupies": False}
    make_meeting(session, engagement=only_past, **past)
    planned(session, both)
    assert ids(session, need="plan") == {nothing.id, only_next.id, only_past.id}
    assert ids(session, no_talk="1") == {nothing.id, only_next.id}


def test_who_needs_somebody_first_stands_first_and_the_longest_silence_on_top(session, run):
    fine = planned(session, half_year(session, run))
    quiet, quieter = (planned(session, half_year(session, run, days=days)) for days in (31, 44))
    alone = half_year(session, run, supporters=[])
    gone = half_year(session, run, days=80)
    order = order_lines(session, BoardFilter(), now=NOW)
    assert [each.id for each in order] == [gone.id, alone.id, quieter.id, quiet.id, fine.id]


def test_every_need_has_words_and_leads_to_a_page(session, run, as_office):
    engagement = half_year(session, run)
    step(session, engagement, due_on=TODAY - A_DAY)
    make_meeting(session, engagement=engagement, starts_at=NOW - 4 * A_DAY, occupies=False)
    line = lines_of(session, order_lines(session, BoardFilter(), now=NOW), now=NOW)[0]
    session.commit()
    for need in Need:
        assert as_office.get(WORDS[need].address(line)).status_code == 200, need


# ---- what the filter keeps


def test_single_talks_and_erased_people_are_not_on_the_board(session, run):
    make_engagement(session)
    half_year(session, run).recipient.erased_at = NOW
    kept = half_year(session, run)
    session.flush()
    assert ids(session, state="all") == {kept.id}


def test_each_filter_keeps_what_it_says(session, run):
    mentor = make_supporter(session, person=make_person(session, display_name="先輩さん"))
    other_run = make_programme(session, months=6)
    here = half_year(session, run, days=46, name="ことり", prefecture="03", supporters=[mentor])
    step(session, here, due_on=TODAY - A_DAY)
    away = planned(session, half_year(session, other_run, name="ひばり", prefecture="20"))
    resting = half_year(session, run, prefecture="20", state=EngagementState.PAUSED)
    ended = half_year(session, run, prefecture="20", state=EngagementState.FOLLOWING)
    reference = here.application.reference
    one = {"run": run.code, "state": "going_on"}
    for words in (
        one, {"prefecture": "03"}, {"supporter": "先輩"}, {"silence": "45"}, {"late": "1"}, {"q": "ことり"},
        {"q": reference}, {"need": "write"}, {"no_talk": "1"},
    ):  # fmt: skip
        assert ids(session, **words) == {here.id}, words
    assert ids(session) == {here.id, away.id, resting.id}
    assert ids(session, state="resting") == {resting.id}
    assert ids(session, state="ended") == {ended.id}


@pytest.mark.parametrize(
    "query",
    [
        "state=x&prefecture=99&silence=31&late=2&need=x&run=x&q=%F0",
        "page=0",
        "page=99999999999",
        "q=%25",
        "q=" + "a" * 5000,
        "q=%E2%80%AE",
        "silence=30&silence=60",
        "run='%20OR%201",
    ],
)
def test_whatever_the_address_says_there_is_a_page(session, run, as_office, query):
    half_year(session, run)
    session.commit()
    assert as_office.get(f"{PATH}?{query}").status_code == 200


def test_a_sign_that_searches_for_anything_is_searched_as_it_is(session, run):
    half_year(session, run, name="ことり")
    assert ids(session, q="%") == ids(session, q="_") == set()


# ---- the page


def test_the_months_say_talks_steps_and_rests_in_words(session, run, as_office):
    engagement = planned(session, half_year(session, run, days=40, name="ことり"))
    past = {"state": MeetingState.RECORDED, "occupies": False}
    make_meeting(session, engagement=engagement, starts_at=NOW - 35 * A_DAY, **past)
    missed = {"state": MeetingState.NO_SHOW, "occupies": False, "ended_by": "applicant"}
    make_meeting(session, engagement=engagement, starts_at=NOW - 20 * A_DAY, **missed)
    step(session, engagement, due_on=TODAY - 4 * A_DAY)
    session.add(
        Pause(
            engagement_id=engagement.id, reason=PauseReason.DISASTER, since=NOW - 30 * A_DAY,
            until=NOW - 29 * A_DAY,
        )
    )  # fmt: skip
    session.commit()
    page = as_office.get(PATH).text
    for words in ("ことり", "26日 予定", "21日", "5日 会えず", "見学に行く", "4日過ぎ", "休止（災害）"):
        assert words in page, words
    assert faults_of_page(page) == []


def test_a_line_with_a_long_past_shows_the_months_around_today(session, run):
    engagement = planned(session, half_year(session, run, days=400))
    past = {"state": MeetingState.RECORDED, "occupies": False}
    make_meeting(session, engagement=engagement, starts_at=NOW - 380 * A_DAY, **past)
    missed = {"state": MeetingState.NO_SHOW, "occupies": False, "ended_by": "applicant"}
    make_meeting(session, engagement=engagement, starts_at=NOW - 375 * A_DAY, **missed)
    lines = lines_of(session, order_lines(session, BoardFilter(), now=NOW), now=NOW)
    marks = marks_of(session, lines, now=NOW)
    assert (marks.months[0], marks.months[-1]) == (date(2026, 7, 1), date(2027, 1, 1))
    assert marks.before[engagement.id] == 1


def test_a_run_of_years_ago_shows_the_months_in_which_it_happened_also_while_somebody_still_rests(
    session, run
):
    over = half_year(session, run, days=900, ends_on=TODAY - 700 * A_DAY)
    resting = half_year(session, run, days=900, ends_on=TODAY - 700 * A_DAY, state=EngagementState.PAUSED)
    session.add(
        Pause(engagement_id=resting.id, reason=PauseReason.DISASTER, since=NOW - 780 * A_DAY, until=None)
    )
    for engagement in (over, resting):
        for days in (890, 860, 800):
            talk = {"starts_at": NOW - days * A_DAY, "state": MeetingState.RECORDED}
            make_meeting(session, engagement=engagement, occupies=False, **talk)
        step(session, engagement, due_on=TODAY - 795 * A_DAY)
    wanted = BoardFilter.read({"state": "all"})
    lines = lines_of(session, order_lines(session, wanted, now=NOW), now=NOW)
    marks = marks_of(session, lines, now=NOW)
    assert (marks.months[0], marks.months[-1]) == (date(2024, 6, 1), date(2024, 9, 1))
    states = {each.id: [one.state for cell in marks.cells[each.id] for one in cell.steps] for each in lines}
    assert states == {over.id: ["late"], resting.id: ["open"]}  # a rest moves the days with it
    assert [len(cell.talks) for cell in marks.cells[over.id]] == [1, 1, 0, 1]


def test_an_empty_board_says_what_will_be_there(as_office):
    page = as_office.get(PATH).text
    assert "半年の伴走がはじまると" in page
    assert faults_of_page(page) == []


def test_forty_and_four_hundred_are_read_with_the_same_few_queries(session, engine, as_office):
    assert as_office.get(PATH).status_code == 200  # the browser's first visit stores its session
    seen = []
    for number in (40, 360):
        seed_half_years(session, number, now=NOW)
        session.commit()
        with counted(engine) as statements:
            body = as_office.get(PATH).data
        seen.append(len(statements))
        assert len(body) <= ONE_PAGE
    assert seen[0] == seen[1] <= 8


@pytest.mark.both_databases
def test_both_databases_read_the_same_order(session):
    seed_half_years(session, 60, now=NOW)
    order = order_lines(session, BoardFilter(), now=NOW)
    assert [each.need for each in order] == sorted((each.need for each in order), key=list(Need).index)
    assert len(order) == len(lines_of(session, order, now=NOW)) == len(set(order))
    assert len(marks_of(session, lines_of(session, order, now=NOW), now=NOW).months) == 7


def test_the_board_is_the_offices_alone(session, client, as_supporter, as_applicant):
    for path in (PATH, f"{PATH}/messages", f"{PATH}/pauses", f"{PATH}/resumptions"):
        assert client.get(path).status_code == 303
        assert as_supporter(make_supporter(session)).get(path).status_code == 404
        assert as_applicant(make_application(session)).get(path).status_code == 404


# ---- saved views


def test_a_filter_is_named_opened_and_dropped(session, as_office):
    data = {"name": "石川", "prefecture": "17", "silence": "30", "role": "admin"}
    answer = as_office.post(f"{PATH}/views", data=data)
    assert answer.location == f"{PATH}?prefecture=17&silence=30"
    assert "石川" in as_office.get(answer.location).text
    assert session.scalar(select(SavedView.query)) == "prefecture=17&silence=30"
    session.rollback()
    assert as_office.post(f"{PATH}/views/deletion", data={"name": "石川"}).status_code == 303
    assert session.scalars(select(SavedView)).all() == []
    assert set(session.scalars(select(AuditEntry.verb))) == {"save_view", "drop_view"}


def test_the_same_name_gets_the_new_filter(session, as_office):
    for code in ("17", "20"):
        as_office.post(f"{PATH}/views", data={"name": "みる", "prefecture": code})
    assert session.scalars(select(SavedView.query)).all() == ["prefecture=20"]


def test_a_name_is_needed_and_the_filter_stays(as_office):
    answer = as_office.post(f"{PATH}/views", data={"name": " \u200b", "prefecture": "17"})
    assert answer.status_code == 422
    assert '<option value="17" selected>' in answer.text
    assert faults_of_page(answer.text) == []


def test_there_are_twenty_names_at_most(session, as_office):
    for number in range(20):
        assert as_office.post(f"{PATH}/views", data={"name": f"{number}"}).status_code == 303
    assert as_office.post(f"{PATH}/views", data={"name": "もう一つ"}).status_code == 422


def test_nobody_sees_or_drops_anothers_view(session, as_office, enter):
    as_office.post(f"{PATH}/views", data={"name": "わたしの", "state": "all"})
    other = make_user(session, role=Role.LEAD).id
    session.commit()
    colleague = enter(user_id=other)
    assert "わたしの" not in colleague.get(PATH).text
    colleague.post(f"{PATH}/views/deletion", data={"name": "わたしの"})
    assert session.scalar(select(SavedView.name)) == "わたしの"


def test_the_benchmark_prints_what_the_board_is_held_to():
    found = measure(40, requests=1)
    assert set(found) == {"milliseconds", "queries", "bytes"}
    assert found["queries"] <= 8


def test_the_call_opens_with_its_number_and_its_cautions(session, run, as_office):
    engagement = half_year(session, run, days=80)
    person = engagement.recipient
    person.phone, person.call_hours, person.no_voicemail = "+81312345678", "平日の夕方", True
    (line,) = lines_of(session, order_lines(session, BoardFilter(), now=NOW), now=NOW)
    session.commit()
    page = as_office.get(WORDS[Need.CALL].address(line)).text
    call = page[page.index('<details class="disclosure" open id="call">') :]
    assert all(each in call for each in ("tel:0312345678", "平日の夕方", "名乗らずに切ってください"))
