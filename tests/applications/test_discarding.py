"""A draft is thrown away by its writer, and never hides what was sent."""

import pytest
from sqlalchemy import func, select

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ApplicationTerm,
    DayPart,
    PreferredTime,
    SelectionAnswer,
)
from mentorlink.applications.services import discard_draft
from mentorlink.applications.services.again import start_again
from mentorlink.core.actor import Role
from mentorlink.core.errors import RuleViolation
from mentorlink.core.links import Link, LinkKind, issue_link
from tests.conftest import NOW
from tests.factories import make_application, make_programme, make_question, make_user


def address(application):
    return f"/my/applications/{application.id}/discarding"


@pytest.fixture
def signed_in(session, enter):
    """A sent application and the draft that was begun from it by accident, and their writer."""
    sent = make_application(session)
    user_id = make_user(session, role=Role.APPLICANT).id
    sent.person.user_id = user_id
    draft = start_again(session, sent, now=NOW)
    session.commit()
    return sent, draft, enter(user_id=user_id)


def test_the_newest_that_was_sent_is_shown_and_the_draft_stands_below(session, signed_in):
    sent, draft, client = signed_in
    page = client.get("/my").get_data(as_text=True)
    session.rollback()
    assert page.index(sent.reference) < page.index("続きを書く") < page.index(address(draft))


@pytest.mark.both_databases
def test_a_draft_goes_with_all_its_answers(session):
    programme = make_programme(session)
    question = make_question(session, programme)
    draft = make_application(
        session,
        programme=programme,
        state=ApplicationState.DRAFT,
        reference=None,
        submitted_at=None,
        times=[(0, DayPart.EVENING)],
    )
    draft.selection_answers.append(SelectionAnswer(question_id=question.id, text="まちの台所"))
    session.flush()
    about = f"application:{draft.id}"
    issue_link(session, LinkKind.ENTRY, "application", about, expires_at=NOW.replace(year=2027), now=NOW)

    discard_draft(session, draft, now=NOW)
    session.commit()

    for kind in (Application, ApplicationTerm, PreferredTime, SelectionAnswer):
        assert session.scalar(select(func.count()).select_from(kind)) == 0
    assert [link.is_open(NOW) for link in session.scalars(select(Link))] == [False]


@pytest.mark.both_databases
def test_what_was_sent_is_not_thrown_away(session):
    with pytest.raises(RuleViolation, match="application_not_draft"):
        discard_draft(session, make_application(session), now=NOW)


def test_its_writer_throws_it_away_after_a_look(session, signed_in):
    sent, draft, client = signed_in
    where = address(draft)
    session.rollback()
    assert "書きかけを消しますか" in client.get(where).get_data(as_text=True)
    assert client.post(where).headers["Location"] == "/my"
    session.rollback()
    session.expire_all()
    assert session.scalars(select(Application.id)).all() == [sent.id]
    assert client.post(where).status_code == 404
    assert client.get("/my").status_code == 200


def test_whoever_came_by_a_link_is_led_back_to_what_they_sent(session, as_applicant):
    sent = make_application(session)
    draft = start_again(session, sent, now=NOW)
    where, reference = address(draft), sent.reference
    client = as_applicant(draft)
    another = as_applicant(draft)
    session.rollback()
    client.post(where)
    assert reference in client.get("/my").get_data(as_text=True)
    assert another.get("/my").status_code in (303, 404)


def test_a_first_draft_leads_back_to_the_start(session, as_applicant):
    draft = make_application(session, state=ApplicationState.DRAFT, reference=None, submitted_at=None)
    where, client = address(draft), as_applicant(draft)
    session.rollback()
    assert client.post(where).headers["Location"] == "/apply"
    assert client.get("/my").status_code in (303, 404)


def test_what_was_sent_answers_kindly_and_a_stranger_finds_nothing(session, as_applicant):
    sent, other = make_application(session), make_application(session)
    where = address(sent)
    writer, stranger = as_applicant(sent), as_applicant(other)
    session.rollback()
    assert (writer.get(where).status_code, writer.post(where).status_code) == (303, 422)
    assert (stranger.get(where).status_code, stranger.post(where).status_code) == (404, 404)
