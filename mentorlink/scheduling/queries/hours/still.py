"""Whether an hour that was shown before would still do, for the one who takes it now, with the time locked."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries.hours.common import team_of
from mentorlink.scheduling.queries.hours.people import People, SupporterRow, read_people
from mentorlink.scheduling.queries.hours.sets import Ask, supporter_hours
from mentorlink.scheduling.slot_sets import calendar_of


def is_still_given(
    session: Session, engagement: Engagement, start: datetime, *, now: datetime, moving: Meeting | None = None
) -> bool:
    """Whether the whole team gives that hour, and has room in its week and month.

    ``moving`` is the meeting that is to be there: within its own week or month it makes nothing fuller. Notice was kept
    when the hour was shown, and what else is there the database refuses.
    """
    old = moving.starts_at if moving else None
    ask = Ask(now, max(start, old or start), engagement.programme.meeting_minutes)
    ids, ignoring = [each.id for each in team_of(engagement)], f"meeting:{moving.id}" if moving else ""
    people = read_people(session, ids, [], now=now, until=ask.until, ignoring=ignoring)
    return all(
        _gives(ask, people, row, start) and not _grows_full(ask, people, row, start, old)
        for row in people.supporters
    )


def given_among(
    session: Session, engagement: Engagement, starts: Sequence[datetime], *, now: datetime
) -> set[datetime]:
    """Those of ``starts`` that the whole team gives, however full their weeks are."""
    ask = Ask(now, max(starts), engagement.programme.meeting_minutes)
    ids = [each.id for each in team_of(engagement)]
    people = read_people(session, ids, [], now=now, until=ask.until)
    return {each for each in starts if all(_gives(ask, people, row, each) for row in people.supporters)}


def _gives(ask: Ask, people: People, row: SupporterRow, start: datetime) -> bool:
    hours = supporter_hours(ask, people, row)
    return bool((hours.given & ~hours.away) >> ask.grid.floor(start) & 1)


def _grows_full(ask: Ask, people: People, row: SupporterRow, start: datetime, old: datetime | None) -> bool:
    calendar, place = calendar_of(row.zone, ask.grid), ask.grid.floor(start)
    spans = [ask.grid.seconds(*span) for span in people.taken.get(row.person_id, ())]
    for begins, most in ((calendar.weeks, row.capacity_week), (calendar.months, row.capacity_month)):
        stays = old is not None and bisect_right(begins, ask.grid.floor(old)) == bisect_right(begins, place)
        if not stays and calendar.full(begins, spans, most) >> place & 1:
            return True
    return False
