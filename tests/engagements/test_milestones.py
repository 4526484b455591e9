"""The steps of a half-year: laid out, taken, looked at, moved, taken up again. Both databases."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.core.storage import StoredFile
from mentorlink.engagements import milestone_notices, services
from mentorlink.engagements.models import (
    MILESTONE_TRANSITIONS,
    EngagementState,
    EvidenceKind,
    MilestoneMove,
    MilestoneState,
    MoveReason,
    PauseReason,
    Side,
)
from mentorlink.engagements.services.evidence import host_of
from mentorlink.engagements.services.milestones import milestones_of, months_after
from mentorlink.programmes.models import MilestoneTemplate
from tests.factories import NOW, make_application, make_engagement, make_programme, make_supporter

_S = MilestoneState
TODAY = date(2026, 11, 25)
WHO = {"by": "user:1", "now": NOW}


def make_half_year(session, **columns):
    programme = make_programme(session, months=6)
    programme.milestones = [
        MilestoneTemplate(position=position, code=f"{position:02}", due_after_days=days)
        for position, days in enumerate((30, 60, 100, 150, 180), start=1)
    ]
    application = make_application(session, programme=programme, state="matched")
    engagement = make_engagement(session, application=application, **columns)
    services.lay_out_milestones(session, engagement, TODAY, now=NOW)
    return engagement


def first_step(session, engagement=None):
    return milestones_of(session, engagement or make_half_year(session))[0]


def show(session, step, text="三人に聞きました"):
    return services.add_evidence(session, step, EvidenceKind.TEXT, text=text, side=Side.APPLICANT, **WHO)


def handed_in(session):
    step = first_step(session)
    show(session, step)
    services.hand_in_milestone(session, step, **WHO)
    return step


@pytest.mark.both_databases
def test_the_steps_are_laid_out_once_and_counted_from_the_beginning(session):
    engagement = make_half_year(session)
    services.lay_out_milestones(session, engagement, date(2027, 1, 1), now=NOW)
    days = [(step.due_on - TODAY).days for step in milestones_of(session, engagement)]
    assert (days, engagement.ends_on) == ([30, 60, 100, 150, 180], date(2027, 5, 25))


def test_an_engagement_of_a_half_year_opens_with_its_steps(session):
    programme = make_programme(session, months=6)
    programme.milestones = [MilestoneTemplate(position=1, code="01", due_after_days=30)]
    application = make_application(session, programme=programme, state="matched")
    engagement = services.open_engagement(session, application, [make_supporter(session).id], **WHO)
    assert [step.code for step in milestones_of(session, engagement)] == ["01"]


def test_a_single_talk_has_no_steps(session):
    engagement = make_engagement(session)
    assert services.lay_out_milestones(session, engagement, TODAY, now=NOW) == []


@pytest.mark.both_databases
def test_another_first_day_takes_what_is_not_reached_along(session):
    engagement = make_half_year(session)
    first, second, *_rest = milestones_of(session, engagement)
    first.state, first.reached_at = _S.REACHED, NOW
    services.set_beginning(session, engagement, TODAY + timedelta(days=10), **WHO)
    assert (first.due_on, second.due_on) == (TODAY + timedelta(days=30), TODAY + timedelta(days=70))
    assert (engagement.begins_on, engagement.ends_on) == (date(2026, 12, 5), date(2027, 6, 4))
    assert {move.reason for move in session.query(MilestoneMove)} == {MoveReason.BEGINNING}


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 6, 15), 6, date(2026, 12, 15)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
    ],
)
def test_months_later_is_the_same_day_or_the_last(day, months, wanted):
    assert months_after(day, months) == wanted


def test_an_own_step_stands_beside_the_others(session):
    engagement = make_half_year(session)
    step = services.add_milestone(session, engagement, " 大家さんに会う ", TODAY, **WHO)
    assert (step.title, step.code, step.position) == ("大家さんに会う", None, 6)


@pytest.mark.parametrize(
    ("title", "due_on", "code"),
    [
        (" ", TODAY, "title_missing"),
        ("会う", TODAY - timedelta(days=1), "day_unlikely"),
        ("会う", TODAY + timedelta(days=731), "day_unlikely"),
    ],
)
def test_an_own_step_needs_a_name_and_a_likely_day(session, title, due_on, code):
    engagement = make_half_year(session)
    with pytest.raises(RuleViolation, match=code):
        services.add_milestone(session, engagement, title, due_on, **WHO)


@pytest.mark.both_databases
def test_a_step_goes_its_way_with_one_more_turn(session):
    step = handed_in(session)
    services.check_milestone(session, step, reached=False, words="人数も書いてみませんか", **WHO)
    services.resume_milestone(session, step, **WHO)
    services.hand_in_milestone(session, step, **WHO)
    services.check_milestone(session, step, reached=True, words=None, **WHO)
    assert (step.state, step.reached_at, len(step.checks)) == (_S.REACHED, NOW, 2)
    services.revise_milestone(session, step, **WHO)
    assert (step.state, step.reached_at) == (_S.REVISING, None)


def test_nothing_to_see_cannot_be_handed_in(session):
    step = first_step(session)
    services.begin_milestone(session, step, **WHO)
    with pytest.raises(RuleViolation, match="evidence_missing"):
        services.hand_in_milestone(session, step, **WHO)


@pytest.mark.parametrize("words", [None, "", " \n"])
def test_one_more_turn_needs_words(session, words):
    with pytest.raises(RuleViolation, match="words_needed"):
        services.check_milestone(session, handed_in(session), reached=False, words=words, **WHO)


VERBS = {
    "begin": (services.begin_milestone, {_S.NOT_STARTED: _S.IN_PROGRESS}),
    "hand_in": (services.hand_in_milestone, {_S.IN_PROGRESS: _S.CHECKING}),
    "take_back": (services.take_back_milestone, {_S.CHECKING: _S.IN_PROGRESS}),
    "revise": (services.revise_milestone, {_S.REACHED: _S.REVISING}),
    "resume": (services.resume_milestone, dict.fromkeys((_S.REVISING, _S.SKIPPED), _S.IN_PROGRESS)),
    "skip": (
        services.skip_milestone,
        dict.fromkeys((_S.NOT_STARTED, _S.IN_PROGRESS, _S.REVISING), _S.SKIPPED),
    ),
    "reach": (
        lambda session, step, **who: services.check_milestone(session, step, reached=True, words=None, **who),
        {_S.CHECKING: _S.REACHED},
    ),
    "send_round": (
        lambda session, step, **who: services.check_milestone(
            session, step, reached=False, words="もう一歩", **who
        ),
        {_S.CHECKING: _S.REVISING},
    ),
}


@pytest.mark.parametrize("state", MilestoneState)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_moves_from_where_it_may_and_from_nowhere_else(session, verb, state):
    act, ways = VERBS[verb]
    step = first_step(session)
    show(session, step)
    step.state, step.reached_at = state, NOW if state is _S.REACHED else None
    session.flush()
    if state in ways:
        act(session, step, **WHO)
        assert step.state is ways[state]
    else:
        with pytest.raises(RuleViolation, match=r"^milestone_not_"):
            act(session, step, **WHO)


def test_the_verbs_together_are_the_whole_machine():
    ways = {(old, new) for _act, moves in VERBS.values() for old, new in moves.items()}
    assert ways == {(old, new) for old, news in MILESTONE_TRANSITIONS.items() for new in news}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(verbs=st.lists(st.sampled_from(sorted(VERBS)), max_size=14))
def test_whatever_is_tried_a_step_is_never_stuck_and_never_half_reached(session, verbs):
    step = first_step(session)
    show(session, step)
    for verb in verbs:
        with suppress(RuleViolation):
            VERBS[verb][0](session, step, **WHO)
        assert (step.reached_at is not None) == (step.state is _S.REACHED)
        assert any(step.state in ways for _act, ways in VERBS.values())
    session.rollback()


@pytest.mark.parametrize("state", [EngagementState.COMPLETED, EngagementState.FINISHED])
def test_what_is_over_stays_as_it_was(session, state):
    step = first_step(session)
    step.engagement.state = state
    acts = [
        lambda: services.begin_milestone(session, step, **WHO),
        lambda: show(session, step),
        lambda: services.move_milestone(session, step, TODAY, MoveReason.OTHER, **WHO),
        lambda: services.add_milestone(session, step.engagement, "会う", TODAY, **WHO),
        lambda: services.set_goal(session, step.engagement, "ひらく", side=Side.APPLICANT, **WHO),
    ]
    for act in acts:
        with pytest.raises(RuleViolation, match="engagement_ended"):
            act()


def test_what_was_handed_in_may_be_looked_at_after_the_end(session):
    step = handed_in(session)
    step.engagement.state = EngagementState.FOLLOWING
    services.check_milestone(session, step, reached=True, words=None, **WHO)
    assert step.state is _S.REACHED


@pytest.mark.both_databases
def test_a_step_moves_with_a_reason_and_remembers_it(session):
    step = first_step(session)
    old = step.due_on
    services.move_milestone(session, step, old + timedelta(days=14), MoveReason.WAITING, **WHO)
    assert services.move_milestone(session, step, step.due_on, MoveReason.OTHER, **WHO) is None
    assert [(move.old_due_on, move.reason) for move in step.moves] == [(old, MoveReason.WAITING)]


def test_a_reached_step_does_not_move(session):
    step = handed_in(session)
    services.check_milestone(session, step, reached=True, words=None, **WHO)
    with pytest.raises(RuleViolation, match="milestone_done"):
        services.move_milestone(session, step, TODAY, MoveReason.OTHER, **WHO)


# ---- evidence


def test_showing_something_begins_the_step(session):
    step = first_step(session)
    show(session, step)
    assert (step.state, step.evidence[0].text) == (_S.IN_PROGRESS, "三人に聞きました")


@pytest.mark.parametrize(
    ("kind", "given_"),
    [
        (EvidenceKind.TEXT, {"text": " "}),
        (EvidenceKind.TEXT, {}),
        (EvidenceKind.LINK, {"text": "見て"}),
        (EvidenceKind.LINK, {"url": "https://example.org", "text": "見て"}),
    ],
)
def test_evidence_is_what_its_kind_says_and_nothing_else(session, kind, given_):
    with pytest.raises(RuleViolation, match="evidence_empty"):
        services.add_evidence(session, first_step(session), kind, side=Side.APPLICANT, **given_, **WHO)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.org/a?b=c", "example.org"),
        ("http://例え.jp/", "例え.jp"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://example.org", None),
        ("//example.org", None),
        ("https://", None),
        ("https://bank.example@evil.example/", None),
        ("https://example.org:port/", None),
        ("https://example.org/ a", None),
        ("https://example.org/" + "a" * 2000, None),
        ("https://[::1", None),
    ],
)
def test_a_link_is_a_plain_web_address(url, host):
    assert host_of(url) == host


def test_a_link_that_is_none_is_refused(session):
    with pytest.raises(RuleViolation, match="link_wrong"):
        services.add_evidence(
            session,
            first_step(session),
            EvidenceKind.LINK,
            url="javascript:alert(1)",
            side=Side.APPLICANT,
            **WHO,
        )


@pytest.mark.both_databases
def test_what_should_not_be_there_is_taken_back_with_its_file(session):
    step = first_step(session)
    content = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
    about = f"engagement:{step.engagement_id}"
    file = StoredFile(
        key="k", about=about, name="a.pdf", media_type="application/pdf", size=len(content),
        sha256="0" * 64, added_by="user:1", added_at=NOW, content=content,
    )  # fmt: skip
    session.add(file)
    session.flush()
    services.add_evidence(session, step, EvidenceKind.FILE, file_id=file.id, side=Side.APPLICANT, **WHO)
    services.remove_evidence(session, step.evidence[0], **WHO)
    assert (step.evidence, session.query(StoredFile).count()) == ([], 0)
    assert session.query(StateChange).filter_by(why="evidence_removed").count() == 1


@pytest.mark.parametrize("state", [_S.CHECKING, _S.REACHED])
def test_what_somebody_looks_at_or_has_seen_is_not_taken_away_under_their_eyes(session, state):
    step = handed_in(session)
    step.state, step.reached_at = state, NOW if state is _S.REACHED else None
    session.flush()
    with pytest.raises(RuleViolation, match="evidence_looked_at"):
        services.remove_evidence(session, step.evidence[0], **WHO)


@pytest.mark.parametrize(("side", "number"), [(Side.APPLICANT, 1), (Side.OFFICE, 0)])
def test_words_of_crisis_in_evidence_bring_somebody(session, side, number):
    step = first_step(session)
    services.add_evidence(session, step, EvidenceKind.TEXT, text="もう死にたい", side=side, **WHO)
    assert session.query(Flag).filter_by(kind=FlagKind.CRISIS).count() == number


def test_words_of_crisis_in_the_goal_bring_somebody(session):
    engagement = make_half_year(session)
    services.set_goal(session, engagement, "もう死にたい", side=Side.APPLICANT, **WHO)
    assert session.query(Flag).filter_by(kind=FlagKind.CRISIS).count() == 1


# ---- what is told


def told(session):
    """Of acts: what is planned ahead comes further down."""
    rows = session.query(OutboxMessage).order_by(OutboxMessage.id)
    return [row.template for row in rows if row.template != milestone_notices.DUE_SOON]


@pytest.mark.both_databases
def test_the_mentor_is_asked_to_look_and_the_mentee_hears_what_came_of_it(session):
    step = handed_in(session)
    services.check_milestone(session, step, reached=False, words="人数も", **WHO)
    services.resume_milestone(session, step, **WHO)
    services.hand_in_milestone(session, step, by="user:1", now=NOW + timedelta(days=1))
    services.check_milestone(session, step, reached=True, words=None, **WHO)
    assert told(session) == [
        milestone_notices.TO_LOOK_AT,
        milestone_notices.ONE_MORE_TURN,
        milestone_notices.TO_LOOK_AT,
        milestone_notices.REACHED,
    ]


def test_taking_back_takes_the_request_back(session):
    step = handed_in(session)
    services.take_back_milestone(session, step, **WHO)
    asked = session.query(OutboxMessage).filter_by(template=milestone_notices.TO_LOOK_AT).one()
    assert asked.state is MessageState.CANCELLED


def test_no_message_carries_what_was_written(session):
    engagement = make_half_year(session)
    step = services.add_milestone(session, engagement, "ひみつの一歩", TODAY, **WHO)
    show(session, step, "ひみつの中身")
    services.hand_in_milestone(session, step, **WHO)
    services.check_milestone(session, step, reached=False, words="ひみつの言葉", **WHO)
    for row in session.query(OutboxMessage):
        shown = milestone_notices.CONTEXTS[row.template](session, row)
        assert "ひみつ" not in f"{row.params}{row.about}{row.event}{shown}"


def reminders_of(session, step):
    """When each is due, the open ones only."""
    rows = session.query(OutboxMessage).filter_by(
        about=f"milestone:{step.id}", template=milestone_notices.DUE_SOON, state=MessageState.PLANNED
    )
    return [row.due_at for row in rows]


def nine_on(day):
    """9:00 in Tokyo."""
    return NOW.replace(year=day.year, month=day.month, day=day.day, hour=0)


WEEK = timedelta(days=7)


def test_a_step_is_announced_a_week_before_its_day_at_nine(session):
    step = services.add_milestone(session, make_half_year(session), "会う", TODAY + 20 * WEEK, **WHO)
    assert reminders_of(session, step) == [nine_on(TODAY + 19 * WEEK)]


def test_a_step_that_begins_within_the_week_is_not_announced(session):
    step = services.add_milestone(session, make_half_year(session), "会う", TODAY + WEEK, **WHO)
    assert reminders_of(session, step) == []


@pytest.mark.both_databases
def test_a_step_that_moves_takes_its_announcement_along_and_back(session):
    step = services.add_milestone(session, make_half_year(session), "会う", TODAY + 3 * WEEK, **WHO)
    for weeks in (9, 3):
        services.move_milestone(session, step, TODAY + weeks * WEEK, MoveReason.OTHER, **WHO)
        assert reminders_of(session, step) == [nine_on(TODAY + (weeks - 1) * WEEK)]


def test_a_half_year_that_has_not_begun_or_rests_announces_nothing(session):
    engagement = make_half_year(session, state=EngagementState.PREPARING)
    steps = milestones_of(session, engagement)
    assert [reminders_of(session, step) for step in steps] == [[]] * 5
    services.start_engagement(session, engagement, **WHO)
    assert [len(reminders_of(session, step)) for step in steps] == [1] * 5
    services.pause_engagement(session, engagement, PauseReason.OTHER, **WHO)
    assert [reminders_of(session, step) for step in steps] == [[]] * 5
    later = {"by": "user:1", "now": NOW + 10 * WEEK}
    services.resume_engagement(session, engagement, **later)
    assert [reminders_of(session, step)[0] for step in steps] == [
        nine_on(step.due_on - WEEK) for step in steps
    ]


def test_a_step_handed_in_is_not_announced_and_one_more_turn_is(session):
    step = first_step(session)
    show(session, step)
    services.hand_in_milestone(session, step, **WHO)
    assert reminders_of(session, step) == []
    services.check_milestone(session, step, reached=False, words="もうひとつ", **WHO)
    assert reminders_of(session, step) == [nine_on(step.due_on - WEEK)]
    services.skip_milestone(session, services.resume_milestone(session, step, **WHO) or step, **WHO)
    assert reminders_of(session, step) == []


def test_the_job_is_a_net_for_steps_that_nobody_planned_for(session):
    engagement = make_half_year(session)
    session.query(OutboxMessage).delete()
    assert [services.remind_of_steps(session, NOW) for _ in range(2)] == [5, 0]
    assert [len(reminders_of(session, step)) for step in milestones_of(session, engagement)] == [1] * 5
