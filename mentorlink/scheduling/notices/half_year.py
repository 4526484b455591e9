"""What both sides and the office hear about a half-year: all its dates in one mail, its rests, its months, its silence."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core import reminder_rules as rules
from mentorlink.core.dates import local_date
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import OutboxMessage, Planned, plan_messages
from mentorlink.engagements.models import Engagement, Pause, PauseReason, Side
from mentorlink.people.models import Person
from mentorlink.people.notices import remind, tell, tell_office
from mentorlink.scheduling.calendar_files import write_calendar
from mentorlink.scheduling.joining import way_word
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.notices.talks import (
    LINK_LIFE,
    SAFE_LINK_LIFE,
    SOON,
    appointment_of,
    promise_for,
    readers_of,
    reminders_of,
)
from mentorlink.scheduling.queries import Month, months_of, team_of

TALKS_PLANNED = "scheduling/talks_planned"  # M07 for all the talks of one act
RESTING = "scheduling/resting"  # M14 for all the talks that a rest calls off
TAKEN_UP = "scheduling/taken_up"
MONTHLY = rules.MONTHLY.template  # M18
SILENCE = rules.SILENCE.template  # M19

PLAN = lazy("お話しの日にちを決める")
SEE_TALKS = lazy("お話しの日にちを見る")
SEE_HALF_YEAR = lazy("この半年のページをひらく")


def tell_planned(
    session: Session,
    engagement: Engagement,
    meetings: Sequence[Meeting],
    side: Side | None,
    *,
    now: datetime,
) -> None:
    """One M07 with all dates and one calendar file; the reminders are each talk's own."""
    ids = [meeting.id for meeting in meetings]
    event = f"talks_planned:{min(ids)}"
    soon = min(meeting.starts_at for meeting in meetings) - now < SOON
    _tell_both(session, engagement, TALKS_PLANNED, event, now, asked_by=side, soon=soon, meeting_ids=ids)
    reminders: list[Planned] = []
    for meeting in meetings:
        reminders += reminders_of(meeting, readers_of(session, meeting, now), now)
    plan_messages(session, reminders, now=now, is_first=True)


def tell_resting(
    session: Session, engagement: Engagement, pause: Pause, called_off: Sequence[Meeting], *, now: datetime
) -> None:
    """The rest and the talks that it calls off, in one mail that asks for nothing."""
    ids, event = [meeting.id for meeting in called_off], f"resting:{pause.id}"
    _tell_both(session, engagement, RESTING, event, now, pause_id=pause.id, meeting_ids=ids)


def tell_taken_up(session: Session, engagement: Engagement, *, now: datetime) -> None:
    """It goes on: both sides find the page on which talks are planned."""
    event = f"taken_up:{engagement.id}:{now:%Y%m%d%H%M%S}"
    _tell_both(session, engagement, TAKEN_UP, event, now)


def tell_month(session: Session, engagement: Engagement, month: date, *, now: datetime) -> None:
    """M18 to both sides, once a month, planned ahead."""
    for side, person in _both(engagement):
        at = max(now, rules.times_of(rules.MONTHLY, month, person.zone).due_at)
        params = _params(session, engagement, side, person, at, now) | {"month": month.isoformat()}
        event, about = month_event(engagement.id, month), f"engagement:{engagement.id}"
        remind(session, person, rules.MONTHLY, month, event=event, about=about, params=params, now=now)


def month_event(engagement_id: int, month: date) -> str:
    return f"monthly:{engagement_id}:{month:%Y-%m}"


def tell_of_silence(session: Session, engagement: Engagement, since: datetime, *, now: datetime) -> None:
    """M19: one mail to the office for one silence."""
    tell_office(
        session,
        event=f"silence:{engagement.id}:{since:%Y%m%d%H%M%S}",
        template=SILENCE,
        about=f"engagement:{engagement.id}",
        params={"engagement_id": engagement.id, "since": since.isoformat()},
        now=now,
    )


def _tell_both(
    session: Session,
    engagement: Engagement,
    template: str,
    event: str,
    now: datetime,
    *,
    asked_by: Side | None = None,
    soon: bool = False,
    **params: Any,
) -> None:
    """``asked_by`` is the side that has just done it: that side hears of it at once, at night too. So do both ``soon``."""
    for side, person in _both(engagement):
        tell(
            session,
            person,
            event=event,
            template=template,
            about=f"engagement:{engagement.id}",
            params=_params(session, engagement, side, person, now, now) | params,
            now=now,
            answers_reader=soon or side is asked_by,
        )


def _both(engagement: Engagement) -> list[tuple[Side, Person]]:
    team = [(Side.SUPPORTER, supporter.person) for supporter in team_of(engagement)]
    return [(Side.APPLICANT, engagement.recipient), *team]


def _params(  # noqa: PLR0917 — what every one of them is made of
    session: Session, engagement: Engagement, side: Side, person: Person, at: datetime, now: datetime
) -> dict[str, Any]:
    """``at`` is when it goes out: a link lives from then on."""
    link = _link_for(session, engagement, side, person, at, now)
    ids = {"engagement_id": engagement.id, "person_id": person.id, "side": side.value}
    return ids | {"link_id": link.id if link else None}


def _link_for(  # noqa: PLR0917 — as above
    session: Session, engagement: Engagement, side: Side, person: Person, at: datetime, now: datetime
) -> Link | None:
    """To the page of the talks. A link tells no two of a team apart, so they sign in."""
    purpose, opens = "own_talks", f"application:{engagement.application_id}"
    if side is Side.SUPPORTER:
        if person.user_id is not None or len(engagement.supporter_ids()) != 1:
            return None
        purpose, opens = "talks", f"engagement:{engagement.id}"
    expires_at = at + (SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE)
    return issue_link(session, LinkKind.ENTRY, purpose, opens, expires_at=expires_at, now=now)


# ---- what the templates show


def _show(session: Session, message: OutboxMessage, label: LazyText = PLAN) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    person = session.get_one(Person, message.params["person_id"])
    link_id = message.params["link_id"]
    page = page_address("talks", engagement_id=engagement.id)
    return {
        "receipt_number": engagement.application.reference,
        "to_supporter": message.params["side"] == Side.SUPPORTER,
        "zone": person.zone,
        "action_url": address_of(session.get_one(Link, link_id)) if link_id else page,
        "action_label": label,
    }


def _show_planned(session: Session, message: OutboxMessage) -> dict[str, Any]:
    meetings = _meetings(session, message, MeetingState.CONFIRMED)
    return _show(session, message, SEE_TALKS) | _with_file(session, message, meetings)


def _show_resting(session: Session, message: OutboxMessage) -> dict[str, Any]:
    pause = session.get_one(Pause, message.params["pause_id"])
    called_off = _meetings(session, message, MeetingState.CANCELLED)
    words = {"is_disaster": pause.reason is PauseReason.DISASTER, "expected_until": pause.expected_until}
    shown = _show(session, message) | _with_file(session, message, called_off) | words
    return shown | {"action_url": None, "action_label": None}  # a rest asks for nothing


def _show_taken_up(session: Session, message: OutboxMessage) -> dict[str, Any]:
    return _show(session, message)


def _show_month(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    person = session.get_one(Person, message.params["person_id"])
    first = date.fromisoformat(message.params["month"])
    months = months_of(session, engagement, now=message.due_at)
    this = next((month for month in months if month.first_day == first), Month(first))
    later = [talk for month in months for talk in month.talks if talk.starts_at > message.due_at]
    return {
        **_show(session, message, SEE_TALKS if this.talks else PLAN),
        "talks": [(talk.starts_at, talk.ends_at) for talk in this.talks],
        "next_talk": later[0].starts_at if later else None,
        "promise": promise_for(session, engagement, person),
    }


def _show_silence(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    since = datetime.fromisoformat(message.params["since"])
    return {
        "receipt_number": engagement.application.reference,
        "since": since,
        "days": (local_date(message.due_at) - local_date(since)).days,
        "action_url": page_address("half_year", engagement_id=engagement.id),
        "action_label": SEE_HALF_YEAR,
    }


def _meetings(session: Session, message: OutboxMessage, state: MeetingState) -> list[Meeting]:
    """Those of the message that are still so: one may have been called off before the mail goes out."""
    ids: Iterable[int] = message.params["meeting_ids"]
    query = select(Meeting).where(Meeting.id.in_(list(ids)), Meeting.state == state)
    return list(session.scalars(query.order_by(Meeting.starts_at)))


def _with_file(session: Session, message: OutboxMessage, meetings: Sequence[Meeting]) -> dict[str, Any]:
    person = session.get_one(Person, message.params["person_id"])

    def attachment(organizer: str) -> tuple[str, bytes, str] | None:
        if person.email is None or not meetings:
            return None
        entries = [appointment_of(each, person, organizer, message.queued_at) for each in meetings]
        return "mentorlink.ics", write_calendar(*entries), entries[0].method

    return {
        "talks": [(meeting.starts_at, meeting.ends_at) for meeting in meetings],
        "way_word": way_word(meetings[0]) if meetings else None,
        "attachment": attachment,
    }


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    TALKS_PLANNED: _show_planned,
    RESTING: _show_resting,
    TAKEN_UP: _show_taken_up,
    MONTHLY: _show_month,
    SILENCE: _show_silence,
}
