"""A round of one programme: found, stored with its proof, checked again, and approved pair by pair."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.matching.assignment.bound import spread_of
from mentorlink.matching.assignment.solve import Assignment, PinsClash, assign
from mentorlink.matching.assignment.verify import Verdict, verify
from mentorlink.matching.models import MatchRun, Proposal
from mentorlink.matching.notices import about
from mentorlink.matching.proofs import proof_as_json, proof_from_json
from mentorlink.matching.round_facts import Pair, RoundFacts, facts_as_json, facts_from_json
from mentorlink.matching.round_queries import hour_of, read_field
from mentorlink.matching.services import approve_proposal
from mentorlink.matching.services.steps import waiting_of
from mentorlink.matching.sittings import hour_in
from mentorlink.matching.teams import faults_of, find_teams, first_seats, teams_as_json, teams_from_json
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.services import hold_hour, lock_people


@dataclass(frozen=True, slots=True)
class Proposed:
    """``members``: supporters with their scores, one, or as many as a team has. ``hour`` as a step; None by talk."""

    application_id: int
    members: tuple[tuple[int, int], ...]
    hour: int | None

    @property
    def supporter_ids(self) -> list[int]:
        return [supporter_id for supporter_id, _score in self.members]


def prepare_round(
    session: Session,
    programme: Programme,
    pins: Mapping[int, int],
    bans: Collection[Pair],
    *,
    now: datetime,
    by: str,
) -> MatchRun:
    """Find the best pairs and hours of this moment and keep them with their proof. Nothing goes out.

    Raises as ``find_round``.
    """
    run = find_round(session, programme, pins, bans, now=now, by=by)
    session.add(run)
    session.flush()
    return run


def find_round(
    session: Session,
    programme: Programme,
    pins: Mapping[int, int],
    bans: Collection[Pair],
    *,
    now: datetime,
    by: str,
) -> MatchRun:
    """The round of this moment as a row that is not kept yet.

    ``pins``: application → supporter; ``bans``: pairs of their ids; those of people who are no longer in the round are
    dropped. Raises RuleViolation ``pins_clash``.
    """
    read = read_field(session, programme, now=now)
    facts = replace(
        read,
        pins={one: other for one, other in pins.items() if one in read.rows and other in read.columns},
        bans=frozenset(pair for pair in bans if pair[0] in read.rows and pair[1] in read.columns),
    )
    seats = _seats(facts, programme.team_min)
    try:
        found = assign(seats.open_field, pins=seats.pinned, bans=seats.closed)
    except PinsClash:
        raise RuleViolation("pins_clash") from None
    run = _as_row(facts, found, programme, now, by)
    run.pairs = _pairs(seats, found)
    if programme.team_min > 1:
        run.teams = teams_as_json(programme.team_min, find_teams(facts, programme.team_min))
    return run


def proposed_by(run: MatchRun) -> list[Proposed]:
    """Whom the round puts together, by application."""
    if run.teams is not None:
        return [
            Proposed(team.application_id, tuple((m.supporter_id, m.score) for m in team.members), team.hour)
            for team in teams_from_json(run.teams)
        ]
    return [Proposed(pair[0], ((pair[1], pair[2]),), pair[4]) for pair in run.pairs]


def _seats(facts: RoundFacts, size: int) -> RoundFacts:
    return facts if size == 1 else first_seats(facts, size)


def steering_of(run: MatchRun | None) -> tuple[dict[int, int], set[Pair]]:
    """The pins and bans that stay in force from one round to the next."""
    if run is None:
        return {}, set()
    return {one: other for one, other in run.pins}, {(one, other) for one, other in run.bans}  # noqa: C416


def facts_of(run: MatchRun) -> RoundFacts:
    return facts_from_json(run.facts, run.weights, run.pins, run.bans)


def found_of(run: MatchRun, facts: RoundFacts) -> Assignment:
    """The stored assignment, as it was found."""
    pairs = run.pairs
    sittings = [pair[3] for pair in pairs]
    return Assignment(
        rows=np.array([facts.rows[pair[0]] for pair in pairs], dtype=np.intp),
        columns=np.array([facts.columns[pair[1]] for pair in pairs], dtype=np.intp),
        scores=np.array([pair[2] for pair in pairs], dtype=np.int64),
        starts=np.array([start or 0 for start in sittings], dtype=np.int64),
        timed=np.array([start is not None for start in sittings], dtype=np.bool_),
        worst=run.worst,
        total=run.total,
        dual_total=run.dual_total,
        spread=run.spread,
        allowed=run.allowed,
        pruned=run.pruned,
        rounds=run.rounds,
        seconds=run.milliseconds / 1000,
        proof=proof_from_json(run.proof),
    )


def verify_round(run: MatchRun) -> Verdict:
    """Check a run from its own row alone, without the solver. ``faults`` are codes; none where it holds."""
    facts = _seats(facts_of(run), 1 if run.teams is None else run.teams["size"])
    found = found_of(run, facts)
    verdict = verify(facts.field, found, pinned=facts.must())
    faults = list(verdict.faults)
    said = (run.matched, run.total, run.dual_total, run.spread)
    if said != (verdict.matched, verdict.total, verdict.dual_total, spread_of(facts.field, found.columns)):
        faults.append("figures_differ")
    if any(pair[4] != _hour(facts, pair[0], pair[1], pair[3]) for pair in run.pairs):
        faults.append("hour_differs")
    if run.teams is not None:
        faults += faults_of(facts_of(run), run.teams["size"], teams_from_json(run.teams))
    return replace(verdict, faults=tuple(faults))


def approve_pairs(
    session: Session, run: MatchRun, application_ids: Collection[int], *, by: str, now: datetime
) -> tuple[list[Proposal], list[int]]:
    """Ask the supporters of these pairs. Returns the proposals, and the applications for whom it was too late.

    Raises RuleViolation ``no_pair_chosen`` where none of them has a pair in the run.
    """
    chosen = [each for each in proposed_by(run) if each.application_id in application_ids]
    if not chosen:
        raise RuleViolation("no_pair_chosen")
    _lock_people(session, chosen, now)
    asked, late = [], []
    for each in chosen:
        application = session.get_one(Application, each.application_id)
        try:
            with session.begin_nested():
                proposal = approve_proposal(session, application, each.supporter_ids, by=by, now=now)
                _keep_hour(session, proposal, hour_of(each.hour), now)
                asked.append(proposal)
        except (RuleViolation, Conflict):
            late.append(application.id)
    return asked, late


def _lock_people(session: Session, chosen: Collection[Proposed], now: datetime) -> None:
    people = select(Application.person_id).where(Application.id.in_([each.application_id for each in chosen]))
    supporter_ids = [one for each in chosen for one in each.supporter_ids]
    others = select(Supporter.person_id).where(Supporter.id.in_(supporter_ids))
    found = [*session.scalars(people), *session.scalars(others)]
    lock_people(session, [each for each in found if each is not None], now)


def _keep_hour(session: Session, proposal: Proposal, hour: datetime | None, now: datetime) -> None:
    """Until the supporter's deadline. One that is gone by now is no matter: at acceptance others are offered."""
    application = proposal.application
    if hour is None or hour <= now or application.person_id is None:
        return
    for place, invitation in enumerate(waiting_of(proposal)):
        if invitation.deadline_at is not None:
            hold_hour(
                session,
                application.person_id if place == 0 else None,
                invitation.supporter,
                hour,
                application.programme.meeting_minutes,
                source=about(invitation),
                until=invitation.deadline_at,
            )


def _as_row(facts: RoundFacts, found: Assignment, programme: Programme, now: datetime, by: str) -> MatchRun:
    return MatchRun(
        programme_id=programme.id,
        made_at=now,
        made_by=by,
        facts=facts_as_json(facts),
        weights=asdict(facts.weights),
        pins=sorted(map(list, facts.pins.items())),
        bans=sorted(map(list, facts.bans)),
        proof=proof_as_json(found.proof),
        matched=len(found.rows),
        worst=found.worst,
        total=found.total,
        dual_total=found.dual_total,
        spread=found.spread,
        allowed=found.allowed,
        pruned=found.pruned,
        rounds=found.rounds,
        milliseconds=round(found.seconds * 1000),
    )


def _pairs(facts: RoundFacts, found: Assignment) -> list[list[Any]]:
    columns = (found.rows, found.columns, found.scores, found.starts, found.timed)
    listed: list[list[Any]] = []
    for row, column, score, start, timed in zip(*(each.tolist() for each in columns), strict=True):
        application, supporter = _ids(facts, row, column)
        sitting = start if timed else None
        listed.append([application, supporter, score, sitting, _hour(facts, application, supporter, sitting)])
    return listed


def _ids(facts: RoundFacts, row: int, column: int) -> Pair:
    return int(str(facts.applicants[row].id)), int(str(facts.supporters[column].id))


def _hour(facts: RoundFacts, application: int, supporter: int, sitting: int | None) -> int | None:
    """The earliest common start in the sitting; None by talk."""
    if sitting is None:
        return None
    wished = facts.applicants[facts.rows[application]].times or frozenset()
    starts = next((one for one in facts.sittings[supporter] if one[0] == sitting), ())
    return hour_in(starts, wished)
