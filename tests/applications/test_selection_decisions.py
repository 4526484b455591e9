"""Decisions: the lead's alone, prepared first, told together; the waiting line, and on to the search."""

import pytest
from sqlalchemy import event, select

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    Decision,
    Review,
    ReviewScore,
    ReviewState,
)
from mentorlink.applications.queries import decision_of
from mentorlink.applications.selection_queries import undecided_number, waiting_list
from mentorlink.applications.services import (
    ask_reviewers,
    decide_selection,
    decide_waiting,
    declare_conflict,
    drop_decision,
    move_up_waiting,
    prepare_decision,
    send_decisions,
    submit_review,
    take_back_review,
    withdraw_application,
)
from mentorlink.applications.spread import Agreement, spread_of
from mentorlink.core.actor import Actor, Role
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.home.selection.table import Order, meeting_rows, places_of
from mentorlink.programmes.models import Programme
from tests.factories import (
    NOW,
    make_application,
    make_criterion,
    make_engagement,
    make_person,
    make_programme,
    make_supporter,
    make_user,
)

S = ApplicationState
ACT = {"by": "user:1", "now": NOW}
BY = ACT | {"by_user_id": 1}
REASON = "これからの形がよく伝わりました。"
pytestmark = pytest.mark.both_databases


@pytest.fixture
def programme(session):
    programme = make_programme(session, has_selection=True, months=6, target_number=2, reviewers_min=2)
    make_criterion(session, programme, name_ja="思いの根")
    make_criterion(session, programme, name_ja="届けたい人")
    return programme


@pytest.fixture
def reviewers(session):
    return [make_user(session), make_user(session)]


def scored(session, programme, reviewers, *points, **columns):
    """An application with one submitted review for each pair of points."""
    application = make_application(session, programme=programme, **columns)
    reviews = ask_reviewers(session, application, [user.id for user in reviewers], **ACT)
    keys = [criterion.id for criterion in programme.criteria]
    for review, each in zip(reviews, points, strict=False):
        submit_review(session, review, dict(zip(keys, each, strict=True)), "よい", **ACT)
    return application


def told(session):
    return [row.template for row in session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))]


def prepare(session, application, outcome, **more):
    return prepare_decision(session, application, outcome, REASON, **BY, **more)


# ---- preparing and telling


def test_what_is_prepared_is_told_to_nobody(session, programme, reviewers):
    application = scored(session, programme, reviewers, (4, 4), (3, 4))
    decision = prepare(session, application, S.SELECTED)
    assert (application.state, decision.told_at, told(session)) == (S.SELECTING, None, [])
    assert decision_of(session, application) is None
    drop_decision(session, application)
    assert session.scalars(select(Decision)).all() == []


def test_a_decision_waits_for_enough_reviews(session, programme, reviewers):
    application = scored(session, programme, reviewers, (4, 4))
    with pytest.raises(RuleViolation, match="reviews_missing"):
        prepare(session, application, S.SELECTED)
    assert prepare(session, application, S.SELECTED, despite_missing=True).outcome == S.SELECTED


def test_who_is_involved_does_not_decide(session, programme):
    lead = make_user(session, role=Role.LEAD)
    application = make_application(session, programme=programme)
    (review,) = ask_reviewers(session, application, [lead.id], **ACT)
    declare_conflict(session, review, **ACT)
    with pytest.raises(RuleViolation, match="decider_barred"):
        prepare_decision(
            session, application, S.SELECTED, REASON, despite_missing=True, by_user_id=lead.id, **ACT
        )


def test_everybody_is_told_in_one_act(session, programme, reviewers):
    outcomes = (S.SELECTED, S.NOT_SELECTED, S.WAITING)
    applications = [scored(session, programme, reviewers, (4, 4), (3, 4)) for _ in outcomes]
    for application, outcome in zip(applications, outcomes, strict=True):
        prepare(session, application, outcome)
    send_decisions(session, programme, **BY)
    assert [each.state for each in applications] == list(outcomes)
    assert sorted(told(session)) == [
        "applications/not_selected",
        "applications/selected",
        "applications/waiting",
    ]
    with pytest.raises(RuleViolation, match="nothing_prepared"):
        send_decisions(session, programme, **BY)


def test_nobody_hears_before_others_by_accident(session, programme, reviewers):
    first = scored(session, programme, reviewers, (4, 4), (3, 4))
    make_application(session, programme=programme, state=S.ASKING)
    prepare(session, first, S.SELECTED)
    with pytest.raises(RuleViolation, match="others_undecided"):
        send_decisions(session, programme, **BY)
    assert told(session) == []
    send_decisions(session, programme, partly=True, **BY)
    assert first.state is S.SELECTED


def test_a_review_taken_back_meanwhile_stops_the_telling(session, programme, reviewers):
    application = scored(session, programme, reviewers, (4, 4), (3, 4))
    prepare(session, application, S.SELECTED)
    take_back_review(session, session.scalars(select(Review)).first(), **ACT)
    with pytest.raises(RuleViolation, match="reviews_missing"):
        send_decisions(session, programme, **BY)
    send_decisions(session, programme, despite_missing=True, **BY)
    assert application.state is S.SELECTED


def test_what_was_told_is_not_prepared_again(session, programme, reviewers):
    application = scored(session, programme, reviewers, (4, 4), (3, 4))
    decide_selection(session, application, S.SELECTED, REASON, **BY)
    with pytest.raises(RuleViolation, match="decision_told"):
        prepare(session, application, S.NOT_SELECTED)


# ---- the waiting line


@pytest.fixture
def line(session, programme):
    """Three who wait."""
    applications = [make_application(session, programme=programme) for _ in range(3)]
    for application in applications:
        decide_selection(session, application, S.WAITING, REASON, **BY)
    return applications


def order(session, programme):
    found = waiting_list(session, programme)
    assert [decision.waiting_position for decision in found] == list(range(1, len(found) + 1))
    return [decision.application_id for decision in found]


def test_a_place_goes_to_the_first_in_line(session, programme, line):
    first, second, third = line
    assert order(session, programme) == [first.id, second.id, third.id]
    assert move_up_waiting(session, programme, "席があきました。", **BY) is first
    assert (first.state, decision_of(session, first).waiting_position) == (S.SELECTED, None)
    assert order(session, programme) == [second.id, third.id]


def test_somebody_can_be_put_at_a_wished_place(session, programme, line):
    late = make_application(session, programme=programme)
    decide_selection(session, late, S.WAITING, REASON, position=2, **BY)
    assert order(session, programme) == [line[0].id, late.id, line[1].id, line[2].id]


def test_whoever_leaves_the_line_leaves_no_gap(session, programme, line):
    withdraw_application(session, line[0], **ACT)
    assert order(session, programme) == [line[1].id, line[2].id]
    decide_waiting(session, line[1], S.NOT_SELECTED, REASON, **BY)
    assert order(session, programme) == [line[2].id]


def test_nobody_moves_up_in_an_empty_line(session, programme):
    with pytest.raises(RuleViolation, match="nobody_waits"):
        move_up_waiting(session, programme, REASON, **BY)


# ---- the table


def test_totals_alone_do_not_hide_disagreement():
    spread = spread_of([{1: 4, 2: 0}, {1: 0, 2: 4}], {1: 4, 2: 4})
    assert (spread.mean, spread.lowest, spread.highest, spread.agreement) == (4, 4, 4, Agreement.APART)
    assert spread.widest == (1, 0, 4)


@pytest.mark.parametrize(
    ("reviews", "agreement"),
    [
        ([{1: 4, 2: 4}], None),
        ([{1: 4, 2: 4}, {1: 4, 2: 3}], Agreement.TOGETHER),
        ([{1: 4, 2: 4}, {1: 3, 2: 3}], Agreement.SOMEWHAT),
        ([{1: 4, 2: 4}, {1: 1, 2: 4}], Agreement.APART),
    ],
)
def test_agreement_is_put_in_steps(reviews, agreement):
    assert spread_of(reviews, {1: 4, 2: 4}).agreement is agreement


def test_nothing_scored_has_no_spread():
    assert (spread_of([], {1: 4}), spread_of([{1: 1}], {})) == (None, None)


def test_the_table_can_begin_with_disagreement_or_with_the_mean(session, programme, reviewers):
    agreed = scored(session, programme, reviewers, (4, 4), (4, 4))
    divided = scored(session, programme, reviewers, (4, 0), (0, 1))
    lead = Actor(role=Role.LEAD, user_id=make_user(session, role=Role.LEAD).id)
    for wanted, first in ((Order.APART, divided), (Order.MEAN, agreed), (Order.ARRIVAL, agreed)):
        assert meeting_rows(session, lead, programme, wanted)[0].application is first


def test_what_may_not_be_known_takes_no_part_in_the_order(session, programme, reviewers):
    low, high = (scored(session, programme, reviewers, points, points) for points in ((0, 0), (4, 4)))
    stranger = Actor(role=Role.OFFICE, user_id=make_user(session).id)
    rows = meeting_rows(session, stranger, programme, Order.MEAN)
    assert [(row.application, row.spread) for row in rows] == [(low, None), (high, None)]


def test_places_left_count_the_prepared_ones(session, programme, reviewers):
    one, two = (scored(session, programme, reviewers, (4, 4), (3, 4)) for _ in range(2))
    lead = Actor(role=Role.LEAD, user_id=make_user(session, role=Role.LEAD).id)
    left = []
    for act in (
        lambda: decide_selection(session, one, S.SELECTED, REASON, **BY),
        lambda: prepare(session, two, S.SELECTED),
    ):
        act()
        left.append(places_of(meeting_rows(session, lead, programme, Order.MEAN), programme).left)
    assert left == [1, 0]


# ---- the pages


@pytest.fixture
def as_lead(enter, session):
    user_id = make_user(session, role=Role.LEAD).id
    session.commit()
    return enter(user_id=user_id)


def queries_of(session, client, path):
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", count)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", count)
    return len(statements), answer


def fill(session, programme, reviewers, number):
    """Applications with two submitted reviews each."""
    keys, person = [criterion.id for criterion in programme.criteria], make_person(session)
    applications = [
        Application(
            programme_id=programme.id,
            person_id=person.id,
            state=S.SELECTING,
            reference=f"2026-{number}-{place}",
            created_at=NOW,
            submitted_at=NOW,
        )
        for place in range(number)
    ]
    session.add_all(applications)
    session.flush()
    session.add_all(
        Review(
            application_id=application.id,
            reviewer_user_id=user.id,
            state=ReviewState.SUBMITTED,
            asked_at=NOW,
            submitted_at=NOW,
            scores=[ReviewScore(criterion_id=key, points=application.id % 5) for key in keys],
        )
        for application in applications
        for user in reviewers
    )
    session.flush()


def test_the_table_asks_as_many_questions_for_400_as_for_40(as_lead, session, programme, reviewers):
    fill(session, programme, reviewers, 40)
    code = programme.code
    session.commit()
    as_lead.get("/office/selections")  # the first page of a visit sets its cookie
    few, _page = queries_of(session, as_lead, f"/office/selections/{code}")
    run = session.get(Programme, programme.id)
    fill(session, run, reviewers, 360)
    session.commit()
    many, page = queries_of(session, as_lead, f"/office/selections/{code}")
    assert (many, page.status_code) == (few, 200)
    assert many <= 25
    assert len(page.data) < 100_000
    assert "8ページのうち 1ページ" in page.text


def test_only_the_lead_decides(as_office, as_lead, session, programme, reviewers):
    application = scored(session, programme, reviewers, (4, 4), (3, 4))
    application_id, path = application.id, f"/office/applications/{application.id}/decision"
    session.commit()
    data = {"outcome": "selected", "reason": REASON}
    assert as_office.post(path, data=data).status_code == 404
    assert "結果は、事務局の責任者が決めます。" in as_office.get(path).text
    assert as_lead.post(path, data=data | {"reason": " "}).status_code == 422
    assert as_lead.post(path, data=data | {"outcome": "matched"}).status_code == 422
    assert as_lead.post(path, data=data | {"position": "0"}).status_code == 422
    assert as_lead.post(path, data=data).status_code == 303
    session.rollback()
    assert session.get(Application, application_id).state is S.SELECTING
    assert session.scalars(select(Decision.told_at)).all() == [None]


def test_deciding_without_reviews_needs_a_check_and_is_written_down(as_lead, session, programme):
    application = make_application(session, programme=programme)
    path = f"/office/applications/{application.id}/decision"
    session.commit()
    data = {"outcome": "waiting", "reason": REASON, "position": "1"}
    refused = as_lead.post(path, data=data)
    assert (refused.status_code, "採点がまだそろっていません" in refused.text) == (422, True)
    assert as_lead.post(path, data=data | {"despite_missing": "y"}).status_code == 303
    verbs = session.scalars(select(AuditEntry.verb)).all()
    assert "prepare_decision_without_reviews" in verbs


def test_the_letters_are_shown_before_they_go(as_office, as_lead, session, programme, reviewers):
    caller = make_person(session, contact_channel="phone", email=None, phone="+81312345678")
    applications = [
        scored(session, programme, reviewers, (4, 4), (3, 4)),
        scored(session, programme, reviewers, (1, 1), (0, 1), person=caller),
    ]
    for application, outcome in zip(applications, (S.SELECTED, S.NOT_SELECTED), strict=True):
        prepare(session, application, outcome)
    path = f"/office/selections/{programme.code}/decisions"
    session.commit()
    page = as_lead.get(path).text
    assert "【選考結果】いっしょに進めましょう" in page
    assert "電話（事務局の電話の一覧に入ります）" in page
    assert session.scalars(select(OutboxMessage)).all() == []
    session.rollback()
    assert as_office.get(path).status_code == 404
    assert as_office.post(path).status_code == 404
    assert as_lead.post(path).status_code == 303
    session.rollback()
    rows = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [row.channel for row in rows] == [Channel.MAIL, Channel.CALL]
    assert len(session.scalars(select(AuditEntry).where(AuditEntry.verb == "decide")).all()) == 2


def test_pressing_twice_tells_once(as_lead, session, programme, reviewers):
    prepare(session, scored(session, programme, reviewers, (4, 4), (3, 4)), S.SELECTED)
    path = f"/office/selections/{programme.code}/decisions"
    session.commit()
    assert [as_lead.post(path).status_code for _ in range(2)] == [303, 422]
    assert len(session.scalars(select(OutboxMessage)).all()) == 1


def test_the_undecided_are_named_before_others_hear(as_lead, session, programme, reviewers):
    prepare(session, scored(session, programme, reviewers, (4, 4), (3, 4)), S.SELECTED)
    make_application(session, programme=programme)
    path = f"/office/selections/{programme.code}/decisions"
    session.commit()
    assert "まだ結果を用意していない申込が、1件あります" in as_lead.get(path).text
    assert as_lead.post(path).status_code == 422
    assert as_lead.post(path, data={"partly": "y"}).status_code == 303


def test_one_button_begins_the_search_for_everybody_selected(as_office, session, programme):
    applications = [make_application(session, programme=programme, state=S.SELECTED) for _ in range(4)]
    ids, path = [each.id for each in applications], f"/office/selections/{programme.code}/matching"
    session.commit()
    assert "採択の4件で、お相手をさがし始める" in as_office.get(path.removesuffix("/matching")).text
    assert as_office.post(path).status_code == 303
    session.rollback()
    assert {session.get(Application, each).state for each in ids} == {S.MATCHING}
    assert as_office.post(path).status_code == 422
    assert as_office.get(f"/office/applications/{ids[0]}/candidates").status_code == 200


def test_the_lead_gives_an_open_place_to_the_next(as_office, as_lead, session, programme, line):
    first, path = line[0].id, f"/office/selections/{programme.code}/waiting"
    session.commit()
    assert as_office.get(path).status_code == 404
    assert as_office.post(path, data={"reason": "席があきました。"}).status_code == 404
    assert "この方に声をかけます" in as_lead.get(path).text
    assert as_lead.post(path, data={"reason": " "}).status_code == 422
    assert as_lead.post(path, data={"reason": "席があきました。"}).status_code == 303
    session.rollback()
    assert session.get(Application, first).state is S.SELECTED


def test_who_has_supported_the_applicant_opens_no_decision(as_lead, enter, session, programme):
    lead = make_user(session, role=Role.LEAD)
    application = make_application(session, programme=programme)
    supporter = make_supporter(session, person=make_person(session, user_id=lead.id))
    earlier = make_application(session, person=application.person, state=S.CLOSED)
    make_engagement(session, application=earlier, supporters=[supporter])
    path, user_id = f"/office/applications/{application.id}/decision", lead.id
    session.commit()
    assert as_lead.get(path).status_code == 200
    assert enter(user_id=user_id).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/office/selections", "/office/selections/absent", "/office/reviews"])
def test_a_supporter_finds_no_selection(as_supporter, session, path):
    assert as_supporter(make_supporter(session)).get(path).status_code == 404


def test_every_run_is_listed_with_what_is_left_to_decide(as_office, session, programme):
    make_application(session, programme=programme)
    make_application(session, programme=programme, state=S.MATCHED)
    code = programme.code
    session.commit()
    page = as_office.get("/office/selections").text
    assert f'href="/office/selections/{code}"' in page
    assert "1/2" in page


def test_a_barred_row_is_kept_as_such(session, programme):
    user = make_user(session)
    application = make_application(session, programme=programme)
    ask_reviewers(session, application, [user.id], barred={user.id}, **ACT)
    assert session.scalars(select(Review.state)).one() is ReviewState.BARRED


def test_whoever_is_looked_for_again_keeps_their_place(session, programme, reviewers):
    """The office is back at the desk with them; they are not chosen a second time."""
    application = make_application(session, programme=programme, state=S.CHECKING, searching_since=NOW)
    with pytest.raises(RuleViolation, match="selection_closed"):
        ask_reviewers(session, application, [reviewers[0].id], **ACT)
    with pytest.raises(RuleViolation, match="decision_told"):
        prepare(session, application, S.NOT_SELECTED, despite_missing=True)
    lead = Actor(role=Role.LEAD, user_id=make_user(session, role=Role.LEAD).id)
    assert places_of(meeting_rows(session, lead, programme, Order.MEAN), programme).taken == 1
    assert undecided_number(session, programme) == 0
