"""Pairs under consideration: the likeliest of each applicant first, others brought back when a price asks for them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.field import Field, Whole

_SPREAD = (
    1024  # ties of score are broken differently in every row, so that not all ask the same few supporters
)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """``(k,)`` rows, columns and scores, by row, then column, each pair once."""

    rows: Index
    columns: Index
    scores: Whole

    def __len__(self) -> int:
        return len(self.rows)

    def at_least(self, score: int, always: Flags) -> "Pairs":
        """Those of that score, and those of the rows that ``always`` names."""
        return self.where((self.scores >= score) | always[self.rows])

    def where(self, kept: Flags) -> "Pairs":
        return Pairs(self.rows[kept], self.columns[kept], self.scores[kept])

    def with_others(self, others: "Pairs", width: int) -> "Pairs":
        """Both, in order. ``width`` is the number of supporters."""
        keys = np.concatenate([self.rows * width + self.columns, others.rows * width + others.columns])
        scores = np.concatenate([self.scores, others.scores])
        keys, first = np.unique(keys, return_index=True)
        rows, columns = np.divmod(keys, max(1, width))
        return Pairs(rows, columns, scores[first])


NO_PAIRS = Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.int64))


def likeliest(field: Field, most: int) -> tuple[Pairs, int]:
    """The ``most`` best pairs of every applicant by score, and how many pairs the rules allow in all."""
    found, allowed = [], 0
    for block in field.blocks():
        allowed += int(np.count_nonzero(block.feasible))
        rows, columns = _best_of(block.start, block.scores, block.feasible, most)
        scores = block.scores[rows, columns].astype(np.int64)
        found.append(Pairs(rows + block.start, columns, scores))
    return joined(found), allowed


def joined(parts: list[Pairs]) -> Pairs:
    if not parts:
        return NO_PAIRS
    return Pairs(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.columns for part in parts]),
        np.concatenate([part.scores for part in parts]),
    )


def _best_of(start: int, scores: NDArray[np.uint8], feasible: Flags, most: int) -> tuple[Index, Index]:
    rows, columns = np.nonzero(feasible)
    counts = np.bincount(rows, minlength=len(scores))
    width = int(counts.max(initial=0))
    if width <= most:
        return rows, columns
    turn = (columns * 617 + (rows + start) * 389) % _SPREAD
    first = np.cumsum(counts) - counts
    keys = np.full((len(scores), width), -1, dtype=np.int32)  # what a row allows, side by side
    keys[rows, np.arange(len(rows)) - first[rows]] = scores[rows, columns].astype(np.int32) * _SPREAD + turn
    best = np.sort(np.argpartition(keys, width - most, axis=1)[:, width - most :], axis=1)
    kept = np.take_along_axis(keys, best, axis=1) >= 0
    return np.repeat(np.arange(len(scores)), kept.sum(axis=1)), columns[(first[:, None] + best)[kept]]
