"""What the pages about time show: gathered once, with the same few queries however much there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core import taxonomy
from mentorlink.core.business_time import is_holiday
from mentorlink.core.dates import (
    Zone,
    format_short_date,
    format_time,
    hours_elsewhere,
    hours_in_japan,
    local_date,
)
from mentorlink.core.i18n import gettext
from mentorlink.core.links import page_address
from mentorlink.core.text_input import show_phone
from mentorlink.core.zones import HOME
from mentorlink.engagements.models import Engagement, EngagementState, Side
from mentorlink.engagements.policies import Seat as EngagementSeat
from mentorlink.engagements.policies import seen_since
from mentorlink.scheduling import queries
from mentorlink.scheduling.add_links import AddLinks, add_talk
from mentorlink.scheduling.clocks import hours_of_other, other_zone, zone_of
from mentorlink.scheduling.forms import NumberForm, PlanForm, PlanRow
from mentorlink.scheduling.joining import (
    door_of,
    is_discreet,
    is_near,
    knows_number,
    lacks_number,
    number_of,
    room_of,
    way_word,
)
from mentorlink.scheduling.models import Meeting, MeetingState, SlotOffer
from mentorlink.scheduling.policies import Seat
from mentorlink.scheduling.queries.hours.still import move_of
from mentorlink.scheduling.services.occupancy import MEETS_IN

MOST_TO_CHOOSE_FROM = 8


@dataclass(frozen=True)
class Partner:
    """A supporter in words for the applicant: what they bring, never a number."""

    name: str
    introduction: str
    reasons: tuple[str, ...]


def offer_page(session: Session, offer: SlotOffer, now: datetime) -> dict[str, Any]:
    engagement = offer.engagement
    length, zone = timedelta(minutes=engagement.programme.meeting_minutes), engagement.recipient.zone
    return {
        "offer": offer,
        "application": engagement.application,
        "partners": partners_of(engagement, now),
        "options": [option(slot.id, slot.starts_at, length, zone) for slot in offer.slots],
        "held": next((slot for slot in offer.slots if slot.is_held), None),
        "is_open": offer.state == "open" and any(slot.starts_at > now for slot in offer.slots),
        "meeting": queries.next_meeting(session, engagement.id),
        "zone": zone,
    }


def partners_of(engagement: Engagement, now: datetime) -> list[Partner]:
    found = []
    for supporter in queries.team_of(engagement):
        sentences = queries.partner_reasons(engagement.application, supporter, now=now)
        reasons = tuple(gettext(each.msgid, **each.params) for each in sentences)
        found.append(Partner(supporter.person.display_name, supporter.introduction, reasons))
    return found


def option(
    value: object, start: datetime, length: timedelta, zone: Zone, other: str | None = None
) -> dict[str, Any]:
    """One card of the component ``slots``; its note is what other clocks show."""
    return {
        "value": value,
        "day": format_short_date(start, zone),
        "time": f"{format_time(start, zone)}〜{format_time(start + length, zone)}",
        "part": queries.part_of(start, zone),
        "note": beside(start, start + length, zone, other) or None,
    }


def meeting_page(
    session: Session, meeting: Meeting, side: Side, now: datetime, form: NumberForm | None = None
) -> dict[str, Any]:
    engagement = meeting.engagement
    return {
        **_call_of(session, meeting, side, now),
        "form": form or NumberForm(formdata=None),
        "meeting": meeting,
        "engagement": engagement,
        "side": side.value,
        "way_word": way_word(meeting),
        "zone": zone_of(engagement, side),
        "theirs": hours_of_other(meeting, side),
        "partners": partners_of(engagement, now),
        "is_to_come": meeting.state is MeetingState.CONFIRMED and now < meeting.starts_at,
        "is_now": meeting.state is MeetingState.CONFIRMED and meeting.starts_at <= now < meeting.ends_at,
        "can_be_recorded": meeting.state in (MeetingState.CONFIRMED, MeetingState.HELD)
        and meeting.starts_at <= now,
        "door": door_of(meeting).value,
        "is_near": is_near(meeting, now),
        "room": room_of(meeting, now) if side is not Side.OFFICE else None,
        "add": add_links_of(meeting, side),
        "waiting_offer": queries.open_offer(session, engagement.id),
        "notes": preparation(engagement.application) if side is Side.SUPPORTER else None,
    }


def _call_of(session: Session, meeting: Meeting, side: Side, now: datetime) -> dict[str, Any]:
    """What this side may know of the number: the supporter near the time, the applicant whether it is the right one."""
    number = number_of(session, meeting, side, now)
    is_own = side is Side.APPLICANT and not is_discreet(meeting.engagement, side)
    own = meeting.engagement.recipient.phone if is_own else None
    return {
        "number": show_phone(number) if number else None,
        "own_number": show_phone(own) if own else None,
        "knows_number": knows_number(session, meeting),
        "lacks_number": lacks_number(meeting),
    }


def plan_page(session: Session, seat: EngagementSeat, form: PlanForm, now: datetime) -> dict[str, Any]:
    engagement = seat.engagement
    zone, other = zone_of(engagement, seat.side), other_zone(engagement, seat.side)
    return {
        "engagement": engagement,
        "side": seat.side.value,
        "zone": zone,
        "other": other,
        "months": queries.months_of(session, engagement, now=now),
        "now": now,
        "readable_since": seen_since(seat, "talks"),
        "form": form,
        "rows": [_plan_row(row, engagement, zone, other) for row in form.rows],
        "can_plan": engagement.state in MEETS_IN,
        "is_resting": engagement.state is EngagementState.PAUSED,
    }


def _plan_row(row: PlanRow, engagement: Engagement, zone: Zone, other: str | None) -> dict[str, Any]:
    chosen = row.start or row.plan.suggested
    few = queries.a_few(row.plan.starts, chosen, zone)
    listed = sorted({*few, *([row.start] if row.start else [])})
    length = timedelta(minutes=engagement.programme.meeting_minutes)
    return {
        "name": row.name,
        "month": row.plan.month,
        "chosen": row.chosen,
        "gone": row.gone,
        "is_unknown": row.is_unknown,
        "options": [(start.isoformat(), format_hours(start, length, zone, other)) for start in listed],
    }


def format_hours(start: datetime, length: timedelta, zone: Zone, other: str | None = None) -> str:
    """One line of a list: ``12月3日（木）19:00〜20:00``, with other clocks' hours and a word on a holiday."""
    hours = f"{format_short_date(start, zone)}{format_time(start, zone)}〜{format_time(start + length, zone)}"
    if words := beside(start, start + length, zone, other):
        hours += gettext("（%(words)s）", words=words)
    return hours + gettext("（祝日）") if is_holiday(local_date(start, zone)) else hours


def beside(start: datetime, end: datetime, zone: Zone, other: str | None = None) -> str:
    """What is written beside an hour on the clocks of ``zone``: Japan's, and those of ``other``. "" where all agree."""
    words = []
    if in_japan := hours_in_japan(start, end, zone):
        words.append(gettext("日本では%(hours)s", hours=in_japan))
    if other and other != HOME and (theirs := hours_elsewhere(start, end, zone, other)):
        words.append(gettext("お相手の時計では%(hours)s", hours=theirs))
    return "・".join(words)


def add_links_of(meeting: Meeting, side: Side) -> AddLinks:
    page = page_address("meeting", meeting_id=meeting.id)
    discreet = is_discreet(meeting.engagement, side)
    return add_talk(
        meeting.starts_at, meeting.ends_at, page=page, file=f"{page}/calendar.ics", discreet=discreet
    )


def preparation(application: Application) -> dict[str, Any]:
    """準備メモ: what was asked for, what to look out for, and the applicant's own words."""
    return {
        "stage": taxonomy.term("stage", application.stage) if application.stage else None,
        "story": application.story,
        "accommodation_note": application.accommodation_note,
        **{
            scheme: [taxonomy.term(scheme, code) for code in application.codes(scheme)]
            for scheme in ("category", "theme", "accommodation")
        },
    }


def starts_to_choose_from(session: Session, seat: Seat, now: datetime) -> list[datetime]:
    """Other hours of both sides for a meeting that is to move."""
    meeting = seat.meeting
    free = queries.team_starts(session, meeting.engagement, now=now, move=move_of(meeting, seat.side))
    return [start for start in free if start != meeting.starts_at]


def change_options(
    meeting: Meeting,
    starts: Sequence[datetime],
    zone: str,
    chosen: datetime | None = None,
    other: str | None = None,
) -> list[dict[str, Any]]:
    """Some good hours, and the one that was chosen before."""
    few = {
        *queries.choose_good(starts, meeting.minutes, zone, MOST_TO_CHOOSE_FROM),
        *([chosen] if chosen else []),
    }
    good = sorted(few)
    length = timedelta(minutes=meeting.minutes)
    return [option(start.isoformat(), start, length, zone, other) for start in good]
