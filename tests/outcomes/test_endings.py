"""Completing, resting and stopping are one choice; nothing is lost by any of them, and there is a way back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, Pause, Side
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.services import close_engagement, take_back_ending
from mentorlink.people.models import Consent, Purpose
from mentorlink.scheduling.models import Meeting, MeetingState, Occupancy
from mentorlink.surveys.models import Target, TargetState
from mentorlink.surveys.services import load_surveys, plan_targets, schedule_surveys
from tests.factories import NOW, make_engagement, make_meeting
from tests.surveys.test_services import row

_S = EngagementState


def close(session, engagement, ending, side=Side.APPLICANT, now=NOW, **columns):
    return close_engagement(session, engagement, ending, side=side, by="t", now=now, **columns)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("before", "ending", "after"),
    [
        (_S.RUNNING, "01", _S.COMPLETED),
        (_S.RUNNING, "03", _S.COMPLETED),
        (_S.RUNNING, "06", _S.STOPPED),
        (_S.PREPARING, "04", _S.STOPPED),
        (_S.PAUSED, "06", _S.STOPPED),
    ],
)
def test_each_ending_leads_to_its_state_and_is_noted(session, before, ending, after):
    engagement = make_engagement(session, state=before)
    outcome = close(session, engagement, ending)
    assert (engagement.state, engagement.application.state) == (after, ApplicationState.CLOSED)
    assert (outcome.moment, outcome.ending) == (Moment.END, ending)


@pytest.mark.both_databases
def test_an_ending_calls_off_the_talks_to_come_and_says_so_once(session):
    engagement = make_engagement(session)
    for days in (5, 35):
        make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=days))
    close(session, engagement, "06")
    assert {meeting.state for meeting in session.scalars(select(Meeting))} == {MeetingState.CANCELLED}
    assert session.scalars(select(Occupancy)).all() == []
    told = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [(each.template, each.params["called_off"]) for each in told] == [("outcomes/ended", 2)] * 2


def test_a_rest_is_no_end_and_needs_no_reason(session):
    engagement = make_engagement(session)
    assert close(session, engagement, "05") is None
    assert (engagement.state, engagement.ended_at) == (_S.PAUSED, None)
    assert session.query(Pause).one().until is None
    assert session.query(Outcome).count() == 0


def test_resting_twice_is_one_rest(session):
    engagement = make_engagement(session)
    close(session, engagement, "05")
    close(session, engagement, "05")
    assert session.query(Pause).count() == 1


def test_a_beginning_may_bring_its_day_and_its_name(session):
    facts = {"started_on": date(2026, 11, 1), "prefecture": "20", "activity_name": "みんなの畑"}
    outcome = close(session, make_engagement(session), "01", **facts)
    assert (outcome.started_on, outcome.prefecture, outcome.activity_name) == tuple(facts.values())


@pytest.mark.parametrize(
    ("state", "ending", "code"),
    [
        (_S.RUNNING, "99", "ending_unknown"),
        (_S.RUNNING, "08", "ending_not_yours"),
        (_S.COMPLETED, "01", "engagement_ended"),
    ],
)
def test_an_ending_that_cannot_be_is_refused(session, state, ending, code):
    with pytest.raises(RuleViolation, match=code):
        close(session, make_engagement(session, state=state), ending)


@pytest.mark.both_databases
@pytest.mark.parametrize("followed", [False, True])
def test_taking_it_back_lets_the_questions_wait_for_the_next_end(session, followed):
    engagement = make_engagement(session)
    load_surveys(session)
    rows = [row("s3", anchor="engagement_end", after_minutes=0)]
    schedule_surveys(session, engagement.programme, rows)
    close(session, engagement, "06")
    assert plan_targets(session, NOW) == 1
    if followed:
        engagement.state = _S.FOLLOWING
    take_back_ending(session, engagement, by="t", now=NOW + timedelta(hours=1))
    assert (engagement.state, engagement.ended_at, session.query(Outcome).count()) == (_S.RUNNING, None, 0)
    assert engagement.application.state is ApplicationState.MATCHED
    assert session.query(Target).one().state is TargetState.VOID
    assert plan_targets(session, NOW + timedelta(days=9)) == 0
    close(session, engagement, "01", now=NOW + timedelta(days=10))
    assert plan_targets(session, NOW + timedelta(days=10)) == 1


def test_what_runs_cannot_be_taken_back(session):
    with pytest.raises(RuleViolation, match="engagement_not_ended"):
        take_back_ending(session, make_engagement(session), by="t", now=NOW)


def test_the_page_offers_kind_words_and_never_asks_for_a_reason(session, as_applicant):
    engagement = make_engagement(session)
    address = f"/engagements/{engagement.id}/ending"
    page = as_applicant(engagement.application).get(address).get_data(as_text=True)
    assert "やめることにしました" in page
    assert "いったん休みます" in page
    assert "連絡がつかない" not in page
    assert "<textarea" not in page


def test_the_office_alone_may_say_that_somebody_cannot_be_reached(session, as_office):
    engagement = make_engagement(session)
    address = f"/engagements/{engagement.id}/ending"
    session.commit()
    assert "連絡がつかない" in as_office.get(address).get_data(as_text=True)
    assert as_office.post(address, data={"ending": "08"}).status_code == 303
    session.expire_all()
    assert session.query(Engagement).one().state is _S.STOPPED
    assert session.scalars(select(AuditEntry.verb)).all() == ["choose_ending"]


@pytest.mark.parametrize("data", [{}, {"ending": "99"}, {"ending": "06", "started_on": "2026-01-01"}])
def test_what_is_not_understood_is_asked_again(session, as_applicant, data):
    engagement = make_engagement(session)
    address = f"/engagements/{engagement.id}/ending"
    assert as_applicant(engagement.application).post(address, data=data).status_code == 422
    assert session.query(Outcome).count() == 0


@pytest.mark.parametrize(
    ("day", "status"), [("2026-11-25", 303), ("2026-11-26", 422), ("令和9年1月1日", 422)]
)
def test_nothing_has_begun_on_a_day_that_is_still_to_come(session, as_applicant, day, status):
    engagement = make_engagement(session)
    address = f"/engagements/{engagement.id}/ending"
    answer = as_applicant(engagement.application).post(address, data={"ending": "01", "started_on": day})
    assert (answer.status_code, "まだ来ていない日です" in answer.text) == (status, status == 422)
    assert session.query(Outcome).count() == (status == 303)


@pytest.mark.parametrize("ending", ["01", "02", "03", "04", "06", "07"])
def test_every_ending_shows_a_way_on(session, as_applicant, ending):
    engagement = make_engagement(session)
    address = f"/engagements/{engagement.id}/ending"
    client = as_applicant(engagement.application)
    page = client.post(address, data={"ending": ending}, follow_redirects=True).get_data(as_text=True)
    for words in ("もう一度相談する", "仲間や、情報をさがす", "つづきから、はじめる"):
        assert words in page


def test_sent_twice_it_is_one_ending(session, as_applicant):
    engagement = make_engagement(session)
    address, client = f"/engagements/{engagement.id}/ending", as_applicant(engagement.application)
    for ending in ("06", "01"):
        assert client.post(address, data={"ending": ending}).status_code == 303
    assert session.query(Outcome).one().ending == "06"


def test_the_recipient_goes_on_with_one_button(session, as_applicant):
    engagement = make_engagement(session)
    address, client = f"/engagements/{engagement.id}/ending", as_applicant(engagement.application)
    client.post(address, data={"ending": "06"})
    assert client.post(f"{address}/withdrawal").status_code == 303
    session.expire_all()
    assert session.query(Engagement).one().state is _S.RUNNING


def test_a_supporter_may_let_it_end_and_cannot_take_it_back(session, as_supporter):
    engagement = make_engagement(session)
    supporter = engagement.supporters[0].supporter
    address, client = f"/engagements/{engagement.id}/ending", as_supporter(supporter)
    assert client.post(address, data={"ending": "02"}).status_code == 303
    assert client.post(f"{address}/withdrawal").status_code == 404


@pytest.mark.parametrize(("months", "rest"), [(0, "/thread"), (6, "")])
def test_the_pages_lead_back_to_where_both_meet(session, as_applicant, months, rest):
    engagement = make_engagement(session)
    engagement.programme.months = months
    address = f"/engagements/{engagement.id}"
    client = as_applicant(engagement.application)
    assert f'href="{address}{rest}"' in client.get(f"{address}/ending").get_data(as_text=True)
    client.post(f"{address}/ending", data={"ending": "06"})
    assert client.post(f"{address}/ending/withdrawal").location == f"{address}{rest}"


def test_it_says_when_it_will_be_asked_about_and_only_where_it_may(session, as_applicant):
    engagement = make_engagement(session)
    load_surveys(session)
    later = [row("s4", anchor="engagement_end", after_minutes=days * 1440) for days in (30, 180)]
    schedule_surveys(session, engagement.programme, later)
    address, person_id = f"/engagements/{engagement.id}/ending", engagement.recipient_id
    client = as_applicant(engagement.application)
    client.post(address, data={"ending": "06"})
    assert "こちらからは、もうお送りしません" in client.get(address).get_data(as_text=True)
    purpose = Purpose.LATER_CONTACT
    session.add(Consent(person_id=person_id, purpose=purpose, version="1", given_at=NOW))
    session.commit()
    assert "しばらくして（1か月後、半年後）" in client.get(address).get_data(as_text=True)
