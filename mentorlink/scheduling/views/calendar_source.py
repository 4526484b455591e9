"""A supporter's own calendar: where it lies, how old our copy is, and how to be rid of it."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import allow, db, now
from mentorlink.people.models import Supporter
from mentorlink.scheduling import forms, policies, services
from mentorlink.scheduling.shown_calendar import shown_calendar
from mentorlink.scheduling.views.blueprint import bp

PAGE = "/supporter/calendar-source"


@bp.get(PAGE)
@allow(policies.own_week)
def show_calendar_source(supporter: Supporter) -> Any:
    return _page(supporter)


@bp.post(PAGE)
@allow(policies.own_week)
def create_calendar_source(supporter: Supporter) -> Any:
    form = forms.CalendarForm()
    if not form.validate_on_submit():
        return _page(supporter, form), 422
    with transaction(db()):
        if not _may_ask(supporter):
            return _page(supporter, form, is_too_soon=True), 429
        services.add_source(db(), supporter, form.address.text, now=now())
    flash(gettext("受け取りました。1分ほどで読みに行きます。"))
    return _back()


@bp.post(f"{PAGE}/reading")
@allow(policies.own_week)
def create_calendar_reading(supporter: Supporter) -> Any:
    with transaction(db()):
        if not _may_ask(supporter):
            return _page(supporter, is_too_soon=True), 429
        services.read_again(db(), supporter, now=now())
    flash(gettext("1分ほどで、もう一度読みに行きます。"))
    return _back()


@bp.post(f"{PAGE}/removal")
@allow(policies.own_week)
def remove_calendar_source(supporter: Supporter) -> Any:
    with transaction(db()):
        services.remove_source(db(), supporter)
    flash(gettext("カレンダーを外しました。住所も、読んだ時間も、ここには残っていません。"))
    return _back()


def _may_ask(supporter: Supporter) -> bool:
    """Each of these makes us knock at somebody else's server."""
    return count_attempt(db(), buckets_for("calendar", f"supporter:{supporter.id}"), now=now())


def _page(supporter: Supporter, form: forms.CalendarForm | None = None, *, is_too_soon: bool = False) -> str:
    return render_template(
        "scheduling/calendar_source.html",
        form=form or forms.CalendarForm(formdata=None),
        calendar=shown_calendar(db(), supporter, now()),
        is_too_soon=is_too_soon,
    )


def _back() -> Any:
    return redirect(url_for(".show_calendar_source"), code=303)
