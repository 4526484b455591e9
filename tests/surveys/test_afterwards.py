"""The questions of later months: nobody is blamed, whoever likes is left in peace, a difficulty leads to a talk."""

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Application
from mentorlink.core.outbox import OutboxMessage
from mentorlink.people.models import Consent, Purpose
from mentorlink.surveys.models import Anchor, SurveySchedule, Target, TargetState
from mentorlink.surveys.queries import answers_before_and_after
from mentorlink.surveys.services import load_surveys, refuse_questions, schedule_surveys, submit_response
from tests.factories import NOW, make_application, make_engagement, make_programme
from tests.surveys.rows import make_target
from tests.surveys.test_services import row


@pytest.fixture
def target(session):
    """The question of a later month about a half-year; a run of talks is open beside it."""
    make_programme(session)
    selecting = make_programme(session, has_selection=True, months=6)
    application = make_application(session, programme=selecting, state="closed")
    return make_target(session, make_engagement(session, application=application, ended_at=NOW), code="s4")


def test_a_difficulty_begins_another_talk_with_what_was_said(session, target, enter):
    answers = {"ending": "06", "difficulties": ["06", "09"]}
    submit_response(session, target, answers, by="t", now=NOW)
    target_id = target.id
    session.commit()
    client = enter(scope=("target", target_id))
    assert "もう一度、お話ししませんか" in client.get(f"/surveys/{target_id}").get_data(as_text=True)
    assert client.post(f"/surveys/{target_id}/talk").location == "/apply/screens/1"
    draft = session.scalars(select(Application).order_by(Application.id.desc())).unique().first()
    assert (draft.codes("category"), draft.programme.has_selection) == (["06", "09"], False)


def test_whoever_stopped_reads_that_every_answer_is_welcome(session, target, enter):
    target_id = target.id
    session.commit()
    page = enter(scope=("target", target_id)).get(f"/surveys/{target_id}").get_data(as_text=True)
    assert "やめた方も" in page
    assert "連絡がつかない" not in page


@pytest.mark.both_databases
def test_whoever_does_not_want_to_answer_is_not_asked_again(session, target):
    purpose = Purpose.LATER_CONTACT
    session.add(Consent(person_id=target.person_id, purpose=purpose, version="1", given_at=NOW))
    session.flush()
    for _twice in range(2):
        refuse_questions(session, target, by="t", now=NOW)
    consent = session.scalars(select(Consent).where(Consent.purpose == purpose)).one()
    assert (target.state, consent.withdrawn_at) == (TargetState.DECLINED, NOW)
    assert session.scalars(select(OutboxMessage)).all() == []


def test_refusing_is_one_button_of_the_recipient_alone(session, target, enter, as_office):
    target_id = target.id
    session.commit()
    address = f"/surveys/{target_id}/refusal"
    assert as_office.post(address).status_code == 404
    assert enter(scope=("target", target_id)).post(address).status_code == 303
    assert session.scalars(select(Target)).one().state is TargetState.DECLINED


@pytest.fixture
def asked_twice(session):
    """A half-year whose questions of the beginning and the end were answered."""
    engagement = make_engagement(session, ended_at=NOW)
    load_surveys(session)
    anchors = (Anchor.ENGAGEMENT_START, Anchor.ENGAGEMENT_END)
    rows = [row("s3", anchor=anchor.value, after_minutes=0) for anchor in anchors]
    schedule_surveys(session, engagement.programme, rows)
    answers = ({"can_organise": "2", "readiness": "wish"}, {"can_organise": "4", "readiness": "wish"})
    for schedule_id, given in zip(_schedules(session), answers, strict=True):
        event = f"engagement:{engagement.id}:{schedule_id}"
        submit_response(
            session, make_target(session, engagement, code="s3", event=event), given, by="t", now=NOW
        )
    return engagement


def _schedules(session):
    return session.scalars(select(SurveySchedule.id).order_by(SurveySchedule.id)).all()


@pytest.mark.both_databases
def test_before_and_after_stand_side_by_side(session, asked_twice):
    pairs = {pair.question.code: pair for pair in answers_before_and_after(session, asked_twice)}
    assert [pairs[code].has_changed for code in ("can_organise", "readiness", "confidants")] == [
        True,
        False,
        None,
    ]


def test_the_recipient_reads_them_in_words_and_the_supporter_does_not(
    session, asked_twice, as_applicant, as_supporter
):
    address, supporter = f"/engagements/{asked_twice.id}/answers", asked_twice.supporters[0].supporter
    page = as_applicant(asked_twice.application).get(address).get_data(as_text=True)
    for words in ("あまりできない", "だいたいできる", "かわったこと", "そのままのこと"):
        assert words in page
    assert as_supporter(supporter).get(address).status_code == 404


def test_easy_japanese_is_read_where_it_was_chosen(session, target, enter):
    target_id = target.id
    session.commit()
    client = enter(scope=("target", target_id))
    client.post("/preferences", data={"easy": "on"})
    assert "いまは、どうしていますか。" in client.get(f"/surveys/{target_id}").get_data(as_text=True)
