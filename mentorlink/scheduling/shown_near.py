"""What the page of near hours shows: one page for both sides, whatever the question about an hour has come to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.engagements.models import Engagement
from mentorlink.engagements.policies import Seat
from mentorlink.people.models import Person
from mentorlink.scheduling import queries, shown
from mentorlink.scheduling.models import AskState, HourAnswer, HourAsk
from mentorlink.scheduling.policies import person_at
from mentorlink.scheduling.services.occupancy import MEETS_IN

TOLD_FOR = timedelta(days=14)  # so long the page says what became of the last question


def near_page(session: Session, seat: Seat, now: datetime) -> dict[str, Any]:
    engagement, me = seat.engagement, person_at(seat)
    people = people_of(session, engagement)
    ask, zone = queries.latest_ask(session, engagement.id), people[me].zone
    state = state_of(session, engagement, me, ask, now)
    near = queries.nearest_hours(session, engagement, now=now) if state == "choose" else []
    return {
        "engagement": engagement,
        "side": seat.side.value,
        "zone": zone,
        "state": "office" if state == "choose" and not near else state,
        "ask": ask,
        "option": _option(engagement, ask.starts_at, zone) if ask else None,
        "past": ask if ask is not None and _is_news(ask, now) else None,
        "near": [_option(engagement, miss.starts_at, zone) | _asked(miss, me, people) for miss in near],
        "mine": ask.answer_of(me) if ask else None,
        "waits_for": [
            (each, people[each.person_id]) for each in _unanswered(ask) if each.person_id in people
        ],
        "others": [person for person_id, person in people.items() if person_id != me],
        "offer": queries.open_offer(session, engagement.id),
        "meeting": queries.next_meeting(session, engagement.id, after=now),
    }


def state_of(session: Session, engagement: Engagement, me: int, ask: HourAsk | None, now: datetime) -> str:
    """Which of the page's faces is shown: the first that applies."""
    if engagement.state not in MEETS_IN:
        return "resting"
    if ask is not None and ask.state is AskState.OPEN and now < ask.expires_at:
        return "answer" if me in ask.waits_for else "waiting"
    if queries.next_meeting(session, engagement.id, after=now) is not None:
        return "meeting"
    offer = queries.open_offer(session, engagement.id)
    if offer is not None and any(slot.starts_at > now for slot in offer.slots):
        return "offer"
    return "office" if queries.is_asked_enough(session, engagement.id) else "choose"


def people_of(session: Session, engagement: Engagement) -> dict[int, Person]:
    """The recipient and the team as it is now."""
    ids = [engagement.recipient_id, *(each.person_id for each in queries.team_of(engagement))]
    found = {each.id: each for each in session.scalars(select(Person).where(Person.id.in_(ids)))}
    return {each: found[each] for each in ids}


def _option(engagement: Engagement, start: datetime, zone: str) -> dict[str, Any]:
    return shown.option(
        start.isoformat(), start, timedelta(minutes=engagement.programme.meeting_minutes), zone
    )


def _asked(miss: queries.Miss, me: int, people: Mapping[int, Person]) -> dict[str, Any]:
    """Whom it would ask; of nobody, it is settled by the tap. The recipient always has their say."""
    recipient = next(iter(people))
    return {"asks": [people[each] for each in sorted({*miss.asks, recipient} - {me})]}


def _unanswered(ask: HourAsk | None) -> list[HourAnswer]:
    return [each for each in ask.answers if each.is_yes is None] if ask else []


def _is_news(ask: HourAsk, now: datetime) -> bool:
    return ask.state in (AskState.DECLINED, AskState.EXPIRED, AskState.DROPPED) and (
        now - ask.expires_at < TOLD_FOR
    )
