"""Who may see one engagement and its thread: its two sides and the office."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, selectinload

from mentorlink.core.actor import Actor
from mentorlink.engagements.models import Engagement, EngagementSupporter, Side
from mentorlink.people.models import Person, Supporter


@dataclass(frozen=True)
class Seat:
    """An engagement and the side from which somebody looks at it."""

    engagement: Engagement
    side: Side
    person_id: int | None


def visible_to(actor: Actor) -> Select[Engagement]:
    """The engagements that somebody may see; of an erased recipient nothing is left to see."""
    query = (
        select(Engagement)
        .join(Person, Person.id == Engagement.recipient_id)
        .where(Person.erased_at.is_(None))
    )
    if actor.is_office:
        return query
    ways: list[ColumnElement[bool]] = [false()]
    if actor.scope is not None and actor.scope[0] == "application":
        ways.append(Engagement.application_id == actor.scope[1])
    if actor.supports is not None:
        engagement_id, person_id = actor.supports
        ways.append(and_(Engagement.id == engagement_id, _supports_now(person_id)))
    if actor.person_id is not None:
        ways += [Engagement.recipient_id == actor.person_id, _supports_now(actor.person_id)]
    return query.where(or_(*ways))


def visible_engagement(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    return session.scalar(visible_to(actor).where(Engagement.id == engagement_id))


def seat_at_thread(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """The thread's reader: one of the two sides or the office, and which."""
    query = visible_to(actor).where(Engagement.id == engagement_id)
    query = query.options(selectinload(Engagement.recipient), selectinload(Engagement.application))
    engagement = session.scalar(query)
    if engagement is None:
        return None
    if actor.is_office:
        return Seat(engagement, Side.OFFICE, actor.person_id)
    if actor.supports is not None:
        return Seat(engagement, Side.SUPPORTER, actor.supports[1])
    if actor.person_id is not None and actor.person_id != engagement.recipient_id:
        return Seat(engagement, Side.SUPPORTER, actor.person_id)
    return Seat(engagement, Side.APPLICANT, engagement.recipient_id)


def side_that_may_report(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """Reporting is for the two sides: the office is who receives it."""
    seat = seat_at_thread(session, actor, engagement_id)
    return None if seat is None or seat.side is Side.OFFICE else seat


def own_as_recipient(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    """The engagement of somebody who received the support, for asking the same person again."""
    seat = seat_at_thread(session, actor, engagement_id)
    return seat.engagement if seat is not None and seat.side is Side.APPLICANT else None


def _supports_now(person_id: int) -> ColumnElement[bool]:
    return exists(
        select(1)
        .select_from(EngagementSupporter)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .where(
            EngagementSupporter.engagement_id == Engagement.id,
            EngagementSupporter.until.is_(None),
            Supporter.person_id == person_id,
        )
    )
