"""まとめて書く: the effect is shown, then confirmed, then each half-year gets the letter once."""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core.actor import Actor
from mentorlink.core.db import transaction
from mentorlink.core.i18n import plain
from mentorlink.core.web import allow, db, now, office_only
from mentorlink.home.board.filters import BoardFilter
from mentorlink.home.board.forms import LetterForm
from mentorlink.home.board.letters import Effect, effects_of, send_letter
from mentorlink.home.board.many import SHOWN, chosen_ids, is_proof, proof_of, ticked
from mentorlink.home.board.words import LEFT_WORDS
from mentorlink.home.views import bp
from mentorlink.people.words import CHANNEL_WORDS


@bp.get("/office/engagements/messages")
@allow(office_only)
def show_letters(_office: Actor) -> Any:
    form = LetterForm(formdata=None, submission=secrets.token_urlsafe(16))
    return _page(form, effects_of(db(), chosen_ids(db(), request.args, now=now())))


@bp.post("/office/engagements/messages")
@allow(office_only)
def create_letters(office: Actor) -> Any:
    """Without the proof of a preview of just this text and these people, this is the preview."""
    form, effects = LetterForm(), effects_of(db(), chosen_ids(db(), request.form, now=now()))
    if not form.validate() or not effects:
        return _page(form, effects), 422
    expected = _proof(office, form, effects)
    if not is_proof(form.seen.data, expected):
        return _page(form, effects, proof=expected)
    count = _send(office, form, effects)
    flash(plain("%(n)s件に書きました。", n=count), "ok")
    return redirect(url_for(".show_board", **BoardFilter.read(request.form).words()), code=303)


def _send(office: Actor, form: LetterForm, effects: Sequence[Effect]) -> int:
    """Each in a transaction of its own: who is interrupted sends the same again, and nobody gets two."""
    body, token, count = form.body.text, form.submission.data, 0
    for effect in effects:
        with transaction(db()):
            count += send_letter(db(), effect.id, body, token, office, now=now())
    return count


def _proof(office: Actor, form: LetterForm, effects: Sequence[Effect]) -> str:
    """It does not fit any more where the text, or who gets it by which way, has changed since it was seen."""
    ways = ";".join(f"{each.id}:{each.left or ''}:{','.join(each.ways)}" for each in effects)
    ids = [each.id for each in effects]
    return proof_of("letter", office.user_id or 0, ids, form.submission.data, form.body.text, ways)


def _page(form: LetterForm, effects: Sequence[Effect], proof: str | None = None) -> str:
    getting = [each for each in effects if not each.left]
    return render_template(
        "home/board_letters.html",
        form=form,
        proof=proof,
        getting=getting,
        missing=[each for each in effects if each.left],
        recipients=Counter(each.recipient for each in getting),
        supporters=Counter(way for each in getting for way in each.supporters),
        most=SHOWN,
        left_words=LEFT_WORDS,
        channel_words=CHANNEL_WORDS,
        wanted=BoardFilter.read(request.values),
        everybody=request.values.get("all", ""),
        ticked=ticked(request.values),
    )
