"""What happens to an engagement, one verb each; ``now`` is the instant, ``by`` who did it."""

from mentorlink.engagements.services.lifecycle import (
    complete_engagement,
    finish_engagement,
    follow_engagement,
    open_engagement,
    start_engagement,
    stop_engagement,
)
from mentorlink.engagements.services.pauses import pause_engagement, resume_engagement
from mentorlink.engagements.services.thread import post_message, report_concern

__all__ = [
    "complete_engagement",
    "finish_engagement",
    "follow_engagement",
    "open_engagement",
    "pause_engagement",
    "post_message",
    "report_concern",
    "resume_engagement",
    "start_engagement",
    "stop_engagement",
]
