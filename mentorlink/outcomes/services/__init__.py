"""What came of an engagement: how it ends, what is asked afterwards, and what is noted."""

from mentorlink.outcomes.services.endings import close_engagement, take_back_ending
from mentorlink.outcomes.services.following import follow_engagements
from mentorlink.outcomes.services.records import STARTED, moment_of, note_followups, record_outcome

__all__ = [
    "STARTED",
    "close_engagement",
    "follow_engagements",
    "moment_of",
    "note_followups",
    "record_outcome",
    "take_back_ending",
]
