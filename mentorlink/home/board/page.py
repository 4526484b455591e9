"""/office/engagements: a line for each half-year, who needs somebody first on top."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mentorlink.accounts import saved_views
from mentorlink.core import dates, taxonomy
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import plain
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.home.board.filters import BoardFilter
from mentorlink.home.board.forms import ViewForm
from mentorlink.home.board.lines import keep_need, lines_of, order_lines, runs_of_months
from mentorlink.home.board.marks import marks_of
from mentorlink.home.board.needs import SILENCE, WORDS, Need
from mentorlink.home.board.words import REST_WORDS, STATE_WORDS
from mentorlink.home.paging import asked_page
from mentorlink.home.views import bp
from mentorlink.programmes.words import name_with_year

PAGE_SIZE = 25
PATH = "/office/engagements"


@bp.get("/office/engagements")
@allow(office_only)
def show_board(office: Actor) -> Any:
    return board_page(office, BoardFilter.read(request.args), ViewForm(formdata=None))


@bp.post("/office/engagements/views")
@allow(office_only)
def create_view(office: Actor) -> Any:
    """The filter that is open gets a name of one's own."""
    wanted, form = BoardFilter.read(request.form), ViewForm()
    if not form.validate():
        return board_page(office, wanted, form), 422
    with transaction(db()):
        user_id = office.user_id or 0
        saved_views.save_view(db(), user_id, PATH, form.name.text, urlencode(wanted.words()))
        record(db(), actor(), "save_view", f"user:{user_id}", now=now())
    flash(plain("絞り込みに名前をつけました。"), "ok")
    return redirect(url_for(".show_board", **wanted.words()), code=303)


@bp.post("/office/engagements/views/deletion")
@allow(office_only)
def create_view_deletion(office: Actor) -> Any:
    with transaction(db()):
        user_id = office.user_id or 0
        if saved_views.drop_view(db(), user_id, PATH, request.form.get("name", "")):
            record(db(), actor(), "drop_view", f"user:{user_id}", now=now())
    flash(plain("絞り込みの名前を消しました。"), "ok")
    return redirect(url_for(".show_board"), code=303)


def board_page(office: Actor, wanted: BoardFilter, view_form: ViewForm) -> str:
    found = order_lines(db(), wanted, now=now())
    kept = keep_need(found, wanted)
    pages = max(1, -(-len(kept) // PAGE_SIZE))
    page = min(asked_page(), pages)
    lines = lines_of(db(), kept[(page - 1) * PAGE_SIZE : page * PAGE_SIZE], now=now())
    return render_template(
        "home/board.html",
        wanted=wanted,
        lines=lines,
        marks=marks_of(db(), lines, now=now()),
        counts=Counter(each.need for each in found),
        total=len(kept),
        page=page,
        pages=pages,
        runs=[(run.code, name_with_year(run)) for run in runs_of_months(db())],
        views=_views(db(), office),
        view_form=view_form,
        **words(),
    )


def words() -> Mapping[str, Any]:
    return {
        "dates": dates,
        "taxonomy": taxonomy,
        "now": now(),
        "needs": list(Need),
        "need_words": WORDS,
        "silence": SILENCE,
        "state_words": STATE_WORDS,
        "rest_words": REST_WORDS,
    }


def _views(session: Session, office: Actor) -> list[tuple[str, dict[str, str]]]:
    """Each name with the words of its filter, as the board understands them today."""
    views = saved_views.views_of(session, office.user_id or 0, PATH)
    return [(view.name, BoardFilter.read(dict(parse_qsl(view.query))).words()) for view in views]
