"""Where no hour is common: both sides hear of the nearest ones, of what is asked, and of what came to nothing.

No message names the other side or what a talk is about, and none says whose hours were too few.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.links import Link, LinkKind, address_of, issue_link, page_address
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.engagements.models import Engagement
from mentorlink.people.models import Person
from mentorlink.people.notices import tell, tell_office
from mentorlink.scheduling.models import AskState, HourAnswer, HourAsk, SlotOffer
from mentorlink.scheduling.queries import is_asked_enough, nearest_hours, team_of

NO_COMMON_HOUR = "scheduling/no_common_hour"  # M06 where there is none
HOURS_WANTED = "scheduling/hours_wanted"  # its other side
HOUR_ASKED = "scheduling/hour_asked"
HOUR_IN_VAIN = "scheduling/hour_in_vain"
HOUR_TO_FIND = "scheduling/hour_to_find"

BUTTONS: dict[str, LazyText] = {
    NO_COMMON_HOUR: lazy("時間を見る"),
    HOURS_WANTED: lazy("時間を見る"),
    HOUR_ASKED: lazy("お返事する"),
    HOUR_IN_VAIN: lazy("ほかの時間を見る"),
    HOUR_TO_FIND: lazy("時間のページを開く"),
}
LINK_LIFE = timedelta(days=60)
SAFE_LINK_LIFE = timedelta(days=2)


def tell_none_in_common(
    session: Session, offer: SlotOffer, engagement: Engagement, *, to_applicant: bool, now: datetime
) -> None:
    """Both sides see the nearest hours on the same page; where there is none of these either, the office helps.

    An applicant who has the page before them is not written to.
    """
    said: dict[str, Any] = {"about": f"offer:{offer.id}", "now": now}
    if to_applicant:
        person = engagement.recipient
        params = _params(session, engagement, person, now, offer_id=offer.id)
        event = f"slots_offered:{offer.id}"
        tell(session, person, event=event, template=NO_COMMON_HOUR, params=params, **said)
    for supporter in team_of(engagement):
        params = _params(session, engagement, supporter.person, now)
        event = f"hours_wanted:{offer.id}"
        tell(session, supporter.person, event=event, template=HOURS_WANTED, params=params, **said)
    if not _goes_on(session, engagement, now):
        _tell_office(session, engagement, f"offer:{offer.id}", "none", now)


def tell_asked(session: Session, ask: HourAsk, *, now: datetime) -> None:
    """To everybody whose word is wanted, until it is of no use any more."""
    for answer in (each for each in ask.answers if each.is_yes is None):
        person = session.get_one(Person, answer.person_id)
        tell(
            session,
            person,
            event=f"hour_asked:{ask.id}",
            template=HOUR_ASKED,
            about=f"ask:{ask.id}",
            params=_params(session, ask.engagement, person, now, answer=answer, ask_id=ask.id),
            not_after=ask.expires_at,
            now=now,
        )


def tell_in_vain(session: Session, ask: HourAsk, *, besides: int | None, now: datetime) -> None:
    """To all who had said yes, but for who has just acted; the office helps where nothing else is left to ask for.

    Whoever did not answer hears nothing: there is nothing to be sorry for.
    """
    for answer in (each for each in ask.answers if each.is_yes and each.person_id != besides):
        person = session.get_one(Person, answer.person_id)
        tell(
            session,
            person,
            event=f"hour_in_vain:{ask.id}",
            template=HOUR_IN_VAIN,
            about=f"engagement:{ask.engagement_id}",
            params=_params(session, ask.engagement, person, now, answer=answer, ask_id=ask.id),
            now=now,
        )
    if ask.state is AskState.EXPIRED or not _goes_on(session, ask.engagement, now):
        reason = "unanswered" if ask.state is AskState.EXPIRED else "none"
        _tell_office(session, ask.engagement, f"ask:{ask.id}", reason, now)


def _goes_on(session: Session, engagement: Engagement, now: datetime) -> bool:
    """Whether there is an hour that somebody may still be asked for."""
    if is_asked_enough(session, engagement.id):
        return False
    return bool(nearest_hours(session, engagement, now=now))


def _tell_office(session: Session, engagement: Engagement, event: str, reason: str, now: datetime) -> None:
    """A call task: somebody of the office looks for an hour with both."""
    tell_office(
        session,
        event=f"hour_to_find:{event}",
        template=HOUR_TO_FIND,
        about=f"application:{engagement.application_id}",
        params={"engagement_id": engagement.id, "reason": reason},
        now=now,
        channel=Channel.CALL,
    )


def _params(
    session: Session,
    engagement: Engagement,
    person: Person,
    now: datetime,
    *,
    answer: HourAnswer | None = None,
    **ids: int,
) -> dict[str, Any]:
    """``link_id`` leads to the page of near hours, and knows who came by it; of a team without an answer, nobody."""
    if person.id == engagement.recipient_id:
        purpose, opens = "own_near_hours", f"application:{engagement.application_id}"
    elif answer is not None:
        purpose, opens = "hour_answer", f"hour_answer:{answer.id}"
    else:
        purpose, opens = "near_hours", f"engagement:{engagement.id}"
    expires_at = now + (SAFE_LINK_LIFE if person.safe_contact else LINK_LIFE)
    link = issue_link(session, LinkKind.ENTRY, purpose, opens, expires_at=expires_at, now=now)
    return {"engagement_id": engagement.id, "person_id": person.id, "link_id": link.id, **ids}


# ---- what the templates show


def _show_near(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    person = session.get_one(Person, message.params["person_id"])
    near = nearest_hours(session, engagement, now=message.due_at)
    enough = is_asked_enough(session, engagement.id)
    return {
        "step": 2 if person.id == engagement.recipient_id else None,
        "receipt_number": engagement.application.reference,
        "near": [] if enough else [each.starts_at for each in near],
        "minutes": timedelta(minutes=engagement.programme.meeting_minutes),
        "zone": person.zone,
        "to_supporter": person.id != engagement.recipient_id,
        "action_url": _address(session, message, engagement),
        "action_label": BUTTONS[message.template],
    }


def _address(session: Session, message: OutboxMessage, engagement: Engagement) -> str:
    """Of a team that shares one link nobody would know who came by it: they sign in."""
    link = session.get_one(Link, message.params["link_id"])
    if link.purpose == "near_hours" and len(team_of(engagement)) > 1:
        return page_address("near_hours", engagement_id=engagement.id)
    return address_of(link)


def _show_ask(session: Session, message: OutboxMessage) -> dict[str, Any]:
    ask = session.get_one(HourAsk, message.params["ask_id"])
    return {
        **_show_near(session, message),
        "starts_at": ask.starts_at,
        "expires_at": ask.expires_at,
        "state": ask.state.value,
    }


def _show_to_find(session: Session, message: OutboxMessage) -> dict[str, Any]:
    engagement = session.get_one(Engagement, message.params["engagement_id"])
    person = engagement.recipient
    return {
        "person": person,
        "receipt_number": engagement.application.reference,
        "reason": message.params["reason"],
        "call_hours": person.call_hours,
        "no_voicemail": person.no_voicemail,
        "action_url": page_address("near_hours", engagement_id=engagement.id),
        "action_label": BUTTONS[message.template],
    }


CONTEXTS: dict[str, Callable[[Session, OutboxMessage], dict[str, Any]]] = {
    NO_COMMON_HOUR: _show_near,
    HOURS_WANTED: _show_near,
    HOUR_ASKED: _show_ask,
    HOUR_IN_VAIN: _show_ask,
    HOUR_TO_FIND: _show_to_find,
}
