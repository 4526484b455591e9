"""The holidays by name, and which years of them are only computed."""

from datetime import date

import pytest

from mentorlink.core.holidays import first_unsure_year, holiday_name, holidays_between
from mentorlink.core.language import Language, use_language


def test_substitute_days_come_with_the_holiday_that_they_stand_for():
    found = holidays_between(date(2027, 3, 20), date(2027, 3, 31))
    assert [(each.day.day, holiday_name(each)) for each in found] == [
        (21, "春分の日"),
        (22, "春分の日の振替休日"),
    ]


def test_holidays_have_english_names_too():
    with use_language(Language("en")):
        [holiday] = holidays_between(date(2026, 11, 23), date(2026, 11, 23))
        assert holiday_name(holiday) == "Labour Thanksgiving Day"


def test_days_of_the_year_after_next_are_computed_and_called_unknown():
    found = holidays_between(date(2027, 12, 1), date(2028, 1, 31))
    assert [(each.day.year, each.is_known) for each in found] == [(2028, False), (2028, False)]


@pytest.mark.parametrize(
    ("today", "year", "is_published"),
    [
        (date(2026, 11, 25), 2028, False),
        (date(2027, 2, 28), 2028, False),
        (date(2027, 3, 1), 2028, True),  # by then the list is out, and nobody has compared it yet
        (date(2030, 1, 1), 2030, True),
    ],
)
def test_from_which_year_on_the_days_are_unsure(today, year, is_published):
    assert first_unsure_year(today) == (year, is_published)
