"""When a supporter is free, on one screen: their own, or opened by the office for them."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core.audit import record
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.people.models import Supporter
from mentorlink.scheduling import forms, policies, queries, services, shown_week
from mentorlink.scheduling.queries.exceptions import exceptions_against
from mentorlink.scheduling.shown_calendar import calendar_age
from mentorlink.scheduling.views.blueprint import bp

OWN = "/supporter/availability"
OFFICE = "/office/supporters/<int:supporter_id>/availability"
OWN_ID = {"supporter_id": None}
MOST_PAGES = 10_000


@bp.get(OWN, defaults=OWN_ID)
@bp.get(OFFICE)
@allow(policies.week_of)
def show_availability(supporter: Supporter) -> Any:
    return _page(supporter)


@bp.post(OWN, defaults=OWN_ID)
@bp.post(OFFICE)
@allow(policies.week_of)
def update_availability(supporter: Supporter) -> Any:
    form = forms.WeekForm.read(request.form)
    if form.is_unknown:
        return _page(supporter, week=form), 422
    try:
        with transaction(db()):
            services.save_availability(db(), supporter, form.windows, seen=form.seen, **_by())
            _record("save_availability", supporter)
    except Conflict:
        return _stale_week(supporter, form), 409
    flash(gettext("お話しできる時間を保存しました。"))
    return _back(supporter, "week")


@bp.post(f"{OWN}/exceptions", defaults=OWN_ID)
@bp.post(f"{OFFICE}/exceptions")
@allow(policies.week_of)
def create_exception(supporter: Supporter) -> Any:
    form = _exception_form(supporter)
    if not form.validate_on_submit():
        return _page(supporter, day=form), 422
    against = _against(supporter, form)
    if against and form.asks_of_others:
        return _page(supporter, day=form, others=against), 422
    with transaction(db()):
        _add(supporter, form)
    flash(gettext("その日のことを保存しました。"))
    _tell_of_gone(form, against)
    _tell_of_talks(supporter, form)
    return _back(supporter, "days")


@bp.post(f"{OWN}/exceptions/removal", defaults=OWN_ID)
@bp.post(f"{OFFICE}/exceptions/removal")
@allow(policies.week_of)
def remove_exception(supporter: Supporter) -> Any:
    words = request.form.get("ids", "").split()
    ids = [int(each) for each in words if each.isascii() and each.isdigit() and len(each) < 10]
    with transaction(db()):
        services.remove_exceptions(db(), supporter, ids, **_by())
        _record("remove_exceptions", supporter)
    flash(gettext("取り消しました。その日は、いつもの曜日どおりです。"))
    return _back(supporter, "days")


@bp.post(f"{OWN}/terms", defaults=OWN_ID)
@bp.post(f"{OFFICE}/terms")
@allow(policies.week_of)
def update_terms(supporter: Supporter) -> Any:
    form = forms.TermsForm(supporter=supporter, today=_today(supporter))
    if not form.validate_on_submit():
        return _page(supporter, terms=form), 422
    try:
        with transaction(db()):
            services.save_terms(db(), supporter, form.terms, seen=form.seen, **_by())
            _record("save_terms", supporter)
    except Conflict:
        return _stale_terms(supporter, form), 409
    flash(gettext("決まりごとを保存しました。"))
    return _back(supporter, "terms")


def _page(supporter: Supporter, **more: Any) -> str:
    fresh = {
        "week": more.get("week") or forms.WeekForm.of(queries.windows_of(db(), supporter)),
        "day": more.get("day") or _exception_form(supporter, formdata=None),
        "terms": more.get("terms") or forms.TermsForm.of(supporter, _today(supporter)),
        "own_id": _own_id(supporter),
        "calendar_age": calendar_age(db(), supporter, now()),
    }
    page = shown_week.week_page(db(), supporter, now(), _days_page())
    return render_template("scheduling/availability.html", **page, **more | fresh)


def _stale_week(supporter: Supporter, form: forms.WeekForm) -> str:
    """Nothing typed is lost: the same ticks, on what is saved now, beside what has changed meanwhile."""
    current = queries.windows_of(db(), supporter)
    changed = forms.WeekForm.of(current).seen
    return _page(supporter, week=form.based_on(current), week_was=form.seen, week_is=changed)


def _stale_terms(supporter: Supporter, form: forms.TermsForm) -> str:
    current = services.Terms.of(supporter)
    changes = shown_week.terms_changes(form.seen, current)
    form.rebase(current)
    return _page(supporter, terms=form, changes=changes)


def _exception_form(supporter: Supporter, **more: Any) -> forms.ExceptionForm:
    return forms.ExceptionForm(today=_today(supporter), zone=supporter.person.zone, **more)


def _add(supporter: Supporter, form: forms.ExceptionForm) -> None:
    keeps = form.others == "keep"
    services.add_exceptions(
        db(), supporter, form.days, form.minutes, is_free=form.is_free, keeps_others=keeps, **_by()
    )
    _record("add_exceptions", supporter)


def _against(supporter: Supporter, form: forms.ExceptionForm) -> list[shown_week.ExceptionLine]:
    rows = exceptions_against(db(), supporter.id, form.days, form.minutes, is_free=form.is_free)
    return shown_week.lines_of(rows)


def _tell_of_gone(form: forms.ExceptionForm, against: list[shown_week.ExceptionLine]) -> None:
    """Of several days it was asked before; of one, what was said last counts, and is said."""
    low, high = form.minutes
    for line in against if form.days[0] == form.days[1] else []:
        if low <= line.minutes[0] and line.minutes[1] <= high:
            words = gettext(
                "前に書いてくださった%(when)s %(hours)sは、取り消しました。", when=line.when, hours=line.hours
            )
            flash(words, "wait")


def _tell_of_talks(supporter: Supporter, form: forms.ExceptionForm) -> None:
    """A day off does not call off what was agreed for it: better said at once than found out."""
    (first, last), zone = form.days, supporter.person.zone
    outside = queries.talks_outside(db(), supporter, now=now())
    number = sum(first <= local_date(each.starts_at, zone) <= last for each in outside)
    if number:
        flash(gettext("決まっているお話しが%(n)s件あります。こちらは、そのままです。", n=number), "wait")


def _today(supporter: Supporter) -> Any:
    return local_date(now(), supporter.person.zone)


def _days_page() -> int:
    asked = request.args.get("days", 1, type=int)
    return min(max(1, asked), MOST_PAGES)


def _by() -> dict[str, Any]:
    return {"by": actor().name_in_history, "now": now()}


def _own_id(supporter: Supporter) -> int | None:
    """What the addresses carry: nothing for one's own."""
    return supporter.id if actor().is_office else None


def _record(verb: str, supporter: Supporter) -> None:
    """Office acts are how office minutes are measured."""
    if actor().is_office:
        record(db(), actor(), verb, f"supporter:{supporter.id}", now=now())


def _back(supporter: Supporter, place: str) -> Any:
    address = url_for(".show_availability", supporter_id=_own_id(supporter), _anchor=place)
    return redirect(address, code=303)
