"""The flow network of some pairs: applicant → supporter's start (used once) → supporter (places left)."""

from dataclasses import dataclass, replace

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.field import Field, Whole
from mentorlink.matching.assignment.pairs import Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """``(s,)``: each start of each supporter that some pair could use, by supporter, then start."""

    supporters: Index
    starts: Whole

    def __len__(self) -> int:
        return len(self.supporters)


@dataclass(frozen=True, slots=True, eq=False)
class Ways:
    """``(a,)``: every way in which a pair can meet, at a start or (not ``timed``) by talk."""

    rows: Index
    columns: Index
    starts: Whole
    timed: Flags

    def and_also(self, others: "Ways") -> "Ways":
        return Ways(
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.columns, others.columns]),
            np.concatenate([self.starts, others.starts]),
            np.concatenate([self.timed, others.timed]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Nodes: ``n`` applicants, ``m`` supporters, ``s`` slots, source, sink, in this order.

    ``pair`` ``(a,)``: to which of the pairs each arc out of an applicant belongs; ``head`` ``(a,)``: the node it leads
    to, a slot or (by talk) the supporter. Arcs are in the order of their pairs.
    """

    pairs: Pairs
    slots: Slots
    pair: Index
    head: Index
    places: Whole
    load: Whole
    applicants: int

    @property
    def supporters(self) -> int:
        return len(self.places)

    @property
    def source(self) -> int:
        return self.applicants + self.supporters + len(self.slots)

    @property
    def sink(self) -> int:
        return self.source + 1

    @property
    def tail(self) -> Index:
        return self.pairs.rows[self.pair]

    @property
    def slot_nodes(self) -> Index:
        return self.applicants + self.supporters + np.arange(len(self.slots))

    def at_least(self, score: int, always: Flags) -> "Network":
        """With the arcs of pairs of that score, and of the applicants that ``always`` names."""
        kept = ((self.pairs.scores >= score) | always[self.pairs.rows])[self.pair]
        return replace(self, pair=self.pair[kept], head=self.head[kept])

    def most(self) -> tuple[int, Flags]:
        """How many can be matched, and the nodes on the source's side of a least cut."""
        solver = max_flow.SimpleMaxFlow()
        n, m = self.applicants, self.supporters
        ones = np.ones
        solver.add_arcs_with_capacity(np.full(n, self.source), np.arange(n), ones(n, np.int64))
        solver.add_arcs_with_capacity(self.tail, self.head, ones(len(self.head), np.int64))
        if len(self.slots):
            solver.add_arcs_with_capacity(
                self.slot_nodes, n + self.slots.supporters, ones(len(self.slots), np.int64)
            )
        solver.add_arcs_with_capacity(n + np.arange(m), np.full(m, self.sink), self.places)
        if solver.solve(self.source, self.sink) != solver.OPTIMAL:
            raise ArithmeticError("the greatest flow was not found")
        side = np.zeros(self.sink + 1, dtype=np.bool_)
        side[solver.get_source_side_min_cut()] = True
        return int(solver.optimal_flow()), side

    def cheapest(self, costs: Whole, matched: int, must: Flags, *, balanced: bool) -> Index:
        """The arcs that carry the cheapest flow of ``matched``, ``(matched,)``; ``costs`` ``(a,)`` of the arcs.

        ``must`` ``(n,)``: applicants that are matched whatever it costs.
        """
        solver = min_cost_flow.SimpleMinCostFlow()
        n, optional = self.applicants, np.flatnonzero(~must)
        first = len(optional)
        none = np.zeros
        solver.add_arcs_with_capacity_and_unit_cost(
            np.full(first, self.source), optional, np.ones(first, np.int64), none(first, np.int64)
        )
        arcs = len(self.head)
        solver.add_arcs_with_capacity_and_unit_cost(self.tail, self.head, np.ones(arcs, np.int64), costs)
        slots = len(self.slots)
        if slots:
            solver.add_arcs_with_capacity_and_unit_cost(
                self.slot_nodes, n + self.slots.supporters, np.ones(slots, np.int64), none(slots, np.int64)
            )
        tails, capacity, cost = self._last_arcs(balanced=balanced)
        solver.add_arcs_with_capacity_and_unit_cost(tails, np.full(len(tails), self.sink), capacity, cost)
        pinned = np.flatnonzero(must)
        ends = np.concatenate([pinned, [self.source, self.sink]])
        supplies = np.concatenate([np.ones(len(pinned), np.int64), [matched - len(pinned), -matched]])
        solver.set_nodes_supplies(ends, supplies)
        if solver.solve() != solver.OPTIMAL:
            raise ArithmeticError("the cheapest flow was not found")
        return np.flatnonzero(solver.flows(np.arange(first, first + arcs)))

    def _last_arcs(self, *, balanced: bool) -> tuple[Index, Whole, Whole]:
        """Supporter → sink: one arc, or where loads are balanced one for each place, each dearer than the last."""
        nodes = self.applicants + np.arange(self.supporters)
        if not balanced:
            return nodes, self.places, np.zeros(self.supporters, np.int64)
        wanted = np.bincount(self.pairs.columns, minlength=self.supporters)
        counts = np.minimum(self.places, wanted)
        which = np.repeat(np.arange(self.supporters), counts)
        nth = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
        return nodes[which], np.ones(len(which), np.int64), marginal(self.load[which], nth)


def marginal(load: Whole, nth: Whole) -> Whole:
    """By how much the ``nth`` further talk raises (load + assigned)²."""
    return 2 * (load + nth) - 1


def ways_of(field: Field, pairs: Pairs) -> Ways:
    which, starts = field.starts(pairs.rows, pairs.columns)
    by_talk = np.flatnonzero(field.is_by_talk(pairs.rows, pairs.columns))
    of = np.concatenate([which, by_talk])
    timed = np.arange(len(of)) < len(which)
    return Ways(
        pairs.rows[of], pairs.columns[of], np.concatenate([starts, np.zeros(len(by_talk), np.int64)]), timed
    )


def build_network(field: Field, pairs: Pairs, ways: Ways) -> Network:
    """``ways`` are those of ``pairs``, in any order."""
    n, m = len(field.waiting_days), len(field.places)
    timed, starts, columns = ways.timed, ways.starts[ways.timed], ways.columns[ways.timed]
    base, width = (int(starts.min()), int(np.ptp(starts)) + 1) if len(starts) else (0, 1)
    keys, at = np.unique(columns * width + (starts - base), return_inverse=True)
    head = n + ways.columns
    head[timed] = n + m + at
    pair = np.searchsorted(pairs.rows * m + pairs.columns, ways.rows * m + ways.columns)
    order = np.lexsort((head, pair))
    return Network(
        pairs=pairs,
        slots=Slots(keys // width, keys % width + base),
        pair=pair[order],
        head=head[order],
        places=field.places,
        load=field.load,
        applicants=n,
    )
