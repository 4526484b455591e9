"""Calendars to look at: a supporter's week with their free hours, and the office's over all runs or one."""

from datetime import date, datetime
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from mentorlink.core.dates import FIRST_YEAR, LAST_YEAR, local_date
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.language import current_language
from mentorlink.core.web import allow, db, now
from mentorlink.core.zones import HOME, zone_name
from mentorlink.home.calendar.layout import A_WEEK, Week, hours_shown, lay_out, week_with, without
from mentorlink.home.views import bp
from mentorlink.matching.policies import own_supporter
from mentorlink.people.models import Supporter
from mentorlink.scheduling.free_time import Span
from mentorlink.scheduling.notices import WAYS
from mentorlink.scheduling.queries import busy_spans_of_many
from mentorlink.scheduling.queries.calendar import talks_of_supporter
from mentorlink.scheduling.queries.holds import held_hours
from mentorlink.scheduling.queries.week import free_spans

HELD_WORDS: dict[str, LazyText] = {  # by what keeps the hour
    "offer": lazy("相談された方が、日にちを選んでいます"),
    "ask": lazy("この時間でよいか、うかがっています"),
}


@bp.get("/supporter/calendar")
@allow(own_supporter)
def show_own_week(supporter: Supporter) -> Any:
    zone = supporter.person.zone
    week = asked_week(zone)
    talks = talks_of_supporter(db(), supporter.id, after=week.after, until=week.until)
    held = held_hours(db(), supporter, after=week.after, until=week.until, now=now())
    taken = [(each.starts_at, each.ends_at) for each in talks]
    taken += [(each.starts_at, each.ends_at) for each in held]
    days = lay_out(week, talks, _free(db(), supporter, week, taken, now()), now(), held=held)
    return render_template(
        "home/week.html",
        days=days,
        hours=hours_shown(days),
        held=held,
        held_words=HELD_WORDS,
        zone=zone,
        zone_name=zone_name,
        home_zone=HOME,
        **frame(week, ".show_own_week"),
    )


def frame(week: Week, endpoint: str, **words: str) -> dict[str, Any]:
    """What both calendars' pages have."""
    return {
        "week": week,
        "last_day": week.days[-1],
        "today": local_date(now(), week.zone),
        "this_monday": week_with(local_date(now(), week.zone), week.zone).monday,
        "before": week.monday - A_WEEK,
        "after": week.monday + A_WEEK,
        "endpoint": endpoint,
        "words": words,
        "ways": WAYS,
        "is_japanese": current_language().code == "ja",
    }


def _free(session: Session, supporter: Supporter, week: Week, taken: list[Span], at: datetime) -> list[Span]:
    """Hours to come that the supporter gave and that neither is ``taken`` nor in their own calendar; none in a rest."""
    days = [day for day in week.days if supporter.receives_on(day) and day >= local_date(at, week.zone)]
    if not days:
        return []
    spans = free_spans(session, supporter, days[0], days[-1])
    busy = busy_spans_of_many(session, [supporter.id], after=week.after, until=week.until)
    return without(spans, sorted([*taken, *busy.get(supporter.id, [])]))


def asked_week(zone: str) -> Week:
    return week_with(asked_day("week", zone), zone)


def asked_day(name: str, zone: str) -> date:
    """Today for whatever is no day, and for days so far off that nothing is there."""
    today = local_date(now(), zone)
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return today
    return day if FIRST_YEAR < day.year < LAST_YEAR else today
