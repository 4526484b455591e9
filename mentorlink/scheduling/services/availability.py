"""When people are free: the supporter's week, and the parts of the week that the applicant ticked."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, DayPart, PreferredTime, TimesKind
from mentorlink.core.errors import RuleViolation
from mentorlink.engagements.models import EngagementSupporter
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import OfferState, SlotOffer, WeeklyWindow
from mentorlink.scheduling.services.offers import replace_offer

Window = tuple[int, int, int]
DAY_MINUTES = 24 * 60
STEP_MINUTES = 30


def set_weekly_windows(session: Session, supporter: Supporter, windows: Sequence[Window]) -> None:
    """Replace the supporter's week by (weekday, first minute, last minute); what touches becomes one window.

    Raises RuleViolation ``window_not_possible`` on a window that is empty, not in half hours or not in a day.
    """
    if not all(_is_possible(*window) for window in windows):
        raise RuleViolation("window_not_possible")
    session.execute(delete(WeeklyWindow).where(WeeklyWindow.supporter_id == supporter.id))
    session.add_all(
        WeeklyWindow(supporter_id=supporter.id, weekday=weekday, start_minute=start, end_minute=end)
        for weekday, start, end in merged(windows)
    )
    session.flush()


def save_availability(
    session: Session, supporter: Supporter, windows: Sequence[Window], *, by: str, now: datetime
) -> None:
    """Set the week, and offer hours at once to those who were told that none was found."""
    set_weekly_windows(session, supporter, windows)
    query = (
        select(SlotOffer)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == SlotOffer.engagement_id)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(SlotOffer.state == OfferState.OPEN, ~SlotOffer.slots.any())
    )
    for offer in session.scalars(query.order_by(SlotOffer.id)).all():
        replace_offer(session, offer, by=by, now=now)


def answer_times(session: Session, application: Application, parts: Iterable[tuple[int, DayPart]]) -> None:
    """The parts of the week that suit the applicant now; none means 時間は相談."""
    wanted = sorted(set(parts))
    application.times_kind = TimesKind.WEEKLY if wanted else TimesKind.BY_TALK
    known = {(time.weekday, time.part): time for time in application.times}
    application.times = [known.get(each) or PreferredTime(weekday=each[0], part=each[1]) for each in wanted]
    session.flush()


def merged(windows: Iterable[Window]) -> list[Window]:
    """The same hours, in order, with windows that touch or overlap made one."""
    joined: list[Window] = []
    for weekday, start, end in sorted(windows):
        if joined and joined[-1][0] == weekday and start <= joined[-1][2]:
            joined[-1] = (weekday, joined[-1][1], max(end, joined[-1][2]))
        else:
            joined.append((weekday, start, end))
    return joined


def _is_possible(weekday: int, start: int, end: int) -> bool:
    in_half_hours = start % STEP_MINUTES == 0 and end % STEP_MINUTES == 0
    return in_half_hours and 0 <= weekday <= 6 and 0 <= start < end <= DAY_MINUTES
