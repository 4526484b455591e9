"""Whether supporters gave an hour, worked out again from rows, quarter by quarter: no bit sets, and no query's word."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mentorlink.core.business_time import is_holiday
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Engagement, EngagementSupporter, Side
from mentorlink.people.models import Receiving, Supporter
from mentorlink.scheduling.models import (
    AvailabilityException,
    Meeting,
    Occupancy,
    OccupancyKind,
    OfferedSlot,
    OfferState,
    SlotOffer,
    WeeklyWindow,
)
from tests.scheduling.lifecycle.comparing import Row, Rows

QUARTER = timedelta(minutes=15)


class Given:
    """Looks at each offer, choice and move once: at the instant at which it was made."""

    def __init__(self, minutes: dict[int, int]):
        self.minutes = minutes  # of a talk, per programme
        self.offered: set[int] = set()
        self.chosen: set[int] = set()
        self.places: dict[int, datetime] = {}  # meeting → where it stood

    def look(self, rows: Rows, zones: dict[int, str], now: datetime) -> Iterator[str]:
        self.rows, self.zones, self.now = rows, zones, now
        for offer in rows[SlotOffer]:
            if offer.id not in self.offered:
                self.offered.add(offer.id)
                yield from self._wrong_offer(offer)
            if offer.state == OfferState.CHOSEN and offer.id not in self.chosen:
                self.chosen.add(offer.id)
                yield from self._wrong_choice(offer)
        movers = {
            each.row_id: each.by for each in rows[StateChange] if each.why == "moved"
        }  # the latest of each
        for meeting in rows[Meeting]:
            before = self.places.get(meeting.id, meeting.starts_at)
            self.places[meeting.id] = meeting.starts_at
            if before != meeting.starts_at and movers[meeting.id] != Side.OFFICE:
                yield from self._wrong_place(meeting, before, movers[meeting.id])

    def _wrong_offer(self, offer: Row) -> Iterator[str]:
        """Everybody gave every hour of it and had room for it; nothing else was there."""
        engagement = self.engagement(offer.engagement_id)
        length, own = timedelta(minutes=self.minutes[engagement.programme_id]), f"offer:{offer.id}"
        for start in (each.starts_at for each in self.rows[OfferedSlot] if each.offer_id == offer.id):
            end = start + length
            wrong = list(self.clashes(engagement.recipient_id, start, end, own))
            for each in self.team(engagement.id):
                rest = timedelta(minutes=each.buffer_minutes)
                wrong += self.not_given(each, start, end)
                wrong += self.clashes(each.person_id, start, end + rest, own)
                wrong += self.too_many(each, start, [*self.taken(each.person_id, own), start])
                if start < self.now + timedelta(hours=each.notice_hours):
                    wrong.append(f"supporter {each.id} wants {each.notice_hours} hours' notice")
            yield from (f"offer {offer.id} has {start}: {each}" for each in wrong)

    def _wrong_choice(self, offer: Row) -> Iterator[str]:
        hours = {each.starts_at for each in self.rows[OfferedSlot] if each.offer_id == offer.id}
        made = [each for each in self.rows[Meeting] if each.engagement_id == offer.engagement_id]
        if not made or made[-1].starts_at not in hours:
            yield f"offer {offer.id} is chosen, and no meeting stands there"
            return
        yield from self._wrong_place(made[-1])

    def _wrong_place(self, meeting: Row, before: datetime | None = None, mover: str = "") -> Iterator[str]:
        """One of the two sides put it there, from ``before`` if it was moved: every supporter still gives that hour,
        and has room for it, unless it is the only one who moved it.
        """
        team, start = self.team(meeting.engagement_id), meeting.starts_at
        for each in team:
            wrong = list(self.not_given(each, start, meeting.ends_at))
            if mover != Side.SUPPORTER or len(team) > 1:
                wrong += self.too_many(each, start, self.taken(each.person_id), before)
            yield from (f"meeting {meeting.id} was put at {start}: {said}" for said in wrong)

    # ---- one supporter, one hour

    def said_no(self, supporter: Row, start: datetime, end: datetime) -> Iterator[str]:
        """A pause, or a day that they took out of their week; not what lies just outside of it."""
        for local in self._quarters(supporter, start, end):
            if _is_paused(supporter, local) or self._word(supporter, local) is False:
                yield f"supporter {supporter.id} said no to {local}"

    def not_given(self, supporter: Row, start: datetime, end: datetime) -> Iterator[str]:
        for local in self._quarters(supporter, start, end):
            word = self._word(supporter, local)
            if _is_paused(supporter, local) or not (
                self._in_week(supporter, local) if word is None else word
            ):
                yield f"supporter {supporter.id} does not give {local}"

    def _quarters(self, supporter: Row, start: datetime, end: datetime) -> Iterator[datetime]:
        clocks = ZoneInfo(self.zones[supporter.person_id])
        while start < end:
            yield start.astimezone(clocks)
            start += QUARTER

    def _word(self, supporter: Row, local: datetime) -> bool | None:
        """What they said of that day, or that it is a holiday which they keep; None where their week counts."""
        day, minute = local.date(), _minute(local)
        for each in self.rows[AvailabilityException]:
            if (each.supporter_id, each.day) == (supporter.id, day) and _lies_in(each, minute):
                return bool(each.is_free)
        return False if is_holiday(day) and not supporter.free_on_holidays else None

    def _in_week(self, supporter: Row, local: datetime) -> bool:
        return any(
            (each.supporter_id, each.weekday) == (supporter.id, local.weekday())
            and _lies_in(each, _minute(local))
            for each in self.rows[WeeklyWindow]
        )

    def too_many(
        self, supporter: Row, start: datetime, starts: Iterable[datetime], before: datetime | None = None
    ) -> Iterator[str]:
        """``starts`` has ``start`` itself. Whoever moves within a full week, or month, makes it no fuller."""
        clocks = ZoneInfo(self.zones[supporter.person_id])
        for name, most in (("week", supporter.capacity_week), ("month", supporter.capacity_month)):
            here = _period(name, start, clocks)
            number = sum(_period(name, each, clocks) == here for each in starts)
            if number > most and (before is None or _period(name, before, clocks) != here):
                yield f"supporter {supporter.id} has {number} of {most} in that {name}"

    def clashes(self, person_id: int, start: datetime, end: datetime, source: str) -> Iterator[str]:
        for each in self._spans(person_id, source):
            if each.starts_at < end and start < each.ends_at:
                yield f"{each.source} is there"

    def taken(self, person_id: int, source: str = "") -> list[datetime]:
        return [each.starts_at for each in self._spans(person_id, source)]

    def _spans(self, person_id: int, source: str) -> Iterator[Row]:
        """Without ``source``, and without offers that are younger: a job makes several in one step."""
        own, _, number = source.partition(":")
        for each in self.rows[Occupancy]:
            concept, _, other = each.source.partition(":")
            is_left_out = each.source == source or (own == concept == "offer" and int(other) > int(number))
            lasts = each.kind == OccupancyKind.CONFIRMED or each.expires_at > self.now
            if each.person_id == person_id and lasts and not is_left_out:
                yield each

    def engagement(self, engagement_id: int) -> Row:
        return next(each for each in self.rows[Engagement] if each.id == engagement_id)

    def team(self, engagement_id: int) -> list[Row]:
        places = self.rows[EngagementSupporter]
        ids = {each.supporter_id for each in places if each.engagement_id == engagement_id and not each.until}
        return [each for each in self.rows[Supporter] if each.id in ids]


def _is_paused(supporter: Row, local: datetime) -> bool:
    until = supporter.paused_until
    return supporter.receiving == Receiving.PAUSED and (until is None or local.date() <= until)


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _lies_in(window: Row, minute: int) -> bool:
    return bool(window.start_minute <= minute < window.end_minute)


def _period(name: str, instant: datetime, clocks: ZoneInfo) -> tuple[int, int]:
    day = instant.astimezone(clocks).date()
    return day.isocalendar()[:2] if name == "week" else (day.year, day.month)
