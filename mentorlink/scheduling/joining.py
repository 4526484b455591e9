"""How the two come together at the hour: in a room online, by telephone, at a place. Told near the time only."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from mentorlink.core.rooms import is_room_address, made_room
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import queries
from mentorlink.scheduling.models import Meeting, MeetingState, MeetingWay

SHOWN_AROUND = timedelta(hours=1)  # from when M09 goes out, until an hour after the end


class Door(StrEnum):
    ROOM = "room"
    CALL = "call"  # the supporter calls the applicant
    PLACE = "place"


def door_of(meeting: Meeting) -> Door:
    """Where the supporter has no room and the installation makes none, an online talk is a telephone call."""
    if meeting.way is MeetingWay.IN_PERSON:
        return Door.PLACE
    return Door.ROOM if meeting.way is MeetingWay.ONLINE and _room(meeting) else Door.CALL


def is_near(meeting: Meeting, now: datetime) -> bool:
    if meeting.state is not MeetingState.CONFIRMED:
        return False
    return meeting.starts_at - SHOWN_AROUND <= now <= meeting.ends_at + SHOWN_AROUND


def room_of(meeting: Meeting, now: datetime) -> str | None:
    """The address of the online room, near the time only."""
    return _room(meeting) if door_of(meeting) is Door.ROOM and is_near(meeting, now) else None


def number_of(session: Session, meeting: Meeting, side: Side, now: datetime) -> str | None:
    """The applicant's number, for the supporter who calls them, near the time, with the applicant's consent."""
    if side is not Side.SUPPORTER or door_of(meeting) is not Door.CALL or not is_near(meeting, now):
        return None
    recipient = meeting.engagement.recipient
    return recipient.phone if queries.may_share_number(session, recipient) else None


def is_discreet(engagement: Engagement, side: Side) -> bool:
    """Whether the person on this side asked that nobody who looks over their shoulder learns anything."""
    people = [each.person for each in queries.team_of(engagement)]
    return any(each.safe_contact for each in (people if side is Side.SUPPORTER else [engagement.recipient]))


def _room(meeting: Meeting) -> str | None:
    """The supporter's own, else one that the installation makes."""
    own = [each.meeting_url for each in queries.team_of(meeting.engagement)]
    return next((room for room in own if room and is_room_address(room)), None) or made_room(meeting.uid)
