"""A pair that fits: the applicant prepares a garden in Tokyo, the supporter has opened one in Kanagawa."""

from typing import Any

from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts

GARDEN, HOUSING = "16", "14"
OLDER_PEOPLE, CHILDREN = "01", "02"
PREPARING, FIRST_YEAR, FIVE_YEARS = "03", "04", "07"
BEGINNING, MONEY, PLACES, INSURANCE = "01", "05", "06", "07"
HOKKAIDO, TOKYO, KANAGAWA = "01", "13", "14"


def applicant(**answers: Any) -> ApplicantFacts:
    return ApplicantFacts(**{"id": "A1", **answers})


def supporter(**facts: Any) -> SupporterFacts:
    return SupporterFacts(**{"id": "S1", **facts})


def gardener(**changes: Any) -> ApplicantFacts:
    answers: dict[str, Any] = {
        "prefecture": TOKYO,
        "stage": PREPARING,
        "themes": frozenset({GARDEN}),
        "targets": frozenset({CHILDREN}),
        "categories": (PLACES, MONEY, INSURANCE),
        "modes": frozenset({"online", "phone"}),
        "accommodations": frozenset({"captions"}),
        "prefer": frozenset({"near"}),
        "organisations": frozenset({"green"}),
        "avoid": frozenset({"grey"}),
        "setting": "rural",
        "funding": frozenset({"grants", "fees"}),
        "legal_form": "13",
        "times": frozenset({100, 102, 104}),
    }
    return applicant(**{**answers, **changes})


def pioneer(**changes: Any) -> SupporterFacts:
    facts: dict[str, Any] = {
        "prefecture": KANAGAWA,
        "setting": "rural",
        "funding": frozenset({"grants"}),
        "legal_form": "13",
        "themes": frozenset({GARDEN, HOUSING}),
        "targets": frozenset({OLDER_PEOPLE, CHILDREN}),
        "skills": {PLACES: 3, MONEY: 1, INSURANCE: 2},
        "stages": frozenset({PREPARING, FIRST_YEAR}),
        "modes": frozenset({"online"}),
        "accommodations": frozenset({"captions", "english"}),
        "organisations": frozenset({"blue"}),
        "capacity": 2,
        "times": frozenset({101, 102, 104}),
    }
    return supporter(**{**facts, **changes})
