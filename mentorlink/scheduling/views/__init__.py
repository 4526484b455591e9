"""The pages about time: hours and meetings, and a supporter's week."""

from mentorlink.scheduling.views import (
    absences,
    availability,
    by_hand,
    calendar_source,
    clocks,
    hours,
    supporters,
    own_slots,
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
    "hours",
    "own_slots",
    "supporters",
]
