"""Scoring against its floor: one float32 matrix product of inner dimension 64 for as many pairs.

python -m benchmarks.scoring [--applicants 2000] [--supporters 2000] [--json]
"""

import argparse
import json
import random
import time
from collections.abc import Callable

import numpy as np

from mentorlink.core import taxonomy
from mentorlink.fit.arrays import pack
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.rules import feasible_matrix
from mentorlink.fit.scores import score_matrix

INNER = 64
SLOTS = 280  # two weeks of twenty half-hours a day


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--applicants", type=int, default=2000)
    parser.add_argument("--supporters", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = measure(args.applicants, args.supporters, args.repeat)
    print(
        json.dumps(found) if args.json else "\n".join(f"{name:16} {value}" for name, value in found.items())
    )


def measure(n: int, m: int, repeat: int) -> dict[str, float]:
    """Best seconds of ``repeat`` runs of each part, and how many times the floor the scoring takes."""
    draw = random.Random(20240401)
    people, others = [applicant(draw, i) for i in range(n)], [supporter(draw, i) for i in range(m)]
    pack_seconds = best(lambda: pack(people, others), 1)
    applicants, supporters = pack(people, others)
    generator = np.random.default_rng(20240401)
    left, right = (generator.random(shape, dtype=np.float32) for shape in ((n, INNER), (INNER, m)))
    floor = best(lambda: left @ right, repeat)
    seconds = best(lambda: score_matrix(applicants, supporters), repeat)
    rules = best(lambda: feasible_matrix(applicants, supporters), repeat)
    return {
        "applicants": n,
        "supporters": m,
        "pack_seconds": round(pack_seconds, 6),
        "seconds": round(seconds, 6),
        "floor_seconds": round(floor, 6),
        "ratio": round(seconds / floor, 3),
        "rules_seconds": round(rules, 6),
    }


def best(work: Callable[[], object], repeat: int) -> float:
    """Seconds of the fastest run; the others waited for something else."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def applicant(draw: random.Random, number: int) -> ApplicantFacts:
    """A made-up application with every question answered."""
    return ApplicantFacts(
        id=f"A{number}",
        prefecture=draw.choice(taxonomy.prefectures()).code,
        stage=draw.choice(taxonomy.codes("stage")),
        themes=some(draw, "theme", 1, 3),
        targets=some(draw, "target", 0, 3),
        categories=tuple(draw.sample(taxonomy.codes("category"), draw.randint(1, 3))),
        modes=some(draw, "mode", 1, 2),
        accommodations=some(draw, "accommodation", 0, 1),
        prefer=frozenset({draw.choice(("near", "far", "any"))}),
        setting=draw.choice((None, *taxonomy.codes("setting"))),
        waiting_days=draw.randint(0, 60),
        times=frozenset(draw.sample(range(SLOTS), draw.randint(3, 8))),
    )


def supporter(draw: random.Random, number: int) -> SupporterFacts:
    """A made-up supporter who takes about half of the categories."""
    return SupporterFacts(
        id=f"S{number}",
        prefecture=draw.choice(taxonomy.prefectures()).code,
        setting=draw.choice(taxonomy.codes("setting")),
        themes=some(draw, "theme", 1, 5),
        targets=some(draw, "target", 1, 5),
        skills={code: draw.randint(0, 3) for code in sorted(some(draw, "category", 6, 14))},
        stages=some(draw, "stage", 2, 6),
        modes=some(draw, "mode", 1, 3),
        accommodations=some(draw, "accommodation", 2, 8),
        capacity=10,
        times=frozenset(draw.sample(range(SLOTS), 20)),
    )


def some(draw: random.Random, scheme: str, least: int, most: int) -> frozenset[str]:
    return frozenset(draw.sample(taxonomy.codes(scheme), draw.randint(least, most)))


if __name__ == "__main__":
    main()
