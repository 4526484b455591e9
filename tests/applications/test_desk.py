"""What happens to a received application: each verb once, in a wrong state, and twice."""

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState, ClarifyingQuestion, FlagKind
from mentorlink.applications.queries import answer_day, history_of
from mentorlink.applications.services import (
    answer_question,
    ask_applicant,
    begin_matching,
    close_application,
    decide_selection,
    mark_matched,
    raise_flag,
    refer_application,
    reopen_application,
    resolve_flag,
    return_to_desk,
    withdraw_application,
)
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from tests.conftest import NOW
from tests.factories import make_application, make_programme

BY = {"by": "user:1", "now": NOW}
S = ApplicationState


def planned(session):
    query = select(OutboxMessage.template).where(OutboxMessage.state == MessageState.PLANNED)
    return list(session.scalars(query.order_by(OutboxMessage.id)))


def ask(session, application):
    return ask_applicant(
        session, application, "場所は決まっていますか", first_choice="はい", second_choice="まだ", by_user_id=1, **BY
    )  # fmt: skip


def test_a_question_goes_out_and_its_answer_brings_the_application_back(session):
    application = make_application(session)
    question = ask(session, application)
    assert (application.state, planned(session)) == (S.ASKING, ["applications/question"])

    answer_question(session, question, "まだ", **BY)

    assert (application.state, question.answer) == (S.CHECKING, "まだ")


def test_an_answer_is_taken_once(session):
    question = ask(session, make_application(session))
    answer_question(session, question, "はい", **BY)

    with pytest.raises(RuleViolation, match="question_answered"):
        answer_question(session, question, "いいえ", **BY)


def test_only_one_question_at_a_time(session):
    application = make_application(session)
    ask(session, application)

    with pytest.raises(RuleViolation, match="application_not_asking"):
        ask(session, application)
    assert len(session.scalars(select(ClarifyingQuestion)).all()) == 1


def test_matching_begins_once_and_remembers_since_when(session):
    application = make_application(session)
    begin_matching(session, application, **BY)

    assert (application.state, application.searching_since) == (S.MATCHING, NOW)
    with pytest.raises(RuleViolation, match="application_not_matching"):
        begin_matching(session, application, **BY)


def test_a_selecting_programme_selects_before_it_searches(session):
    application = make_application(session, programme=make_programme(session, has_selection=True))

    with pytest.raises(RuleViolation, match="selection_first"):
        begin_matching(session, application, **BY)


@pytest.mark.parametrize(
    ("outcome", "mails"),
    [
        (S.SELECTED, ["applications/selected"]),
        (S.NOT_SELECTED, ["applications/not_selected"]),
        (S.WAITING, ["applications/waiting"]),
    ],
)
def test_a_decision_is_told_with_its_reason(session, outcome, mails):
    application = make_application(session, programme=make_programme(session, has_selection=True))

    decision = decide_selection(
        session, application, outcome, "次の一歩がはっきりしています。", by_user_id=1, **BY
    )

    assert (application.state, decision.outcome, planned(session)) == (outcome, outcome, mails)
    assert [change.new for change in history_of(session, application)] == [S.SELECTING, outcome]


def test_somebody_waiting_can_be_selected_later(session):
    application = make_application(session, programme=make_programme(session, has_selection=True))
    decide_selection(session, application, S.WAITING, "あと少しお待ちください。", by_user_id=1, **BY)
    decide_selection(session, application, S.SELECTED, "席があきました。", by_user_id=1, **BY)

    assert application.state is S.SELECTED


@pytest.mark.parametrize(
    ("outcome", "reason", "selects", "code"),
    [
        (S.SELECTED, "よい", False, "no_selection"),
        (S.SELECTED, "  ", True, "reason_needed"),
        (S.MATCHED, "よい", True, "outcome_wrong"),
    ],
)
def test_a_decision_is_refused(session, outcome, reason, selects, code):
    application = make_application(session, programme=make_programme(session, has_selection=selects))

    with pytest.raises(RuleViolation, match=code):
        decide_selection(session, application, outcome, reason, by_user_id=1, **BY)


def test_withdrawing_cancels_what_was_planned_and_says_a_kind_word(session):
    application = make_application(session)
    ask(session, application)

    withdraw_application(session, application, **BY)

    assert (application.state, planned(session)) == (S.WITHDRAWN, ["applications/withdrawn"])
    with pytest.raises(RuleViolation, match="application_not_withdrawn"):
        withdraw_application(session, application, **BY)


def test_withdrawn_and_referred_can_come_back(session):
    for leave in (withdraw_application, refer_application):
        application = make_application(session)
        leave(session, application, **BY)
        reopen_application(session, application, **BY)
        assert application.state is S.CHECKING


@pytest.mark.parametrize("state", [S.RECEIVED, S.ASKING, S.MATCHING])
def test_only_who_has_left_can_come_back(session, state):
    application = make_application(session, state=state)

    with pytest.raises(RuleViolation, match="application_not_checking"):
        reopen_application(session, application, **BY)


def test_the_way_to_the_end_and_back_to_the_desk(session):
    application = make_application(session, state=S.MATCHING, searching_since=NOW)
    mark_matched(session, application, **BY)
    return_to_desk(session, application, **BY)
    assert application.state is S.MATCHING
    return_to_desk(session, application, **BY)
    assert (application.state, application.searching_since) == (S.CHECKING, NOW)


def test_closing_needs_a_pair(session):
    application = make_application(session, state=S.MATCHED)
    close_application(session, application, **BY)
    assert application.state is S.CLOSED
    with pytest.raises(RuleViolation, match="application_not_closed"):
        close_application(session, application, **BY)


def test_the_same_flag_is_one_while_it_is_open(session):
    application = make_application(session)
    first = raise_flag(session, application, FlagKind.ABSENCES, **BY)
    assert raise_flag(session, application, FlagKind.ABSENCES, **BY) is first

    resolve_flag(session, first, by_user_id=1, now=NOW)

    assert raise_flag(session, application, FlagKind.ABSENCES, **BY) is not first
    with pytest.raises(RuleViolation, match="flag_resolved"):
        resolve_flag(session, first, by_user_id=1, now=NOW)


def test_reports_with_words_are_never_put_together(session):
    application = make_application(session)
    one = raise_flag(session, application, FlagKind.CONCERN, note="一つめ", **BY)

    assert raise_flag(session, application, FlagKind.CONCERN, note="二つめ", **BY) is not one


def test_the_answer_is_promised_in_business_days(session):
    friday = NOW.replace(day=27)
    application = make_application(session, submitted_at=friday)

    assert answer_day(session, application).isoformat() == "2026-12-01"
