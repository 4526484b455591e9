"""Days to come and times of day as people say them: あした, 30日, 11/30, 夜の7時, 7pm."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, time, timedelta

from mentorlink.core.dates import WEEKDAY, BadDate, check_weekday, hour_of_day, parse_date, tidy_text

_NEAR = {
    "きょう": 0, "今日": 0, "本日": 0, "today": 0,
    "あした": 1, "あす": 1, "明日": 1, "tomorrow": 1,
    "あさって": 2, "明後日": 2, "しあさって": 3,
}  # fmt: skip
_NEAR_DAY = re.compile(rf"(?P<near>{'|'.join(_NEAR)}){WEEKDAY}", re.IGNORECASE)
_DAY_OF_MONTH = re.compile(rf"(?P<day>\d{{1,2}})日{WEEKDAY}")
_MONTH_AND_DAY = re.compile(rf"(?P<month>\d{{1,2}})(?:月|[-/.])(?P<day>\d{{1,2}})日?{WEEKDAY}")
_TIME = re.compile(
    r"(?P<part>午前|午後|朝|お昼|昼|夕方|夜|晩)?の?"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)|(?P<oclock>時)(?:(?P<minutes>\d{1,2})分|(?P<half>半))?)?"
    r"(?P<after>[ap]\.?m\.?)?(?:から|[~〜])?",
    re.IGNORECASE,
)
_MORNING, _NOON, _EVENING, _NIGHT = range(4, 12), range(10, 16), range(15, 20), range(17, 24)
_PARTS = {"朝": _MORNING, "お昼": _NOON, "昼": _NOON, "夕方": _EVENING, "夜": _NIGHT, "晩": _NIGHT}
FAR = timedelta(days=300)  # beyond, a day without its year is more likely one of the last weeks


class EitherTime(ValueError):
    """A mere 7 is one of two times of day: ``choices``, the earlier first."""

    def __init__(self, choices: tuple[time, time]):
        super().__init__("either_time")
        self.choices = choices


def parse_coming_date(text: str, today: date) -> date:
    """``parse_date``, and without a year, or a month, the next such day from ``today`` on; きょう and あした.

    Raises what ``parse_date`` raises, and BadDate ``date_which_year`` for what may rather be a day that is just over.
    """
    tidy = tidy_text(text)
    if match := _NEAR_DAY.fullmatch(tidy):
        day = today + timedelta(days=_NEAR[match["near"].lower()])
    elif match := _DAY_OF_MONTH.fullmatch(tidy):
        number = int(match["day"])
        day = _next(
            today, range(today.month, today.month + 3), lambda month: _in_month(today.year, month, number)
        )
    elif match := _MONTH_AND_DAY.fullmatch(tidy):
        month, number = int(match["month"]), int(match["day"])
        day = _next(today, (today.year, today.year + 1), lambda year: date(year, month, number))
        if day - today > FAR:
            raise BadDate("date_which_year")
    else:
        return parse_date(text)
    check_weekday(day, match["weekday"])
    return day


def parse_time(text: str) -> time:
    """``19:00``, ``19時半``, ``午後7時30分``, ``夜の7時``, ``7pm``, ``正午``, full-width too.

    Raises EitherTime on a mere ``7``, and BadDate: ``time_format``, ``time_not_real`` (24:00) or ``time_half`` (午前13時, and
    夜12時, which is of two days).
    """
    tidy = tidy_text(text)
    if tidy in ("正午", "noon"):
        return time(12)
    match = _TIME.fullmatch(tidy)
    if match is None:
        raise BadDate("time_format")
    hour, minute = (
        int(match["hour"]),
        int(match["minute"] or match["minutes"] or (30 if match["half"] else 0)),
    )
    if hour > 23 or minute > 59:
        raise BadDate("time_not_real")
    part = match["part"] or (match["after"] or "")[:1].lower()
    is_mere = not (part or match["minute"] or match["oclock"])
    if is_mere and 1 <= hour <= 11:
        raise EitherTime((time(hour), time(hour + 12)))
    return time(_hour_in(part, hour), minute)


def _hour_in(part: str, hour: int) -> int:
    if part in ("午後", "p") and hour > 12:
        return hour
    if part in ("午前", "午後", "a", "p"):
        return _half(hour, afternoon=part in ("午後", "p"))
    if not part:
        return hour
    fitting = [each for each in (hour, hour + 12) if each in _PARTS[part]]
    if not fitting:
        raise BadDate("time_half")
    return fitting[0]


def _half(hour: int, *, afternoon: bool) -> int:
    if hour > 12:
        raise BadDate("time_half")
    return hour_of_day(hour, afternoon=afternoon)


def _next(today: date, numbers: range | tuple[int, ...], day_of: Callable[[int], date]) -> date:
    """The first of the real days that is not over."""
    for number in numbers:
        with suppress(ValueError):
            if (day := day_of(number)) >= today:
                return day
    raise BadDate("date_not_real")


def _in_month(year: int, month: int, day: int) -> date:
    """``month`` may run on into the next year."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, day)
