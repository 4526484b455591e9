"""What the screen of a supporter's hours shows."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.dates import format_date, format_short_date, format_time, local_date
from mentorlink.core.holidays import first_unsure_year, holiday_name, holidays_between
from mentorlink.core.i18n import LazyText, gettext, lazy, plain
from mentorlink.core.language import current_language
from mentorlink.core.zones import HOME, zone_groups, zone_name
from mentorlink.engagements.models import Engagement
from mentorlink.people.forms import RECEIVING
from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling import queries
from mentorlink.scheduling.forms import SHORT_DAYS, notice_words, rest_words
from mentorlink.scheduling.forms.week import EARLY, LATE, Window
from mentorlink.scheduling.free_time import DAY_MINUTES, Minutes, day_windows, is_day_off
from mentorlink.scheduling.models import AvailabilityException, Meeting, WeeklyWindow
from mentorlink.scheduling.services import DAYS_AHEAD, Terms
from mentorlink.scheduling.shown import beside

HOLIDAYS_SHOWN = 6
LINES_SHOWN = 15  # the week and the zones leave room for few in a light page
STEP = timedelta(minutes=30)
_BREAKS = re.compile("(?<=[、・])|(?<=[,&] )")
WHY_NONE: dict[str, LazyText] = {
    "paused": lazy("いまは、お休み中です。「受け付け」を受付中にすると、ここに日にちが出ます。"),
    "no_hours": lazy("空いている時間が、まだありません。上の表から選んでください。"),
    "none_wanted": lazy("週か月の上限が、0回になっています。1回からにすると、日にちが出ます。"),
    "too_short": lazy("60分のお話しには、30分の枠が二つ続いて空いている必要があります。"),
    "closed": lazy("この2週間は、お休みの日や祝日と重なっています。"),
    "notice": lazy(
        "この2週間の空きは、もう「お約束のしめきり」を過ぎています。しめきりを短くすると、日にちが出ます。"
    ),
    "full": lazy("この2週間は、週か月の上限までお約束があります。ありがとうございます。"),
    "taken": lazy("この2週間の空きは、お約束や、ほかの予定と重なっています。"),
}


@dataclass(frozen=True)
class ExceptionLine:
    """Days in a row that differ in the same way."""

    ids: tuple[int, ...]
    when: str
    hours: str
    minutes: Minutes
    is_free: bool


@dataclass(frozen=True)
class HolidayLine:
    when: str
    name: str
    means: str  # the hours that are free on it, or that none are
    is_known: bool


def week_page(session: Session, supporter: Supporter, now: datetime, days_page: int) -> dict[str, Any]:
    """All of the page but its forms; ``days_page`` of the days that differ."""
    zone = supporter.person.zone
    today = local_date(now, zone)
    preview = queries.preview_hours(session, supporter, now=now)
    exceptions = queries.coming_exceptions(session, supporter.id, today)
    return {
        "supporter": supporter,
        "preview_days": [(format_short_date(day), _runs(starts, zone)) for day, starts in preview.days],
        "why_none": WHY_NONE[preview.why] if preview.why else None,
        "outside": _by_both_clocks(session, queries.talks_outside(session, supporter, now=now), zone),
        **_a_page(lines_of(exceptions), days_page),
        "holidays": coming_holidays(supporter, queries.windows_of(session, supporter), exceptions, today),
        "unsure": first_unsure_year(today),
        "zones": zone_groups(),
        "home_zone": (HOME, zone_name(HOME)),
        "zone_name": zone_name,
        "own_zone": zone,
        "today": today,
        "last_day": today + timedelta(days=DAYS_AHEAD),
        "short_days": [plain(each) for each in SHORT_DAYS],
        "clock": week_clock,
        "early": EARLY,
        "late": LATE,
        "week_text": week_text,
        "pieces": pieces,
        "marks": {"dash": _dash(), "and": _and(), "comma": _comma()},
    }


def _by_both_clocks(session: Session, talks: Sequence[Meeting], zone: str) -> list[tuple[Meeting, str]]:
    """Each talk with what the other clocks show at its beginning; of who must not be found, nothing."""
    ids = {talk.engagement_id for talk in talks}
    query = select(Engagement.id, Person.zone).join(Person, Person.id == Engagement.recipient_id)
    query = query.where(Engagement.id.in_(ids), Person.safe_contact.is_(False))
    theirs = {row.id: row.zone for row in session.execute(query)}
    return [
        (talk, beside(talk.starts_at, talk.starts_at, zone, theirs.get(talk.engagement_id))) for talk in talks
    ]


def week_clock(minute: int) -> str:
    """A time of the week, as the page's language writes it; 24:00 ends a day."""
    hour = minute // 60
    return f"{hour}:{minute % 60:02}" if _is_japanese() else f"{hour:02}:{minute % 60:02}"


def week_text(windows: Iterable[Window]) -> str:
    """``火曜 19:00〜21:00、土曜 10:00〜12:00``; "" where nothing is free."""
    parts = []
    for weekday, spans in groupby(windows, lambda window: window[0]):
        hours = _and().join(_hours(start, end) for _day, start, end in spans)
        parts.append(f"{plain(SHORT_DAYS[weekday])} {hours}")
    return _comma().join(parts)


def pieces(text: str) -> list[str]:
    """A ``week_text`` where a line may break: never inside of 19:00〜21:00."""
    return _BREAKS.split(text)


def terms_changes(seen: Terms, current: Terms) -> list[tuple[str, str, str]]:
    """(what, as it was when the page was opened, as it is now), of what somebody else has changed meanwhile."""
    was, now = _told(seen), _told(current)
    return [(label, old, new) for (label, old), (_label, new) in zip(was, now, strict=True) if old != new]


def lines_of(exceptions: Sequence[AvailabilityException]) -> list[ExceptionLine]:
    """One line for each row, and one for whole days in a row that are alike: free hours inside are lines of their own."""
    groups: list[list[AvailabilityException]] = []
    span: list[AvailabilityException] = []
    for _day, found in groupby(exceptions, key=lambda each: each.day):
        rows = list(found)
        whole = _whole(rows)
        if whole and span and _continues(span[-1], whole[0]):
            span += whole
        elif whole:
            groups.append(span := whole)
        groups += [[row] for row in rows if row not in whole]
    return [_line(group) for group in groups]


def _a_page(lines: list[ExceptionLine], number: int) -> dict[str, Any]:
    number = min(number, max(1, -(-len(lines) // LINES_SHOWN)))
    shown = lines[(number - 1) * LINES_SHOWN : number * LINES_SHOWN]
    return {"exceptions": shown, "days_page": number, "more_days": max(0, len(lines) - number * LINES_SHOWN)}


def _whole(rows: list[AvailabilityException]) -> list[AvailabilityException]:
    """Those rows of a day that together are the whole of it."""
    if is_day_off(rows):
        return [each for each in rows if not each.is_free]
    return [each for each in rows if (each.start_minute, each.end_minute) == (0, DAY_MINUTES)]


def _continues(before: AvailabilityException, after: AvailabilityException) -> bool:
    return before.is_free == after.is_free and after.day - before.day == timedelta(days=1)


def _line(group: list[AvailabilityException]) -> ExceptionLine:
    first, last = group[0], group[-1]
    when = format_date(first.day)
    if last.day != first.day:
        when = f"{when}{_dash()}{format_short_date(last.day)}"
    minutes = first.start_minute, last.end_minute
    hours = gettext("一日中") if minutes == (0, DAY_MINUTES) else _hours(*minutes)
    return ExceptionLine(tuple(each.id for each in group), when, hours, minutes, first.is_free)


def coming_holidays(
    supporter: Supporter,
    windows: Sequence[WeeklyWindow],
    exceptions: Sequence[AvailabilityException],
    today: date,
) -> list[HolidayLine]:
    found = holidays_between(today, today + timedelta(days=DAYS_AHEAD))[:HOLIDAYS_SHOWN]
    lines = []
    for each in found:
        free = day_windows(windows, exceptions, supporter.free_on_holidays, each.day)
        hours = _and().join(_hours(start, end) for start, end in free)
        usual = any(window.weekday == each.day.weekday() for window in windows)
        word = gettext("お休み") if usual else gettext("もともと空きなし")
        lines.append(
            HolidayLine(format_short_date(each.day), holiday_name(each), hours or word, each.is_known)
        )
    return lines


def _runs(starts: list[datetime], zone: str) -> list[str]:
    """``19:00`` or ``19:00〜20:30``: starts in half-hour steps as one."""
    runs: list[list[datetime]] = []
    for start in starts:
        if runs and start - runs[-1][-1] <= STEP:
            runs[-1].append(start)
        else:
            runs.append([start])
    return [
        format_time(run[0], zone) + (f"{_dash()}{format_time(run[-1], zone)}" if len(run) > 1 else "")
        for run in runs
    ]


def _told(terms: Terms) -> list[tuple[str, str]]:
    until = f" {_dash()}{format_short_date(terms.paused_until)}" if terms.paused_until else ""
    return [
        (gettext("お約束のしめきり"), gettext(notice_words(terms.notice_hours))),
        (gettext("お話しの前後の休み"), gettext(rest_words(terms.buffer_minutes))),
        (gettext("1週間に何回まで"), str(terms.capacity_week)),
        (gettext("1か月に何回まで"), str(terms.capacity_month)),
        (gettext("祝日も、いつもの曜日どおり"), "✓" if terms.free_on_holidays else "—"),
        (gettext("いまの受け付け"), gettext(dict(RECEIVING)[terms.receiving.value]) + until),
        (gettext("時計を合わせる場所"), zone_name(terms.zone)),
    ]


def _hours(start: int, end: int) -> str:
    return f"{week_clock(start)}{_dash()}{week_clock(end)}"


def _dash() -> str:
    return "〜" if _is_japanese() else "–"


def _and() -> str:
    return "・" if _is_japanese() else " & "


def _comma() -> str:
    return "、" if _is_japanese() else ", "


def _is_japanese() -> bool:
    return current_language().code == "ja"
