"""How well one supporter answers what one applicant asks for, in whole points per criterion.

The criteria and their usual weights are those of the programme's matching rules (``domain/matching_rules.csv``). Only
what the applicant answered counts: an unanswered question neither gives points nor lowers the score.

============== ===================================================================== ===========================
criterion      points                                                                attainable
============== ===================================================================== ===========================
theme          3 if they share a theme                                               3 if a theme was named
target         2 if they share a target or the supporter welcomes anyone             2 if a target was named and
                                                                                     「どなたでも」 was not chosen
main category  the supporter's skill in it, 0–3                                      3 if one was named
other category 1 for each other category at skill 1 or more                          1 for each
stage          2 if the supporter has been through the applicant's next stage        2 unless unanswered or last
similar        1 for each of setting, funding (any source) and legal form that is    1 for each answered,
               the same, at most 2                                                   at most 2
region         1 if near means the same or a neighbouring prefecture, far any other  1 if one was wished and the
                                                                                     prefecture is decided
============== ===================================================================== ===========================

The score is 100 × points ÷ attainable, rounded half up, in integers; 0 where nothing was attainable.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

from mentorlink.core import taxonomy
from mentorlink.fit.profiles import MOST_SKILL, ApplicantFacts, SupporterFacts

MOST_POINTS = 255  # a sum of points fits into one byte


class Criterion(StrEnum):
    """What points are given for, in the order in which reasons are told."""

    MAIN_CATEGORY = "main_category"
    OTHER_CATEGORY = "other_category"
    THEME = "theme"
    TARGET = "target"
    STAGE = "stage"
    SIMILAR = "similar"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Points per criterion: whole numbers from 0. A programme's template may change them.

    ``main_category`` is per level of skill (× 0–3), ``other_category`` per category, ``similar`` per likeness up to
    ``similar_most`` of them. Raises ValueError for a negative weight or where the sum could exceed 255.
    """

    theme: int = 3
    target: int = 2
    main_category: int = 1
    other_category: int = 1
    stage: int = 2
    similar: int = 1
    similar_most: int = 2
    region: int = 1

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 0:
                raise ValueError(f"weight {each.name} must be a whole number from 0, not {value!r}")
        if self._most() > MOST_POINTS:
            raise ValueError(f"weights can add up to {self._most()} points; {MOST_POINTS} is the most")

    @classmethod
    def of(cls, values: Mapping[str, int]) -> Self:
        """From a template's table. Raises ValueError for a name that is no weight."""
        unknown = set(values) - {each.name for each in fields(cls)}
        if unknown:
            raise ValueError(f"unknown weights: {', '.join(sorted(unknown))}")
        return cls(**values)

    def _most(self) -> int:
        others = len(taxonomy.codes("category")) - 1
        alike = self.similar * min(self.similar_most, 3)
        needs = self.theme + self.target + self.stage + self.region + alike
        return needs + MOST_SKILL * self.main_category + others * self.other_category


@dataclass(frozen=True, slots=True)
class Point:
    """What one criterion gave a pair, of the most that it could."""

    criterion: Criterion
    points: int
    attainable: int


def points_of(
    applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights | None = None
) -> tuple[Point, ...]:
    """What each criterion gives this pair, in the order of ``Criterion``, zeros included."""
    weights = weights or Weights()
    return tuple(
        Point(criterion, *measure(applicant, supporter, weights)) for criterion, measure in _MEASURES.items()
    )


def score_pair(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights | None = None) -> int:
    """The pair's score, 0–100."""
    found = points_of(applicant, supporter, weights)
    return score(sum(each.points for each in found), sum(each.attainable for each in found))


def score(points: int, attainable: int) -> int:
    """100 × points ÷ attainable, rounded half up; 0 where nothing is attainable."""
    return (200 * points + attainable) // (2 * attainable) if attainable else 0


def weight(score: int, waiting_days: int) -> int:
    """What the matching maximises: score + 0.1 × waiting days, in tenths."""
    return 10 * score + waiting_days


def shared_targets(applicant: ApplicantFacts, supporter: SupporterFacts) -> frozenset[str]:
    """The targets that the applicant named and the supporter knows."""
    return applicant.asked_targets if supporter.anyone else applicant.asked_targets & supporter.targets


def likenesses(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[tuple[str, str], ...]:
    """What of setting, funding and legal form both have, as (list, code); of funding the first source only."""
    sources = sorted(applicant.funding & supporter.funding, key=taxonomy.codes("funding").index)
    same = (
        ("setting", applicant.setting if applicant.setting == supporter.setting else None),
        ("funding", sources[0] if sources else None),
        ("legal_form", applicant.legal_form if applicant.legal_form == supporter.legal_form else None),
    )
    return tuple((scheme, code) for scheme, code in same if code is not None)


def _theme(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    shared = applicant.themes & supporter.themes
    return weights.theme * bool(shared), weights.theme * bool(applicant.themes)


def _target(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    shared = shared_targets(applicant, supporter)
    return weights.target * bool(shared), weights.target * bool(applicant.asked_targets)


def _main_category(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    if applicant.main_category is None:
        return 0, 0
    return weights.main_category * supporter.skill(
        applicant.main_category
    ), weights.main_category * MOST_SKILL


def _other_category(
    applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights
) -> tuple[int, int]:
    others = applicant.other_categories
    taken = sum(supporter.skill(code) >= 1 for code in others)
    return weights.other_category * taken, weights.other_category * len(others)


def _stage(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    if applicant.next_stage is None:
        return 0, 0
    return weights.stage * (applicant.next_stage in supporter.stages), weights.stage


def _similar(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    asked = bool(applicant.setting) + bool(applicant.funding) + bool(applicant.legal_form)
    alike = len(likenesses(applicant, supporter))
    return weights.similar * min(alike, weights.similar_most), weights.similar * min(
        asked, weights.similar_most
    )


def _region(applicant: ApplicantFacts, supporter: SupporterFacts, weights: Weights) -> tuple[int, int]:
    if applicant.region_wish is None or applicant.prefecture is None:
        return 0, 0
    if supporter.prefecture is None:
        return 0, weights.region
    near = taxonomy.prefecture(applicant.prefecture).is_near(taxonomy.prefecture(supporter.prefecture))
    return weights.region * (near == (applicant.region_wish == "near")), weights.region


_Measure = Callable[[ApplicantFacts, SupporterFacts, Weights], tuple[int, int]]
_MEASURES: Mapping[Criterion, _Measure] = {
    Criterion.MAIN_CATEGORY: _main_category,
    Criterion.OTHER_CATEGORY: _other_category,
    Criterion.THEME: _theme,
    Criterion.TARGET: _target,
    Criterion.STAGE: _stage,
    Criterion.SIMILAR: _similar,
    Criterion.REGION: _region,
}
