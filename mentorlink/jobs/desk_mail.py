"""M26: what today asks of the office, on business days at eight. Nothing to do, no mail."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.core.business_time import is_business_day
from mentorlink.core.dates import TOKYO, local_date
from mentorlink.core.i18n import plain
from mentorlink.core.links import page_address
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.reminder_rules import DESK, times_of
from mentorlink.home.board.lines import count_resting
from mentorlink.home.desk import Queue, count_queues
from mentorlink.matching.models import Invitation, InvitationState
from mentorlink.matching.nightly import ready_rounds
from mentorlink.people.notices import tell_office
from mentorlink.scheduling.models import Meeting, MeetingState, OfferState, SlotOffer

MONDAY = 0
TEMPLATE = DESK.template


def send_desk_mail(session: Session, now: datetime) -> bool:
    """Once a day; whether there was anything to say."""
    today = local_date(now)
    begins, ends = times_of(DESK, today, TOKYO)
    if not is_business_day(today) or not begins <= now < ends or not any(_counts(session, now).values()):
        return False
    tell_office(session, event=f"desk:{today}", template=TEMPLATE, about="office:0", now=now)
    return True


def show_desk(session: Session, message: OutboxMessage) -> dict[str, Any]:
    counts = _counts(session, message.due_at)
    return {**counts, "action_url": page_address("office_desk"), "action_label": plain("今日の仕事をひらく")}


def _counts(session: Session, now: datetime) -> Mapping[str, int]:
    today = local_date(now)
    midnight = datetime.combine(today, time(), TOKYO) + timedelta(days=1)
    return {
        "late": count_queues(session, now)[Queue.LATE],
        "today": _due_between(session, now, midnight),
        "tomorrow": _due_between(session, midnight, midnight + timedelta(days=1)),
        "rounds": sum(ready_rounds(session, now).values()),
        "resting": count_resting(session, now=now) if today.weekday() == MONDAY else 0,  # once a week
    }


def _due_between(session: Session, since: datetime, until: datetime) -> int:
    """Answers and choices that run out, and talks that begin."""
    queries = (
        select(func.count(Invitation.id)).where(
            Invitation.state == InvitationState.ASKED,
            Invitation.deadline_at > since,
            Invitation.deadline_at <= until,
        ),
        select(func.count(SlotOffer.id)).where(
            SlotOffer.state == OfferState.OPEN, SlotOffer.expires_at > since, SlotOffer.expires_at <= until
        ),
        select(func.count(Meeting.id)).where(
            Meeting.state == MeetingState.CONFIRMED, Meeting.starts_at > since, Meeting.starts_at <= until
        ),
    )
    return sum(session.scalar(query) or 0 for query in queries)
