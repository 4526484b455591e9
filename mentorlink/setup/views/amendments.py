"""日付つきの変更: what may still change in an open run, from which day, and why."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core import audit
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import gettext, lazy
from mentorlink.core.messages import message_of
from mentorlink.core.web import actor, allow, db, now
from mentorlink.programmes.models import Amendment, Programme
from mentorlink.setup import services
from mentorlink.setup.amendable import AMENDABLE, CAPACITY, DATES, POINTS, PROMISED, SWITCHES, WORDS
from mentorlink.setup.forms import AmendmentForm, amendment_form, shown_value
from mentorlink.setup.policies import led_programme, office_programme, waiting_amendment
from mentorlink.setup.queries import amendments_of
from mentorlink.setup.summary import shown_value as in_words
from mentorlink.setup.views.blueprint import bp
from mentorlink.setup.views.runs import may_lead
from mentorlink.setup.words import FIELD_WORDS

GROUPS = (
    (lazy("日にち"), DATES),
    (lazy("ことば"), WORDS),
    (lazy("人数と期限"), CAPACITY),
    (lazy("お相手のさがし方"), (*SWITCHES, *POINTS)),
)


@bp.get("/office/programmes/<code>/amendments")
@allow(office_programme)
def show_amendments(programme: Programme) -> Any:
    if programme.opened_at is None:
        return redirect(url_for(".show_run", code=programme.code), code=303)
    wanted = request.args.get("field", "")
    if wanted not in AMENDABLE or not may_lead(actor()):
        return _render(programme, None)
    value, today = getattr(programme, wanted), local_date(now())
    return _render(
        programme, _form(programme, wanted, formdata=None, field=wanted, value=value, effective_on=today)
    )


@bp.post("/office/programmes/<code>/amendments")
@allow(led_programme)
def create_amendment(programme: Programme) -> Any:
    wanted = request.form.get("field", "")
    if wanted not in AMENDABLE:
        raise RuleViolation("field_frozen")
    form = _form(programme, wanted)
    if not form.validate():
        return _render(programme, form), 422
    try:
        at_once, code = _amend(programme, wanted, form), programme.code
    except RuleViolation as refused:
        form.form_errors.append(lazy(message_of(refused.code)))
        return _render(programme, form), 422
    flash(gettext("変えました。") if at_once else gettext("その日になると、ひとりでに変わります。"))
    return redirect(url_for(".show_amendments", code=code), code=303)


@bp.post("/office/programmes/<code>/amendments/<int:amendment_id>/removal")
@allow(waiting_amendment)
def remove_amendment(amendment: Amendment) -> Any:
    with transaction(db()):
        code = db().get_one(Programme, amendment.programme_id).code
        audit.record(
            db(), actor(), f"take_back_{amendment.field}", f"programme:{amendment.programme_id}", now=now()
        )
        services.take_back_amendment(db(), amendment)
    flash(gettext("変更を取りやめました。"))
    return redirect(url_for(".show_amendments", code=code), code=303)


def _form(programme: Programme, name: str, /, **kwargs: Any) -> AmendmentForm:
    return amendment_form(name, is_promised=programme.has_selection and name in PROMISED, **kwargs)


def _amend(programme: Programme, field: str, form: AmendmentForm) -> bool:
    """Whether the change is in force already."""
    with transaction(db()):
        amendment = services.amend(
            db(),
            programme,
            field,
            form.new_value(),
            effective_on=form.effective_on.day or local_date(now()),
            reason=form.reason.text,
            by_user_id=actor().user_id or 0,
            now=now(),
        )
        audit.record(db(), actor(), f"amend_{field}", f"programme:{programme.id}", now=now())
        return amendment.applied_at is not None


def _render(programme: Programme, form: AmendmentForm | None) -> str:
    history = [
        (row, name, in_words(shown_value(row.field, row.old)), in_words(shown_value(row.field, row.new)))
        for row, name in amendments_of(db(), programme)
    ]
    return render_template(
        "setup/amendments.html",
        programme=programme,
        form=form,
        history=history,
        groups=GROUPS,
        field_words=FIELD_WORDS,
        in_words=in_words,
        may_lead=may_lead(actor()),
    )
