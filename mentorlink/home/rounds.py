"""組み合わせ: one round of a programme on one page, to be looked at, changed and approved."""

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mentorlink.core import dates
from mentorlink.core.actor import SYSTEM, Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import current_language, plain
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.home.views import bp
from mentorlink.matching.models import MatchRun
from mentorlink.matching.nightly import ready_rounds
from mentorlink.matching.round_page import round_page
from mentorlink.matching.round_queries import latest_run, searched_for, waiting_by_programme
from mentorlink.matching.rounds import approve_pairs, prepare_round, proposed_by, steering_of
from mentorlink.programmes.models import Programme
from mentorlink.setup.policies import office_programme

CHANGES = ("pin", "release", "ban", "allow")
_PAIR = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


@bp.get("/office/rounds")
@allow(office_only)
def show_rounds(_office: Actor) -> Any:
    found, ready = waiting_by_programme(db()), ready_rounds(db(), now())
    return render_template("home/rounds.html", found=found, ready=ready, english=_reads_english())


@bp.get("/office/rounds/<code>")
@allow(office_programme)
def show_round(programme: Programme) -> Any:
    run = latest_run(db(), programme)
    ask, page = request.args.get("ask", type=int), request.args.get("page", 1, type=int)
    return render_template(
        "home/round.html",
        programme=programme,
        found=round_page(db(), run, page=page, ask=ask) if run else None,
        waiting=0 if run else len(searched_for(db(), programme)),
        name=programme.name_en if _reads_english() else programme.name_ja,
        dates=dates,
        worker=SYSTEM,
    )


@bp.post("/office/rounds/<code>")
@allow(office_programme)
def create_round(programme: Programme) -> Any:
    with transaction(db()):
        pins, bans = steering_of(latest_run(db(), programme))
        _prepare(programme, pins, bans, "prepare_round")
    return redirect(url_for("home.show_round", code=programme.code), code=303)


@bp.post("/office/rounds/<code>/changes")
@allow(office_programme)
def create_round_change(programme: Programme) -> Any:
    act, application, supporter = _change()
    with transaction(db()):
        run = _latest(db(), programme)
        pins, bans = steering_of(run)
        _steer(pins, bans, act, application, supporter)
        fresh = _prepare(programme, pins, bans, f"{act}_pair")
        moved = _moved(run, fresh) - {application}
    flash(plain("組み直しました。ほかに動いた申込は%(n)s件です。", n=len(moved)), "ok")
    return redirect(_card(programme, application), code=303)


@bp.post("/office/rounds/<code>/approvals")
@allow(office_programme)
def create_round_approval(programme: Programme) -> Any:
    with transaction(db()):
        run = _latest(db(), programme)
        asked, late = approve_pairs(db(), run, _approved(run), by=actor().name_in_history, now=now())
        for proposal in asked:
            record(db(), actor(), "propose", f"application:{proposal.application_id}", now=now())
        count = len(asked)
    flash(plain("%(n)s件の打診をお送りしました。", n=count), "ok")
    if late:
        flash(
            plain("%(n)s件は、いまは打診できませんでした。もう一度組み合わせてください。", n=len(late)),
            "warn",
        )
    return redirect(url_for("home.show_round", code=programme.code), code=303)


def _prepare(programme: Programme, pins: dict[int, int], bans: set[tuple[int, int]], verb: str) -> MatchRun:
    record(db(), actor(), verb, f"programme:{programme.id}", now=now())
    return prepare_round(db(), programme, pins, bans, now=now(), by=actor().name_in_history)


def _steer(
    pins: dict[int, int], bans: set[tuple[int, int]], act: str, application: int, supporter: int
) -> None:
    if act == "pin":
        pins[application] = supporter
    elif act == "release":
        pins.pop(application, None)
    elif act == "ban":
        bans.add((application, supporter))
        pins.pop(application, None)
    else:
        bans.discard((application, supporter))


def _change() -> tuple[str, int, int]:
    """The button that was pressed: ``pin=12-5``."""
    pressed = [act for act in CHANGES if act in request.form]
    pair = _PAIR.fullmatch(request.form[pressed[0]]) if len(pressed) == 1 else None
    if pair is None:
        abort(400)
    return pressed[0], int(pair[1]), int(pair[2])


def _latest(session: Session, programme: Programme) -> MatchRun:
    """The round that the page showed; Conflict where there is a newer one."""
    run = latest_run(session, programme)
    if run is None or str(run.id) != request.form.get("run"):
        raise Conflict("round_replaced")
    return run


def _approved(run: MatchRun) -> set[int]:
    if "all" in request.form:
        waiting = {each.id for each in searched_for(db(), run.programme)}
        return {each.application_id for each in proposed_by(run)} & waiting
    chosen = [request.form["only"]] if "only" in request.form else request.form.getlist("application")
    return {int(each) for each in chosen if each.isdecimal() and len(each) < 10}


def _moved(before: MatchRun, after: MatchRun) -> set[int]:
    """The applications whose supporter or hour is another one, in both rounds."""
    old, new = (
        {each.application_id: (each.supporter_ids, each.hour) for each in proposed_by(run)}
        for run in (before, after)
    )
    return {each for each in old.keys() | new.keys() if old.get(each) != new.get(each)}


def _card(programme: Programme, application: int) -> str:
    return url_for("home.show_round", code=programme.code, _anchor=f"application-{application}")


def _reads_english() -> bool:
    return current_language().code == "en"
