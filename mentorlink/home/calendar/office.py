"""The office's calendar: every talk of all runs or one, of everybody or one supporter, a week or a day at a time."""

from collections import Counter
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any, NamedTuple

from flask import render_template, request
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.core.dates import local_date
from mentorlink.core.web import allow, db, now, office_only, settings
from mentorlink.home.calendar.filters import STATE_WORDS, STATES, CalendarFilter
from mentorlink.home.calendar.layout import A_DAY, Day, Week, lay_out, week_with
from mentorlink.home.calendar.weeks import asked_day, asked_week, frame
from mentorlink.home.paging import asked_page
from mentorlink.home.views import bp
from mentorlink.programmes.queries import runs
from mentorlink.programmes.words import name_with_year
from mentorlink.scheduling.free_time import instant_of
from mentorlink.scheduling.queries.calendar import Wanted, starts_between, talks_by_id

ENDPOINT = ".show_office_week"
A_DAY_SHOWS = 12  # talks of one day in the week; the day itself shows all
PER_PAGE = 100


class Asked(NamedTuple):
    """The filter as the address has it, what it means to the database, and what there is to choose from."""

    filter: CalendarFilter
    wanted: Wanted
    runs: list[tuple[str, str]]

    @property
    def page(self) -> dict[str, Any]:
        states = [(key, word) for key, word in STATE_WORDS.items() if key]
        return {"wanted": self.filter, "runs": self.runs, "states": states, "all_states": STATE_WORDS[""]}


@bp.get("/office/calendar")
@allow(office_only)
def show_office_week(_actor: Actor) -> Any:
    """Days with more talks than fit name how many more, on a page of their own."""
    asked, zone = _asked(db()), settings().zone
    if "day" in request.args:
        return _day_page(asked_day("day", zone), zone, asked)
    week = asked_week(zone)
    days, total = _office_days(db(), week, asked.wanted, now())
    page = frame(week, ENDPOINT, **asked.filter.words)
    return render_template("home/office_week.html", days=days, total=total, **asked.page, **page)


def _asked(session: Session) -> Asked:
    listed = {run.code: run for run in runs(session)}
    chosen = CalendarFilter.read(request.args, frozenset(listed))
    run_id = listed[chosen.run].id if chosen.run else None
    wanted = Wanted(run_id, chosen.supporter, STATES[chosen.state])
    return Asked(chosen, wanted, [(code, name_with_year(run)) for code, run in listed.items()])


def _office_days(session: Session, week: Week, wanted: Wanted, at: datetime) -> tuple[list[Day], int]:
    marks = starts_between(session, after=week.after, until=week.until, wanted=wanted)
    by_day = groupby(marks, lambda mark: local_date(mark[1], week.zone))
    shown = [meeting_id for _day, those in by_day for meeting_id, _start in islice(those, A_DAY_SHOWS)]
    counts = Counter(local_date(start, week.zone) for _id, start in marks)
    more = {day: max(0, count - A_DAY_SHOWS) for day, count in counts.items()}
    return lay_out(week, talks_by_id(session, shown), (), at, more=more), len(marks)


def _day_page(day: date, zone: str, asked: Asked) -> str:
    after, until = (instant_of(each, 0, zone) for each in (day, day + A_DAY))
    marks = starts_between(db(), after=after, until=until, wanted=asked.wanted)
    pages = max(1, -(-len(marks) // PER_PAGE))
    page = min(asked_page(), pages)
    ids = [meeting_id for meeting_id, _start in marks[(page - 1) * PER_PAGE : page * PER_PAGE]]
    week = week_with(day, zone)
    (shown,) = (each for each in lay_out(week, talks_by_id(db(), ids), (), now()) if each.day == day)
    about = {
        "page": page,
        "pages": pages,
        "total": len(marks),
        "day_before": day - A_DAY,
        "day_after": day + A_DAY,
    }
    words = frame(week, ENDPOINT, **asked.filter.words)
    return render_template("home/office_day.html", day=shown, **about, **asked.page, **words)
