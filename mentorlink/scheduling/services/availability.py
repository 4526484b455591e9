"""When people are free: the supporter's week and terms, and the parts of the week that the applicant ticked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import available_timezones

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, DayPart, PreferredTime, TimesKind
from mentorlink.core.dates import local_date
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.engagements.models import EngagementSupporter
from mentorlink.people.models import Receiving, Supporter
from mentorlink.people.services import set_receiving
from mentorlink.scheduling.free_time import DAY_MINUTES, merged_minutes
from mentorlink.scheduling.models import OfferState, SlotOffer, WeeklyWindow
from mentorlink.scheduling.queries import windows_of
from mentorlink.scheduling.services.occupancy import lock_people, people_of
from mentorlink.scheduling.services.offers import replace_offer

Window = tuple[int, int, int]
STEP_MINUTES = 30
BOUNDS = {  # what the database accepts, for words beside the field
    "notice_hours": (0, 336),
    "buffer_minutes": (0, 120),
    "capacity_week": (0, 40),
    "capacity_month": (0, 100),
}


@dataclass(frozen=True)
class Terms:
    """On what terms a supporter gives their hours."""

    notice_hours: int
    buffer_minutes: int
    capacity_week: int
    capacity_month: int
    free_on_holidays: bool
    zone: str
    receiving: Receiving
    paused_until: date | None

    @classmethod
    def of(cls, supporter: Supporter) -> "Terms":
        return cls(
            supporter.notice_hours,
            supporter.buffer_minutes,
            supporter.capacity_week,
            supporter.capacity_month,
            supporter.free_on_holidays,
            supporter.person.zone,
            supporter.receiving,
            supporter.paused_until,
        )


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
    session: Session,
    supporter: Supporter,
    windows: Sequence[Window],
    *,
    by: str,
    now: datetime,
    seen: Sequence[Window] | None = None,
) -> None:
    """Set the week, and offer hours at once to those who were told that none was found.

    ``seen`` is the week that the change began from: raises Conflict ``changed_meanwhile`` where somebody else has
    made another of it since, so that nobody's hours are lost unseen.
    """
    lock_supporter(session, supporter)
    current = [(each.weekday, each.start_minute, each.end_minute) for each in windows_of(session, supporter)]
    if seen is not None and merged(current) not in (merged(seen), merged(windows)):
        raise Conflict("changed_meanwhile")
    set_weekly_windows(session, supporter, windows)
    offer_to_waiting(session, supporter, by=by, now=now)


def save_terms(
    session: Session,
    supporter: Supporter,
    terms: Terms,
    *,
    by: str,
    now: datetime,
    seen: Terms | None = None,
) -> None:
    """Set on what terms the hours are given; the rest as ``save_availability``, ``seen`` as well.

    Raises RuleViolation ``terms_not_possible`` beyond ``BOUNDS`` or in no known zone, ``pause_in_past``.
    """
    lock_supporter(session, supporter)
    if seen is not None and Terms.of(supporter) not in (seen, terms):
        raise Conflict("changed_meanwhile")
    within = all(low <= getattr(terms, name) <= high for name, (low, high) in BOUNDS.items())
    if not within or terms.zone not in available_timezones():
        raise RuleViolation("terms_not_possible")
    for name in (*BOUNDS, "free_on_holidays"):
        setattr(supporter, name, getattr(terms, name))
    supporter.person.zone = terms.zone
    today = local_date(now, terms.zone)
    set_receiving(session, supporter, terms.receiving, until=terms.paused_until, today=today)
    offer_to_waiting(session, supporter, by=by, now=now)


def offer_to_waiting(session: Session, supporter: Supporter, *, by: str, now: datetime) -> None:
    """Fresh hours for those of the supporter's engagements that were told that there are none."""
    query = (
        select(SlotOffer)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == SlotOffer.engagement_id)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(SlotOffer.state == OfferState.OPEN, ~SlotOffer.slots.any())
    )
    offers = session.scalars(query.order_by(SlotOffer.id)).all()
    lock_people(session, {person for offer in offers for person in people_of(offer.engagement)}, now)
    for offer in offers:
        replace_offer(session, offer, by=by, now=now)


def lock_supporter(session: Session, supporter: Supporter) -> None:
    """One change of somebody's hours at a time, and what was read before is read again."""
    row = select(Supporter.id).where(Supporter.id == supporter.id)
    session.execute(row.with_for_update(key_share=True))  # rows that refer to the supporter need not wait
    session.refresh(supporter)
    session.refresh(supporter.person)


def answer_times(session: Session, application: Application, parts: Iterable[tuple[int, DayPart]]) -> None:
    """The parts of the week that suit the applicant now; none means 時間は相談."""
    wanted = sorted(set(parts))
    application.times_kind = TimesKind.WEEKLY if wanted else TimesKind.BY_TALK
    known = {(time.weekday, time.part): time for time in application.times}
    application.times = [known.get(each) or PreferredTime(weekday=each[0], part=each[1]) for each in wanted]
    session.flush()


def merged(windows: Iterable[Window]) -> list[Window]:
    """The same hours, in order, with windows that touch or overlap made one."""
    known = list(windows)
    return [
        (weekday, start, end)
        for weekday in sorted({each[0] for each in known})
        for start, end in merged_minutes(each[1:] for each in known if each[0] == weekday)
    ]


def _is_possible(weekday: int, start: int, end: int) -> bool:
    in_half_hours = start % STEP_MINUTES == 0 and end % STEP_MINUTES == 0
    return in_half_hours and 0 <= weekday <= 6 and 0 <= start < end <= DAY_MINUTES
