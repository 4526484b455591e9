"""One word to many half-years: first who gets it by which way and who does not, then each once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.engagements.models import Engagement, EngagementState, EngagementSupporter, Side
from mentorlink.engagements.services import post_message
from mentorlink.home.board.lines import GOING_ON
from mentorlink.people.models import ContactChannel, Person, Supporter
from mentorlink.programmes.models import Programme


class Left(StrEnum):
    """Why a half-year gets no letter."""

    ERASED = "erased"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a letter does to one half-year: by which way each side hears of it, or why nobody does."""

    id: int
    reference: str
    name: str
    recipient: ContactChannel
    supporters: tuple[ContactChannel, ...]
    left: Left | None

    @property
    def ways(self) -> tuple[ContactChannel, ...]:
        return () if self.left else (self.recipient, *self.supporters)


def effects_of(session: Session, ids: Sequence[int]) -> list[Effect]:
    """In the order of ``ids``; two queries. An id that is no half-year is left out."""
    found = {row.id: row for row in session.execute(_rows(ids))}
    supporters = _supporters(session, ids)
    return [_effect(found[each], supporters[each]) for each in ids if each in found]


def send_letter(
    session: Session, engagement_id: int, body: str, submission: str, actor: Actor, *, now: datetime
) -> bool:
    """Write it into one thread and tell both sides; the same ``submission`` again is the same letter.

    False where this half-year gets none: it was asked again, because time has passed since the preview.
    """
    effect = next(iter(effects_of(session, [engagement_id])), None)
    if effect is None or effect.left:
        return False
    engagement = session.get_one(Engagement, engagement_id)
    post_message(session, engagement, Side.OFFICE, actor.person_id, body, submission, now=now)
    record(session, actor, "write_in_thread", f"application:{engagement.application_id}", now=now)
    return True


def _rows(ids: Sequence[int]) -> Any:
    return (
        select(
            Engagement.id,
            Engagement.state,
            Application.reference,
            Person.display_name,
            Person.contact_channel,
            Person.erased_at,
        )
        .join(Programme, Programme.id == Engagement.programme_id)
        .join(Application, Application.id == Engagement.application_id)
        .join(Person, Person.id == Engagement.recipient_id)
        .where(Engagement.id.in_(ids), Programme.months > 0)
    )


def _effect(row: Any, supporters: Sequence[ContactChannel]) -> Effect:
    return Effect(
        id=row.id,
        reference=row.reference,
        name="" if row.erased_at else row.display_name,
        recipient=row.contact_channel,
        supporters=tuple(supporters),
        left=Left.ERASED if row.erased_at else _left(row.state),
    )


def _left(state: EngagementState) -> Left | None:
    if state in GOING_ON:
        return None
    return Left.PAUSED if state is EngagementState.PAUSED else Left.ENDED


def _supporters(session: Session, ids: Sequence[int]) -> dict[int, list[ContactChannel]]:
    query = (
        select(EngagementSupporter.engagement_id, Person.contact_channel)
        .join(Supporter, Supporter.id == EngagementSupporter.supporter_id)
        .join(Person, Person.id == Supporter.person_id)
        .where(EngagementSupporter.engagement_id.in_(ids), EngagementSupporter.until.is_(None))
        .where(Person.erased_at.is_(None))
    )
    found: dict[int, list[ContactChannel]] = defaultdict(list)
    for engagement_id, channel in session.execute(query):
        found[engagement_id].append(channel)
    return found
