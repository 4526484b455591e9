"""An assignment's proof as JSON: the cuts and the prices that a round is checked against."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from mentorlink.matching.assignment.certificate import Cut
from mentorlink.matching.assignment.network import Slots
from mentorlink.matching.assignment.prices import Prices
from mentorlink.matching.assignment.solve import Proof


def proof_as_json(proof: Proof) -> dict[str, Any]:
    return {
        "count": _cut_as_json(proof.count),
        "worst": _cut_as_json(proof.worst) if proof.worst is not None else None,
        "prices": _prices_as_json(proof.prices),
    }


def proof_from_json(stored: Mapping[str, Any]) -> Proof:
    worst = stored["worst"]
    return Proof(
        _cut_from_json(stored["count"]),
        None if worst is None else _cut_from_json(worst),
        _prices_from_json(stored["prices"]),
    )


def _cut_as_json(cut: Cut) -> dict[str, Any]:
    return {
        "applicants": cut.applicants.astype(int).tolist(),
        "supporters": cut.supporters.astype(int).tolist(),
        "slots": _slots_as_json(cut.slots),
        "capacity": int(cut.capacity),
    }


def _cut_from_json(stored: Mapping[str, Any]) -> Cut:
    return Cut(
        np.array(stored["applicants"], dtype=np.bool_),
        np.array(stored["supporters"], dtype=np.bool_),
        _slots_from_json(stored["slots"]),
        stored["capacity"],
    )


def _slots_as_json(slots: Slots) -> list[list[int]]:
    return [slots.supporters.tolist(), slots.starts.tolist()]


def _slots_from_json(stored: list[list[int]]) -> Slots:
    return Slots(np.array(stored[0], dtype=np.intp), np.array(stored[1], dtype=np.int64))


def _prices_as_json(prices: Prices) -> dict[str, Any]:
    return {
        "applicants": prices.applicants.tolist(),
        "supporters": prices.supporters.tolist(),
        "slots": _slots_as_json(prices.slots),
        "slot_prices": prices.slot_prices.tolist(),
        "source": int(prices.source),
        "sink": int(prices.sink),
        "scale": int(prices.scale),
    }


def _prices_from_json(stored: Mapping[str, Any]) -> Prices:
    return Prices(
        np.array(stored["applicants"], dtype=np.int64),
        np.array(stored["supporters"], dtype=np.int64),
        _slots_from_json(stored["slots"]),
        np.array(stored["slot_prices"], dtype=np.int64),
        source=stored["source"],
        sink=stored["sink"],
        scale=stored["scale"],
    )
