"""The thread between the two sides, and telling the office that something was not right."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.applications.crisis import helplines_after
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements import queries
from mentorlink.engagements.forms import ConcernForm, MessageForm
from mentorlink.engagements.models import Side, ThreadPost
from mentorlink.engagements.policies import Seat, seat_at_thread, side_that_may_report, zone_of
from mentorlink.engagements.services import post_message, report_concern
from mentorlink.engagements.views.blueprint import bp


@bp.get("/engagements/<int:engagement_id>/thread")
@allow(seat_at_thread)
def show_thread(seat: Seat) -> Any:
    if seat.side is Side.OFFICE:
        with transaction(db()):
            _note_office_act("read_thread", seat)
    return _thread_page(seat, MessageForm(formdata=None, submission=secrets.token_urlsafe(16)))


@bp.post("/engagements/<int:engagement_id>/messages")
@allow(seat_at_thread)
def create_message(seat: Seat) -> Any:
    form = MessageForm()
    if not form.validate():
        return _thread_page(seat, form), 422
    body, token = form.body.value or "", form.submission.data
    with transaction(db()):
        post_message(db(), seat.engagement, seat.side, seat.person_id, body, token, now=now())
        _note_office_act("write_in_thread", seat)
    flash(gettext("メッセージを送りました。"))
    return redirect(url_for(".show_thread", engagement_id=seat.engagement.id), code=303)


@bp.get("/engagements/<int:engagement_id>/concern")
@allow(side_that_may_report)
def show_concern(seat: Seat) -> Any:
    return render_template("engagements/concern.html", seat=seat, form=ConcernForm(formdata=None))


@bp.post("/engagements/<int:engagement_id>/concern")
@allow(side_that_may_report)
def create_concern(seat: Seat) -> Any:
    form = ConcernForm()
    if not form.validate():
        return render_template("engagements/concern.html", seat=seat, form=form), 422
    by, engagement = actor().name_in_history, seat.engagement
    with transaction(db()):
        report_concern(db(), engagement, form.note(), by=by, now=now(), side=seat.side)
    flash(gettext("事務局だけにお伝えしました。担当からご連絡します。お急ぎのときは、お電話ください。"))
    return redirect(url_for(".show_thread", engagement_id=engagement.id), code=303)


def _thread_page(seat: Seat, form: MessageForm) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    posts = queries.posts_for(db(), seat, page)
    total = queries.count_posts(db(), seat)
    return render_template(
        "engagements/thread.html",
        seat=seat,
        zone=zone_of(seat),
        form=form,
        posts=posts,
        helplines=helplines_after(*(post.body for post, _name in posts if _is_own(post, seat))),
        is_own=lambda post: _is_own(post, seat),
        page=page,
        pages=max(1, -(-total // queries.POSTS_ON_A_PAGE)),
        supporters=[each.supporter.person for each in seat.engagement.supporters if each.until is None],
    )


def _is_own(post: ThreadPost, seat: Seat) -> bool:
    """On the supporter's side somebody else may have sat before."""
    if seat.side is Side.SUPPORTER:
        return post.side is seat.side and post.author_person_id == seat.person_id
    return post.side is seat.side and seat.side is not Side.OFFICE


def _note_office_act(verb: str, seat: Seat) -> None:
    if seat.side is Side.OFFICE:
        record(db(), actor(), verb, f"application:{seat.engagement.application_id}", now=now())
