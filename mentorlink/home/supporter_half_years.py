"""The half-years of one supporter, each with the one thing that waits for them; a few queries for all of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from mentorlink.core.i18n import gettext
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    EngagementSupporter,
    Milestone,
    MilestoneState,
)
from mentorlink.engagements.policies import seen_since
from mentorlink.engagements.words import title_of
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.models import Meeting, MeetingRecord, MeetingState
from mentorlink.scheduling.queries import Month, months_of_many

RUNS = (EngagementState.PREPARING, EngagementState.RUNNING, EngagementState.PAUSED)


@dataclass(frozen=True)
class Waiting:
    """What waits: a sentence, and the one button for it."""

    text: str
    label: str
    url: str


@dataclass(frozen=True)
class SupportedHalfYear:
    engagement: Engagement
    promise: MeetingRecord | None
    next_talk: Meeting | None
    waiting: Waiting | None

    @property
    def rests(self) -> bool:
        return self.engagement.state is EngagementState.PAUSED


def half_years_of(session: Session, supporter: Supporter, now: datetime) -> list[SupportedHalfYear]:
    """Those that run or rest, or ended with a step to look at; first where something waits for this supporter."""
    places = session.scalars(_places(supporter)).unique().all()
    engagements = [place.engagement for place in places]
    ids = [engagement.id for engagement in engagements]
    months = months_of_many(session, engagements, now=now)
    talks, checking = _talks_of(session, ids), _checking_of(session, ids)
    found = [
        SupportedHalfYear(
            place.engagement,
            _promise(place, talks[place.engagement_id]),
            _next_talk(talks[place.engagement_id], now),
            _waiting(
                place.engagement,
                talks[place.engagement_id],
                checking.get(place.engagement_id),
                months[place.engagement_id],
                now,
            ),
        )
        for place in places
    ]
    return sorted(found, key=lambda each: (each.waiting is None, each.engagement.id))


def _waiting(
    engagement: Engagement,
    talks: Sequence[Meeting],
    step: Milestone | None,
    months: Sequence[Month],
    now: datetime,
) -> Waiting | None:
    """The first of: a step to look at, a record to write, a month without a talk, no talk planned at all."""
    if engagement.state is EngagementState.PAUSED:
        return None
    if step is not None:
        words = gettext("「%(step)s」を見てほしいそうです。", step=title_of(step))
        return Waiting(words, gettext("一歩を見る"), f"/milestones/{step.id}")
    unrecorded = next((talk for talk in talks if _wants_record(talk, now)), None)
    if unrecorded is not None:
        return Waiting(
            gettext("お話しの記録が、まだです。"), gettext("3行で書く"), f"/meetings/{unrecorded.id}/record"
        )
    page = f"/engagements/{engagement.id}/talks"
    this_month = next((month for month in months if not month.is_past), None)
    if this_month is not None and this_month.is_empty:
        return Waiting(
            gettext("%(month)s月は、お話しの日がまだありません。", month=this_month.first_day.month),
            gettext("お話しの日を決める"),
            page,
        )
    if _next_talk(talks, now) is None:
        return Waiting(
            gettext("次にお話しする日が、まだ決まっていません。"), gettext("お話しの日を決める"), page
        )
    return None


def _wants_record(talk: Meeting, now: datetime) -> bool:
    return talk.state in (MeetingState.CONFIRMED, MeetingState.HELD) and talk.ends_at <= now


def _next_talk(talks: Sequence[Meeting], now: datetime) -> Meeting | None:
    return next((talk for talk in talks if talk.state is MeetingState.CONFIRMED and talk.ends_at > now), None)


def _promise(place: EngagementSupporter, talks: Sequence[Meeting]) -> MeetingRecord | None:
    """The latest 次の約束 that this supporter may read."""
    since = seen_since(place, "talks")
    records = [talk.record for talk in talks if since is None or talk.starts_at >= since]
    return next((record for record in reversed(records) if record is not None and record.next_promise), None)


def _places(supporter: Supporter) -> Select[Any]:
    to_look_at = exists().where(
        Milestone.engagement_id == Engagement.id, Milestone.state == MilestoneState.CHECKING
    )
    return (
        select(EngagementSupporter)
        .join(EngagementSupporter.engagement)
        .join(Programme, Programme.id == Engagement.programme_id)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(Engagement.state.in_(RUNS) | to_look_at, Programme.months > 0)
        .options(
            contains_eager(EngagementSupporter.engagement).options(
                joinedload(Engagement.recipient), joinedload(Engagement.programme)
            )
        )
    )


def _talks_of(session: Session, ids: Sequence[int]) -> dict[int, list[Meeting]]:
    query = select(Meeting).where(Meeting.engagement_id.in_(ids)).options(joinedload(Meeting.record))
    found: dict[int, list[Meeting]] = defaultdict(list)
    for meeting in session.scalars(query.order_by(Meeting.starts_at)):
        found[meeting.engagement_id].append(meeting)
    return found


def _checking_of(session: Session, ids: Sequence[int]) -> dict[int, Milestone]:
    """The step of each that waits to be looked at, the earliest due."""
    query = select(Milestone).where(
        Milestone.engagement_id.in_(ids), Milestone.state == MilestoneState.CHECKING
    )
    in_order = session.scalars(query.order_by(Milestone.due_on.desc(), Milestone.position.desc()))
    return {step.engagement_id: step for step in in_order}
