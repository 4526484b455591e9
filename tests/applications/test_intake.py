"""Drafts, answers and the receipt."""

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application, ApplicationState, Flag, FlagKind, Intake
from mentorlink.applications.queries import given_consents
from mentorlink.applications.services import (
    confirm_contact,
    remind_drafts,
    save_answers,
    start_draft,
    submit_application,
)
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.organisations.services import add_organisation
from mentorlink.people.models import REQUIRED_CONSENTS, Purpose
from mentorlink.people.services import give_consents, withdraw_consent
from tests.applications.answers import COMPLETE
from tests.conftest import NOW
from tests.factories import make_application, make_programme


def complete_draft(session, programme=None, **changes):
    draft = start_draft(session, programme or make_programme(session), now=NOW)
    save_answers(session, draft, replace(COMPLETE, **changes), now=NOW)
    give_consents(session, draft.person, REQUIRED_CONSENTS, now=NOW)
    return draft


def submit(session, draft, now=NOW):
    return submit_application(session, draft, by="anonymous", now=now)


def templates_planned(session):
    return list(session.scalars(select(OutboxMessage.template).order_by(OutboxMessage.id)))


def test_submitting_gives_a_number_and_a_receipt(session):
    application = submit(session, complete_draft(session))

    assert (application.reference, application.state) == ("2026-0001", ApplicationState.RECEIVED)
    assert templates_planned(session) == ["applications/confirm_contact", "applications/receipt"]


def test_submitting_twice_is_refused(session):
    application = submit(session, complete_draft(session))

    with pytest.raises(RuleViolation, match="application_not_received"):
        submit(session, application)


def test_a_selecting_programme_sends_its_own_receipt(session):
    submit(session, complete_draft(session, make_programme(session, has_selection=True)))

    assert "applications/selection_receipt" in templates_planned(session)


def test_numbers_begin_anew_in_the_calendar_year_of_tokyo(session):
    submit(session, complete_draft(session))
    new_year = NOW.replace(year=2026, month=12, day=31, hour=15, minute=30)

    assert submit(session, complete_draft(session), now=new_year).reference == "2027-0001"
    assert submit(session, complete_draft(session), now=NOW).reference == "2026-0002"


def test_numbers_go_on_after_nine_thousand(session):
    make_application(session, reference="2026-9999")

    assert submit(session, complete_draft(session)).reference == "2026-10000"


@pytest.mark.both_databases
def test_numbers_are_unique_when_many_send_at_once(session, sessions):
    ids = [complete_draft(session, email=f"h{n}@example.org").id for n in range(6)]
    session.commit()
    start, problems = Barrier(len(ids)), []

    def send(application_id):
        start.wait()
        try:
            with sessions() as db, transaction(db):
                submit(db, db.get_one(Application, application_id))
        except Exception as error:  # noqa: BLE001 — shown below
            problems.append(error)

    threads = [Thread(target=send, args=[each]) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    session.rollback()
    assert problems == []
    numbers = sorted(session.scalars(select(Application.reference)))
    assert numbers == [f"2026-{n:04}" for n in range(1, 7)]


@pytest.mark.parametrize("name", ["stage", "themes", "categories", "modes", "times"])
def test_sending_needs_every_required_answer(session, name):
    draft = complete_draft(session, **{name: None})

    with pytest.raises(RuleViolation, match="answers_missing"):
        submit(session, draft)


def test_the_ways_of_not_choosing_are_answers(session):
    draft = complete_draft(
        session, themes=(), unsure_theme=True, categories=(), unsure_category=True, times=(), by_talk=True,
        prefecture="",
    )  # fmt: skip

    assert submit(session, draft).prefecture is None


def test_sending_needs_both_consents(session):
    draft = start_draft(session, make_programme(session), now=NOW)
    save_answers(session, draft, COMPLETE, now=NOW)
    give_consents(session, draft.person, [Purpose.PERSONAL_DATA], now=NOW)

    with pytest.raises(RuleViolation, match="consent_needed"):
        submit(session, draft)


def test_a_withdrawn_consent_to_statistics_stays_withdrawn(session):
    draft = complete_draft(session)
    give_consents(session, draft.person, [Purpose.STATISTICS], now=NOW)
    withdraw_consent(session, draft.person, Purpose.STATISTICS, now=NOW)

    submit(session, draft)

    assert given_consents(session, draft.person_id) == set(REQUIRED_CONSENTS)


def test_saving_again_changes_and_keeps_the_order(session):
    draft = complete_draft(session)

    save_answers(
        session, draft, {"categories": ["05", "06"], "times": [(0, "morning"), (1, "evening")]}, now=NOW
    )

    assert draft.codes("category") == ["05", "06"]
    assert [(row.weekday, row.part) for row in draft.times] == [(1, "evening"), (0, "morning")]
    assert draft.stage == "02"


def test_answers_stay_as_sent(session):
    application = submit(session, complete_draft(session))

    with pytest.raises(RuleViolation, match="application_not_draft"):
        save_answers(session, application, {"story": "別の話"}, now=NOW)


def test_an_unknown_answer_is_refused(session):
    with pytest.raises(TypeError):
        save_answers(session, complete_draft(session), {"role": "admin"}, now=NOW)


def test_avoided_organisations_are_found_by_alias(session):
    known = add_organisation(session, "特定非営利活動法人 みほん", aliases=["みほんの家"])

    draft = complete_draft(session, avoided=("みほんの家", "だれも知らない会"))

    assert [(row.name, row.organisation_id) for row in draft.avoided] == [
        ("みほんの家", known.id),
        ("だれも知らない会", None),
    ]


def test_words_of_crisis_raise_a_flag_and_tell_the_office_without_the_words(session):
    application = submit(session, complete_draft(session, story="もう 死に たい です"))

    flag = session.scalars(select(Flag)).one()
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.recipient == "office")).one()
    assert (flag.kind, flag.application_id) == (FlagKind.CRISIS, application.id)
    assert message.params == {"application_id": application.id}


def test_a_closed_programme_takes_no_drafts_but_papers_may_be_entered(session):
    closed = make_programme(session, closes_on=NOW.date() - timedelta(days=1))

    with pytest.raises(RuleViolation, match="programme_closed"):
        start_draft(session, closed, now=NOW)
    assert start_draft(session, closed, intake=Intake.PAPER, now=NOW).state is ApplicationState.DRAFT


def test_talking_again_begins_with_what_was_said_but_not_the_story(session):
    origin = submit(session, complete_draft(session))

    again = start_draft(session, origin.programme, origin=origin, now=NOW)

    assert (again.origin_id, again.person_id, again.story) == (origin.id, origin.person_id, None)
    assert again.codes("theme") == ["01"]
    assert again.codes("category") == []


def test_a_new_address_must_be_confirmed_again(session):
    draft = complete_draft(session)
    confirm_contact(session, draft, now=NOW)
    confirm_contact(session, draft, now=NOW + timedelta(hours=1))
    assert draft.person.contact_confirmed_at == NOW

    save_answers(session, draft, {"email": "new@example.org"}, now=NOW)

    assert draft.person.contact_confirmed_at is None


def test_the_form_does_not_write_to_strangers_again_and_again(session):
    draft = complete_draft(session)
    for number in range(6):
        save_answers(session, draft, {"email": f"stranger{number}@example.org"}, now=NOW)

    assert templates_planned(session) == ["applications/confirm_contact"] * 3


def leave_half_way(session, *, consents=True, confirmed=True):
    draft = start_draft(session, make_programme(session), now=NOW)
    save_answers(session, draft, COMPLETE, now=NOW)
    if consents:
        give_consents(session, draft.person, [Purpose.LATER_CONTACT], now=NOW)
    if confirmed:
        confirm_contact(session, draft, now=NOW)
    return draft


def test_a_left_draft_is_reminded_once_after_a_day(session):
    draft = leave_half_way(session)

    assert [remind_drafts(session, NOW + timedelta(hours=hours)) for hours in (0, 23, 48)] == [1, 0, 0]
    (row,) = session.query(OutboxMessage).filter_by(template="applications/draft_left")
    assert row.due_at == NOW + timedelta(hours=24)
    save_answers(session, draft, {"prefecture": "09"}, now=NOW + timedelta(hours=2))
    session.refresh(row)
    assert row.due_at == NOW + timedelta(hours=26)


@pytest.mark.parametrize("missing", ["consents", "confirmed"])
def test_a_left_draft_is_not_reminded_without(session, missing):
    leave_half_way(session, **{missing: False})

    assert remind_drafts(session, NOW + timedelta(days=2)) == 0


@pytest.mark.both_databases
def test_of_two_who_send_one_draft_the_second_meets_a_conflict(session, sessions):
    draft_id = complete_draft(session).id
    session.commit()
    with sessions() as first, sessions() as second:
        late = second.get_one(Application, draft_id)
        second.refresh(late)
        second.rollback() if second.get_bind().dialect.name == "sqlite" else None
        with transaction(first):
            submit(first, first.get_one(Application, draft_id))
        with pytest.raises((Conflict, RuleViolation)):
            submit(second, late)
