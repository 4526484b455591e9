"""The only caller of the real time. In the demo a row moves the clock; nowhere else."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from mentorlink.core.db import Base

Clock = Callable[[], datetime]


class DemoClock(Base):
    """How far the demo's visitors have moved the time forward. At most one row, in the demo only."""

    __tablename__ = "demo_clock"
    __table_args__ = (CheckConstraint("id = 1", "only_row"), CheckConstraint("ahead_seconds >= 0", "forward"))

    id: Mapped[int] = mapped_column(primary_key=True)
    ahead_seconds: Mapped[int]


def system_clock() -> datetime:
    return datetime.now(UTC)


def demo_clock(sessions: sessionmaker[Session]) -> Clock:
    """A clock that adds what ``move_demo_clock`` stored: web and worker processes see the same hour."""
    asking = threading.local()

    def now() -> datetime:
        if getattr(asking, "session", None) is None:
            asking.session = sessions()
        with asking.session as session:
            ahead = session.scalar(select(DemoClock.ahead_seconds).where(DemoClock.id == 1)) or 0
        return system_clock() + timedelta(seconds=ahead)

    return now


def move_demo_clock(session: Session, by: timedelta) -> None:
    """Move the demo forward. Raises ValueError on a step backwards: what happened has happened."""
    if by < timedelta(0):
        raise ValueError("the clock only goes forward")
    row = session.get(DemoClock, 1) or DemoClock(id=1, ahead_seconds=0)
    row.ahead_seconds += int(by.total_seconds())
    session.add(row)
