"""The number for a talk by telephone, where none was known when the hour was booked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.people.services import note_phone
from mentorlink.scheduling import notices
from mentorlink.scheduling.joining import is_near, working_way
from mentorlink.scheduling.models import Meeting, MeetingState


def give_number(session: Session, engagement: Engagement, phone: str, *, now: datetime) -> None:
    """The applicant is called at ``phone`` (E.164) for every talk to come that has no room.

    Who waits for the number within the hour hears of it at once; everybody else finds it when the time comes.
    """
    note_phone(session, engagement.recipient, phone)
    coming = select(Meeting).where(
        Meeting.engagement_id == engagement.id,
        Meeting.state == MeetingState.CONFIRMED,
        Meeting.ends_at > now,
    )
    for meeting in session.scalars(coming.order_by(Meeting.starts_at)):
        meeting.way = working_way(engagement, meeting.way)
        if is_near(meeting, now):
            notices.tell_number(session, meeting, now=now)
    session.flush()
