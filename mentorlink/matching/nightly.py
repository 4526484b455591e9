"""毎晩、組み合わせの案を用意しておく: the worker's round, ready before the office comes. It sends nothing."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mentorlink.core.actor import SYSTEM
from mentorlink.core.dates import TOKYO, local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import RuleViolation
from mentorlink.matching.models import MatchRun
from mentorlink.matching.round_queries import latest_run, searched_ids, waiting_by_programme
from mentorlink.matching.rounds import find_round, proposed_by, steering_of
from mentorlink.programmes.models import Programme

NIGHT_LOCK = 33  # the space of ``lock_keys`` for one programme's night
HOUR, LAST_HOUR = 5, 12  # a worker that comes later does not change a page that is being worked on


def programmes_for_tonight(session: Session, now: datetime) -> list[int]:
    """Ids of the runs that want a round each night, have somebody waiting and have had none since five."""
    if not HOUR <= now.astimezone(TOKYO).hour < LAST_HOUR:
        return []
    had = set(session.scalars(select(MatchRun.programme_id).where(MatchRun.made_at >= _five(now))))
    wanted = [run.id for run, waiting in waiting_by_programme(session) if run.nightly_round and waiting]
    return [each for each in wanted if each not in had]


def prepare_tonight(session: Session, programme_id: int, now: datetime) -> MatchRun | None:
    """The round of tonight, with the office's pins and bans kept. None where there is one already, or where it would
    say what the last one said, or where the pins clash by now: that one is for the office to decide.
    """
    lock_keys(session, NIGHT_LOCK, [programme_id])
    programme = session.get_one(Programme, programme_id)
    last = latest_run(session, programme)
    if last is not None and last.made_at >= _five(now):
        return None
    try:
        run = find_round(session, programme, *steering_of(last), now=now, by=SYSTEM)
    except RuleViolation:
        return None
    if last is not None and _said_by(last) == _said_by(run):
        return None
    session.add(run)
    session.flush()
    return run


def ready_rounds(session: Session, now: datetime) -> Mapping[int, int]:
    """Per programme the pairs that the worker has prepared since this day's five o'clock and nobody has been asked for."""
    newest = select(func.max(MatchRun.id)).group_by(MatchRun.programme_id)
    query = select(MatchRun.programme_id, MatchRun.pairs, MatchRun.teams).where(
        MatchRun.id.in_(newest), MatchRun.made_by == SYSTEM, MatchRun.made_at >= _five(now)
    )
    found = {
        run.programme_id: run.teams["made"] if run.teams else run.pairs for run in session.execute(query)
    }
    waiting = searched_ids(session, found.keys())
    return {programme_id: sum(each[0] in waiting for each in made) for programme_id, made in found.items()}


def _five(now: datetime) -> datetime:
    return datetime.combine(local_date(now), time(HOUR), TOKYO)


def _said_by(run: MatchRun) -> Any:
    """Who is in the round, and each pair with its score and hour. Waiting days grow each night: they are no news."""
    people = {int(each["id"]) for each in run.facts["applicants"]}
    return people, proposed_by(run)
