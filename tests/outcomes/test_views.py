"""The office's pages of figures: every card opens to its rows."""

import pytest

from mentorlink.outcomes.figures import DEFINITIONS
from mentorlink.outcomes.models import Claim
from mentorlink.scheduling.models import MeetingState
from tests.factories import NOW, make_engagement, make_meeting
from tests.pages import faults_of_page


@pytest.fixture
def code(session):
    engagement = make_engagement(session)
    engagement.programme.has_selection, engagement.programme.months = True, 6
    engagement.programme.leads_to_id = engagement.programme_id
    make_meeting(session, engagement=engagement, starts_at=NOW, state=MeetingState.RECORDED)
    claim = {"printed": "37", "source": "報告書", "note_ja": "仮の注", "note_en": "a note"}
    session.add(Claim(programme_id=engagement.programme_id, key="people_met", **claim))
    session.commit()
    return engagement.programme.code


def test_a_printed_number_that_differs_is_shown(as_office, code):
    page = as_office.get(f"/office/figures/{code}")
    assert ("ちがいます" in page.text, faults_of_page(page.text)) == (True, [])


def test_runs_can_be_chosen(as_office, code):
    page = as_office.get("/office/figures")
    assert (f"/office/figures/{code}" in page.text, faults_of_page(page.text)) == (True, [])


@pytest.mark.parametrize("key", [each.key for each in DEFINITIONS])
def test_every_figure_opens(as_office, code, key):
    page = as_office.get(f"/office/figures/{code}/{key}?page=1")
    assert (page.status_code, faults_of_page(page.text)) == (200, [])


def test_an_unknown_figure_is_not_found(as_office, code):
    assert as_office.get(f"/office/figures/{code}/happiness").status_code == 404
