"""One step of a half-year: what shows it, what was said about it, and who does what next with it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import helplines_after
from mentorlink.core.actor import Actor
from mentorlink.core.dates import format_date
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements import services
from mentorlink.engagements.models import Evidence, EvidenceKind, Milestone, MilestoneState, MoveReason, Side
from mentorlink.engagements.policies import MilestoneSeat, Seat, seat_at_milestone, zone_of
from mentorlink.engagements.step_forms import CheckForm, EvidenceForm, MoveForm
from mentorlink.home.half_year import note_act, note_office_act
from mentorlink.home.milestone_page import step_page_of, talks_to_show
from mentorlink.home.views import bp


def mentee_at_step(session: Session, actor: Actor, milestone_id: int) -> MilestoneSeat | None:
    """The steps are the mentee's to take; the office does it for somebody on the telephone."""
    place = seat_at_milestone(session, actor, milestone_id)
    return None if place is None or place.seat.side is Side.SUPPORTER else place


def mentor_at_step(session: Session, actor: Actor, milestone_id: int) -> MilestoneSeat | None:
    """Looking at it is the mentor's; the office writes down what one has said on the telephone."""
    place = seat_at_milestone(session, actor, milestone_id)
    return None if place is None or place.seat.side is Side.APPLICANT else place


def brought_by_own_side(session: Session, actor: Actor, evidence_id: int) -> tuple[Evidence, Seat] | None:
    """What the mentor brought is the mentor's, everything else the mentee's; the office acts for the mentee."""
    evidence = session.get(Evidence, evidence_id)
    place = seat_at_milestone(session, actor, evidence.milestone_id) if evidence is not None else None
    if evidence is None or place is None:
        return None
    is_own = (evidence.side is Side.SUPPORTER) == (place.seat.side is Side.SUPPORTER)
    return (evidence, place.seat) if is_own else None


@bp.get("/milestones/<int:milestone_id>")
@allow(seat_at_milestone)
def show_milestone(place: MilestoneSeat) -> Any:
    note_office_act(place.seat, "read_step")
    return _page(place)


@bp.post("/milestones/<int:milestone_id>/beginning")
@allow(mentee_at_step)
def create_beginning(place: MilestoneSeat) -> Any:
    return _act(
        place, services.begin_milestone, "begin_step", gettext("はじめました。小さなことから、どうぞ。")
    )


@bp.post("/milestones/<int:milestone_id>/evidence")
@allow(seat_at_milestone)
def create_evidence(place: MilestoneSeat) -> Any:
    form, milestone_id, side = _evidence_form(place), place.milestone.id, place.seat.side
    if not form.validate():
        return _page(place, evidence_form=form), 422
    with transaction(db()):
        note_act(place.seat, "add_evidence")
        milestone, by = db().get_one(Milestone, milestone_id), actor().name_in_history
        kind = EvidenceKind(form.kind.data)
        services.add_evidence(db(), milestone, kind, **form.columns(), side=side, by=by, now=now())
    flash(gettext("のせました。"))
    return _back(milestone_id)


@bp.post("/evidence/<int:evidence_id>/removal")
@allow(brought_by_own_side)
def create_evidence_removal(found: tuple[Evidence, Seat]) -> Any:
    evidence_id, milestone_id = found[0].id, found[0].milestone_id
    with transaction(db()):
        note_act(found[1], "remove_evidence")
        evidence = db().get_one(Evidence, evidence_id)
        services.remove_evidence(db(), evidence, by=actor().name_in_history, now=now())
    flash(gettext("取り下げました。"))
    return _back(milestone_id)


@bp.post("/milestones/<int:milestone_id>/hand-in")
@allow(mentee_at_step)
def create_hand_in(place: MilestoneSeat) -> Any:
    said = gettext("お相手に、見てほしいとお伝えしました。お返事まで、少しお待ちください。")
    return _act(place, services.hand_in_milestone, "hand_in_step", said)


@bp.post("/milestones/<int:milestone_id>/retrieval")
@allow(mentee_at_step)
def create_retrieval(place: MilestoneSeat) -> Any:
    return _act(place, services.take_back_milestone, "take_back_step", gettext("手もとに戻しました。"))


@bp.post("/milestones/<int:milestone_id>/check")
@allow(mentor_at_step)
def create_check(place: MilestoneSeat) -> Any:
    form, milestone_id = CheckForm(), place.milestone.id
    if not form.validate():
        return _page(place, check_form=form), 422
    with transaction(db()):
        note_act(place.seat, "check_step")
        milestone, by = db().get_one(Milestone, milestone_id), actor().name_in_history
        reached, words = form.reached, form.words.value
        services.check_milestone(db(), milestone, reached=reached, words=words, by=by, now=now())
    flash(gettext("お伝えしました。見てくださって、ありがとうございます。"))
    return _back(milestone_id)


@bp.post("/milestones/<int:milestone_id>/revision")
@allow(seat_at_milestone)
def create_revision(place: MilestoneSeat) -> Any:
    said = gettext("見直すことにしました。これまでのことは、のこっています。")
    return _act(place, services.revise_milestone, "revise_step", said)


@bp.post("/milestones/<int:milestone_id>/skip")
@allow(mentee_at_step)
def create_skip(place: MilestoneSeat) -> Any:
    said = gettext("今回は見送りました。気が変わったら、いつでもとりくめます。")
    return _act(place, services.skip_milestone, "skip_step", said)


@bp.post("/milestones/<int:milestone_id>/return")
@allow(mentee_at_step)
def create_step_return(place: MilestoneSeat) -> Any:
    return _act(place, services.resume_milestone, "return_to_step", gettext("また、とりくみ中になりました。"))


@bp.post("/milestones/<int:milestone_id>/date")
@allow(seat_at_milestone)
def update_date(place: MilestoneSeat) -> Any:
    form, milestone_id = MoveForm(), place.milestone.id
    if not form.validate() or form.due_on.day is None:
        return _page(place, move_form=form), 422
    with transaction(db()):
        note_act(place.seat, "move_step")
        milestone, by = db().get_one(Milestone, milestone_id), actor().name_in_history
        day, reason = form.due_on.day, MoveReason(form.reason.data)
        services.move_milestone(db(), milestone, day, reason, by=by, now=now())
    flash(gettext("日にちを変えました。"))
    return _back(milestone_id)


def _act(place: MilestoneSeat, verb: Callable[..., None], audited: str, said: str) -> Any:
    """One verb without anything written."""
    milestone_id = place.milestone.id
    with transaction(db()):
        note_act(place.seat, audited)
        verb(db(), db().get_one(Milestone, milestone_id), by=actor().name_in_history, now=now())
    flash(said)
    return _back(milestone_id)


def _back(milestone_id: int) -> Any:
    return redirect(url_for(".show_milestone", milestone_id=milestone_id), code=303)


def _page(place: MilestoneSeat, **forms: Any) -> str:
    shown = step_page_of(db(), place)
    own = [each.text for each in shown.evidence if each.side is place.seat.side is Side.APPLICANT]
    return render_template(
        "home/milestone.html",
        page=shown,
        check_form=forms.get("check_form") or CheckForm(formdata=None),
        evidence_form=forms.get("evidence_form") or _evidence_form(place, empty=True),
        move_form=forms.get("move_form")
        or MoveForm(formdata=None, due_on=shown.milestone.due_on.isoformat()),
        helplines=helplines_after(*own),
        states=MilestoneState,
    )


def _evidence_form(place: MilestoneSeat, *, empty: bool = False) -> EvidenceForm:
    form, zone = EvidenceForm(formdata=None) if empty else EvidenceForm(), zone_of(place.seat)
    talks = talks_to_show(db(), place.milestone.engagement_id)
    form.meeting_id.choices = [(str(each.id), format_date(each.starts_at, zone)) for each in talks]
    return form
