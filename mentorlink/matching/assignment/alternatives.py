"""Why not that one? What another choice for one applicant would cost, and whom it would move.

The other pair is one arc more in the network. What must follow is the cheapest way back through the residual graph of
the best flow, so the answer is one shortest path and no new solve (Ahuja, Magnanti & Orlin, Network Flows, 1993, ch. 9).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise

import numpy as np

from mentorlink.matching.assignment.bound import spread_of
from mentorlink.matching.assignment.field import Field
from mentorlink.matching.assignment.network import build_network, marginal, ways_of
from mentorlink.matching.assignment.pairs import likeliest
from mentorlink.matching.assignment.solve import Assignment

LOST = 1 << 60  # dearer than any chain of moves: somebody is left without a pair
Place = tuple[int, int | None]  # supporter and start; None is by talk


@dataclass(frozen=True, slots=True)
class Move:
    """Of one applicant, from one place to another; None is no place."""

    applicant: int
    old: Place | None
    new: Place | None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What the choice changes, in the order of the objectives. ``matched`` and ``total`` fall, ``spread`` rises.

    ``worst`` is the lowest score of the changed round. ``moves`` begins with the applicant who was asked about.
    """

    matched: int
    worst: int | None
    total: int
    spread: int
    moves: tuple[Move, ...]


class Alternatives:
    """Answers about one round. Every pair that the rules allow is in the network, none is pruned.

    The chain of moves keeps to pairs of the round's worst score at least; only the pair asked about may be below it.
    ``field`` is the one that was solved, steered as it was; ``pinned`` applicants keep their supporter whatever is
    asked, and only their hour may move.
    """

    def __init__(self, field: Field, found: Assignment, pinned: Collection[int] = ()) -> None:
        self._pinned = frozenset(pinned)
        pairs, _allowed = likeliest(field, len(field.places))
        self._field, self._found = field, found
        names = zip(pairs.rows.tolist(), pairs.columns.tolist(), strict=True)
        self._scores = dict(zip(names, pairs.scores.tolist(), strict=True))
        self._net = build_network(field, pairs, ways_of(field, pairs))
        self._price = self._prices()
        self._place = self._places_of()
        self._arcs = self._residual()

    def consequence(self, applicant: int, supporter: int) -> Consequence | None:
        """Of giving this supporter to this applicant. None where the rules forbid it, or it is so already."""
        heads = self._heads(applicant, supporter)
        current = self._place.get(applicant)
        if not heads or (current is not None and current[0] == supporter):
            return None
        chain = self._way_back(heads, applicant)
        return None if chain is None else self._told(applicant, chain)

    # ---- the residual graph

    def _prices(self) -> np.ndarray:
        """A price of every node of the whole network; slots that the proof does not list are worth their supporter."""
        net, prices = self._net, self._found.proof.prices
        worth = prices.supporters[net.slots.supporters].copy()
        names = zip(prices.slots.supporters.tolist(), prices.slots.starts.tolist(), strict=True)
        listed = dict(zip(names, prices.slot_prices.tolist(), strict=True))
        for place, slot in enumerate(self._slot_names()):
            worth[place] = listed.get(slot, worth[place])
        return np.concatenate([prices.applicants, prices.supporters, worth, [prices.source, prices.sink]])

    def _slot_names(self) -> Iterator[tuple[int, int]]:
        return zip(self._net.slots.supporters.tolist(), self._net.slots.starts.tolist(), strict=True)

    def _places_of(self) -> dict[int, Place]:
        found = self._found
        columns = (found.rows, found.columns, found.starts, found.timed)
        return {
            row: (column, start if timed else None)
            for row, column, start, timed in zip(*(each.tolist() for each in columns), strict=True)
        }

    def _node(self, place: Place) -> int:
        supporter, start = place
        n, m = self._net.applicants, self._net.supporters
        if start is None:
            return n + supporter
        return n + m + self._slot_places[supporter, start]

    def _residual(self) -> list[list[tuple[int, int]]]:
        """Arcs (to, cost) out of every node that a change could use."""
        net = self._net
        self._slot_places = {slot: place for place, slot in enumerate(self._slot_names())}
        arcs: list[list[tuple[int, int]]] = [[] for _ in range(net.sink + 1)]
        used = {(row, self._node(place)) for row, place in self._place.items()}
        for tail, head, cost, allowed in self._pair_arcs():
            if (tail, head) in used:
                arcs[head].append((tail, -cost))
            elif allowed:
                arcs[tail].append((head, cost))
        self._add_slots(arcs, {head for _row, head in used})
        self._add_ends(arcs)
        return arcs

    def _pair_arcs(self) -> Iterator[tuple[int, int, int, bool]]:
        net, worst = self._net, self._found.worst or 0
        scores = net.pairs.scores[net.pair]
        weights = scores * 10 + self._field.waiting_days[net.tail]
        costs = -weights * self._found.proof.prices.scale
        columns = (net.tail, net.head, costs, (scores >= worst) | np.isin(net.tail, list(self._pinned)))
        return zip(*(each.tolist() for each in columns), strict=True)

    def _add_slots(self, arcs: list[list[tuple[int, int]]], taken: set[int]) -> None:
        net = self._net
        for place, supporter in enumerate(net.slots.supporters.tolist()):
            slot, owner = net.applicants + net.supporters + place, net.applicants + supporter
            tail, head = (owner, slot) if slot in taken else (slot, owner)
            arcs[tail].append((head, 0))

    def _add_ends(self, arcs: list[list[tuple[int, int]]]) -> None:
        net, source, sink = self._net, self._net.source, self._net.sink
        counts = np.bincount(self._found.columns, minlength=net.supporters)
        following, last = marginal(net.load, counts + 1).tolist(), marginal(net.load, counts).tolist()
        for supporter, (count, room) in enumerate(zip(counts.tolist(), net.places.tolist(), strict=True)):
            node = net.applicants + supporter
            if count < room:
                arcs[node].append((sink, following[supporter]))
            if count:
                arcs[sink].append((node, -last[supporter]))
        for row in range(net.applicants):
            if row in self._pinned:
                continue
            tail, head = (row, source) if row in self._place else (source, row)
            arcs[tail].append((head, 0))
        arcs[source].append((sink, LOST))

    # ---- the question

    def _heads(self, applicant: int, supporter: int) -> list[int]:
        net = self._net
        inside = (net.tail == applicant) & (net.pairs.columns[net.pair] == supporter)
        return net.head[inside].tolist()

    def _way_back(self, heads: list[int], applicant: int) -> list[int] | None:
        """The nodes of the cheapest way from one of ``heads`` to the applicant (Dijkstra, by reduced costs)."""
        price = self._price.tolist()
        least = max(price[head] for head in heads)
        far = {head: least - price[head] for head in heads}
        came: dict[int, int] = {}
        queue = [(distance, head) for head, distance in far.items()]
        heapify(queue)
        done: set[int] = set()
        while queue:
            distance, node = heappop(queue)
            if node == applicant:
                return _path(came, node)
            if node in done:
                continue
            done.add(node)
            for head, cost in self._arcs[node]:
                further = distance + cost + price[node] - price[head]
                if head not in done and further < far.get(head, further + 1):
                    far[head], came[head] = further, node
                    heappush(queue, (further, head))
        return None

    def _told(self, applicant: int, chain: list[int]) -> Consequence:
        net = self._net
        places = dict(self._place)
        places[applicant] = self._place_at(chain[0])
        for tail, head in pairwise(chain):
            if head < net.applicants and tail != net.source and head != applicant:
                places.pop(head, None)  # leaves this place; the next arc gives it another one, if any
            if tail < net.applicants and head != net.source:
                places[tail] = self._place_at(head)
        moved = [applicant, *(node for node in chain if node < net.applicants and node != applicant)]
        moves = tuple(Move(row, self._place.get(row), places.get(row)) for row in dict.fromkeys(moved))
        return self._compared(places, moves)

    def _compared(self, places: dict[int, Place], moves: tuple[Move, ...]) -> Consequence:
        rows = np.array(sorted(places), dtype=np.intp)
        columns = np.array([places[row][0] for row in rows.tolist()], dtype=np.intp)
        scores = [self._scores[pair] for pair in zip(rows.tolist(), columns.tolist(), strict=True)]
        total = 10 * sum(scores) + int(self._field.waiting_days[rows].sum())
        found = self._found
        return Consequence(
            matched=len(rows) - len(found.rows),
            worst=min(scores, default=None),
            total=total - found.total,
            spread=spread_of(self._field, columns) - found.spread,
            moves=moves,
        )

    def _place_at(self, node: int) -> Place:
        net = self._net
        if node < net.applicants + net.supporters:
            return node - net.applicants, None
        slot = node - net.applicants - net.supporters
        return int(net.slots.supporters[slot]), int(net.slots.starts[slot])


def _path(came: dict[int, int], node: int) -> list[int]:
    chain = [node]
    while chain[-1] in came:
        chain.append(came[chain[-1]])
    return chain[::-1]
