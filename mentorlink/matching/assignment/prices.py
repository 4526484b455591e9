"""Prices that show a flow to be the cheapest: distances in its residual graph, as integers."""

from dataclasses import dataclass

import numpy as np

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.field import Whole
from mentorlink.matching.assignment.network import Network, Slots, marginal

FAR = np.int64(2**62)


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    """A distance for every node. A slot that is not listed is worth what its supporter is.

    Along an arc u → v of cost c that the flow leaves free, ``price[v] <= price[u] + c``; along one that it fills, the
    other way round.
    """

    applicants: Whole
    supporters: Whole
    slots: Slots
    slot_prices: Whole
    source: int
    sink: int
    scale: int  # by what weights were multiplied


def find_prices(
    network: Network, costs: Whole, used: Index, must: Flags, *, scale: int, balanced: bool
) -> Prices:
    """Prices of the cheapest flow that uses the arcs ``used``; ``costs`` and ``must`` as it was found with.

    Bellman and Ford's relaxations, a layer of the network at a time, and only of what has changed.
    Raises ArithmeticError where the flow is not the cheapest.
    """
    return _Relaxation(network, costs, used, must, balanced=balanced).run(scale)


class _Relaxation:
    def __init__(self, network: Network, costs: Whole, used: Index, must: Flags, *, balanced: bool) -> None:
        self._net, self._costs = network, costs
        n, m = network.applicants, network.supporters
        free = np.ones(len(network.head), dtype=np.bool_)
        free[used] = False
        arcs = np.flatnonzero(free)
        order = arcs[np.argsort(network.head[arcs], kind="stable")]
        self._tails, self._heads, self._cost = network.tail[order], network.head[order], costs[order]
        self._first = np.flatnonzero(np.diff(self._heads, prepend=-1))
        self._targets = self._heads[self._first]
        self._used_tail, self._used_head, self._used_cost = (
            network.tail[used],
            network.head[used],
            costs[used],
        )
        self._price = np.zeros(network.sink + 1, dtype=np.int64)
        taken = np.zeros(len(network.slots), dtype=np.bool_)
        in_slots = self._used_head >= n + m
        taken[self._used_head[in_slots] - n - m] = True
        self._free_slots, self._taken_slots = np.flatnonzero(~taken), np.flatnonzero(taken)
        self._count_at_supporters(used, balanced=balanced)
        matched = np.zeros(n, dtype=np.bool_)
        matched[self._used_tail] = True
        self._waiting, self._led = np.flatnonzero(~matched), np.flatnonzero(matched & ~must)

    def _count_at_supporters(self, used: Index, *, balanced: bool) -> None:
        network = self._net
        count = np.bincount(network.pairs.columns[network.pair[used]], minlength=network.supporters)
        self._has_room, self._has_some = count < network.places, count > 0
        zero = np.zeros_like(count)
        self._next = marginal(network.load, count + 1) if balanced else zero
        self._last = marginal(network.load, count) if balanced else zero

    def run(self, scale: int) -> Prices:
        net, price = self._net, self._price
        n, m = net.applicants, net.supporters
        for _ in range(net.sink + 2):
            before = price.copy()
            self._from_applicants()
            self._at_supporters()
            np.minimum.at(price, self._used_tail, price[self._used_head] - self._used_cost)
            self._at_source()
            if np.array_equal(before, price):
                self._lower_free_slots()
                return Prices(
                    price[:n],
                    price[n : n + m],
                    net.slots,
                    price[n + m : net.source],
                    source=int(price[net.source]),
                    sink=int(price[net.sink]),
                    scale=scale,
                )
        raise ArithmeticError("a cheaper flow exists")

    def _lower_free_slots(self) -> None:
        """A slot that nobody has is worth what its supporter is: no pair's arc can then cost less than by talk."""
        n, m = self._net.applicants, self._net.supporters
        free = self._free_slots
        self._price[n + m + free] = self._price[n + self._net.slots.supporters[free]]

    def _from_applicants(self) -> None:
        if len(self._first):
            best = np.minimum.reduceat(self._price[self._tails] + self._cost, self._first)
            np.minimum.at(self._price, self._targets, best)

    def _at_supporters(self) -> None:
        net, price = self._net, self._price
        n, m = net.applicants, net.supporters
        at_slots, at_supporters = price[n + m : net.source], price[n : n + m]
        owner = net.slots.supporters
        free, taken = self._free_slots, self._taken_slots
        np.minimum.at(at_supporters, owner[free], at_slots[free])
        room = np.where(self._has_room, at_supporters + self._next, FAR)
        price[net.sink] = min(int(price[net.sink]), int(room.min(initial=FAR)))
        back = np.where(self._has_some, price[net.sink] - self._last, FAR)
        np.minimum(at_supporters, back, out=at_supporters)
        at_slots[taken] = np.minimum(at_slots[taken], at_supporters[owner[taken]])

    def _at_source(self) -> None:
        price, source = self._price, self._net.source
        least = int(price[self._led].min(initial=FAR))
        price[source] = min(int(price[source]), least)
        price[self._waiting] = np.minimum(price[self._waiting], price[source])
