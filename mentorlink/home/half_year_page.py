"""What the page of a half-year shows: gathered once, with the same few queries however long it goes."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import local_date
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    Evidence,
    Handover,
    HandoverState,
    Milestone,
    MilestoneState,
    Side,
)
from mentorlink.engagements.policies import Seat, seen_since, zone_of
from mentorlink.engagements.services import open_handover
from mentorlink.engagements.services.milestones import ENDED, STILL_TO_DO, milestones_of
from mentorlink.people.models import Person
from mentorlink.scheduling.clocks import other_zone
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingRecord, MeetingState, SlotOffer
from mentorlink.scheduling.queries import Month, months_of, open_offer, promise_of, team_of
from mentorlink.surveys.models import Audience, Target, TargetState

SOON = timedelta(hours=24)
AT_HAND = timedelta(hours=2)  # nothing else is on somebody's mind


@dataclass(frozen=True)
class HalfYear:
    """One half-year as one side sees it, at ``now``. ``steps`` are in the order of their days."""

    seat: Seat
    now: datetime
    steps: list[Milestone]
    months: list[Month]
    promise: MeetingRecord | None = None
    offer: SlotOffer | None = None
    target: Target | None = None
    change: Handover | None = None  # wished for, and not said yet what goes along

    @property
    def engagement(self) -> Engagement:
        return self.seat.engagement

    @property
    def side(self) -> str:
        return self.seat.side.value

    @property
    def zone(self) -> str:
        return zone_of(self.seat)

    @property
    def today(self) -> date:
        return local_date(self.now, self.zone)

    @property
    def mentors(self) -> list[Person]:
        return [supporter.person for supporter in team_of(self.engagement)]

    @property
    def is_resting(self) -> bool:
        return self.engagement.state is EngagementState.PAUSED

    @property
    def is_over(self) -> bool:
        return self.engagement.state in ENDED

    @property
    def talks(self) -> list[Meeting]:
        """Planned or held, the earliest first."""
        return [talk for month in self.months for talk in month.talks]

    @property
    def talks_seen_since(self) -> datetime | None:
        """A mentor who came later sees that there were talks, and opens none of them unless they were handed over."""
        return seen_since(self.seat, "talks")

    @property
    def held(self) -> list[Meeting]:
        return [talk for talk in self.talks if talk.state in TOOK_PLACE]

    @property
    def meeting(self) -> Meeting | None:
        """The next talk, or the one that goes on now."""
        to_come = (talk for talk in self.talks if talk.state is MeetingState.CONFIRMED)
        return next((talk for talk in to_come if talk.ends_at > self.now), None)

    @property
    def is_soon(self) -> bool:
        return self.meeting is not None and self.meeting.starts_at - self.now <= SOON

    @property
    def is_at_hand(self) -> bool:
        return self.meeting is not None and self.meeting.starts_at - self.now <= AT_HAND

    @property
    def other(self) -> str | None:
        """The zone of the other side, where it may be shown and is not Japan's."""
        return other_zone(self.seat.engagement, self.seat.side)

    @property
    def unrecorded(self) -> Meeting | None:
        """A talk that is over, without its three lines."""
        waiting = (MeetingState.CONFIRMED, MeetingState.HELD)
        over = (talk for talk in self.talks if talk.state in waiting and talk.ends_at <= self.now)
        return next(over, None)

    @property
    def current(self) -> Milestone | None:
        """Where I am: the first step that is still to do."""
        return next((step for step in self.steps if step.state in STILL_TO_DO), None)

    @property
    def done(self) -> list[tuple[date, Milestone | Meeting]]:
        """Talks and reached steps, the newest first."""
        talks = [(local_date(talk.starts_at, self.zone), talk) for talk in self.held]
        steps = [(local_date(step.reached_at, self.zone), step) for step in self.steps if step.reached_at]
        return sorted([*talks, *steps], key=lambda each: each[0], reverse=True)

    def first(self, *states: MilestoneState) -> Milestone | None:
        return next((step for step in self.steps if step.state in states), None)

    def is_late(self, step: Milestone) -> bool:
        """Its day is over and it is the mentee's turn; nobody is late while somebody else looks."""
        waits = step.state in STILL_TO_DO and step.state is not MilestoneState.CHECKING
        return waits and step.due_on < self.today and not (self.is_over or self.is_resting)


def half_year_of(session: Session, seat: Seat, now: datetime) -> HalfYear:
    engagement = seat.engagement
    return HalfYear(
        seat=seat,
        now=now,
        steps=sorted(milestones_of(session, engagement), key=_place_on_path),
        months=months_of(session, engagement, now=now),
        promise=promise_of(session, engagement, since=seen_since(seat, "talks")),
        offer=open_offer(session, engagement.id),
        target=_open_target(session, engagement, now) if seat.side is Side.APPLICANT else None,
        change=_open_change(session, engagement) if seat.side is Side.APPLICANT else None,
    )


def evidence_seen(seat: Seat, step: Milestone) -> list[Evidence]:
    """What this side may read of a step: a mentor who came later, only what came later or was handed over."""
    since = seen_since(seat, "evidence")
    return [each for each in step.evidence if since is None or each.at >= since]


def _place_on_path(step: Milestone) -> tuple[bool, date, int]:
    """What is reached lies behind, in the order in which it was; the rest ahead, by its days."""
    if step.reached_at is not None:
        return False, local_date(step.reached_at), step.position
    return True, step.due_on, step.position


def _open_change(session: Session, engagement: Engagement) -> Handover | None:
    handover = open_handover(session, engagement)
    return handover if handover is not None and handover.state is HandoverState.ASKED else None


def _open_target(session: Session, engagement: Engagement, now: datetime) -> Target | None:
    query = select(Target).where(
        Target.engagement_id == engagement.id,
        Target.audience == Audience.APPLICANT,
        Target.state.in_((TargetState.PLANNED, TargetState.SENT)),
        Target.due_at <= now,
    )
    return session.scalar(query.order_by(Target.due_at).limit(1))
