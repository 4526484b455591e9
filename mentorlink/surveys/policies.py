"""Who may answer a survey and read an answer: the one whom it went to, and the office."""

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.core.actor import Actor
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Person
from mentorlink.surveys.models import Audience, Target


def visible_to(actor: Actor) -> Select[Target]:
    """The targets that somebody may answer and read; of an erased person nothing is left to see."""
    query = select(Target).join(Person, Person.id == Target.person_id).where(Person.erased_at.is_(None))
    if actor.is_office:
        return query
    ways: list[ColumnElement[bool]] = [false()]
    if actor.scope is not None and actor.scope[0] == "target":
        ways.append(Target.id == actor.scope[1])
    if actor.scope is not None and actor.scope[0] == "application":
        of_application = exists().where(
            Engagement.id == Target.engagement_id, Engagement.application_id == actor.scope[1]
        )
        ways.append(and_(Target.audience == Audience.APPLICANT, of_application))
    if actor.supports is not None:
        engagement_id, person_id = actor.supports
        ways.append(and_(Target.engagement_id == engagement_id, Target.person_id == person_id))
    if actor.person_id is not None:
        ways.append(Target.person_id == actor.person_id)
    return query.where(or_(*ways))


def own_target(session: Session, actor: Actor, target_id: int) -> Target | None:
    query = visible_to(actor).where(Target.id == target_id)
    return session.scalar(query.options(joinedload(Target.survey), joinedload(Target.response)))


def own_wish(session: Session, actor: Actor, target_id: int) -> Target | None:
    """The applicant's own target: a wish may lead on from it. The office does not apply for others here."""
    target = own_target(session, actor, target_id)
    return (
        target
        if target is not None and target.audience is Audience.APPLICANT and not actor.is_office
        else None
    )
