"""``mentorlink match PROGRAMME`` and ``mentorlink match verify RUN``: rounds of the database, and their proof."""

import json
import sys
from datetime import datetime
from typing import Any

import click
from sqlalchemy.orm import Session, sessionmaker

from mentorlink.core.actor import SYSTEM
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import plain
from mentorlink.core.messages import message_of
from mentorlink.fit.reasons import office_reasons
from mentorlink.matching.models import MatchRun
from mentorlink.matching.round_facts import RoundFacts
from mentorlink.matching.round_help import RoundHelp
from mentorlink.matching.round_queries import hour_of, latest_run
from mentorlink.matching.rounds import (
    approve_pairs,
    facts_of,
    prepare_round,
    proposed_by,
    steering_of,
    verify_round,
)
from mentorlink.matching.teams import most_teams
from mentorlink.programmes.models import Programme


def match_programme(
    sessions: sessionmaker[Session], programme_id: int, now: datetime, *, as_json: bool, apply: bool
) -> None:
    """Prepare a round with the pins and bans of the last one, and print it; with ``apply`` ask everybody in it."""
    with sessions() as session:
        try:
            with transaction(session):
                outline = _prepare(session, session.get_one(Programme, programme_id), now, apply=apply)
        except RuleViolation as problem:
            click.echo(f"mentorlink: {plain(message_of(problem.code))}", err=True)
            sys.exit(1)
    if as_json:
        click.echo(json.dumps(outline, ensure_ascii=False, indent=2))
    else:
        print_outline(outline)


def verify_stored(sessions: sessionmaker[Session], run_id: int) -> None:
    """Print what the check found; exits with 1 where the run does not hold, or there is none."""
    with sessions() as session:
        run = session.get(MatchRun, run_id)
        if run is None:
            click.echo(f"mentorlink: no run {run_id}", err=True)
            sys.exit(1)
        verdict = verify_round(run)
    for name in ("matched", "most_possible", "total", "dual_total", "gap", "spread"):
        click.echo(f"{name} {getattr(verdict, name)}")
    click.echo(f"faults {', '.join(verdict.faults) or 'none'}")
    if verdict.faults:
        sys.exit(1)


def print_outline(outline: dict[str, Any]) -> None:
    for pair in outline["pairs"]:
        start = pair["start"] or "-"
        click.echo(
            f"{pair['applicant']} {pair['supporter']} {start} {pair['score']}  {'; '.join(pair['reasons'])}"
        )
    for person in outline["unmatched"]:
        click.echo(f"{person['applicant']} -  {person['reason']}")
    for name, value in outline["certificate"].items():
        click.echo(f"# {name} {value}")


def _prepare(session: Session, programme: Programme, now: datetime, *, apply: bool) -> dict[str, Any]:
    pins, bans = steering_of(latest_run(session, programme))
    run = prepare_round(session, programme, pins, bans, now=now, by=SYSTEM)
    outline = _outline(run, facts_of(run))
    chosen = [each.application_id for each in proposed_by(run)]
    if apply and chosen:
        asked, late = approve_pairs(session, run, chosen, by=SYSTEM, now=now)
        outline |= {"asked": [each.application_id for each in asked], "too_late": late}
    return outline


def _outline(run: MatchRun, facts: RoundFacts) -> dict[str, Any]:
    """Of a team each member is a pair of its own, at the same start."""
    left = RoundHelp(run, facts, lambda _id: frozenset(), str).unmatched()
    return {
        "run": run.id,
        "pairs": [
            _pair(facts, each.application_id, *member, each.hour)
            for each in proposed_by(run)
            for member in each.members
        ],
        "unmatched": [{"applicant": each.application_id, "reason": each.reason} for each in left],
        "certificate": {
            "matched": run.matched,
            "worst": run.worst,
            "total": run.total,
            "dual_total": run.dual_total,
            "gap": run.dual_total - run.total,
            "spread": run.spread,
            "pruned": run.pruned,
            "rounds": run.rounds,
            "seconds": run.milliseconds / 1000,
        }
        | _teams(run, facts),
    }


def _teams(run: MatchRun, facts: RoundFacts) -> dict[str, int]:
    if run.teams is None:
        return {}
    return {
        "teams": len(proposed_by(run)),
        "most_teams": most_teams(facts, run.teams["size"], run.matched),
    }


def _pair(facts: RoundFacts, application: int, supporter: int, score: int, step: int | None) -> Any:
    pair = facts.applicants[facts.rows[application]], facts.supporters[facts.columns[supporter]]
    hour = hour_of(step)
    return {
        "applicant": application,
        "supporter": supporter,
        "start": hour.isoformat() if hour else None,
        "score": score,
        "reasons": [
            plain(each.sentence.msgid, **each.sentence.params)
            for each in office_reasons(*pair, facts.weights)
        ],
    }
