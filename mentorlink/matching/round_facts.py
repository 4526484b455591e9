"""What a round is decided on: facts by id, and the same as JSON, so that it can be looked at again without the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from mentorlink.fit.arrays import Flags, pack
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.matching.assignment.field import ScoredField, SteeredField
from mentorlink.matching.sittings import Sitting, SittingField

Pair = tuple[int, int]  # ids of an application and of a supporter
Facts = TypeVar("Facts", ApplicantFacts, SupporterFacts)


@dataclass(frozen=True, eq=False)
class RoundFacts:
    """Both sides in the order of their ids. ``sittings``: those of each supporter's id.

    ``pins`` and ``bans`` are the office's; ``asked`` are pairs that were asked for this application before.
    """

    applicants: tuple[ApplicantFacts, ...]
    supporters: tuple[SupporterFacts, ...]
    sittings: Mapping[int, tuple[Sitting, ...]]
    weights: Weights
    asked: frozenset[Pair] = frozenset()
    pins: Mapping[int, int] = field(default_factory=dict)
    bans: frozenset[Pair] = frozenset()

    @cached_property
    def rows(self) -> Mapping[int, int]:
        return _numbered(self.applicants)

    @cached_property
    def columns(self) -> Mapping[int, int]:
        return _numbered(self.supporters)

    @cached_property
    def pinned(self) -> Mapping[int, int]:
        """Row → column, of the pins whose people are in the round."""
        return dict(self._places(self.pins.items()))

    @cached_property
    def closed(self) -> frozenset[Pair]:
        """Rows and columns of what is not to be proposed: the office's bans, and whom was asked before."""
        return frozenset(self._places(self.bans | self.asked))

    @cached_property
    def open_field(self) -> SittingField:
        """As the rules alone have it."""
        scored = ScoredField(*pack(self.applicants, self.supporters), self.weights)
        return SittingField(scored, [self.sittings.get(_id(each), ()) for each in self.supporters])

    @cached_property
    def field(self) -> SteeredField:
        """As the office steers it."""
        return SteeredField(self.open_field, self.pinned, self.closed)

    def must(self) -> Flags:
        """``(n,)``: whose pair is pinned."""
        return np.isin(np.arange(len(self.applicants)), list(self.pinned))

    def _places(self, pairs: Iterable[Pair]) -> Iterable[Pair]:
        for application, supporter in pairs:
            if application in self.rows and supporter in self.columns:
                yield self.rows[application], self.columns[supporter]


def facts_as_json(facts: RoundFacts) -> dict[str, Any]:
    """Everything but weights, pins and bans, which a run keeps in columns of their own."""
    return {
        "applicants": [_person_as_json(each) for each in facts.applicants],
        "supporters": [_person_as_json(each) for each in facts.supporters],
        "sittings": {str(name): [list(one) for one in each] for name, each in facts.sittings.items()},
        "asked": sorted(map(list, facts.asked)),
    }


def facts_from_json(
    stored: Mapping[str, Any], weights: Mapping[str, int], pins: Iterable[Any], bans: Iterable[Any]
) -> RoundFacts:
    return RoundFacts(
        tuple(_person_from_json(ApplicantFacts, each) for each in stored["applicants"]),
        tuple(_person_from_json(SupporterFacts, each) for each in stored["supporters"]),
        {int(name): tuple(map(tuple, each)) for name, each in stored["sittings"].items()},
        Weights.of(weights),
        asked=_pairs(stored["asked"]),
        pins=dict(_pairs(pins)),
        bans=_pairs(bans),
    )


def _id(facts: ApplicantFacts | SupporterFacts) -> int:
    return int(str(facts.id))


def _numbered(people: Iterable[ApplicantFacts | SupporterFacts]) -> Mapping[int, int]:
    return {_id(each): place for place, each in enumerate(people)}


def _pairs(stored: Iterable[Any]) -> frozenset[Pair]:
    return frozenset((int(one), int(other)) for one, other in stored)


def _person_as_json(facts: ApplicantFacts | SupporterFacts) -> dict[str, Any]:
    """What differs from a blank answer."""
    values = {each.name: getattr(facts, each.name) for each in fields(facts)}
    blank = {each.name: each.default for each in fields(facts) if each.default is not MISSING}
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in values.items()
        if name not in blank or value != blank[name]
    }


def _person_from_json(kind: type[Facts], stored: Mapping[str, Any]) -> Facts:
    sets = {each.name for each in fields(kind) if "frozenset" in str(each.type)}
    values: dict[str, Any] = {
        name: frozenset(value) if name in sets and value is not None else value
        for name, value in stored.items()
    }
    if "categories" in values:
        values["categories"] = tuple(values["categories"])
    return kind(**values)
