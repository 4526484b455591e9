"""Who may count, who may choose how a support ends, and who may read what was answered before and after."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.policies import Seat, seat_at_thread
from mentorlink.outcomes.figures import Definition, definition_of
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code


@dataclass(frozen=True)
class Counted:
    programme: Programme
    definition: Definition


def counted_programme(session: Session, actor: Actor, code: str) -> Programme | None:
    """Figures are for the office: it counts them, and it may open them to the rows behind."""
    return by_code(session, code) if actor.is_office else None


def counted_figure(session: Session, actor: Actor, code: str, key: str) -> Counted | None:
    programme, definition = counted_programme(session, actor, code), definition_of(key)
    if programme is None or definition is None or not definition.applies(programme):
        return None
    return Counted(programme, definition)


def seat_at_ending(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """Both sides and the office may choose how it ends."""
    return seat_at_thread(session, actor, engagement_id)


def seat_that_takes_back(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """Going on is the recipient's wish, or the office's who heard it; a supporter cannot bind them again."""
    seat = seat_at_thread(session, actor, engagement_id)
    return None if seat is None or seat.side is Side.SUPPORTER else seat


def answered_engagement(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    """Raw answers are their writer's and the office's; a supporter never reads them."""
    seat = seat_at_thread(session, actor, engagement_id)
    return None if seat is None or seat.side is Side.SUPPORTER else seat.engagement
