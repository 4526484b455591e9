"""One round of the office: 40 applications × 10 supporters, from database rows to the shown page, and its approval.

python -m benchmarks.rounds [--applications 40] [--supporters 10] [--json]

``cold_seconds`` is a fresh process's first round: rows read, solved, proved, stored, and the page rendered. Imports and
the web application are there before, as in a server that runs; ``cold_cpu_seconds`` is the same where the
machine does nothing else. ``approve_seconds`` asks for every pair, mails planned.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from mentorlink.app import create_app
from mentorlink.applications.models import ApplicationState, DayPart
from mentorlink.core.actor import Role
from mentorlink.core.db import make_engine, make_sessions, transaction
from mentorlink.core.sessions import WebSession, hash_token, new_token
from mentorlink.core.settings import Settings
from mentorlink.matching.round_queries import latest_run
from mentorlink.matching.rounds import approve_pairs, prepare_round, verify_round
from mentorlink.programmes.models import Programme
from mentorlink.tables import metadata
from tests.factories import (
    NOW,
    make_application,
    make_person,
    make_programme,
    make_supporter,
    make_user,
)

CATEGORIES = ("06", "03", "08")
THEMES = ("16", "01", "02")


def made_up(session: Session, applications: int, supporters: int) -> Programme:
    """People who differ in what they ask for and when they can; everybody can be served."""
    draw = random.Random(20240401)
    programme = make_programme(session, code="forty")
    room = -(-applications // supporters) + 2
    for number in range(supporters):
        make_supporter(
            session,
            person=make_person(session, display_name=f"見本 {number + 1}"),
            skills={code: draw.randint(1, 3) for code in CATEGORIES},
            terms={"theme": draw.sample(THEMES, 2), "mode": ["online"]},
            windows=[(day, 17 * 60, 21 * 60) for day in range(5)],
            capacity_month=room,
            capacity_week=room,
        )
    for _number in range(applications):
        make_application(
            session,
            programme=programme,
            state=ApplicationState.MATCHING,
            searching_since=NOW,
            terms={"theme": [draw.choice(THEMES)], "category": [draw.choice(CATEGORIES)], "mode": ["online"]},
            times=[(day, DayPart.EVENING) for day in draw.sample(range(5), 3)],
        )
    return programme


def measure(applications: int, supporters: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/round.db")
        metadata.create_all(engine)
        sessions = make_sessions(engine)
        with sessions() as session:
            made_up(session, applications, supporters)
            cookie = _office(session)
            session.commit()
        settings = Settings(secret_key="rounds", base_url="http://localhost", mail_url="inbox:")  # noqa: S106
        app = create_app(settings, engine=engine, clock=lambda: NOW)
        client = app.test_client()
        client.set_cookie("mentorlink", cookie)
        cold, shown = _prepared_and_shown(sessions, client)
        with sessions() as session:
            found = _approved(engine, session)
        engine.dispose()
    return {"applications": applications, "supporters": supporters, "cold_seconds": cold} | shown | found


def _prepared_and_shown(sessions: Any, client: Any) -> tuple[float, dict[str, object]]:
    began, worked = time.perf_counter(), time.process_time()
    with sessions() as session, transaction(session):
        programme = session.query(Programme).one()
        run = prepare_round(session, programme, {}, (), now=NOW, by="benchmark")
        matched, asked_about = run.matched, run.pairs[0][0]
    prepared = time.perf_counter()
    page = client.get("/office/rounds/forty")
    shown, worked = time.perf_counter(), time.process_time() - worked
    why = client.get(f"/office/rounds/forty?ask={asked_about}")
    if (page.status_code, why.status_code) != (200, 200):
        raise SystemExit("the page could not be shown")
    return round(shown - began, 4), {
        "cold_cpu_seconds": round(worked, 4),
        "prepare_seconds": round(prepared - began, 4),
        "page_seconds": round(shown - prepared, 4),
        "why_not_seconds": round(time.perf_counter() - shown, 4),
        "page_kib": len(page.data) // 1024,
        "matched": matched,
    }


def _approved(engine: Engine, session: Session) -> dict[str, object]:
    programme = session.query(Programme).one()
    run = latest_run(session, programme)
    if run is None or verify_round(run).faults:
        raise SystemExit("the round does not hold")
    with _counted(engine) as said:
        began = time.perf_counter()
        with transaction(session):
            asked, late = approve_pairs(
                session, run, [pair[0] for pair in run.pairs], by="benchmark", now=NOW
            )
        seconds = time.perf_counter() - began
    return {
        "approved": len(asked),
        "too_late": len(late),
        "approve_seconds": round(seconds, 4),
        "queries_per_pair": round(said() / len(asked), 1),
    }


def _office(session: Session) -> str:
    token = new_token()
    user = make_user(session, role=Role.OFFICE)
    row = WebSession(token_hash=hash_token(token), user_id=user.id, data={}, created_at=NOW)
    row.expires_at = NOW.replace(year=NOW.year + 1)
    session.add(row)
    return token


@contextmanager
def _counted(engine: Engine) -> Iterator[Callable[[], int]]:
    said: list[str] = []
    listener = lambda *args: said.append(args[2])  # noqa: E731 - as SQLAlchemy calls it
    event.listen(engine, "before_cursor_execute", listener)
    yield lambda: len(said)
    event.remove(engine, "before_cursor_execute", listener)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--applications", type=int, default=40)
    parser.add_argument("--supporters", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.applications, args.supporters)
    print(
        json.dumps(found) if args.json else "\n".join(f"{name:18} {value}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
