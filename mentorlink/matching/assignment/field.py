"""Who could be paired with whom: every pair that the rules allow, a block of rows at a time, and at which starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mentorlink.fit.arrays import ApplicantArrays, Flags, Index, SupporterArrays
from mentorlink.fit.points import Weights
from mentorlink.fit.rules import Block, common_time_words, scored_blocks, unpack_times
from mentorlink.fit.scores import Scores

Whole = NDArray[np.int64]
MOST_REMEMBERED = 2**31  # pairs, so bytes
NOT_ALLOWED = np.uint8(255)  # above every score


class Field(Protocol):
    """``n`` applicants and ``m`` supporters in an order that does not depend on how they were given.

    ``waiting_days`` ``(n,)``; ``places`` ``(m,)``, how many more talks each supporter takes; ``load`` ``(m,)``, how
    many they have. A start is an integer of any unit; the starts of one supporter are disjoint.
    """

    @property
    def waiting_days(self) -> Whole: ...
    @property
    def places(self) -> Whole: ...
    @property
    def load(self) -> Whole: ...

    def blocks(self) -> Iterator[Block]:
        """Scores and feasibility of some rows against every supporter, in order."""
        ...

    def starts(self, rows: Index, columns: Index) -> tuple[Index, Whole]:
        """The common starts of ``k`` pairs as (which of the ``k``, start). A pair by talk (時間は相談) has none."""
        ...

    def is_by_talk(self, rows: Index, columns: Index) -> Flags:
        """``(k,)``: pairs that have no start and use a place only."""
        ...


@dataclass(frozen=True, eq=False)
class ScoredField:
    """People as ``fit`` packs them. Without ``hours`` every pair is by talk."""

    applicants: ApplicantArrays
    supporters: SupporterArrays
    weights: Weights = field(default_factory=Weights)
    hours: bool = True

    @property
    def waiting_days(self) -> Whole:
        return self.applicants.waiting_days

    @property
    def places(self) -> Whole:
        return np.maximum(self.supporters.capacity - self.supporters.load, 0)

    @property
    def load(self) -> Whole:
        return self.supporters.load

    def blocks(self) -> Iterator[Block]:
        return scored_blocks(self.applicants, self.supporters, self.weights)

    def starts(self, rows: Index, columns: Index) -> tuple[Index, Whole]:
        timed = np.flatnonzero(~self.is_by_talk(rows, columns))
        words = common_time_words(self.applicants, self.supporters, rows[timed], columns[timed])
        which, starts = unpack_times(words, self.applicants.instants)
        return timed[which], starts

    def is_by_talk(self, rows: Index, columns: Index) -> Flags:
        if not self.hours:
            return np.ones(len(rows), dtype=np.bool_)
        return self.applicants.times_open[rows] | self.supporters.times_open[columns]


@dataclass(frozen=True, eq=False)
class FieldAround:
    """A field that is another one but for what a subclass says of it."""

    inner: Field

    @property
    def waiting_days(self) -> Whole:
        return self.inner.waiting_days

    @property
    def places(self) -> Whole:
        return self.inner.places

    @property
    def load(self) -> Whole:
        return self.inner.load

    def blocks(self) -> Iterator[Block]:
        return self.inner.blocks()

    def starts(self, rows: Index, columns: Index) -> tuple[Index, Whole]:
        return self.inner.starts(rows, columns)

    def is_by_talk(self, rows: Index, columns: Index) -> Flags:
        return self.inner.is_by_talk(rows, columns)


@dataclass(frozen=True, eq=False)
class SteeredField(FieldAround):
    """A field as the office steers it. ``pins``: applicant → supporter, and nobody else; ``bans``: pairs left out."""

    pins: Mapping[int, int] = field(default_factory=dict)
    bans: frozenset[tuple[int, int]] = frozenset()

    def blocks(self) -> Iterator[Block]:
        for block in self.inner.blocks():
            stop = block.start + len(block.scores)
            for row, column in self.bans:
                if block.start <= row < stop:
                    block.feasible[row - block.start, column] = False
            for row, column in self.pins.items():
                if block.start <= row < stop:
                    kept = block.feasible[row - block.start, column]
                    block.feasible[row - block.start] = False
                    block.feasible[row - block.start, column] = kept
            yield block


@dataclass(frozen=True, eq=False)
class RememberedField(FieldAround):
    """A field whose pairs are scored once: a byte for each pair, as long as all of them fit into ``MOST_REMEMBERED``.

    A search goes over all pairs five to ten times, and scoring is most of such a pass.
    """

    _seen: dict[int, Scores] = field(default_factory=dict)

    def blocks(self) -> Iterator[Block]:
        if len(self.waiting_days) * len(self.places) > MOST_REMEMBERED:
            yield from self.inner.blocks()
        elif sum(map(len, self._seen.values())) == len(self.waiting_days):
            for start, scores in self._seen.items():
                yield Block(start, scores, scores != NOT_ALLOWED)
        else:
            for block in self.inner.blocks():
                scores = np.where(block.feasible, block.scores, NOT_ALLOWED)
                self._seen[block.start] = scores
                yield Block(block.start, scores, block.feasible)
