"""One applicant, two supporters and the office in a database that can be set back, for walking every path.

A ``Spot`` is a database as bytes, its instant and the acts that led there. ``walk`` goes breadth first, so that the
path to a dead end is the shortest one, and goes on only from situations that differ in what ``situation`` sees.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.app import create_app
from mentorlink.applications.models import Application, ApplicationState, ClarifyingQuestion
from mentorlink.core.actor import Role
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.sessions import WebSession, hash_token
from mentorlink.core.settings import Settings
from mentorlink.engagements.models import Engagement, Handover, HandoverState, Milestone
from mentorlink.jobs import all_jobs
from mentorlink.matching.models import WAITING_FOR_ANSWER, Invitation, Proposal
from mentorlink.people.models import REQUIRED_CONSENTS, Purpose, Supporter
from mentorlink.people.services import give_consents
from mentorlink.programmes.models import MilestoneTemplate
from mentorlink.scheduling.models import Meeting, MeetingState
from mentorlink.scheduling.queries import open_offer
from mentorlink.surveys.models import Target, TargetState
from mentorlink.tables import metadata
from tests import factories
from tests.factories import NOW

SETTINGS = Settings(secret_key="test-secret", base_url="http://localhost", mail_url="inbox:")
NOT_RUN = ("deliver", "send_desk_mail")  # a message counts as said when it is due
WRITE_AHEAD = slice(18, 20)  # of the file's header
TOKENS = {"application": "a" * 43, "supporter": "s" * 43, "office": "o" * 43}


@dataclass(frozen=True)
class Spot:
    rows: bytes
    now: datetime
    path: tuple[str, ...] = ()


class Act:
    """``do(world, session)`` changes rows by a service, or raises where it is not possible here."""

    def __init__(self, name: str, do: Callable[["World", Session], Any]):
        self.name, self.do = name, do


class World:
    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.engine = make_engine(f"sqlite:///{folder}/paths.db")
        metadata.create_all(self.engine)
        self._file = sqlite3.connect(folder / "paths.db")
        self.sessions = make_sessions(self.engine)
        self.app = create_app(SETTINGS, engine=self.engine, clock=lambda: self.now)
        self.app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
        self.jobs = [
            job for job in all_jobs(SETTINGS, self.sessions, lambda: self.now) if job.name not in NOT_RUN
        ]

    # ---- going and coming back

    def keep(self, *path: str) -> Spot:
        rows = bytearray(self._file.serialize())
        rows[WRITE_AHEAD] = b"\x01\x01"  # a database in memory knows no log beside it
        return Spot(bytes(rows), self.now, path)

    def go_to(self, spot: Spot) -> None:
        with closing(sqlite3.connect(":memory:")) as kept:
            kept.deserialize(spot.rows)
            kept.backup(self._file)
        self.now = spot.now

    def walk(self, start: Spot, acts: list[Act], most: int) -> Iterator[Spot]:
        """Every situation that can be reached from ``start``, the nearest first, at most ``most`` of them.

        Each is stood in while it is yielded.
        """
        self.go_to(start)
        waiting, seen = deque([start]), {self.situation()}
        while waiting:
            spot = waiting.popleft()
            self.go_to(spot)
            yield spot
            for act in acts if len(seen) < most else ():
                if not self.perform(act):
                    continue  # nothing was changed
                if (here := self.situation()) not in seen:
                    seen.add(here)
                    waiting.append(self.keep(*spot.path, act.name))
                self.go_to(spot)

    def situation(self) -> tuple[Any, ...]:
        with self.sessions() as session:
            return situation(session, self.now)

    def perform(self, act: Act) -> bool:
        try:
            with self.sessions() as session, session.begin():
                return act.do(self, session) is not False
        except (Conflict, RuleViolation):
            return False

    def let_pass(self, **duration: float) -> None:
        self.now += timedelta(**duration)
        for job in self.jobs:
            job.run(self.sessions, self.now)

    def read(self, who: str, address: str) -> Any:
        client = self.app.test_client()
        client.set_cookie("mentorlink", TOKENS[who], domain="localhost")
        return client.get(address, follow_redirects=True)


# ---- the people


def settle(world: World, state: str, *, steps: int = 0, **programme: Any) -> Spot:
    """The rows to begin with: one application in ``state``, two supporters who could be asked, browsers for all."""
    with world.sessions() as session, session.begin():
        run = factories.make_programme(session, **programme)
        for position in range(1, steps + 1):
            step = MilestoneTemplate(position=position, code=f"0{position}", due_after_days=30 * position)
            run.milestones.append(step)
        application = factories.make_application(session, programme=run, state=ApplicationState(state))
        if state == "draft":
            application.submitted_at = application.reference = None
        give_consents(session, application.person, [*REQUIRED_CONSENTS, Purpose.LATER_CONTACT], now=NOW)
        supporters = [factories.make_supporter(session, buffer_minutes=0) for _ in range(2)]
        user = factories.make_user(session, role=Role.SUPPORTER)
        supporters[0].person.user_id = user.id
        office = factories.make_user(session, role=Role.LEAD)
        _open_browser(session, "application", scope_concept="application", scope_id=application.id)
        _open_browser(session, "supporter", user_id=user.id)
        _open_browser(session, "office", user_id=office.id)
    return world.keep()


def _open_browser(session: Session, who: str, **columns: Any) -> None:
    session.add(
        WebSession(
            token_hash=hash_token(TOKENS[who]),
            data={},
            created_at=NOW,
            expires_at=NOW + timedelta(days=3650),
            **columns,
        )
    )


# ---- what is there


def application(session: Session) -> Application:
    return session.scalars(select(Application).order_by(Application.id)).first()


def engagement(session: Session) -> Engagement:
    return found(session.scalar(select(Engagement)))


def offer(session: Session) -> Any:
    return found(open_offer(session, engagement(session).id))


def question(session: Session) -> ClarifyingQuestion:
    return found(session.scalar(select(ClarifyingQuestion).where(ClarifyingQuestion.answered_at.is_(None))))


def proposal(session: Session) -> Proposal:
    return found(session.scalar(select(Proposal).order_by(Proposal.id.desc()).limit(1)))


def invitation(session: Session) -> Invitation:
    waiting = Invitation.state.in_(WAITING_FOR_ANSWER)
    return found(session.scalar(select(Invitation).where(waiting).order_by(Invitation.id).limit(1)))


def meeting(session: Session) -> Meeting:
    return found(session.scalar(select(Meeting).order_by(Meeting.starts_at.desc()).limit(1)))


def handover(session: Session) -> Handover:
    is_open = Handover.state.in_((HandoverState.ASKED, HandoverState.CHOSEN))
    return found(session.scalar(select(Handover).where(is_open)))


def milestone(session: Session) -> Milestone:
    return found(session.scalar(select(Milestone).order_by(Milestone.position).limit(1)))


def target(session: Session, now: datetime) -> Target:
    is_open = Target.state.in_((TargetState.PLANNED, TargetState.SENT))
    query = select(Target).where(is_open, Target.audience == "applicant", Target.due_at <= now)
    return found(session.scalar(query.order_by(Target.due_at).limit(1)))


def invited(session: Session) -> list[Invitation]:
    return list(session.scalars(select(Invitation)))


def supporters(session: Session) -> list[Supporter]:
    return list(session.scalars(select(Supporter).order_by(Supporter.id)))


def found(row: Any) -> Any:
    if row is None:
        raise RuleViolation("not_there")
    return row


def situation(session: Session, now: datetime) -> tuple[Any, ...]:
    """What makes one place differ from another for the people in it: states, and what is over or late."""
    one = application(session)
    run = session.scalar(select(Engagement))
    last = session.scalar(select(Meeting).order_by(Meeting.starts_at.desc()).limit(1))
    asked = session.scalar(select(Proposal).order_by(Proposal.id.desc()).limit(1))
    change = session.scalar(select(Handover).order_by(Handover.id.desc()).limit(1))
    waiting = open_offer(session, run.id) if run else None
    open_targets = select(Target.audience, Target.due_at <= now).where(
        Target.state.in_((TargetState.PLANNED, TargetState.SENT))
    )
    talks = session.scalars(select(Meeting.state)).all()
    return (
        one.state,
        one.searching_since is not None,
        (run.state, bool(run.supporter_ids())) if run else None,
        (last.state, last.starts_at <= now) if last else None,
        any(state in (MeetingState.HELD, MeetingState.RECORDED) for state in talks),
        (asked.state, tuple(each.state for each in asked.invitations)) if asked else None,
        change.state if change else None,
        (bool(waiting.slots), waiting.expires_at <= now) if waiting else None,
        tuple(sorted({tuple(row) for row in session.execute(open_targets)})),
        tuple(sorted(session.scalars(select(Milestone.state)))),
    )
