"""選考 of a run: who reads, the meeting's table, and the search that begins with those selected."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select

from mentorlink.applications import services
from mentorlink.applications.models import Application, ApplicationState, Review, ReviewState
from mentorlink.applications.selection_queries import (
    TAKEN,
    applications_to_review,
    is_undecided,
    names_of_users,
    open_review_number,
    reviewers,
    selection_runs,
    states_by_run,
    submitted_reviews,
    undecided_number,
    waiting_list,
)
from mentorlink.applications.words import STATE_KINDS, STATE_WORDS
from mentorlink.core import audit
from mentorlink.core.actor import Role
from mentorlink.core.db import transaction
from mentorlink.core.i18n import ngettext
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.home.paging import asked_page
from mentorlink.home.selection.conflicts import bars_of
from mentorlink.home.selection.forms import ReviewersForm, name_of
from mentorlink.home.selection.policies import selection_run
from mentorlink.home.selection.table import Order, is_prepared, meeting_rows, places_of
from mentorlink.home.selection.words import AGREEMENT_KINDS, AGREEMENT_WORDS, ORDER_WORDS
from mentorlink.home.views import bp
from mentorlink.programmes.models import Programme

_S = ApplicationState
PAGE = 50
WITH_COMMENTS = 12  # as many applications as a meeting reads on one page


@bp.get("/office/selections")
@allow(office_only)
def show_selections(_actor: Any) -> Any:
    return render_template(
        "applications/selections.html",
        runs=selection_runs(db()),
        states=states_by_run(db()),
        undecided=(_S.RECEIVED, _S.CHECKING, _S.ASKING, _S.SELECTING),
        taken=TAKEN,
        own_open=open_review_number(db(), actor().user_id or 0),
    )


@bp.get("/office/selections/<code>")
@allow(selection_run)
def show_selection(programme: Programme) -> Any:
    order = _order()
    rows = meeting_rows(db(), actor(), programme, order)
    pages = max(1, -(-len(rows) // PAGE))
    page = min(asked_page(), pages)
    shown_rows = rows[(page - 1) * PAGE : page * PAGE]
    is_short = len(rows) <= WITH_COMMENTS
    comments = submitted_reviews(db(), [row.application.id for row in rows if row.is_readable and is_short])
    return render_template(
        "applications/selection.html",
        programme=programme,
        order=order,
        rows=shown_rows,
        page=page,
        pages=pages,
        total=len(rows),
        places=places_of(rows, programme),
        prepared=len([row for row in rows if is_prepared(row)]),
        selected=len([row for row in rows if row.application.state is _S.SELECTED]),
        waiting=len(waiting_list(db(), programme)),
        undecided=undecided_number(db(), programme),
        is_prepared=is_prepared,
        is_undecided=is_undecided,
        is_lead=actor().role is Role.LEAD,
        comments=comments,
        names=names_of_users(db(), {each.reviewer_user_id for found in comments.values() for each in found}),
        criteria={criterion.id: name_of(criterion) for criterion in programme.criteria},
        own_open=open_review_number(db(), actor().user_id or 0),
        **_words(),
    )


@bp.get("/office/selections/<code>/reviewers")
@allow(selection_run)
def show_reviewers(programme: Programme) -> Any:
    asked = select(Review.reviewer_user_id).join(Application).where(Application.programme_id == programme.id)
    chosen = [str(user_id) for user_id in db().scalars(asked.distinct())]
    return _render_reviewers(programme, ReviewersForm(formdata=None, data={"user_ids": chosen}))


@bp.post("/office/selections/<code>/reviewers")
@allow(selection_run)
def ask_reviewers(programme: Programme) -> Any:
    form, programme_id, code = _with_choices(ReviewersForm()), programme.id, programme.code
    if not form.validate():
        return _render_reviewers(programme, form), 422
    with transaction(db()):
        run = db().get_one(Programme, programme_id)
        bars = bars_of(db(), [each.id for each in applications_to_review(db(), run)], form.chosen())
        asked = services.ask_for_run(db(), run, form.chosen(), bars, by=actor().name_in_history, now=now())
        for application_id in {review.application_id for review in asked}:
            audit.record(db(), actor(), "ask_reviewers", f"application:{application_id}", now=now())
        number = len([review for review in asked if review.state is ReviewState.ASKED])
    flash(ngettext("%(n)s件の採点をお願いしました。", number))
    return redirect(url_for(".show_selection", code=code), code=303)


@bp.post("/office/selections/<code>/matching")
@allow(selection_run)
def begin_matching_of_run(programme: Programme) -> Any:
    programme_id, code = programme.id, programme.code
    with transaction(db()):
        run = db().get_one(Programme, programme_id)
        found = services.begin_matching_of_run(db(), run, by=actor().name_in_history, now=now())
        for application in found:
            audit.record(db(), actor(), "begin_matching", f"application:{application.id}", now=now())
        number = len(found)
    flash(ngettext("%(n)s件のお相手をさがし始めました。", number))
    return redirect(url_for(".show_selection", code=code), code=303)


def _order() -> Order:
    wanted = request.args.get("order", "")
    return Order(wanted) if wanted in set(Order) else Order.APART


def _words() -> dict[str, Any]:
    return {
        "state_words": STATE_WORDS,
        "state_kinds": STATE_KINDS,
        "agreement_words": AGREEMENT_WORDS,
        "agreement_kinds": AGREEMENT_KINDS,
        "order_words": ORDER_WORDS,
    }


def _with_choices(form: ReviewersForm) -> ReviewersForm:
    form.user_ids.choices = [(str(user.id), user.name) for user in reviewers(db())]
    return form


def _render_reviewers(programme: Programme, form: ReviewersForm) -> str:
    return render_template(
        "applications/reviewers.html",
        programme=programme,
        form=_with_choices(form),
        number=len(applications_to_review(db(), programme)),
    )
