"""The supporter's half-years on their first screen: what waits for them first, in one button."""

from datetime import timedelta

from sqlalchemy import event

from mentorlink.engagements.models import EngagementState, Milestone, MilestoneState
from mentorlink.home.supporter_half_years import half_years_of
from mentorlink.scheduling.models import MeetingRecord, MeetingState
from tests.factories import (
    NOW,
    make_application,
    make_engagement,
    make_meeting,
    make_programme,
    make_supporter,
)

A_DAY = timedelta(days=1)


def half_year(session, supporter, **columns):
    run = make_programme(session, months=6)
    application = make_application(session, programme=run, state="matched")
    return make_engagement(session, application=application, supporters=[supporter], **columns)


def waiting_urls(session, supporter):
    return [each.waiting and each.waiting.url for each in half_years_of(session, supporter, NOW)]


def test_a_step_to_look_at_comes_before_everything(session):
    supporter = make_supporter(session)
    engagement = half_year(session, supporter)
    step = Milestone(
        engagement_id=engagement.id, position=1, code="01", state=MilestoneState.CHECKING, due_on=NOW.date()
    )
    session.add(step)
    session.flush()
    assert waiting_urls(session, supporter) == [f"/milestones/{step.id}"]


def test_then_a_record_then_a_month_without_a_talk_then_nothing(session):
    supporter = make_supporter(session)
    engagement = half_year(session, supporter, opened_at=NOW - 20 * A_DAY)
    assert waiting_urls(session, supporter) == [f"/engagements/{engagement.id}/talks"]
    held = make_meeting(session, engagement=engagement, starts_at=NOW - A_DAY, occupies=False)
    assert waiting_urls(session, supporter) == [f"/meetings/{held.id}/record"]
    held.state = MeetingState.RECORDED
    make_meeting(session, engagement=engagement)
    session.flush()
    assert waiting_urls(session, supporter) == [None]


def test_a_rest_asks_for_nothing(session):
    supporter = make_supporter(session)
    half_year(session, supporter, state=EngagementState.PAUSED)
    assert waiting_urls(session, supporter) == [None]


def test_a_single_talk_and_an_ended_one_are_no_half_years(session):
    supporter = make_supporter(session)
    make_engagement(session, supporters=[supporter])
    half_year(session, supporter, state=EngagementState.COMPLETED, ended_at=NOW)
    assert half_years_of(session, supporter, NOW) == []


def test_the_promise_stands_first_on_the_page(session, as_supporter):
    supporter = make_supporter(session)
    engagement = half_year(session, supporter)
    talk = make_meeting(session, engagement=engagement, starts_at=NOW - A_DAY, state=MeetingState.RECORDED)
    lines = {"went_well": "よかった", "difficult": "", "next_promise": "役場に電話します。"}
    session.add(MeetingRecord(meeting_id=talk.id, written_by="t", written_at=NOW, **lines))
    address = f'href="/engagements/{engagement.id}"'
    page = as_supporter(supporter).get("/supporter").text
    assert "役場に電話します。" in page
    assert address in page


def test_ten_are_read_with_as_many_queries_as_one(session, engine):
    def statements():
        seen = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731 - one name to take away again
        event.listen(engine, "before_cursor_execute", listener)
        session.expire_all()
        half_years_of(session, supporter, NOW)
        event.remove(engine, "before_cursor_execute", listener)
        return len(seen)

    supporter = make_supporter(session)
    half_year(session, supporter)
    session.commit()
    supporter.id  # noqa: B018 - loads what the commit let go
    one = statements()
    for _ in range(9):
        half_year(session, supporter)
    session.flush()
    assert statements() == one
