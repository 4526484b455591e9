"""Whether an hour that was shown before would still do, for the one who takes it now, with the time locked."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries.hours.common import team_of
from mentorlink.scheduling.queries.hours.people import read_people
from mentorlink.scheduling.queries.hours.sets import Ask, Hours, Move, supporter_hours


def is_still_given(
    session: Session, engagement: Engagement, start: datetime, *, now: datetime, move: Move | None = None
) -> bool:
    """Whether the whole team gives that hour, and has room in its week and month for it, or for the talk of ``move``.

    Notice was kept when the hour was shown, and what else is there the database refuses.
    """
    ask = Ask(now, max(start, move.old) if move else start, engagement.programme.meeting_minutes)
    ids, gone = [each.id for each in team_of(engagement)], move.source if move else ""
    people = read_people(session, ids, [], now=now, until=ask.until, ignoring=gone)
    hours = [supporter_hours(ask, people, row, move) for row in people.supporters]
    return all(_gives(ask, each, start) and not each.full >> ask.grid.floor(start) & 1 for each in hours)


def given_among(
    session: Session, engagement: Engagement, starts: Sequence[datetime], *, now: datetime
) -> set[datetime]:
    """Those of ``starts`` that the whole team gives, however full their weeks are."""
    ask = Ask(now, max(starts), engagement.programme.meeting_minutes)
    ids = [each.id for each in team_of(engagement)]
    people = read_people(session, ids, [], now=now, until=ask.until)
    hours = [supporter_hours(ask, people, row) for row in people.supporters]
    return {each for each in starts if all(_gives(ask, one, each) for one in hours)}


def move_of(meeting: Meeting, side: Side) -> Move:
    """Who alone supports somebody may put their own talk where their week is full: the number is theirs."""
    alone = side is Side.SUPPORTER and len(team_of(meeting.engagement)) == 1
    return Move(meeting.starts_at, f"meeting:{meeting.id}", limits=not alone)


def _gives(ask: Ask, hours: Hours, start: datetime) -> bool:
    return bool((hours.given & ~hours.away) >> ask.grid.floor(start) & 1)
