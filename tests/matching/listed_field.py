"""A field written down pair by pair, and the best assignment of it found by trying every one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from mentorlink.fit.rules import Block

Pair = tuple[int, int]


@dataclass(frozen=True)
class ListedField:
    """``pairs``: (applicant, supporter) → score and common starts; None for 時間は相談. Three rows a block."""

    days: tuple[int, ...]
    room: tuple[int, ...]
    loads: tuple[int, ...]
    pairs: Mapping[Pair, tuple[int, tuple[int, ...] | None]]

    @property
    def waiting_days(self):
        return np.array(self.days, dtype=np.int64)

    @property
    def places(self):
        return np.array(self.room, dtype=np.int64)

    @property
    def load(self):
        return np.array(self.loads, dtype=np.int64)

    def blocks(self) -> Iterator[Block]:
        n, m = len(self.days), len(self.room)
        scores, allowed = np.zeros((n, m), dtype=np.uint8), np.zeros((n, m), dtype=np.bool_)
        for pair, (score, _starts) in self.pairs.items():
            scores[pair], allowed[pair] = score, True
        for start in range(0, n, 3):
            yield Block(start, scores[start : start + 3], allowed[start : start + 3].copy())

    def starts(self, rows, columns):
        found = [
            (which, start)
            for which, pair in enumerate(zip(rows.tolist(), columns.tolist(), strict=True))
            for start in self.pairs[pair][1] or ()
        ]
        both = np.array(found, dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def is_by_talk(self, rows, columns):
        open_pairs = [
            self.pairs[pair][1] is None for pair in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        return np.array(open_pairs, dtype=np.bool_)


def best_by_trying(
    field: ListedField, pins: Mapping[int, int], bans: frozenset[Pair], *, worst_counts: bool = True
) -> tuple | None:
    """(matched, worst score of those not pinned, total in tenths, spread) of the best; None where the pins clash."""
    everyone = [_choices(field, row, pins, bans) for row in range(len(field.days))]
    values = [_value(field, choice, pins) for choice in product(*everyone)]
    known = [value for value in values if value is not None]
    if not known:
        return None
    order = (lambda value: value) if worst_counts else (lambda value: (value[0], *value[2:]))
    matched, worst, total, minus_spread = max(known, key=order)
    return matched, None if worst > 100 else worst, total, -minus_spread


def _choices(field: ListedField, row: int, pins: Mapping[int, int], bans: frozenset[Pair]) -> list:
    """What one applicant may get: nothing, or a supporter and a start."""
    found = [] if row in pins else [None]
    for (person, other), (_score, starts) in field.pairs.items():
        if person == row and pins.get(row, other) == other and (row, other) not in bans:
            found += [(other, start) for start in (starts if starts is not None else (None,))]
    return found


def _value(field: ListedField, choice: tuple, pins: Mapping[int, int]) -> tuple | None:
    taken = [each for each in choice if each is not None]
    timed = [each for each in taken if each[1] is not None]
    counts = [sum(other == place for other, _start in taken) for place in range(len(field.room))]
    if len(set(timed)) < len(timed) or any(
        count > room for count, room in zip(counts, field.room, strict=True)
    ):
        return None
    scores = {row: field.pairs[row, each[0]][0] for row, each in enumerate(choice) if each is not None}
    worst = min((score for row, score in scores.items() if row not in pins), default=101)
    total = sum(10 * score + field.days[row] for row, score in scores.items())
    spread = sum((load + count) ** 2 for load, count in zip(field.loads, counts, strict=True))
    return len(taken), worst, total, -spread
