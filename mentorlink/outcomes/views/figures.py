"""Figures: choose a run, see its cards, open one to its rows."""

from typing import Any

from flask import render_template, request

from mentorlink.core.i18n import current_language
from mentorlink.core.web import allow, db, office_only
from mentorlink.outcomes.figures import (
    SHARE,
    Figure,
    agrees,
    compute_figure,
    compute_figures,
    count_rows,
    rows_of,
)
from mentorlink.outcomes.policies import Counted, counted_figure, counted_programme
from mentorlink.outcomes.queries import claims_of
from mentorlink.outcomes.views.blueprint import bp
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import runs

ROWS_ON_A_PAGE = 50


@bp.get("/office/figures")
@allow(office_only)
def show_runs(_actor: Any) -> Any:
    return render_template("outcomes/runs.html", programmes=runs(db()))


@bp.get("/office/figures/<code>")
@allow(counted_programme)
def show_figures(programme: Programme) -> Any:
    figures, claims = compute_figures(db(), programme), claims_of(db(), programme)
    return render_template(
        "outcomes/figures.html",
        programme=programme,
        figures=[(figure, *_shown(figure)) for figure in figures],
        compared=[
            (each, claims[each.key], agrees(each, claims[each.key])) for each in figures if each.key in claims
        ],
        in_words=_shown,
        english=current_language().code == "en",
    )


@bp.get("/office/figures/<code>/<key>")
@allow(counted_figure)
def show_figure(counted: Counted) -> Any:
    programme, definition = counted.programme, counted.definition
    figure = compute_figure(db(), programme, definition)
    claim = claims_of(db(), programme).get(definition.key)
    page = max(1, min(request.args.get("page", 1, type=int), 1_000_000))
    total = count_rows(db(), programme, definition.key)
    return render_template(
        "outcomes/figure.html",
        programme=programme,
        definition=definition,
        figure=figure,
        value=_shown(figure),
        claim=claim,
        agrees=agrees(figure, claim) if claim is not None else None,
        rows=rows_of(db(), programme, definition.key, page=page, size=ROWS_ON_A_PAGE),
        page=page,
        pages=max(1, -(-total // ROWS_ON_A_PAGE)),
        total=total,
        english=current_language().code == "en",
    )


def _shown(figure: Figure) -> tuple[str | None, str]:
    """Value and unit as they are read: a share as a percentage with one decimal."""
    if figure.value is None:
        return None, ""
    if figure.unit == SHARE:
        return f"{figure.value * 100:.1f}".removesuffix(".0"), "%"
    return f"{figure.value:,}", figure.unit
