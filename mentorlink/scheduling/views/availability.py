"""When a supporter is free, on one screen."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.people.models import Supporter
from mentorlink.scheduling import forms, policies, queries, services
from mentorlink.scheduling.views.blueprint import bp


@bp.get("/supporter/availability")
@allow(policies.own_week)
def show_availability(supporter: Supporter) -> Any:
    return _week_page(supporter, forms.WeekForm.of(queries.windows_of(db(), supporter)))


@bp.post("/supporter/availability")
@allow(policies.own_week)
def update_availability(supporter: Supporter) -> Any:
    form = forms.WeekForm.read(request.form)
    if form.faults:
        return _week_page(supporter, form), 422
    with transaction(db()):
        services.save_availability(db(), supporter, form.windows(), by=actor().name_in_history, now=now())
    flash(gettext("お話しできる時間を保存しました。"))
    return redirect(url_for(".show_availability"), code=303)


def _week_page(supporter: Supporter, form: forms.WeekForm) -> str:
    return render_template(
        "scheduling/availability.html",
        form=form,
        supporter=supporter,
        weekdays=forms.WEEKDAYS,
        half_hours={"from": forms.HALF_HOURS[:-1], "to": forms.HALF_HOURS[1:]},
        early=forms.EARLY,
    )
