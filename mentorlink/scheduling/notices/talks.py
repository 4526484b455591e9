"""What both sides hear about hours: M06 to M09, M11, M13, M14. No message says what a talk is about."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from mentorlink.core import reminder_rules as rules
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.links import Link, LinkKind, Opening, address_of, issue_links, page_address
from mentorlink.core.outbox import Channel, OutboxMessage, Planned, plan_messages
from mentorlink.core.reminder_rules import Rule
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.policies import seen_since
from mentorlink.people.models import Person
from mentorlink.people.notices import Named, message_to, reminder_to, tell, tell_office
from mentorlink.scheduling.calendar_files import Appointment, write_calendar
from mentorlink.scheduling.clocks import hours_of_other
from mentorlink.scheduling.joining import Door, door_of, lacks_number, room_of, way_in, way_word
from mentorlink.scheduling.models import Meeting, MeetingRecord, MeetingState, MeetingWay, SlotOffer
from mentorlink.scheduling.queries import promise_of, team_of

SLOTS_OFFERED = "scheduling/slots_offered"  # M06
SLOTS_RENEWED = "scheduling/slots_renewed"  # M06 once more, after an offer ran out
CALL_WANTED = "scheduling/call_wanted"
BOOKED = "scheduling/booked"  # M07
TOMORROW = rules.TOMORROW.template  # M08
IN_AN_HOUR = rules.IN_AN_HOUR.template  # M09
RECORD_WANTED = rules.RECORD_WANTED.template  # M11
MISSED = "scheduling/missed"  # M13
MOVED = "scheduling/moved"  # M14
CANCELLED = "scheduling/cancelled"  # M14

WAYS: dict[MeetingWay, LazyText] = {
    MeetingWay.ONLINE: lazy("オンライン"),
    MeetingWay.PHONE: lazy("お電話"),
    MeetingWay.IN_PERSON: lazy("対面"),
}
BUTTONS: dict[str, LazyText] = {
    SLOTS_OFFERED: lazy("日にちをえらぶ"),
    SLOTS_RENEWED: lazy("日にちをえらぶ"),
    CALL_WANTED: lazy("日にちのページを開く"),
    IN_AN_HOUR: lazy("入り方を見る"),
    RECORD_WANTED: lazy("3行で書く"),
    MISSED: lazy("日にちをえらぶ"),
}
SEE_MEETING = lazy("予定のページを見る")

SOON = timedelta(hours=12)  # a change that near is told in the quiet hours too
LINK_LIFE = timedelta(days=60)
SAFE_LINK_LIFE = timedelta(days=2)


class Reader(NamedTuple):
    side: Side
    person: Person
    link_id: int


def tell_offer(
    session: Session, offer: SlotOffer, engagement: Engagement, *, now: datetime, is_renewed: bool = False
) -> None:
    """M06 to the applicant. ``is_renewed``: the hours before it have run out, which is nobody's fault."""
    tell(
        session,
        engagement.recipient,
        event=f"slots_offered:{offer.id}",
        template=SLOTS_RENEWED if is_renewed else SLOTS_OFFERED,
        about=f"offer:{offer.id}",
        params={"offer_id": offer.id, "link_id": _link_to_hours(session, engagement, now)},
        now=now,
    )


def ask_office_to_call(session: Session, offer: SlotOffer, engagement: Engagement, *, now: datetime) -> None:
    """電話で決めたい: a call task of the office."""
    tell_office(
        session,
        event=f"call_wanted:{offer.id}",
        template=CALL_WANTED,
        about=f"application:{engagement.application_id}",
        params={"offer_id": offer.id},
        now=now,
        channel=Channel.CALL,
    )


def tell_booked(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """M07 of a meeting just made, at once, and what comes later: the day before, the hour before, the morning after."""
    soon = meeting.starts_at - now < SOON  # in the morning it might have begun
    readers = readers_of(session, meeting, now)
    messages = reminders_of(meeting, readers, now)
    for reader in readers:
        at_once = soon or reader.side is Side.APPLICANT
        messages += _message(meeting, reader, BOOKED, now, answers_reader=at_once)
    plan_messages(session, messages, now=now, is_first=True)


def tell_moved(session: Session, meeting: Meeting, old: datetime, side: Side, *, now: datetime) -> None:
    """M14 with the calendar file of the next sequence; the reminders are planned anew."""
    soon = min(old, meeting.starts_at) - now < SOON
    readers = readers_of(session, meeting, now)
    messages = reminders_of(meeting, readers, now)
    for reader in readers:
        at_once = soon or reader.side is side
        messages += _message(meeting, reader, MOVED, now, answers_reader=at_once, old=old.isoformat())
    plan_messages(session, messages, now=now)


def tell_cancelled(
    session: Session, meeting: Meeting, side: Side, *, now: datetime, looks_again: bool = False
) -> None:
    """M14 with the calendar file that takes the appointment away: who called it off, and whether another day follows."""
    soon = meeting.starts_at - now < SOON
    told = {"cancelled_by": side.value, "looks_again": looks_again, "is_soon": soon}
    messages: list[Planned] = []
    for reader in readers_of(session, meeting, now):
        at_once = soon or reader.side is side
        messages += _message(meeting, reader, CANCELLED, now, answers_reader=at_once, **told)
    plan_messages(session, messages, now=now)


def tell_number(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """M09 to who calls, for a number that was told within the hour before."""
    messages: list[Planned] = []
    for reader in readers_of(session, meeting, now):
        if reader.side is Side.SUPPORTER:
            named = _named(meeting, reader, IN_AN_HOUR)
            named["event"] = f"number_known:{meeting.id}:{meeting.sequence}"
            until = meeting.ends_at
            messages += message_to(
                reader.person, **named, template=IN_AN_HOUR, now=now, not_after=until, answers_reader=True
            )
    plan_messages(session, messages, now=now)


def tell_missed(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """M13 to the applicant, whoever could not come: another day, and nobody is to blame."""
    engagement = meeting.engagement
    link = _link_to_hours(session, engagement, max(meeting.ends_at, now))
    reader = Reader(Side.APPLICANT, engagement.recipient, link)
    plan_messages(session, _message(meeting, reader, MISSED, now), now=now)


def plan_reminders(session: Session, meeting: Meeting, readers: list[Reader], now: datetime) -> None:
    """M08, M09 and M11, at the hours of the table of rules."""
    plan_messages(session, reminders_of(meeting, readers, now), now=now)


def reminders_of(meeting: Meeting, readers: list[Reader], now: datetime) -> list[Planned]:
    """What ``plan_reminders`` plans, for who plans it together with other messages."""
    found: list[Planned] = []
    for reader in readers:
        for rule in _rules_for(meeting, reader.side):
            is_before = rule.anchor is rules.Anchor.MEETING_START
            anchor = meeting.starts_at if is_before else meeting.ends_at
            found += reminder_to(
                reader.person, rule, anchor, **_named(meeting, reader, rule.template), now=now
            )
    return found


def _rules_for(meeting: Meeting, side: Side) -> tuple[Rule, ...]:
    """M09 is for the applicant, and for a supporter who has to call: the number is there from then."""
    if side is Side.APPLICANT:
        return rules.TOMORROW, rules.IN_AN_HOUR
    calls = door_of(meeting) is Door.CALL
    return (rules.TOMORROW, *([rules.IN_AN_HOUR] if calls else []), rules.RECORD_WANTED)


def _message(
    meeting: Meeting,
    reader: Reader,
    template: str,
    now: datetime,
    *,
    answers_reader: bool = False,
    **params: Any,
) -> list[Planned]:
    named = _named(meeting, reader, template, **params)
    return message_to(reader.person, **named, template=template, now=now, answers_reader=answers_reader)


def _named(meeting: Meeting, reader: Reader, template: str, **params: Any) -> Named:
    """Each sequence of a meeting is told of anew."""
    ids = {"meeting_id": meeting.id, "person_id": reader.person.id, "link_id": reader.link_id}
    return Named(
        event=f"{template.rpartition('/')[2]}:{meeting.id}:{meeting.sequence}",
        about=f"meeting:{meeting.id}",
        params=ids | {"side": reader.side.value} | params,
    )


def readers_of(session: Session, meeting: Meeting, now: datetime) -> list[Reader]:
    """Both sides, each with one link that all their mails about this hour carry."""
    engagement, until = meeting.engagement, max(meeting.ends_at, now)
    theirs = Opening("meeting", f"meeting:{meeting.id}", until + LINK_LIFE)
    people = [(Side.APPLICANT, engagement.recipient, _applicant_opening(engagement, until))]
    people += [(Side.SUPPORTER, supporter.person, theirs) for supporter in team_of(engagement)]
    links = issue_links(session, LinkKind.ENTRY, [opening for *_reader, opening in people], now=now)
    return [Reader(side, person, link) for (side, person, _opening), link in zip(people, links, strict=True)]


def _link_to_hours(session: Session, engagement: Engagement, now: datetime) -> int:
    """Opens the hours themselves: who was asked to choose one finds nothing else first."""
    opening = _applicant_opening(engagement, now, "own_slots")
    return issue_links(session, LinkKind.ENTRY, [opening], now=now)[0]


def _applicant_opening(engagement: Engagement, until: datetime, purpose: str = "application") -> Opening:
    life = SAFE_LINK_LIFE if engagement.recipient.safe_contact else LINK_LIFE
    return Opening(purpose, f"application:{engagement.application_id}", until + life)


# ---- what the templates show


def _show_offer(session: Session, message: OutboxMessage) -> dict[str, Any]:
    offer = session.get_one(SlotOffer, message.params["offer_id"])
    engagement = offer.engagement
    return {
        "step": 2,
        "receipt_number": engagement.application.reference,
        "slots": [slot.starts_at for slot in offer.slots],
        "minutes": timedelta(minutes=engagement.programme.meeting_minutes),
        "has_hold": any(slot.is_held for slot in offer.slots),
        "expires_at": offer.expires_at,
        "zone": engagement.recipient.zone,
        "action_url": _address(session, message),
        "action_label": BUTTONS[message.template],
    }


def _show_call_wanted(session: Session, message: OutboxMessage) -> dict[str, Any]:
    offer = session.get_one(SlotOffer, message.params["offer_id"])
    application, recipient = offer.engagement.application, offer.engagement.recipient
    return {
        "person": recipient,
        "receipt_number": application.reference,
        "call_hours": recipient.call_hours,
        "no_voicemail": recipient.no_voicemail,
        "action_url": page_address("slots", offer_id=offer.id),
        "action_label": BUTTONS[message.template],
    }


def _show_meeting(session: Session, message: OutboxMessage) -> dict[str, Any]:
    meeting = session.get_one(Meeting, message.params["meeting_id"])
    person = session.get_one(Person, message.params["person_id"])
    to_supporter = message.params["side"] == Side.SUPPORTER
    old = message.params.get("old")
    return {
        "step": None if to_supporter else 4 if message.template == MISSED else 3,
        "receipt_number": meeting.engagement.application.reference,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "old_starts_at": datetime.fromisoformat(old) if old else None,
        "way_word": way_word(meeting),
        "way_in": way_in(meeting, Side(message.params["side"])),
        "lacks_number": lacks_number(meeting),
        "zone": person.zone,
        "hours_there": hours_of_other(meeting, Side(message.params["side"])),
        "to_supporter": to_supporter,
        "action_url": _address(session, message),
        "action_label": BUTTONS.get(message.template, SEE_MEETING),
    }


def _show_tomorrow(session: Session, message: OutboxMessage) -> dict[str, Any]:
    """M08: what the two promised each other comes first."""
    meeting = session.get_one(Meeting, message.params["meeting_id"])
    person = session.get_one(Person, message.params["person_id"])
    promise = promise_for(session, meeting.engagement, person)
    return _show_meeting(session, message) | {"promise": promise}


def _show_in_an_hour(session: Session, message: OutboxMessage) -> dict[str, Any]:
    """M09: the way in. Where somebody may look over a shoulder it stands on the page alone."""
    meeting = session.get_one(Meeting, message.params["meeting_id"])
    is_safe = session.get_one(Person, message.params["person_id"]).safe_contact
    way_in = {"room": room_of(meeting, message.due_at), "door": door_of(meeting).value}
    nothing = {"room": None, "door": None, "lacks_number": False}
    return _show_meeting(session, message) | (nothing if is_safe else way_in)


def _show_cancelled(session: Session, message: OutboxMessage) -> dict[str, Any]:
    """``whose`` act it was, to this reader: "own", "other" or "office"; None of mails planned before that was noted."""
    params = message.params
    by, side = params.get("cancelled_by"), params["side"]
    whose = {side: "own", Side.OFFICE.value: "office", None: None}.get(by, "other")
    told = {"whose": whose, "looks_again": params.get("looks_again"), "is_soon": params.get("is_soon")}
    return _show_meeting_with_file(session, message) | told


def _show_meeting_with_file(session: Session, message: OutboxMessage) -> dict[str, Any]:
    """The mailer knows the office's address, which is the organizer of every copy."""

    def attachment(organizer: str) -> tuple[str, bytes, str] | None:
        return _attachment(session, message, organizer)

    return _show_meeting(session, message) | {"attachment": attachment}


def _attachment(session: Session, message: OutboxMessage, organizer: str) -> tuple[str, bytes, str] | None:
    meeting = session.get_one(Meeting, message.params["meeting_id"])
    person = session.get_one(Person, message.params["person_id"])
    if person.email is None:
        return None
    appointment = appointment_of(meeting, person, organizer, message.queued_at)
    return "mentorlink.ics", write_calendar(appointment), appointment.method


def appointment_of(meeting: Meeting, person: Person, organizer: str, written_at: datetime) -> Appointment:
    """The copy of a person with an address, as the meeting is now."""
    return Appointment(
        uid=meeting.uid,
        sequence=meeting.sequence,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        zone=person.zone,
        organizer=organizer,
        attendee=person.email or "",
        page=page_address("meeting", meeting_id=meeting.id),
        written_at=written_at,
        is_cancelled=meeting.state is MeetingState.CANCELLED,
    )


def promise_for(session: Session, engagement: Engagement, person: Person) -> MeetingRecord | None:
    """The promise as this person may read it in a mail: not where somebody else might look over their shoulder."""
    if person.safe_contact:
        return None
    places = [each for each in engagement.supporters if each.supporter.person_id == person.id]
    since = seen_since(places[0], "talks") if places else None
    return promise_of(session, engagement, since=since)


def _address(session: Session, message: OutboxMessage) -> str:
    return address_of(session.get_one(Link, message.params["link_id"]))


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    SLOTS_OFFERED: _show_offer,
    SLOTS_RENEWED: _show_offer,
    CALL_WANTED: _show_call_wanted,
    BOOKED: _show_meeting_with_file,
    TOMORROW: _show_tomorrow,
    IN_AN_HOUR: _show_in_an_hour,
    RECORD_WANTED: _show_meeting,
    MISSED: _show_meeting,
    MOVED: _show_meeting_with_file,
    CANCELLED: _show_cancelled,
}
