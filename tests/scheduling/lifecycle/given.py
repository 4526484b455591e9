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
            if before != meeting.starts_at and movers[meeting.id] == Side.APPLICANT:
                yield from self._wrong_place(meeting, before)

    def _wrong_offer(self, offer: Row) -> Iterator[str]:
        """Everybody gave every hour of it and had room for it; nothing else was there."""
        engagement = self._engagement(offer.engagement_id)
        length = timedelta(minutes=self.minutes[engagement.programme_id])
        for start in (each.starts_at for each in self.rows[OfferedSlot] if each.offer_id == offer.id):
            end = start + length
            wrong = list(self._clashes(engagement.recipient_id, start, end, offer.id))
            for each in self._team(engagement.id):
                rest = timedelta(minutes=each.buffer_minutes)
                wrong += self._not_given(each, start, end)
                wrong += self._clashes(each.person_id, start, end + rest, offer.id)
                wrong += self._too_many(each, start, [*self._taken(each.person_id, offer.id), start])
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

    def _wrong_place(self, meeting: Row, before: datetime | None = None) -> Iterator[str]:
        """An applicant put it there (from ``before``, where it was moved): every supporter still gives that hour."""
        for each in self._team(meeting.engagement_id):
            start = meeting.starts_at
            wrong = list(self._not_given(each, start, meeting.ends_at))
            wrong += self._too_many(each, start, self._taken(each.person_id), before)
            yield from (f"meeting {meeting.id} was put at {start}: {said}" for said in wrong)

    # ---- one supporter, one hour

    def _not_given(self, supporter: Row, start: datetime, end: datetime) -> Iterator[str]:
        clocks = ZoneInfo(self.zones[supporter.person_id])
        while start < end:
            local = start.astimezone(clocks)
            if _is_paused(supporter, local) or not self._is_given(supporter, local):
                yield f"supporter {supporter.id} does not give {local}"
                return
            start += QUARTER

    def _is_given(self, supporter: Row, local: datetime) -> bool:
        day, minute = local.date(), local.hour * 60 + local.minute
        said = [
            each.is_free
            for each in self.rows[AvailabilityException]
            if (each.supporter_id, each.day) == (supporter.id, day)
            and each.start_minute <= minute < each.end_minute
        ]
        if said or (is_holiday(day) and not supporter.free_on_holidays):
            return said == [True]
        return any(
            each.start_minute <= minute < each.end_minute
            for each in self.rows[WeeklyWindow]
            if (each.supporter_id, each.weekday) == (supporter.id, day.weekday())
        )

    def _too_many(
        self, supporter: Row, start: datetime, starts: Iterable[datetime], before: datetime | None = None
    ) -> Iterator[str]:
        """``starts`` has ``start`` itself. Whoever moves within a full week, or month, makes it no fuller."""
        clocks = ZoneInfo(self.zones[supporter.person_id])
        for name, most in (("week", supporter.capacity_week), ("month", supporter.capacity_month)):
            here = _period(name, start, clocks)
            number = sum(_period(name, each, clocks) == here for each in starts)
            if number > most and (before is None or _period(name, before, clocks) != here):
                yield f"supporter {supporter.id} has {number} of {most} in that {name}"

    def _clashes(self, person_id: int, start: datetime, end: datetime, offer_id: int) -> Iterator[str]:
        for each in self._spans(person_id, offer_id):
            if each.starts_at < end and start < each.ends_at:
                yield f"{each.source} is there"

    def _taken(self, person_id: int, offer_id: int | None = None) -> list[datetime]:
        return [each.starts_at for each in self._spans(person_id, offer_id)]

    def _spans(self, person_id: int, offer_id: int | None) -> Iterator[Row]:
        """With ``offer_id`` what was there when that offer was made: a job makes several in one step."""
        for each in self.rows[Occupancy]:
            concept, _, number = each.source.partition(":")
            is_later = offer_id is not None and concept == "offer" and int(number) >= offer_id
            lasts = each.kind == OccupancyKind.CONFIRMED or each.expires_at > self.now
            if each.person_id == person_id and lasts and not is_later:
                yield each

    def _engagement(self, engagement_id: int) -> Row:
        return next(each for each in self.rows[Engagement] if each.id == engagement_id)

    def _team(self, engagement_id: int) -> list[Row]:
        places = self.rows[EngagementSupporter]
        ids = {each.supporter_id for each in places if each.engagement_id == engagement_id and not each.until}
        return [each for each in self.rows[Supporter] if each.id in ids]


def _is_paused(supporter: Row, local: datetime) -> bool:
    until = supporter.paused_until
    return supporter.receiving == Receiving.PAUSED and (until is None or local.date() <= until)


def _period(name: str, instant: datetime, clocks: ZoneInfo) -> tuple[int, int]:
    day = instant.astimezone(clocks).date()
    return day.isocalendar()[:2] if name == "week" else (day.year, day.month)
