"""Many talks in one act: all hours are taken, or none."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import notices, queries
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.queries import Month
from mentorlink.scheduling.queries.hours.still import given_among
from mentorlink.scheduling.services.booking import agreed_way, note_beginning, take_hour
from mentorlink.scheduling.services.occupancy import MEETS_IN, SLOT_GONE, lock_time, taking_time
from mentorlink.scheduling.services.waiting import close_waiting


class TalksTaken(Conflict):
    """``starts`` are the hours that somebody else has by now, that fill a supporter's week or that one does not give."""

    def __init__(self, starts: Iterable[datetime]):
        super().__init__(SLOT_GONE)
        self.starts = frozenset(starts)


def propose_months(
    session: Session, engagement: Engagement, *, now: datetime
) -> list[tuple[Month, datetime | None]]:
    """Each month to come with a good start for its talk; None where it has one, or nobody is free."""
    plans = queries.plan_months(session, engagement, now=now)
    return [(plan.month, plan.suggested) for plan in plans]


def plan_talks(
    session: Session,
    engagement: Engagement,
    starts: Iterable[datetime],
    *,
    by: str,
    now: datetime,
    side: Side | None = None,
) -> list[Meeting]:
    """Confirm every hour for the recipient and the whole team, and say it in one message to each.

    ``side`` is who did it: that side hears at once, and only the office plans outside of what the team gives. An hour
    that this engagement has already is left as it is, so sending the same plan again gives the same talks. Raises
    TalksTaken with the hours that are gone (nothing is booked then), RuleViolation ``no_talk_chosen``,
    ``engagement_not_running``, ``meeting_in_the_past`` and ``talk_too_late`` past the end of the half-year.
    """
    lock_time(session, engagement, now)
    session.refresh(engagement)
    wanted = sorted(set(starts))
    _check(session, engagement, wanted, now)
    known = _planned(session, engagement)
    fresh = [start for start in wanted if start not in known]
    if fresh:
        known |= _book_all(session, engagement, fresh, side, by=by, now=now)
    return [known[start] for start in wanted]


def _check(session: Session, engagement: Engagement, wanted: list[datetime], now: datetime) -> None:
    if not wanted:
        raise RuleViolation("no_talk_chosen")
    if engagement.state not in MEETS_IN:
        raise RuleViolation("engagement_not_running")
    if wanted[0] <= now:
        raise RuleViolation("meeting_in_the_past")
    if wanted[-1] >= queries.planning_ends_at(session, engagement, now=now):
        raise RuleViolation("talk_too_late")


def _book_all(
    session: Session,
    engagement: Engagement,
    starts: list[datetime],
    side: Side | None,
    *,
    by: str,
    now: datetime,
) -> dict[datetime, Meeting]:
    close_waiting(session, engagement, by=by, now=now)
    gone = set(starts) - set(queries.free_among(session, engagement, starts, now=now))
    if side in (Side.APPLICANT, Side.SUPPORTER):  # the office may have asked for more
        gone |= set(starts) - given_among(session, engagement, starts, now=now)
    if gone:
        raise TalksTaken(gone)
    way = agreed_way(engagement)
    with taking_time(session):
        meetings = [take_hour(session, engagement, start, way, now) for start in starts]
    note_beginning(session, engagement, by=by, now=now)
    notices.tell_planned(session, engagement, meetings, side, now=now)
    return {meeting.starts_at: meeting for meeting in meetings}


def _planned(session: Session, engagement: Engagement) -> dict[datetime, Meeting]:
    query = select(Meeting).where(
        Meeting.engagement_id == engagement.id, Meeting.state == MeetingState.CONFIRMED
    )
    return {meeting.starts_at: meeting for meeting in session.scalars(query)}
