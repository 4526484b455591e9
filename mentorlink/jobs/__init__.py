"""Every recurring job, on one page. Each may run at any time, again, and beside another worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session, sessionmaker

from mentorlink.applications.services import remind_drafts
from mentorlink.core.clock import Clock
from mentorlink.core.db import transaction
from mentorlink.core.delivery import Courier
from mentorlink.core.line import make_client
from mentorlink.core.line_delivery import LineCourier, LineTransport, Quota
from mentorlink.core.settings import Settings
from mentorlink.core.transports import make_transport
from mentorlink.engagements.services import remind_of_steps
from mentorlink.jobs.calendars import read_calendars
from mentorlink.jobs.desk_mail import send_desk_mail
from mentorlink.jobs.post import CONTEXTS, make_resolve
from mentorlink.matching.nightly import prepare_tonight, programmes_for_tonight
from mentorlink.matching.services import expire_invitations, look_after_mentors, say_honest_word
from mentorlink.outcomes.services import follow_engagements, note_followups
from mentorlink.people.queries import line_recipient_of, other_channel_of
from mentorlink.people.ways import OF_THE_DAY
from mentorlink.scheduling.services import (
    engagements_to_look_back,
    expired_asks,
    expired_offers,
    let_ask_go,
    let_offer_go,
    look_back,
    newly_silent,
    note_silence,
)
from mentorlink.setup.services import apply_amendments
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
    line_courier = make_line_courier(settings, sessions, clock, may_go_on)
    return [
        Job("deliver", 2, lambda _sessions, _now: courier.deliver(), alone=False),
        Job("deliver_line", 2, lambda _sessions, _now: line_courier.deliver(), alone=False),
        Job("read_calendars", MINUTE, partial(read_calendars, may_go_on=may_go_on), alone=False),
        Job("expire_invitations", MINUTE, _in_transaction(expire_invitations)),
        Job("let_offers_go", MINUTE, _one_by_one(expired_offers, let_offer_go)),
        Job("let_asks_go", MINUTE, _one_by_one(expired_asks, let_ask_go)),
        Job("look_back", MINUTE, _one_by_one(engagements_to_look_back, look_back)),
        Job("note_silence", 60 * MINUTE, _one_by_one(newly_silent, note_silence)),
        Job("plan_targets", MINUTE, _in_transaction(plan_targets)),
        Job("note_followups", 10 * MINUTE, _in_transaction(note_followups)),
        Job("follow_engagements", 10 * MINUTE, _in_transaction(follow_engagements)),
        Job("apply_amendments", MINUTE, _in_transaction(apply_amendments)),
        Job("send_desk_mail", 5 * MINUTE, _in_transaction(send_desk_mail)),
        Job("prepare_rounds", 15 * MINUTE, _one_by_one(programmes_for_tonight, prepare_tonight)),
        Job("look_after_mentors", 10 * MINUTE, _in_transaction(look_after_mentors)),
        Job("say_honest_word", 10 * MINUTE, _in_transaction(say_honest_word)),
        Job("remind_of_steps", 60 * MINUTE, _in_transaction(remind_of_steps)),
        Job("remind_drafts", 10 * MINUTE, _in_transaction(remind_drafts)),
    ]


def make_courier(
    settings: Settings, sessions: Sessions, clock: Clock, may_go_on: Callable[[], bool] = lambda: True
) -> Courier:
    transport = make_transport(settings, sessions, clock)
    return Courier(sessions, clock, transport, CONTEXTS, make_resolve(settings), settings, may_go_on)


def make_line_courier(
    settings: Settings, sessions: Sessions, clock: Clock, may_go_on: Callable[[], bool] = lambda: True
) -> LineCourier:
    """Beside the mails: a silent LINE keeps no mail waiting. Where LINE is not configured it empties what is left."""
    return LineCourier(
        sessions,
        clock,
        LineTransport(make_client(settings)),
        CONTEXTS,
        make_resolve(settings, line_recipient_of),
        settings,
        may_go_on,
        other_way=other_channel_of,
        of_the_day=OF_THE_DAY,
        quota=Quota(settings.line_monthly_quota, ZoneInfo(settings.zone)),
    )


def _in_transaction(service: Callable[[Session, datetime], object]) -> Callable[[Sessions, datetime], object]:
    def run(sessions: Sessions, now: datetime) -> object:
        with sessions() as session, transaction(session):
            return service(session, now)

    return run


def _one_by_one(
    find: Callable[[Session, datetime], list[int]], act: Callable[[Session, int, datetime], object]
) -> Callable[[Sessions, datetime], object]:
    """Each row in a transaction of its own: locks are held shortly, and one that fails stands in nobody's way."""

    def run(sessions: Sessions, now: datetime) -> int:
        with sessions() as session:
            ids, problems = find(session, now), []
            for row_id in ids:
                try:
                    with transaction(session):
                        act(session, row_id, now)
                except Exception as error:  # noqa: BLE001 - told to the worker once the others are done
                    problems.append(error)
        if problems:
            raise problems[0]
        return len(ids)

    return run
