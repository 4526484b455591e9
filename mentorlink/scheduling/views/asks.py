"""The page of near hours, where one tap asks and one tap answers: the same page for both sides."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import gettext, mark
from mentorlink.core.messages import message_of
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Engagement
from mentorlink.engagements.policies import Seat
from mentorlink.scheduling import forms, policies, queries, services, shown_near
from mentorlink.scheduling.models import AskState, HourAsk
from mentorlink.scheduling.policies import AnswerSeat
from mentorlink.scheduling.views.blueprint import bp

PAGE = "/engagements/<int:engagement_id>/near-hours"
THANKS = {
    "yes": mark("ありがとうございます。みなさんのお返事がそろったら、お知らせします。"),
    "no": mark("お知らせくださって、ありがとうございます。"),
}


@bp.get(PAGE)
@allow(policies.seat_at_near_hours)
def show_near_hours(seat: Seat) -> Any:
    return _page(seat)


@bp.post(PAGE)
@allow(policies.seat_at_near_hours)
def create_ask(seat: Seat) -> Any:
    start = forms.sent_instant(request.form, "start")
    if start is None:
        return _page(seat, fault=gettext("時間をひとつえらんでください。")), 422
    by, person_id = actor().name_in_history, policies.person_at(seat)
    try:
        with transaction(db()):
            ask = services.ask_for_hour(
                db(), seat.engagement, start, by=by, side=seat.side, person_id=person_id, now=now()
            )
            _count_office_act("ask_for_hour", seat)
    except Conflict as conflict:
        return _page(seat, fault=gettext(message_of(conflict.code))), 409
    return _after(seat, ask, gettext("お聞きしました。お返事がありしだい、お知らせします。"))


@bp.get("/my/applications/<int:application_id>/near-hours")
@allow(policies.own_engagement)
def show_own_near_hours(engagement: Engagement) -> Any:
    """Where the applicant's mails lead: their link knows the application."""
    return redirect(url_for(".show_near_hours", engagement_id=engagement.id), code=303)


@bp.get("/hour-answers/<int:answer_id>")
@allow(policies.own_hour_answer)
def show_hour_answer(at: AnswerSeat) -> Any:
    """Where a supporter's mails lead: their link knows which of a team they are."""
    return redirect(url_for(".show_near_hours", engagement_id=at.seat.engagement.id), code=303)


@bp.post("/hour-answers/<int:answer_id>")
@allow(policies.own_hour_answer)
def create_hour_answer(at: AnswerSeat) -> Any:
    said, by = forms.single(request.form, "answer"), actor().name_in_history
    if said not in ("yes", "no"):
        return _page(at.seat, fault=gettext("「大丈夫」か「むずかしい」を押してください。")), 422
    ask, person_id = at.answer.ask, at.answer.person_id
    try:
        with transaction(db()):
            ask = services.answer_hour(db(), ask, person_id, is_yes=said == "yes", by=by, now=now())
            _count_office_act("answer_hour", at.seat)
    except Conflict as conflict:
        return _page(at.seat, fault=gettext(message_of(conflict.code))), 409
    return _after(at.seat, ask, gettext(THANKS[said]))


def _after(seat: Seat, ask: HourAsk, words: str) -> Any:
    """To the talk that it has become, or back to the page, which says how it stands."""
    meeting = queries.next_meeting(db(), seat.engagement.id, after=now())
    if ask.state is AskState.AGREED and meeting is not None:
        flash(gettext("日にちが決まりました。お知らせをお送りします。"))
        return redirect(url_for(".show_meeting", meeting_id=meeting.id), code=303)
    if ask.state is AskState.DROPPED:
        return _page(seat, fault=gettext(message_of("slot_gone"))), 409
    flash(words)
    return redirect(url_for(".show_near_hours", engagement_id=seat.engagement.id), code=303)


def _page(seat: Seat, **more: Any) -> str:
    return render_template("scheduling/near_hours.html", **shown_near.near_page(db(), seat, now()), **more)


def _count_office_act(verb: str, seat: Seat) -> None:
    if actor().is_office:
        record(db(), actor(), verb, f"application:{seat.engagement.application_id}", now=now())
