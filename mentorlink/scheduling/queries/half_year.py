"""The months of a half-year with their talks, and what the two sides promised each other last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mentorlink.core.dates import Zone, local_date
from mentorlink.engagements.models import Engagement, Pause
from mentorlink.scheduling.models import TOOK_PLACE, Meeting, MeetingRecord, MeetingState

COUNTS_AS_TALK = (MeetingState.CONFIRMED, *TOOK_PLACE)
Rest = tuple[date, date]  # first and last day


@dataclass(frozen=True)
class Month:
    """One calendar month, on the recipient's clocks. ``talks`` are planned or took place, earliest first."""

    first_day: date
    talks: tuple[Meeting, ...] = ()
    is_past: bool = False  # its last day is over
    is_resting: bool = False  # the half-year rested on a day of it

    @property
    def is_empty(self) -> bool:
        """No talk, and no rest that would explain it."""
        return not self.talks and not self.is_resting

    @property
    def last_day(self) -> date:
        return add_months(self.first_day, 1) - timedelta(days=1)

    @property
    def key(self) -> str:
        """``2026-11``: its name in forms and addresses."""
        return f"{self.first_day:%Y-%m}"


def months_of(session: Session, engagement: Engagement, *, now: datetime) -> list[Month]:
    """As many months as the programme has (and those that a rest added), from the month of the first talk on.

    A month outside that span is added where a talk is in it. Empty for a programme of single talks.
    """
    return months_of_many(session, [engagement], now=now)[engagement.id]


def months_of_many(
    session: Session, engagements: Sequence[Engagement], *, now: datetime
) -> dict[int, list[Month]]:
    """``months_of`` for each engagement's id, in two queries; load ``programme`` and ``recipient`` with them."""
    ids = [engagement.id for engagement in engagements]
    talks, rests = _talks_of(session, ids), _pauses_of(session, ids)
    return {
        engagement.id: _months(engagement, talks[engagement.id], rests[engagement.id], now)
        for engagement in engagements
    }


def lay_out_months(
    first: date, last: date, talks: Iterable[Meeting], rests: Sequence[Rest], *, zone: Zone, today: date
) -> list[Month]:
    """Every month from that of ``first`` to that of ``last``, widened to where a talk is."""
    by_month: dict[date, list[Meeting]] = defaultdict(list)
    for talk in sorted(talks, key=lambda each: each.starts_at):
        by_month[_month(local_date(talk.starts_at, zone))].append(talk)
    begin, end = min([_month(first), *by_month]), max([_month(last), *by_month])
    months = []
    while begin <= end:
        after = add_months(begin, 1)
        is_resting = any(since < after and until >= begin for since, until in rests)
        months.append(Month(begin, tuple(by_month[begin]), after <= today, is_resting))
        begin = after
    return months


def promise_of(
    session: Session, engagement: Engagement, *, since: datetime | None = None
) -> MeetingRecord | None:
    """The latest 次の約束 that was written down, with its meeting.

    ``since`` leaves out talks before it, for a supporter who came later and may not read them.
    """
    query = (
        select(MeetingRecord)
        .join(Meeting)
        .where(Meeting.engagement_id == engagement.id, MeetingRecord.next_promise != "")
        .options(joinedload(MeetingRecord.meeting))
        .order_by(Meeting.starts_at.desc())
    )
    if since is not None:
        query = query.where(Meeting.starts_at >= since)
    return session.scalar(query.limit(1))


def add_months(day: date, number: int) -> date:
    """The same day of a later month; of a shorter month its last day."""
    months = day.year * 12 + day.month - 1 + number
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))


def _months(
    engagement: Engagement, talks: Sequence[Meeting], pauses: Sequence[Pause], now: datetime
) -> list[Month]:
    length, zone = engagement.programme.months, engagement.recipient.zone
    if length == 0:
        return []
    today = local_date(now, zone)
    first = engagement.begins_on or (local_date(talks[0].starts_at, zone) if talks else today)
    ends = engagement.ends_on or add_months(first, length)
    last = max(
        _month(first), add_months(_month(ends), -1)
    )  # the half month at the end asks for no talk of its own
    rests = [_rest(pause, zone, today) for pause in pauses]
    return lay_out_months(first, last, talks, rests, zone=zone, today=today)


def _rest(pause: Pause, zone: Zone, today: date) -> Rest:
    """One that goes on rests until it is expected to end, and today at least."""
    until = local_date(pause.until, zone) if pause.until else max(today, pause.expected_until or today)
    return local_date(pause.since, zone), until


def _month(day: date) -> date:
    return day.replace(day=1)


def _talks_of(session: Session, ids: Sequence[int]) -> dict[int, list[Meeting]]:
    query = select(Meeting).where(Meeting.engagement_id.in_(ids), Meeting.state.in_(COUNTS_AS_TALK))
    found: dict[int, list[Meeting]] = defaultdict(list)
    for meeting in session.scalars(query.order_by(Meeting.starts_at)):
        found[meeting.engagement_id].append(meeting)
    return found


def _pauses_of(session: Session, ids: Sequence[int]) -> dict[int, list[Pause]]:
    found: dict[int, list[Pause]] = defaultdict(list)
    for pause in session.scalars(select(Pause).where(Pause.engagement_id.in_(ids)).order_by(Pause.id)):
        found[pause.engagement_id].append(pause)
    return found
