"""Live through many days at random, on both databases at once: ``python -m benchmarks.lifecycle --steps 100000 --json``.

The steps, and what must hold after each, are those of ``tests/scheduling/lifecycle``. Each life has 100 steps; one in
which something is wrong ends there. ``breaks`` counts what must never be, ``disagreements`` where SQLite and PostgreSQL
went different ways; any of them ends with exit status 1, and ``--seed`` shows it again.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from random import Random

from mentorlink.core.db import make_engine
from mentorlink.tables import metadata
from tests.postgres import postgres_cluster, postgres_database
from tests.scheduling.lifecycle.pair import Pair
from tests.scheduling.lifecycle.steps import Step, draw
from tests.scheduling.lifecycle.world import BEGINNINGS

A_LIFE = 100
SHOWN = 5


@dataclass
class Result:
    seed: int
    steps: int = 0
    breaks: int = 0
    disagreements: int = 0
    seconds: float = 0.0
    first: list[str] = field(default_factory=list)  # what went wrong, with the step it happened at


def live(pair: Pair, steps: int, seed: int) -> Result:
    """That many steps; a life that went wrong is left, the next begins."""
    result, began = Result(seed), time.monotonic()
    number = 0
    while result.steps < steps:
        number += 1
        _live_once(pair, Random(f"{seed}:{number}"), min(A_LIFE, steps - result.steps), result)
    result.seconds = round(time.monotonic() - began, 1)
    return result


def _live_once(pair: Pair, chance: Random, steps: int, result: Result) -> None:
    pair.begin_again(chance.choice(BEGINNINGS))
    for _ in range(steps):
        step = draw(chance)
        result.steps += 1
        wrong, differing = _take(pair, step)
        if not wrong and not differing:
            continue
        result.breaks += len(wrong)
        result.disagreements += len(differing)
        result.first += [f"{result.steps} {step}: {each}" for each in (wrong + differing)[:1]]
        del result.first[SHOWN:]
        return


def _take(pair: Pair, step: Step) -> tuple[list[str], list[str]]:
    try:
        return pair.take(step)
    except Exception as error:  # noqa: BLE001 - whatever a person would have seen as a failure
        return [f"{type(error).__name__}: {str(error).splitlines()[0]}"], []


def live_everywhere(steps: int, seed: int) -> Result:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_cluster() as base,
        postgres_database(base, "lifecycle") as url,
    ):
        engines = [make_engine(f"sqlite:///{folder}/lifecycle.db"), make_engine(url)]
        for engine in engines:
            metadata.create_all(engine)
        result = live(Pair(*engines), steps, seed)
        for engine in engines:
            engine.dispose()
        return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    asked = parser.parse_args()
    result = live_everywhere(asked.steps, asked.seed)
    print(json.dumps(asdict(result), indent=2, ensure_ascii=False) if asked.json else result)
    sys.exit(1 if result.breaks or result.disagreements else 0)


if __name__ == "__main__":
    main()
