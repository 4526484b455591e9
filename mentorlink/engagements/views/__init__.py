"""The pages of an engagement: its thread and its notes. (Steps are with ``home``: they show talks.)"""

from mentorlink.engagements.views import notes, thread
from mentorlink.engagements.views.blueprint import bp

__all__ = ["bp", "notes", "thread"]
