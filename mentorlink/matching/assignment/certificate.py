"""The proof of an assignment, and its check without a solver: every pair that the rules allow is looked at again."""

from dataclasses import dataclass

import numpy as np

from mentorlink.fit.arrays import Flags, Index
from mentorlink.fit.rules import Block
from mentorlink.matching.assignment.field import Field, Whole
from mentorlink.matching.assignment.network import Network, Slots
from mentorlink.matching.assignment.pairs import NO_PAIRS, Pairs, joined
from mentorlink.matching.assignment.prices import Prices

SLACK = 20  # tenths of a point
BROUGHT_BACK = 30  # of one applicant at a time: more come with the next round where they are still missing


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The source's side of the network. What leads out of it caps how many can be matched.

    ``slots`` are those on this side of supporters that are not; a slot that is not listed is where its supporter is.
    """

    applicants: Flags
    supporters: Flags
    slots: Slots
    capacity: int


def scale_for(field: Field, balanced: bool) -> int:
    """By what weights are multiplied, so that no difference of balance outweighs a tenth of a point."""
    if not balanced:
        return 1
    return int(((field.load + field.places) ** 2 - field.load**2).sum()) + 1


def cut_of(network: Network, side: Flags, capacity: int) -> Cut:
    n, m = network.applicants, network.supporters
    supporters = side[n : n + m]
    slots = np.flatnonzero(side[n + m : network.source] & ~supporters[network.slots.supporters])
    return Cut(
        side[:n], supporters, Slots(network.slots.supporters[slots], network.slots.starts[slots]), capacity
    )


def crossing_pairs(field: Field, cut: Cut, score: int, always: Flags) -> Pairs:
    """Allowed pairs of that score through which the cut leaks: they are not yet in the network."""
    found = []
    for block in field.blocks():
        inside = cut.applicants[block.start : block.start + len(block.scores)]
        if not inside.any():
            continue
        wanted = in_network(block, score, always) & inside[:, None] & ~cut.supporters
        rows, columns = np.nonzero(wanted)
        leaks = _leaks(field, cut, rows + block.start, columns)
        found.append(_strongest(block, rows[leaks], columns[leaks]))
    return joined(found)


def pairs_priced_wrong(field: Field, known: Pairs, prices: Prices, score: int, always: Flags) -> Pairs:
    """Allowed pairs outside ``known`` that would make the flow cheaper: their reduced cost is negative.

    With them come those that are nearly so: the next prices would ask for many of them.
    """
    width, slack = len(field.places), SLACK * prices.scale
    inside = known.at_least(score, always)
    keys = inside.rows * width + inside.columns
    found, is_wrong = [], False
    for block in field.blocks():
        rows, columns = np.nonzero(
            in_network(block, score, always) & (reduced_costs(field, block, prices) < slack)
        )
        new = ~_is_in((rows + block.start) * width + columns, keys)
        rows, columns = rows[new], columns[new]
        which, costs = arc_costs(field, block, prices, rows, columns)
        least = np.full(len(rows), slack)
        np.minimum.at(least, which, costs)
        is_wrong = is_wrong or bool((least < 0).any())
        near = least < slack
        found.append(_first_of_each(block, rows[near], columns[near], least[near]))
    return joined(found) if is_wrong else NO_PAIRS


def in_network(block: Block, score: int, always: Flags) -> Flags:
    stop = block.start + len(block.scores)
    return block.feasible & ((block.scores >= score) | always[block.start : stop, None])


def _strongest(block: Block, rows: Index, columns: Index) -> Pairs:
    """The best scores of each row, a few of them."""
    return _first_of_each(block, rows, columns, -block.scores[rows, columns].astype(np.int64))


def _first_of_each(block: Block, rows: Index, columns: Index, costs: Whole) -> Pairs:
    """The least costs of each row, a few of them."""
    order = np.lexsort((columns, costs, rows))
    rows, columns = rows[order], columns[order]
    scores = block.scores[rows, columns].astype(np.int64)
    first = np.searchsorted(rows, rows, side="left")
    kept = np.arange(len(rows)) - first < BROUGHT_BACK
    return Pairs(rows[kept] + block.start, columns[kept], scores[kept])


def _leaks(field: Field, cut: Cut, rows: Index, columns: Index) -> Flags:
    leaks = field.is_by_talk(rows, columns)
    which, starts = field.starts(rows, columns)
    listed = find_slots(cut.slots, columns[which], starts) >= 0
    leaks[which[~listed]] = True
    return leaks


def reduced_costs(field: Field, block: Block, prices: Prices) -> Whole:
    """``(r, m)``: the least reduced cost that an arc of each pair can have: no slot is worth more than its supporter."""
    stop = block.start + len(block.scores)
    base = prices.applicants[block.start : stop] - field.waiting_days[block.start : stop] * prices.scale
    return base[:, None] - prices.supporters - block.scores.astype(np.int64) * (10 * prices.scale)


def arc_costs(field: Field, block: Block, prices: Prices, rows: Index, columns: Index) -> tuple[Index, Whole]:
    """Reduced costs of all arcs of some pairs of a block, as (which pair, cost)."""
    people = rows + block.start
    weights = block.scores[rows, columns].astype(np.int64) * 10 + field.waiting_days[people]
    base = prices.applicants[people] - weights * prices.scale
    which, starts = field.starts(people, columns)
    place = find_slots(prices.slots, columns[which], starts)
    worth = (
        np.where(place >= 0, prices.slot_prices[place], prices.supporters[columns[which]])
        if len(prices.slots)
        else prices.supporters[columns[which]]
    )
    by_talk = np.flatnonzero(field.is_by_talk(people, columns))
    return (
        np.concatenate([which, by_talk]),
        np.concatenate([base[which] - worth, base[by_talk] - prices.supporters[columns[by_talk]]]),
    )


def find_slots(slots: Slots, supporters: Index, starts: Whole) -> Index:
    """The place of each slot in the list, which is in order; −1 where it is not there."""
    if not len(slots) or not len(starts):
        return np.full(len(starts), -1, dtype=np.intp)
    least = min(int(slots.starts.min()), int(starts.min()))
    width = max(int(slots.starts.max()), int(starts.max())) - least + 1
    keys = slots.supporters * width + (slots.starts - least)
    wanted = supporters * width + (starts - least)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _is_in(keys: Whole, known: Whole) -> Flags:
    """``known`` is in order."""
    if not len(known):
        return np.zeros(len(keys), dtype=np.bool_)
    place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    return known[place] == keys
