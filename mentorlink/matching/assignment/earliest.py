"""Among equal optima the earlier hours: each supporter's pairs keep their supporter and move up in the diary."""

from collections import defaultdict

import numpy as np

from mentorlink.fit.arrays import Flags, Index
from mentorlink.matching.assignment.field import Field, Whole

Wishes = dict[int, list[int]]  # place of a pair → its starts, earliest first


def move_up(field: Field, rows: Index, columns: Index, starts: Whole, timed: Flags) -> Whole:
    """``(k,)``: starts for the same pairs, so that every supporter's are the earliest that can be had together.

    The sets of starts that can be given out at once are a matroid, so taking each start that still fits, earliest
    first, gives the earliest set (Edmonds & Fulkerson, 1965). Of several pairs the first in the order of rows gets it.
    """
    found = starts.copy()
    places = np.flatnonzero(timed)
    which, common = field.starts(rows[places], columns[places])
    wishes: dict[int, Wishes] = defaultdict(lambda: defaultdict(list))
    for place, start in zip(places[which].tolist(), common.tolist(), strict=True):
        wishes[int(columns[place])][place].append(start)
    for of_supporter in wishes.values():
        for start, place in _earliest(of_supporter).items():
            found[place] = start
    return found


def _earliest(wishes: Wishes) -> dict[int, int]:
    """Start → the place of the pair that has it."""
    who_can: dict[int, list[int]] = defaultdict(list)
    for place in sorted(wishes):
        for start in wishes[place]:
            who_can[start].append(place)
    has: dict[int, int] = {}  # place → start
    for start in sorted(who_can):
        if len(has) == len(wishes):
            break
        _give(start, who_can, has)
    return {start: place for place, start in has.items()}


def _give(first: int, who_can: dict[int, list[int]], has: dict[int, int]) -> None:
    """Give this start to a pair without one, or to one that hands its own on, and so forth. Breadth first: no depth."""
    offered: dict[int, int] = {}  # place → the start that it could have
    queue = [first]
    for start in queue:
        for place in who_can[start]:
            if place in offered:
                continue
            offered[place] = start
            if place not in has:
                _hand_on(place, first, offered, has)
                return
            queue.append(has[place])


def _hand_on(place: int, first: int, offered: dict[int, int], has: dict[int, int]) -> None:
    holder = {start: each for each, start in has.items()}
    while True:
        start = has[place] = offered[place]
        if start == first:
            return
        place = holder[start]
