"""Which hours the two sides could plan for the months to come, and a good one for each."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from mentorlink.core.business_time import is_holiday
from mentorlink.core.dates import Zone, local_date, zone_info
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.scheduling.queries.half_year import Month, add_months, months_of
from mentorlink.scheduling.queries.hours import open_offer, part_of, team_starts

MOST_IN_A_LIST = 40
APART = timedelta(days=7)
Hour = tuple[int, int]  # weekday and minute of the local day


class MonthPlan(NamedTuple):
    """A month to come: the hours that can be planned in it, earliest first, and the one to begin with."""

    month: Month
    starts: list[datetime]
    suggested: datetime | None


def plan_months(session: Session, engagement: Engagement, *, now: datetime) -> list[MonthPlan]:
    """The months of the half-year that are not over. A month that has a talk, or no free hour, suggests nothing.

    One weekday and hour for all where possible, a month apart, no holidays.
    """
    months, zone = months_of(session, engagement, now=now), engagement.recipient.zone
    if not months:
        return []
    free = _free_by_month(session, engagement, end_of(months, zone, spare=1), now)
    months = _begin_where_possible(engagement, months, free)
    talks = [talk.starts_at for month in months for talk in month.talks]
    usual = _hour(talks[-1], zone) if talks else _most_common_hour(free, zone)
    plans: list[MonthPlan] = []
    before: datetime | None = None
    for month in months:
        suggested = None
        if not month.talks and usual is not None:
            suggested = _best(free[month.first_day], usual, before, zone)
        if not month.is_past:
            plans.append(MonthPlan(month, free[month.first_day], suggested))
        before = suggested or (month.talks[-1].starts_at if month.talks else before)
    return plans


def planning_ends_at(session: Session, engagement: Engagement, *, now: datetime) -> datetime:
    """Where planning ahead stops: a talk begins before this instant."""
    months = months_of(session, engagement, now=now)
    return end_of(months, engagement.recipient.zone, spare=1) if months else now


def end_of(months: Sequence[Month], zone: Zone, spare: int = 0) -> datetime:
    """The first instant after the last month, and ``spare`` months more."""
    return datetime.combine(add_months(months[-1].first_day, 1 + spare), time(), zone_info(zone))


def a_few(starts: Sequence[datetime], near: datetime | None, zone: Zone) -> list[datetime]:
    """A list short enough to choose from: one a day and part of the day, the nearest to the hour of ``near``."""
    usual = near or (starts[0] if starts else None)
    if usual is None:
        return []
    minute = _hour(usual, zone)[1]
    for part in (part_of, lambda _start, _zone: ""):
        found: dict[tuple[date, str], datetime] = {}
        for start in starts:
            key = (local_date(start, zone), part(start, zone))
            found[key] = min(found.get(key, start), start, key=lambda one: abs(_hour(one, zone)[1] - minute))
        if len(found) <= MOST_IN_A_LIST:
            break
    return sorted(found.values())


def _free_by_month(
    session: Session, engagement: Engagement, until: datetime, now: datetime
) -> dict[date, list[datetime]]:
    """An hour kept for an offer of this engagement is free for it: planning replaces the offer."""
    offer, zone = open_offer(session, engagement.id), engagement.recipient.zone
    ignoring = f"offer:{offer.id}" if offer is not None else ""
    free: dict[date, list[datetime]] = defaultdict(list)
    for start in team_starts(session, engagement, now=now, ignoring=ignoring, until=until):
        if start < until:
            free[local_date(start, zone).replace(day=1)].append(start)
    return free


def _begin_where_possible(
    engagement: Engagement, months: list[Month], free: dict[date, list[datetime]]
) -> list[Month]:
    """Before the first talk the half-year has not begun: a month too short for one is not its first."""
    if engagement.state is not EngagementState.PREPARING or any(month.talks for month in months):
        return months
    first, after = months[0].first_day, add_months(months[-1].first_day, 1)
    if free[first] or not free[add_months(first, 1)]:
        return months
    return [*months[1:], replace(months[-1], first_day=after)]


def _best(starts: Sequence[datetime], usual: Hour, before: datetime | None, zone: Zone) -> datetime | None:
    """No holiday and not days after the one before; then the usual weekday and hour; then a month apart."""

    def badness(start: datetime) -> tuple[bool, bool, bool, int, int, datetime]:
        weekday, minute = _hour(start, zone)
        ideal = add_months(local_date(before, zone), 1) if before else local_date(start, zone)
        return (
            is_holiday(local_date(start, zone)),
            before is not None and start - before < APART,
            (weekday, minute) != usual,
            abs((local_date(start, zone) - ideal).days),
            abs(minute - usual[1]),
            start,
        )

    return min(starts, key=badness, default=None)


def _most_common_hour(free: dict[date, list[datetime]], zone: Zone) -> Hour | None:
    counted = Counter(_hour(start, zone) for starts in free.values() for start in starts)
    return min(counted, key=lambda hour: (-counted[hour], hour), default=None)


def _hour(start: datetime, zone: Zone) -> Hour:
    local = start.astimezone(zone_info(zone))
    return local.weekday(), local.hour * 60 + local.minute
