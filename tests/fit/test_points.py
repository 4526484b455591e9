"""What each criterion gives, alone."""

import pytest

from mentorlink.fit.points import Criterion, Weights, points_of, score, score_pair, weight
from tests.fit.people import (
    CHILDREN,
    FIRST_YEAR,
    FIVE_YEARS,
    GARDEN,
    HOKKAIDO,
    HOUSING,
    KANAGAWA,
    MONEY,
    PLACES,
    PREPARING,
    TOKYO,
    applicant,
    gardener,
    pioneer,
    supporter,
)


def given(criterion, asking, offering, weights=None):
    """(points, attainable) of one criterion."""
    found = {each.criterion: each for each in points_of(asking, offering, weights)}[criterion]
    return found.points, found.attainable


def test_an_answer_that_was_not_given_is_not_counted():
    assert [(each.points, each.attainable) for each in points_of(applicant(), pioneer())] == [(0, 0)] * 7


def test_who_answered_nothing_scores_nothing():
    assert score_pair(applicant(), pioneer()) == 0


def test_a_perfect_pair_scores_a_hundred():
    assert score_pair(gardener(), pioneer()) == 100


def test_a_common_theme_gives_three_points_once():
    asking = applicant(themes=frozenset({GARDEN, HOUSING}))
    assert given(Criterion.THEME, asking, supporter(themes=frozenset({GARDEN, HOUSING}))) == (3, 3)


def test_no_common_theme_gives_none_of_three():
    asking = applicant(themes=frozenset({GARDEN}))
    assert given(Criterion.THEME, asking, supporter(themes=frozenset({HOUSING}))) == (0, 3)


def test_a_common_target_gives_two_points():
    asking = applicant(targets=frozenset({CHILDREN}))
    assert given(Criterion.TARGET, asking, supporter(targets=frozenset({CHILDREN}))) == (2, 2)


def test_a_supporter_who_welcomes_anyone_knows_every_target():
    asking = applicant(targets=frozenset({CHILDREN}))
    assert given(Criterion.TARGET, asking, supporter(anyone=True)) == (2, 2)


def test_an_applicant_who_welcomes_anyone_asks_for_no_target():
    asking = applicant(targets=frozenset({CHILDREN}), anyone=True)
    assert given(Criterion.TARGET, asking, supporter(targets=frozenset({CHILDREN}))) == (0, 0)


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_the_main_category_gives_the_level_of_skill(level):
    offering = supporter(skills={PLACES: level})
    assert given(Criterion.MAIN_CATEGORY, applicant(categories=(PLACES, MONEY)), offering) == (level, 3)


def test_each_other_category_gives_a_point_whatever_the_skill():
    offering = supporter(skills={PLACES: 3, MONEY: 3})
    asking = applicant(categories=("01", PLACES, MONEY, "09", MONEY))
    assert given(Criterion.OTHER_CATEGORY, asking, offering) == (2, 3)


def test_the_main_category_named_again_is_no_other_category():
    asking = applicant(categories=(PLACES, PLACES))
    assert given(Criterion.OTHER_CATEGORY, asking, supporter(skills={PLACES: 3})) == (0, 0)


def test_having_been_through_the_next_stage_gives_two_points():
    offering = supporter(stages=frozenset({FIRST_YEAR}))
    assert given(Criterion.STAGE, applicant(stage=PREPARING), offering) == (2, 2)


def test_being_at_the_same_stage_gives_none():
    assert given(Criterion.STAGE, applicant(stage=PREPARING), supporter(stages=frozenset({PREPARING}))) == (
        0,
        2,
    )


def test_the_last_stage_has_no_next_one_to_ask_for():
    assert given(Criterion.STAGE, applicant(stage=FIVE_YEARS), pioneer()) == (0, 0)


@pytest.mark.parametrize(
    ("likeness", "expected"),
    [
        ({"setting": "rural"}, (1, 1)),
        ({"legal_form": "13"}, (1, 1)),
        ({"funding": frozenset({"fees", "grants"})}, (1, 1)),
        ({"setting": "island"}, (0, 1)),
        ({"setting": "rural", "legal_form": "14"}, (1, 2)),
        ({"setting": "rural", "legal_form": "13", "funding": frozenset({"grants"})}, (2, 2)),
    ],
)
def test_setting_funding_and_legal_form_alike_give_at_most_two_points(likeness, expected):
    assert given(Criterion.SIMILAR, applicant(**likeness), pioneer()) == expected


@pytest.mark.parametrize(
    ("wish", "home", "expected"),
    [
        ("near", TOKYO, (1, 1)),
        ("near", KANAGAWA, (1, 1)),
        ("near", HOKKAIDO, (0, 1)),
        ("near", None, (0, 1)),
        ("far", TOKYO, (0, 1)),
        ("far", KANAGAWA, (0, 1)),
        ("far", HOKKAIDO, (1, 1)),
        ("far", None, (0, 1)),
        ("any", TOKYO, (0, 0)),
    ],
)
def test_region_gives_a_point_where_it_is_as_wished(wish, home, expected):
    asking = applicant(prefecture=TOKYO, prefer=frozenset({wish}))
    assert given(Criterion.REGION, asking, supporter(prefecture=home)) == expected


def test_near_and_far_at_once_wish_for_nothing():
    asking = applicant(prefecture=TOKYO, prefer=frozenset({"near", "far"}))
    assert given(Criterion.REGION, asking, supporter(prefecture=TOKYO)) == (0, 0)


def test_without_a_prefecture_nothing_is_near():
    assert given(Criterion.REGION, applicant(prefer=frozenset({"near"})), supporter(prefecture=TOKYO)) == (
        0,
        0,
    )


@pytest.mark.parametrize(
    ("points", "attainable", "expected"),
    [(1, 8, 13), (1, 200, 1), (1, 201, 0), (1, 3, 33), (2, 3, 67), (0, 0, 0)],
)
def test_a_half_is_rounded_up(points, attainable, expected):
    assert score(points, attainable) == expected


def test_ten_days_of_waiting_weigh_as_much_as_one_point_of_score():
    assert weight(70, 10) == weight(71, 0) == 710


def test_a_programme_may_weigh_differently():
    asking = applicant(themes=frozenset({GARDEN}), stage=PREPARING)
    offering = supporter(themes=frozenset({GARDEN}))
    assert score_pair(asking, offering, Weights.of({"theme": 6})) == 75


@pytest.mark.parametrize(
    "values", [{"theme": -1}, {"theme": 1.5}, {"theme": True}, {"theme": 240}, {"colour": 1}]
)
def test_weights_that_make_no_sense_are_refused(values):
    with pytest.raises(ValueError, match="weight"):
        Weights.of(values)
