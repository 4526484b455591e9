"""Rests, changes of supporter and care over HTTP: what each of the three sees and does."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.engagements.models import Engagement, EngagementState, Handover, HandoverState, Pause, Side
from mentorlink.engagements.services import ask_handover, choose_handover, post_message
from mentorlink.home.withdrawal import withdraw_everything
from mentorlink.scheduling.models import Meeting, MeetingState
from tests.factories import NOW, make_engagement, make_meeting, make_supporter
from tests.pages import without_token

NOTHING = {"talks": False, "thread": False, "evidence": False}


@pytest.fixture
def supporter(session):
    return make_supporter(session)


@pytest.fixture
def engagement(session, supporter):
    return make_engagement(session, supporters=[supporter])


@pytest.fixture
def page(engagement):
    """Its address, known before anybody comes: reading a row later would hold an old state of things."""
    return f"/engagements/{engagement.id}"


def verbs(session):
    return session.scalars(select(AuditEntry.verb)).all()


# ---- rests


@pytest.mark.parametrize("who", ["applicant", "supporter", "office"])
def test_each_of_the_three_lets_it_rest_and_takes_it_up(  # noqa: PLR0917
    request, session, engagement, page, supporter, who
):
    client = request.getfixturevalue(f"as_{who}")
    if who != "office":
        client = client(engagement.application if who == "applicant" else supporter)
    assert client.post(f"{page}/pause", data={"reason": "family", "until": ""}).status_code == 303
    assert (
        session.scalars(select(Engagement.state)).one(),
        "また始める" in client.get(f"{page}/pause").text,
    ) == (
        EngagementState.PAUSED,
        True,
    )
    session.rollback()
    assert client.post(f"{page}/resumption").status_code == 303
    assert session.scalars(select(Engagement.state)).one() is EngagementState.RUNNING
    assert verbs(session) == (["pause", "resume"] if who == "office" else [])


def test_a_rest_twice_is_one_rest(session, engagement, page, as_applicant):
    client = as_applicant(engagement.application)
    answers = [client.post(f"{page}/pause", data={"reason": "work"}).status_code for _ in range(2)]
    assert (answers, session.query(Pause).count()) == ([303, 303], 1)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"reason": "sabotage"},
        {"reason": "work", "until": "いつか"},
        {"reason": "work", "until": "9999年99月1日"},
    ],
)
def test_a_rest_that_is_not_clear_is_asked_again_with_all_kept(session, engagement, page, as_applicant, data):
    answer = as_applicant(engagement.application).post(f"{page}/pause", data=data)
    assert (answer.status_code, data.get("until", "") in answer.text) == (422, True)
    assert session.query(Pause).count() == 0


def test_what_is_over_neither_rests_nor_changes(session, as_applicant):
    engagement = make_engagement(session, state=EngagementState.FINISHED)
    number, client = engagement.id, as_applicant(engagement.application)
    assert [client.get(f"/engagements/{number}/{page}").status_code for page in ("pause", "handover")] == [
        404,
        404,
    ]


# ---- changes


def test_a_mentee_wishes_and_chooses_in_one_step_and_nothing_is_the_default(
    session, engagement, page, as_applicant
):
    client = as_applicant(engagement.application)
    assert client.post(f"{page}/handover", data={}).status_code == 303
    handover = session.scalars(select(Handover)).one()
    assert (handover.state, handover.talks, handover.thread, handover.evidence) == (
        HandoverState.CHOSEN,
        False,
        False,
        False,
    )
    assert handover.engagement.supporter_ids() != []


def test_a_mentee_may_stop_with_their_mentor_at_once(session, engagement, page, as_applicant):
    meeting_id, client = make_meeting(session, engagement=engagement).id, as_applicant(engagement.application)
    client.post(f"{page}/handover", data={"kept": ["thread"], "parting": "at_once"})
    assert session.scalars(select(Engagement)).one().supporter_ids() == []
    assert session.get(Meeting, meeting_id).state is MeetingState.CANCELLED
    templates = set(session.scalars(select(OutboxMessage.template)))
    assert {"engagements/handover_thanks", "matching/talks_called_off"} <= templates


def test_an_unknown_thing_to_hand_over_is_asked_again(session, engagement, page, as_applicant):
    client = as_applicant(engagement.application)
    answer = client.post(f"{page}/handover", data={"kept": ["diary"]})
    assert (answer.status_code, session.query(Handover).count()) == (422, 0)


def test_a_mentor_asks_and_the_choice_stays_the_mentees(session, engagement, page, supporter, as_supporter):
    client = as_supporter(supporter)
    client.post(f"{page}/handover", data={"kept": ["talks", "thread", "evidence"]})
    handover = session.scalars(select(Handover)).one()
    assert (handover.state, handover.talks) == (HandoverState.ASKED, False)
    handover_id = handover.id
    session.rollback()
    assert client.get(f"/handovers/{handover_id}").status_code == 404
    assert client.post(f"/handovers/{handover_id}", data={"kept": ["talks"]}).status_code == 404


def test_a_mentor_does_not_learn_of_a_mentees_wish(session, engagement, page, supporter, as_supporter):
    number, client = engagement.id, as_supporter(supporter)
    before = client.get(f"{page}/handover").text
    ask_handover(session, session.get(Engagement, number), Side.APPLICANT, by="user:1", now=NOW)
    session.commit()
    after = client.get(f"{page}/handover").text
    assert _main(before) == _main(after)


def test_the_office_asks_and_writes_down_what_it_heard(session, engagement, page, as_office):
    as_office.post(f"{page}/handover", data={})
    handover_id = session.scalars(select(Handover.id)).one()
    session.rollback()
    as_office.post(f"/handovers/{handover_id}", data={"kept": ["evidence"], "parting": "until_then"})
    assert session.get(Handover, handover_id).evidence is True
    assert verbs(session) == ["ask_handover", "choose_handover"]


def test_staying_together_brings_the_application_back(session, engagement, page, as_applicant):
    handover = ask_handover(session, engagement, Side.APPLICANT, by="user:1", now=NOW)
    choose_handover(session, handover, **NOTHING, by="user:1", now=NOW)
    handover_id, client = handover.id, as_applicant(engagement.application)
    answers = [client.post(f"/handovers/{handover_id}/withdrawal").status_code for _ in range(2)]
    assert answers == [303, 303]
    assert session.get(Handover, handover_id).state is HandoverState.CANCELLED
    assert session.scalars(select(Engagement)).one().application.state is ApplicationState.MATCHED


def test_the_link_in_a_mail_leads_to_the_choice(session, engagement, page, as_applicant):
    handover_id = ask_handover(session, engagement, Side.OFFICE, by="user:1", now=NOW).id
    number = engagement.application_id
    answer = as_applicant(engagement.application).get(f"/my/applications/{number}/handover")
    assert answer.location == f"/handovers/{handover_id}"


def test_a_later_mentor_opens_no_talk_of_before(session, engagement, page, supporter, as_supporter):
    place = engagement.supporters[0]
    place.since, engagement.opened_at = NOW, NOW - timedelta(days=60)
    talk = make_meeting(
        session, engagement=engagement, starts_at=NOW - timedelta(days=9), state=MeetingState.RECORDED
    )
    number, client = talk.id, as_supporter(supporter)
    found = [client.get(f"/meetings/{number}").status_code]
    session.scalars(select(Engagement)).one().supporters[0].sees_talks = True
    session.commit()
    assert [*found, client.get(f"/meetings/{number}").status_code] == [404, 200]


def test_the_half_year_stays_the_mentees_first_page_while_somebody_else_is_looked_for(
    session, engagement, page, as_applicant
):
    engagement.programme.months = 6
    handover = ask_handover(session, engagement, Side.APPLICANT, by="user:1", now=NOW)
    choose_handover(session, handover, **NOTHING, by="user:1", now=NOW)
    assert f'href="{page}"' in as_applicant(engagement.application).get("/my").text


def test_a_later_mentor_begins_the_thread_at_their_own_time(
    session, engagement, page, supporter, as_supporter
):
    engagement.opened_at = NOW - timedelta(days=60)
    for body, days in (("畑の話", -30), ("はじめまして", 0)):
        at = NOW + timedelta(days=days)
        post_message(session, engagement, Side.APPLICANT, engagement.recipient_id, body, body, now=at)
    client = as_supporter(supporter)

    def read():
        text = client.get(f"{page}/thread").text
        return ["畑の話" in text, "はじめまして" in text]

    found = read()
    session.scalars(select(Engagement)).one().supporters[0].sees_thread = True
    session.commit()
    assert (found, read()) == ([False, True], [True, True])


def test_words_of_an_earlier_mentor_are_not_shown_as_ones_own(
    session, engagement, page, supporter, as_supporter
):
    earlier = make_supporter(session).person
    post_message(session, engagement, Side.SUPPORTER, earlier.id, "前の方の言葉", "t1", now=NOW)
    name = earlier.display_name
    text = as_supporter(supporter).get(f"{page}/thread").text
    assert (name in text, "わたし <span" in text) == (True, False)


def _main(text):
    return without_token(text.partition("<main")[2].partition("<footer")[0])


# ---- care


def test_please_call_me_is_a_call_task_and_twice_is_one(session, supporter, as_supporter):
    client = as_supporter(supporter)
    assert [client.post("/supporter/care").status_code for _ in range(2)] == [303, 303]
    tasks = session.scalars(select(OutboxMessage).where(OutboxMessage.channel == Channel.CALL)).all()
    assert [(task.template, task.recipient) for task in tasks] == [("matching/care_call", "office")]


def test_the_office_reads_whom_to_call_and_what_to_say(session, supporter, as_supporter, as_office):
    name = supporter.person.display_name
    as_supporter(supporter).post("/supporter/care")
    number = session.scalars(select(OutboxMessage.id)).one()
    session.rollback()
    page = as_office.get(f"/office/calls/{number}").text
    assert (name in page, "ゆっくりお聞きします" in page) == (True, True)


def test_the_page_of_care_names_the_limits(supporter, as_supporter):
    page = as_supporter(supporter).get("/supporter/care").text
    assert "1か月に3件、1週間に1件まで" in page


# ---- a withdrawal


def test_a_withdrawal_gives_back_every_hour_of_a_plan(session, engagement):
    passed = make_meeting(session, engagement=engagement, starts_at=NOW - timedelta(days=2))
    planned = [
        make_meeting(session, engagement=engagement, starts_at=NOW + timedelta(days=n)) for n in (7, 35)
    ]
    withdraw_everything(session, engagement.application, side=Side.APPLICANT, by="t", now=NOW)
    assert [each.state for each in (passed, *planned)] == [MeetingState.CONFIRMED] + [
        MeetingState.CANCELLED
    ] * 2
