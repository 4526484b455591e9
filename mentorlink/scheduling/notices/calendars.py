"""What a supporter hears about their own calendar: once, where it has not been read for days."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.i18n import plain
from mentorlink.core.links import page_address
from mentorlink.core.outbox import OutboxMessage
from mentorlink.people.models import Supporter
from mentorlink.people.notices import tell
from mentorlink.scheduling.models import CalendarSource

CALENDAR_UNREAD = "scheduling/calendar_unread"


def tell_calendar_unread(session: Session, source: CalendarSource, *, now: datetime) -> None:
    """Once for each time that it fell silent, however often it is tried."""
    since = source.read_at or source.added_at
    tell(
        session,
        session.get_one(Supporter, source.supporter_id).person,
        event=f"calendar_unread:{source.id}:{since:%Y%m%d%H%M}",
        template=CALENDAR_UNREAD,
        about=f"calendar_source:{source.id}",
        now=now,
    )


def _show_unread(_session: Session, _message: OutboxMessage) -> dict[str, Any]:
    return {"action_url": page_address("calendar_source"), "action_label": plain("カレンダーの画面をひらく")}


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {CALENDAR_UNREAD: _show_unread}
