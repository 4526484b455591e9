"""Dates as people write and read them, in the current language. Instants are UTC; a zone is an IANA name.

Reading a date or a time raises ``BadDate``; a naive datetime where an instant is meant raises TypeError.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import get_timezone_location

from mentorlink.core.language import current_language

TOKYO = ZoneInfo("Asia/Tokyo")
FIRST_YEAR, LAST_YEAR = 1900, 2100
Zone = ZoneInfo | str

_WEEKDAYS = {"ja": "月火水木金土日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_NEAR_DAYS = {
    "ja": {-1: "きのう", 0: "きょう", 1: "あす", 2: "あさって"},
    "en": {-1: "Yesterday", 0: "Today", 1: "Tomorrow"},
}


class Era(NamedTuple):
    name: str
    letter: str
    first_day: date


ERAS = (  # the latest first; days by the edicts that named them
    Era("令和", "R", date(2019, 5, 1)),
    Era("平成", "H", date(1989, 1, 8)),
    Era("昭和", "S", date(1926, 12, 25)),
    Era("大正", "T", date(1912, 7, 30)),
    Era("明治", "M", date(1868, 10, 23)),
)

_ERA = "|".join([era.name for era in ERAS] + [era.letter for era in ERAS])
_YEAR = rf"(?:(?P<year>\d{{4}})|(?P<era>{_ERA})(?P<era_year>元|\d{{1,2}}))"
WEEKDAY = r"(?:\(?(?P<weekday>[月火水木金土日])(?:曜日?)?\)?)?"
_DATE_FORMS = (
    re.compile(rf"{_YEAR}年(?P<month>\d{{1,2}})月(?P<day>\d{{1,2}})日{WEEKDAY}", re.IGNORECASE),
    re.compile(rf"{_YEAR}([-/.])(?P<month>\d{{1,2}})\4(?P<day>\d{{1,2}})日?{WEEKDAY}", re.IGNORECASE),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"),
)


class BadDate(ValueError):
    """What was written is no date or time. ``code`` is a key of ``core.text_input.message_for``."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class WeekdayDiffers(BadDate):
    """A day was written with another day's weekday: ``choices`` are that day, and the nearest of that weekday."""

    def __init__(self, choices: tuple[date, date]):
        super().__init__("date_weekday")
        self.choices = choices


class TimeGap(ValueError):
    """The clocks jump over this local time. ``neighbours`` are the UTC instants as far before and after."""

    code = "time_gap"

    def __init__(self, neighbours: tuple[datetime, datetime]):
        super().__init__(self.code)
        self.neighbours = neighbours


class TimeFold(ValueError):
    """The clocks show this local time twice. ``choices`` are the two UTC instants, the earlier first."""

    code = "time_fold"

    def __init__(self, choices: tuple[datetime, datetime]):
        super().__init__(self.code)
        self.choices = choices


# ---- writing


def format_date(day: date, tz: Zone = TOKYO) -> str:
    """``2026年11月25日（水）`` / ``Wed 25 November 2026``. An instant is shown as its day in ``tz``."""
    day = _day(day, tz)
    return f"{day.year}年{format_short_date(day)}" if _japanese() else f"{format_short_date(day)} {day.year}"


def format_short_date(day: date, tz: Zone = TOKYO) -> str:
    """``11月25日（水）`` / ``Wed 25 November``."""
    day = _day(day, tz)
    if _japanese():
        return f"{day.month}月{day.day}日（{_WEEKDAYS['ja'][day.weekday()]}）"
    return f"{_WEEKDAYS['en'][day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def format_month(day: date, tz: Zone = TOKYO) -> str:
    """``11月`` / ``November``; January with its year, where a new one begins."""
    day = _day(day, tz)
    if _japanese():
        return f"{day.year}年{day.month}月" if day.month == 1 else f"{day.month}月"
    return f"{_MONTHS[day.month - 1]} {day.year}" if day.month == 1 else _MONTHS[day.month - 1]


def format_time(instant: datetime, tz: Zone = TOKYO) -> str:
    """``9:00`` / ``09:00``, on the clocks of ``tz``."""
    local = _local(instant, tz)
    return f"{local.hour}:{local.minute:02}" if _japanese() else f"{local:%H:%M}"


def format_clock(instant: datetime, tz: Zone = TOKYO) -> str:
    """``5:00（日本では19:00）``: the time with the hour in Japan, where it differs, and no place."""
    japan = hours_in_japan(instant, instant, tz)
    beside = (f"（日本では{japan}）" if _japanese() else f" (in Japan {japan})") if japan else ""
    return format_time(instant, tz) + beside


def spoken_time(instant: datetime, tz: Zone = TOKYO) -> str:
    """``19時30分``, ``9時`` / ``09:00``: for a sentence rather than a table."""
    local = _local(instant, tz)
    if not _japanese():
        return f"{local:%H:%M}"
    return f"{local.hour}時{local.minute}分" if local.minute else f"{local.hour}時"


def clock_offset(instant: datetime, tz: Zone) -> str:
    """``UTC−4``, ``UTC+10:30``: how far those clocks are from the world's at that instant."""
    minutes = int((_local(instant, tz).utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'−' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"


def format_instant(instant: datetime, tz: Zone = TOKYO) -> str:
    """``2026年11月25日（水）19:00``; in another zone than Japan's, with the hour in Japan too."""
    return _with_japan(_when(instant, tz), instant, instant, tz)


def format_span(start: datetime, end: datetime, tz: Zone = TOKYO) -> str:
    """``2026年11月25日（水）19:00〜20:00``; in another zone than Japan's, with the hours in Japan too."""
    return _with_japan(f"{_when(start, tz)}{_dash()}{_until(start, end, tz)}", start, end, tz)


def hours_elsewhere(start: datetime, end: datetime, tz: Zone, other: Zone) -> str:
    """``19:00〜20:00`` on the clocks of ``other``, with the day where it is another than in ``tz``.

    "" where both clocks show the same. A start that is the end too gives one time.
    """
    if all(_local(i, tz).utcoffset() == _local(i, other).utcoffset() for i in (start, end)):
        return ""
    hours = format_time(start, other) + ("" if start == end else f"{_dash()}{_until(start, end, other)}")
    if local_date(start, tz) == local_date(start, other):
        return hours
    return f"{format_short_date(start, other)}{'' if _japanese() else ', '}{hours}"


def hours_in_japan(start: datetime, end: datetime, tz: Zone) -> str:
    """For somebody who lives by other clocks than Japan's; "" for everybody else."""
    return hours_elsewhere(start, end, tz, TOKYO)


def relative_day(day: date, today: date, tz: Zone = TOKYO) -> str:
    """きょう, あす; ``11月25日（水）`` for days further off, with the year where it is another."""
    day, today = _day(day, tz), _day(today, tz)
    near = _NEAR_DAYS[current_language().code].get((day - today).days)
    return near or (format_short_date(day) if day.year == today.year else format_date(day))


def format_wareki(day: date, tz: Zone = TOKYO, *, short: bool = False) -> str:
    """``令和6年3月8日``, ``令和元年5月1日``; short ``R6.3.8``. For official papers, in every language."""
    day = _day(day, tz)
    era = next((era for era in ERAS if era.first_day <= day), None)
    if era is None:
        raise BadDate("date_out_of_range")
    year = day.year - era.first_day.year + 1
    if short:
        return f"{era.letter}{year}.{day.month}.{day.day}"
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def zone_label(tz: Zone) -> str:
    """The city of a zone, in the current language: ``ロンドン``, ``London``."""
    return get_timezone_location(zone_info(tz).key, locale=current_language().code, return_city=True)


# ---- reading


def parse_date(text: str) -> date:
    """A date in any common way of writing it, full-width digits and 令和 years included.

    Reads ``2026-03-01``, ``2026/3/1``, ``2026.3.1``, ``20260301``, ``2026年3月1日（日）``, ``令和8年3月1日``,
    ``R8.3.1`` and ``令和元年5月1日``. Raises BadDate: ``date_format``, ``date_not_real`` (31 June),
    ``date_era`` (a day that was not in that era), ``date_out_of_range`` (before 1900, after 2100), or
    WeekdayDiffers where its weekday is another.
    """
    tidy = tidy_text(text)
    match = next((m for form in _DATE_FORMS if (m := form.fullmatch(tidy))), None)
    if match is None:
        raise BadDate("date_format")
    era = _era(match)
    year = int(match["year"]) if era is None else _era_year(match) + era.first_day.year - 1
    try:
        day = date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        raise BadDate("date_not_real") from None
    if era is not None and next(e for e in ERAS if e.first_day <= day or e is ERAS[-1]) != era:
        raise BadDate("date_era")
    check_year(day)
    check_weekday(day, match.groupdict().get("weekday"))
    return day


def check_weekday(day: date, written: str | None) -> None:
    """Raise WeekdayDiffers where a weekday (月…日) was written that is not that day's."""
    if written and (away := _WEEKDAYS["ja"].index(written) - day.weekday()):
        raise WeekdayDiffers((day, day + timedelta(days=(away + 3) % 7 - 3)))


def localise(local: datetime, zone: Zone) -> datetime:
    """The UTC instant of a local time (naive, as a person wrote it).

    Raises TimeGap and TimeFold where clocks are set forward and back, BadDate on years beyond the bounds, and
    TypeError on a datetime that has a zone already.
    """
    if local.tzinfo is not None:
        raise TypeError("a local time has no zone yet")
    check_year(local)
    tz = zone_info(zone)
    early, late = (local.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early == late:
        return early
    if early.astimezone(tz).replace(tzinfo=None) == local.replace(fold=0):
        raise TimeFold((early, late))
    raise TimeGap((late, early))


def local_date(instant: datetime, tz: Zone = TOKYO) -> date:
    """The day that this instant falls on in ``tz``."""
    return _local(instant, tz).date()


def fiscal_year(day: date) -> int:
    """Japan's fiscal year: 2023 is 2023-04-01 to 2024-03-31."""
    day = _day(day, TOKYO)
    return day.year if day.month >= 4 else day.year - 1


def check_year(day: date) -> None:
    """Raise BadDate("date_out_of_range") for years before 1900 or after 2100."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadDate("date_out_of_range")


FILTERS: dict[str, Callable[..., str]] = {
    "date": format_date,
    "short_date": format_short_date,
    "month": format_month,
    "time": format_time,
    "clock": format_clock,
    "instant": format_instant,
    "span": format_span,
    "in_japan": hours_in_japan,
    "relative_day": relative_day,
    "wareki": format_wareki,
}


def tidy_text(text: str) -> str:
    """Full-width digits and signs as plain ones, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _japanese() -> bool:
    return current_language().code == "ja"


def zone_info(zone: Zone) -> ZoneInfo:
    """The zone itself, where its IANA name may have been given."""
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def _local(instant: datetime, tz: Zone) -> datetime:
    if instant.tzinfo is None:
        raise TypeError("an instant has a zone")
    return instant.astimezone(zone_info(tz))


def _day(day: date, tz: Zone) -> date:
    return _local(day, tz).date() if isinstance(day, datetime) else day


def _dash() -> str:
    return "〜" if _japanese() else "–"


def _when(instant: datetime, tz: Zone) -> str:
    return f"{format_date(instant, tz)}{'' if _japanese() else ', '}{format_time(instant, tz)}"


def _until(start: datetime, end: datetime, tz: Zone) -> str:
    if local_date(start, tz) == local_date(end, tz):
        return format_time(end, tz)
    return f"{format_short_date(end, tz)}{'' if _japanese() else ', '}{format_time(end, tz)}"


def _with_japan(text: str, start: datetime, end: datetime, tz: Zone) -> str:
    """``text`` alone where the clocks of ``tz`` agree with Japan's, else with what Japan's clocks show."""
    japan = hours_elsewhere(start, end, tz, TOKYO)
    if not japan:
        return text
    if _japanese():
        return f"{text}（{zone_label(tz)}の時間。日本では{japan}）"
    return f"{text} ({zone_label(tz)} time; in Japan {japan})"


def _era(match: re.Match[str]) -> Era | None:
    written = match.groupdict().get("era")
    return next((era for era in ERAS if written and written.upper() in (era.name, era.letter)), None)


def _era_year(match: re.Match[str]) -> int:
    year = 1 if match["era_year"] == "元" else int(match["era_year"])
    if year == 0:
        raise BadDate("date_not_real")
    return year


def hour_of_day(hour: int, *, afternoon: bool) -> int:
    """午後12時 is noon, 午前12時 and 午前0時 are midnight."""
    if hour > 12:
        raise BadDate("time_not_real")
    return (hour % 12) + (12 if afternoon else 0)
