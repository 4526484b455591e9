"""Every recurring job, on one page. Each may run at any time, again, and beside another worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from mentorlink.applications.services import remind_drafts
from mentorlink.core.clock import Clock
from mentorlink.core.db import transaction
from mentorlink.core.delivery import Courier
from mentorlink.core.settings import Settings
from mentorlink.core.transports import make_transport
from mentorlink.engagements.services import remind_of_steps
from mentorlink.jobs.desk_mail import send_desk_mail
from mentorlink.jobs.post import CONTEXTS, make_resolve
from mentorlink.matching.services import expire_invitations, say_honest_word
from mentorlink.outcomes.services import follow_engagements, note_followups
from mentorlink.scheduling.services import release_expired
from mentorlink.surveys.services import plan_targets

MINUTE = 60

Sessions = sessionmaker[Session]


@dataclass(frozen=True)
class Job:
    """``alone``: one worker at a time does it. Delivery needs no such rule: it takes each row under a lease."""

    name: str
    every_seconds: int
    run: Callable[[Sessions, datetime], object]
    alone: bool = True


def all_jobs(
    settings: Settings, sessions: Sessions, clock: Clock, may_go_on: Callable[[], bool] = lambda: True
) -> list[Job]:
    courier = make_courier(settings, sessions, clock, may_go_on)
    return [
        Job("deliver", 2, lambda _sessions, _now: courier.deliver(), alone=False),
        Job("expire_invitations", MINUTE, _in_transaction(expire_invitations)),
        Job("release_expired", MINUTE, _in_transaction(release_expired)),
        Job("plan_targets", MINUTE, _in_transaction(plan_targets)),
        Job("note_followups", 10 * MINUTE, _in_transaction(note_followups)),
        Job("follow_engagements", 10 * MINUTE, _in_transaction(follow_engagements)),
        Job("send_desk_mail", 5 * MINUTE, _in_transaction(send_desk_mail)),
        Job("say_honest_word", 10 * MINUTE, _in_transaction(say_honest_word)),
        Job("remind_of_steps", 60 * MINUTE, _in_transaction(remind_of_steps)),
        Job("remind_drafts", 10 * MINUTE, _in_transaction(remind_drafts)),
    ]


def make_courier(
    settings: Settings, sessions: Sessions, clock: Clock, may_go_on: Callable[[], bool] = lambda: True
) -> Courier:
    transport = make_transport(settings, sessions, clock)
    return Courier(sessions, clock, transport, CONTEXTS, make_resolve(settings), settings, may_go_on)


def _in_transaction(service: Callable[[Session, datetime], object]) -> Callable[[Sessions, datetime], object]:
    def run(sessions: Sessions, now: datetime) -> object:
        with sessions() as session, transaction(session):
            return service(session, now)

    return run
