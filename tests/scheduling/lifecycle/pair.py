"""Two worlds that live the same life, one on each database."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from sqlalchemy import Engine

from tests.scheduling.lifecycle.checks import Watch
from tests.scheduling.lifecycle.comparing import canonical
from tests.scheduling.lifecycle.steps import Step, perform
from tests.scheduling.lifecycle.world import DONE, World

T = TypeVar("T")


class Pair:
    """Each world has a thread: one works while the other waits for its database."""

    def __init__(self, *engines: Engine):
        self.worlds = [World(engine) for engine in engines]
        self.watches = [Watch(world) for world in self.worlds]
        self.threads = ThreadPoolExecutor(len(engines))
        self.path: list[Step] = []
        self.done: Counter[str] = (
            Counter()
        )  # by name, of all lives: a step that is always refused shows nothing

    def begin_again(self, now: datetime) -> None:
        self.path = []
        for world, watch in zip(self.worlds, self.watches, strict=True):
            world.begin_again(now)
            watch.begin_again()

    def take(self, step: Step) -> tuple[list[str], list[str]]:
        """One step in both worlds: what is wrong in either, and in what the two disagree."""
        self.path.append(step)
        outcomes = self._both(lambda world, _watch: perform(world, step))
        if outcomes[0] != DONE and len(set(outcomes)) == 1:
            return [], []  # rolled back; had it left anything behind, the next step's look would find it
        self.done[step.name] += 1
        if step.name == "jump":
            return [], []  # no row is another
        looks = self._both(lambda _world, watch: watch.look())
        wrong = [
            f"{world.engine.dialect.name}: {each}"
            for world, (_rows, found) in zip(self.worlds, looks, strict=True)
            for each in found
        ]
        told = [canonical(rows) for rows, _found in looks]
        return wrong, [
            *(f"{one} and {other}" for one, other in pairwise(outcomes) if one != other),
            *(each for one, other in pairwise(told) for each in _differences(one, other)),
        ]

    def _both(self, act: Callable[[World, Watch], T]) -> list[T]:
        each = [self.threads.submit(act, *one) for one in zip(self.worlds, self.watches, strict=True)]
        wait(each)  # also for the other, where one fails
        return [one.result() for one in each]


def _differences(one: dict[str, list[str]], other: dict[str, list[str]]) -> Iterator[str]:
    for table, rows in one.items():
        if rows != other[table]:
            alone = set(rows) ^ set(other[table])
            yield f"{table}: {sorted(alone)[:4]}"
