"""今日の仕事: each row where it belongs, each button where it leads, and always the same few queries."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import Application, ApplicationState, Flag, FlagKind
from mentorlink.core.audit import AuditEntry
from mentorlink.engagements.models import EngagementState
from mentorlink.home.desk import Kind, Queue, count_queues, list_queue
from mentorlink.matching import services
from mentorlink.matching.models import Invitation, InvitationState
from mentorlink.scheduling.models import AskState, HourAsk, MeetingState, OfferedSlot, OfferState, SlotOffer
from tests.conftest import NOW
from tests.factories import make_application, make_engagement, make_meeting, make_programme, make_supporter

A_DAY = timedelta(days=1)
BY = "user:1"


def kinds(session, queue, now=NOW):
    return [item.kind for item in list_queue(session, queue, page=1, now=now)]


def ask(session, **columns):
    application = make_application(session, **columns)
    return services.approve_proposal(session, application, [make_supporter(session).id], by=BY, now=NOW)


def offer(session, engagement, expires_at, hours=1):
    row = SlotOffer(engagement_id=engagement.id, offered_at=NOW, expires_at=expires_at, state=OfferState.OPEN)
    row.slots = [OfferedSlot(starts_at=NOW + 9 * A_DAY, is_held=False) for _ in range(hours)]
    session.add(row)
    session.flush()
    return row


def ended(session, days, **columns):
    return make_meeting(session, starts_at=NOW - days * A_DAY, occupies=False, **columns)


def test_a_fresh_application_is_new_and_an_old_one_late(session):
    make_application(session)
    make_application(session, submitted_at=NOW - 4 * A_DAY)
    assert (kinds(session, Queue.NEW), kinds(session, Queue.LATE)) == ([Kind.LOOK], [Kind.LOOK_LATE])


def test_an_invitation_waits_until_its_deadline_and_is_late_after(session):
    deadline = ask(session).invitations[0].deadline_at
    assert kinds(session, Queue.ANSWER) == [Kind.INVITATION_WAITING]
    assert kinds(session, Queue.LATE, deadline) == [Kind.INVITATION_LATE]


def test_who_wants_to_talk_waits_for_a_call(session):
    invitation = ask(session).invitations[0]
    services.want_talk(session, invitation, by=BY, now=NOW)
    assert kinds(session, Queue.ANSWER) == [Kind.TALK_WANTED]


def test_a_question_to_the_applicant_waits_for_an_answer(session):
    make_application(session, state=ApplicationState.ASKING)
    assert kinds(session, Queue.ANSWER) == [Kind.QUESTION_WAITING]


def test_an_hour_that_was_asked_for_in_vain_is_the_offices_only_where_no_answer_came(session):
    engagement = make_engagement(session)
    offer(session, engagement, NOW + A_DAY, hours=0)
    times = {"starts_at": NOW + 4 * A_DAY, "asked_at": NOW, "expires_at": NOW + A_DAY}
    ask = HourAsk(engagement_id=engagement.id, asker_id=engagement.recipient_id, **times)
    session.add(ask)
    session.flush()
    assert kinds(session, Queue.HOUR) == []
    ask.state = AskState.EXPIRED
    session.flush()
    assert kinds(session, Queue.HOUR) == [Kind.HOUR_TO_FIND]


def test_an_offer_waits_for_its_choice_and_is_late_after(session):
    offer(session, make_engagement(session), NOW + A_DAY)
    assert kinds(session, Queue.HOUR) == [Kind.OFFER_WAITING]
    assert kinds(session, Queue.LATE, NOW + A_DAY) == [Kind.OFFER_LATE]


def test_support_without_hour_and_offer_misses_one(session):
    make_engagement(session, state=EngagementState.PREPARING)
    make_meeting(session)
    assert kinds(session, Queue.HOUR) == [Kind.HOUR_MISSING]


@pytest.mark.parametrize("state", [MeetingState.CANCELLED, MeetingState.NO_SHOW, MeetingState.MOVED])
def test_a_meeting_that_did_not_take_place_leaves_the_hour_open(session, state):
    make_meeting(session, state=state, occupies=False)
    assert kinds(session, Queue.HOUR) == [Kind.HOUR_MISSING]


def test_a_talk_without_record_waits_three_days_and_is_late_after(session):
    ended(session, 1)
    ended(session, 5, state=MeetingState.HELD)
    ended(session, 6, state=MeetingState.RECORDED)
    assert (kinds(session, Queue.RECORD), kinds(session, Queue.LATE)) == (
        [Kind.RECORD_WAITING],
        [Kind.RECORD_LATE],
    )


def test_a_flag_is_watched_until_it_is_resolved(session, as_office):
    application = make_application(session, state=ApplicationState.MATCHED)
    flag = Flag(
        application_id=application.id, kind=FlagKind.WORRY, note="少し心配です", raised_by=BY, raised_at=NOW
    )
    session.add(flag)
    session.flush()
    assert kinds(session, Queue.WATCH) == [Kind.FLAG]
    session.commit()
    assert "少し心配です" in as_office.get("/office/flags").text
    assert as_office.post(f"/office/flags/{flag.id}/resolution").status_code == 303
    session.rollback()
    assert kinds(session, Queue.WATCH) == []


def test_whoever_is_looked_for_without_an_open_proposal_is_searched(session):
    make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    proposal = ask(session)
    services.decline_invitation(session, proposal.invitations[0], "busy", by=BY, now=NOW)
    assert kinds(session, Queue.SEARCH) == [Kind.SEARCH, Kind.SEARCH]


def test_the_counts_are_those_of_the_lists(session):
    make_application(session)
    ask(session)
    ended(session, 1)
    counts = count_queues(session, NOW)
    assert counts == {queue: len(list_queue(session, queue, page=1, now=NOW)) for queue in Queue}


def test_the_desk_opens_on_the_first_queue_that_holds_something(session, as_office):
    make_application(session)
    session.commit()
    page = as_office.get("/office")
    assert page.status_code == 200
    assert "内容を確かめる" in page.text


@pytest.mark.parametrize("queue", [*Queue, "nonsense"])
def test_every_queue_opens_empty(as_office, queue):
    assert as_office.get(f"/office?queue={queue}&page=99999999999999999999&item=x").status_code == 200


@pytest.mark.parametrize("queue", list(Queue))
def test_every_queue_opens_full(session, as_office, queue):
    fill(session)
    page = as_office.get(f"/office?queue={queue}")
    assert page.status_code == 200
    assert page.text.count("data-next") == count_queues(session, NOW)[queue]


def fill(session):
    make_application(session)
    make_application(session, submitted_at=NOW - 4 * A_DAY)
    make_application(session, state=ApplicationState.ASKING)
    make_application(session, state=ApplicationState.SELECTING)
    make_application(session, state=ApplicationState.MATCHING, searching_since=NOW)
    ask(session)
    services.want_talk(session, ask(session).invitations[0], by=BY, now=NOW)
    late = ask(session).invitations[0]
    late.deadline_at = NOW - A_DAY
    offer(session, make_engagement(session), NOW + A_DAY)
    offer(session, make_engagement(session), NOW - A_DAY)
    make_engagement(session)
    ended(session, 1)
    ended(session, 5)
    watched = make_application(session, state=ApplicationState.MATCHED)
    session.add(Flag(application_id=watched.id, kind=FlagKind.CRISIS, raised_by=BY, raised_at=NOW))
    session.commit()


def test_a_hundred_rows_take_the_queries_of_one(session, engine, as_office):
    programme = make_programme(session)
    make_supporter(session)
    make_application(session, programme=programme)
    session.commit()
    as_office.get("/office")  # the browser's first visit stores its session
    one = count_statements(engine, lambda: as_office.get("/office?queue=new"))
    for _ in range(100):
        make_application(session, programme=programme)
    session.commit()
    page = as_office.get("/office?queue=new&page=2")
    assert "101件" in page.text
    assert count_statements(engine, lambda: as_office.get("/office?queue=new")) == one


def count_statements(engine, act):
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def test_one_press_on_the_desk_asks_the_best_candidate(session, as_office):
    supporter = make_supporter(session)
    path, data = (
        f"/office/applications/{make_application(session).id}/proposal",
        {f"place-{supporter.id}": "1"},
    )
    session.commit()
    assert "この方に打診" in as_office.get("/office").text
    answer = as_office.post(path, data=data)
    assert answer.status_code == 303
    assert session.scalar(select(Invitation.state)) is InvitationState.ASKED


def test_opening_and_proposing_are_office_minutes(session, as_office):
    data = {f"place-{make_supporter(session).id}": "1"}
    number = make_application(session).id
    session.commit()
    as_office.get(f"/office/applications/{number}/candidates")
    as_office.post(f"/office/applications/{number}/proposal", data=data)
    verbs = session.scalars(
        select(AuditEntry.verb).where(AuditEntry.about == f"application:{number}").order_by(AuditEntry.id)
    )
    assert list(verbs) == ["open_candidates", "propose"]


def test_missing_hours_are_sent_with_one_press(session, as_office):
    number = make_engagement(session).id
    session.commit()
    assert as_office.post(f"/office/engagements/{number}/offer").status_code == 303
    assert session.scalar(select(SlotOffer.engagement_id)) == number


@pytest.mark.parametrize("path", ["/office", "/office/flags", "/office/calls", "/office/messages"])
def test_the_desk_is_the_offices_alone(session, client, as_supporter, as_applicant, path):
    assert client.get(path).status_code == 303
    assert as_supporter(make_supporter(session)).get(path).status_code == 404
    assert as_applicant(make_application(session)).get(path).status_code == 404


def test_four_thousand_rows_stay_quick(session, as_office):
    programme = make_programme(session)
    person = make_application(session, programme=programme).person_id
    session.add_all(
        Application(
            programme_id=programme.id,
            person_id=person,
            state=ApplicationState.RECEIVED,
            reference=f"2025-{number}",
            created_at=NOW,
            submitted_at=NOW,
        )
        for number in range(4000)
    )
    session.commit()
    page = as_office.get("/office?queue=new&page=81")
    assert "4001件" in page.text


def test_opening_a_row_of_the_desk_is_an_office_act(as_office, session):
    application_id = make_application(session).id
    session.commit()
    page = as_office.get("/office?queue=new").text
    key = re.search(r"item=([\w:%-]+)", page)[1].replace("%3A", ":")
    assert session.query(AuditEntry).count() == 0
    session.rollback()
    assert as_office.get("/office", query_string={"queue": "new", "item": key}).status_code == 200
    entry = session.query(AuditEntry).one()
    assert (entry.verb, entry.about) == ("open_item", f"application:{application_id}")


def test_flags_and_calls_have_pages(as_office, session, monkeypatch):
    monkeypatch.setattr("mentorlink.home.office.PAGE_SIZE", 1)
    application = make_application(session)
    for kind in list(FlagKind)[:2]:
        session.add(Flag(application_id=application.id, kind=kind, raised_by=BY, raised_at=NOW))
    session.commit()
    assert 'href="/office/flags?page=2"' in as_office.get("/office/flags").text
    assert as_office.get("/office/flags?page=99").status_code == 200
    assert as_office.get("/office/calls?page=99").status_code == 200
