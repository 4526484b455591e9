"""The national holidays of Japan by name, and how sure they are.

jpholiday computes any year from today's law and says nothing about which years were published; its authors checked
them against the Cabinet Office's list only as far as that goes. We therefore say it ourselves.
"""

from datetime import date
from typing import NamedTuple

import jpholiday

from mentorlink.core.business_time import holidays_known
from mentorlink.core.i18n import gettext, mark

PUBLISHED_IN = 2  # February: the Cabinet Office publishes the days of the next year
SUBSTITUTE = " 振替休日"
NAMES = (
    mark("元日"),
    mark("成人の日"),
    mark("建国記念の日"),
    mark("天皇誕生日"),
    mark("春分の日"),
    mark("昭和の日"),
    mark("憲法記念日"),
    mark("みどりの日"),
    mark("こどもの日"),
    mark("海の日"),
    mark("山の日"),
    mark("敬老の日"),
    mark("秋分の日"),
    mark("スポーツの日"),
    mark("文化の日"),
    mark("勤労感謝の日"),
    mark("国民の休日"),
)


class Holiday(NamedTuple):
    day: date
    name: str  # in Japanese, as the law has it
    is_known: bool  # False where its year is only computed


def holidays_between(first: date, last: date) -> list[Holiday]:
    """The holidays from ``first`` to ``last``, both included, in order."""
    return [Holiday(day, name, holidays_known(day.year)) for day, name in jpholiday.between(first, last)]


def holiday_name(holiday: Holiday) -> str:
    """Its name in the language of the page."""
    name, substitute, _rest = holiday.name.partition(SUBSTITUTE)
    if substitute:
        return gettext(mark("%(name)sの振替休日"), name=gettext(name))
    return gettext(name) if name in NAMES else name


def first_unsure_year(today: date) -> tuple[int, bool]:
    """The first year from today's whose holidays are only computed, and whether its list is published by now."""
    year = today.year
    while holidays_known(year):
        year += 1
    return year, today >= date(year - 1, PUBLISHED_IN + 1, 1)
