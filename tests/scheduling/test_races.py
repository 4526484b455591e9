"""Several processes after the same time, on both databases: the database lets one have it."""

import multiprocessing
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from benchmarks.stampede import OVERLAPPING
from mentorlink.engagements.models import Milestone, Side
from mentorlink.programmes.models import Programme
from mentorlink.programmes.templates import load_template
from mentorlink.scheduling.models import Meeting, Occupancy, OccupancyKind
from mentorlink.scheduling.services import offer_slots
from mentorlink.setup.services.drafts import draft_run
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)
from tests.scheduling import races

pytestmark = pytest.mark.both_databases

PROCESSES = 4
FIRST = NOW + timedelta(days=5)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def race():
    """Each share in a process of its own, started once for all races; what came of all of them."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:

        def race(function, shares) -> Counter[str]:
            return Counter(code for codes in pool.starmap(function, shares, chunksize=1) for code in codes)

        yield race


@pytest.fixture
def url(engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def overlaps(session) -> int:
    return session.execute(text(OVERLAPPING)).scalar_one()


def test_many_processes_book_each_hour_of_a_supporter_once(session, url, race):
    supporter = make_supporter(session, buffer_minutes=0)
    hours = [FIRST + timedelta(hours=number) for number in range(5)]
    wishes = [
        [(make_engagement(session, supporters=[supporter]).id, hour) for hour in hours]
        for _ in range(PROCESSES)
    ]
    session.commit()
    codes = race(races.book_all, [(url, share, NOW) for share in wishes])
    assert codes == {"booked": 5, "slot_gone": 5 * (PROCESSES - 1)}
    assert overlaps(session) == 0


def test_an_applicant_is_not_booked_twice_either(session, url, race):
    person = make_person(session)
    shares = [
        (
            url,
            [(make_engagement(session, application=make_application(session, person=person)).id, FIRST)],
            NOW,
        )
        for _ in range(PROCESSES)
    ]
    session.commit()
    assert race(races.book_all, shares) == {"booked": 1, "slot_gone": PROCESSES - 1}
    assert overlaps(session) == 0


def half_years(session, number: int) -> list[int]:
    """Of one supporter, whose hours they all want."""
    supporter = make_supporter(session, buffer_minutes=0)
    programme = make_programme(session, months=6)
    applications = [make_application(session, programme=programme) for _ in range(number)]
    return [make_engagement(session, application=each, supporters=[supporter]).id for each in applications]


def test_of_many_plans_for_the_same_hours_one_gets_all_of_them(session, url, race):
    hours = [FIRST + timedelta(weeks=4 * number) for number in range(5)]
    shares = [
        (url, [(engagement_id, hours if number % 2 else hours[::-1])], NOW)
        for number, engagement_id in enumerate(half_years(session, PROCESSES))
    ]
    session.commit()
    assert race(races.plan_all, shares) == {"planned": 1, "slot_gone": PROCESSES - 1}
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Meeting)) == len(hours)
    assert overlaps(session) == 0


def test_a_plan_and_a_booking_of_one_of_its_hours_leave_all_or_none_of_the_plan(session, url, race):
    hours = [FIRST + timedelta(weeks=4 * number) for number in range(5)]
    planner, *bookers = half_years(session, PROCESSES)
    shares = [(url, [(planner, hours)], NOW)] + [(url, [(each, [hours[2]])], NOW) for each in bookers]
    session.commit()
    race(races.plan_or_book, shares)
    session.rollback()
    planned = session.scalar(select(func.count()).where(Meeting.engagement_id == planner))
    taken = session.scalar(select(func.count()).where(Meeting.starts_at == hours[2]))
    assert (planned in (0, len(hours)), taken) == (True, 1)
    assert overlaps(session) == 0


def test_plans_that_cross_leave_nobody_waiting_for_each_other(session, url, race):
    hours = [FIRST + timedelta(weeks=week, hours=hour) for hour in (0, 2) for week in range(0, 20, 4)]
    shares = [
        (url, [(each, hours[turn:] + hours[:turn]), (each, [hours[turn]])], NOW)
        for turn, each in enumerate(half_years(session, PROCESSES))
    ]
    session.commit()
    assert set(race(races.plan_or_book, shares)) <= {"planned", "booked", "slot_gone"}
    assert overlaps(session) == 0


def test_of_two_moves_at_once_one_wins(session, url, race):
    meeting = make_meeting(session)
    session.commit()
    shares = [(url, meeting.id, meeting.starts_at + timedelta(hours=hour), NOW) for hour in (3, 6)]
    assert race(races.move_one, shares) == {"moved": 1, "changed_meanwhile": 1}
    session.rollback()
    assert session.scalar(select(Meeting.sequence)) == 1


def test_of_two_talks_moved_at_once_into_a_week_with_room_for_one_one_is(session, url, race):
    supporter = make_supporter(session, capacity_week=1, buffer_minutes=0)
    week = FIRST.replace(hour=10) + timedelta(weeks=1)  # 19:00 in Tokyo
    talks = [
        make_meeting(
            session,
            engagement=make_engagement(session, supporters=[supporter]),
            starts_at=week + timedelta(weeks=1 + number),
        )
        for number in range(PROCESSES)
    ]
    session.commit()
    shares = [
        (url, talk.id, week + timedelta(days=day), NOW, Side.APPLICANT) for day, talk in enumerate(talks)
    ]
    assert race(races.move_one, shares) == {"moved": 1, "slot_gone": PROCESSES - 1}


def test_weeks_saved_while_hours_are_booked_leave_nobody_waiting_for_each_other(session, url, race):
    """Whoever saves their week looks for hours again for everybody who waits for them: people of many supports."""
    supporters = [
        make_supporter(session, buffer_minutes=0, windows=[(day, 540 + 120 * number, 660 + 120 * number)])
        for number, day in ((0, 0), (1, 1), (2, 2))
    ]
    teams = [supporters[:2], supporters[:0:-1], supporters[::2]]  # no two of them are ever free together
    for number in range(9):
        offer_slots(session, make_engagement(session, supporters=teams[number % 3]), now=NOW)
    shares = [
        (
            url,
            [
                wish
                for turn in range(4)
                for wish in (
                    (supporters[(process + turn) % 3].id, None),
                    (make_engagement(session, supporters=teams[turn % 3]).id, FIRST + turn * HOUR),
                )
            ],
            NOW,
        )
        for process in range(PROCESSES)
    ]
    session.commit()
    codes = race(races.save_or_book, shares)
    assert codes["saved"] == 4 * PROCESSES
    assert codes["booked"] == 4
    assert overlaps(session) == 0


def test_two_who_support_each_other_do_not_wait_for_each_other(session, url, race):
    one, other = (make_supporter(session, buffer_minutes=0) for _ in range(2))
    supports = [
        make_engagement(
            session, application=make_application(session, person=recipient.person), supporters=[supporter]
        ).id
        for recipient, supporter in ((one, other), (other, one))
    ]
    shares = [
        (url, [(supports[(turn + process) % 2], FIRST + turn * HOUR) for turn in range(12)], NOW)
        for process in range(PROCESSES)
    ]
    session.commit()
    assert race(races.book_all, shares) == {"booked": 12, "slot_gone": 12 * (PROCESSES - 1)}


def test_booking_and_cancelling_at_once_leaves_nobody_waiting_for_nothing(session, url, race):
    supporter = make_supporter(session, buffer_minutes=0)
    shares = []
    for _ in range(PROCESSES):
        engagement = make_engagement(session, supporters=[supporter])
        shares.append((url, [(engagement.id, FIRST + timedelta(hours=hour % 3)) for hour in range(12)], NOW))
    session.commit()
    codes = race(races.book_and_cancel, shares)
    assert set(codes) <= {"booked", "slot_gone"}
    assert overlaps(session) == 0


def test_the_database_itself_refuses_an_overlap(session):
    person = make_person(session)
    for minutes, source in ((0, "meeting:1"), (59, "meeting:2")):
        start = FIRST + timedelta(minutes=minutes)
        end = start + timedelta(hours=1)
        session.add(
            Occupancy(
                person_id=person.id,
                starts_at=start,
                ends_at=end,
                kind=OccupancyKind.CONFIRMED,
                expires_at=end,
                source=source,
            )
        )
    with pytest.raises(IntegrityError, match="occupancy_overlap"):
        session.flush()
    session.rollback()


def test_the_database_itself_refuses_another_length(session):
    meeting = make_meeting(session)
    meeting.ends_at += timedelta(minutes=1)
    with pytest.raises(IntegrityError, match="meeting_length"):
        session.flush()
    session.rollback()


def test_steps_added_at_once_stand_each_at_a_place_of_its_own(session, url, race):
    programme = make_programme(session, months=6)
    engagement = make_engagement(session, application=make_application(session, programme=programme))
    shares = [
        (url, engagement.id, [f"歩み {process}-{number}" for number in range(5)], NOW)
        for process in range(PROCESSES)
    ]
    session.commit()
    codes = race(races.add_steps, shares)
    session.rollback()
    places = session.scalars(select(Milestone.position).order_by(Milestone.position)).all()
    assert codes.keys() <= {"added", "changed_meanwhile"}
    assert places == list(range(1, codes["added"] + 1))


def test_a_run_is_opened_once_and_changed_by_nobody_afterwards(session, url, race):
    """What was called last before the opening is what everybody reads from then on."""
    run = draft_run(session, load_template("consultation"), template="consultation", opens_on=NOW.date())
    run_id = run.id
    session.commit()
    acts = [["一", "二"], ["三", "四"], [races.OPENING], [races.OPENING]]
    codes = race(races.open_or_change, [(url, run_id, each, NOW) for each in acts])
    session.rollback()
    named = [word for share in acts[:2] for word in share]
    changed = sum(codes[word] for word in named)
    assert (codes["opened"], codes["programme_already_open"]) == (1, 1)
    assert codes["programme_frozen"] == len(named) - changed
    name = session.get_one(Programme, run_id).name_ja
    assert codes[name] == 1 if changed else name not in named
