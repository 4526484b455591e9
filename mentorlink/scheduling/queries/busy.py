"""When the calendars that supporters brought along have something. What it is nobody here knows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.scheduling.models import BusySpan, CalendarSource

Span = tuple[datetime, datetime]


def busy_spans_of_many(
    session: Session, supporter_ids: Iterable[int], *, after: datetime, until: datetime
) -> dict[int, list[Span]]:
    """(start, end) in UTC of what touches ``after``–``until``, earliest first, by supporter; one query.

    A supporter without a calendar, or with nothing in it, has an empty list.
    """
    query = (
        select(CalendarSource.supporter_id, BusySpan.starts_at, BusySpan.ends_at)
        .join(BusySpan, BusySpan.source_id == CalendarSource.id)
        .where(CalendarSource.supporter_id.in_(list(supporter_ids)))
        .where(BusySpan.ends_at > after, BusySpan.starts_at < until)
    )
    found: dict[int, list[Span]] = defaultdict(list)
    for supporter_id, starts_at, ends_at in session.execute(query.order_by(BusySpan.starts_at)):
        found[supporter_id].append((starts_at, ends_at))
    return found


def source_of(session: Session, supporter_id: int) -> CalendarSource | None:
    return session.scalar(select(CalendarSource).where(CalendarSource.supporter_id == supporter_id))


def count_busy(session: Session, source_id: int, *, after: datetime, until: datetime) -> int:
    """How many spans touch ``after``–``until``: enough to see that the right calendar was read."""
    touching = (BusySpan.ends_at > after, BusySpan.starts_at < until)
    return session.scalar(select(func.count()).where(BusySpan.source_id == source_id, *touching)) or 0
