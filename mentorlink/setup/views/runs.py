"""The list of runs, a new one, one run read back, its preview and its opening."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from mentorlink.core import audit
from mentorlink.core.actor import Actor, Role
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.i18n import current_language, gettext
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.programmes.models import Programme
from mentorlink.setup import services
from mentorlink.setup.forms import NewRunForm
from mentorlink.setup.policies import led_programme, office_programme
from mentorlink.setup.queries import amendments_of, missing_of, phase_of, runs_page, schedules_of
from mentorlink.setup.sources import Source, earlier_runs, find_source, suggested_days, template_sources
from mentorlink.setup.summary import sections_of
from mentorlink.setup.views.blueprint import bp
from mentorlink.setup.words import MISSING_WORDS, PHASE_WORDS

RUNS_ON_A_PAGE = 30


@bp.get("/office/programmes")
@allow(office_only)
def show_runs(_actor: Any) -> Any:
    number = max(1, min(request.args.get("page", 1, type=int), 100_000))
    found = runs_page(db(), number=number, size=RUNS_ON_A_PAGE)
    phases = {run.id: phase_of(run, local_date(now())) for run in found.rows}
    return render_template("setup/runs.html", found=found, phases=phases, phase_words=PHASE_WORDS, **frame())


@bp.get("/office/programmes/new")
@allow(office_only)
def show_new(_actor: Any) -> Any:
    source = find_source(db(), request.args.get("source", ""))
    if source is None:
        return render_template(
            "setup/sources.html", templates=template_sources(), runs=earlier_runs(db()), **frame()
        )
    days = suggested_days(source, local_date(now()))
    name = source.contents.name_ja
    return _render_new(NewRunForm(formdata=None, source=source.key, name_ja=name, **vars(days)), source)


@bp.post("/office/programmes")
@allow(office_only)
def create_draft(_actor: Any) -> Any:
    form = NewRunForm()
    source = find_source(db(), form.source.data or "") or abort(422)
    if not form.validate():
        return _render_new(form, source), 422
    with transaction(db()):
        programme = services.draft_run(
            db(),
            source.contents,
            template=source.template,
            name_ja=form.name_ja.text,
            opens_on=form.opens_on.day or local_date(now()),
            closes_on=form.closes_on.day,
            result_on=form.result_on.day,
        )
        audit.record(db(), actor(), "draft_programme", f"programme:{programme.id}", now=now())
        code = programme.code
    flash(gettext("下書きができました。まだ、だれにも見えません。"))
    return redirect(url_for(".show_run", code=code), code=303)


@bp.get("/office/programmes/<code>")
@allow(office_programme)
def show_run(programme: Programme) -> Any:
    today = local_date(now())
    return render_template(
        "setup/run.html",
        programme=programme,
        phase=phase_of(programme, today),
        phase_words=PHASE_WORDS,
        sections=sections_of(programme, schedules_of(db(), programme)),
        missing=_missing(programme),
        waiting=[row for row, _name in amendments_of(db(), programme) if row.applied_at is None],
        **frame(),
    )


@bp.get("/office/programmes/<code>/opening")
@allow(led_programme)
def show_opening(programme: Programme) -> Any:
    if programme.opened_at is not None:
        return redirect(url_for(".show_run", code=programme.code), code=303)
    return render_template("setup/opening.html", programme=programme, missing=_missing(programme), **frame())


@bp.post("/office/programmes/<code>/opening")
@allow(led_programme)
def create_opening(programme: Programme) -> Any:
    with transaction(db()):
        services.open_run(db(), programme, now=now())
        audit.record(db(), actor(), "open_programme", f"programme:{programme.id}", now=now())
        begins_later, code = programme.opens_on > local_date(now()), programme.code
    flash(
        gettext("準備ができました。受付のはじまりの日に、ひとりでに始まります。")
        if begins_later
        else gettext("募集をはじめました。")
    )
    return redirect(url_for(".show_run", code=code), code=303)


@bp.get("/office/programmes/<code>/removal")
@allow(office_programme)
def show_removal(programme: Programme) -> Any:
    if programme.opened_at is not None:
        return redirect(url_for(".show_run", code=programme.code), code=303)
    return render_template("setup/removal.html", programme=programme, **frame())


@bp.post("/office/programmes/<code>/removal")
@allow(office_programme)
def create_removal(programme: Programme) -> Any:
    with transaction(db()):
        audit.record(db(), actor(), "remove_programme", f"programme:{programme.id}", now=now())
        services.remove_draft(db(), programme)
    flash(gettext("下書きをなくしました。"))
    return redirect(url_for(".show_runs"), code=303)


def may_lead(who: Actor) -> bool:
    return who.role is Role.LEAD


def _missing(programme: Programme) -> list[tuple[str, str]]:
    """(what to do in words, the part where) for a run that is not open."""
    if programme.opened_at is not None:
        return []
    return [(MISSING_WORDS[what], part) for what, part in missing_of(programme, local_date(now()))]


def _render_new(form: NewRunForm, source: Source) -> str:
    return render_template("setup/new.html", form=form, source=source, **frame())


def frame() -> dict[str, Any]:
    return {"english": is_english(), "may_lead": may_lead(actor())}


def is_english() -> bool:
    return current_language().code == "en"
