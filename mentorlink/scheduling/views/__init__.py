"""The pages about time: hours and meetings, and a supporter's week."""

from mentorlink.scheduling.views import availability, calendar_source, hours, supporters
from mentorlink.scheduling.views.blueprint import bp

__all__ = ["availability", "bp", "calendar_source", "hours", "supporters"]
