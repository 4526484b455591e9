"""Letting one, several or a whole region rest, and taking them up again: always the effect first."""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core import dates, taxonomy
from mentorlink.core.actor import Actor
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import plain
from mentorlink.core.web import allow, db, now, office_only
from mentorlink.engagements.models import EngagementState, PauseReason
from mentorlink.home.board import rests
from mentorlink.home.board.filters import RESTING
from mentorlink.home.board.forms import RestForm, ResumptionForm
from mentorlink.home.board.lines import GOING_ON
from mentorlink.home.board.many import MOST_AT_ONCE, SHOWN, is_proof, proof_of, ticked
from mentorlink.home.board.words import REST_WORDS
from mentorlink.home.views import bp


@bp.get("/office/engagements/pauses")
@allow(office_only)
def show_rests(office: Actor) -> Any:
    """The form; with a reason in the address, the effect of what it says."""
    if "reason" not in request.args:
        form = RestForm(formdata=None, meta={"csrf": False}, batch=secrets.token_urlsafe(16))
        return _rest_page(form, [])
    form = RestForm(formdata=request.args, meta={"csrf": False})
    if not form.validate():
        return _rest_page(form, []), 422
    return _rest_preview(office, form)


@bp.post("/office/engagements/pauses")
@allow(office_only)
def create_rests(office: Actor) -> Any:
    form = RestForm()
    if not form.validate():
        return _rest_page(form, []), 422
    ids = _meant(form)
    if not is_proof(form.seen.data, _rest_proof(office, form, ids)):
        return _rest_preview(office, form)
    rest = {"reason": PauseReason(form.reason.data), "expected_until": form.until, "batch": form.batch.data}
    count = 0
    for each in ids:
        with transaction(db()):
            count += rests.let_rest(db(), each, office, **rest, now=now())
    flash(plain("%(n)s件をお休みにしました。", n=len(ids) if count == 0 else count), "ok")
    return redirect(url_for(".show_board", state=RESTING), code=303)


@bp.get("/office/engagements/resumptions")
@allow(office_only)
def show_resumptions(office: Actor) -> Any:
    ids = _resting(request.args)
    return _resumption_page(office, ids, request.args.get("batch", ""))


@bp.post("/office/engagements/resumptions")
@allow(office_only)
def create_resumptions(office: Actor) -> Any:
    ids, batch, form = _resting(request.form), request.form.get("batch", ""), ResumptionForm()
    if not form.validate() or not is_proof(form.seen.data, _resumption_proof(office, ids)):
        return _resumption_page(office, ids, batch)
    count = 0
    for each in ids:
        with transaction(db()):
            count += rests.let_go_on(db(), each, office, now=now())
    flash(plain("%(n)s件が、また歩きはじめました。", n=count or len(ids)), "ok")
    return redirect(url_for(".show_board"), code=303)


def _meant(form: RestForm) -> list[int]:
    """The ticked lines, else the region: those that go on now, and those that this very act has let rest."""
    done = rests.rested_in(db(), form.batch.data)
    found = ticked(request.values) or rests.ids_in_region(db(), form.region.data or [])
    going_on = rests.effects_of_rest(db(), found, now=now())
    return sorted(done | {each.id for each in going_on if each.state in GOING_ON})


def _resting(words: Any) -> list[int]:
    return _few(rests.resting_since(db(), words["batch"]) if words.get("batch") else ticked(words))


def _few(ids: list[int]) -> list[int]:
    if len(ids) > MOST_AT_ONCE:
        raise RuleViolation("too_many_at_once")
    return ids


def _rest_proof(office: Actor, form: RestForm, ids: Sequence[int]) -> str:
    words = form.batch.data, form.reason.data, str(form.until)
    return proof_of("rest", office.user_id or 0, ids, *words)


def _resumption_proof(office: Actor, ids: Sequence[int]) -> str:
    return proof_of("go on", office.user_id or 0, ids, str(dates.local_date(now())))


def _rest_preview(office: Actor, form: RestForm) -> str:
    ids = _few(_meant(form))
    return _rest_page(form, ids, proof=_rest_proof(office, form, ids))


def _rest_page(form: RestForm, ids: Sequence[int], proof: str | None = None) -> str:
    found = rests.effects_of_rest(db(), ids, now=now())
    effects = [each for each in found if each.state in GOING_ON]
    return render_template(
        "home/board_rests.html",
        form=form,
        proof=proof,
        effects=effects,
        talks=sum(len(each.talks) for each in effects),
        reminders=sum(each.reminders for each in effects),
        steps=sum(each.steps for each in effects),
        ticked=ticked(request.values),
        **_words(),
    )


def _resumption_page(office: Actor, ids: Sequence[int], batch: str) -> str:
    found = rests.effects_of_going_on(db(), ids, now=now())
    return render_template(
        "home/board_resumptions.html",
        form=ResumptionForm(formdata=None, seen=_resumption_proof(office, ids)),
        effects=[each for each in found if each.state is EngagementState.PAUSED],
        batch=batch,
        batches=rests.open_batches(db()),
        ticked=ticked(request.values),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "most": SHOWN,
        "rest_words": REST_WORDS,
        "dates": dates,
        "taxonomy": taxonomy,
        "today": dates.local_date(now()),
    }
