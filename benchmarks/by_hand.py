"""What a careful person reaches on the demo's people, beside the optimum.

All applications of the 60-minute talk of the demo's published year are taken to wait at once, the last one since
today. The careful person takes whoever has waited longest, gives them the best score that still has a place and a
common hour, and never takes anything back.
"""

import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from sqlalchemy import select

from mentorlink.applications.models import Application
from mentorlink.core import links
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.settings import Settings
from mentorlink.matching.assignment.bound import spread_of
from mentorlink.matching.assignment.field import Field
from mentorlink.matching.assignment.pairs import likeliest
from mentorlink.matching.assignment.solve import assign
from mentorlink.matching.assignment.verify import verify
from mentorlink.matching.round_facts import RoundFacts
from mentorlink.matching.round_queries import field_of
from mentorlink.programmes.queries import by_code
from mentorlink.seeds import seed_demo
from mentorlink.tables import metadata

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
PROGRAMME = "consultation-2023"


def by_hand_beside_optimum() -> dict[str, object]:
    """Matched, worst score, total weight in tenths and balance of both; and the seconds from rows to result."""
    with tempfile.TemporaryDirectory() as folder:
        facts, seconds = _facts(folder)
    field = facts.open_field
    found = assign(field)
    return {
        "applicants": len(facts.applicants),
        "supporters": len(facts.supporters),
        "rows_to_result_seconds": round(seconds + found.seconds, 4),
        **{f"hand_{name}": value for name, value in first_come(field).items()},
        "matched": len(found.rows),
        "worst": found.worst,
        "total": found.total,
        "spread": found.spread,
        "gap": found.dual_total - found.total,
        "faults": list(verify(field, found).faults),
    }


def first_come(field: Field) -> dict[str, object]:
    """One after the other, the longest waiting first: the best score with a place and an hour left."""
    pairs, _allowed = likeliest(field, len(field.places))
    room, used = field.places.copy(), set[tuple[int, int]]()
    chosen: dict[int, tuple[int, int]] = {}
    for row in np.argsort(-field.waiting_days, kind="stable").tolist():
        inside = np.flatnonzero(pairs.rows == row)
        for place in inside[np.argsort(-pairs.scores[inside], kind="stable")].tolist():
            column = int(pairs.columns[place])
            hour = _free_hour(field, row, column, used)
            if room[column] > 0 and hour is not None:
                room[column] -= 1
                used.add((column, hour))
                chosen[row] = column, int(pairs.scores[place])
                break
    columns = np.array([column for column, _score in chosen.values()], dtype=np.intp)
    scores = [score for _column, score in chosen.values()]
    days = int(field.waiting_days[list(chosen)].sum())
    worst = min(scores, default=None)
    spread = spread_of(field, columns)
    return {"matched": len(chosen), "worst": worst, "total": 10 * sum(scores) + days, "spread": spread}


def _free_hour(field: Field, row: int, column: int, used: set[tuple[int, int]]) -> int | None:
    """The earliest sitting that nobody has; −1 − row by talk."""
    pair = np.array([row]), np.array([column])
    if field.is_by_talk(*pair)[0]:
        return -1 - row
    _which, starts = field.starts(*pair)
    return next((start for start in starts.tolist() if (column, start) not in used), None)


def _facts(folder: str) -> tuple[RoundFacts, float]:
    engine = make_engine(f"sqlite:///{folder}/demo.db")
    metadata.create_all(engine)
    links.configure("benchmark")
    links.configure_base("http://localhost")
    sessions = make_sessions(engine)
    seed_demo(sessions, Settings(demo=True, mail_url="inbox:"), NOW)
    with sessions() as session:
        programme = by_code(session, PROGRAMME)
        if programme is None:
            raise SystemExit(f"the demo has no {PROGRAMME}")
        began = time.perf_counter()
        query = select(Application).where(
            Application.programme_id == programme.id, Application.person_id.is_not(None)
        )
        applications = list(session.scalars(query.order_by(Application.id)).unique())
        facts = _from_the_last(field_of(session, programme, applications, now=NOW))
        seconds = time.perf_counter() - began
    engine.dispose()
    return facts, seconds


def _from_the_last(facts: RoundFacts) -> RoundFacts:
    """With waiting days that count from the last application, not until today, years later."""
    least = min(each.waiting_days for each in facts.applicants)
    people = tuple(replace(each, waiting_days=each.waiting_days - least) for each in facts.applicants)
    return replace(facts, applicants=people)
