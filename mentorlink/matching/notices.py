"""What is said around an invitation: M04, M05, that somebody else took it, the call after 話したい, M29, and care for mentors."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core import dates
from mentorlink.core import reminder_rules as rules
from mentorlink.core.dates import local_date
from mentorlink.core.i18n import lazy
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.engagements.models import Engagement
from mentorlink.matching.models import Invitation
from mentorlink.matching.queries import first_starts, handover_of, reasons_for_supporter
from mentorlink.matching.summary import summary_of
from mentorlink.people.models import Person, Supporter
from mentorlink.people.notices import remind, tell, tell_office
from mentorlink.scheduling.calendar_files import write_calendar
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.notices.talks import appointment_of
from mentorlink.scheduling.queries import team_of

AFTERWARDS = timedelta(days=180)  # the accepted one reaches the talk by the same link


def tell_invited(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """M04, and M05 on the day before the deadline. Asking again after a call is a new event."""
    deadline = _deadline(invitation)
    link = issue_link(
        session,
        LinkKind.ENTRY,
        "invitation",
        f"invitation:{invitation.id}",
        expires_at=deadline + AFTERWARDS,
        now=now,
    )
    told: dict[str, Any] = {
        "about": about(invitation),
        "params": {"invitation_id": invitation.id, "link_id": link.id},
        "now": now,
    }
    round_, person = f"{invitation.id}:{int(deadline.timestamp())}", invitation.supporter.person
    asked: dict[str, Any] = {
        "event": f"invitation:{round_}",
        "template": "matching/invitation",
        "not_after": deadline,
    }
    tell(session, person, **asked, **told)
    remind(
        session, person, rules.INVITATION_REMINDER, deadline, event=f"invitation_reminder:{round_}", **told
    )


def tell_settled(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """To somebody who was still thinking: it is settled, no answer is needed any more."""
    tell(
        session,
        invitation.supporter.person,
        event=f"invitation_settled:{invitation.id}",
        template="matching/invitation_settled",
        about=f"invitation_settled:{invitation.id}",
        params={"invitation_id": invitation.id},
        now=now,
    )


def tell_talk_wanted(session: Session, invitation: Invitation, *, now: datetime) -> None:
    """A call task of the office: the supporter would like to talk first."""
    tell_office(
        session,
        event=f"talk_wanted:{invitation.id}:{int(now.timestamp())}",
        template="matching/talk_wanted",
        about=about(invitation),
        params={"invitation_id": invitation.id},
        now=now,
        channel=Channel.CALL,
    )


def tell_honest_word(
    session: Session, application: Application, searched_until: datetime, *, now: datetime
) -> None:
    """M29, planned for the end of the programme's days of searching: it takes longer, and two other roads."""
    if application.person is None:
        return
    opens, expires_at = f"application:{application.id}", max(now, searched_until) + AFTERWARDS
    link = issue_link(session, LinkKind.ENTRY, "application", opens, expires_at=expires_at, now=now)
    remind(
        session,
        application.person,
        rules.HONEST_WORD,
        searched_until,
        event=f"honest_word:{application.id}:{application.searching_since:%Y%m%d%H%M}",
        about=opens,
        params={"application_id": application.id, "link_id": link.id},
        now=now,
    )


def tell_called_off(
    session: Session, engagement: Engagement, called_off: Sequence[Meeting], *, now: datetime
) -> None:
    """The talks that end with a change of supporter, in one mail to each with the file that takes them away."""
    ids = [meeting.id for meeting in called_off]
    people = [engagement.recipient, *(supporter.person for supporter in team_of(engagement))]
    for person in people:
        tell(
            session,
            person,
            event=f"called_off:{min(ids)}",
            template="matching/talks_called_off",
            about=f"engagement:{engagement.id}",
            params={"engagement_id": engagement.id, "person_id": person.id, "meeting_ids": ids},
            now=now,
        )


def ask_after_heavy_talk(session: Session, meeting: Meeting, recorded_at: datetime, *, now: datetime) -> None:
    """The next morning, a word to whoever carried a heavy talk, with somebody to ask. Said once for a talk."""
    for supporter in team_of(meeting.engagement):
        remind(
            session,
            supporter.person,
            rules.HEAVY_TALK,
            recorded_at,
            event=heavy_event(meeting),
            about=f"engagement:{meeting.engagement_id}",
            params={"supporter_id": supporter.id},
            now=now,
        )


def heavy_event(meeting: Meeting) -> str:
    return f"heavy_talk:{meeting.id}"


def ask_office_to_call(session: Session, supporter: Supporter, *, now: datetime) -> None:
    """お電話をください: a call task; asking again while it stands, or on the same day, is asking once."""
    tell_office(
        session,
        event=f"care_call:{supporter.id}:{local_date(now, supporter.person.zone).isoformat()}",
        template="matching/care_call",
        about=f"supporter:{supporter.id}",
        params={"supporter_id": supporter.id},
        now=now,
        channel=Channel.CALL,
    )


def about(invitation: Invitation) -> str:
    return f"invitation:{invitation.id}"


def _deadline(invitation: Invitation) -> datetime:
    if invitation.deadline_at is None:
        raise ValueError("an invitation that was asked has a deadline")
    return invitation.deadline_at


# ---- what the templates show


def _invitation(session: Session, message: OutboxMessage) -> dict[str, Any]:
    invitation = session.get_one(Invitation, message.params["invitation_id"])
    application = invitation.proposal.application
    reasons = reasons_for_supporter(invitation, now=message.queued_at)
    return {
        "invitation": invitation,
        "application": application,
        "summary": summary_of(application),
        "minutes": application.programme.meeting_minutes,
        "reasons": [lazy(reason.msgid, **reason.params) for reason in reasons],
        "starts": first_starts(session, invitation, now=message.queued_at),
        "zone": invitation.supporter.person.zone,
        "joins_on_the_way": handover_of(session, application.id) is not None,
        "answer_url": _address(session, message),
        "receipt_number": application.reference,
        "dates": dates,
    }


def _settled(session: Session, message: OutboxMessage) -> dict[str, Any]:
    invitation = session.get_one(Invitation, message.params["invitation_id"])
    return {"invitation": invitation, "receipt_number": invitation.proposal.application.reference}


def _talk_wanted(session: Session, message: OutboxMessage) -> dict[str, Any]:
    return {**_settled(session, message), "person": _supporter_person(session, message)}


def _honest_word(session: Session, message: OutboxMessage) -> dict[str, Any]:
    application = session.get_one(Application, message.params["application_id"])
    return {
        "application": application,
        "receipt_number": application.reference,
        "step": 1,
        "action_url": _address(session, message),
        "action_label": lazy("いまの様子を見る"),
        "help_url": page_address("help"),
        "landing_url": page_address("landing"),
    }


def _called_off(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    person = session.get_one(Person, message.params["person_id"])
    meetings = session.scalars(select(Meeting).where(Meeting.id.in_(message.params["meeting_ids"])))
    called_off = sorted(meetings, key=lambda meeting: meeting.starts_at)

    def attachment(organizer: str) -> tuple[str, bytes, str] | None:
        if person.email is None:
            return None
        entries = [appointment_of(each, person, organizer, message.queued_at) for each in called_off]
        return "mentorlink.ics", write_calendar(*entries), entries[0].method

    return {
        "receipt_number": engagement.application.reference,
        "to_supporter": person.id != engagement.recipient_id,
        "talks": [(meeting.starts_at, meeting.ends_at) for meeting in called_off],
        "zone": person.zone,
        "attachment": attachment,
    }


def _heavy_talk(session: Session, message: OutboxMessage) -> dict[str, Any]:
    return {"action_url": page_address("care"), "action_label": lazy("話せる人をさがす")}


def _care_call(session: Session, message: OutboxMessage) -> dict[str, Any]:
    return {"person": session.get_one(Supporter, message.params["supporter_id"]).person}


def _supporter_person(session: Session, message: OutboxMessage) -> Any:
    return session.get_one(Invitation, message.params["invitation_id"]).supporter.person


def _address(session: Session, message: OutboxMessage) -> str:
    return address_of(session.get_one(Link, message.params["link_id"]))


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    "matching/invitation": _invitation,
    "matching/invitation_reminder": _invitation,
    "matching/invitation_settled": _settled,
    "matching/talk_wanted": _talk_wanted,
    "matching/honest_word": _honest_word,
    "matching/talks_called_off": _called_off,
    "matching/heavy_talk": _heavy_talk,
    "matching/care_call": _care_call,
}
