"""Days that were lost are told apart by who lost them, and three in a row ask the office to look kindly."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.queries import Absences, absences_of
from mentorlink.scheduling.services import cancel_meeting, mark_no_show, record_meeting
from tests.conftest import NOW
from tests.factories import make_engagement, make_meeting

DAY = timedelta(days=1)
LINES = {"went_well": "物件を見た", "difficult": "", "next_promise": ""}


@pytest.fixture
def engagement(session):
    return make_engagement(session)


def meet(session, engagement, day: int):
    return make_meeting(session, engagement=engagement, starts_at=NOW + day * DAY)


def miss(session, engagement, day: int, side: Side = Side.APPLICANT):
    meeting = meet(session, engagement, day)
    mark_no_show(session, meeting, side=side, by="test", now=meeting.ends_at)
    return meeting


def call_off(session, engagement, day: int, side: Side = Side.APPLICANT, before=timedelta(hours=23)):
    meeting = meet(session, engagement, day)
    cancel_meeting(session, meeting, side=side, by="test", now=meeting.starts_at - before)


def flags(session) -> list[FlagKind]:
    return list(session.scalars(select(Flag.kind)))


def test_a_day_called_off_a_day_before_is_not_late(session, engagement):
    call_off(session, engagement, 2, before=timedelta(hours=24))
    call_off(session, engagement, 3, before=timedelta(hours=24) - timedelta(seconds=1))
    assert absences_of(session, engagement.id)[Side.APPLICANT] == Absences(late=1, missed=0, in_a_row=1)


def test_each_side_has_its_own_count(session, engagement):
    miss(session, engagement, 1)
    call_off(session, engagement, 2, Side.SUPPORTER)
    call_off(session, engagement, 3, Side.OFFICE)
    assert absences_of(session, engagement.id) == {
        Side.APPLICANT: Absences(missed=1, in_a_row=1),
        Side.SUPPORTER: Absences(late=1, in_a_row=1),
        Side.OFFICE: Absences(late=1, in_a_row=1),
    }


def test_three_days_of_one_side_in_a_row_are_shown_to_the_office(session, engagement):
    miss(session, engagement, 1)
    call_off(session, engagement, 2)
    assert flags(session) == []
    call_off(session, engagement, 3)
    assert flags(session) == [FlagKind.ABSENCES]


def test_days_of_both_sides_do_not_add_up(session, engagement):
    for day, side in enumerate([Side.APPLICANT, Side.SUPPORTER, Side.APPLICANT, Side.SUPPORTER], start=1):
        miss(session, engagement, day, side)
    assert flags(session) == []


def test_what_the_office_calls_off_shows_nobody(session, engagement):
    for day in (1, 2, 3):
        call_off(session, engagement, day, Side.OFFICE)
    assert flags(session) == []


def test_a_talk_that_took_place_begins_the_count_anew(session, engagement):
    miss(session, engagement, 1)
    miss(session, engagement, 2)
    held = meet(session, engagement, 3)
    record_meeting(session, held, **LINES, by="test", now=held.ends_at)
    miss(session, engagement, 4)
    assert flags(session) == []
    assert absences_of(session, engagement.id)[Side.APPLICANT] == Absences(missed=3, in_a_row=1)


def test_an_absence_that_was_none_counts_for_nobody(session, engagement):
    meeting = miss(session, engagement, 1)
    record_meeting(session, meeting, **LINES, by="test", now=meeting.ends_at + DAY)
    assert meeting.state is MeetingState.RECORDED
    assert set(absences_of(session, engagement.id).values()) == {Absences()}


def test_the_office_reads_on_the_application_whose_days_were_lost_and_how(session, engagement, as_office):
    session.commit()
    miss(session, engagement, 1)
    call_off(session, engagement, 2, Side.SUPPORTER)
    call_off(session, engagement, 3)
    miss(session, engagement, 4)
    session.commit()
    page = as_office.get(f"/office/applications/{engagement.application_id}").text
    assert "お忙しいのかもしれません" in page
    assert "相談者の方のご都合：直前の中止 1回、お会いできなかった日 2回（続けて 3回）" in page
    assert "講師・メンターのご都合：直前の中止 1回、お会いできなかった日 0回（続けて 1回）" in page
