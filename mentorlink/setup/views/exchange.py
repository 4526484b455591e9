"""A run leaves as one file, and one comes in."""

from typing import Any

from flask import Response, flash, redirect, render_template, url_for

from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.programmes.models import Programme
from mentorlink.setup import services
from mentorlink.setup.files import LARGEST_FILE, BadRunFile, FileTooLarge, Problem
from mentorlink.setup.forms import RunFileForm
from mentorlink.setup.policies import office_programme
from mentorlink.setup.views.blueprint import bp
from mentorlink.setup.words import problem_words


@bp.get("/office/programmes/<code>/export")
@allow(office_programme)
def show_export(programme: Programme) -> Any:
    with transaction(db()):
        text, code = services.export_run(db(), programme), programme.code
        audit.record(db(), actor(), "export_programme", f"programme:{programme.id}", now=now())
    response = Response(text, mimetype="application/toml")
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.toml"'
    return response


@bp.get("/office/programmes/import")
@allow(office_only)
def show_import(_actor: Any) -> Any:
    return _render(RunFileForm(formdata=None))


@bp.post("/office/programmes/import")
@allow(office_only)
def create_import(_actor: Any) -> Any:
    form = RunFileForm()
    if not form.validate():
        return _render(form), 422
    try:
        code = _import(form.file.data.read(LARGEST_FILE + 1))
    except FileTooLarge:
        return _render(form, too_large=True), 413
    except BadRunFile as refused:
        return _render(form, refused.problems), 422
    flash(gettext("下書きができました。まだ、だれにも見えません。"))
    return redirect(url_for("setup.show_run", code=code), code=303)


def _import(content: bytes) -> str:
    with transaction(db()):
        programme = services.import_run(db(), content)
        audit.record(db(), actor(), "import_programme", f"programme:{programme.id}", now=now())
        return programme.code


def _render(form: RunFileForm, problems: list[Problem] | None = None, *, too_large: bool = False) -> str:
    return render_template(
        "setup/import.html",
        form=form,
        problems=[(problem.key, problem_words(problem)) for problem in problems or []],
        too_large=too_large,
    )
