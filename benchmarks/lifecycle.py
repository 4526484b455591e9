"""Live through many days at random, on both databases at once: ``python -m benchmarks.lifecycle --steps 100000 --json``.

The steps, and what must hold after each, are those of ``tests/scheduling/lifecycle``. Each life has 100 steps; one in
which something is wrong ends there. ``breaks`` counts what must never be, ``disagreements`` where SQLite and PostgreSQL
went different ways; any of them ends with exit status 1, and ``--seed`` shows it again, whatever the ``--processes``.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
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
    done: dict[str, int] = field(default_factory=dict)  # how many of each step were not refused
    first: list[str] = field(default_factory=list)  # what went wrong, with the step it happened at


def live(pair: Pair, lives: Iterable[int], seed: int) -> Result:
    """These lives, by their numbers; one that went wrong is left, the next begins."""
    result, began = Result(seed), time.monotonic()
    for number in lives:
        _live_once(pair, number, result)
    result.seconds, result.done = round(time.monotonic() - began, 1), dict(pair.done)
    return result


def _live_once(pair: Pair, number: int, result: Result) -> None:
    chance = Random(f"{result.seed}:{number}")
    pair.begin_again(chance.choice(BEGINNINGS))
    for place in range(1, A_LIFE + 1):
        step = draw(chance)
        result.steps += 1
        wrong, differing = _take(pair, step)
        if not wrong and not differing:
            continue
        result.breaks += len(wrong)
        result.disagreements += len(differing)
        result.first += [f"life {number}, step {place} {step}: {each}" for each in (wrong + differing)[:1]]
        return


def _take(pair: Pair, step: Step) -> tuple[list[str], list[str]]:
    try:
        return pair.take(step)
    except Exception as error:  # noqa: BLE001 - whatever a person would have seen as a failure
        return [f"{type(error).__name__}: {str(error).splitlines()[0]}"], []


def live_everywhere(steps: int, seed: int, processes: int = 1) -> Result:
    """Each process has databases of its own, and every so many of the lives."""
    lives = range(1, -(-steps // A_LIFE) + 1)
    shares = [(lives[each::processes], seed) for each in range(processes)]
    if processes == 1:
        return _live_on_databases(*shares[0])
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return _together(pool.starmap(_live_on_databases, shares, chunksize=1))


def _live_on_databases(lives: Iterable[int], seed: int) -> Result:
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_cluster() as base,
        postgres_database(base, "lifecycle") as url,
    ):
        engines = [make_engine(f"sqlite:///{folder}/lifecycle.db"), make_engine(url)]
        for engine in engines:
            metadata.create_all(engine)
        result = live(Pair(*engines), lives, seed)
        for engine in engines:
            engine.dispose()
        return result


def _together(results: list[Result]) -> Result:
    done = sum((Counter(each.done) for each in results), Counter())
    return Result(
        results[0].seed,
        sum(each.steps for each in results),
        sum(each.breaks for each in results),
        sum(each.disagreements for each in results),
        max(each.seconds for each in results),
        dict(done.most_common()),
        [wrong for each in results for wrong in each.first],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one object on standard output")
    asked = parser.parse_args()
    result = live_everywhere(asked.steps, asked.seed, asked.processes)
    del result.first[SHOWN:]
    print(json.dumps(asdict(result), indent=2, ensure_ascii=False) if asked.json else result)
    sys.exit(1 if result.breaks or result.disagreements else 0)


if __name__ == "__main__":
    main()
