"""What a new run can begin with, and the days that suit it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from mentorlink.core.dates import fiscal_year
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code, runs
from mentorlink.programmes.templates import Template, load_template, template_names
from mentorlink.setup.queries import contents_of

SELECTION_OPEN_FOR = timedelta(days=30)
SELECTION_TAKES = timedelta(days=21)


@dataclass(frozen=True)
class Source:
    """``key`` is ``template:NAME`` or ``run:CODE``; ``last`` is the run, where it is one."""

    key: str
    template: str
    contents: Template
    last: Programme | None = None


@dataclass(frozen=True)
class Days:
    opens_on: date
    closes_on: date | None
    result_on: date | None


def find_source(session: Session, key: str) -> Source | None:
    kind, _, name = key.partition(":")
    if kind == "template" and name in template_names():
        return Source(key, name, load_template(name))
    last = by_code(session, name) if kind == "run" else None
    return Source(key, last.template, contents_of(session, last), last) if last is not None else None


def template_sources() -> list[Source]:
    return [Source(f"template:{name}", name, load_template(name)) for name in template_names()]


def earlier_runs(session: Session) -> list[Programme]:
    """The newest run of each scheme that was ever open: what worked last year is the best beginning."""
    newest: dict[str, Programme] = {}
    for run in sorted(runs(session), key=lambda run: run.opens_on, reverse=True):
        if run.opened_at is not None:
            newest.setdefault(run.template, run)
    return list(newest.values())


def suggested_days(source: Source, today: date) -> Days:
    """The same days a year later; for a template, from the first of next month on."""
    if source.last is not None:
        return _years_later(source.last, today)
    opens_on = date(today.year + today.month // 12, today.month % 12 + 1, 1)
    if not source.contents.has_selection:
        return Days(opens_on, date(fiscal_year(opens_on) + 1, 3, 31), None)
    closes_on = opens_on + SELECTION_OPEN_FOR
    return Days(opens_on, closes_on, closes_on + SELECTION_TAKES)


def _years_later(run: Programme, today: date) -> Days:
    years = max(1, today.year - run.opens_on.year)
    if _later(run.opens_on, years) <= today:
        years += 1
    days = (run.opens_on, run.closes_on, run.result_on)
    opens_on, closes_on, result_on = (day and _later(day, years) for day in days)
    return Days(opens_on or today, closes_on, result_on)


def _later(day: date, years: int) -> date:
    year = day.year + years
    return day.replace(year=year, day=min(day.day, monthrange(year, day.month)[1]))
