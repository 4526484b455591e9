"""Checks an assignment against its proof, from the field alone: no solver, no trust in what it says of itself."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mentorlink.fit.arrays import Flags
from mentorlink.matching.assignment.bound import dual_weight, spread_of
from mentorlink.matching.assignment.certificate import Cut, find_slots, in_network
from mentorlink.matching.assignment.field import Field
from mentorlink.matching.assignment.network import Slots
from mentorlink.matching.assignment.solve import MOST_SCORE, Assignment, Goal


@dataclass(frozen=True, slots=True)
class Verdict:
    """``faults`` are codes; without any, the assignment is the best there is. Totals are in tenths of a point."""

    matched: int
    most_possible: int
    total: int
    dual_total: int | Fraction
    spread: int
    faults: tuple[str, ...]

    @property
    def gap(self) -> int | Fraction:
        return self.dual_total - self.total


def verify(
    field: Field, found: Assignment, *, pinned: Flags | None = None, goal: Goal | None = None
) -> Verdict:
    """``field`` as it was steered, ``pinned`` ``(n,)`` the applicants whose pair the office fixed."""
    goal = goal or Goal()
    must = np.zeros(len(field.waiting_days), dtype=np.bool_) if pinned is None else pinned
    matched, spread = len(found.rows), spread_of(field, found.columns)
    total = int((found.scores * 10 + field.waiting_days[found.rows]).sum())
    faults = _broken_pairs(field, found, must)
    most = cut_capacity(field, found.proof.count, 0, must)
    if most != matched:
        faults.append("more_could_be_matched")
    worst = (
        MOST_SCORE + 1 if found.worst is None else found.worst
    )  # no free pair at all: the pins stand alone
    if goal.worst and not _is_worst_proven(field, found, must):
        faults.append("worst_could_be_higher")
    prices = found.proof.prices
    dual_total = dual_weight(
        field, prices, matched, spread, worst if goal.worst else 0, must, balanced=goal.balanced
    )
    if dual_total != total:
        faults.append("weight_could_be_higher")
    if not _is_in_order(prices.slots):
        faults.append("slots_not_in_order")
    return Verdict(matched, most, total, dual_total, spread, tuple(faults))


def cut_capacity(field: Field, cut: Cut, score: int, always: Flags) -> int:
    """An upper bound of how many can be matched with pairs of that score."""
    capacity = (
        int(np.count_nonzero(~cut.applicants)) + int(field.places[cut.supporters].sum()) + len(cut.slots)
    )
    for block in field.blocks():
        inside = cut.applicants[block.start : block.start + len(block.scores)]
        if not inside.any():
            continue
        rows, columns = np.nonzero(in_network(block, score, always) & inside[:, None] & ~cut.supporters)
        people = rows + block.start
        capacity += int(np.count_nonzero(field.is_by_talk(people, columns)))
        which, starts = field.starts(people, columns)
        capacity += int(np.count_nonzero(find_slots(cut.slots, columns[which], starts) < 0))
    return capacity


def _broken_pairs(field: Field, found: Assignment, must: Flags) -> list[str]:
    faults = []
    if len(np.unique(found.rows)) < len(found.rows):
        faults.append("applicant_twice")
    if (np.bincount(found.columns, minlength=len(field.places)) > field.places).any():
        faults.append("too_many_for_a_supporter")
    slots = np.stack([found.columns[found.timed], found.starts[found.timed]], axis=1)
    if len(np.unique(slots, axis=0)) < len(slots):
        faults.append("start_twice")
    if not np.isin(np.flatnonzero(must), found.rows).all():
        faults.append("pin_lost")
    if not _are_allowed(field, found):
        faults.append("pair_not_allowed")
    return faults


def _are_allowed(field: Field, found: Assignment) -> bool:
    for block in field.blocks():
        here = np.flatnonzero((found.rows >= block.start) & (found.rows < block.start + len(block.scores)))
        rows, columns = found.rows[here] - block.start, found.columns[here]
        if (
            not block.feasible[rows, columns].all()
            or (block.scores[rows, columns] != found.scores[here]).any()
        ):
            return False
    if (field.is_by_talk(found.rows, found.columns) == found.timed).any():
        return False
    which, starts = field.starts(found.rows, found.columns)
    offered = np.zeros(len(found.rows), dtype=np.bool_)
    offered[which[starts == found.starts[which]]] = True
    return bool(offered[found.timed].all())


def _is_worst_proven(field: Field, found: Assignment, must: Flags) -> bool:
    free = found.scores[~must[found.rows]]
    if not len(free):
        return True
    if found.worst != int(free.min()):
        return False
    above = found.proof.worst
    return found.worst == MOST_SCORE or (
        above is not None and cut_capacity(field, above, found.worst + 1, must) < len(found.rows)
    )


def _is_in_order(slots: Slots) -> bool:
    """Looking a slot up relies on it."""
    later = (np.diff(slots.supporters) > 0) | ((np.diff(slots.supporters) == 0) & (np.diff(slots.starts) > 0))
    return bool(later.all())
