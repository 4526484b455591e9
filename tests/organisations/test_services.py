from datetime import date

import pytest

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.organisations.services import (
    add_alias,
    add_organisation,
    affiliate,
    end_affiliation,
    find_by_name,
)
from tests.factories import make_person


@pytest.fixture
def garden(session):
    return add_organisation(session, "NPO法人みほんガーデン", aliases=["見本の庭", "Mihon Garden"])


@pytest.mark.parametrize(
    "written",
    [
        "NPO法人みほんガーデン",
        "特定非営利活動法人 ミホンガーデン",
        "ＮＰＯ法人　みほん・ガーデン",
        "(特非)ﾐﾎﾝｶﾞｰﾃﾞﾝ",
        "見本の庭",
        "ＭＩＨＯＮ garden",
    ],
)
def test_an_organisation_is_found_however_it_is_written(session, garden, written):
    assert find_by_name(session, written) == garden


@pytest.mark.parametrize("written", ["", "　", "みほん", "株式会社みほんガーデン"])
def test_another_name_finds_nobody(session, garden, written):
    assert find_by_name(session, written) is None


def test_the_same_name_in_another_spelling_is_not_added_again(session, garden):
    with pytest.raises(Conflict, match="organisation_exists"):
        add_organisation(session, "特定非営利活動法人みほんがーでん")


def test_an_alias_of_one_cannot_become_an_alias_of_another(session, garden):
    other = add_organisation(session, "みほん食堂")
    with pytest.raises(Conflict, match="organisation_exists"):
        add_alias(session, other, "見本の庭")


def test_a_name_of_nothing_but_marks_is_refused(session):
    with pytest.raises(RuleViolation, match="organisation_name_blank"):
        add_organisation(session, "・・・")


def test_somebody_can_leave_and_come_back(session, garden):
    person = make_person(session)
    first = affiliate(session, person.id, garden, since=date(2020, 4, 1))
    end_affiliation(session, first, until=date(2023, 3, 31))
    again = affiliate(session, person.id, garden, since=date(2025, 4, 1))
    assert (first.until, again.until) == (date(2023, 3, 31), None)


def test_two_places_in_one_organisation_at_a_time_are_refused(session, garden):
    person = make_person(session)
    affiliate(session, person.id, garden, since=date(2020, 4, 1))
    with pytest.raises(Conflict, match="already_affiliated"):
        affiliate(session, person.id, garden, since=date(2024, 4, 1))


def test_nobody_leaves_before_they_came(session, garden):
    place = affiliate(session, make_person(session).id, garden, since=date(2020, 4, 1))
    with pytest.raises(RuleViolation, match="affiliation_dates_wrong"):
        end_affiliation(session, place, until=date(2020, 3, 31))
