"""The best round: as many as possible, then the worst pair, then the weight, then the balance (DESIGN §5)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.bound import dual_weight, spread_of
from mentorlink.matching.assignment.certificate import (
    Cut,
    crossing_pairs,
    cut_of,
    pairs_priced_wrong,
    scale_for,
)
from mentorlink.matching.assignment.earliest import move_up
from mentorlink.matching.assignment.field import Field, RememberedField, SteeredField, Whole
from mentorlink.matching.assignment.network import Network, build_network, ways_of
from mentorlink.matching.assignment.pairs import Pairs, likeliest
from mentorlink.matching.assignment.prices import Prices, find_prices

CANDIDATES = 50  # pairs of each applicant that are looked at first
MOST_SCORE = 100


class PinsClash(ValueError):
    """The pinned pairs cannot all be kept. Carries how many of them can."""


@dataclass(frozen=True, slots=True, eq=False)
class Goal:
    """Which of the objectives count. All of them, unless a comparison asks for the weight alone."""

    worst: bool = True
    balanced: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """What shows the result to be the best. ``count`` caps how many can be matched; ``worst`` how many with a higher
    worst score, None where none is thinkable; ``prices`` cap the weight and the balance."""

    count: Cut
    worst: Cut | None
    prices: Prices


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """``(k,)`` applicants, supporters, scores and starts of the pairs, by applicant; ``timed`` is False by talk.

    ``worst`` is the lowest score among the pairs that were not pinned, None where there are none. ``pruned`` counts
    allowed pairs that the last solve did not look at, ``rounds`` the solves.
    """

    rows: Index
    columns: Index
    scores: Whole
    starts: Whole
    timed: Flags
    worst: int | None
    total: int
    dual_total: int
    spread: int
    allowed: int
    pruned: int
    rounds: int
    seconds: float
    proof: Proof


def assign(
    field: Field,
    *,
    pins: Mapping[int, int] | None = None,
    bans: frozenset[tuple[int, int]] = frozenset(),
    goal: Goal | None = None,
    candidates: int = CANDIDATES,
) -> Assignment:
    """The best assignment and its proof. Raises PinsClash where the pins contradict the rules or one another."""
    pins = pins or {}
    steered = SteeredField(field, pins, bans) if pins or bans else field
    return _Search(RememberedField(steered), pins, goal or Goal(), candidates).run()


class _Search:
    def __init__(self, field: Field, pins: Mapping[int, int], goal: Goal, candidates: int) -> None:
        self._began = time.perf_counter()
        self._field, self._goal = field, goal
        self._must = np.zeros(len(field.waiting_days), dtype=np.bool_)
        self._must[list(pins)] = True
        self._pairs, self._allowed = likeliest(field, candidates)
        self._ways = ways_of(field, self._pairs)
        self._network = build_network(field, self._pairs, self._ways)
        self._rounds = 0

    def run(self) -> Assignment:
        self._check_pins()
        matched, count = self._most(0)
        worst, above = self._raise_worst(matched) if self._goal.worst else (0, None)
        return self._cheapest(matched, worst, count, above)

    def _check_pins(self) -> None:
        pinned = self._pairs.where(self._must[self._pairs.rows])
        matched, _side = build_network(self._field, pinned, ways_of(self._field, pinned)).most()
        if matched < np.count_nonzero(self._must):
            raise PinsClash(matched)

    def _most(self, score: int, enough: int | None = None) -> tuple[int, Cut]:
        """How many can be matched with pairs of that score, over all pairs, with the cut that shows it.

        ``enough`` ends the search at that many.
        """
        while True:
            matched, cut = self._most_of_known(score)
            if enough is not None and matched >= enough:
                return matched, cut
            missing = crossing_pairs(self._field, cut, score, self._must)
            if not len(missing):
                return matched, cut
            self._bring_back(missing)

    def _most_of_known(self, score: int) -> tuple[int, Cut]:
        network = self._network.at_least(score, self._must)
        matched, side = network.most()
        self._rounds += 1
        return matched, cut_of(network, side, matched)

    def _raise_worst(self, matched: int) -> tuple[int, Cut | None]:
        """The highest score at which as many are matched, and the cut one above it."""
        low, step = 0, MOST_SCORE + 1
        while True:
            low = self._highest_of_known(matched, low, step)
            if low == MOST_SCORE:
                return low, None
            found, cut = self._most(low + 1, matched)
            if found < matched:
                return low, cut
            low, step = low + 1, 1  # the few pairs that came back seldom lift it by much

    def _highest_of_known(self, matched: int, low: int, step: int) -> int:
        """The highest score from ``low`` on, which is known to do, at which the known pairs do."""

        def does(score: int) -> bool:
            return score <= MOST_SCORE and self._most_of_known(score)[0] >= matched

        while does(low + step):
            low, step = low + step, 2 * step
        high = min(low + step, MOST_SCORE + 1)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if does(middle) else (low, middle)
        return low

    def _cheapest(self, matched: int, worst: int, count: Cut, above: Cut | None) -> Assignment:
        balanced, scale = self._goal.balanced, scale_for(self._field, self._goal.balanced)
        while True:
            network = self._network.at_least(worst, self._must)
            costs = self._costs(network, scale)
            used = network.cheapest(costs, matched, self._must, balanced=balanced)
            prices = find_prices(network, costs, used, self._must, scale=scale, balanced=balanced)
            self._rounds += 1
            missing = pairs_priced_wrong(self._field, self._pairs, prices, worst, self._must)
            if not len(missing):
                return self._result(network, used, worst, Proof(count, above, prices))
            self._bring_back(missing)

    def _costs(self, network: Network, scale: int) -> Whole:
        pairs = network.pairs
        weights = pairs.scores * 10 + self._field.waiting_days[pairs.rows]
        return -weights[network.pair] * scale

    def _bring_back(self, missing: Pairs) -> None:
        """``missing`` are none of the pairs that are known."""
        self._pairs = self._pairs.with_others(missing, len(self._field.places))
        self._ways = self._ways.and_also(ways_of(self._field, missing))
        self._network = build_network(self._field, self._pairs, self._ways)

    def _result(self, network: Network, used: Index, worst: int, proof: Proof) -> Assignment:
        pair, head = network.pair[used], network.head[used]
        rows, columns, scores = (
            network.pairs.rows[pair],
            network.pairs.columns[pair],
            network.pairs.scores[pair],
        )
        slot = head - network.applicants - network.supporters
        timed = slot >= 0
        starts = np.zeros(len(used), dtype=np.int64)
        starts[timed] = network.slots.starts[slot[timed]]
        starts = move_up(self._field, rows, columns, starts, timed)
        chosen = scores[~self._must[rows]]
        spread = spread_of(self._field, columns)
        dual = dual_weight(
            self._field, proof.prices, len(used), spread, worst, self._must, balanced=self._goal.balanced
        )
        return Assignment(
            rows,
            columns,
            scores,
            starts,
            timed,
            worst=int(chosen.min()) if len(chosen) else None,
            total=int((scores * 10 + self._field.waiting_days[rows]).sum()),
            dual_total=int(dual),
            spread=spread,
            allowed=self._allowed,
            pruned=self._allowed - len(self._pairs),
            rounds=self._rounds,
            seconds=time.perf_counter() - self._began,
            proof=proof,
        )
