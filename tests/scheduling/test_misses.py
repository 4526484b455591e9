"""The nearest misses against looking at every half hour by itself, and which three of them are shown."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from mentorlink.applications.models import Application, DayPart, PreferredTime, TimesKind
from mentorlink.people.models import Person
from mentorlink.scheduling.queries.hours.misses import (
    FAR,
    Miss,
    applicant_party,
    choose_misses,
    find_misses,
    supporter_party,
)
from mentorlink.scheduling.queries.hours.sets import Ask, half_hours
from tests.scheduling.walk import (
    DAYS,
    MINUTE,
    QUARTER,
    Walk,
    facts,
    instants,
    lengths,
    moments_and_zones,
    people_of,
    spans,
    zones,
)

DAY = timedelta(days=1)
HOURS = {DayPart.MORNING: range(9, 12), DayPart.AFTERNOON: range(12, 17), DayPart.EVENING: range(17, 21)}


@st.composite
def teams(draw):
    """An applicant and one to four supporters, each on clocks of their own, around a change of some of them."""
    now, zone = draw(moments_and_zones())
    ask = Ask(now, now + timedelta(days=DAYS), draw(lengths))
    team = [
        draw(facts(now, zone if number == 1 else draw(zones), number))
        for number in range(1, draw(st.integers(1, 4)) + 1)
    ]
    times = draw(st.sets(st.tuples(st.integers(0, 6), st.sampled_from(list(DayPart))), max_size=6))
    application = Application(person_id=9, times_kind=TimesKind.WEEKLY, person=Person(zone=draw(zones)))
    application.times = [PreferredTime(weekday=weekday, part=part) for weekday, part in times]
    return ask, team, application, instants(now, draw(spans))


class ApplicantWalk:
    """The applicant's side of the walk: parts of the week, no notice, every part where none was named."""

    def __init__(self, ask, application, taken):
        self.ask, self.taken, self.zone = ask, taken, ZoneInfo(application.person.zone)
        self.parts = {(each.weekday, each.part) for each in application.times}

    def is_given(self, start):
        quarters = [start + number * QUARTER for number in range(-(-self.ask.minutes // 15))]
        shown = [each.astimezone(self.zone) for each in quarters]
        if not self.parts:
            return self.is_by_day(start)
        return all(
            any(
                weekday == each.weekday() and each.hour in HOURS[part]
                for weekday, part in self.parts
            )
            for each in shown
        )  # fmt: skip

    def is_by_day(self, start):
        quarters = [start + number * QUARTER for number in range(-(-self.ask.minutes // 15))]
        return all(8 <= each.astimezone(self.zone).hour < 21 for each in quarters)

    def is_barred(self, start):
        end = start + self.ask.minutes * MINUTE
        return any(a < end and start < b for a, b in self.taken)

    def lacks(self, start):
        return timedelta(0)


class SupporterWalk(Walk):
    def is_barred(self, start):
        much_too_near = start < self.ask.now + timedelta(hours=self.row.notice_hours) - DAY
        return self.is_taken(start) or self.is_full(start) or self.is_away(start) or much_too_near

    def lacks(self, start):
        """By how much it is too near for them."""
        return max(self.ask.now + timedelta(hours=self.row.notice_hours) - start, timedelta(0))


def by_hand(ask, team, application, taken):
    """Every half hour of the supporters' clocks: may it be asked for, whom, and how far from their hours is it?"""
    walks = [(application.person_id, ApplicantWalk(ask, application, taken))]
    walks += [(each.row.person_id, SupporterWalk(ask, each)) for each in team]
    begin = ask.now.replace(hour=0, minute=0) - 3 * DAY
    quarters = [begin + number * QUARTER for number in range((DAYS + 11) * 96)]
    gave = {person_id: [each for each in quarters if walk.is_given(each)] for person_id, walk in walks}
    shown = {each for _person_id, walk in walks[1:] for each in walk.half_hours()}
    found = []
    for start in sorted(shown):
        asks = [(p, walk) for p, walk in walks if start not in gave[p] or walk.lacks(start)]
        seen = ask.now <= start <= ask.until and not any(walk.is_barred(start) for _p, walk in walks)
        if seen and asks and all(start in gave[p] or walk.is_by_day(start) for p, walk in walks):
            off = sum(_off(start, gave[p]) + -(-walk.lacks(start) // MINUTE) for p, walk in asks)
            found.append(Miss(start, tuple(p for p, _walk in asks), off))
    return found


def _off(start, gave):
    return min([FAR, *(abs(each - start) // MINUTE for each in gave)])


def found(ask, team, application, taken):
    people = people_of(team)
    parties = [
        applicant_party(ask, application, taken),
        *(supporter_party(ask, people, row) for row in people.supporters),
    ]
    return find_misses(ask, parties, half_hours(ask, (row.zone for row in people.supporters)))


@given(teams())
@settings(max_examples=30, deadline=None)
def test_the_misses_of_a_team_are_what_looking_at_every_half_hour_finds(situation):
    assert found(*situation) == by_hand(*situation)


# ---- which of them are shown


TOKYO = "Asia/Tokyo"


def tokyo(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC) - timedelta(hours=9)


halves = st.integers(0, 5 * 48).map(lambda number: tokyo(1, 0) + number * 30 * MINUTE)
asked = st.sets(st.sampled_from([1, 2, 3]), min_size=1).map(lambda each: tuple(sorted(each)))
misses = st.lists(
    st.builds(Miss, halves, asked, st.integers(0, 300)), unique_by=lambda each: each.starts_at, max_size=25
)


def _is_worth(miss):
    return len(miss.asks), miss.minutes_off


@given(misses)
def test_the_nearest_miss_is_among_the_three(known):
    chosen = choose_misses(known, 60, TOKYO)
    assert len(chosen) <= 3
    assert chosen == sorted(chosen, key=lambda each: each.starts_at)
    assert min(map(_is_worth, chosen), default=None) == min(map(_is_worth, known), default=None)


@given(misses)
def test_the_three_lie_on_other_days_where_there_are_any(known):
    chosen = choose_misses(known, 60, TOKYO)
    days = {(each.starts_at + timedelta(hours=9)).date() for each in known}
    assert len({(each.starts_at + timedelta(hours=9)).date() for each in chosen}) == min(len(days), 3)
    gaps = [abs(one.starts_at - other.starts_at) for one, other in combinations(chosen, 2)]
    assert all(gap >= timedelta(hours=1) for gap in gaps)


def test_fewer_people_come_before_fewer_minutes_and_those_before_an_earlier_hour():
    two = Miss(tokyo(1, 10), (1, 2), 30)
    late, early = Miss(tokyo(3, 17), (1,), 90), Miss(tokyo(2, 17), (1,), 90)
    near = Miss(tokyo(4, 17), (1,), 60)
    assert choose_misses([two, late, early, near], 60, TOKYO) == [early, late, near]


def test_another_day_comes_before_the_same_one():
    same = [Miss(tokyo(1, hour), (1,), 30) for hour in (9, 13, 18)]
    other = Miss(tokyo(2, 18), (1, 2, 3), 900)
    assert choose_misses([*same, other], 60, TOKYO) == [same[0], same[1], other]


def test_it_is_not_always_the_same_side_that_is_asked():
    mine = [Miss(tokyo(day, 18), (1,), 30) for day in (1, 2, 3)]
    theirs = Miss(tokyo(3, 9), (2,), 600)
    assert choose_misses([*mine, theirs], 60, TOKYO) == [mine[0], mine[1], theirs]


def test_of_equals_other_parts_of_the_day_are_shown():
    evenings = [Miss(tokyo(day, 18), (1,), 60) for day in (1, 2, 3)]
    morning = Miss(tokyo(2, 9), (1,), 60)
    assert choose_misses([*evenings, morning], 60, TOKYO) == [evenings[0], morning, evenings[2]]
