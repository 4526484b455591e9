"""The same sentences for a reader of English, and in easy Japanese where an applicant reads them."""

import pytest

from mentorlink.fit.points import Criterion
from mentorlink.fit.reasons import applicant_reasons, obstacles, office_reasons, unscored_wishes
from mentorlink.fit.rules import Rule
from tests.fit.people import GARDEN, PLACES, TOKYO, applicant, gardener, pioneer, supporter
from tests.fit.test_reasons import said
from tests.fit.test_rules import BREAKS

OFFICE = {
    Criterion.MAIN_CATEGORY: "Skill 3 in the main topic “Places and premises” (+3)",
    Criterion.OTHER_CATEGORY: "Also takes the other topics “Money (grants, donations, crowdfunding, loans)”, "
    "“Insurance, safety and risk” (+2)",
    Criterion.THEME: "Shares the theme “Farming, nature and community gardens” (+3)",
    Criterion.TARGET: "Can work with “Children” (+2)",
    Criterion.STAGE: "Has been through the next stage, “Early days (under 1 year)” (+2)",
    Criterion.SIMILAR: "Alike in setting, funding or legal form: “Farming, mountain or fishing village”, "
    "“Grants and subsidies”, “Voluntary group (not incorporated)” (+2)",
    Criterion.REGION: "From nearby (Kanagawa), as wished (+1)",
}
OBSTACLES = {
    Rule.NOT_RECEIVING: "Is not receiving consultations at the moment",
    Rule.NO_CAPACITY: "Has reached this month’s limit (2)",
    Rule.TRAINING_EXPIRED: "The training or the pledges have run out",
    Rule.MAIN_CATEGORY: "Does not take the main topic, “Places and premises”",
    Rule.MODE: "Does not talk in the way wished for: “In person”",
    Rule.ACCOMMODATIONS: "Does not offer what is needed: “Sign language”",
    Rule.SAME_ORGANISATION: "Belongs to the same organisation as the applicant",
    Rule.AVOIDED_ORGANISATION: "Belongs to an organisation that the applicant would rather avoid",
    Rule.PAST_COMPLAINT: "These two are kept apart because of what was reported before",
    Rule.NO_COMMON_TIME: "The two have no free time in common",
}
TOLD = [
    (gardener(), pioneer(), [
        "Is especially good at “Places and premises”, which matters most to you",
        "Can talk about “Money (grants, donations, crowdfunding, loans)”, “Insurance, safety and risk” as well",
        "Began an activity of the same kind, “Farming, nature and community gardens”, from nothing",
        "Runs an activity with “Children”",
        ("Has this in common with you: “Farming, mountain or fishing village”, “Grants and subsidies”, "
        "“Voluntary group (not incorporated)”"),
        "Is from nearby (Kanagawa)",
    ]),
    (gardener(prefecture="01", prefer=frozenset({"far"})), supporter(prefecture=TOKYO, anyone=True), [
        "Runs an activity that is open to anyone",
        "Is from further away (Tokyo)",
    ]),
    (applicant(themes=frozenset({GARDEN})), pioneer(), [
        "Runs an activity of the same kind: “Farming, nature and community gardens”",
    ]),
    (applicant(stage="03"), pioneer(), ["Has been through your next stage, “Early days (under 1 year)”"]),
]  # fmt: skip


@pytest.mark.parametrize("criterion", Criterion)
def test_the_office_reads_a_reason_for_every_point(criterion):
    reasons = {each.criterion: each.sentence for each in office_reasons(gardener(), pioneer())}
    assert said(reasons[criterion], "en") == OFFICE[criterion]


@pytest.mark.parametrize("rule", Rule)
def test_the_office_reads_why_not(rule):
    answers, facts = BREAKS[rule]
    found = obstacles(gardener(**answers), pioneer(**facts))
    assert [said(each.sentence, "en") for each in found] == [OBSTACLES[rule]]


@pytest.mark.parametrize(("asking", "offering", "sentences"), TOLD)
def test_the_applicant_reads_what_the_supporter_brings(asking, offering, sentences):
    assert [said(each, "en") for each in applicant_reasons(asking, offering)] == sentences


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (1, "Takes questions about “Places and premises”, which matters most to you"),
        (2, "Knows “Places and premises” well, which matters most to you"),
    ],
)
def test_the_applicant_reads_a_lesser_skill_kindly(level, sentence):
    found = applicant_reasons(applicant(categories=(PLACES,)), supporter(skills={PLACES: level}))
    assert [said(each, "en") for each in found] == [sentence]


def test_wishes_without_points_are_shown_to_the_office():
    wish = unscored_wishes(applicant(prefer=frozenset({"same_age", "woman"})))[0]
    assert said(wish, "en") == (
        "They wish for “A woman”, “Somebody of about my age”. "
        "No point is given for it, so please check before you ask anybody"
    )


def test_easy_japanese_keeps_its_readings_and_names():
    region = applicant_reasons(gardener(), pioneer())[-1]
    assert (
        said(region, "easy")
        == "<ruby>近<rt>ちか</rt></ruby>い ところ（神奈川県）の <ruby>人<rt>ひと</rt></ruby>です"
    )
