"""Days that differ from the week, and on what terms the hours are given."""

import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import available_timezones

from flask import abort, request
from wtforms import HiddenField
from wtforms.validators import ValidationError

from mentorlink.core.dates import (
    TimeFold,
    TimeGap,
    format_short_date,
    format_time,
    localise,
    zone_info,
)
from mentorlink.core.forms import Check, Choice, ComingDay, DayLine, HouseForm, ListChoice, TextLine
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.messages import message_of
from mentorlink.people.forms import RECEIVING
from mentorlink.people.models import Receiving, Supporter
from mentorlink.scheduling.forms.hours import single
from mentorlink.scheduling.services import BOUNDS, DAYS_AHEAD, MOST_DAYS, Terms

DAY = 24 * 60
NOTICES = (0, 12, 24, 48, 72, 96, 120, 168, 336)
RESTS = (0, 5, 10, 15, 20, 30, 45, 60, 90, 120)


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def minute_of(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _is_doubled(local: datetime, zone: str) -> bool:
    try:
        localise(local, zone)
    except TimeFold:
        return True
    except TimeGap:
        return False
    return False


def _clocks(first: int, last: int) -> list[tuple[str, str]]:
    return [(str(minute), clock(minute)) for minute in range(first, last + 1, 30)]


class ExceptionForm(HouseForm):
    """A day or some days in a row, whole or in part."""

    kind = Choice(
        lazy("どんな日ですか"),
        choices=[("off", lazy("お休みする")), ("free", lazy("特別に空いている"))],
        default="off",
    )
    first = ComingDay(lazy("日にち"), required=True)
    last = ComingDay(lazy("続くときは、終わりの日"))
    start = ListChoice(
        lazy("何時から"), choices=[("", lazy("一日中")), *_clocks(0, DAY - 30)], required=False
    )
    end = ListChoice(lazy("何時まで"), choices=[("", "—"), *_clocks(30, DAY)], required=False)

    def __init__(self, *args: Any, today: date, zone: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today, self.zone = today, zone
        self.instead: list[
            tuple[str, LazyText]
        ] = []  # for an hour that is none, or two: a tap's value and words
        self.settled: set[str] = set()  # fields whose hour was chosen by a tap
        self.others = single(request.form, "others") if request else ""  # a tap: keep or drop them
        self._take_instead()

    def validate_first(self, field: DayLine) -> None:
        self._check_near(field)

    def validate_last(self, field: DayLine) -> None:
        self._check_near(field)
        if field.day is None or self.first.day is None:
            return
        if field.day < self.first.day:
            raise ValidationError(lazy("はじまりの日より後の日にしてください。"))
        if (field.day - self.first.day).days >= MOST_DAYS:
            raise ValidationError(lazy(message_of("exception_too_long")))

    def validate_start(self, field: ListChoice) -> None:
        if self.is_free and not (field.data or self.end.data):
            raise ValidationError(lazy("「特別に空いている」ときは、何時から何時までかを選んでください。"))

    def validate_end(self, field: ListChoice) -> None:
        if bool(self.start.data) != bool(field.data):
            raise ValidationError(
                lazy("「から」と「まで」の両方を選ぶか、どちらも選ばずに一日中にしてください。")
            )
        if field.data and int(self.start.data) >= int(field.data):
            raise ValidationError(lazy("「まで」は「から」より後の時間にしてください。"))

    def validate(self, extra_validators: object = None) -> bool:
        return super().validate(extra_validators) and (not self.start.data or self._clocks_agree())

    @property
    def days(self) -> tuple[date, date]:
        first = self.first.day or self.today  # it is required
        return first, self.last.day or first

    @property
    def minutes(self) -> tuple[int, int]:
        return (int(self.start.data), int(self.end.data)) if self.start.data else (0, DAY)

    @property
    def asks_of_others(self) -> bool:
        """Of one day, what was said last is meant; over several days, an hour of another kind may be forgotten."""
        return self.days[0] != self.days[1] and self.others not in ("keep", "drop")

    @property
    def is_free(self) -> bool:
        return bool(self.kind.data == "free")

    def _check_near(self, field: DayLine) -> None:
        if field.day is None:
            return
        if field.day < self.today:
            raise ValidationError(lazy("きょうより後の日にしてください。"))
        if field.day > self.today + timedelta(days=DAYS_AHEAD):
            raise ValidationError(lazy(message_of("exception_too_far")))

    def _clocks_agree(self) -> bool:
        """A time that the clocks skip on one of the days offers its neighbours; of one shown twice, it is asked which."""
        first, last = self.days
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for field in (self.start, self.end):
                local = datetime.combine(day, time()) + timedelta(minutes=int(field.data))
                try:
                    localise(local, self.zone)
                except TimeGap as gap:
                    field.errors = [self._gap_words(local, gap)]
                    self.instead = self._neighbours(field, local, gap)
                    return False
                except TimeFold:
                    if field.name not in self.settled:
                        field.errors = [self._fold_words(local)]
                        self.instead = self._either(field, local)
                        return False
        return True

    def _take_instead(self) -> None:
        """The tap on an hour that the form asked for, and those before it."""
        if not request:
            return
        self.settled = {"start", "end"} & set(single(request.form, "settled").split())
        name, _, minute = single(request.form, "instead").partition("-")
        if name in ("start", "end"):
            self[name].data = minute
            self.settled.add(name)

    def _either(self, field: ListChoice, local: datetime) -> list[tuple[str, LazyText]]:
        """The first time that the clocks show it, or when they are past it for good: a row of minutes knows no third."""
        after = local
        while _is_doubled(after, self.zone):
            after += timedelta(minutes=30)
        first, second = minute_of(local), minute_of(after)
        return [
            (f"{field.name}-{first}", lazy("最初の%(time)s", time=clock(first))),
            (f"{field.name}-{second}", lazy("2回目が過ぎた%(time)s", time=clock(second))),
        ]

    def _fold_words(self, local: datetime) -> LazyText:
        return lazy(
            "%(day)sは時計がもどる日で、%(time)sが2回あります。どちらにしますか。",
            day=format_short_date(local.date()),
            time=clock(minute_of(local)),
        )

    def _neighbours(self, field: ListChoice, local: datetime, gap: TimeGap) -> list[tuple[str, LazyText]]:
        shown = [each.astimezone(zone_info(self.zone)) for each in gap.neighbours]
        minutes = [minute_of(each) for each in shown if each.date() == local.date()]
        return [
            (f"{field.name}-{minute}", lazy("%(time)sにして加える", time=clock(minute))) for minute in minutes
        ]

    def _gap_words(self, local: datetime, gap: TimeGap) -> LazyText:
        before, after = (format_time(each, self.zone) for each in gap.neighbours)
        return lazy(
            "%(day)sは時計が先へ進む日で、%(time)sはありません。%(before)sか%(after)sにしてください。",
            day=format_short_date(local.date()),
            time=clock(minute_of(local)),
            before=before,
            after=after,
        )


class NumberLine(TextLine):
    """A whole number between bounds, full-width digits too."""

    def __init__(self, label: LazyText, bounds: tuple[int, int], **kwargs: Any):
        super().__init__(label, 20, required=True, **kwargs)
        self.bounds = bounds
        self.number = 0

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        low, high = self.bounds
        tidy = unicodedata.normalize("NFKC", self.text)
        if not (tidy.isascii() and tidy.isdigit() and low <= int(tidy) <= high):
            raise ValidationError(lazy("%(low)sから%(high)sまでの数で書いてください。", low=low, high=high))
        self.number = int(tidy)


class TermsForm(HouseForm):
    """The terms of the hours. ``terms`` after ``validate()``."""

    seen_terms = HiddenField()
    holidays = Check(lazy("祝日も、いつもの曜日どおり"))
    notice = ListChoice(lazy("お約束のしめきり"))
    rest = ListChoice(lazy("お話しの前後の休み"))
    per_week = NumberLine(lazy("1週間に何回まで"), BOUNDS["capacity_week"])
    per_month = NumberLine(lazy("1か月に何回まで"), BOUNDS["capacity_month"])
    receiving = Choice(lazy("いまの受け付け"), choices=RECEIVING)
    until = ComingDay(lazy("いつまでお休みしますか"))
    zone = TextLine(lazy("時計を合わせる場所"), 60, required=True)

    def __init__(self, *args: Any, supporter: Supporter, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today
        self.notice.choices = [(str(n), notice_words(n)) for n in sorted({*NOTICES, supporter.notice_hours})]
        self.rest.choices = [(str(n), rest_words(n)) for n in sorted({*RESTS, supporter.buffer_minutes})]

    @classmethod
    def of(cls, supporter: Supporter, today: date) -> "TermsForm":
        """A pause that is over shows as 受付中: it ended by itself."""
        rests = not supporter.receives_on(today)
        over = supporter.receiving is Receiving.PAUSED and not rests
        return cls(
            formdata=None,
            supporter=supporter,
            today=today,
            seen_terms=packed(Terms.of(supporter)),
            holidays=supporter.free_on_holidays,
            notice=str(supporter.notice_hours),
            rest=str(supporter.buffer_minutes),
            per_week=str(supporter.capacity_week),
            per_month=str(supporter.capacity_month),
            receiving=(Receiving.OPEN if over else supporter.receiving).value,
            until=supporter.paused_until.isoformat() if supporter.paused_until and rests else "",
            zone=supporter.person.zone,
        )

    def rebase(self, current: Terms) -> None:
        """What was typed, upon what is saved now: sent again, it wins."""
        self.seen_terms.data = packed(current)

    def validate_until(self, field: DayLine) -> None:
        if self.is_paused and field.day is not None and field.day < self.today:
            raise ValidationError(lazy(message_of("pause_in_past")))

    def validate_zone(self, field: TextLine) -> None:
        if field.text not in available_timezones():
            raise ValidationError(lazy("この中からえらんでください。"))

    @property
    def is_paused(self) -> bool:
        return bool(self.receiving.data == Receiving.PAUSED.value)

    @property
    def terms(self) -> Terms:
        return Terms(
            notice_hours=int(self.notice.data),
            buffer_minutes=int(self.rest.data),
            capacity_week=self.per_week.number,
            capacity_month=self.per_month.number,
            free_on_holidays=bool(self.holidays.data),
            zone=self.zone.text,
            receiving=Receiving(self.receiving.data),
            paused_until=self.until.day if self.is_paused else None,
        )

    @property
    def seen(self) -> Terms:
        """The terms from which the change began. Aborts with 400 on what no page of ours carried."""
        return unpacked(self.seen_terms.data or "")


def notice_words(hours: int) -> LazyText:
    if hours == 0:
        return lazy("直前でも")
    if hours % 24:
        return lazy("%(n)s時間前まで", n=hours)
    return lazy("%(n)s日前まで（%(hours)s時間）", n=hours // 24, hours=hours)


def rest_words(minutes: int) -> LazyText:
    return lazy("%(n)s分", n=minutes) if minutes else lazy("なし")


def packed(terms: Terms) -> str:
    until = terms.paused_until.isoformat() if terms.paused_until else ""
    parts = (terms.notice_hours, terms.buffer_minutes, terms.capacity_week, terms.capacity_month)
    return "|".join(map(str, (*parts, int(terms.free_on_holidays), terms.zone, terms.receiving.value, until)))


def unpacked(text: str) -> Terms:
    parts = text.split("|")
    try:
        notice, rest, week, month, holidays = map(int, parts[:5])
        zone, receiving, until = parts[5:]
        day = date.fromisoformat(until) if until else None
        return Terms(notice, rest, week, month, bool(holidays), zone, Receiving(receiving), day)
    except ValueError:
        abort(400)
