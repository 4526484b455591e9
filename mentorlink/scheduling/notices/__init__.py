"""What both sides hear about time: of one talk (``talks``) and of the half-year as a whole (``half_year``)."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.outbox import OutboxMessage
from mentorlink.scheduling.notices import asks, calendars, half_year, talks
from mentorlink.scheduling.notices.asks import tell_asked, tell_in_vain, tell_none_in_common
from mentorlink.scheduling.notices.calendars import CALENDAR_UNREAD, tell_calendar_unread
from mentorlink.scheduling.notices.half_year import (
    TALKS_PLANNED,
    tell_month,
    tell_of_silence,
    tell_planned,
    tell_resting,
    tell_taken_up,
)
from mentorlink.scheduling.notices.talks import (
    RECORD_WANTED,
    WAYS,
    ask_office_to_call,
    tell_booked,
    tell_cancelled,
    tell_missed,
    tell_moved,
    tell_number,
    tell_offer,
)

__all__ = [
    "CALENDAR_UNREAD",
    "CONTEXTS",
    "RECORD_WANTED",
    "TALKS_PLANNED",
    "WAYS",
    "ask_office_to_call",
    "tell_asked",
    "tell_booked",
    "tell_calendar_unread",
    "tell_cancelled",
    "tell_in_vain",
    "tell_missed",
    "tell_month",
    "tell_moved",
    "tell_none_in_common",
    "tell_number",
    "tell_of_silence",
    "tell_offer",
    "tell_planned",
    "tell_resting",
    "tell_taken_up",
]

CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    **talks.CONTEXTS,
    **asks.CONTEXTS,
    **half_year.CONTEXTS,
    **calendars.CONTEXTS,
}
