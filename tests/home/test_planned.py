"""The office sees every message that will go out, with its reason, and stops it with one tap."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Channel, MessageState, OutboxMessage, plan_message
from mentorlink.core.state import StateChange
from mentorlink.scheduling.notices.talks import plan_reminders, readers_of
from mentorlink.scheduling.queries import team_of
from tests.factories import NOW, make_meeting, make_person

HOUR = timedelta(hours=1)
PAGE = "/office/messages/planned"


@pytest.fixture
def meeting(session):
    """A talk in five days with its three reminders to come... and the record that is wanted after it."""
    meeting = make_meeting(session)
    (supporter,) = team_of(meeting.engagement)
    supporter.meeting_url = "https://meet.example.org/planned"
    plan_reminders(session, meeting, readers_of(session, meeting, NOW), NOW)
    session.commit()
    return meeting


def rows(session):
    session.rollback()
    session.expire_all()
    return session.scalars(select(OutboxMessage).order_by(OutboxMessage.due_at, OutboxMessage.id)).all()


def states(session):
    return [(row.state.value, row.problem) for row in rows(session)]


def text_of(response):
    assert response.status_code == 200, response.status
    return response.get_data(as_text=True)


def test_the_page_says_who_hears_what_when_and_why(session, meeting, as_office):
    name = meeting.engagement.recipient.display_name
    page = text_of(as_office.get(PAGE))
    assert page.count("あすのご案内") == 2 + 1  # both sides, and the filter
    for words in (name, "17:00", "お話しのはじまりの1日前、17時", "1時間前のご案内", "記録のお願い"):
        assert words in page


def test_one_tap_stops_a_message_with_audit_and_history_and_it_can_be_let_go_again(
    session, meeting, as_office
):
    first = rows(session)[0].id
    assert as_office.post(f"{PAGE}/{first}/stop").status_code == 303
    assert states(session)[0] == ("cancelled", "stopped")
    assert session.scalar(select(AuditEntry.verb).where(AuditEntry.verb == "stop_message"))
    history = session.scalars(select(StateChange).filter_by(concept="outbox_message", row_id=first)).all()
    assert [(each.old, each.new, each.why) for each in history] == [("planned", "cancelled", "stopped")]
    assert "やっぱり送る" in text_of(as_office.get(f"{PAGE}?stopped=1"))
    assert as_office.post(f"{PAGE}/{first}/release").status_code == 303
    assert states(session)[0] == ("planned", None)


def test_what_was_stopped_is_not_planned_again_by_the_same_event(session, meeting, as_office):
    as_office.post(f"{PAGE}/{rows(session)[0].id}/stop")
    row = rows(session)[0]
    again = {
        name: getattr(row, name) for name in ("event", "template", "recipient", "locale", "about", "params")
    }
    for channel in (Channel.MAIL, Channel.CALL):
        times = {"now": NOW, "due_at": NOW + HOUR, "not_after": NOW + 2 * HOUR}
        plan_message(session, **again, channel=channel, **times)
    session.commit()
    assert states(session).count(("cancelled", "stopped")) == 1
    assert len(rows(session)) == 4


def test_a_stop_cannot_be_taken_back_after_its_hour(session, meeting, as_office, clock):
    first = rows(session)[0].id
    as_office.post(f"{PAGE}/{first}/stop")
    clock.now = rows(session)[0].due_at
    assert as_office.post(f"{PAGE}/{first}/release").status_code == 409
    assert states(session)[0] == ("cancelled", "stopped")


def test_everything_to_one_person_is_stopped_at_once_and_nothing_else(session, meeting, as_office):
    person_id = meeting.engagement.recipient_id
    as_office.post(f"{PAGE}/stops", data={"person": person_id})
    stopped = {row.recipient for row in rows(session) if row.is_stopped}
    assert stopped == {f"person:{person_id}"}
    assert sum(not row.is_stopped for row in rows(session)) == 2


def test_everything_about_one_half_year_is_stopped_at_once_and_nothing_else(session, meeting, as_office):
    other = make_meeting(session)
    plan_reminders(session, other, readers_of(session, other, NOW), NOW)
    session.commit()
    as_office.post(f"{PAGE}/stops", data={"engagement": meeting.engagement_id})
    assert {row.about for row in rows(session) if row.is_stopped} == {f"meeting:{meeting.id}"}


def test_stopping_all_of_nobody_stops_nothing(session, meeting, as_office):
    as_office.post(f"{PAGE}/stops")
    assert {row.state for row in rows(session)} == {MessageState.PLANNED}


def test_the_preview_shows_the_words_without_the_key_and_is_written_down(session, meeting, as_office):
    page = text_of(as_office.get(f"{PAGE}/{rows(session)[0].id}"))
    assert "/e/…" in page
    session.rollback()
    assert session.scalar(select(AuditEntry.verb).where(AuditEntry.verb == "read_message"))


def test_filters_narrow_the_list(session, meeting, as_office):
    by_kind = text_of(as_office.get(f"{PAGE}?template=scheduling/in_an_hour"))
    assert by_kind.count('/stop"') == 1
    assert "ここには、いま何もありません" in text_of(as_office.get(f"{PAGE}?channel=line"))


def test_the_table_of_rules_stands_in_words(as_office):
    page = text_of(as_office.get("/office/messages/rules"))
    for words in (
        "お返事の締切の1日前、17時",
        "お話しのはじまりの1時間前",
        "一歩の日の7日前、9時",
        "夜でも送る",
    ):
        assert words in page


def test_four_thousand_messages_are_a_page_of_fifty_and_as_many_questions(
    session, meeting, as_office, engine
):
    def asked():
        seen = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731 — to be taken off again
        event.listen(engine, "before_cursor_execute", listener)
        page = text_of(as_office.get(PAGE))
        event.remove(engine, "before_cursor_execute", listener)
        return len(seen), len(page)

    asked()  # the first one also remembers who is asking
    few, _size = asked()
    row, person_id = rows(session)[0], make_person(session).id
    same = {
        "template": row.template,
        "locale": "ja",
        "params": row.params,
        "about": row.about,
        "channel": "mail",
    }
    times = {"queued_at": NOW, "due_at": NOW + HOUR, "not_after": NOW + 2 * HOUR}
    session.execute(
        OutboxMessage.__table__.insert(),
        [
            same
            | times
            | {"event": f"many:{number}", "recipient": f"person:{person_id}", "state": "planned"}
            | {"attempts": 0, "ambiguous": 0, "keeps_quiet": True}
            for number in range(4000)
        ],
    )
    session.commit()
    many, size = asked()
    assert many == few
    assert size < 100_000
