"""The rules and points again, as plainly as they can be written, and random people to try them on."""

from fractions import Fraction
from math import floor

from hypothesis import strategies as st

from mentorlink.core import taxonomy
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts


def reference_score(a: ApplicantFacts, b: SupporterFacts, w: Weights) -> int:
    got = possible = 0
    if a.themes:
        possible += w.theme
        got += w.theme if any(theme in b.themes for theme in a.themes) else 0
    if a.targets and not a.anyone:
        possible += w.target
        got += w.target if b.anyone or any(target in b.targets for target in a.targets) else 0
    for number, category in enumerate(dict.fromkeys(a.categories)):
        skill = b.skills.get(category, 0)
        possible += w.main_category * 3 if number == 0 else w.other_category
        got += w.main_category * skill if number == 0 else w.other_category * (skill > 0)
    if a.stage and a.stage != "07":
        possible += w.stage
        got += w.stage if f"{int(a.stage) + 1:02}" in b.stages else 0
    asked = [bool(a.setting), bool(a.legal_form), bool(a.funding)]
    alike = [
        a.setting and a.setting == b.setting,
        a.legal_form and a.legal_form == b.legal_form,
        a.funding & b.funding,
    ]
    possible += w.similar * min(sum(asked), w.similar_most)
    got += w.similar * min(sum(map(bool, alike)), w.similar_most)
    wish = a.prefer & {"near", "far"}
    if len(wish) == 1 and a.prefecture:
        possible += w.region
        if b.prefecture:
            home = taxonomy.prefecture(a.prefecture)
            is_near = b.prefecture == a.prefecture or b.prefecture in home.neighbours
            got += w.region if ("near" in wish) == is_near else 0
    return floor(Fraction(100 * got, possible) + Fraction(1, 2)) if possible else 0


def reference_feasible(a: ApplicantFacts, b: SupporterFacts) -> bool:
    if not (b.receiving and b.training_valid and b.load < b.capacity):
        return False
    if a.categories and b.skills.get(a.categories[0], 0) == 0:
        return False
    if a.modes and not any(mode in b.modes for mode in a.modes):
        return False
    if not all(each in b.accommodations for each in a.accommodations):
        return False
    if any(name in b.organisations for name in (*a.organisations, *a.avoid)) or a.id in b.refused:
        return False
    return a.times is None or b.times is None or any(time in b.times for time in a.times)


def _codes(scheme: str, most: int) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(taxonomy.codes(scheme)), max_size=most)


def _maybe(scheme: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(taxonomy.codes(scheme))


PREFECTURES = st.none() | st.sampled_from([each.code for each in taxonomy.prefectures()])
NAMES = st.frozensets(st.sampled_from(["blue", "green", "grey", "red"]), max_size=2)
TIMES = st.none() | st.frozensets(st.integers(800_000, 800_140), max_size=8)
WEIGHTS = st.builds(
    Weights,
    theme=st.integers(0, 20),
    target=st.integers(0, 20),
    main_category=st.integers(0, 9),
    other_category=st.integers(0, 6),
    stage=st.integers(0, 20),
    similar=st.integers(0, 9),
    similar_most=st.integers(0, 3),
    region=st.integers(0, 9),
)
APPLICANTS = st.builds(
    ApplicantFacts,
    id=st.integers(1, 4),
    prefecture=PREFECTURES,
    stage=_maybe("stage"),
    themes=_codes("theme", 3),
    targets=_codes("target", 3),
    anyone=st.booleans(),
    categories=st.lists(st.sampled_from(taxonomy.codes("category")), max_size=4).map(tuple),
    modes=_codes("mode", 2),
    accommodations=_codes("accommodation", 1),
    prefer=_codes("preference", 2),
    organisations=NAMES,
    avoid=NAMES,
    setting=_maybe("setting"),
    funding=_codes("funding", 2),
    legal_form=_maybe("legal_form"),
    waiting_days=st.integers(0, 400),
    times=TIMES,
)
SUPPORTERS = st.builds(
    SupporterFacts,
    id=st.integers(),
    organisations=NAMES,
    prefecture=PREFECTURES,
    setting=_maybe("setting"),
    funding=_codes("funding", 3),
    legal_form=_maybe("legal_form"),
    themes=_codes("theme", 6),
    targets=_codes("target", 6),
    anyone=st.booleans(),
    skills=st.dictionaries(st.sampled_from(taxonomy.codes("category")), st.integers(0, 3)),
    stages=_codes("stage", 5),
    modes=_codes("mode", 3),
    accommodations=_codes("accommodation", 9),
    capacity=st.integers(0, 3),
    load=st.integers(0, 2),
    receiving=st.sampled_from([True, True, True, False]),
    training_valid=st.sampled_from([True, True, True, False]),
    refused=st.frozensets(st.integers(1, 6), max_size=1),
    times=TIMES,
)
