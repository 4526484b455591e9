"""One talk as a file for one's own calendar."""

from typing import Any

from flask import Response

from mentorlink.core.links import page_address
from mentorlink.core.web import allow
from mentorlink.home.views import bp
from mentorlink.scheduling.calendar_files import FeedEntry, write_feed
from mentorlink.scheduling.joining import is_discreet
from mentorlink.scheduling.models import MeetingState
from mentorlink.scheduling.policies import Seat, seat_at_meeting


@bp.get("/meetings/<int:meeting_id>/calendar.ics")
@allow(seat_at_meeting)
def show_meeting_file(seat: Seat) -> Any:
    """Under the same mark as the invitation by mail: whoever has both sees one appointment."""
    meeting = seat.meeting
    entry = FeedEntry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        page=page_address("meeting", meeting_id=meeting.id),
        written_at=meeting.created_at,
        is_cancelled=meeting.state is MeetingState.CANCELLED,
    )
    headers = {"Content-Disposition": 'attachment; filename="calendar.ics"'}
    body = write_feed([entry], busy_only=is_discreet(meeting.engagement, seat.side))
    return Response(body, headers=headers, content_type="text/calendar; charset=utf-8")
