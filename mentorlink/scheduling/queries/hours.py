"""Which hours both sides could meet at, and what is already taken. Half-hour steps, real minutes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from mentorlink.applications.models import Application, DayPart, TimesKind
from mentorlink.core.dates import Zone, local_date, zone_info
from mentorlink.engagements.models import Engagement, EngagementSupporter
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.reasons import Sentence, applicant_reasons
from mentorlink.people.models import Consent, Person, Purpose, Supporter
from mentorlink.scheduling.models import (
    Meeting,
    MeetingState,
    Occupancy,
    OccupancyKind,
    OfferState,
    SlotOffer,
    WeeklyWindow,
)

STEP = timedelta(minutes=30)
PARTS = {DayPart.MORNING: (9, 12), DayPart.AFTERNOON: (12, 17), DayPart.EVENING: (17, 21)}
Span = tuple[datetime, datetime]
Week = tuple[int, int]


@dataclass(frozen=True)
class Taken:
    """The spans of one person, and how many meetings of a supporter lie in each ISO week."""

    spans: tuple[Span, ...] = ()
    weeks: tuple[Week, ...] = ()
    zone: str = "Asia/Tokyo"

    def and_also(self, start: datetime, end: datetime) -> "Taken":
        return Taken((*self.spans, (start, end)), (*self.weeks, _week(start, self.zone)), self.zone)

    def clashes(self, start: datetime, end: datetime) -> bool:
        return any(begins < end and start < ends for begins, ends in self.spans)


def common_starts(
    session: Session, application: Application, supporter: Supporter, *, now: datetime
) -> list[datetime] | None:
    """When the two could begin a meeting of the programme's length, earliest first; None is 時間は相談."""
    return common_starts_of_many(session, application, [supporter], now=now)[supporter.id]


def common_starts_of_many(
    session: Session, application: Application, supporters: Sequence[Supporter], *, now: datetime
) -> dict[int, list[datetime] | None]:
    """``common_starts`` for each supporter's id, in two queries however many there are."""
    if is_by_talk(application):
        return {supporter.id: None for supporter in supporters}
    windows = windows_of_many(session, [supporter.id for supporter in supporters])
    people = [supporter.person_id for supporter in supporters] + [application.person_id or 0]
    taken = _taken(session, people, now)
    between = _horizon(application, now)
    return {
        supporter.id: _starts(application, [supporter], windows, taken, between) for supporter in supporters
    }


def team_starts(
    session: Session,
    engagement: Engagement,
    *,
    now: datetime,
    ignoring: str = "",
    until: datetime | None = None,
) -> list[datetime]:
    """When the recipient and the whole team could meet. ``ignoring`` is the source of spans to be given up.

    ``until`` looks further (or less far) than the programme's horizon. For 時間は相談 these are the team's own hours:
    an offer says more than a question.
    """
    supporters = team_of(engagement)
    windows = windows_of_many(session, [supporter.id for supporter in supporters])
    people = [supporter.person_id for supporter in supporters] + [engagement.recipient_id]
    taken = _taken(session, people, now, ignoring)
    between = (now, until) if until else _horizon(engagement.application, now)
    return _starts(engagement.application, supporters, windows, taken, between)


def free_among(
    session: Session, engagement: Engagement, starts: Iterable[datetime], *, now: datetime
) -> list[datetime]:
    """Those of ``starts``, earliest first, that can all be booked together: nobody taken, no supporter's week full."""
    team = team_of(engagement)
    taken = _taken(session, [engagement.recipient_id, *(each.person_id for each in team)], now)
    length = timedelta(minutes=engagement.programme.meeting_minutes)
    free: list[datetime] = []
    for start in sorted(starts):
        if taken[engagement.recipient_id].clashes(start, start + length):
            continue
        if all(_suits(each, taken[each.person_id], start, length) for each in team):
            free.append(start)
            taken = {person: spans.and_also(start, start + length) for person, spans in taken.items()}
    return free


def team_of(engagement: Engagement) -> list[Supporter]:
    return [place.supporter for place in engagement.supporters if place.until is None]


def is_by_talk(application: Application) -> bool:
    return application.times_kind is TimesKind.BY_TALK or not application.times


def windows_of_many(session: Session, supporter_ids: Iterable[int]) -> dict[int, list[WeeklyWindow]]:
    found: dict[int, list[WeeklyWindow]] = defaultdict(list)
    query = select(WeeklyWindow).where(WeeklyWindow.supporter_id.in_(list(supporter_ids)))
    for window in session.scalars(query.order_by(WeeklyWindow.weekday, WeeklyWindow.start_minute)):
        found[window.supporter_id].append(window)
    return found


def windows_of(session: Session, supporter: Supporter) -> list[WeeklyWindow]:
    return windows_of_many(session, [supporter.id])[supporter.id]


def week_is_full(session: Session, supporter: Supporter, start: datetime, now: datetime) -> bool:
    """Whether the supporter's ISO week of ``start`` holds as many meetings as they want in a week."""
    weeks = _taken(session, [supporter.person_id], now)[supporter.person_id].weeks
    return weeks.count(_week(start, supporter.person.zone)) >= supporter.capacity_week


def open_offer(session: Session, engagement_id: int) -> SlotOffer | None:
    """The latest offer that still waits for a choice."""
    query = select(SlotOffer).where(
        SlotOffer.engagement_id == engagement_id, SlotOffer.state == OfferState.OPEN
    )
    return session.scalar(query.order_by(SlotOffer.id.desc()).limit(1))


def offered_before(session: Session, engagement_id: int) -> set[datetime]:
    """Every hour that the applicant of this engagement has seen."""
    offers = session.scalars(select(SlotOffer).where(SlotOffer.engagement_id == engagement_id))
    return {slot.starts_at for offer in offers for slot in offer.slots}


def next_meeting(session: Session, engagement_id: int, *, after: datetime | None = None) -> Meeting | None:
    """The confirmed meeting that comes first; of those that end ``after``, where nobody wrote of an earlier one."""
    query = select(Meeting).where(
        Meeting.engagement_id == engagement_id, Meeting.state == MeetingState.CONFIRMED
    )
    if after is not None:
        query = query.where(Meeting.ends_at > after)
    return session.scalar(query.order_by(Meeting.starts_at).limit(1))


def latest_meeting(session: Session, engagement_id: int) -> Meeting | None:
    query = select(Meeting).where(Meeting.engagement_id == engagement_id)
    return session.scalar(query.order_by(Meeting.starts_at.desc()).limit(1))


def meetings_of_supporter(session: Session, supporter: Supporter, *, since: datetime) -> list[Meeting]:
    """Confirmed and unrecorded meetings that end after ``since``, earliest first, with their people."""
    query = (
        select(Meeting)
        .join(EngagementSupporter, EngagementSupporter.engagement_id == Meeting.engagement_id)
        .where(EngagementSupporter.supporter_id == supporter.id, EngagementSupporter.until.is_(None))
        .where(Meeting.state.in_((MeetingState.CONFIRMED, MeetingState.HELD)), Meeting.ends_at > since)
        .options(joinedload(Meeting.engagement).joinedload(Engagement.recipient))
    )
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def may_share_number(session: Session, person: Person) -> bool:
    """Whether the person agreed that the supporter learns what they need to reach them."""
    query = select(Consent.id).where(
        Consent.person_id == person.id,
        Consent.purpose == Purpose.SHARE_WITH_SUPPORTER,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(query) is not None


def partner_reasons(application: Application, supporter: Supporter) -> tuple[Sentence, ...]:
    """What to tell the applicant about this supporter: sentences, never a number."""
    applicant = ApplicantFacts(
        id=application.id,
        prefecture=application.prefecture,
        stage=application.stage,
        themes=frozenset(application.codes("theme")),
        targets=frozenset(application.codes("target")),
        anyone=application.any_target,
        categories=tuple(application.codes("category")),
        modes=frozenset(application.codes("mode")),
        accommodations=frozenset(application.codes("accommodation")),
        prefer=frozenset(application.codes("preference")),
    )
    return applicant_reasons(applicant, _supporter_facts(supporter))


def choose_three(starts: Sequence[datetime], minutes: int, zone: Zone) -> list[datetime]:
    return choose_good(starts, minutes, zone, 3)


def choose_good(starts: Sequence[datetime], minutes: int, zone: Zone, number: int) -> list[datetime]:
    """Up to ``number`` good ones: other days and other parts of the day where there are any, earliest first."""
    chosen: list[datetime] = []
    while len(chosen) < number:
        rest = [
            start for start in starts if all(abs(start - one) >= timedelta(minutes=minutes) for one in chosen)
        ]
        if not rest:
            break
        chosen.append(min(rest, key=lambda start: (_likeness(start, chosen, zone), start)))
    return sorted(chosen)


def part_of(start: datetime, zone: Zone) -> str:
    """``morning``, ``day`` or ``evening``, as the drawings name them."""
    hour = start.astimezone(zone_info(zone)).hour
    return "morning" if hour < 12 else "day" if hour < 17 else "evening"


def _likeness(start: datetime, chosen: list[datetime], zone: Zone) -> tuple[bool, bool]:
    same_day = local_date(start, zone) in {local_date(one, zone) for one in chosen}
    return same_day, part_of(start, zone) in {part_of(one, zone) for one in chosen}


def _supporter_facts(supporter: Supporter) -> SupporterFacts:
    return SupporterFacts(
        id=supporter.id,
        prefecture=supporter.prefecture,
        setting=supporter.setting,
        legal_form=supporter.legal_form,
        themes=frozenset(supporter.codes("theme")),
        targets=frozenset(supporter.codes("target")),
        anyone=supporter.any_target,
        skills=supporter.skills,
        stages=frozenset(supporter.codes("stage")),
        modes=frozenset(supporter.codes("mode")),
        accommodations=frozenset(supporter.codes("accommodation")),
        funding=frozenset(supporter.codes("funding")),
    )


def _taken(
    session: Session, person_ids: Iterable[int], now: datetime, ignoring: str = ""
) -> dict[int, Taken]:
    """What is confirmed or still held, per person."""
    query = select(Occupancy.person_id, Occupancy.starts_at, Occupancy.ends_at).where(
        Occupancy.person_id.in_(set(person_ids)),
        Occupancy.source != ignoring,
        (Occupancy.kind == OccupancyKind.CONFIRMED) | (Occupancy.expires_at > now),
    )
    spans: dict[int, list[Span]] = defaultdict(list)
    for person_id, starts_at, ends_at in session.execute(query):
        spans[person_id].append((starts_at, ends_at))
    zones = _zones(session, person_ids)
    return {
        person_id: Taken(
            tuple(spans[person_id]),
            tuple(_week(start, zone) for start, _end in spans[person_id]),
            zone,
        )
        for person_id, zone in zones.items()
    }


def _zones(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.zone).where(Person.id.in_(set(person_ids))))
    return {person_id: zone for person_id, zone in rows}  # noqa: C416 - a Row is no pair for mypy


def _starts(
    application: Application,
    supporters: Sequence[Supporter],
    windows: dict[int, list[WeeklyWindow]],
    taken: dict[int, Taken],
    between: Span,
) -> list[datetime]:
    length = timedelta(minutes=application.programme.meeting_minutes)
    notice = timedelta(hours=max((supporter.notice_hours for supporter in supporters), default=0))
    first, last = between[0] + notice, between[1]
    sets = [
        {
            start
            for start in _window_starts(
                windows.get(supporter.id, []), supporter.person.zone, first, last, length
            )
            if _suits(supporter, taken.get(supporter.person_id, Taken()), start, length)
        }
        for supporter in supporters
    ]
    mine = taken.get(application.person_id or 0, Taken())
    free = set.intersection(*sets) if sets else set()
    return sorted(
        start
        for start in free
        if not mine.clashes(start, start + length) and _suits_applicant(application, start, length)
    )


def _horizon(application: Application, now: datetime) -> Span:
    return now, now + timedelta(days=application.programme.horizon_days)


def _suits(supporter: Supporter, taken: Taken, start: datetime, length: timedelta) -> bool:
    buffer = timedelta(minutes=supporter.buffer_minutes)
    if taken.clashes(start, start + length + buffer):
        return False
    return taken.weeks.count(_week(start, supporter.person.zone)) < supporter.capacity_week


def _suits_applicant(application: Application, start: datetime, length: timedelta) -> bool:
    """The whole meeting lies in parts of the day that the applicant ticked."""
    if is_by_talk(application):
        return True
    zone = zone_info(application.person.zone) if application.person else zone_info("Asia/Tokyo")
    hours = {(each.weekday, hour) for each in application.times for hour in range(*PARTS[each.part])}
    local = [instant.astimezone(zone) for instant in (start, start + length - timedelta(minutes=1))]
    return all((one.weekday(), one.hour) in hours for one in local)


def _window_starts(
    windows: Sequence[WeeklyWindow], zone: Zone, first: datetime, last: datetime, length: timedelta
) -> Iterable[datetime]:
    day, last_day = local_date(first, zone), local_date(last, zone)
    while day <= last_day:
        for window in windows:
            if window.weekday == day.weekday():
                start = _instant(day, window.start_minute, zone)
                end = _instant(day, window.end_minute, zone)
                while start + length <= end:
                    if first <= start <= last:
                        yield start
                    start += STEP
        day += timedelta(days=1)


def _instant(day: date, minute: int, zone: Zone) -> datetime:
    """UTC; an hour that the clocks skip is moved behind the gap, of one shown twice the first is meant."""
    from_midnight = datetime.combine(day, time(), zone_info(zone)) + timedelta(minutes=minute)
    return from_midnight.astimezone(UTC)


def _week(start: datetime, zone: Zone) -> Week:
    year, week, _weekday = local_date(start, zone).isocalendar()
    return year, week


def free_weeks_of_many(
    session: Session, supporters: Sequence[Supporter], minutes: int, days: int, *, now: datetime
) -> dict[int, list[tuple[int, list[datetime]]]]:
    """Per supporter's id: for each week of the next ``days``, how many talks of ``minutes`` it has room for, and when."""
    windows = windows_of_many(session, [each.id for each in supporters])
    taken = _taken(session, [each.person_id for each in supporters], now)
    length, last = timedelta(minutes=minutes), now + timedelta(days=days)
    found = {}
    for each in supporters:
        zone, mine = each.person.zone, taken[each.person_id]
        first = now + timedelta(hours=each.notice_hours)
        weeks: dict[Week, list[datetime]] = defaultdict(list)
        for start in sorted(set(_window_starts(windows.get(each.id, []), zone, first, last, length))):
            if _suits(each, mine, start, length):
                weeks[_week(start, zone)].append(start)
        found[each.id] = [
            (each.capacity_week - mine.weeks.count(week), starts) for week, starts in weeks.items()
        ]
    return found


def suited_starts_of_many(
    session: Session, applications: Sequence[Application], starts: Iterable[datetime], *, now: datetime
) -> dict[int, list[datetime] | None]:
    """Per application's id: those of ``starts`` that suit the applicant; None is 時間は相談."""
    taken = _taken(session, [each.person_id or 0 for each in applications], now)
    found: dict[int, list[datetime] | None] = {}
    known = sorted(starts)
    for each in applications:
        length = timedelta(minutes=each.programme.meeting_minutes)
        mine = taken.get(each.person_id or 0, Taken())
        suited = (one for one in known if _suits_applicant(each, one, length))
        free = [one for one in suited if not mine.clashes(one, one + length)]
        found[each.id] = None if is_by_talk(each) else free
    return found
