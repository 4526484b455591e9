"""On whose clocks an hour is read, and what the other side's clocks show then."""

from mentorlink.core.dates import hours_elsewhere
from mentorlink.core.zones import HOME
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import queries
from mentorlink.scheduling.models import Meeting


def zone_of(engagement: Engagement, side: Side) -> str:
    """On whose clocks the page shows the hour."""
    team = queries.team_of(engagement)
    return team[0].person.zone if side is Side.SUPPORTER and team else engagement.recipient.zone


def other_zone(engagement: Engagement, side: Side) -> str | None:
    """By whose clocks the other side lives, where these are not Japan's; None for who must not be found."""
    team = [each.person for each in queries.team_of(engagement)]
    others = [engagement.recipient] if side is Side.SUPPORTER else team[:1]
    if not others or others[0].safe_contact or others[0].zone == HOME:
        return None
    return others[0].zone


def hours_of_other(meeting: Meeting, side: Side) -> str:
    """What the other's clocks show, where that is neither this side's time nor Japan's; no place."""
    engagement = meeting.engagement
    zone, other = zone_of(engagement, side), other_zone(engagement, side)
    return hours_elsewhere(meeting.starts_at, meeting.ends_at, zone, other) if other else ""
