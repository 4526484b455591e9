"""What both sides hear when a support ends or goes on. No message says how it ended."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import OutboxMessage
from mentorlink.engagements.models import Engagement, Side
from mentorlink.people.notices import tell

ENDED = "outcomes/ended"
GOING_ON = "outcomes/going_on"
LINK_LIFE = timedelta(days=60)
SAFE_LINK_LIFE = timedelta(days=2)


def tell_ending(
    session: Session, engagement: Engagement, side: Side, *, called_off: int, now: datetime
) -> None:
    """To whoever did not choose it; the recipient always gets the ways on."""
    told = {"called_off": called_off}
    _tell_recipient(session, engagement, ENDED, now, told, answers_reader=side is Side.APPLICANT)
    if side is not Side.SUPPORTER:
        _tell_supporters(session, engagement, ENDED, now, told)


def tell_going_on(session: Session, engagement: Engagement, *, now: datetime) -> None:
    _tell_recipient(session, engagement, GOING_ON, now, {})
    _tell_supporters(session, engagement, GOING_ON, now, {})


def _tell_recipient(
    session: Session,
    engagement: Engagement,
    template: str,
    now: datetime,
    told: dict[str, Any],
    *,
    answers_reader: bool = False,
) -> None:
    person = engagement.recipient
    expires_at = now + (SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE)
    opens = f"application:{engagement.application_id}"
    link = issue_link(session, LinkKind.ENTRY, "application", opens, expires_at=expires_at, now=now)
    message = _message(engagement, template, now, told | {"link_id": link.id})
    tell(session, person, answers_reader=answers_reader, **message)


def _tell_supporters(
    session: Session, engagement: Engagement, template: str, now: datetime, told: dict[str, Any]
) -> None:
    for place in engagement.supporters:
        if place.until is None:
            tell(session, place.supporter.person, **_message(engagement, template, now, told))


def _message(engagement: Engagement, template: str, now: datetime, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": f"{template}:{engagement.id}:{now.isoformat()}",  # it may end, go on, and end again
        "template": template,
        "about": f"engagement:{engagement.id}",
        "params": params | {"engagement_id": engagement.id},
        "now": now,
    }


def _show(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    link_id = message.params.get("link_id")
    address = address_of(session.get_one(Link, link_id)) if link_id else page_address("supporter_home")
    return {
        "action_url": address,
        "action_label": plain("わたしのページへ"),
        "receipt_number": engagement.application.reference,
        "to_supporter": link_id is None,
        "called_off": message.params.get("called_off", 0),
    }


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    ENDED: _show,
    GOING_ON: _show,
}
