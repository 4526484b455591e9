"""What only the office may open on its own pages."""

from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.core.outbox import CARRIED, Channel, MessageState, OutboxMessage
from mentorlink.engagements.models import Engagement


def office_call(session: Session, actor: Actor, message_id: int) -> OutboxMessage | None:
    return _office_message(session, actor, message_id, (Channel.CALL,))


def office_mail(session: Session, actor: Actor, message_id: int) -> OutboxMessage | None:
    """What goes by itself, and a call that is stuck: it stands among the same."""
    message = _office_message(session, actor, message_id, tuple(Channel))
    is_listed = message is not None and (message.channel in CARRIED or message.state is MessageState.PARKED)
    return message if is_listed else None


def office_engagement(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    return session.get(Engagement, engagement_id) if actor.is_office else None


def _office_message(
    session: Session, actor: Actor, message_id: int, channels: tuple[Channel, ...]
) -> OutboxMessage | None:
    message = session.get(OutboxMessage, message_id) if actor.is_office else None
    return message if message is not None and message.channel in channels else None


def office_planned(session: Session, actor: Actor, message_id: int) -> OutboxMessage | None:
    """By whatever way it goes."""
    return _office_message(session, actor, message_id, tuple(Channel))
