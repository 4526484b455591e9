"""A supporter's free hours as sittings: stretches of starts of which one is used, so that whatever hour is taken in one
leaves the others free, the pause between talks and the week's limit included. A flow over sittings is then exact."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, groupby, pairwise
from typing import TypeVar

import numpy as np

from mentorlink.fit.arrays import Index
from mentorlink.matching.assignment.field import FieldAround, Whole

Sitting = tuple[int, ...]  # starts, earliest first; the first one names it
STEPS_A_DAY = 48
T = TypeVar("T")


def lay_out_sittings(
    weeks: Iterable[tuple[int, Sequence[int]]], apart: int, midnight: int
) -> tuple[Sitting, ...]:
    """``weeks``: how many talks each has room for, and its starts in steps of 30 minutes, earliest first.

    ``apart`` steps lie at least between the starts of two talks; ``midnight`` is a step at which a day begins.
    """
    parts = [part for room, starts in weeks for part in _parts(room, starts, midnight) if part]
    found: list[Sitting] = []
    for part in parts:
        free_from = found[-1][-1] + apart if found else part[0]
        if kept := tuple(start for start in part if start >= free_from):
            found.append(kept)
    return tuple(found)


def _parts(room: int, starts: Sequence[int], midnight: int) -> list[list[int]]:
    """As many stretches as there is room for: whole days together, and only then parts of a day."""
    days = [list(day) for _, day in groupby(starts, key=lambda start: (start - midnight) // STEPS_A_DAY)]
    if room >= len(days):
        more, rest = divmod(room, max(1, len(days)))
        return [
            part for place, day in enumerate(days) for part in _split(day, more + (1 if place < rest else 0))
        ]
    return [list(chain.from_iterable(some)) for some in _split(days, room)]


def _split(items: list[T], number: int) -> list[list[T]]:
    """Consecutive parts of nearly one size."""
    bounds = [len(items) * place // number for place in range(number + 1)] if number > 0 else []
    return [items[first:last] for first, last in pairwise(bounds)]


@dataclass(frozen=True, eq=False)
class SittingField(FieldAround):
    """A field whose starts are sittings, ``sittings[column]`` those of each supporter."""

    sittings: Sequence[Sequence[Sitting]]

    def starts(self, rows: Index, columns: Index) -> tuple[Index, Whole]:
        which, starts = self.inner.starts(rows, columns)
        names = [
            self._names[column, start]
            for column, start in zip(columns[which].tolist(), starts.tolist(), strict=True)
        ]
        both = np.unique(np.stack([which, np.array(names, dtype=np.int64)], axis=1), axis=0)
        return both[:, 0], both[:, 1]

    @cached_property
    def _names(self) -> Mapping[tuple[int, int], int]:
        return {
            (column, start): sitting[0]
            for column, sittings in enumerate(self.sittings)
            for sitting in sittings
            for start in sitting
        }


def hour_in(sitting: Sitting, wished: Iterable[int]) -> int | None:
    """The earliest start of the sitting that is wished."""
    wishes = set(wished)
    return next((start for start in sitting if start in wishes), None)
