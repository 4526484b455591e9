"""From every situation that can be reached, everybody in it has a next step, or somebody else holds it.

The walk goes through the product of all states by the real services and jobs, under a moving clock. What is asked of
each situation is read from the pages that the people in it see, not from the states.
"""

import re

import pytest
from sqlalchemy import select

from mentorlink.applications.models import ApplicationState
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    EngagementSupporter,
    Handover,
    HandoverState,
    Milestone,
    MilestoneState,
)
from mentorlink.home.desk import Queue, list_queue
from mentorlink.home.tasks import due_calls
from mentorlink.matching.models import WAITING_FOR_ANSWER, Invitation
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.surveys.models import Audience, Target, TargetState
from tests import paths_acts as acts
from tests import paths_world as here
from tests.paths_world import World

MAIN = re.compile(r"<main.*</main>", re.DOTALL)
DAY = re.compile(r"\d+月\d+日")
AIM = re.compile(r'(?:href|action)="([^"#]+)')
ALWAYS_THERE = re.compile(
    r"/contact|/my/consents|withdrawal|/thread|/help|^tel:|\?application=|/my$|concern|/print|/notes|/care"
)
A_ROW = re.compile(r'<tr[^>]*id="([^"]+)".*?</tr>', re.DOTALL)
OVER = (
    ApplicationState.DRAFT,
    ApplicationState.WITHDRAWN,
    ApplicationState.REFERRED,
    ApplicationState.CLOSED,
)
GOES_ON = (EngagementState.PREPARING, EngagementState.RUNNING, EngagementState.PAUSED)
HALF_YEAR = {"months": 6, "meetings_min": 6, "has_selection": True}
WALKS = {
    "one talk, from the first screen": (
        {"state": "draft"},
        [*acts.ENTERING, *acts.ASKING, *acts.MEETING, *acts.TIME],
        110,
    ),
    "selection": (
        {"state": "received", **HALF_YEAR},
        [*acts.ENTERING, *acts.SELECTING, *acts.ASKING, *acts.TIME],
        50,
    ),
    "half a year, from the search": (
        {"state": "matching", "steps": 1, **HALF_YEAR},
        [*acts.ASKING, *acts.MEETING, *acts.LIVING, *acts.CHANGING, *acts.TIME],
        110,
    ),
    "the steps": (
        {"state": "matching", "steps": 1, **HALF_YEAR},
        [*acts.ASKING[:2], *acts.MEETING[1:2], *acts.STEPPING, *acts.LIVING[2:], *acts.TIME[2:]],
        40,
    ),
}


@pytest.mark.parametrize("name", WALKS)
def test_wherever_a_path_leads_there_is_a_next_step(tmp_path, name):
    begin, ways, most = WALKS[name]
    world, dead_ends, number, looked_at = World(tmp_path), {}, 0, set()
    for spot in world.walk(here.settle(world, **begin), ways, most):
        number += 1
        wrongs = (*applicant_is_stuck(world), *supporter_is_stuck(world), *office_is_stuck(world, looked_at))
        for wrong in wrongs:
            dead_ends.setdefault(wrong, spot.path)
    assert (dead_ends, number >= most // 2) == ({}, True)


def aims_of(world, who, address):
    """The main part of a page, and where it leads without what stands there always."""
    answer = world.read(who, address)
    assert answer.status_code == 200, (who, address, answer.status_code)
    page = MAIN.search(answer.text).group()
    return page, [aim for aim in AIM.findall(page) if not ALWAYS_THERE.search(aim)]


def rows_of_the_desk(world, session):
    return [item for queue in Queue for item in list_queue(session, queue, page=1, now=world.now)]


def applicant_is_stuck(world):
    """Either the page leads on, or it names a day until which somebody acts whose desk holds it."""
    page, aims = aims_of(world, "application", "/my")
    yield from half_year_is_missed(world, aims)
    if aims:
        return
    with world.sessions() as session:
        state = str(here.application(session).state)
        if not (rows_of_the_desk(world, session) or due_calls(session, world.now)):
            yield f"{state}: nobody holds what the applicant waits for"
    if not DAY.search(page):
        yield f"{state}: the applicant waits, and no day is named"


def half_year_is_missed(world, aims):
    """A half-year that goes on is found from the first page, and has a next step of its own."""
    with world.sessions() as session:
        run = session.scalar(select(Engagement).where(Engagement.state.in_(GOES_ON)))
        wished = session.scalar(select(Handover.id).where(Handover.state == HandoverState.ASKED))
        address = f"/engagements/{run.id}" if run is not None and run.programme.months else None
    if address is None:
        return
    if address not in aims:
        yield "the applicant does not find the half-year"
    _page, onward = aims_of(world, "application", address)
    if not onward:
        yield "the half-year leads nowhere"
    if wished and f"/handovers/{wished}" not in aims + onward:
        yield "the applicant is not asked what goes along to the next supporter"


def supporter_is_stuck(world):
    """Whatever waits for the supporter is on their first page."""
    with world.sessions() as session:
        wanted = set(awaited_from_supporter(session, world.now))
    if wanted:
        _page, aims = aims_of(world, "supporter", "/supporter")
        for missing in wanted - {re.sub(r"\?.*", "", aim) for aim in aims}:
            yield f"the supporter does not find {re.sub('[0-9]+', 'N', missing)}"


def awaited_from_supporter(session, now):
    supporter = here.supporters(session)[0]
    mine = select(EngagementSupporter.engagement_id).where(
        EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None)
    )
    invited = select(Invitation).where(Invitation.supporter_id == supporter.id)
    for invitation in session.scalars(invited.where(Invitation.state.in_(WAITING_FOR_ANSWER))):
        if invitation.deadline_at is None or invitation.deadline_at > now:
            yield f"/invitations/{invitation.id}"
    planned = select(Meeting).where(Meeting.state == MeetingState.CONFIRMED, Meeting.engagement_id.in_(mine))
    for meeting in session.scalars(planned):
        yield f"/meetings/{meeting.id}" + ("/record" if meeting.ends_at <= now else "")
    to_look_at = select(Milestone).where(
        Milestone.state == MilestoneState.CHECKING, Milestone.engagement_id.in_(mine)
    )
    for milestone in session.scalars(to_look_at):
        yield f"/engagements/{milestone.engagement_id}"
    asked = select(Target).where(
        Target.audience == Audience.SUPPORTER, Target.person_id == supporter.person_id
    )
    for target in session.scalars(
        asked.where(Target.state.in_((TargetState.PLANNED, TargetState.SENT)), Target.due_at <= now)
    ):
        yield f"/surveys/{target.id}"


def office_is_stuck(world, looked_at):
    """Every kind of row that the desk knows has something to press; each kind is looked at once."""
    for item in rows_of_the_desk_of(world):
        if item.kind in looked_at:
            continue
        looked_at.add(item.kind)
        pages = (aims_of(world, "office", f"/office?queue={queue}")[0] for queue in Queue)
        row = next(row for page in pages for row in A_ROW.finditer(page) if row.group(1) == item.key)
        if not [aim for aim in AIM.findall(row.group()) if "item=" not in aim]:
            yield f"nothing to press on {item.kind}"


def rows_of_the_desk_of(world):
    with world.sessions() as session:
        return rows_of_the_desk(world, session)
