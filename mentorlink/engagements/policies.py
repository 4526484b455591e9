"""Who may see one engagement and its thread: its two sides and the office."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import Session, selectinload

from mentorlink.core.actor import Actor
from mentorlink.core.storage import StoredFile, file_by_key
from mentorlink.engagements.models import Engagement, EngagementSupporter, Handover, Milestone, Side
from mentorlink.people.models import Person, Supporter

Kept = Literal["talks", "thread", "evidence"]  # what a change of supporter may hand over, or leave behind


@dataclass(frozen=True)
class Seat:
    """An engagement and the side from which somebody looks at it."""

    engagement: Engagement
    side: Side
    person_id: int | None


@dataclass(frozen=True)
class MilestoneSeat:
    """A step of a half-year, and the seat from which it is looked at."""

    milestone: Milestone
    seat: Seat


@dataclass(frozen=True)
class HandoverSeat:
    handover: Handover
    seat: Seat


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


def seat_at_milestone(session: Session, actor: Actor, milestone_id: int) -> MilestoneSeat | None:
    milestone = session.get(Milestone, milestone_id)
    seat = seat_at_thread(session, actor, milestone.engagement_id) if milestone is not None else None
    return MilestoneSeat(milestone, seat) if milestone is not None and seat is not None else None


def seat_at_handover(session: Session, actor: Actor, handover_id: int) -> HandoverSeat | None:
    """Choosing what goes along is for the recipient; the office may do it while they talk on the telephone."""
    handover = session.get(Handover, handover_id)
    seat = seat_at_thread(session, actor, handover.engagement_id) if handover is not None else None
    if handover is None or seat is None or seat.side is Side.SUPPORTER:
        return None
    return HandoverSeat(handover, seat)


def seen_since(place_or_seat: EngagementSupporter | Seat, what: Kept) -> datetime | None:
    """From which instant on somebody may read; None means everything.

    The recipient and the office read all. A supporter who came later, after a change, reads what was there before
    ``since`` only where the recipient has handed it over.
    """
    place = _place_of(place_or_seat) if isinstance(place_or_seat, Seat) else place_or_seat
    if place is None or getattr(place, f"sees_{what}") or place.since <= place.engagement.opened_at:
        return None
    return place.since


def readable_file(session: Session, actor: Actor, file_key: str) -> StoredFile | None:
    """A file of an engagement that the actor sees, from the time that they may read evidence of."""
    file = file_by_key(session, file_key)
    concept, _, row_id = file.about.partition(":") if file is not None else ("", "", "")
    if file is None or concept != "engagement" or not row_id.isdecimal():
        return None
    seat = seat_at_thread(session, actor, int(row_id))
    if seat is None:
        return None
    since = seen_since(seat, "evidence")
    return file if since is None or file.added_at >= since else None


def _place_of(seat: Seat) -> EngagementSupporter | None:
    """The supporter's place behind a seat; of the other sides there is none."""
    if seat.side is not Side.SUPPORTER:
        return None
    places = seat.engagement.supporters
    return next((each for each in places if each.supporter.person_id == seat.person_id), None)


def zone_of(seat: Seat) -> str:
    """On whose clocks this side reads hours; the office reads them as the recipient does."""
    team = [place.supporter.person for place in seat.engagement.supporters if place.until is None]
    own = next((person for person in team if person.id == seat.person_id), team[0] if team else None)
    return own.zone if seat.side is Side.SUPPORTER and own else seat.engagement.recipient.zone
