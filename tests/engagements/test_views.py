"""The thread and the report, from each side."""

import pytest

from mentorlink.applications.models import Application, Flag, FlagKind
from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import ThreadPost
from mentorlink.matching.models import Invitation
from mentorlink.scheduling.models import MeetingState
from tests.factories import NOW, make_engagement, make_meeting
from tests.pages import faults_of_page

FORM = {"body": "畑の写真を\n\n送ります", "submission": "token-0001"}


@pytest.fixture
def engagement(session):
    engagement = make_engagement(session)
    make_meeting(session, engagement=engagement, starts_at=NOW, state=MeetingState.RECORDED)
    session.commit()
    return engagement


@pytest.fixture
def applicant(as_applicant, engagement):
    return as_applicant(engagement.application)


def address(engagement, page):
    return f"/engagements/{engagement.id}/{page}"


def test_what_one_side_writes_the_other_reads(applicant, as_supporter, engagement, session):
    applicant.post(address(engagement, "messages"), data=FORM)
    session.rollback()
    page = as_supporter(engagement.supporters[0].supporter).get(address(engagement, "thread"))
    assert ("畑の写真を" in page.text, faults_of_page(page.text)) == (True, [])


def test_sending_the_form_twice_is_one_message(applicant, engagement, session):
    answers = [applicant.post(address(engagement, "messages"), data=FORM).status_code for _ in range(2)]
    session.rollback()
    assert (answers, session.query(ThreadPost).count()) == ([303, 303], 1)


@pytest.mark.parametrize("body", ["", "あ" * 3001, "\u202e"])
def test_a_message_that_cannot_be_is_questioned_and_kept(applicant, engagement, body):
    page = applicant.post(address(engagement, "messages"), data=FORM | {"body": body})
    assert (page.status_code, body in page.text, faults_of_page(page.text)) == (422, True, [])


def test_the_office_reading_leaves_a_trace(as_office, engagement, session):
    page = as_office.get(address(engagement, "thread"))
    session.rollback()
    assert (faults_of_page(page.text), session.query(AuditEntry).one().verb) == ([], "read_thread")


def test_nobody_else_reads_the_thread(engagement, as_applicant, session):
    stranger = as_applicant(make_engagement(session).application)
    assert stranger.get(address(engagement, "thread")).status_code == 404


def test_a_report_is_two_taps(applicant, engagement, session):
    assert faults_of_page(applicant.get(address(engagement, "concern")).text) == []
    assert applicant.post(address(engagement, "concern"), data={}).status_code == 422
    applicant.post(address(engagement, "concern"), data={"kind": "soliciting", "text": ""})
    session.rollback()
    assert session.query(Flag).one().note == "売り込みや勧誘を受けた"


def test_the_same_person_is_asked_again_once(applicant, engagement, session):
    supporter_id, origin_id = engagement.supporter_ids()[0], engagement.application_id
    assert faults_of_page(applicant.get(address(engagement, "again")).text) == []
    answer = applicant.post(address(engagement, "again"))
    session.rollback()
    application = session.query(Application).filter_by(origin_id=origin_id).one()
    assert (answer.location, session.query(Invitation).one().supporter_id) == ("/my", supporter_id)
    assert application.codes("category") == ["06"]


def test_words_of_crisis_show_helplines_to_their_writer_and_flag_the_office(
    applicant, as_supporter, engagement, session
):
    reader = as_supporter(engagement.supporters[0].supporter)
    thread = address(engagement, "thread")
    session.rollback()
    applicant.post(thread.replace("thread", "messages"), data=FORM | {"body": "もう死にたいです"})
    session.rollback()
    flag = session.query(Flag).one()
    told = session.query(OutboxMessage).filter_by(template="applications/flag_raised").one()
    assert (flag.kind, told.recipient) == (FlagKind.CRISIS, "office")
    session.rollback()
    page = applicant.get(thread).text
    assert ('id="helplines"' in page, faults_of_page(page)) == (True, [])
    assert 'id="helplines"' not in reader.get(thread).text
