"""Whether an hour that somebody wrote by hand would do, and which near it would."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.queries.hours import free_among, team_starts
from mentorlink.scheduling.queries.planning import planning_ends_at

AGREED_AHEAD = timedelta(days=366)


class Weighed(NamedTuple):
    """``is_given``: inside of the hours that all of them gave. ``is_free``: nothing of theirs is in the way."""

    is_given: bool
    is_free: bool
    starts: list[datetime]  # all that are given


def weigh_hour(
    session: Session,
    engagement: Engagement,
    start: datetime,
    *,
    now: datetime,
    until: datetime,
    ignoring: str = "",
) -> Weighed:
    """``ignoring`` is the source of spans to be given up."""
    starts = team_starts(session, engagement, now=now, until=until, ignoring=ignoring)
    is_given = start in starts
    is_free = is_given or bool(free_among(session, engagement, [start], now=now, ignoring=ignoring))
    return Weighed(is_given, is_free, starts)


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
