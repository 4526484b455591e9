"""The word at the end of a month, and who has fallen silent."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import EngagementState, Side, ThreadPost
from mentorlink.scheduling.models import MeetingRecord, MeetingState
from mentorlink.scheduling.notices import CONTEXTS
from mentorlink.scheduling.services import engagements_to_look_back, look_back, newly_silent, note_silence
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_person, make_programme

pytestmark = pytest.mark.both_databases
DAY = timedelta(days=1)


@pytest.fixture
def engagement(session):
    return half_year(session)


def half_year(session, **columns):
    person = make_person(session, safe_contact=columns.pop("safe_contact", False))
    programme = make_programme(session, months=6)
    application = make_application(session, programme=programme, person=person, state="matched")
    values = {"begins_on": date(2026, 10, 1), "opened_at": NOW - 50 * DAY} | columns
    return make_engagement(session, application=application, **values)


def written(session, template: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.template == f"scheduling/{template}")
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def shown(session, template: str):
    row = written(session, template)[0]
    return CONTEXTS[row.template](session, row)


def test_a_month_is_planned_from_its_first_day_for_the_25th_at_nine(session, engagement):
    first = datetime(2026, 10, 31, 15, 0, tzinfo=UTC)  # midnight in Tokyo
    assert engagements_to_look_back(session, first) == [engagement.id]
    look_back(session, engagement.id, first)
    assert {row.due_at for row in written(session, "monthly")} == {datetime(2026, 11, 25, 0, 0, tzinfo=UTC)}
    assert engagements_to_look_back(session, first + 29 * DAY) == []
    assert engagements_to_look_back(session, first + 30 * DAY) == [engagement.id]


def test_a_half_year_that_begins_on_the_30th_looks_back_at_once(session, engagement):
    late = datetime(2026, 11, 30, 5, 0, tzinfo=UTC)
    look_back(session, engagement.id, late)
    assert {row.due_at for row in written(session, "monthly")} == {late}


def test_a_word_that_the_office_stopped_is_not_planned_again_and_one_that_a_rest_took_is(session, engagement):
    first = datetime(2026, 11, 1, 5, 0, tzinfo=UTC)
    look_back(session, engagement.id, first)
    for row, problem in zip(written(session, "monthly"), ("stopped", None), strict=True):
        row.state, row.problem = MessageState.CANCELLED, problem
    assert engagements_to_look_back(session, first) == []
    look_back(session, engagement.id, first)
    assert [row.state for row in written(session, "monthly")] == ["cancelled", "planned"]


def test_both_sides_hear_of_a_month_once(session, engagement):
    look_back(session, engagement.id, NOW)
    look_back(session, engagement.id, NOW + DAY)
    assert len(written(session, "monthly")) == 2
    assert engagements_to_look_back(session, NOW + DAY) == []
    assert engagements_to_look_back(session, NOW + 30 * DAY) == [engagement.id]


@pytest.mark.parametrize(
    "state", [EngagementState.PAUSED, EngagementState.PREPARING, EngagementState.STOPPED]
)
def test_who_rests_or_has_ended_hears_nothing(session, state):
    half_year(session, state=state)
    assert engagements_to_look_back(session, NOW) == []


def test_a_month_without_a_talk_leads_to_planning_one(session, engagement):
    look_back(session, engagement.id, NOW)
    found = shown(session, "monthly")
    assert (found["talks"], found["next_talk"], found["action_label"].msgid) == (
        [],
        None,
        "お話しの日にちを決める",
    )


def test_the_promise_is_in_the_body_but_not_where_contact_must_be_safe(session):
    for safe_contact in (False, True):
        engagement = half_year(session, safe_contact=safe_contact)
        meeting = make_meeting(
            session, engagement=engagement, starts_at=NOW - 3 * DAY, state=MeetingState.RECORDED
        )
        record = MeetingRecord(
            meeting_id=meeting.id,
            went_well="",
            difficult="",
            next_promise="大家さんに電話する",
            promise_on=None,
            written_by="user:1",
            written_at=NOW,
        )
        session.add(record)
        look_back(session, engagement.id, NOW)
    to_applicants = [row for row in written(session, "monthly") if row.params["side"] == Side.APPLICANT]
    promises = [CONTEXTS[row.template](session, row)["promise"] for row in to_applicants]
    assert [promise and promise.next_promise for promise in promises] == ["大家さんに電話する", None]


def test_silence_raises_one_flag_and_one_mail(session, engagement):
    assert newly_silent(session, NOW) == [engagement.id]
    note_silence(session, engagement.id, NOW)
    assert newly_silent(session, NOW + DAY) == []
    assert [flag.kind for flag in session.scalars(select(Flag))] == [FlagKind.SILENCE]
    assert [row.recipient for row in written(session, "silence")] == ["office"]
    assert shown(session, "silence")["days"] == 50


def test_a_half_year_whose_first_talk_nobody_wrote_of_is_silent_too(session):
    unheard = half_year(session, state=EngagementState.PREPARING)
    half_year(session, state=EngagementState.PREPARING, begins_on=date(2026, 11, 26))
    assert newly_silent(session, NOW) == [unheard.id]


def test_a_new_silence_is_noted_anew(session, engagement):
    note_silence(session, engagement.id, NOW)
    flag = session.scalars(select(Flag)).one()
    flag.resolved_at, flag.resolved_by_user_id = NOW, 1
    post = ThreadPost(
        engagement_id=engagement.id, side=Side.APPLICANT, body="…", at=NOW + DAY, submission="1"
    )
    session.add(post)
    session.flush()
    assert newly_silent(session, NOW + 30 * DAY) == []
    assert newly_silent(session, NOW + 31 * DAY) == [engagement.id]
    note_silence(session, engagement.id, NOW + 31 * DAY)
    assert len(written(session, "silence")) == 2


def test_a_resolved_flag_of_the_same_silence_is_not_raised_again(session, engagement):
    note_silence(session, engagement.id, NOW)
    flag = session.scalars(select(Flag)).one()
    flag.resolved_at, flag.resolved_by_user_id = NOW + DAY, 1
    session.flush()
    assert newly_silent(session, NOW + 10 * DAY) == []
