"""Calendars to look at: a supporter's week with their free hours, and the office's over all runs or one."""

from collections import Counter
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.core.dates import FIRST_YEAR, LAST_YEAR, local_date
from mentorlink.core.language import current_language
from mentorlink.core.web import allow, db, now, office_only, settings
from mentorlink.core.zones import HOME, zone_name
from mentorlink.home.calendar.layout import A_DAY, A_WEEK, Week, hours_shown, lay_out, week_with, without
from mentorlink.home.paging import asked_page
from mentorlink.home.views import bp
from mentorlink.matching.policies import own_supporter
from mentorlink.people.models import Supporter
from mentorlink.programmes.queries import runs
from mentorlink.scheduling.free_time import Span, instant_of
from mentorlink.scheduling.notices import WAYS
from mentorlink.scheduling.queries import busy_spans_of_many
from mentorlink.scheduling.queries.calendar import Talk, starts_between, talks_by_id, talks_of_supporter
from mentorlink.scheduling.queries.week import free_spans

A_DAY_SHOWS = 12  # talks of one day in the office's week; the day itself shows all
PER_PAGE = 100


@bp.get("/supporter/calendar")
@allow(own_supporter)
def show_own_week(supporter: Supporter) -> Any:
    zone = supporter.person.zone
    week = _asked_week(zone)
    talks = talks_of_supporter(db(), supporter.id, after=week.after, until=week.until)
    days = lay_out(week, talks, _free(db(), supporter, week, talks, now()), now())
    return render_template(
        "home/week.html",
        days=days,
        hours=hours_shown(days),
        zone=zone,
        zone_name=zone_name,
        home_zone=HOME,
        **_frame(week, ".show_own_week"),
    )


@bp.get("/office/calendar")
@allow(office_only)
def show_office_week(_actor: Actor) -> Any:
    """All runs or one; days with more talks than fit name how many more, on a page of their own."""
    zone, listed = settings().zone, [(run.code, _name(run), run.id) for run in runs(db())]
    code = request.args.get("run", "")
    run_id = next((run_id for each, _word, run_id in listed if each == code), None)
    words = {"run": code} if run_id is not None else {}
    day = _asked_day("day", zone)
    if "day" in request.args:
        return _day_page(day, zone, run_id, words)
    week = _asked_week(zone)
    days = _office_days(db(), week, run_id, now())
    listed_runs = [(each, word) for each, word, _id in listed]
    return render_template(
        "home/office_week.html", days=days, runs=listed_runs, **_frame(week, ".show_office_week", **words)
    )


def _office_days(session: Session, week: Week, run_id: int | None, at: datetime) -> list[Any]:
    marks = starts_between(session, after=week.after, until=week.until, run_id=run_id)
    by_day = groupby(marks, lambda mark: local_date(mark[1], week.zone))
    shown = [meeting_id for _day, those in by_day for meeting_id, _start in islice(those, A_DAY_SHOWS)]
    counts = Counter(local_date(start, week.zone) for _id, start in marks)
    more = {day: max(0, count - A_DAY_SHOWS) for day, count in counts.items()}
    return lay_out(week, talks_by_id(session, shown), (), at, more=more)


def _day_page(day: date, zone: str, run_id: int | None, words: dict[str, str]) -> str:
    after, until = (instant_of(each, 0, zone) for each in (day, day + A_DAY))
    marks = starts_between(db(), after=after, until=until, run_id=run_id)
    pages = max(1, -(-len(marks) // PER_PAGE))
    page = min(asked_page(), pages)
    ids = [meeting_id for meeting_id, _start in marks[(page - 1) * PER_PAGE : page * PER_PAGE]]
    week = week_with(day, zone)
    (shown,) = (each for each in lay_out(week, talks_by_id(db(), ids), (), now()) if each.day == day)
    paging = {"page": page, "pages": pages, "total": len(marks)}
    return render_template(
        "home/office_day.html", day=shown, **paging, **_frame(week, ".show_office_week", **words)
    )


def _frame(week: Week, endpoint: str, **words: str) -> dict[str, Any]:
    """What both calendars' pages have."""
    return {
        "week": week,
        "last_day": week.days[-1],
        "this_monday": week_with(local_date(now(), week.zone), week.zone).monday,
        "before": week.monday - A_WEEK,
        "after": week.monday + A_WEEK,
        "endpoint": endpoint,
        "words": words,
        "ways": WAYS,
        "is_japanese": current_language().code == "ja",
    }


def _free(session: Session, supporter: Supporter, week: Week, talks: list[Talk], at: datetime) -> list[Span]:
    """Hours to come that the supporter gave and that neither a talk nor their own calendar takes; none in a rest."""
    days = [day for day in week.days if supporter.receives_on(day) and day >= local_date(at, week.zone)]
    if not days:
        return []
    spans = free_spans(session, supporter, days[0], days[-1])
    busy = busy_spans_of_many(session, [supporter.id], after=week.after, until=week.until)
    taken = sorted([*((each.starts_at, each.ends_at) for each in talks), *busy.get(supporter.id, [])])
    return without(spans, taken)


def _asked_week(zone: str) -> Week:
    return week_with(_asked_day("week", zone), zone)


def _asked_day(name: str, zone: str) -> date:
    """Today for whatever is no day, and for days so far off that nothing is there."""
    today = local_date(now(), zone)
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return today
    return day if FIRST_YEAR < day.year < LAST_YEAR else today


def _name(run: Any) -> str:
    return run.name_ja if current_language().code == "ja" else run.name_en
