"""What is offered and planned already, and what to say of whom one meets."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.facts import applicant_facts
from mentorlink.applications.models import Application
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.fit.reasons import Sentence, applicant_reasons
from mentorlink.people.facts import supporter_facts
from mentorlink.people.models import Consent, Person, Purpose, Supporter
from mentorlink.scheduling.models import Meeting, MeetingState, OfferState, SlotOffer, WeeklyWindow


def windows_of_many(session: Session, supporter_ids: Iterable[int]) -> dict[int, list[WeeklyWindow]]:
    found: dict[int, list[WeeklyWindow]] = defaultdict(list)
    query = select(WeeklyWindow).where(WeeklyWindow.supporter_id.in_(list(supporter_ids)))
    for window in session.scalars(query.order_by(WeeklyWindow.weekday, WeeklyWindow.start_minute)):
        found[window.supporter_id].append(window)
    return found


def windows_of(session: Session, supporter: Supporter) -> list[WeeklyWindow]:
    return windows_of_many(session, [supporter.id])[supporter.id]


def open_offer(session: Session, engagement_id: int) -> SlotOffer | None:
    """The latest offer that still waits for a choice."""
    return session.scalar(_OPEN_OFFER, {"engagement_id": engagement_id})


_OPEN_OFFER = (
    select(SlotOffer)
    .where(SlotOffer.engagement_id == bindparam("engagement_id"), SlotOffer.state == OfferState.OPEN)
    .order_by(SlotOffer.id.desc())
    .limit(1)
)


def last_offer(session: Session, engagement_id: int) -> SlotOffer | None:
    """Whatever has become of it: fresh hours are asked for from it."""
    query = select(SlotOffer).where(SlotOffer.engagement_id == engagement_id)
    return session.scalar(query.order_by(SlotOffer.id.desc()).limit(1))


def offered_before(session: Session, engagement_id: int) -> set[datetime]:
    """Every hour that the applicant of this engagement has seen."""
    offers = session.scalars(select(SlotOffer).where(SlotOffer.engagement_id == engagement_id))
    return {slot.starts_at for offer in offers for slot in offer.slots}


def next_meeting(session: Session, engagement_id: int, *, after: datetime | None = None) -> Meeting | None:
    """The confirmed meeting that comes first; of those that end ``after``, where nobody wrote of an earlier one."""
    query = select(Meeting).where(
        Meeting.engagement_id == engagement_id, Meeting.state == MeetingState.CONFIRMED
    )
    if after is not None:
        query = query.where(Meeting.ends_at > after)
    return session.scalar(query.order_by(Meeting.starts_at).limit(1))


def next_talk_of(session: Session, application_ids: Sequence[int], *, now: datetime) -> Meeting | None:
    """The talk that comes first, or goes on now, in whatever these applications have become."""
    query = select(Meeting).join(Engagement, Engagement.id == Meeting.engagement_id)
    query = query.where(Engagement.application_id.in_(application_ids), Meeting.ends_at > now)
    query = query.where(Meeting.state == MeetingState.CONFIRMED).options(joinedload(Meeting.engagement))
    return session.scalar(query.order_by(Meeting.starts_at).limit(1))


def latest_meeting(session: Session, engagement_id: int) -> Meeting | None:
    query = select(Meeting).where(Meeting.engagement_id == engagement_id)
    return session.scalar(query.order_by(Meeting.starts_at.desc()).limit(1))


def meetings_of_supporter(session: Session, supporter: Supporter, *, since: datetime) -> list[Meeting]:
    """Confirmed and unrecorded meetings that end after ``since``, earliest first, with their people."""
    query = (
        select(Meeting)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == Meeting.engagement_id)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(Meeting.state.in_((MeetingState.CONFIRMED, MeetingState.HELD)), Meeting.ends_at > since)
        .options(joinedload(Meeting.engagement).joinedload(Engagement.recipient))
    )
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def may_share_number(session: Session, person: Person) -> bool:
    """Whether the person agreed that the supporter learns what they need to reach them."""
    query = select(Consent.id).where(
        Consent.person_id == person.id,
        Consent.purpose == Purpose.SHARE_WITH_SUPPORTER,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(query) is not None


def partner_reasons(application: Application, supporter: Supporter, *, now: datetime) -> tuple[Sentence, ...]:
    """What to tell the applicant about this supporter: sentences, never a number."""
    return applicant_reasons(applicant_facts(application, (), now), supporter_facts(supporter, now=now))
