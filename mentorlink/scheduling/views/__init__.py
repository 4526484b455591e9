"""The pages about time: hours and meetings, and a supporter's week."""

from mentorlink.scheduling.views import (
    absences,
    asks,
    availability,
    by_hand,
    calendar_source,
    clocks,
    hour_standing,
    hours,
    own_slots,
    supporters,
)
from mentorlink.scheduling.views.blueprint import bp

__all__ = [
    "absences",
    "asks",
    "availability",
    "bp",
    "by_hand",
    "calendar_source",
    "clocks",
    "hour_standing",
    "hours",
    "own_slots",
    "supporters",
]
