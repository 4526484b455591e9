"""The pages of an engagement: its thread, its steps and its notes."""

from mentorlink.engagements.views import thread
from mentorlink.engagements.views.blueprint import bp

__all__ = ["bp", "thread"]
