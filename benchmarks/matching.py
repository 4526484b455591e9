"""A round of made-up people, its certificate, and how long others take for what they can do of it.

python -m benchmarks.matching --applicants 2000 --supporters 200 --capacity 10 [--no-hours] [--peers scipy,highs] [--json]

The peers get the same scores and solve for the total weight alone, without hours; they are compared with the same
question put to ours (``weight_seconds``). ``ratio_scipy`` is their seconds ÷ ours, in the same run; a peer that cannot
do a size says why under ``failed_…``. ``--growth`` does it again with twice as many on both sides.

python -m benchmarks.matching --demo: what a careful person would reach on the demo's people, see ``benchmarks.by_hand``.
"""

import argparse
import json
import random
import resource
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from matching.games import HospitalResident
from scipy.optimize import Bounds, LinearConstraint, linear_sum_assignment, milp
from scipy.sparse import coo_array

from benchmarks.by_hand import by_hand_beside_optimum
from benchmarks.scoring import INNER, applicant, best, supporter
from mentorlink.fit.arrays import pack
from mentorlink.matching.assignment.field import ScoredField
from mentorlink.matching.assignment.solve import Assignment, Goal, assign
from mentorlink.matching.assignment.verify import verify

MATCHED = 1_000_000  # more than any weight: peers, too, match as many as possible
PEERS = ("scipy", "matching", "highs")
WEIGHT_ALONE = Goal(worst=False, balanced=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--applicants", type=int, default=2000)
    parser.add_argument("--supporters", type=int, default=200)
    parser.add_argument("--capacity", type=int, default=10)
    parser.add_argument("--candidates", type=int, default=50, help="pairs of each applicant looked at first")
    parser.add_argument("--no-hours", action="store_true")
    parser.add_argument("--peers", default="", help=f"of {','.join(PEERS)}")
    parser.add_argument("--growth", action="store_true", help="by how much twice as many take longer")
    parser.add_argument("--demo", action="store_true", help="first come, first served, beside the optimum")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if args.demo:
        show(by_hand_beside_optimum(), as_json=args.json)
        return
    peers = [peer for peer in args.peers.split(",") if peer]
    if unknown := set(peers) - set(PEERS):
        parser.error(f"no such peer: {', '.join(unknown)}")
    found = measure(args)
    found |= compare(args, peers) if peers else {}
    found |= {"growth": growth(args, found["seconds"])} if args.growth else {}
    show(found, as_json=args.json)


def show(found: dict[str, object], *, as_json: bool) -> None:
    print(json.dumps(found) if as_json else "\n".join(f"{name:18} {value}" for name, value in found.items()))


def made_up(args: argparse.Namespace, *, hours: bool) -> ScoredField:
    draw = random.Random(20240401)
    people = [applicant(draw, number) for number in range(args.applicants)]
    others = [replace(supporter(draw, number), capacity=args.capacity) for number in range(args.supporters)]
    return ScoredField(*pack(people, others), hours=hours)


def measure(args: argparse.Namespace) -> dict[str, object]:
    """All four objectives, with the proof and its check."""
    field = made_up(args, hours=not args.no_hours)
    began = time.perf_counter()
    found = assign(field, candidates=args.candidates)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    began = time.perf_counter()
    verdict = verify(field, found)
    return {
        "applicants": args.applicants,
        "supporters": args.supporters,
        "capacity": args.capacity,
        "hours": not args.no_hours,
        "seconds": round(seconds, 4),
        "peak_mib": round(peak),
        "matched": len(found.rows),
        "worst": found.worst,
        "total": found.total,
        "gap": int(verdict.gap),
        "faults": list(verdict.faults),
        "spread": found.spread,
        "allowed": found.allowed,
        "pruned": found.pruned,
        "rounds": found.rounds,
        "verify_seconds": round(time.perf_counter() - began, 4),
        "floor_seconds": round(floor(args.applicants, args.supporters), 6),
    }


def growth(args: argparse.Namespace, seconds: float) -> float:
    twice = argparse.Namespace(
        **vars(args) | {name: 2 * getattr(args, name) for name in ("applicants", "supporters")}
    )
    field = made_up(twice, hours=not args.no_hours)
    began = time.perf_counter()
    assign(field, candidates=args.candidates)
    return round((time.perf_counter() - began) / seconds, 2)


def floor(n: int, m: int) -> float:
    """Seconds of one float32 matrix product for as many pairs."""
    generator = np.random.default_rng(20240401)
    rows = min(n, max(1, 50_000_000 // max(1, m)))
    left, right = (generator.random(shape, dtype=np.float32) for shape in ((rows, INNER), (INNER, m)))
    return best(lambda: left @ right, 3) * n / rows


def compare(args: argparse.Namespace, peers: list[str]) -> dict[str, object]:
    """Each peer on the dense scores, beside ours for the weight alone. Scoring is in ours and not in theirs."""
    field = made_up(args, hours=False)
    began = time.perf_counter()
    ours = assign(field, goal=WEIGHT_ALONE, candidates=args.candidates)
    seconds = time.perf_counter() - began
    found: dict[str, object] = {"weight_seconds": round(seconds, 4), "weight_total": ours.total}
    weights = dense_weights(field)
    for peer in peers:
        began = time.perf_counter()
        try:
            matched, total = _SOLVERS[peer](weights, field.places)
        except (RecursionError, MemoryError) as error:
            found |= {f"ratio_{peer}": None, f"failed_{peer}": type(error).__name__}
            continue
        found |= {
            f"ratio_{peer}": round((time.perf_counter() - began) / seconds, 2),
            f"matched_{peer}": matched,
            f"total_{peer}": total,
        }
        if peer in EXACT and (matched, total) != (len(ours.rows), ours.total):
            raise SystemExit(f"{peer} found another optimum: {matched}, {total} against {_said(ours)}")
    return found


def _said(ours: Assignment) -> str:
    return f"{len(ours.rows)}, {ours.total}"


def dense_weights(field: ScoredField) -> np.ndarray:
    """``(n, m)`` int64 weights in tenths + MATCHED; 0 where the rules forbid the pair."""
    weights = np.zeros((len(field.waiting_days), len(field.places)), dtype=np.int64)
    for block in field.blocks():
        rows = slice(block.start, block.start + len(block.scores))
        worth = block.scores.astype(np.int64) * 10 + field.waiting_days[rows, None] + MATCHED
        weights[rows] = np.where(block.feasible, worth, 0)
    return weights


def _split(worth: np.ndarray) -> tuple[int, int]:
    taken = worth[worth > 0]
    return len(taken), int((taken - MATCHED).sum())


def by_scipy(weights: np.ndarray, places: np.ndarray) -> tuple[int, int]:
    """The dense assignment, every supporter as many columns as they have places."""
    columns = np.repeat(weights, places, axis=1)
    return _split(columns[linear_sum_assignment(columns, maximize=True)])


def by_highs(weights: np.ndarray, places: np.ndarray) -> tuple[int, int]:
    """A mixed-integer program of all allowed pairs."""
    rows, columns = np.nonzero(weights)
    pairs, n = np.arange(len(rows)), len(weights)
    ends = np.concatenate([rows, columns + n])
    table = coo_array((np.ones(2 * len(rows)), (ends, np.concatenate([pairs, pairs]))))
    limits = LinearConstraint(table.tocsr(), ub=np.concatenate([np.ones(n), places])[: table.shape[0]])
    worth = weights[rows, columns]
    solved = milp(-worth, constraints=limits, integrality=np.ones(len(rows)), bounds=Bounds(0, 1))
    return _split(worth[solved.x > 0.5])


def by_matching(weights: np.ndarray, places: np.ndarray) -> tuple[int, int]:
    """Stable matching (PyPI ``matching``): another question, asked because people use it for this one."""
    residents = {f"a{row}": [f"s{c}" for c in ranked(line)] for row, line in enumerate(weights)}
    residents = {name: wishes for name, wishes in residents.items() if wishes}
    hospitals = {
        f"s{column}": [f"a{r}" for r in ranked(weights[:, column])] for column in range(weights.shape[1])
    }
    hospitals = {name: wishes for name, wishes in hospitals.items() if wishes}
    rooms = {name: int(places[int(name[1:])]) for name in hospitals}
    game = HospitalResident.create_from_dictionaries(residents, hospitals, rooms)
    worth = [
        weights[int(resident.name[1:]), int(hospital.name[1:])]
        for hospital, accepted in game.solve().items()
        for resident in accepted
    ]
    return _split(np.array(worth, dtype=np.int64))


def ranked(line: np.ndarray) -> list[int]:
    allowed = np.flatnonzero(line)
    return allowed[np.argsort(-line[allowed], kind="stable")].tolist()


EXACT = ("scipy", "highs")
_SOLVERS: dict[str, Callable[[np.ndarray, np.ndarray], tuple[int, int]]] = {
    "scipy": by_scipy,
    "matching": by_matching,
    "highs": by_highs,
}

if __name__ == "__main__":
    main()
