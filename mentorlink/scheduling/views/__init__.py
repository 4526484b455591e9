"""The pages about time: hours and meetings, and a supporter's week."""

from mentorlink.scheduling.views import availability, hours
from mentorlink.scheduling.views.blueprint import bp

__all__ = ["availability", "bp", "hours"]
