"""わたしのメモ: the author's alone until shared, then only ever added to."""

from datetime import timedelta

import pytest

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.core.audit import AuditEntry
from mentorlink.core.errors import RuleViolation
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements import services
from mentorlink.engagements.models import EngagementSupporter, Note, Side
from mentorlink.engagements.policies import Seat
from mentorlink.engagements.queries import count_notes, notes_for
from tests.engagements.test_milestones import make_half_year
from tests.factories import NOW, make_engagement, make_supporter
from tests.pages import faults_of_page

WHO = {"by": "user:1", "now": NOW}
SECRET = "ひみつの心配ごと"


def make_note(session, body=SECRET, *, by_mentor=False):
    engagement = make_half_year(session)
    mentor_id = engagement.supporters[0].supporter.person_id
    author_id = mentor_id if by_mentor else engagement.recipient_id
    return engagement, services.write_note(session, engagement, author_id, body, now=NOW)


@pytest.mark.both_databases
def test_a_note_is_rewritten_until_it_is_shared_and_added_to_afterwards(session):
    _engagement, note = make_note(session, "一行目")
    services.change_note(session, note, "はじめ", now=NOW)
    services.share_note(session, note, **WHO)
    services.share_note(session, note, **WHO)
    services.amend_note(session, note, "続き", **WHO)
    assert note.body == "はじめ\n\n[+ 2026-11-25]\n続き"
    assert session.query(OutboxMessage).count() == 1


def test_a_shared_note_is_never_changed_silently(session):
    _engagement, note = make_note(session)
    services.share_note(session, note, **WHO)
    with pytest.raises(RuleViolation, match="note_shared"):
        services.change_note(session, note, "別のこと", now=NOW)
    assert note.body == SECRET


def test_a_note_of_ones_own_is_rewritten_and_not_added_to(session):
    _engagement, note = make_note(session)
    with pytest.raises(RuleViolation, match="note_not_shared"):
        services.amend_note(session, note, "続き", **WHO)


@pytest.mark.both_databases
def test_a_note_of_ones_own_can_be_thrown_away_until_it_is_shared(session):
    engagement, note = make_note(session)
    kept = services.write_note(session, engagement, engagement.recipient_id, "のこす", now=NOW)
    services.share_note(session, kept, **WHO)
    services.discard_note(session, note)
    with pytest.raises(RuleViolation, match="note_shared"):
        services.discard_note(session, kept)
    assert [each.body for each in session.query(Note)] == ["のこす"]


def test_its_author_throws_a_note_away_after_another_look(session, as_applicant, as_supporter):
    engagement, note = make_note(session)
    where, notes = f"/notes/{note.id}/discarding", f"/engagements/{engagement.id}/notes"
    mentor = as_supporter(engagement.supporters[0].supporter)
    author = as_applicant(session.merge(engagement.application))
    session.rollback()
    assert (mentor.get(where).status_code, mentor.post(where).status_code) == (404, 404)
    assert where in author.get(where.removesuffix("/discarding")).text
    assert SECRET in author.get(where).text
    assert author.post(where).headers["Location"] == notes
    assert SECRET not in author.get(notes).text
    assert author.post(where).status_code == 404


def test_a_shared_note_stays(session, as_applicant):
    engagement, note = make_note(session)
    services.share_note(session, note, **WHO)
    where = f"/notes/{note.id}"
    author = as_applicant(engagement.application)
    session.rollback()
    assert f"{where}/discarding" not in author.get(where).text
    assert author.get(f"{where}/discarding").headers["Location"] == where
    assert author.post(f"{where}/discarding").status_code == 422
    assert author.get(where).status_code == 200


@pytest.mark.parametrize("body", ["", " \n"])
def test_an_empty_note_is_none(session, body):
    with pytest.raises(RuleViolation, match="note_empty"):
        make_note(session, body)


def test_words_of_crisis_count_only_where_they_were_meant_to_be_read(session):
    _engagement, note = make_note(session, "もう死にたい")
    assert session.query(Flag).count() == 0
    services.share_note(session, note, **WHO)
    assert session.query(Flag).one().kind is FlagKind.CRISIS


def read(client, engagement_id):
    return SECRET in client.get(f"/engagements/{engagement_id}/notes").text


@pytest.mark.parametrize("by_mentor", [False, True])
def test_nobody_but_the_author_reads_a_note_until_it_is_shared(
    session, as_applicant, as_supporter, as_office, by_mentor
):
    engagement, note = make_note(session, by_mentor=by_mentor)
    note_id, engagement_id = note.id, engagement.id
    mentor = as_supporter(engagement.supporters[0].supporter)
    mentee = as_applicant(session.merge(engagement.application))
    author, other = (mentor, mentee) if by_mentor else (mentee, mentor)
    seen = [read(each, engagement_id) for each in (author, other, as_office)]
    author.post(f"/notes/{note_id}/sharing")
    assert seen == [True, False, False]
    assert [read(each, engagement_id) for each in (author, other, as_office)] == [True, True, True]


@pytest.mark.parametrize("page", ["/notes/{id}", "/notes/{id}/sharing"])
def test_the_other_side_and_the_office_change_nothing_of_it(session, as_supporter, as_office, page):
    engagement, note = make_note(session)
    services.share_note(session, note, **WHO)
    address = page.format(id=note.id)
    mentor = as_supporter(engagement.supporters[0].supporter)
    for client in (mentor, as_office):
        assert client.post(address, data={"body": "書きかえ"}).status_code == 404


def test_the_office_leaves_a_trace_and_has_no_notes_of_its_own(session, as_office):
    engagement, _note = make_note(session)
    session.commit()
    page = as_office.get(f"/engagements/{engagement.id}/notes")
    answer = as_office.post(f"/engagements/{engagement.id}/notes", data={"body": "x"})
    session.rollback()
    assert (faults_of_page(page.text), answer.status_code) == ([], 404)
    assert session.query(AuditEntry).one().verb == "read_notes"


def test_writing_rewriting_sharing_and_adding_go_by_the_pages(session, as_applicant):
    engagement = make_half_year(session)
    client, address = as_applicant(engagement.application), f"/engagements/{engagement.id}/notes"
    client.post(address, data={"body": "はじめ"})
    session.rollback()
    note_id = session.query(Note).one().id
    pages = [client.get(f"/notes/{note_id}").text]
    client.post(f"/notes/{note_id}", data={"body": "書き直し"})
    client.post(f"/notes/{note_id}/sharing")
    pages += [client.get(f"/notes/{note_id}").text, client.get(address).text]
    client.post(f"/notes/{note_id}", data={"body": "続き"})
    session.rollback()
    assert [fault for page in pages for fault in faults_of_page(page)] == []
    assert session.query(Note).one().body.splitlines()[0::3] == ["書き直し", "続き"]


@pytest.mark.parametrize("body", ["", "あ" * 3001, "\u202e"])
def test_a_note_that_cannot_be_is_questioned_and_kept(session, as_applicant, body):
    engagement = make_half_year(session)
    client = as_applicant(engagement.application)
    page = client.post(f"/engagements/{engagement.id}/notes", data={"body": body})
    assert (page.status_code, body in page.text, faults_of_page(page.text)) == (422, True, [])


def test_a_single_talk_has_no_notes(session, as_applicant):
    engagement = make_engagement(session)
    client = as_applicant(engagement.application)
    assert client.get(f"/engagements/{engagement.id}/notes").status_code == 404


@pytest.mark.parametrize(("handed_over", "number"), [(False, 0), (True, 1)])
def test_a_mentor_who_came_later_reads_earlier_notes_where_they_were_handed_over(
    session, handed_over, number
):
    engagement, note = make_note(session)
    services.share_note(session, note, **WHO)
    later = make_supporter(session)
    place = EngagementSupporter(
        supporter_id=later.id, since=NOW + timedelta(days=30), sees_thread=handed_over
    )
    engagement.supporters.append(place)
    session.flush()
    session.refresh(engagement)
    seat = Seat(engagement, Side.SUPPORTER, later.person_id)
    assert (len(notes_for(session, seat)), count_notes(session, seat)) == (number, number)
