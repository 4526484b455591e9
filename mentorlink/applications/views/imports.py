"""取り込み: a spreadsheet of applications or supporters, first looked at, then brought in whole."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from mentorlink.applications import services
from mentorlink.applications.forms import ImportConfirmForm, ImportForm
from mentorlink.applications.models import ImportBatch, ImportKind
from mentorlink.applications.policies import office_import
from mentorlink.applications.sheets import FIELD_WORDS, read_sheet
from mentorlink.applications.views.blueprint import bp
from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import ngettext
from mentorlink.core.tabular import TooLarge
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import runs


@bp.get("/office/imports")
@allow(office_only)
def show_imports(_actor: Any) -> Any:
    return _render(ImportForm(formdata=None, data={"kind": ImportKind.APPLICATIONS.value}))


@bp.post("/office/imports")
@allow(office_only)
def create_import(_actor: Any) -> Any:
    form = ImportForm()
    form.programme_id.choices = _programmes()
    if not form.validate():
        return _render(form), 422
    try:
        preview = _preview(form)
    except TooLarge as error:
        return _render(form, problems=error.problems), 413
    if preview.batch is None:
        return _render(form, problems=preview.sheet.problems), 422
    return redirect(url_for(".show_import", batch_id=preview.batch.id), code=303)


@bp.get("/office/imports/<int:batch_id>")
@allow(office_import)
def show_import(batch: ImportBatch) -> Any:
    return _render_preview(batch, ImportConfirmForm(formdata=None))


@bp.post("/office/imports/<int:batch_id>")
@allow(office_import)
def confirm_import(batch: ImportBatch) -> Any:
    form, batch_id = ImportConfirmForm(), batch.id
    if not form.validate():
        return _render_preview(batch, form), 422
    with transaction(db()):
        batch = db().get_one(ImportBatch, batch_id, with_for_update=True)
        number = services.confirm_import(db(), batch, by=actor().name_in_history, now=now())
        audit.record(db(), actor(), "import", f"import_batch:{batch_id}", now=now())
    flash(ngettext("%(n)s件を取り込みました。", number))
    return redirect(url_for(".show_import", batch_id=batch_id), code=303)


def _preview(form: ImportForm) -> services.Preview:
    data, kind = form.file.data.read(), ImportKind(form.kind.data)
    programme_id = int(form.programme_id.data) if form.programme_id.data else None
    with transaction(db()):
        programme = db().get(Programme, programme_id) if programme_id else None
        return services.preview_import(
            db(), data, kind, programme, by_user_id=actor().user_id or 0, now=now()
        )


def _render(form: ImportForm, problems: Any = ()) -> str:
    form.programme_id.choices = _programmes()
    return render_template("applications/imports.html", form=form, problems=problems)


def _render_preview(batch: ImportBatch, form: ImportConfirmForm) -> str:
    sheet = read_sheet(batch.content, batch.kind) if batch.content is not None else None
    return render_template(
        "applications/import_preview.html", batch=batch, sheet=sheet, form=form, field_words=FIELD_WORDS
    )


def _programmes() -> list[tuple[str, str]]:
    return [("", "—"), *((str(each.id), each.name_ja) for each in runs(db()) if each.opened_at is not None)]
