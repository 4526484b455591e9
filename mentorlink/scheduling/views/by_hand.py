"""An hour that somebody writes: on the telephone at the office, or one that no list has."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Side
from mentorlink.engagements.policies import Seat
from mentorlink.scheduling import forms, policies, services, shown_hour
from mentorlink.scheduling.models import Meeting, MeetingWay
from mentorlink.scheduling.services.booking import agreed_way
from mentorlink.scheduling.services.by_hand import book_by_hand
from mentorlink.scheduling.views.blueprint import bp

PAGE = "/engagements/<int:engagement_id>/hour"


@bp.get(PAGE)
@allow(policies.seat_at_hour)
def show_hour(seat: Seat) -> Any:
    return _page(seat, shown_hour.empty_form(seat.engagement, seat.side))


@bp.post(PAGE)
@allow(policies.seat_at_hour)
def create_hour(seat: Seat) -> Any:
    form = shown_hour.consider(db(), seat.engagement, seat.side, request.form, now=now())
    if form.start is None or not form.is_clear:
        return _page(seat, form), 422
    try:
        with transaction(db()):
            meeting = _book(seat, form.start, form.way)
            if actor().is_office:
                record(
                    db(), actor(), "book_by_hand", f"application:{seat.engagement.application_id}", now=now()
                )
    except Conflict:
        return _page(seat, shown_hour.taken_meanwhile(db(), seat.engagement, form, now=now())), 409
    flash(gettext("日にちが決まりました。お知らせをお送りします。"))
    return redirect(url_for(".show_meeting", meeting_id=meeting.id), code=303)


def _book(seat: Seat, start: datetime, wished: str) -> Meeting:
    """Between the two sides as one more talk of their plan; the office says how they talk."""
    by, at = actor().name_in_history, now()
    if seat.side is not Side.OFFICE:
        return services.plan_talks(db(), seat.engagement, [start], by=by, side=seat.side, now=at)[0]
    way = MeetingWay(wished) if wished in list(MeetingWay) else agreed_way(seat.engagement)
    return book_by_hand(db(), seat.engagement, start, way=way, by=by, now=at)


def _page(seat: Seat, form: forms.HourForm) -> str:
    page = shown_hour.hour_page(db(), seat.engagement, seat.side, form, now())
    return render_template("scheduling/hour.html", **page)
