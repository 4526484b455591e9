"""Many applicants and supporters packed into NumPy arrays, so that every pair can be looked at at once.

A set of codes is a ``uint64`` whose bit *b* stands for the *b*-th code of its list in ``core.taxonomy``. A set of
times is a row of such words over the starts that both sides name; a start that only one side names cannot be common.
Relations that few pairs have (organisations, complaints) are edge lists.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mentorlink.core import taxonomy
from mentorlink.fit.profiles import MOST_SKILL, ApplicantFacts, SupporterFacts

Bits = NDArray[np.uint64]
Index = NDArray[np.intp]
Flags = NDArray[np.bool_]

ALL_BITS = np.uint64(2**64 - 1)


@dataclass(frozen=True, slots=True)
class Edges:
    """Pairs of a row (an applicant or a supporter) and the index of something that it is related to: ``(k,)`` each."""

    rows: Index
    others: Index


@dataclass(frozen=True, slots=True, eq=False)
class ApplicantArrays:
    """``n`` applicants. Places in a list have one more after its end, for "not answered".

    ``(n,)`` uint64 sets: ``themes targets funding modes accommodations``. ``(n,)`` places: ``main next_stage setting
    legal_form``. ``others``: ``(n, k)`` places of the other categories, filled up with "not answered". ``region``:
    ``(n,)``, 0 no wish, 1 + prefecture near it, 48 + prefecture far from it. ``waiting_days``: ``(n,)`` int64.
    ``times``: ``(n, words)`` uint64 over ``instants``; ``times_open``: ``(n,)`` bool, 時間は相談.
    """

    ids: tuple[Hashable, ...]
    themes: Bits
    targets: Bits
    main: Index
    others: Index
    next_stage: Index
    region: Index
    setting: Index
    legal_form: Index
    funding: Bits
    modes: Bits
    accommodations: Bits
    waiting_days: NDArray[np.int64]
    times: Bits
    times_open: Flags
    instants: NDArray[np.int64]
    organisations: Edges
    avoid: Edges

    def __len__(self) -> int:
        return len(self.ids)

    def rows(self, start: int, stop: int) -> Self:
        """The applicants ``start`` to ``stop``, as views. Edges keep their numbering of all applicants."""
        whole = {"instants", "organisations", "avoid"}
        cut = {
            each.name: getattr(self, each.name)[start:stop] for each in fields(self) if each.name not in whole
        }
        return replace(self, **cut)


@dataclass(frozen=True, slots=True, eq=False)
class SupporterArrays:
    """``m`` supporters. ``skills``: ``(m, 19)`` int8, 0–3. ``stages``: uint64 sets. ``targets`` of whoever welcomes
    anyone has every bit. ``prefecture``: index, 47 where unknown. ``refused``: edges from supporter to applicant row.
    The rest is as in ``ApplicantArrays``."""

    ids: tuple[Hashable, ...]
    themes: Bits
    targets: Bits
    skills: NDArray[np.int8]
    stages: Bits
    prefecture: Index
    setting: Index
    legal_form: Index
    funding: Bits
    modes: Bits
    accommodations: Bits
    capacity: NDArray[np.int64]
    load: NDArray[np.int64]
    receiving: Flags
    training_valid: Flags
    times: Bits
    times_open: Flags
    instants: NDArray[np.int64]
    organisations: Edges
    refused: Edges

    def __len__(self) -> int:
        return len(self.ids)


def pack(
    applicants: Sequence[ApplicantFacts], supporters: Sequence[SupporterFacts]
) -> tuple[ApplicantArrays, SupporterArrays]:
    """Both sides as arrays that share one numbering of times, organisations and applicants, in the order given.

    Raises ValueError for a code that its list does not have, a skill outside 0–3, and an id that two of one side have.
    """
    _require_distinct("applicant", applicants)
    _require_distinct("supporter", supporters)
    wished = {time for each in applicants for time in each.times or ()}
    offered = {time for each in supporters for time in each.times or ()}
    instants = np.array(sorted(wished & offered), dtype=np.int64)
    organisations = _numbered(name for each in supporters for name in each.organisations)
    return (
        _pack_applicants(applicants, instants, organisations),
        _pack_supporters(supporters, instants, organisations, _numbered(each.id for each in applicants)),
    )


def _require_distinct(side: str, people: Sequence[ApplicantFacts] | Sequence[SupporterFacts]) -> None:
    repeated = [name for name, times in Counter(each.id for each in people).items() if times > 1]
    if repeated:
        raise ValueError(f"{side} ids must differ: {', '.join(map(repr, repeated[:5]))}")


def _place(scheme: str, code: str | None) -> int:
    """A code's place in its list; the place after the end for None."""
    places = _places(scheme)
    return len(places) if code is None else _known(places, scheme, code)


def _bit_set(scheme: str, codes: Iterable[str]) -> int:
    """The codes as the bits of one integer."""
    places = _places(scheme)
    return sum(1 << _known(places, scheme, code) for code in set(codes))


def _region_class(facts: ApplicantFacts) -> int:
    """0 without a wish, 1 + prefecture for near it, 48 + prefecture for far from it."""
    home = _place("prefecture", facts.prefecture)
    if facts.region_wish is None:
        return 0
    return (1 if facts.region_wish == "near" else 48) + home


def _next_stage_place(facts: ApplicantFacts) -> int:
    """The place after that of the applicant's stage; the last stage and an unanswered one share "not answered"."""
    return min(_place("stage", facts.stage) + 1, _place("stage", None))


def _pack_applicants(
    people: Sequence[ApplicantFacts], instants: NDArray[np.int64], organisations: Mapping[Hashable, int]
) -> ApplicantArrays:
    return ApplicantArrays(
        ids=tuple(each.id for each in people),
        themes=_sets("theme", (each.themes for each in people)),
        targets=_sets("target", (each.asked_targets for each in people)),
        main=_places_of("category", (each.main_category for each in people)),
        others=_ragged("category", [each.other_categories for each in people]),
        next_stage=np.array([_next_stage_place(each) for each in people], dtype=np.intp),
        region=np.array([_region_class(each) for each in people], dtype=np.intp),
        setting=_places_of("setting", (each.setting for each in people)),
        legal_form=_places_of("legal_form", (each.legal_form for each in people)),
        funding=_sets("funding", (each.funding for each in people)),
        modes=_sets("mode", (each.modes for each in people)),
        accommodations=_sets("accommodation", (each.accommodations for each in people)),
        waiting_days=np.array([each.waiting_days for each in people], dtype=np.int64),
        times=_time_words([each.times for each in people], instants),
        times_open=np.array([each.times is None for each in people], dtype=np.bool_),
        instants=instants,
        organisations=_edges((each.organisations for each in people), organisations),
        avoid=_edges((each.avoid for each in people), organisations),
    )


def _pack_supporters(
    people: Sequence[SupporterFacts],
    instants: NDArray[np.int64],
    organisations: Mapping[Hashable, int],
    applicants: Mapping[Hashable, int],
) -> SupporterArrays:
    targets = _sets("target", (each.targets for each in people))
    anyone = np.array([each.anyone for each in people], dtype=np.bool_)
    return SupporterArrays(
        ids=tuple(each.id for each in people),
        themes=_sets("theme", (each.themes for each in people)),
        targets=np.where(anyone, ALL_BITS, targets),
        skills=_skill_rows(people),
        stages=_sets("stage", (each.stages for each in people)),
        prefecture=_places_of("prefecture", (each.prefecture for each in people)),
        setting=_places_of("setting", (each.setting for each in people)),
        legal_form=_places_of("legal_form", (each.legal_form for each in people)),
        funding=_sets("funding", (each.funding for each in people)),
        modes=_sets("mode", (each.modes for each in people)),
        accommodations=_sets("accommodation", (each.accommodations for each in people)),
        capacity=np.array([each.capacity for each in people], dtype=np.int64),
        load=np.array([each.load for each in people], dtype=np.int64),
        receiving=np.array([each.receiving for each in people], dtype=np.bool_),
        training_valid=np.array([each.training_valid for each in people], dtype=np.bool_),
        times=_time_words([each.times for each in people], instants),
        times_open=np.array([each.times is None for each in people], dtype=np.bool_),
        instants=instants,
        organisations=_edges((each.organisations for each in people), organisations),
        refused=_edges((each.refused for each in people), applicants),
    )


@lru_cache
def _places(scheme: str) -> Mapping[str, int]:
    if scheme == "prefecture":
        return {each.code: number for number, each in enumerate(taxonomy.prefectures())}
    return {code: number for number, code in enumerate(taxonomy.codes(scheme))}


def _known(places: Mapping[str, int], scheme: str, code: str) -> int:
    try:
        return places[code]
    except KeyError:
        raise ValueError(f"unknown {scheme} {code!r}") from None


def _places_of(scheme: str, values: Iterable[str | None]) -> Index:
    return np.array([_place(scheme, value) for value in values], dtype=np.intp)


def _sets(scheme: str, values: Iterable[frozenset[str]]) -> Bits:
    known: dict[frozenset[str], int] = {}
    found = [
        known[each] if each in known else known.setdefault(each, _bit_set(scheme, each)) for each in values
    ]
    return np.array(found, dtype=np.uint64)


def _ragged(scheme: str, values: Sequence[tuple[str, ...]]) -> Index:
    width = max(map(len, values), default=0)
    filled = np.full((len(values), width), _place(scheme, None), dtype=np.intp)
    for row, each in enumerate(values):
        filled[row, : len(each)] = [_place(scheme, code) for code in each]
    return filled


def _skill_rows(people: Sequence[SupporterFacts]) -> NDArray[np.int8]:
    skills = np.zeros((len(people), _place("category", None)), dtype=np.int8)
    for row, each in enumerate(people):
        for category, level in each.skills.items():
            if not 0 <= level <= MOST_SKILL:
                raise ValueError(f"skill {level} of category {category!r} is not between 0 and {MOST_SKILL}")
            skills[row, _place("category", category)] = level
    return skills


def _time_words(people: Sequence[frozenset[int] | None], instants: NDArray[np.int64]) -> Bits:
    """``(len(people), words)``: bit ``b % 64`` of word ``b // 64`` stands for ``instants[b]``."""
    edges = _edges((each or frozenset() for each in people), _numbered(instants.tolist()))
    words = np.zeros((len(people), -(-len(instants) // 64)), dtype=np.uint64)
    bits = np.left_shift(np.uint64(1), (edges.others % 64).astype(np.uint64))
    np.bitwise_or.at(words, (edges.rows, edges.others // 64), bits)
    return words


def _numbered(names: Iterable[Hashable]) -> dict[Hashable, int]:
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _edges(related: Iterable[Iterable[Hashable]], numbers: Mapping[Hashable, int]) -> Edges:
    """What nobody on the other side has is left out."""
    found = [(row, numbers[name]) for row, names in enumerate(related) for name in names if name in numbers]
    both: NDArray[Any] = np.array(found, dtype=np.intp).reshape(-1, 2)
    return Edges(both[:, 0], both[:, 1])
