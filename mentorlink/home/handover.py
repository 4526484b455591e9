"""伴走する人を変える: asked by any of the three without a reason, what goes along is the mentee's to choose."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.policies import own_application_ids
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Engagement, Handover, HandoverState, Side
from mentorlink.engagements.policies import HandoverSeat, Seat, seat_at_handover
from mentorlink.engagements.services import ask_handover, choose_handover, open_handover
from mentorlink.home.change_forms import HandoverForm
from mentorlink.home.resting import seat_while_alive
from mentorlink.home.views import bp
from mentorlink.matching.services import part_at_once, stay_together

OPEN = (HandoverState.ASKED, HandoverState.CHOSEN)


def own_engagement(session: Session, actor: Actor, application_id: int) -> Engagement | None:
    """The support of one's own application."""
    if application_id not in own_application_ids(session, actor):
        return None
    return session.scalar(select(Engagement).where(Engagement.application_id == application_id))


@bp.get("/my/applications/<int:application_id>/handover")
@allow(own_engagement)
def show_own_handover(engagement: Engagement) -> Any:
    """Where the links in mails lead: they know the application alone."""
    latest = select(Handover.id).where(Handover.engagement_id == engagement.id).order_by(Handover.id.desc())
    handover_id = db().scalar(latest.limit(1))
    if handover_id is None:
        return redirect(url_for(".show_change", engagement_id=engagement.id), code=303)
    return redirect(url_for(".show_handover", handover_id=handover_id), code=303)


@bp.get("/engagements/<int:engagement_id>/handover")
@allow(seat_while_alive)
def show_change(seat: Seat) -> Any:
    """A supporter does not learn here that the other side has wished for somebody else."""
    handover = open_handover(db(), seat.engagement)
    if handover is not None and seat.side is not Side.SUPPORTER:
        return redirect(url_for(".show_handover", handover_id=handover.id), code=303)
    return render_template("home/change.html", seat=seat, form=HandoverForm.of(None))


@bp.post("/engagements/<int:engagement_id>/handover")
@allow(seat_while_alive)
def create_change(seat: Seat) -> Any:
    form, engagement_id, side = HandoverForm(), seat.engagement.id, seat.side
    if not form.validate():
        return render_template("home/change.html", seat=seat, form=form), 422
    by = actor().name_in_history
    with transaction(db()):
        engagement = _opened("ask_handover", engagement_id)
        handover_id = ask_handover(db(), engagement, side, by=by, now=now()).id
        if side is Side.APPLICANT:
            _choose(db().get_one(Handover, handover_id), form)
    if side is Side.SUPPORTER:
        flash(gettext("お申し出を受け取りました。ここまで伴走してくださって、ありがとうございます。"))
        return redirect(url_for(".show_change", engagement_id=engagement_id), code=303)
    flash(gettext("受け取りました。教えてくださって、ありがとうございます。"))
    return redirect(url_for(".show_handover", handover_id=handover_id), code=303)


@bp.get("/handovers/<int:handover_id>")
@allow(seat_at_handover)
def show_handover(place: HandoverSeat) -> Any:
    return _page(place, HandoverForm.of(place.handover))


@bp.post("/handovers/<int:handover_id>")
@allow(seat_at_handover)
def update_handover(place: HandoverSeat) -> Any:
    form, handover_id = HandoverForm(), place.handover.id
    if not form.validate():
        return _page(place, form), 422
    with transaction(db()):
        handover = db().get_one(Handover, handover_id)
        _opened("choose_handover", handover.engagement_id)
        _choose(handover, form)
    flash(gettext("お渡しすることを、受け取りました。"))
    return redirect(url_for(".show_handover", handover_id=handover_id), code=303)


@bp.post("/handovers/<int:handover_id>/withdrawal")
@allow(seat_at_handover)
def create_handover_withdrawal(place: HandoverSeat) -> Any:
    """やっぱり変えない: twice is as good as once."""
    handover_id = place.handover.id
    with transaction(db()):
        handover = db().get_one(Handover, handover_id)
        _opened("cancel_handover", handover.engagement_id)
        if handover.state is not HandoverState.CANCELLED:
            stay_together(db(), handover, by=actor().name_in_history, now=now())
    flash(gettext("これまでどおり、続けます。"))
    return redirect(url_for(".show_handover", handover_id=handover_id), code=303)


def _choose(handover: Handover, form: HandoverForm) -> None:
    by = actor().name_in_history
    choose_handover(db(), handover, **form.chosen, by=by, now=now())
    if form.parts_at_once:
        part_at_once(db(), handover.engagement, by=by, now=now())


def _opened(verb: str, engagement_id: int) -> Engagement:
    engagement = db().get_one(Engagement, engagement_id)
    if actor().is_office:
        record(db(), actor(), verb, f"application:{engagement.application_id}", now=now())
    return engagement


def _page(place: HandoverSeat, form: HandoverForm) -> str:
    engagement = place.handover.engagement
    names = [each.supporter.person.display_name for each in engagement.supporters if each.until is None]
    is_open = place.handover.state in OPEN
    return render_template("home/handover.html", place=place, form=form, names=names, is_open=is_open)
