"""Support is opened, begun, paused, resumed and ended; the thread says things once; a report reaches the office."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState, Flag, FlagKind
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements import services
from mentorlink.engagements.models import TRANSITIONS, EngagementState, PauseReason, Side, ThreadPost
from mentorlink.people.models import Receiving
from tests.factories import NOW, make_application, make_engagement, make_supporter

BY = {"by": "user:1", "now": NOW}
ACTS = {
    EngagementState.RUNNING: lambda s, e: services.start_engagement(s, e, **BY),
    EngagementState.PAUSED: lambda s, e: services.pause_engagement(s, e, PauseReason.DISASTER, **BY),
    EngagementState.COMPLETED: lambda s, e: services.complete_engagement(s, e, **BY),
    EngagementState.STOPPED: lambda s, e: services.stop_engagement(s, e, why="06", **BY),
    EngagementState.FOLLOWING: lambda s, e: services.follow_engagement(s, e, **BY),
    EngagementState.FINISHED: lambda s, e: services.finish_engagement(s, e, **BY),
}
STEPS = [(old, new) for old in EngagementState for new in ACTS if old is not new]


@pytest.mark.parametrize(("old", "new"), STEPS, ids=lambda state: state.value)
def test_an_engagement_goes_only_where_its_table_leads(session, old, new):
    engagement = make_engagement(session, state=old)
    if new in TRANSITIONS[old]:
        ACTS[new](session, engagement)
        assert engagement.state is new
    else:
        with pytest.raises(RuleViolation, match=f"engagement_not_{new.value}"):
            ACTS[new](session, engagement)


def test_opening_names_recipient_and_supporters(session):
    application, supporter = make_application(session), make_supporter(session)
    engagement = services.open_engagement(session, application, [supporter.id], **BY)
    assert (engagement.recipient_id, engagement.supporter_ids()) == (application.person_id, [supporter.id])


def test_opening_without_anybody_is_refused(session):
    with pytest.raises(RuleViolation, match="no_supporter"):
        services.open_engagement(session, make_application(session), [], **BY)


def test_opening_again_after_the_desk_changes_the_supporter_and_keeps_the_history(session):
    engagement, other = make_engagement(session), make_supporter(session)
    first = engagement.supporters[0]
    again = services.open_engagement(session, engagement.application, [other.id], **BY)
    assert (again.id, again.supporter_ids(), first.until) == (engagement.id, [other.id], NOW)


def test_ending_closes_the_application_too(session):
    engagement = make_engagement(session)
    services.complete_engagement(session, engagement, **BY)
    assert (engagement.ended_at, engagement.application.state) == (NOW, ApplicationState.CLOSED)


def test_a_pause_has_a_reason_and_ends_when_resumed(session):
    engagement = make_engagement(session)
    pause = services.pause_engagement(session, engagement, PauseReason.DISASTER, **BY)
    services.resume_engagement(session, engagement, by="user:1", now=NOW + timedelta(days=3))
    assert (pause.until, engagement.state) == (NOW + timedelta(days=3), EngagementState.RUNNING)


def test_resuming_what_is_not_paused_is_refused(session):
    with pytest.raises(RuleViolation, match="engagement_not_paused"):
        services.resume_engagement(session, make_engagement(session), **BY)


def say(session, engagement, token, *, side=Side.SUPPORTER, body="畑の写真を見せてください", minutes=0):
    at = NOW + timedelta(minutes=minutes)
    return services.post_message(session, engagement, side, engagement.recipient_id, body, token, now=at)


@pytest.mark.both_databases
def test_the_same_submission_is_one_message(session):
    engagement = make_engagement(session)
    assert say(session, engagement, "token-0001") is say(session, engagement, "token-0001")
    assert session.query(ThreadPost).count() == 1


def test_a_notice_carries_no_word_of_the_thread(session):
    engagement = make_engagement(session)
    say(session, engagement, "token-0001")
    (message,) = session.scalars(select(OutboxMessage))
    assert (message.recipient, set(message.params)) == (
        f"person:{engagement.recipient_id}",
        {"engagement_id", "side", "link_id"},
    )


def test_one_notice_an_hour_is_enough(session):
    engagement = make_engagement(session)
    for number in range(3):
        say(session, engagement, f"token-{number:04}", minutes=number)
    assert session.query(OutboxMessage).count() == 1


def test_each_side_has_its_own_notice(session):
    engagement = make_engagement(session)
    say(session, engagement, "token-0001", side=Side.OFFICE)
    persons = {engagement.recipient_id, engagement.supporters[0].supporter.person_id}
    assert {message.recipient for message in session.scalars(select(OutboxMessage))} == {
        f"person:{person_id}" for person_id in persons
    }


def test_an_empty_message_is_no_message(session):
    with pytest.raises(RuleViolation, match="message_empty"):
        say(session, make_engagement(session), "token-0001", body="　\n")


def test_a_report_goes_to_the_office_alone_and_pauses_the_supporter(session):
    engagement = make_engagement(session)
    services.report_concern(session, engagement, "売り込みを受けました", **BY)
    flag = session.query(Flag).one()
    assert (flag.kind, flag.note) == (FlagKind.CONCERN, "売り込みを受けました")
    assert engagement.supporters[0].supporter.receiving is Receiving.PAUSED
    assert [message.recipient for message in session.scalars(select(OutboxMessage))] == ["office"]


def test_a_report_of_the_supporter_does_not_pause_them(session):
    engagement = make_engagement(session)
    services.report_concern(session, engagement, "こまっています", side=Side.SUPPORTER, **BY)
    assert engagement.supporters[0].supporter.receiving is Receiving.OPEN
