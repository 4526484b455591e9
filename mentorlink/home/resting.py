"""お休みする, また始める: for either side and the office. A rest needs nobody's leave."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Engagement, EngagementState, PauseReason
from mentorlink.engagements.policies import Seat, seat_at_thread
from mentorlink.engagements.services import open_pause
from mentorlink.home.change_forms import RestForm
from mentorlink.home.views import bp
from mentorlink.scheduling.services import rest_engagement, take_up_engagement

ALIVE = (EngagementState.PREPARING, EngagementState.RUNNING, EngagementState.PAUSED)


def seat_while_alive(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """One of the three, while there is something that can rest or change."""
    seat = seat_at_thread(session, actor, engagement_id)
    return seat if seat is not None and seat.engagement.state in ALIVE else None


@bp.get("/engagements/<int:engagement_id>/pause")
@allow(seat_while_alive)
def show_rest(seat: Seat) -> Any:
    return _page(seat, RestForm(formdata=None))


@bp.post("/engagements/<int:engagement_id>/pause")
@allow(seat_while_alive)
def create_rest(seat: Seat) -> Any:
    form, engagement_id = RestForm(), seat.engagement.id
    if not form.validate():
        return _page(seat, form), 422
    with transaction(db()):
        engagement = _opened("pause", engagement_id)
        if engagement.state is not EngagementState.PAUSED:  # twice is as good as once
            reason, by, until = PauseReason(form.reason.data), actor().name_in_history, form.until_day
            rest_engagement(db(), engagement, reason, expected_until=until, by=by, now=now())
    flash(gettext("お休みにしました。ゆっくりしてください。"))
    return redirect(url_for(".show_rest", engagement_id=engagement_id), code=303)


@bp.post("/engagements/<int:engagement_id>/resumption")
@allow(seat_while_alive)
def create_resumption(seat: Seat) -> Any:
    engagement_id = seat.engagement.id
    with transaction(db()):
        engagement = _opened("resume", engagement_id)
        if engagement.state is EngagementState.PAUSED:
            take_up_engagement(db(), engagement, by=actor().name_in_history, now=now())
    flash(gettext("おかえりなさい。お休みした日の分だけ、この先の予定をうしろへずらしました。"))
    return redirect(url_for(".show_rest", engagement_id=engagement_id), code=303)


def _opened(verb: str, engagement_id: int) -> Engagement:
    """The row as it is inside the transaction; an act of the office leaves its mark."""
    engagement = db().get_one(Engagement, engagement_id)
    if actor().is_office:
        record(db(), actor(), verb, f"application:{engagement.application_id}", now=now())
    return engagement


def _page(seat: Seat, form: RestForm) -> str:
    return render_template("home/rest.html", seat=seat, form=form, pause=open_pause(db(), seat.engagement))
