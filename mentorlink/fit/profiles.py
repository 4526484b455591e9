"""The facts that matching looks at, of one applicant and of one supporter. Values are codes of ``core.taxonomy``."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from mentorlink.core import taxonomy

NOTHING: frozenset[str] = frozenset()
MOST_SKILL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicantFacts:
    """What one application asks for. What was not answered is empty or None, and then asks nothing.

    ``categories`` are in order, the first is the main one (◎); none means 「うまく言えない」. ``anyone`` is
    「どなたでも(限定しない)」. ``organisations`` are the applicant's own, ``avoid`` those whose people they would rather not
    meet. ``setting``, ``funding`` and ``legal_form`` describe the activity as it is or is meant to be.
    ``times`` are starts, in whole steps of 30 minutes since 1970-01-01T00:00Z; None means 時間は相談, an empty set that
    no time is left. Leave ``other`` out of ``accommodations`` where the office looks after it by hand.
    """

    id: Hashable
    prefecture: str | None = None
    stage: str | None = None
    themes: frozenset[str] = NOTHING
    targets: frozenset[str] = NOTHING
    anyone: bool = False
    categories: tuple[str, ...] = ()
    modes: frozenset[str] = NOTHING
    accommodations: frozenset[str] = NOTHING
    prefer: frozenset[str] = NOTHING
    organisations: frozenset[Hashable] = frozenset()
    avoid: frozenset[Hashable] = frozenset()
    setting: str | None = None
    funding: frozenset[str] = NOTHING
    legal_form: str | None = None
    waiting_days: int = 0
    times: frozenset[int] | None = None

    @property
    def main_category(self) -> str | None:
        return self.categories[0] if self.categories else None

    @property
    def other_categories(self) -> tuple[str, ...]:
        """The categories after the main one, each once, in order."""
        return tuple(dict.fromkeys(code for code in self.categories if code != self.main_category))

    @property
    def asked_targets(self) -> frozenset[str]:
        """The people that the activity is for; whoever welcomes anyone asks for nobody in particular."""
        return NOTHING if self.anyone else self.targets

    @property
    def next_stage(self) -> str | None:
        """The stage after the applicant's own. The last stage has none."""
        if self.stage is None:
            return None
        stages = taxonomy.codes("stage")
        following = stages.index(self.stage) + 1
        return stages[following] if following < len(stages) else None

    @property
    def region_wish(self) -> str | None:
        """``near`` or ``far``; None where neither was wished, both were, or the prefecture is not decided."""
        wishes = self.prefer & {"near", "far"}
        return next(iter(wishes)) if len(wishes) == 1 and self.prefecture else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupporterFacts:
    """What one supporter offers at the moment of matching.

    ``skills`` maps a category to 0–3; 0 and absent both mean that they do not take it. ``setting``, ``funding`` and
    ``legal_form`` are those that their own activity began with. ``capacity`` and ``load`` count talks in the month.
    ``refused`` are the ids of applicants whom a past complaint keeps apart from them, whoever complained.
    ``times`` are the free starts, in whole steps of 30 minutes since 1970-01-01T00:00Z; None means 時間は相談, an empty
    set that no time is free.
    """

    id: Hashable
    organisations: frozenset[Hashable] = frozenset()
    prefecture: str | None = None
    setting: str | None = None
    funding: frozenset[str] = NOTHING
    legal_form: str | None = None
    themes: frozenset[str] = NOTHING
    targets: frozenset[str] = NOTHING
    anyone: bool = False
    skills: Mapping[str, int] = field(default_factory=dict)
    stages: frozenset[str] = NOTHING
    modes: frozenset[str] = NOTHING
    accommodations: frozenset[str] = NOTHING
    capacity: int = 1
    load: int = 0
    receiving: bool = True
    training_valid: bool = True
    refused: frozenset[Hashable] = frozenset()
    times: frozenset[int] | None = None

    def skill(self, category: str) -> int:
        return self.skills.get(category, 0)


def common_times(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[int, ...] | None:
    """The starts at which both are free, earliest first. None where either said 時間は相談."""
    if applicant.times is None or supporter.times is None:
        return None
    return tuple(sorted(applicant.times & supporter.times))
