"""What the links in mails open: purpose → where to, and for whom a visit stays short."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.accounts.entrances import Entrance
from mentorlink.applications.models import Application
from mentorlink.core.actor import Actor
from mentorlink.core.links import Link
from mentorlink.engagements.models import Engagement, EngagementSupporter, Milestone
from mentorlink.matching.models import Invitation, InvitationState, Proposal
from mentorlink.people.models import Person, Supporter
from mentorlink.people.queries import actor_for
from mentorlink.people.services import confirm_contact
from mentorlink.scheduling.models import HourAnswer, HourAsk, Meeting
from mentorlink.scheduling.queries import team_of
from mentorlink.surveys.models import Target


def _confirm_contact(session: Session, link: Link, now: datetime) -> None:
    application = session.get(Application, link.row_id)
    if application is not None and application.person is not None:
        confirm_contact(session, application.person, now=now)


ENTRANCES: dict[str, Entrance] = {
    "application": Entrance("/my", "application"),
    "confirm_contact": Entrance("/my", "application", _confirm_contact),
    "invitation": Entrance("/invitations/{id}", "invitation"),
    "meeting": Entrance("/meetings/{id}", "meeting"),
    "engagement": Entrance("/engagements/{id}/thread", "engagement"),
    "near_hours": Entrance("/engagements/{id}/near-hours", "engagement"),
    "own_near_hours": Entrance("/my/applications/{id}/near-hours", "application"),
    "hour_answer": Entrance("/hour-answers/{id}", "hour_answer"),
    "half_year": Entrance("/my/applications/{id}/half-year", "application"),
    "handover": Entrance("/my/applications/{id}/handover", "application"),
    "mentoring": Entrance("/engagements/{id}", "engagement"),
    "milestone": Entrance("/milestones/{id}", "milestone"),
    "target": Entrance("/surveys/{id}", "target"),
    "own_slots": Entrance("/my/applications/{id}/slots", "application"),
    "own_talks": Entrance("/my/applications/{id}/talks", "application"),
    "talks": Entrance("/engagements/{id}/talks", "engagement"),
}


def actor_of(session: Session, user_id: int | None, scope: tuple[str, int] | None) -> Actor:
    """Who a browser stands for. The link of an accepted invitation or of a meeting opens that one engagement too."""
    actor = actor_for(session, user_id, scope)
    return actor if actor.scope is None else replace(actor, supports=_supported_by(session, *actor.scope))


def _supported_by(session: Session, concept: str, row_id: int) -> tuple[int, int] | None:
    """Engagement and person, where the scope tells which supporter came by it."""
    query = (
        select(Engagement.id, Supporter.person_id)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == Engagement.id)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(EngagementSupporter.until.is_(None), Person.erased_at.is_(None))
    )
    if concept == "invitation":
        query = query.join(Proposal, Proposal.application_id == Engagement.application_id).join(Invitation)
        query = query.where(Invitation.id == row_id, Invitation.state == InvitationState.ACCEPTED)
        query = query.where(Invitation.supporter_id == Supporter.id)
    elif concept == "meeting":
        query = query.join(Meeting, Meeting.engagement_id == Engagement.id).where(Meeting.id == row_id)
    elif concept == "hour_answer":
        query = query.join(HourAsk, HourAsk.engagement_id == Engagement.id).join(HourAnswer)
        query = query.where(HourAnswer.id == row_id, HourAnswer.person_id == Supporter.person_id)
    elif concept == "milestone":
        query = query.join(Milestone, Milestone.engagement_id == Engagement.id).where(Milestone.id == row_id)
    elif concept == "engagement":
        query = query.where(Engagement.id == row_id)
    else:
        return None
    found = session.execute(query.limit(2)).all()
    return (
        (found[0][0], found[0][1]) if len(found) == 1 else None
    )  # of a team nobody knows which of them came


def is_discreet(session: Session, concept: str, row_id: int) -> bool:
    """Whether the person behind this row asked for safe contact: their visits end after two hours."""
    find = _PERSONS.get(concept)
    person = find(session, row_id) if find else None
    return person is not None and person.safe_contact


def _of_application(session: Session, row_id: int) -> Person | None:
    application = session.get(Application, row_id)
    return application.person if application is not None else None


def _of_invitation(session: Session, row_id: int) -> Person | None:
    invitation = session.get(Invitation, row_id)
    supporter = session.get(Supporter, invitation.supporter_id) if invitation is not None else None
    return supporter.person if supporter is not None else None


def _of_meeting(session: Session, row_id: int) -> Person | None:
    meeting = session.get(Meeting, row_id)
    return _of_engagement(session, meeting.engagement_id) if meeting is not None else None


def _of_hour_answer(session: Session, row_id: int) -> Person | None:
    answer = session.get(HourAnswer, row_id)
    return session.get(Person, answer.person_id) if answer is not None else None


def _of_milestone(session: Session, row_id: int) -> Person | None:
    milestone = session.get(Milestone, row_id)
    return _of_engagement(session, milestone.engagement_id) if milestone is not None else None


def _of_engagement(session: Session, row_id: int) -> Person | None:
    """Such a link is the supporters'; where one asked for safe contact it stays short for all."""
    engagement = session.get(Engagement, row_id)
    people = [supporter.person for supporter in team_of(engagement)] if engagement is not None else []
    return next((person for person in people if person.safe_contact), people[0] if people else None)


def _of_target(session: Session, row_id: int) -> Person | None:
    target = session.get(Target, row_id)
    return session.get(Person, target.person_id) if target is not None else None


_PERSONS: dict[str, Callable[[Session, int], Person | None]] = {
    "application": _of_application,
    "invitation": _of_invitation,
    "meeting": _of_meeting,
    "engagement": _of_engagement,
    "hour_answer": _of_hour_answer,
    "milestone": _of_milestone,
    "target": _of_target,
}
