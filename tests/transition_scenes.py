"""One story for each state of each machine: the rows from which an arrow starts, and what its forms need.

A scene is a function of the session that builds the rows and returns their ids by the names that addresses and
forms of ``transition_table`` use. It is built by services and by the factories, at ``factories.NOW``.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.applications.models import (
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Review,
    ReviewState,
)
from mentorlink.applications.services import prepare_decision, send_decisions
from mentorlink.core.actor import Role
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    Evidence,
    EvidenceKind,
    Handover,
    Milestone,
    MilestoneState,
    Pause,
    PauseReason,
    Side,
)
from mentorlink.engagements.services import ask_handover, choose_handover
from mentorlink.matching import services as matching
from mentorlink.matching.models import Invitation
from mentorlink.people.models import REQUIRED_CONSENTS, Supporter
from mentorlink.people.services import give_consents
from mentorlink.programmes.models import SelectionCriterion
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.services import ask_for_hour, offer_slots, set_weekly_windows
from mentorlink.surveys.models import TargetState
from tests import factories
from tests.factories import NOW
from tests.surveys.rows import make_target

Ids = dict[str, Any]
SCENES: dict[str, Callable[[Session], Ids]] = {}
BY = "user:1"
BEGUN = NOW - timedelta(minutes=30)


def scene(name: str) -> Callable[[Callable[..., Ids]], Callable[..., Ids]]:
    def note(build: Callable[..., Ids]) -> Callable[..., Ids]:
        SCENES[name] = build
        return build

    return note


# ---- applications


def _application(session: Session, state: str, *, selects: bool = False, **columns: Any) -> Ids:
    programme = factories.make_programme(session, has_selection=selects)
    person = factories.make_person(session)
    person.user_id = factories.make_user(session, role=Role.APPLICANT).id
    application = factories.make_application(
        session, programme=programme, person=person, state=ApplicationState(state), **columns
    )
    return {"application": application.id, "applicant": person.user_id, "code": programme.code}


def _supporter(session: Session, **columns: Any) -> Supporter:
    supporter = factories.make_supporter(session, **columns)
    supporter.person.user_id = factories.make_user(session, role=Role.SUPPORTER).id
    session.flush()
    return supporter


@scene("application draft")
def draft(session: Session) -> Ids:
    ids = _application(session, "draft", submitted_at=None, reference=None)
    application = session.get_one(Application, ids["application"])
    application.screen = 6
    give_consents(session, application.person, REQUIRED_CONSENTS, now=NOW)
    return ids


@scene("application asking")
def asking(session: Session) -> Ids:
    ids = _application(session, "asking")
    question = ClarifyingQuestion(
        application_id=ids["application"], question="いつごろですか", asked_by_user_id=1, asked_at=NOW
    )
    session.add(question)
    session.flush()
    return {**ids, "question": question.id}


@scene("application matched")
def matched(session: Session) -> Ids:
    return running(session)


for _state in ("received", "checking", "matching", "withdrawn", "referred"):
    SCENES[f"application {_state}"] = lambda session, state=_state: _application(session, state)
for _state in ("received", "checking", "selecting", "selected", "not_selected", "waiting"):
    name = f"application {_state}" if _state not in ("received", "checking") else f"selected for: {_state}"
    SCENES[name] = lambda session, state=_state: _to_be_selected(session, state)


def _to_be_selected(session: Session, state: str) -> Ids:
    ids = _application(session, state, selects=True)
    programme = session.get_one(Application, ids["application"]).programme
    if state in ("received", "checking"):  # before anybody has read it
        courage = SelectionCriterion(position=1, code="will", name_ja="思い", name_en="Courage", most=5)
        programme.criteria.append(courage)
    return {**ids, "reviewer": factories.make_user(session, role=Role.OFFICE).id}


def _prepared(session: Session, outcome: str) -> Ids:
    ids = _to_be_selected(session, "selecting")
    application, why = session.get_one(Application, ids["application"]), "よく考えました。"
    prepare_decision(session, application, ApplicationState(outcome), why, by_user_id=1, by=BY, now=NOW)
    return ids


for _state in ("selected", "not_selected", "waiting"):
    SCENES[f"prepared: {_state}"] = lambda session, outcome=_state: _prepared(session, outcome)


@scene("first in line")
def first_in_line(session: Session) -> Ids:
    ids = _prepared(session, "waiting")
    programme = session.get_one(Application, ids["application"]).programme
    send_decisions(session, programme, by_user_id=1, by=BY, now=NOW)
    return ids


# ---- proposals and invitations


def _asked(session: Session, *, number: int) -> Ids:
    """An application for which the first of ``number`` supporters is asked now."""
    ids = _application(session, "matching", searching_since=NOW)
    supporters = [_supporter(session) for _ in range(number)]
    application = session.get_one(Application, ids["application"])
    proposal = matching.approve_proposal(
        session, application, [each.id for each in supporters], by=BY, now=NOW
    )
    first, *later = sorted(proposal.invitations, key=lambda each: each.position)
    return {
        **ids,
        "proposal": proposal.id,
        "invitation": first.id,
        "listed": later[0].id if later else 0,
        "supporter": supporters[0].person.user_id,
        "supporter_row": supporters[0].id,
    }


@scene("invitation asked")
def asked(session: Session) -> Ids:
    return _asked(session, number=2)


@scene("the last one asked")
def last_asked(session: Session) -> Ids:
    return _asked(session, number=1)


SCENES["proposal open"] = last_asked


@scene("invitation talk_wanted")
def talk_wanted(session: Session) -> Ids:
    ids = _asked(session, number=2)
    matching.want_talk(session, session.get_one(Invitation, ids["invitation"]), by=BY, now=NOW)
    return ids


@scene("to be proposed")
def to_be_proposed(session: Session) -> Ids:
    ids = _application(session, "matching", searching_since=NOW)
    return {**ids, "supporter_row": _supporter(session).id}


@scene("the search is over")
def pointless(session: Session) -> Ids:
    ids = _asked(session, number=2)
    session.get_one(Application, ids["application"]).state = ApplicationState.CHECKING
    session.flush()
    return ids


SCENES["the search is over, the list goes on"] = lambda session: _second(pointless(session))
SCENES["invitation listed"] = lambda session: _second(_asked(session, number=2))


def _second(ids: Ids) -> Ids:
    """Asked is the first: what becomes of the second is looked at."""
    return {**ids, "looked_at": ids["listed"]}


# ---- engagements, hours, talks


def _engagement(session: Session, state: str, **columns: Any) -> Ids:
    ids = _application(session, "closed" if "ended_at" in columns else "matched")
    supporter = _supporter(session, windows=[(day, 540, 1260) for day in range(7)])
    application = session.get_one(Application, ids["application"])
    engagement = factories.make_engagement(
        session,
        application=application,
        supporters=[supporter],
        state=EngagementState(state),
        **{"opened_at": NOW - timedelta(days=100)} | columns,
    )
    engagement.supporters[0].since = engagement.opened_at
    ids |= {"engagement": engagement.id, "supporter": supporter.person.user_id, "supporter_row": supporter.id}
    before = NOW - timedelta(days=90)
    return {**ids, "meeting": _meeting(session, ids, starts_at=before, state=MeetingState.RECORDED)}


@scene("engagement preparing")
def preparing(session: Session) -> Ids:
    ids = _engagement(session, "preparing")
    return {**ids, "meeting": _meeting(session, ids, starts_at=BEGUN)}


@scene("engagement running")
def running(session: Session) -> Ids:
    return _engagement(session, "running")


@scene("engagement paused")
def paused(session: Session) -> Ids:
    ids = _engagement(session, "paused")
    session.add(Pause(engagement_id=ids["engagement"], reason=PauseReason.HEALTH, since=NOW, until=None))
    return ids


for _state in ("completed", "stopped", "following", "finished"):
    SCENES[f"engagement {_state}"] = lambda session, state=_state: _engagement(session, state, ended_at=NOW)
SCENES["application closed"] = lambda session: _engagement(session, "completed", ended_at=NOW)


def _found_again(session: Session, state: str) -> Ids:
    """Its support has ended, it came back, and somebody is asked anew: the same support goes on."""
    ids = _engagement(session, state, ended_at=NOW - timedelta(days=1))
    application = session.get_one(Application, ids["application"])
    application.state, application.searching_since = ApplicationState.MATCHING, NOW
    supporter = session.get_one(Supporter, ids["supporter_row"])
    proposal = matching.approve_proposal(session, application, [supporter.id], by=BY, now=NOW)
    return {**ids, "proposal": proposal.id, "invitation": proposal.invitations[0].id}


for _state in ("stopped", "following", "finished"):
    SCENES[f"found again: {_state}"] = lambda session, state=_state: _found_again(session, state)


def _meeting(session: Session, ids: Ids, *, starts_at: Any = None, **columns: Any) -> int:
    engagement = session.get_one(Engagement, ids["engagement"])
    return factories.make_meeting(session, engagement=engagement, starts_at=starts_at, **columns).id


@scene("meeting confirmed")
def to_come(session: Session) -> Ids:
    ids = running(session)
    return {**ids, "meeting": _meeting(session, ids)}


@scene("the hour has come")
def begun(session: Session) -> Ids:
    ids = running(session)
    return {**ids, "meeting": _meeting(session, ids, starts_at=BEGUN)}


@scene("meeting held")
def held(session: Session) -> Ids:
    ids = running(session)
    return {**ids, "meeting": _meeting(session, ids, starts_at=BEGUN, state=MeetingState.HELD)}


@scene("meeting no_show")
def missed(session: Session) -> Ids:
    ids = running(session)
    return {**ids, "meeting": _meeting(session, ids, starts_at=BEGUN, state=MeetingState.NO_SHOW)}


@scene("slot_offer open")
def offered(session: Session) -> Ids:
    ids = running(session)
    offer = offer_slots(session, session.get_one(Engagement, ids["engagement"]), now=NOW)
    return {**ids, "slot_offer": offer.id, "slot": offer.slots[0].id}


@scene("hour_ask open")
def hour_asked(session: Session) -> Ids:
    """The applicant has asked for a morning; the supporter's word is wanted."""
    ids = running(session)
    morning = NOW + timedelta(days=12)
    engagement = session.get_one(Engagement, ids["engagement"])
    set_weekly_windows(session, engagement.supporters[0].supporter, [(4, 1080, 1260)])
    offer = offer_slots(session, engagement, now=NOW)
    ask = ask_for_hour(session, engagement, morning, side=Side.APPLICANT, by="test", now=NOW)
    asker, asked = (each.id for each in ask.answers)
    return {
        **ids,
        "hour_ask": ask.id,
        "asker": asker,
        "asked": asked,
        "slot_offer": offer.id,
        "slot": offer.slots[-1].id,
    }


# ---- surveys


def _target(session: Session, state: str, meeting: MeetingState) -> Ids:
    ids = running(session)
    meeting_id = _meeting(session, ids, starts_at=NOW - timedelta(days=1), state=meeting)
    engagement = session.get_one(Engagement, ids["engagement"])
    sent_at = None if state == "planned" else NOW
    target = make_target(session, engagement, state=TargetState(state), sent_at=sent_at)
    target.meeting_id = meeting_id
    session.flush()
    return {**ids, "meeting": meeting_id, "target": target.id}


for _state in ("planned", "sent", "declined"):
    SCENES[f"target {_state}"] = lambda session, state=_state: _target(session, state, MeetingState.RECORDED)
    SCENES[f"no talk, target {_state}"] = lambda session, state=_state: _target(
        session, state, MeetingState.NO_SHOW
    )


@scene("the request went out")
def went_out(session: Session) -> Ids:
    ids = _target(session, "planned", MeetingState.RECORDED)
    session.add(
        OutboxMessage(
            event=f"survey:{ids['target']}",
            template="surveys/ask",
            recipient="person:1",
            channel="mail",
            locale="ja",
            params={},
            about=f"target:{ids['target']}",
            queued_at=NOW,
            due_at=NOW,
            not_after=NOW + timedelta(days=1),
            state=MessageState.SENT,
            sent_at=NOW,
        )
    )
    return ids


# ---- the half-year


def _milestone(session: Session, state: str) -> Ids:
    ids = running(session)
    step = Milestone(
        engagement_id=ids["engagement"],
        position=1,
        title="商店街で話を聞く",
        due_on=NOW.date(),
        state=MilestoneState(state),
        reached_at=NOW if state == "reached" else None,
        evidence=[Evidence(kind=EvidenceKind.TEXT, text="3人に聞きました", side=Side.APPLICANT, at=NOW)],
    )
    session.add(step)
    session.flush()
    return {**ids, "milestone": step.id}


for _state in MilestoneState:
    SCENES[f"milestone {_state}"] = lambda session, state=_state: _milestone(session, state)


@scene("handover asked")
def change_wished(session: Session) -> Ids:
    ids = running(session)
    wished = ask_handover(
        session, session.get_one(Engagement, ids["engagement"]), Side.APPLICANT, by=BY, now=NOW
    )
    return {**ids, "handover": wished.id}


@scene("handover chosen")
def change_chosen(session: Session) -> Ids:
    """… and the next supporter is asked."""
    ids = change_wished(session)
    handover = session.get_one(Handover, ids["handover"])
    choose_handover(session, handover, talks=True, thread=False, evidence=False, by=BY, now=NOW)
    after = _supporter(session)
    application = session.get_one(Application, ids["application"])
    proposal = matching.approve_proposal(session, application, [after.id], by=BY, now=NOW)
    return {**ids, "invitation": proposal.invitations[0].id, "next supporter": after.person.user_id}


@scene("the next supporter")
def next_supporter(session: Session) -> Ids:
    ids = change_chosen(session)
    return {**ids, "supporter": ids["next supporter"]}


def _review(session: Session, state: str) -> Ids:
    ids = _application(session, "selecting", selects=True)
    reviewer = factories.make_user(session, role=Role.OFFICE)
    review = Review(
        application_id=ids["application"],
        reviewer_user_id=reviewer.id,
        state=ReviewState(state),
        asked_at=NOW,
        submitted_at=NOW if state == "submitted" else None,
    )
    session.add(review)
    session.flush()
    return {**ids, "review": review.id, "office": reviewer.id}


for _state in ("asked", "submitted"):
    SCENES[f"review {_state}"] = lambda session, state=_state: _review(session, state)
