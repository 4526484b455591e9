"""Which of many hours to show: a few that differ."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mentorlink.core.dates import Zone, local_date, zone_info


def choose_three(starts: Sequence[datetime], minutes: int, zone: Zone) -> list[datetime]:
    return choose_good(starts, minutes, zone, 3)


def choose_good(starts: Sequence[datetime], minutes: int, zone: Zone, number: int) -> list[datetime]:
    """Up to ``number`` good ones: other days and other parts of the day where there are any, earliest first."""
    chosen: list[datetime] = []
    while len(chosen) < number:
        rest = [
            start for start in starts if all(abs(start - one) >= timedelta(minutes=minutes) for one in chosen)
        ]
        if not rest:
            break
        chosen.append(min(rest, key=lambda start: (_likeness(start, chosen, zone), start)))
    return sorted(chosen)


def part_of(start: datetime, zone: Zone) -> str:
    """``morning``, ``day`` or ``evening``, as the drawings name them."""
    hour = start.astimezone(zone_info(zone)).hour
    return "morning" if hour < 12 else "day" if hour < 17 else "evening"


def _likeness(start: datetime, chosen: list[datetime], zone: Zone) -> tuple[bool, bool]:
    same_day = local_date(start, zone) in {local_date(one, zone) for one in chosen}
    return same_day, part_of(start, zone) in {part_of(one, zone) for one in chosen}
