"""The hard rules: what must hold before a pair is scored at all.

==================================================================== =========================================
rule (``domain/matching_rules.csv``)                                 codes
==================================================================== =========================================
receiving, capacity left in the month, training not expired          not_receiving, no_capacity,
                                                                     training_expired
skill ≥ 1 in the main category                                       main_category
a way of talking in common, every accommodation offered              mode, accommodations
no conflict of interest: same organisation, an avoided one, a past   same_organisation, avoided_organisation,
complaint                                                            past_complaint
a common free time, or 時間は相談                                     no_common_time
==================================================================== =========================================

What the applicant did not answer asks nothing: no category, no way of talking and no accommodation fail nobody.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mentorlink.fit.arrays import ApplicantArrays, Bits, Edges, Flags, Index, SupporterArrays
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts, common_times
from mentorlink.fit.scores import Scorer, Scores, blocks

WORD = 64  # bits


class Rule(StrEnum):
    """What can stand between two people, in the order in which "why not" is answered."""

    NOT_RECEIVING = "not_receiving"
    NO_CAPACITY = "no_capacity"
    TRAINING_EXPIRED = "training_expired"
    MAIN_CATEGORY = "main_category"
    MODE = "mode"
    ACCOMMODATIONS = "accommodations"
    SAME_ORGANISATION = "same_organisation"
    AVOIDED_ORGANISATION = "avoided_organisation"
    PAST_COMPLAINT = "past_complaint"
    NO_COMMON_TIME = "no_common_time"


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Applicants ``start`` and following against all supporters: ``(r, m)`` scores and whether the rules allow."""

    start: int
    scores: Scores
    feasible: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Every pair that the rules allow, by applicant, then supporter: ``(k,)`` rows, columns and scores."""

    applicants: NDArray[np.int32]
    supporters: NDArray[np.int32]
    scores: Scores


def failed_rules(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[Rule, ...]:
    """Every rule that this pair breaks, in the order of ``Rule``; empty where they can meet."""
    return tuple(rule for rule, is_broken in _BROKEN.items() if is_broken(applicant, supporter))


def rule_matrix(rule: Rule, applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    """``(n, m)`` bool: which pairs keep this one rule."""
    shape = (len(applicants), len(supporters))
    if rule in _CONFLICTS:
        kept = np.ones(shape, dtype=np.bool_)
        kept[_CONFLICTS[rule](applicants, supporters)] = False
        return kept
    return np.array(np.broadcast_to(_KEPT[rule](applicants, supporters), shape))


def feasible_matrix(applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    """``(n, m)`` bool: which pairs keep every rule."""
    feasible = np.empty((len(applicants), len(supporters)), dtype=np.bool_)
    gate = _Gate(applicants, supporters)
    for start, stop in blocks(len(applicants), len(supporters)):
        feasible[start:stop] = gate.feasible(start, stop)
    return feasible


def scored_blocks(
    applicants: ApplicantArrays, supporters: SupporterArrays, weights: Weights | None = None
) -> Iterator[Block]:
    """Scores and rules, some rows at a time and in order, so that no ``(n, m)`` array is ever held."""
    scorer, gate = Scorer(supporters, weights or Weights()), _Gate(applicants, supporters)
    for start, stop in blocks(len(applicants), len(supporters)):
        yield Block(start, scorer.score(applicants.rows(start, stop)), gate.feasible(start, stop))


def scored_pairs(
    applicants: ApplicantArrays, supporters: SupporterArrays, weights: Weights | None = None
) -> Pairs:
    """The pairs that keep every rule, with their scores."""
    rows, columns, scores = [np.empty(0, np.int32)], [np.empty(0, np.int32)], [np.empty(0, np.uint8)]
    for block in scored_blocks(applicants, supporters, weights):
        inside, column = np.nonzero(block.feasible)
        rows.append((inside + block.start).astype(np.int32))
        columns.append(column.astype(np.int32))
        scores.append(block.scores[inside, column])
    return Pairs(np.concatenate(rows), np.concatenate(columns), np.concatenate(scores))


def common_time_words(
    applicants: ApplicantArrays, supporters: SupporterArrays, rows: Index, columns: Index
) -> Bits:
    """``(k, words)`` uint64: the common starts of ``k`` pairs as bit sets over ``applicants.instants``."""
    return applicants.times[rows] & supporters.times[columns]


def unpack_times(words: Bits, instants: NDArray[np.int64]) -> tuple[Index, NDArray[np.int64]]:
    """The starts in ``(k, words)`` bit sets, as (which of the ``k``, the start), earliest first within each."""
    which, word = np.nonzero(words)
    rest = words[which, word]
    found: list[Index] = [np.empty(0, dtype=np.intp)]
    while len(rest):  # few starts are common: bit by bit is less than a byte for every start there is
        lowest = rest & (~rest + np.uint64(1))
        _fraction, exponent = np.frexp(lowest.astype(np.float64))
        found.append(which * len(instants) + word * WORD + exponent - 1)
        rest ^= lowest
        kept = rest != 0
        rest, which, word = rest[kept], which[kept], word[kept]
    which, place = np.divmod(np.sort(np.concatenate(found)), max(1, len(instants)))
    return which, instants[place]


class _Gate:
    """All rules for blocks of applicants; the few conflicts are found once."""

    def __init__(self, applicants: ApplicantArrays, supporters: SupporterArrays) -> None:
        self._applicants = applicants
        self._supporters = supporters
        conflicts = [find(applicants, supporters) for find in _CONFLICTS.values()]
        rows = np.concatenate([rows for rows, _ in conflicts])
        order = np.argsort(rows, kind="stable")
        self._rows = rows[order]
        self._columns = np.concatenate([columns for _, columns in conflicts])[order]

    def feasible(self, start: int, stop: int) -> Flags:
        block = self._applicants.rows(start, stop)
        kept = np.ones((stop - start, len(self._supporters)), dtype=np.bool_)
        for is_kept in _KEPT.values():
            kept &= is_kept(block, self._supporters)
        first, last = np.searchsorted(self._rows, (start, stop))
        kept[self._rows[first:last] - start, self._columns[first:last]] = False
        return kept


def _main_category(applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    taken = np.vstack([supporters.skills.T >= 1, np.ones((1, len(supporters)), dtype=np.bool_)])
    return taken[applicants.main]


def _mode(applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    asked, which = np.unique(applicants.modes, return_inverse=True)
    return ((asked[:, None] & supporters.modes != 0) | (asked == 0)[:, None])[which]


def _accommodations(applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    asked, which = np.unique(applicants.accommodations, return_inverse=True)
    return (asked[:, None] & ~supporters.accommodations == 0)[which]


def _common_time(applicants: ApplicantArrays, supporters: SupporterArrays) -> Flags:
    kept = applicants.times_open[:, None] | supporters.times_open
    for word in range(applicants.times.shape[1]):
        kept |= (applicants.times[:, word, None] & supporters.times[:, word]) != 0
    return kept


def _joined(left: Edges, right: Edges) -> tuple[Index, Index]:
    """The (row of left, row of right) that are related to the same thing."""
    order = np.argsort(right.others, kind="stable")
    things = right.others[order]
    first = np.searchsorted(things, left.others, side="left")
    counts = np.searchsorted(things, left.others, side="right") - first
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.repeat(left.rows, counts), right.rows[order][np.repeat(first, counts) + within]


def _past_complaint(applicants: ApplicantArrays, supporters: SupporterArrays) -> tuple[Index, Index]:
    return supporters.refused.others, supporters.refused.rows


_KEPT: Mapping[Rule, Callable[[ApplicantArrays, SupporterArrays], Flags]] = {
    Rule.NOT_RECEIVING: lambda _, supporters: supporters.receiving,
    Rule.NO_CAPACITY: lambda _, supporters: supporters.load < supporters.capacity,
    Rule.TRAINING_EXPIRED: lambda _, supporters: supporters.training_valid,
    Rule.MAIN_CATEGORY: _main_category,
    Rule.MODE: _mode,
    Rule.ACCOMMODATIONS: _accommodations,
    Rule.NO_COMMON_TIME: _common_time,
}
_CONFLICTS: Mapping[Rule, Callable[[ApplicantArrays, SupporterArrays], tuple[Index, Index]]] = {
    Rule.SAME_ORGANISATION: lambda people, others: _joined(people.organisations, others.organisations),
    Rule.AVOIDED_ORGANISATION: lambda people, others: _joined(people.avoid, others.organisations),
    Rule.PAST_COMPLAINT: _past_complaint,
}
_BROKEN: Mapping[Rule, Callable[[ApplicantFacts, SupporterFacts], bool]] = {
    Rule.NOT_RECEIVING: lambda _, b: not b.receiving,
    Rule.NO_CAPACITY: lambda _, b: b.load >= b.capacity,
    Rule.TRAINING_EXPIRED: lambda _, b: not b.training_valid,
    Rule.MAIN_CATEGORY: lambda a, b: a.main_category is not None and b.skill(a.main_category) < 1,
    Rule.MODE: lambda a, b: bool(a.modes) and not a.modes & b.modes,
    Rule.ACCOMMODATIONS: lambda a, b: not a.accommodations <= b.accommodations,
    Rule.SAME_ORGANISATION: lambda a, b: bool(a.organisations & b.organisations),
    Rule.AVOIDED_ORGANISATION: lambda a, b: bool(a.avoid & b.organisations),
    Rule.PAST_COMPLAINT: lambda a, b: a.id in b.refused,
    Rule.NO_COMMON_TIME: lambda a, b: common_times(a, b) == (),
}
