"""Who may see and do what with time: the two sides of an engagement, and the office for both."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.policies import own_application_ids
from mentorlink.core.actor import Actor
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.policies import Seat as EngagementSeat
from mentorlink.engagements.policies import seat_at_thread, seen_since
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import HourAnswer, Meeting, MeetingState, SlotOffer


@dataclass(frozen=True)
class Seat:
    """A meeting and the side of it on which who is asking sits."""

    meeting: Meeting
    side: Side


@dataclass(frozen=True)
class AnswerSeat:
    """One person's word on an hour, and the seat from which it is given."""

    answer: HourAnswer
    seat: EngagementSeat


def choosable_offer(session: Session, actor: Actor, offer_id: int) -> SlotOffer | None:
    """The applicant's own offer; the office may choose on their behalf while they talk on the telephone."""
    query = select(SlotOffer).where(SlotOffer.id == offer_id).options(joinedload(SlotOffer.engagement))
    offer = session.scalar(query)
    if offer is None:
        return None
    side = _side(session, actor, offer.engagement)
    return offer if side in (Side.APPLICANT, Side.OFFICE) else None


def seat_at_meeting(session: Session, actor: Actor, meeting_id: int) -> Seat | None:
    query = select(Meeting).where(Meeting.id == meeting_id)
    meeting = session.scalar(
        query.options(
            joinedload(Meeting.engagement).joinedload(Engagement.recipient), joinedload(Meeting.record)
        )
    )
    if meeting is None:
        return None
    side = Side.SUPPORTER if actor.holds("meeting", meeting.id) else _side(session, actor, meeting.engagement)
    if side is Side.SUPPORTER and _is_before_their_time(actor, meeting):
        return None
    return Seat(meeting, side) if side else None


def movable_seat(session: Session, actor: Actor, meeting_id: int) -> Seat | None:
    """A meeting that is planned: it may be moved and called off until its start (the service knows the hour)."""
    seat = seat_at_meeting(session, actor, meeting_id)
    return seat if seat and seat.meeting.state is MeetingState.CONFIRMED else None


def seat_without_number(session: Session, actor: Actor, meeting_id: int) -> Seat | None:
    """Where the number for a talk is told: by the applicant, or by the office that heard it."""
    seat = movable_seat(session, actor, meeting_id)
    return seat if seat and seat.side in (Side.APPLICANT, Side.OFFICE) else None


def recording_seat(session: Session, actor: Actor, meeting_id: int) -> Seat | None:
    """Where the record and an absence are written: the supporter's side and the office's."""
    seat = seat_at_meeting(session, actor, meeting_id)
    return seat if seat and seat.side in (Side.SUPPORTER, Side.OFFICE) else None


def seat_at_talks(session: Session, actor: Actor, engagement_id: int) -> EngagementSeat | None:
    """Planning the months of a half-year: either side, or the office for both."""
    seat = seat_at_thread(session, actor, engagement_id)
    return seat if seat is not None and seat.engagement.programme.months > 0 else None


def seat_at_hour(session: Session, actor: Actor, engagement_id: int) -> EngagementSeat | None:
    """Writing an hour by hand: the office for any talk, the two sides of a half-year for theirs."""
    seat = seat_at_thread(session, actor, engagement_id)
    is_allowed = seat is not None and (seat.side is Side.OFFICE or seat.engagement.programme.months > 0)
    return seat if is_allowed else None


def seat_at_near_hours(session: Session, actor: Actor, engagement_id: int) -> EngagementSeat | None:
    """Asking for an hour: everybody of the two sides for themselves, the office for the recipient."""
    seat = seat_at_thread(session, actor, engagement_id)
    is_there = seat is not None and (
        seat.side is not Side.SUPPORTER or seat.person_id in _team(seat.engagement)
    )
    return seat if is_there else None


def own_engagement(session: Session, actor: Actor, application_id: int) -> Engagement | None:
    """The support of an application of one's own, for links that know the application."""
    if application_id not in own_application_ids(session, actor):
        return None
    return session.scalar(select(Engagement).where(Engagement.application_id == application_id))


def own_hour_answer(session: Session, actor: Actor, answer_id: int) -> AnswerSeat | None:
    """What one was asked oneself; the office writes down what it hears on the telephone."""
    answer = session.get(HourAnswer, answer_id)
    seat = seat_at_near_hours(session, actor, answer.ask.engagement_id) if answer is not None else None
    if answer is None or seat is None:
        return None
    is_own = seat.side is Side.OFFICE or person_at(seat) == answer.person_id
    return AnswerSeat(answer, seat) if is_own else None


def person_at(seat: EngagementSeat) -> int:
    """Whose words are heard from there: the office speaks for the recipient."""
    is_supporter = seat.side is Side.SUPPORTER and seat.person_id is not None
    return seat.person_id if is_supporter and seat.person_id is not None else seat.engagement.recipient_id


def own_half_year(session: Session, actor: Actor, application_id: int) -> Engagement | None:
    """The half-year of an application of one's own, for links that know the application."""
    if application_id not in own_application_ids(session, actor):
        return None
    query = select(Engagement).join(Programme).where(Engagement.application_id == application_id)
    return session.scalar(query.where(Programme.months > 0))


def week_of(session: Session, actor: Actor, supporter_id: int | None) -> Supporter | None:
    """One's own hours; the office has those of any supporter."""
    if supporter_id is None:
        return own_week(session, actor)
    supporter = session.get(Supporter, supporter_id) if actor.is_office else None
    return supporter if supporter is not None and supporter.person.erased_at is None else None


def own_week(session: Session, actor: Actor) -> Supporter | None:
    if actor.role != "supporter" or actor.person_id is None:
        return None
    return session.scalar(select(Supporter).where(Supporter.person_id == actor.person_id))


def _is_before_their_time(actor: Actor, meeting: Meeting) -> bool:
    """A talk of an earlier supporter, whose records were not handed over."""
    person_id = actor.supports[1] if actor.supports else actor.person_id
    places = [each for each in meeting.engagement.supporters if each.supporter.person_id == person_id]
    since = seen_since(places[0], "talks") if places else None
    return since is not None and meeting.starts_at < since


def _side(session: Session, actor: Actor, engagement: Engagement) -> Side | None:
    if actor.is_office:
        return Side.OFFICE
    if engagement.application_id in own_application_ids(session, actor):
        return Side.APPLICANT
    here = {actor.supports[1]} if actor.supports and actor.supports[0] == engagement.id else {actor.person_id}
    return Side.SUPPORTER if here & _team(engagement) else None


def _team(engagement: Engagement) -> set[int | None]:
    return {place.supporter.person_id for place in engagement.supporters if place.until is None}
