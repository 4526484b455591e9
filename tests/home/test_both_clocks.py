"""An applicant in New York and their supporter in Tokyo: no page shows an hour by one clock alone."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from mentorlink.engagements.models import Side, ThreadPost
from mentorlink.scheduling.models import OfferedSlot
from mentorlink.scheduling.services import offer_slots
from tests.conftest import NOW
from tests.factories import (
    make_application,
    make_engagement,
    make_meeting,
    make_person,
    make_programme,
    make_supporter,
)

START = datetime(2026, 11, 30, 11, 30, tzinfo=UTC)
IN_TOKYO, IN_NEW_YORK = "20:30", "6:30"
SKIPPED = re.compile(r"\.ics|/static|/vendor|/sign|/e/|/calendar/|/files|/print$|/demo")


@pytest.fixture
def pair(session):
    """A half-year with a talk to come, and a single talk whose hours wait for a choice, the talk's own among them."""
    person = make_person(session, display_name="みずほ", zone="America/New_York")
    supporter = make_supporter(session, capacity_week=9, capacity_month=30)
    since = NOW - timedelta(days=60)
    half_year = make_application(
        session, person=person, programme=make_programme(session, months=6), state="matched"
    )
    engagement = make_engagement(
        session, application=half_year, supporters=[supporter], begins_on=date(2026, 11, 2)
    )
    engagement.supporters[0].since = since
    make_meeting(session, engagement=engagement, starts_at=START)
    make_meeting(session, engagement=engagement, starts_at=START - timedelta(days=14), state="recorded")
    single = make_engagement(
        session, application=make_application(session, person=person, state="matched"), supporters=[supporter]
    )
    offer = offer_slots(session, single, now=NOW)
    offer.slots.append(OfferedSlot(starts_at=START + timedelta(days=7), is_held=False))
    session.commit()
    return engagement


def walk(browser, start: str, *, most: int = 120) -> dict[str, str]:
    """Every page that can be reached, one of each kind: address → what is written on it."""
    found, waiting, kinds = {}, [start], set()
    while waiting and len(found) < most:
        path = waiting.pop(0)
        kind = re.sub(r"\d+|=[^&]*", "*", path)
        if path in found or SKIPPED.search(path) or kind in kinds:
            continue
        kinds.add(kind)
        answer = browser.get(path)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        found[path] = answer.text.partition("<main")[2].partition("</main>")[0]
        waiting += [each.replace("&amp;", "&") for each in re.findall(r'href="(/[^"#]*)', answer.text)]
    return found


def shows(page: str, clock: str) -> bool:
    return re.search(rf"(?<![\d:]){clock}(?!\d)", re.sub(r"<[^>]*>", "", page)) is not None


def pages_with_the_hour(browser, start: str) -> dict[str, tuple[bool, bool]]:
    """Address → whether it shows the hour of Tokyo, and of New York; of pages that show one of them."""
    found = {
        path: (shows(page, IN_TOKYO), shows(page, IN_NEW_YORK)) for path, page in walk(browser, start).items()
    }
    return {path: both for path, both in found.items() if any(both)}


def test_no_page_of_the_applicants_has_one_clock_alone(as_applicant, pair):
    found = pages_with_the_hour(as_applicant(pair.application), "/my")
    assert (len(found) >= 6, {path for path, both in found.items() if not all(both)}) == (True, set())


def test_no_page_of_the_supporters_has_one_clock_alone(as_supporter, pair):
    found = pages_with_the_hour(as_supporter(pair.supporters[0].supporter), "/supporter")
    assert (len(found) >= 7, {path for path, both in found.items() if not all(both)}) == (True, set())


def test_no_page_of_the_office_has_one_clock_alone(as_office, pair):
    found = pages_with_the_hour(as_office, "/office")
    assert (len(found) >= 7, {path for path, both in found.items() if not all(both)}) == (True, set())


def test_who_must_not_be_found_is_placed_by_no_page(as_supporter, session, pair):
    pair.recipient.safe_contact = True
    found = pages_with_the_hour(as_supporter(pair.supporters[0].supporter), "/supporter")
    assert (len(found) >= 7, {path for path, (_tokyo, new_york) in found.items() if new_york}) == (
        True,
        set(),
    )


def test_words_between_the_two_carry_the_readers_own_clock(as_applicant, session, pair):
    session.add(
        ThreadPost(
            engagement_id=pair.id,
            side=Side.SUPPORTER,
            author_person_id=None,
            body="はい",
            at=START,
            submission="x",
        )
    )
    session.commit()
    page = as_applicant(pair.application).get(f"/engagements/{pair.id}/thread").text
    assert (shows(page, IN_NEW_YORK), shows(page, IN_TOKYO)) == (True, True)
