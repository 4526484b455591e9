"""The pages about time: hours and meetings, and a supporter's week."""

from mentorlink.scheduling.views import (
    absences,
    availability,
    by_hand,
    calendar_source,
    clocks,
    hours,
    supporters,
)
from mentorlink.scheduling.views.blueprint import bp

__all__ = ["absences", "availability", "bp", "by_hand", "calendar_source", "clocks", "hours", "supporters"]
