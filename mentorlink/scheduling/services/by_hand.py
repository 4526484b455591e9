"""An hour that was agreed on elsewhere, on the telephone mostly."""

from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.queries.typed import talk_at
from mentorlink.scheduling.services.booking import book_meeting
from mentorlink.scheduling.services.occupancy import lock_time


def book_by_hand(
    session: Session, engagement: Engagement, starts_at: datetime, *, way: MeetingWay, by: str, now: datetime
) -> Meeting:
    """The same hour twice is the same meeting. Raises what ``book_meeting`` raises."""
    lock_time(session, engagement, now)
    known = talk_at(session, engagement, starts_at)
    return known or book_meeting(session, engagement, starts_at, way=way, by=by, now=now)
