"""Whether an hour that somebody wrote by hand would do, and which near it would."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.queries.hours import team_starts
from mentorlink.scheduling.queries.hours.common import bars_of
from mentorlink.scheduling.queries.hours.sets import Move
from mentorlink.scheduling.queries.planning import planning_ends_at

AGREED_AHEAD = timedelta(days=366)


class Weighed(NamedTuple):
    """``is_given``: inside of the hours that all of them gave. ``is_taken`` and ``is_full``: what is in the way."""

    is_given: bool
    is_taken: bool
    is_full: bool
    starts: list[datetime]  # all that are given

    @property
    def is_free(self) -> bool:
        return not (self.is_taken or self.is_full)


def weigh_hour(
    session: Session,
    engagement: Engagement,
    start: datetime,
    *,
    now: datetime,
    until: datetime,
    move: Move | None = None,
) -> Weighed:
    starts = team_starts(session, engagement, now=now, until=until, move=move)
    if start in starts:
        return Weighed(True, False, False, starts)
    taken, full = bars_of(session, engagement, start, now=now, move=move)
    return Weighed(False, taken, full, starts)


def latest_start(
    session: Session, engagement: Engagement, *, now: datetime, by_office: bool = False
) -> datetime:
    """How far ahead a talk may be put: to the end of the half-year, or as far as the programme looks.

    The office writes what was agreed on the telephone, which may be as far off as a year.
    """
    if engagement.programme.months:
        latest = planning_ends_at(session, engagement, now=now) - timedelta(minutes=1)
    else:
        latest = now + timedelta(days=engagement.programme.horizon_days)
    return max(latest, now + AGREED_AHEAD) if by_office else latest


def talk_at(session: Session, engagement: Engagement, start: datetime) -> Meeting | None:
    """The planned talk of this engagement that begins then."""
    query = select(Meeting).where(Meeting.engagement_id == engagement.id, Meeting.starts_at == start)
    return session.scalar(query.where(Meeting.state == MeetingState.CONFIRMED).limit(1))
