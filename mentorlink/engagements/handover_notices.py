"""What is said around a change of supporter: kind, without a reason, without a word that somebody wrote."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.i18n import LazyText, lazy, plain
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import OutboxMessage, cancel_messages
from mentorlink.engagements.models import Engagement, Handover, Side
from mentorlink.people.models import Person, Supporter
from mentorlink.people.notices import tell, tell_office

ASKED = "engagements/handover_asked"  # the recipient is asked what goes along
RECEIVED = "engagements/handover_received"  # to the supporter who wished it
FOR_OFFICE = "engagements/handover_office"
CHOSEN = "engagements/handover_chosen"
DONE = "engagements/handover_done"
BEGUN = "engagements/handover_begun"  # to the next supporter
THANKS = "engagements/handover_thanks"  # to the supporter who leaves
STAYED = "engagements/handover_stayed"

LINK_LIFE = timedelta(days=60)
SAFE_LINK_LIFE = timedelta(days=2)
_BUTTONS: Mapping[str, LazyText] = {
    ASKED: lazy("お渡しすることを選ぶ"),
    CHOSEN: lazy("選んだことを見る"),
    DONE: lazy("わたしたちの半年をひらく"),
    STAYED: lazy("わたしたちの半年をひらく"),
    BEGUN: lazy("伴走のページをひらく"),
    FOR_OFFICE: lazy("見守りをひらく"),
}


def tell_asked(session: Session, handover: Handover, *, now: datetime) -> None:
    """The office always; who did not wish it themselves hears it first from us."""
    params = {"engagement_id": handover.engagement_id, "side": handover.wished_by.value}
    event, about = f"handover:{handover.id}:asked", _about(handover)
    tell_office(session, event=event, template=FOR_OFFICE, about=about, params=params, now=now)
    if handover.wished_by is not Side.APPLICANT:
        _tell_recipient(session, handover, ASKED, now)
    if handover.wished_by is Side.SUPPORTER:
        for person in _people_of(handover.engagement):
            tell(session, person, event=event, template=RECEIVED, about=about, params=params, now=now)


def tell_chosen(session: Session, handover: Handover, *, now: datetime) -> None:
    cancel_messages(session, _about(handover), template=ASKED)
    _tell_recipient(session, handover, CHOSEN, now)


def tell_done(session: Session, handover: Handover, *, now: datetime) -> None:
    """Who comes is told what they may read; the recipient, who it is."""
    _tell_recipient(session, handover, DONE, now)
    event, about = f"handover:{handover.id}:begun", _about(handover)
    for person in _people_of(handover.engagement):
        params = {"engagement_id": handover.engagement_id, "handover_id": handover.id}
        if person.user_id is None and len(handover.engagement.supporter_ids()) == 1:
            opens = f"engagement:{handover.engagement_id}"
            expires_at = now + _life_of(person)
            link = issue_link(session, LinkKind.ENTRY, "engagement", opens, expires_at=expires_at, now=now)
            params["link_id"] = link.id
        tell(session, person, event=event, template=BEGUN, about=about, params=params, now=now)


def tell_cancelled(session: Session, handover: Handover, *, now: datetime) -> None:
    """Whoever knew of the wish hears that they stay together."""
    _tell_recipient(session, handover, STAYED, now)
    if handover.wished_by is Side.SUPPORTER:
        params = {"engagement_id": handover.engagement_id}
        event, about = f"handover:{handover.id}:stayed", _about(handover)
        for person in _people_of(handover.engagement):
            tell(session, person, event=event, template=STAYED, about=about, params=params, now=now)


def thank_supporter(session: Session, engagement: Engagement, supporter: Supporter, *, now: datetime) -> None:
    tell(
        session,
        supporter.person,
        event=f"place_left:{engagement.id}:{supporter.id}:{now:%Y%m%d%H%M%S}",
        template=THANKS,
        about=f"engagement:{engagement.id}",
        params={"engagement_id": engagement.id},
        now=now,
    )


def forget(session: Session, handover: Handover) -> None:
    """What was still to be said about a wish that is closed."""
    cancel_messages(session, _about(handover))


def _about(handover: Handover) -> str:
    return f"handover:{handover.id}"


def _life_of(person: Person) -> timedelta:
    return SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE


def _people_of(engagement: Engagement) -> list[Person]:
    return [place.supporter.person for place in engagement.supporters if place.until is None]


def _tell_recipient(session: Session, handover: Handover, template: str, now: datetime) -> None:
    engagement, person = handover.engagement, handover.engagement.recipient
    purpose = "half_year" if template in (DONE, STAYED) else "handover"
    link = issue_link(
        session,
        LinkKind.ENTRY,
        purpose,
        f"application:{engagement.application_id}",
        expires_at=now + _life_of(person),
        now=now,
    )
    tell(
        session,
        person,
        event=f"{template.rpartition('/')[2]}:{handover.id}",
        template=template,
        about=_about(handover),
        params={"engagement_id": engagement.id, "handover_id": handover.id, "link_id": link.id},
        now=now,
        answers_reader=template == CHOSEN,
    )


# ---- what the templates show


def _show(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    handover_id = message.params.get("handover_id")
    label = _BUTTONS.get(message.template)
    return {
        "receipt_number": engagement.application.reference,
        "handover": session.get(Handover, handover_id) if handover_id else None,
        "wished_by": message.params.get("side"),
        "action_url": _address(session, message) if label else None,
        "action_label": plain(label) if label else None,
    }


def _address(session: Session, message: OutboxMessage) -> str:
    if link_id := message.params.get("link_id"):
        return address_of(session.get_one(Link, link_id))
    if message.template == FOR_OFFICE:
        return page_address("office_desk")
    return page_address("half_year", engagement_id=message.params["engagement_id"])


CONTEXTS: Mapping[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = dict.fromkeys(
    (ASKED, RECEIVED, FOR_OFFICE, CHOSEN, DONE, BEGUN, THANKS, STAYED), _show
)
