"""What the prices prove: no flow of as many is worth more than this."""

from fractions import Fraction

import numpy as np

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.certificate import arc_costs, in_network, reduced_costs
from mentorlink.matching.assignment.field import Field, Whole
from mentorlink.matching.assignment.network import marginal
from mentorlink.matching.assignment.prices import Prices


def spread_of(field: Field, columns: Index) -> int:
    """Σ (load + assigned)² over the supporters; ``columns`` names the supporter of every pair."""
    counts: Whole = np.bincount(columns, minlength=len(field.places))
    return int(((field.load + counts) ** 2).sum())


def dual_weight(  # noqa: PLR0917 - what the prices are of, in the order of the objectives
    field: Field, prices: Prices, matched: int, spread: int, worst: int, must: Flags, *, balanced: bool
) -> int | Fraction:
    """The total weight, in tenths of a point, that no flow of ``matched`` with this spread can exceed.

    Looked for among all pairs of score ``worst`` and those of the applicants ``must``. Equal to the weight of an
    assignment, it proves that one the best; a Fraction never is.
    """
    bound = _lower_bound(field, prices, matched, must, balanced=balanced)
    bound -= _worth_of_pairs(field, prices, worst, must)
    balance = spread - int((field.load**2).sum()) if balanced else 0
    exact = Fraction(balance - bound, prices.scale)
    return int(exact) if exact.denominator == 1 else exact


def _lower_bound(field: Field, prices: Prices, matched: int, must: Flags, *, balanced: bool) -> int:
    """What the cost of a flow is at least by these prices, before the arcs of the pairs."""
    pinned = np.flatnonzero(must)
    bound = matched * (prices.sink - prices.source) + len(pinned) * prices.source
    bound -= int(prices.applicants[pinned].sum())
    bound -= int(np.maximum(prices.applicants[~must] - prices.source, 0).sum())
    bound -= int(np.maximum(prices.supporters[prices.slots.supporters] - prices.slot_prices, 0).sum())
    which = np.repeat(np.arange(len(field.places)), field.places)
    first = np.cumsum(field.places) - field.places
    nth = np.arange(len(which)) - first[which] + 1
    cost = marginal(field.load[which], nth) if balanced else np.zeros(len(which), np.int64)
    return bound - int(np.maximum(prices.sink - prices.supporters[which] - cost, 0).sum())


def _worth_of_pairs(field: Field, prices: Prices, worst: int, must: Flags) -> int:
    """By how much the arcs of all pairs of that score can lower the bound."""
    worth = 0
    for block in field.blocks():
        rows, columns = np.nonzero(in_network(block, worst, must) & (reduced_costs(field, block, prices) < 0))
        _which, costs = arc_costs(field, block, prices, rows, columns)
        worth += int(np.maximum(-costs, 0).sum())
    return worth
