"""The points of ``points.py`` for every pair at once.

What depends on one answer of the applicant is a table with a row per possible answer and a column per supporter, so
that a block of pairs is a few gathered rows added up, one byte per pair. Themes and targets are tested bit by bit.
Blocks are as large as the processor's cache likes, so memory stays that of the result.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mentorlink.core import taxonomy
from mentorlink.fit.arrays import ApplicantArrays, Bits, Index, SupporterArrays
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import MOST_SKILL

Scores = NDArray[np.uint8]
_Table = NDArray[np.uint8]
_Set = NDArray[np.unsignedinteger[Any]]

BLOCK = 1 << 19  # pairs looked at together: 2 MiB of 32-bit words; found by trying
SHIFT = np.uint32(25)
_STRIDE = 64  # above the length of each list whose places are digits of an answer


def score_matrix(
    applicants: ApplicantArrays, supporters: SupporterArrays, weights: Weights | None = None
) -> Scores:
    """``(n, m)`` uint8: each pair's score, 0–100, whether or not the hard rules allow it."""
    scores = np.empty((len(applicants), len(supporters)), dtype=np.uint8)
    scorer = Scorer(supporters, weights or Weights())
    for start, stop in blocks(len(applicants), len(supporters)):
        scorer.score(applicants.rows(start, stop), out=scores[start:stop])
    return scores


def blocks(n: int, m: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that together cover ``n`` × ``m`` pairs, about ``BLOCK`` pairs each."""
    step = max(1, BLOCK // max(1, m))
    return ((start, min(start + step, n)) for start in range(0, n, step))


def attainable_points(applicants: ApplicantArrays, weights: Weights) -> NDArray[np.int64]:
    """``(n,)``: the most points that each applicant's answers allow."""
    named = applicants.main < _size("category")
    similar = (
        (applicants.setting < _size("setting")).astype(np.int64)
        + (applicants.legal_form < _size("legal_form"))
        + (applicants.funding != 0)
    )
    others = np.count_nonzero(applicants.others < _size("category"), axis=1)
    return (
        weights.theme * (applicants.themes != 0).astype(np.int64)
        + weights.target * (applicants.targets != 0)
        + weights.main_category * MOST_SKILL * named
        + weights.other_category * others
        + weights.stage * (applicants.next_stage < _size("stage"))
        + weights.similar * np.minimum(similar, weights.similar_most)
        + weights.region * (applicants.region > 0)
    )


def weight_matrix(scores: Scores, waiting_days: NDArray[np.int64]) -> NDArray[np.int32]:
    """``(n, m)``: score + 0.1 × waiting days, in tenths."""
    return scores.astype(np.int32) * np.int32(10) + waiting_days.astype(np.int32)[:, None]


@dataclass(frozen=True, slots=True)
class _Division:
    """Rounded percentages of fixed attainable points, ``(r,)`` each, as one multiplication and one shift.

    ⌊(200·p + a) ÷ 2a⌋ = ((200·p + a)·v) >> 25 with v = ⌊2²⁵ ÷ 2a⌋ + 1 for all p ≤ a ≤ 255, within 32 bits
    (Granlund & Montgomery, Division by invariant integers using multiplication, 1994; a test tries every p and a).
    """

    factor: NDArray[np.uint32]
    offset: NDArray[np.uint32]

    @classmethod
    def by(cls, attainable: NDArray[np.int64]) -> "_Division":
        inverse = np.where(attainable > 0, (1 << int(SHIFT)) // np.maximum(2 * attainable, 1) + 1, 0)
        return cls((200 * inverse).astype(np.uint32), (attainable * inverse).astype(np.uint32))

    def percent(self, points: _Table, scratch: NDArray[np.uint32]) -> None:
        """Turns the points into scores where they are."""
        np.multiply(points, self.factor[:, None], out=scratch, dtype=np.uint32)
        np.add(scratch, self.offset[:, None], out=scratch)
        np.right_shift(scratch, SHIFT, out=scratch)
        np.copyto(points, scratch, casting="unsafe")


class Scorer:
    """Scores blocks of applicants against one set of supporters."""

    def __init__(self, supporters: SupporterArrays, weights: Weights) -> None:
        self._supporters = supporters
        self._weights = weights
        self._main = _with_none(supporters.skills.T * np.uint8(weights.main_category))
        self._other = _with_none((supporters.skills.T > 0) * np.uint8(weights.other_category))
        self._stage = _with_none(_held(supporters.stages, _size("stage")) * np.uint8(weights.stage))
        self._region = _region_table(supporters) * np.uint8(weights.region)
        self._themes = _narrow("theme", supporters.themes)
        self._targets = _narrow("target", supporters.targets)
        self._similar_rows: dict[int, _Table] = {}
        self._rooms: dict[np.dtype[Any], NDArray[Any]] = {}

    def score(self, applicants: ApplicantArrays, *, out: Scores | None = None) -> Scores:
        """``(r, m)`` scores of these applicants; ``out`` is filled where given."""
        scores = self.points(applicants, out=out)
        division = _Division.by(attainable_points(applicants, self._weights))
        division.percent(scores, self._room(scores.shape, np.uint32))
        return scores

    def points(self, applicants: ApplicantArrays, *, out: _Table | None = None) -> _Table:
        """``(r, m)`` sums of points; ``out`` is filled where given."""
        if out is None:
            out = np.empty((len(applicants), len(self._supporters)), dtype=np.uint8)
        np.take(self._main, applicants.main, axis=0, out=out, mode="clip")
        for column in range(applicants.others.shape[1]):
            self._add_rows(out, self._other, applicants.others[:, column])
        self._add_rows(out, self._stage, applicants.next_stage)
        self._add_rows(out, self._region, applicants.region)
        self._add_shared(out, _narrow("theme", applicants.themes), self._themes, self._weights.theme)
        self._add_shared(out, _narrow("target", applicants.targets), self._targets, self._weights.target)
        self._add_similar(out, applicants)
        return out

    def _add_rows(self, points: _Table, table: _Table, rows: Index) -> None:
        room = self._room(points.shape, np.uint8)
        points += np.take(table, rows, axis=0, out=room, mode="clip")  # "clip" writes straight into out

    def _add_shared(self, points: _Table, asked: _Set, offered: _Set, weight: int) -> None:
        shared = np.bitwise_and(asked[:, None], offered, out=self._room(points.shape, offered.dtype))
        found = np.not_equal(shared, 0, out=self._room(points.shape, np.bool_)).view(np.uint8)
        points += np.multiply(found, np.uint8(weight), out=found)

    def _add_similar(self, points: _Table, applicants: ApplicantArrays) -> None:
        """Few applicants say what their activity is like, many of those the same: a row per distinct answer."""
        places = (applicants.legal_form * _STRIDE + applicants.setting).astype(np.uint64)
        answers, which = np.unique(applicants.funding * np.uint64(_STRIDE**2) + places, return_inverse=True)
        rows = np.stack([self._similar_row(int(answer)) for answer in answers])
        if rows.any():
            self._add_rows(points, rows, which)

    def _room(self, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """Memory for one step, used again by the next: new pages for every step would take as long as the work."""
        size, kind = math.prod(shape), np.dtype(dtype)
        if kind not in self._rooms or self._rooms[kind].size < size:
            self._rooms[kind] = np.empty(size, dtype=kind)
        return self._rooms[kind][:size].reshape(shape)

    def _similar_row(self, answer: int) -> _Table:
        """``(m,)`` points for one answer: funding, legal form and setting as the digits of a number."""
        if answer not in self._similar_rows:
            rest, setting = divmod(answer, _STRIDE)
            self._similar_rows[answer] = self._likeness(setting, *reversed(divmod(rest, _STRIDE)))
        return self._similar_rows[answer]

    def _likeness(self, setting: int, legal_form: int, funding: int) -> _Table:
        supporters, weights = self._supporters, self._weights
        alike = (supporters.funding & np.uint64(funding) != 0).astype(np.uint8)
        alike += (supporters.setting == setting) & (setting < _size("setting"))
        alike += (supporters.legal_form == legal_form) & (legal_form < _size("legal_form"))
        return np.minimum(alike, min(weights.similar_most, 3)).astype(np.uint8) * np.uint8(weights.similar)


def _narrow(scheme: str, sets: Bits) -> _Set:
    """The sets in the smallest words that hold the list: half the bytes is twice the speed."""
    full = (1 << _size(scheme)) - 1
    return (sets & np.uint64(full)).astype(np.min_scalar_type(full))


def _size(scheme: str) -> int:
    return len(taxonomy.codes(scheme))


def _with_none(table: NDArray[np.generic]) -> _Table:
    """A row of zeros after the last, for "not answered"."""
    return np.vstack([table, np.zeros((1, table.shape[1]))]).astype(np.uint8)


def _held(sets: Bits, size: int) -> NDArray[np.bool_]:
    """``(size, m)``: whether each supporter's set holds each code."""
    return (sets >> np.arange(size, dtype=np.uint64)[:, None] & np.uint64(1)).astype(np.bool_)


def _region_table(supporters: SupporterArrays) -> _Table:
    """``(95, m)``: no wish, near each prefecture, far from each (see ``ApplicantArrays.region``)."""
    every = taxonomy.prefectures()
    unknown = np.zeros((len(every), 1), dtype=np.bool_)
    near = np.array([[each.is_near(other) for other in every] for each in every])
    tables = (
        np.zeros((1, len(every) + 1), dtype=np.bool_),
        np.hstack([near, unknown]),
        np.hstack([~near, unknown]),
    )
    return np.vstack(tables)[:, supporters.prefecture].astype(np.uint8)
