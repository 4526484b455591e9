"""How a supporter's own calendar is doing, in words. Its address is shown to nobody whole, not even to its owner."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from mentorlink.core.dates import Zone, local_date, relative_day
from mentorlink.core.i18n import gettext, ngettext
from mentorlink.core.messages import message_of
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import CalendarSource
from mentorlink.scheduling.queries.busy import count_busy, source_of

COUNTED = timedelta(days=14)
STALE_AFTER = timedelta(hours=2)  # one missed reading is not worth a word; a worker that stands still is


@dataclass(frozen=True)
class ShownCalendar:
    """``state``: new (not read yet), fresh, stale (an older copy serves), unread (none could be had so far)."""

    state: str
    age: str
    host: str
    ending: str
    busy: int  # spans in the COUNTED time to come
    fault: str | None
    caution: str | None


def shown_calendar(session: Session, supporter: Supporter, now: datetime) -> ShownCalendar | None:
    source = source_of(session, supporter.id)
    if source is None:
        return None
    state = _state(source, now)
    return ShownCalendar(
        state=state,
        age=_age(source, state, supporter.person.zone, now),
        host=urlsplit(source.address).hostname or "",
        ending=source.address[-4:],
        busy=count_busy(session, source.id, after=now, until=now + COUNTED),
        fault=message_of(source.fault) if source.fault else None,
        caution=message_of(source.caution) if source.caution else None,
    )


def calendar_age(session: Session, supporter: Supporter, now: datetime) -> str | None:
    """For the office: that there is one, and how old the copy is. Nothing of where it lies or what is in it."""
    source = source_of(session, supporter.id)
    return _age(source, _state(source, now), supporter.person.zone, now) if source is not None else None


def _state(source: CalendarSource, now: datetime) -> str:
    if source.read_at is None:
        return "unread" if source.fault else "new"
    return "stale" if now - source.read_at >= STALE_AFTER else "fresh"


def _age(source: CalendarSource, state: str, zone: Zone, now: datetime) -> str:
    if source.read_at is None:
        return gettext("まだ読めていません。") if state == "unread" else gettext("いま読みに行っています。")
    minutes = max(int((now - source.read_at).total_seconds()) // 60, 0)
    if state == "stale":
        return _since(source.read_at, minutes, zone, now)
    if minutes < 1:
        return gettext("たったいま読みました。")
    if minutes < 60:
        return ngettext("%(n)s分前に読みました。", minutes)
    return ngettext("%(n)s時間前に読みました。", minutes // 60)


def _since(read_at: datetime, minutes: int, zone: Zone, now: datetime) -> str:
    today = local_date(now, zone)
    if local_date(read_at, zone) == today:
        return ngettext("%(n)s時間ほど読めていません。", minutes // 60)
    return gettext("%(day)sから読めていません。", day=relative_day(local_date(read_at, zone), today))
