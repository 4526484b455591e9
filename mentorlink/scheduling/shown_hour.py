"""What the pages show around an hour that somebody writes by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from mentorlink.core.dates import clock_offset
from mentorlink.core.i18n import gettext
from mentorlink.core.zones import HOME, zone_name
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling import clocks, queries, shown
from mentorlink.scheduling.forms import HourForm
from mentorlink.scheduling.forms.hour import Tap
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.notices import WAYS
from mentorlink.scheduling.queries.hours.sets import Move
from mentorlink.scheduling.queries.hours.still import move_of
from mentorlink.scheduling.queries.typed import Weighed, latest_start, talk_at, weigh_hour
from mentorlink.scheduling.services.booking import agreed_way
from mentorlink.scheduling.services.occupancy import MEETS_IN
from mentorlink.scheduling.typed_hours import nearest

MOST_SHOWN = 8


def zones_for(engagement: Engagement, side: Side) -> list[str]:
    """By whose clocks an hour may be written, the usual first: the office talks with people of several."""
    own = clocks.zone_of(engagement, side)
    if side is not Side.OFFICE:
        return [own]
    team = [supporter.person.zone for supporter in queries.team_of(engagement)]
    return list(dict.fromkeys([own, *team, HOME]))


def empty_form(engagement: Engagement, side: Side) -> HourForm:
    return HourForm(zones_for(engagement, side)[0])


def consider(
    session: Session,
    engagement: Engagement,
    side: Side,
    sent: MultiDict[str, str],
    *,
    now: datetime,
    moving: Meeting | None = None,
) -> HourForm:
    """What was written, as an hour that can be booked (``is_clear``), or with what is wrong or to be asked.

    Outside of the hours that were given only the office books, and only when it says so a second time.
    """
    until = latest_start(session, engagement, now=now, by_office=side is Side.OFFICE)
    form = HourForm.read(sent, zones_for(engagement, side), now=now, until=until)
    if form.start is None or talk_at(session, engagement, form.start):  # sent a second time
        return form
    move = move_of(moving, side) if moving else None
    found = weigh_hour(session, engagement, form.start, now=now, until=until, move=move)
    by_office = side is Side.OFFICE and found.is_free
    if found.is_given or (by_office and form.is_sure):
        return form
    close = tuple(nearest(found.starts, form.start, minutes=engagement.programme.meeting_minutes))
    return form.asking(_why_not(found, by_office), close, may_insist=by_office)


def taken_meanwhile(
    session: Session, engagement: Engagement, form: HourForm, *, now: datetime, move: Move | None = None
) -> HourForm:
    """Somebody was faster: the nearest that are left."""
    wanted = form.start or now
    until = max(wanted, latest_start(session, engagement, now=now))
    starts = queries.team_starts(session, engagement, now=now, until=until, move=move)
    close = tuple(nearest(starts, wanted, minutes=engagement.programme.meeting_minutes))
    return form.asking(gettext("その時間は、ひと足先に埋まりました。近い時間から選べます。"), close)


def hour_parts(engagement: Engagement, side: Side, form: HourForm) -> dict[str, Any]:
    """What the component ``typed_hour`` shows."""
    length = timedelta(minutes=engagement.programme.meeting_minutes)
    zones, other = zones_for(engagement, side), clocks.other_zone(engagement, side)
    return {
        "hour": form,
        "taps": [_shown_tap(each, length, form.zone, other) for each in form.taps],
        "insist": _shown_tap(Tap(form.start), length, form.zone, other)
        if form.start and form.may_insist
        else None,
        "clocks": [(each, zone_name(each)) for each in zones] if len(zones) > 1 else [],
    }


def hour_page(
    session: Session, engagement: Engagement, side: Side, form: HourForm, now: datetime
) -> dict[str, Any]:
    starts = queries.team_starts(session, engagement, now=now)
    zone, minutes = clocks.zone_of(engagement, side), engagement.programme.meeting_minutes
    length, other = timedelta(minutes=minutes), clocks.other_zone(engagement, side)
    good = queries.choose_good(starts, minutes, zone, MOST_SHOWN)
    way = form.way or agreed_way(engagement).value
    return {
        **hour_parts(engagement, side, replace(form, way=way)),
        "engagement": engagement,
        "side": side.value,
        "zone": zone,
        "partners": [each.person.display_name for each in queries.team_of(engagement)],
        "ways": [(each.value, word) for each, word in WAYS.items()],
        "options": [shown.option(start.isoformat(), start, length, zone, other) for start in good],
        "can_plan": engagement.state in MEETS_IN and bool(queries.team_of(engagement)),
    }


def _why_not(found: Weighed, by_office: bool) -> str:
    if found.is_taken:
        words = gettext("その時間は、どなたかのほかの予定と重なります。")
    elif found.is_full:
        words = gettext("その週か月は、講師・メンターが決めたお話しの回数がいっぱいです。")
    elif by_office:
        words = gettext("その時間は、お二人から聞いている時間の外です。")
    else:
        words = gettext("その時間は、お二人とも空いている時間の外です。")
    more = (
        gettext("近い時間から選べます。")
        if found.starts
        else gettext("お電話で、ほかの時間をご相談ください。")
    )
    return words + more


def _shown_tap(tap: Tap, length: timedelta, zone: str, other: str | None) -> dict[str, Any]:
    """``offset`` tells two hours of the same name apart."""
    offset = clock_offset(tap.start, zone) if tap.words else ""
    return {
        **shown.option(tap.start.isoformat(), tap.start, length, zone, other),
        "words": tap.words,
        "offset": offset,
    }
