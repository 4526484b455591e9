"""What nobody has to remember: the word at the end of a month (M18), and who has fallen silent (M19)."""

from datetime import date, datetime

from sqlalchemy import String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Flag, FlagKind
from mentorlink.applications.services import raise_flag
from mentorlink.core.actor import SYSTEM
from mentorlink.core.dates import local_date
from mentorlink.core.outbox import STOPPED, MessageState, OutboxMessage
from mentorlink.core.reminder_rules import SILENT_DAYS
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.programmes.models import Programme
from mentorlink.scheduling import notices, queries

AT_ONCE = 200  # half-years that one run of the job tells; the next run tells the next


def engagements_to_look_back(session: Session, now: datetime) -> list[int]:
    """The running half-years whose word of this month is not planned yet, from the month's first day on.

    What a rest or a change of supporter cancelled is planned anew; what the office stopped is not.
    """
    month = _first_of_month(now)
    event = literal("monthly:") + cast(Engagement.id, String) + literal(f":{month:%Y-%m}")
    stands = or_(OutboxMessage.state != MessageState.CANCELLED, OutboxMessage.problem == STOPPED)
    query = (
        select(Engagement.id)
        .join(Programme, Programme.id == Engagement.programme_id)
        .where(Engagement.state == EngagementState.RUNNING, Programme.months > 0)
        .where(or_(Engagement.ends_on.is_(None), Engagement.ends_on >= month))
        .where(~exists().where(OutboxMessage.event == event, stands))
    )
    return list(session.scalars(query.order_by(Engagement.id).limit(AT_ONCE)))


def look_back(session: Session, engagement_id: int, now: datetime) -> None:
    """Plan M18 for both sides; a second time in a month it changes nothing."""
    engagement = session.get_one(Engagement, engagement_id)
    notices.tell_month(session, engagement, _first_of_month(now), now=now)


def newly_silent(session: Session, now: datetime) -> list[int]:
    """Half-years without a sign for 30 days that the office has not been shown in this silence."""
    known = exists().where(
        Flag.application_id == Engagement.application_id,
        Flag.kind == FlagKind.SILENCE,
        Flag.raised_at > queries.quiet_since(),
    )
    silent = queries.silent_engagements(SILENT_DAYS, now=now).where(~known)
    return [engagement.id for engagement in session.scalars(silent.order_by(Engagement.id))]


def note_silence(session: Session, engagement_id: int, now: datetime) -> None:
    """A flag for the office and M19, once for each silence."""
    query = select(Engagement, queries.quiet_since()).where(Engagement.id == engagement_id)
    engagement, since = session.execute(query).one()
    raise_flag(session, engagement.application, FlagKind.SILENCE, by=SYSTEM, now=now)
    notices.tell_of_silence(session, engagement, since, now=now)


def _first_of_month(now: datetime) -> date:
    return local_date(now).replace(day=1)
