"""A few people whose hours cross, in one database: five supports, three supporters, a clock and the post."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState, Flag, TimesKind
from mentorlink.core import links
from mentorlink.core.db import make_sessions, transaction
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.links import Link
from mentorlink.core.outbox import InboxMail, OutboxMessage
from mentorlink.core.settings import Settings
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Engagement, EngagementSupporter, Pause
from mentorlink.jobs import make_courier
from mentorlink.people.models import ContactChannel, Person, Supporter
from mentorlink.scheduling.models import (
    AvailabilityException,
    HourAnswer,
    HourAsk,
    Meeting,
    MeetingRecord,
    Occupancy,
    OfferedSlot,
    SlotOffer,
    WeeklyWindow,
)
from tests import factories

SETTINGS = Settings(secret_key="test-secret", base_url="http://localhost", mail_url="inbox:")
# Each stands shortly before clocks change somewhere, or in a week like any other.
BEGINNINGS = tuple(
    datetime(*day, 1, 0, tzinfo=UTC)
    for day in ((2026, 11, 25), (2026, 10, 21), (2026, 10, 28), (2027, 3, 9), (2027, 3, 24), (2026, 12, 28))
)
MOVING = (  # the rows that steps make, in the order in which they may be deleted
    InboxMail, OutboxMessage, MeetingRecord, Meeting, HourAnswer, HourAsk, OfferedSlot, SlotOffer, Occupancy, Flag,
    Pause, StateChange, Link, WeeklyWindow, AvailabilityException, EngagementSupporter,
)  # fmt: skip
CHANGING = (Application, Engagement, Supporter, Person)  # the rows that steps change

DONE = "done"


class World:
    """``now`` is its clock. ``do`` performs one step in a transaction and says what became of it."""

    def __init__(self, engine: Engine):
        links.configure("test-secret")
        links.configure_base("http://localhost")
        self.engine = engine
        self.now = self.latest = BEGINNINGS[0]
        self.sessions = make_sessions(engine)
        self.courier = make_courier(SETTINGS, self.sessions, lambda: self.now)
        with self.sessions() as session, transaction(session):
            settle(session)
        with engine.connect() as connection:
            self._beginning = {
                model: [dict(row._mapping) for row in connection.execute(select(model.__table__))]
                for model in (WeeklyWindow, EngagementSupporter, *CHANGING)
            }
        self.ids = {  # steps make none of these
            model: sorted(row["id"] for row in self._beginning[model]) for model in (Engagement, Supporter)
        }

    def begin_again(self, now: datetime) -> None:
        """Everything as it was settled, at another instant."""
        self.now = self.latest = now
        with self.engine.begin() as connection:
            for model in MOVING:
                connection.execute(delete(model))
            for model in (WeeklyWindow, EngagementSupporter):
                connection.execute(insert(model), self._beginning[model])
            for model in CHANGING:
                table = model.__table__
                for row in self._beginning[model]:
                    connection.execute(update(table).where(table.c.id == row["id"]).values(row))

    def do(self, act: Any, *choices: int) -> str:
        """``done``, or the code of the refusal."""
        try:
            with self.sessions() as session, transaction(session):
                act(self, session, *choices)
        except (Conflict, RuleViolation) as no:
            return no.code
        return DONE

    def let_pass(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.latest = max(self.latest, self.now)


def settle(session: Session) -> None:
    """One person asks twice, one lives in New York, one has no mail, one is a supporter too; one team is of two."""
    half_year = factories.make_programme(session, months=6)
    long_talk = factories.make_programme(session, meeting_minutes=90)
    first = factories.make_supporter(session, buffer_minutes=15, capacity_week=2)
    second = factories.make_supporter(
        session,
        buffer_minutes=0,
        notice_hours=0,
        capacity_week=40,
        person=factories.make_person(session, zone="Europe/London"),
        windows=[(day, 540, 720) for day in range(7)],
    )
    third = factories.make_supporter(session, buffer_minutes=30, windows=[(d, 1020, 1380) for d in range(6)])
    twice = factories.make_person(session)
    far = factories.make_person(session, zone="America/New_York")
    by_call = factories.make_person(
        session, contact_channel=ContactChannel.PHONE, email=None, phone="+81312345678"
    )
    supports = (
        (half_year, twice, [first]),
        (long_talk, twice, [second]),
        (half_year, far, [first, third]),
        (long_talk, by_call, [second]),
        (half_year, third.person, [first]),
    )
    for programme, person, team in supports:
        application = factories.make_application(
            session,
            programme=programme,
            person=person,
            state=ApplicationState.MATCHED,
            times_kind=TimesKind.WEEKLY if team == [first] else TimesKind.BY_TALK,
        )
        early = BEGINNINGS[0] - timedelta(days=400)
        engagement = factories.make_engagement(
            session, application=application, supporters=team, opened_at=early
        )
        for place in engagement.supporters:
            place.since = early
