"""A region rests in one act and is taken up again in one: the effect first, nothing twice, both databases."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, Milestone, MilestoneState, Pause
from mentorlink.home.board.rests import effects_of_rest, ids_in_region
from mentorlink.scheduling.models import Meeting, MeetingState
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_programme, make_supporter
from tests.pages import faults_of_page

RESTS, RESUMPTIONS = "/office/engagements/pauses", "/office/engagements/resumptions"
A_DAY = timedelta(days=1)
TODAY = date(2026, 11, 25)
NOTO = {"region": ["17"], "reason": "disaster", "expected_until": "2026-12-20", "batch": "noto-2026-11"}
_S = EngagementState


@pytest.fixture
def run(session):
    return make_programme(session, months=6)


def half_year(session, run, *, prefecture="17", state=_S.RUNNING, due_on=TODAY + 5 * A_DAY):
    application = make_application(session, programme=run, prefecture=prefecture, state="matched")
    dates = {"begins_on": TODAY - 30 * A_DAY, "ends_on": TODAY + 150 * A_DAY}
    engagement = make_engagement(session, application=application, state=state, **dates)
    session.add(
        Milestone(
            engagement_id=engagement.id, position=1, code="01", title=None, due_on=due_on,
            state=MilestoneState.IN_PROGRESS, reached_at=None,
        )
    )  # fmt: skip
    session.flush()
    return engagement


def reminder(session, meeting):
    session.add(
        OutboxMessage(
            event=f"tomorrow:{meeting.id}", template="scheduling/tomorrow", recipient="person:1",
            channel=Channel.MAIL, locale="ja", params={"meeting_id": meeting.id}, about=f"meeting:{meeting.id}",
            queued_at=NOW, due_at=NOW + A_DAY, not_after=NOW + 2 * A_DAY,
        )
    )  # fmt: skip
    session.flush()


def carried(page, form):
    """What the confirming form of a preview sends."""
    part = page[page.index(f'method="post" action="{form}"') :]
    fields: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", part[: part.index("</form>")]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and name[1] != "csrf_token":
            fields.setdefault(name[1], []).append(value[1] if value else "")
    return fields


def states(session):
    session.rollback()
    return session.scalars(select(Engagement.state).order_by(Engagement.id)).all()


def test_a_region_is_everybody_in_it_who_goes_on(session, run):
    here, there = half_year(session, run), half_year(session, run, prefecture="20")
    half_year(session, run, state=_S.PAUSED)
    half_year(session, run, state=_S.FOLLOWING)
    make_engagement(session, application=make_application(session, prefecture="17"))
    assert ids_in_region(session, ["17"]) == [here.id]
    assert ids_in_region(session, ["17", "20"]) == [here.id, there.id]


def test_the_effect_counts_talks_reminders_and_steps(session, run):
    engagement = half_year(session, run)
    reminder(session, make_meeting(session, engagement=engagement))
    past = {"starts_at": NOW - A_DAY, "state": MeetingState.RECORDED, "occupies": False}
    make_meeting(session, engagement=engagement, **past)
    (effect,) = effects_of_rest(session, [engagement.id], now=NOW)
    assert (len(effect.talks), effect.reminders, effect.steps) == (1, 1, 1)
    assert effect.next_step == TODAY + 5 * A_DAY


def test_looking_at_the_effect_changes_nothing(session, run, as_office):
    half_year(session, run)
    session.commit()
    page = as_office.get(RESTS, query_string=NOTO)
    assert "この1件をお休みにしますか" in page.text
    assert faults_of_page(page.text) == []
    assert as_office.post(RESTS, data=NOTO).status_code == 200  # without the proof: the preview again
    assert states(session) == [_S.RUNNING]


@pytest.mark.both_databases
def test_a_region_rests_and_is_taken_up_again(session, run, as_office, clock):
    ids = [half_year(session, run).id, half_year(session, run).id]
    away = half_year(session, run, prefecture="20").id
    talk = make_meeting(session, engagement=session.get_one(Engagement, ids[0]))
    reminder(session, talk)
    session.commit()
    data = carried(as_office.get(RESTS, query_string=NOTO).text, RESTS)
    for _ in range(2):  # twice is once
        assert as_office.post(RESTS, data=data).status_code == 303
    assert states(session) == [_S.PAUSED, _S.PAUSED, _S.RUNNING]
    pauses = session.scalars(select(Pause).order_by(Pause.id)).all()
    assert [each.engagement_id for each in pauses] == ids
    assert {(each.batch, each.expected_until) for each in pauses} == {("noto-2026-11", date(2026, 12, 20))}
    assert session.scalar(select(Meeting.state)) is MeetingState.CANCELLED
    stopped = select(OutboxMessage.state).where(OutboxMessage.template == "scheduling/tomorrow")
    assert session.scalar(stopped) is MessageState.CANCELLED
    session.rollback()

    clock.now = NOW + 10 * A_DAY
    assert "まとめてお休みにしたもの" in as_office.get(RESUMPTIONS).text
    page = as_office.get(RESUMPTIONS, query_string={"batch": "noto-2026-11"}).text
    assert ("休んだ日数 10日" in page, "11月30日（月）→12月10日（木）" in page) == (True, True)
    data = carried(page, RESUMPTIONS)
    for _ in range(2):
        assert as_office.post(RESUMPTIONS, data=data).status_code == 303
    assert states(session) == [_S.RUNNING] * 3
    due = dict(session.execute(select(Milestone.engagement_id, Milestone.due_on)).all())
    assert due == {**dict.fromkeys(ids, TODAY + 15 * A_DAY), away: TODAY + 5 * A_DAY}
    verbs = list(session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)))
    assert verbs == ["let_rest"] * 2 + ["take_up"] * 2


def test_a_line_by_itself_rests_and_goes_on(session, run, as_office):
    one, other = half_year(session, run).id, half_year(session, run).id
    session.commit()
    query = {"reason": "health", "batch": "abcdefgh", "chosen": one}
    answer = as_office.post(RESTS, data=carried(as_office.get(RESTS, query_string=query).text, RESTS))
    assert answer.location.endswith("?state=resting")
    assert states(session) == [_S.PAUSED, _S.RUNNING]
    page = as_office.get(RESUMPTIONS, query_string={"chosen": one}).text
    as_office.post(RESUMPTIONS, data=carried(page, RESUMPTIONS))
    assert states(session) == [_S.RUNNING, _S.RUNNING]
    assert other


def test_whoever_joined_the_region_meanwhile_is_shown_first(session, run, as_office):
    half_year(session, run)
    session.commit()
    data = carried(as_office.get(RESTS, query_string=NOTO).text, RESTS)
    half_year(session, run)
    session.commit()
    answer = as_office.post(RESTS, data=data)
    assert "この2件をお休みにしますか" in answer.text
    assert states(session) == [_S.RUNNING, _S.RUNNING]


@pytest.mark.parametrize("changed", [{"reason": "work"}, {"expected_until": "2027-01-01"}, {"seen": "x"}])
def test_what_was_not_seen_is_not_done(session, run, as_office, changed):
    half_year(session, run)
    session.commit()
    data = carried(as_office.get(RESTS, query_string=NOTO).text, RESTS)
    assert as_office.post(RESTS, data=data | changed).status_code == 200
    assert states(session) == [_S.RUNNING]


def test_going_on_is_not_done_unseen_either(session, run, as_office):
    engagement_id = half_year(session, run, state=_S.PAUSED).id
    session.commit()
    assert as_office.post(RESUMPTIONS, data={"chosen": engagement_id, "seen": "x"}).status_code == 200
    assert states(session) == [_S.PAUSED]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "x"},
        {"region": ["99"]},
        {"region": []},
        {"expected_until": "2026-11-24"},
        {"expected_until": "9999-01-01"},
        {"expected_until": "2026-02-31"},
        {"expected_until": "いつか"},
        {"batch": "a"},
    ],
)
def test_what_cannot_be_meant_is_asked_again(session, run, as_office, wrong):
    half_year(session, run)
    session.commit()
    answer = as_office.get(RESTS, query_string=NOTO | wrong)
    assert answer.status_code == 422
    assert faults_of_page(answer.text) == []
    assert as_office.post(RESTS, data=NOTO | wrong).status_code == 422
    assert states(session) == [_S.RUNNING]


def test_a_region_without_anybody_says_so(as_office):
    page = as_office.get(RESTS, query_string=NOTO)
    assert "お休みにできる伴走が、ここにはありません" in page.text
    assert faults_of_page(page.text) == []
    assert faults_of_page(as_office.get(RESUMPTIONS).text) == []


def test_resting_is_the_offices_alone(session, run, client, as_supporter):
    half_year(session, run)
    session.commit()
    supporter = as_supporter(make_supporter(session))
    for path in (RESTS, RESUMPTIONS):
        assert client.post(path, data=NOTO).status_code == 303
        assert supporter.post(path, data=NOTO).status_code == 404
    assert states(session) == [_S.RUNNING]
