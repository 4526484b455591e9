"""What is told about an engagement. No notice carries a word of the thread."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Flag
from mentorlink.core.i18n import plain
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import OPEN, OutboxMessage
from mentorlink.engagements import handover_notices, milestone_notices
from mentorlink.engagements.models import Engagement, Side, ThreadPost
from mentorlink.people.models import Person
from mentorlink.people.notices import tell, tell_office

NEW_MESSAGE = "engagements/new_message"
CONCERN = "engagements/concern"
ONE_NOTICE_PER = timedelta(hours=1)
LINK_LIFE = timedelta(days=30)
SAFE_LINK_LIFE = timedelta(days=1)  # where safe contact was asked for, an address soon opens nothing


def announce_post(session: Session, engagement: Engagement, post: ThreadPost, *, now: datetime) -> None:
    """Tell the other side that something was written, unless an unread notice of the last hour says so already."""
    if post.side is not Side.APPLICANT:
        _tell_of_post(session, engagement.recipient, engagement, post, reader=Side.APPLICANT, now=now)
    if post.side is not Side.SUPPORTER:
        for place in engagement.supporters:
            if place.until is None:
                _tell_of_post(
                    session, place.supporter.person, engagement, post, reader=Side.SUPPORTER, now=now
                )


def announce_concern(session: Session, engagement: Engagement, flag: Flag, *, now: datetime) -> None:
    tell_office(
        session,
        event=f"concern:{flag.id}",
        template=CONCERN,
        about=f"engagement:{engagement.id}",
        params={"engagement_id": engagement.id},
        now=now,
    )


def _tell_of_post(
    session: Session, person: Person, engagement: Engagement, post: ThreadPost, *, reader: Side, now: datetime
) -> None:
    about = f"engagement:{engagement.id}"
    if _was_told_lately(session, person, about, now):
        return
    params = {"engagement_id": engagement.id, "side": reader.value}
    if reader is Side.APPLICANT:
        life = SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE
        opens = f"application:{engagement.application_id}"
        link = issue_link(session, LinkKind.ENTRY, "application", opens, expires_at=now + life, now=now)
        params["link_id"] = link.id
    elif (
        person.user_id is None and len(engagement.supporter_ids()) == 1
    ):  # a link tells no two of a team apart
        life = SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE
        link = issue_link(session, LinkKind.ENTRY, "engagement", about, expires_at=now + life, now=now)
        params["link_id"] = link.id
    tell(
        session,
        person,
        event=f"thread_post:{post.id}",
        template=NEW_MESSAGE,
        about=about,
        params=params,
        now=now,
    )


def _was_told_lately(session: Session, person: Person, about: str, now: datetime) -> bool:
    query = select(OutboxMessage.id).where(
        OutboxMessage.about == about,
        OutboxMessage.template == NEW_MESSAGE,
        OutboxMessage.recipient == f"person:{person.id}",
        OutboxMessage.state.in_(OPEN) | (OutboxMessage.queued_at > now - ONE_NOTICE_PER),
    )
    return session.scalar(query.limit(1)) is not None


def _show_new_message(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    link_id = message.params.get("link_id")
    address = address_of(session.get_one(Link, link_id)) if link_id else page_address("supporter_home")
    return {
        "action_url": address,
        "action_label": plain("メッセージを読む"),
        "receipt_number": engagement.application.reference,
        "to_supporter": message.params["side"] == Side.SUPPORTER,
    }


def _show_concern(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    return {
        "action_url": page_address("office_desk"),
        "action_label": plain("きょうの仕事を開く"),
        "receipt_number": engagement.application.reference,
    }


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    NEW_MESSAGE: _show_new_message,
    CONCERN: _show_concern,
    **milestone_notices.CONTEXTS,
    **handover_notices.CONTEXTS,
}
