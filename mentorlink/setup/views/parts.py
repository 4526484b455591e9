"""One part of a run that is being prepared: read, changed, saved."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from wtforms import FieldList

from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext, lazy
from mentorlink.core.web import actor, allow, db, now
from mentorlink.setup.forms import PartForm
from mentorlink.setup.parts import PARTS
from mentorlink.setup.policies import PartOfRun, office_part
from mentorlink.setup.views.blueprint import bp
from mentorlink.setup.words import PART_WORDS


@bp.get("/office/programmes/<code>/parts/<part>")
@allow(office_part)
def show_part(place: PartOfRun) -> Any:
    if place.programme.opened_at is not None:
        return redirect(url_for(".show_run", code=place.programme.code), code=303)
    return _render(place, PARTS[place.part].opened(db(), place.programme))


@bp.post("/office/programmes/<code>/parts/<part>")
@allow(office_part)
def save_part(place: PartOfRun) -> Any:
    part, code = PARTS[place.part], place.programme.code
    form = part.sent(db())
    if not form.validate():
        return _render(place, form), 422
    with transaction(db()):
        part.save(db(), place.programme, form)
        audit.record(db(), actor(), f"edit_{place.part}", f"programme:{place.programme.id}", now=now())
    if request.form.get("then") == "more":
        return redirect(url_for(".show_part", code=code, part=place.part, add=1, _anchor="new"), code=303)
    flash(gettext("保存しました。"))
    return redirect(url_for(".show_run", code=code), code=303)


def _render(place: PartOfRun, form: PartForm) -> str:
    return render_template(
        f"setup/parts/{place.part}.html",
        programme=place.programme,
        part=place.part,
        words=PART_WORDS[place.part],
        form=form,
        faults_found=faults_of(form),
    )


def faults_of(form: PartForm) -> list[tuple[str | None, Any, Any]]:
    """(id, label, sentence) of everything that is still wanted, rows of lists included."""
    found: list[tuple[str | None, Any, Any]] = []
    for field in form:
        if isinstance(field, FieldList):
            found += [(None, None, fault) for fault in field.errors if not isinstance(fault, dict)]
            for number, entry in enumerate(field, start=1):
                found += [
                    (id_, lazy("%(n)sつめの%(what)s", n=number, what=label), fault)
                    for id_, label, fault in faults_of(entry.form)
                ]
        elif field.errors:
            suffix = "-0" if hasattr(field, "option_widget") else ""
            found.append((f"{field.id}{suffix}", field.label.text, field.errors[0]))
    return found
