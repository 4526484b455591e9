"""Reading supporters' own calendars: a few at once, apart from everything else that the worker does.

A server that hangs holds up one of a few threads until the fetcher's deadline, and no lock and no transaction.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache

from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core.db import transaction
from mentorlink.core.fetching import Fetcher
from mentorlink.scheduling.services import Fetch, claim_source, read_source, settle_source

AT_ONCE = 4
BUDGET_SECONDS = (
    45.0  # no reading begins after that: the next run goes on with those that have waited longest
)


def read_calendars(
    sessions: sessionmaker[Session],
    now: datetime,
    *,
    may_go_on: Callable[[], bool] = lambda: True,
    fetch: Fetch | None = None,
    budget: float = BUDGET_SECONDS,
) -> int:
    """Read what is due, AT_ONCE at a time; returns how many. Each is claimed first, so several workers share them."""
    ends = time.monotonic() + budget

    def work() -> int:
        done = 0
        while may_go_on() and time.monotonic() < ends and _read_one(sessions, now, fetch):
            done += 1
        return done

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calendars") as pool:
        return sum(each.result() for each in [pool.submit(work) for _ in range(AT_ONCE)])


def _read_one(sessions: sessionmaker[Session], now: datetime, fetch: Fetch | None) -> bool:
    """Whether there was one. No session is open while somebody else's server is waited for."""
    with sessions() as session, transaction(session):
        claim = claim_source(session, now=now)
    if claim is None:
        return False
    copy = read_source(claim, fetch or _fetcher().fetch, now=now)
    with sessions() as session, transaction(session):
        settle_source(session, claim, copy, now=now)
    return True


@cache
def _fetcher() -> Fetcher:
    """Made when the first calendar is due: it loads the system's certificates."""
    return Fetcher()
