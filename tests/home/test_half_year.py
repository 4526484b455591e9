"""わたしたちの半年: one page for three sides, one next thing each, a step's page, and the sheet on paper."""

from datetime import date, timedelta

import pytest

from mentorlink.applications.models import SelectionAnswer
from mentorlink.core.audit import AuditEntry
from mentorlink.engagements import services
from mentorlink.engagements.models import (
    EngagementState,
    EngagementSupporter,
    Evidence,
    EvidenceKind,
    Milestone,
    MilestoneState,
    PauseReason,
    Side,
)
from mentorlink.engagements.policies import Seat
from mentorlink.engagements.services.milestones import milestones_of
from mentorlink.home.half_year_next import next_for
from mentorlink.home.half_year_page import half_year_of
from mentorlink.programmes.models import SelectionQuestion
from mentorlink.scheduling.models import MeetingRecord, MeetingState
from tests.engagements.test_milestones import first_step, handed_in, make_half_year, show
from tests.factories import NOW, make_engagement, make_meeting, make_offer, make_supporter, make_user
from tests.home.test_office import count_statements
from tests.pages import faults_of_page

_S = MilestoneState
WHO = {"by": "user:1", "now": NOW}
SIDES = (Side.APPLICANT, Side.SUPPORTER, Side.OFFICE)


@pytest.fixture
def half_year(session):
    engagement = make_half_year(session)
    session.commit()
    return engagement


@pytest.fixture
def clients(session, half_year, as_applicant, as_supporter, as_office):
    return {
        Side.APPLICANT: as_applicant(half_year.application),
        Side.SUPPORTER: as_supporter(half_year.supporters[0].supporter),
        Side.OFFICE: as_office,
    }


def page_of(client, engagement):
    return client.get(f"/engagements/{engagement.id}")


def next_of(session, engagement, side):
    session.flush()
    return next_for(half_year_of(session, Seat(engagement, side, None), NOW))


def talked(session, engagement, days_ago=8, promise="空き家を見に行く"):
    starts_at = NOW - timedelta(days=days_ago)
    meeting = make_meeting(session, engagement=engagement, starts_at=starts_at, state=MeetingState.RECORDED)
    session.add(
        MeetingRecord(
            meeting_id=meeting.id,
            went_well="電話できた",
            difficult="家賃",
            next_promise=promise,
            promise_on=date(2026, 12, 6),
            written_by="user:1",
            written_at=NOW,
        )
    )
    session.flush()
    return meeting


# ---- the page


@pytest.mark.parametrize("side", SIDES)
def test_each_side_has_a_page_without_fault(session, clients, half_year, side):
    talked(session, half_year)
    show(session, first_step(session, half_year))
    session.commit()
    page = page_of(clients[side], half_year)
    assert (page.status_code, faults_of_page(page.text)) == (200, [])
    assert page.text.index("空き家を見に行く") < page.text.index("課題整理")


@pytest.mark.parametrize("side", list(Side))
def test_one_that_has_begun_without_an_end_is_shown_as_well(session, clients, half_year, side):
    half_year.ends_on = None
    session.commit()
    address = f"/engagements/{half_year.id}"
    session.rollback()
    for where in [address] + [f"{address}/print"] * (side is Side.APPLICANT):
        answer = clients[side].get(where)
        assert (answer.status_code, "11月25日" in answer.text) == (200, True)


def test_the_promise_of_an_ended_half_year_is_asked_of_nobody(session, clients, half_year):
    talked(session, half_year)
    half_year.state = EngagementState.FOLLOWING
    session.commit()
    assert "空き家を見に行く" not in page_of(clients[Side.APPLICANT], half_year).text


def test_a_single_talk_keeps_its_own_page(session, as_applicant):
    engagement = make_engagement(session)
    assert page_of(as_applicant(engagement.application), engagement).status_code == 404


def test_nobody_else_sees_it(session, half_year, as_applicant, as_supporter):
    strangers = [as_applicant(make_engagement(session).application), as_supporter(make_supporter(session))]
    assert [page_of(each, half_year).status_code for each in strangers] == [404, 404]


def test_the_office_leaves_a_trace(session, clients, half_year):
    page_of(clients[Side.OFFICE], half_year)
    session.rollback()
    assert session.query(AuditEntry).one().verb == "read_half_year"


def test_a_longer_half_year_asks_the_database_no_more(session, engine, clients, half_year):
    talked(session, half_year)
    session.commit()
    client, address = clients[Side.APPLICANT], f"/engagements/{half_year.id}"
    session.rollback()
    client.get(address)  # the first page of a visit sets its cookie
    few = count_statements(engine, lambda: client.get(address))
    for step in milestones_of(session, half_year):
        show(session, step)
    for days_ago in range(20, 120, 30):
        talked(session, half_year, days_ago)
    session.commit()
    assert count_statements(engine, lambda: client.get(address)) == few


def test_the_mails_way_in_leads_to_the_half_year(session, clients, half_year, as_applicant):
    address = "/my/applications/{}/half-year"
    answer = clients[Side.APPLICANT].get(address.format(half_year.application_id))
    assert answer.location == f"/engagements/{half_year.id}"
    single = make_engagement(session).application
    number = single.id
    assert as_applicant(single).get(address.format(number)).location == f"/my?application={number}"


# ---- goal and own steps


def test_the_goal_is_in_the_mentees_own_words(session, clients, half_year):
    clients[Side.APPLICANT].post(f"/engagements/{half_year.id}/goal", data={"goal": "朝ごはんの会"})
    session.rollback()
    assert half_year.goal == "朝ごはんの会"
    assert "朝ごはんの会" in page_of(clients[Side.SUPPORTER], half_year).text


def test_what_was_hoped_for_in_the_application_is_offered_to_the_mentee_alone(session, clients, half_year):
    programme = half_year.application.programme
    columns = {"text_ja": "半年たったとき", "text_en": "In half a year", "length": "block", "maximum": 600}
    hope = SelectionQuestion(programme_id=programme.id, code="hope", position=1, required=True, **columns)
    half_year.application.selection_answers.append(SelectionAnswer(question=hope, text="月に一度の縁側"))
    session.commit()
    seen = [("月に一度の縁側" in page_of(clients[side], half_year).text) for side in SIDES]
    assert (seen, half_year.goal) == ([True, False, False], None)


@pytest.mark.parametrize("goal", ["", "あ" * 601, "\u202e"])
def test_a_goal_that_cannot_be_is_questioned_and_kept(clients, half_year, goal):
    page = clients[Side.APPLICANT].post(f"/engagements/{half_year.id}/goal", data={"goal": goal})
    assert (page.status_code, goal in page.text, faults_of_page(page.text)) == (422, True, [])


def test_the_mentor_does_not_write_the_goal(clients, half_year):
    answer = clients[Side.SUPPORTER].post(f"/engagements/{half_year.id}/goal", data={"goal": "x"})
    assert answer.status_code == 404


@pytest.mark.parametrize("day", ["2026-12-20", "令和8年12月20日", "２０２６／１２／２０"])
def test_an_own_step_is_added_however_the_day_is_written(session, clients, half_year, day):
    data = {"title": "大家さんに会う", "due_on": day}
    clients[Side.APPLICANT].post(f"/engagements/{half_year.id}/milestones", data=data)
    session.rollback()
    assert session.query(Milestone).filter_by(title="大家さんに会う").one().due_on == date(2026, 12, 20)


@pytest.mark.parametrize("data", [{}, {"title": "会う", "due_on": "あした"}, {"title": "あ" * 61}])
def test_an_own_step_that_cannot_be_is_questioned(clients, half_year, data):
    page = clients[Side.APPLICANT].post(f"/engagements/{half_year.id}/milestones", data=data)
    assert (page.status_code, faults_of_page(page.text)) == (422, [])


# ---- what comes next


def put(session, engagement, *states):
    for step, state in zip(milestones_of(session, engagement), states, strict=False):
        step.state, step.reached_at = state, NOW if state is _S.REACHED else None


def plan(session, engagement, days=10):
    make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=days))


@pytest.mark.parametrize("side", SIDES)
def test_without_a_day_the_next_thing_is_a_day(session, half_year, side):
    assert next_of(session, half_year, side).url == f"/engagements/{half_year.id}/talks"


def test_with_a_day_the_next_thing_is_the_step(session, half_year):
    plan(session, half_year)
    step = first_step(session, half_year)
    assert next_of(session, half_year, Side.APPLICANT).url == f"/milestones/{step.id}"


def test_a_talk_within_a_day_comes_before_the_step(session, half_year):
    meeting = make_meeting(session, engagement=half_year, starts_at=NOW + timedelta(hours=20))
    assert next_of(session, half_year, Side.APPLICANT).url == f"/meetings/{meeting.id}"


def test_offered_hours_come_before_whatever_else_there_is(session, half_year):
    """They are kept for a few days only; a talk planned for another month does not hide them."""
    plan(session, half_year, days=1)
    plan(session, half_year, days=40)
    put(session, half_year, _S.NOT_STARTED, _S.REVISING)
    offer = make_offer(session, half_year)
    assert next_of(session, half_year, Side.APPLICANT).url == f"/my/slots/{offer.id}"


def test_where_no_hour_was_common_the_near_ones_come_next(session, half_year):
    make_offer(session, half_year, hours=0)
    assert next_of(session, half_year, Side.APPLICANT).url == f"/engagements/{half_year.id}/near-hours"


def test_a_talk_at_hand_comes_before_offered_hours(session, half_year):
    meeting = make_meeting(session, engagement=half_year, starts_at=NOW + timedelta(minutes=50))
    make_offer(session, half_year)
    assert next_of(session, half_year, Side.APPLICANT).url == f"/meetings/{meeting.id}"


def test_one_more_turn_comes_before_a_new_step(session, half_year):
    put(session, half_year, _S.NOT_STARTED, _S.REVISING)
    step = milestones_of(session, half_year)[1]
    assert next_of(session, half_year, Side.APPLICANT).url == f"/milestones/{step.id}"


def test_the_mentor_looks_before_anything_is_planned(session, half_year):
    put(session, half_year, _S.CHECKING)
    step = first_step(session, half_year)
    assert next_of(session, half_year, Side.SUPPORTER).url == f"/milestones/{step.id}"


def test_the_mentor_writes_the_three_lines_first(session, half_year):
    put(session, half_year, _S.CHECKING)
    over = NOW - timedelta(hours=5)
    meeting = make_meeting(session, engagement=half_year, starts_at=over, state=MeetingState.HELD)
    assert next_of(session, half_year, Side.SUPPORTER).url == f"/meetings/{meeting.id}/record"


@pytest.mark.parametrize("side", SIDES)
def test_a_rest_is_taken_up_with_one_button(session, half_year, side):
    services.pause_engagement(session, half_year, PauseReason.HEALTH, **WHO)
    found = next_of(session, half_year, side)
    assert (found.url, found.is_post) == (f"/engagements/{half_year.id}/resumption", True)


def test_when_all_is_done_the_half_year_is_closed(session, half_year):
    put(session, half_year, *[_S.REACHED] * 4, _S.SKIPPED)
    assert next_of(session, half_year, Side.APPLICANT).url == f"/engagements/{half_year.id}/ending"


def test_the_office_finds_a_mentor_where_there_is_none(session, half_year):
    half_year.supporters[0].until = NOW
    wanted = f"/office/applications/{half_year.application_id}/candidates"
    assert next_of(session, half_year, Side.OFFICE).url == wanted


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("state", EngagementState)
def test_every_side_has_something_next_in_every_state(session, half_year, side, state):
    half_year.state = state
    found = next_of(session, half_year, side)
    assert found.title
    assert found.label
    assert found.url.startswith("/")


# ---- a step's page


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("state", MilestoneState)
def test_a_step_has_a_page_in_every_state_for_every_side(session, clients, half_year, side, state):
    step = first_step(session, half_year)
    show(session, step)
    put(session, half_year, state)
    session.commit()
    page = clients[side].get(f"/milestones/{step.id}")
    assert (page.status_code, faults_of_page(page.text)) == (200, [])


def test_a_step_goes_its_way_by_the_pages(session, clients, half_year):
    base = f"/milestones/{first_step(session, half_year).id}"
    mentee, mentor = clients[Side.APPLICANT], clients[Side.SUPPORTER]
    mentee.post(f"{base}/beginning")
    mentee.post(f"{base}/evidence", data={"kind": "text", "text": "三人に聞きました"})
    mentee.post(f"{base}/hand-in")
    mentor.post(f"{base}/check", data={"answer": "one_more_turn", "words": "人数も書いてみませんか"})
    assert "人数も書いてみませんか" in mentee.get(base).text
    mentee.post(f"{base}/return")
    mentee.post(f"{base}/hand-in")
    mentee.post(f"{base}/retrieval")
    mentee.post(f"{base}/hand-in")
    mentor.post(f"{base}/check", data={"answer": "reached", "words": ""})
    session.rollback()
    assert first_step(session, half_year).state is _S.REACHED
    mentee.post(f"{base}/revision")
    mentee.post(f"{base}/skip")
    session.rollback()
    assert first_step(session, half_year).state is _S.SKIPPED


@pytest.mark.parametrize("verb", ["beginning", "hand-in", "retrieval", "skip", "return"])
def test_the_mentor_takes_no_steps_for_the_mentee(session, clients, half_year, verb):
    address = f"/milestones/{first_step(session, half_year).id}/{verb}"
    assert clients[Side.SUPPORTER].post(address).status_code == 404


def test_the_mentee_does_not_check_their_own_step(session, clients):
    step = handed_in(session)
    session.commit()
    answer = clients[Side.APPLICANT].post(f"/milestones/{step.id}/check", data={"answer": "reached"})
    assert answer.status_code == 404


@pytest.mark.parametrize("data", [{}, {"answer": "one_more_turn"}, {"answer": "perfect", "words": "x"}])
def test_a_check_that_says_too_little_is_questioned(session, clients, half_year, data):
    put(session, half_year, _S.CHECKING)
    session.commit()
    step_id = first_step(session, half_year).id
    session.rollback()
    page = clients[Side.SUPPORTER].post(f"/milestones/{step_id}/check", data=data)
    assert (page.status_code, faults_of_page(page.text)) == (422, [])


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "file"},
        {"kind": "text", "text": " "},
        {"kind": "text", "text": "あ" * 2001},
        {"kind": "link", "url": "ftp://example.org/"},
        {"kind": "link", "url": "https://a@b.example/"},
        {"kind": "meeting"},
        {"kind": "meeting", "meeting_id": "987654"},
    ],
)
def test_evidence_that_cannot_be_is_questioned(session, clients, half_year, data):
    step = first_step(session, half_year)
    session.rollback()
    page = clients[Side.APPLICANT].post(f"/milestones/{step.id}/evidence", data=data)
    session.rollback()
    assert (page.status_code, faults_of_page(page.text)) == (422, [])
    assert session.query(Evidence).count() == 0


def test_a_talk_of_another_half_year_shows_nothing_here(session, clients, half_year):
    foreign = talked(session, make_half_year(session))
    step = first_step(session, half_year)
    session.commit()
    data = {"kind": "meeting", "meeting_id": str(foreign.id)}
    assert clients[Side.APPLICANT].post(f"/milestones/{step.id}/evidence", data=data).status_code == 422


def test_a_link_shows_where_it_leads_and_tells_nobody_where_from(session, clients, half_year):
    step, url = first_step(session, half_year), "https://machi.example.org/a?b=<script>"
    services.add_evidence(session, step, EvidenceKind.LINK, url=url, side=Side.APPLICANT, **WHO)
    session.commit()
    page = clients[Side.SUPPORTER].get(f"/milestones/{step.id}").text
    assert 'rel="noopener noreferrer nofollow"' in page
    assert '<span class="host">machi.example.org</span>' in page
    assert "<script>" not in page.replace("<script src", "")


def test_each_side_takes_back_what_it_brought_and_nothing_else(session, clients, half_year):
    step = first_step(session, half_year)
    mine = show(session, step, "わたしの").id
    services.add_evidence(session, step, EvidenceKind.TEXT, text="メンターの", side=Side.SUPPORTER, **WHO)
    theirs = step.evidence[1].id
    session.commit()
    for number, client in ((theirs, clients[Side.APPLICANT]), (mine, clients[Side.SUPPORTER])):
        assert client.post(f"/evidence/{number}/removal").status_code == 404
    clients[Side.APPLICANT].post(f"/evidence/{mine}/removal")
    session.rollback()
    assert [each.text for each in session.query(Evidence)] == ["メンターの"]
    assert "のせたものを一つ、取り下げました" in clients[Side.SUPPORTER].get(f"/milestones/{step.id}").text


def test_another_day_has_a_reason(session, clients, half_year):
    step = first_step(session, half_year)
    session.rollback()
    data = {"due_on": "2027-01-10", "reason": "waiting"}
    clients[Side.SUPPORTER].post(f"/milestones/{step.id}/date", data=data)
    session.rollback()
    assert (step.due_on, step.moves[0].reason.value) == (date(2027, 1, 10), "waiting")


@pytest.mark.parametrize(
    "data", [{}, {"due_on": "2027-01-10", "reason": "pause"}, {"due_on": "2027-02-30", "reason": "other"}]
)
def test_a_day_that_cannot_be_is_questioned(session, clients, half_year, data):
    step = first_step(session, half_year)
    session.rollback()
    page = clients[Side.APPLICANT].post(f"/milestones/{step.id}/date", data=data)
    assert (page.status_code, faults_of_page(page.text)) == (422, [])


@pytest.mark.parametrize(("handed_over", "seen"), [(False, False), (True, True)])
def test_a_mentor_who_came_later_sees_earlier_evidence_where_it_was_handed_over(
    session, half_year, as_supporter, handed_over, seen
):
    step = first_step(session, half_year)
    show(session, step, "まえの方に見せたもの")
    half_year.supporters[0].until = NOW + timedelta(days=1)
    later = make_supporter(session)
    since = NOW + timedelta(days=2)
    half_year.supporters.append(
        EngagementSupporter(supporter_id=later.id, since=since, sees_evidence=handed_over)
    )
    session.flush()
    page = as_supporter(later).get(f"/milestones/{step.id}").text
    assert ("まえの方に見せたもの" in page) is seen


def test_a_mentor_who_came_later_is_not_led_to_talks_that_are_closed_to_them(
    session, half_year, as_supporter
):
    meeting, later = talked(session, half_year), make_supporter(session)
    half_year.supporters[0].until = NOW + timedelta(days=1)
    half_year.supporters.append(EngagementSupporter(supporter_id=later.id, since=NOW + timedelta(days=2)))
    session.flush()
    page = page_of(as_supporter(later), half_year)
    assert (page.status_code, f"/meetings/{meeting.id}" in page.text) == (200, False)
    assert "空き家を見に行く" not in page.text


def test_what_the_office_writes_for_somebody_leaves_a_trace(session, clients, half_year):
    step = first_step(session, half_year)
    session.rollback()
    clients[Side.OFFICE].post(f"/milestones/{step.id}/beginning")
    session.rollback()
    assert [row.verb for row in session.query(AuditEntry)] == ["begin_step"]


def test_the_mail_of_a_step_opens_that_half_year_only(session, half_year, enter):
    step, other = first_step(session, half_year), first_step(session)
    session.commit()
    visitor = enter(scope=("milestone", step.id))
    found = [visitor.get(f"/milestones/{each.id}").status_code for each in (step, other)]
    assert found == [200, 404]
    assert page_of(visitor, half_year).status_code == 200


# ---- on paper


def test_the_sheet_shows_what_the_mentee_chose_and_nothing_else(session, clients, half_year):
    step = first_step(session, half_year)
    shown, kept = show(session, step, "見せるもの"), show(session, step, "見せないもの")
    services.hand_in_milestone(session, step, **WHO)
    services.check_milestone(session, step, reached=True, words="メンターの言葉", **WHO)
    services.write_note(session, half_year, half_year.recipient_id, "わたしのメモの中身", now=NOW)
    talked(session, half_year)
    session.commit()
    page = clients[Side.APPLICANT].get(f"/engagements/{half_year.id}/print?chosen=1&show={shown.id}")
    sheet = page.text[page.text.index('<article class="paper"') :]
    assert (faults_of_page(page.text), kept.id != shown.id) == ([], True)
    assert "見せるもの" in sheet
    assert "課題整理" in sheet
    for word in ("見せないもの", "メンターの言葉", "わたしのメモの中身", "空き家を見に行く", "電話できた"):
        assert word not in sheet


def test_evidence_of_somebody_else_never_gets_onto_the_sheet(session, clients, half_year):
    foreign = show(session, first_step(session), "よその記録")
    session.commit()
    page = clients[Side.APPLICANT].get(f"/engagements/{half_year.id}/print?show={foreign.id}&show=x")
    assert (page.status_code, "よその記録" in page.text) == (200, False)


@pytest.mark.parametrize("side", [Side.SUPPORTER, Side.OFFICE])
def test_the_sheet_is_the_mentees_alone(clients, half_year, side):
    assert clients[side].get(f"/engagements/{half_year.id}/print").status_code == 404


def test_an_admin_sees_nothing_of_it(session, half_year, enter):
    user_id = make_user(session, role="admin").id
    session.commit()
    assert page_of(enter(user_id=user_id), half_year).status_code == 404


@pytest.mark.parametrize(
    ("words", "is_wareki"),
    [("", True), ("?years=western", False), ("?years=wareki", True), ("?years=stars", True)],
)
def test_the_paper_counts_years_as_its_reader_does(clients, session, half_year, words, is_wareki):
    half_year.begins_on = date(2026, 9, 1)
    session.commit()
    page = clients[Side.APPLICANT].get(f"/engagements/{half_year.id}/print{words}").text
    paper = page.partition('<article class="paper"')[2]
    assert ("令和8年9月1日" in paper, "2026年9月1日" in paper) == (is_wareki, not is_wareki)


def test_in_english_the_paper_has_western_years_unless_asked(clients, half_year):
    browser = clients[Side.APPLICANT]
    browser.post("/preferences", data={"locale": "en"})
    pages = [browser.get(f"/engagements/{half_year.id}/print{words}").text for words in ("", "?years=wareki")]
    assert ["令和" in page.partition('<article class="paper"')[2] for page in pages] == [False, True]


@pytest.mark.parametrize("day", ["令和8年2月30日", "来月", "２０２７年１３月１日"])
def test_a_day_that_a_date_field_cannot_show_is_not_lost(clients, half_year, day):
    url = f"/engagements/{half_year.id}/milestones"
    page = clients[Side.APPLICANT].post(url, data={"title": "大家さんに会う", "due_on": day})
    field = page.text.partition('id="due_on"')[2].partition(">")[0]
    assert (page.status_code, f'value="{day}"' in field, 'type="date"' in page.text) == (422, True, False)
