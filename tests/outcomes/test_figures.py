"""Figures are counted from rows, open to the same rows, and stand beside what was printed."""

from datetime import date, timedelta

import pytest

from mentorlink.applications.models import ApplicationState
from mentorlink.core.audit import AuditEntry
from mentorlink.core.outbox import Call
from mentorlink.engagements.models import EngagementState
from mentorlink.outcomes.figures import (
    DEFINITIONS,
    Aggregate,
    agrees,
    compute_figures,
    count_rows,
    rows_of,
)
from mentorlink.outcomes.models import Claim, Moment
from mentorlink.outcomes.services import record_outcome
from mentorlink.scheduling.models import MeetingState
from mentorlink.surveys.services import load_surveys, submit_response
from tests.factories import (
    NOW,
    make_application,
    make_engagement,
    make_meeting,
    make_programme,
    make_supporter,
)
from tests.surveys.rows import make_target

pytestmark = pytest.mark.both_databases


@pytest.fixture
def run(session):
    """Two people met (one twice), one not; one started, went on and was selected; one answered."""
    onward = make_programme(session, has_selection=True, target_number=5, months=6)
    programme = make_programme(session, leads_to_id=onward.id)
    supporter = make_supporter(session)
    for number in range(3):
        application = make_application(session, programme=programme, state=ApplicationState.MATCHED)
        engagement = make_engagement(session, application=application, supporters=[supporter])
        if number < 2:
            for hours in range(2 - number):
                starts_at = NOW + timedelta(days=number, hours=2 * hours)
                make_meeting(session, engagement=engagement, starts_at=starts_at, state=MeetingState.RECORDED)
        if number == 0:
            record_outcome(session, engagement, Moment.END, "01", by="user:1", now=NOW)
            make_application(
                session, programme=onward, person=application.person, state=ApplicationState.SELECTED
            )
            load_surveys(session)
            target = make_target(session, engagement)
            submit_response(session, target, {"satisfaction": ["satisfied"]}, by="t", now=NOW)
    make_application(
        session, programme=programme, state=ApplicationState.DRAFT, submitted_at=None, reference=None
    )
    session.commit()
    return programme


def values(session, programme):
    return {figure.key: figure.value for figure in compute_figures(session, programme)}


def test_every_figure_is_counted_from_rows(session, run):
    assert values(session, run) == {
        "applications": 3,
        "people_met": 2,
        "supporters_met": 1,
        "meetings_held": 3,
        "satisfied": 1.0,
        "somewhat_satisfied": 0.0,
        "started": 1,
        "applied_next": 1,
        "selected_next": 1,
        "office_minutes_per_meeting": None,
    }


def test_a_share_says_who_did_not_answer(session, run):
    satisfied = next(figure for figure in compute_figures(session, run) if figure.key == "satisfied")
    assert (satisfied.n, satisfied.missing) == (1, 1)


@pytest.mark.parametrize("key", [each.key for each in DEFINITIONS if each.aggregate is Aggregate.COUNT])
def test_a_count_is_the_number_of_its_rows(session, run, key):
    value = values(session, run).get(key)
    if value is None:
        run = run.leads_to
        value = values(session, run)[key]
    assert (len(rows_of(session, run, key)), count_rows(session, run, key)) == (value, value)


def test_an_empty_run_has_no_shares_and_no_mean(session):
    programme = make_programme(session, has_selection=True, target_number=None)
    found = values(session, programme)
    assert (found["applications"], found["satisfied"], found["months_mean"], found["target"]) == (
        0,
        None,
        None,
        None,
    )


def test_a_run_with_selection_counts_selected_paused_and_months(session):
    programme = make_programme(session, has_selection=True, target_number=5)
    for months in (5, 7):
        application = make_application(session, programme=programme, state=ApplicationState.MATCHED)
        engagement = make_engagement(session, application=application)
        day = date(2027, 4 if months == 5 else 6, 25)
        record_outcome(session, engagement, Moment.END, "01", by="user:1", now=NOW, started_on=day)
    application = make_application(session, programme=programme, state=ApplicationState.MATCHED)
    make_engagement(session, application=application, state=EngagementState.PAUSED)
    make_application(session, programme=programme, state=ApplicationState.NOT_SELECTED)
    found = values(session, programme)
    keys = ("applications", "selected", "started", "paused", "target", "months_mean")
    assert [found[key] for key in keys] == [4, 3, 2, 1, 5, 6.0]


def act(session, application, user_id, seconds):
    about = f"application:{application.id}"
    at = NOW + timedelta(seconds=seconds)
    entry = AuditEntry(at=at, by=f"user:{user_id}", user_id=user_id, is_office=True, verb="see", about=about)
    session.add(entry)


def test_office_time_is_short_gaps_of_one_person_on_one_item_and_calls(session, run):
    application_id = rows_of(session, run, "people_met")[0].application_id
    first = session.get_one(type(make_application(session)), application_id)
    for seconds in (0, 60, 60 + 3600):  # one minute, then a long pause: five
        act(session, first, 1, seconds)
    act(session, first, 2, 30)  # somebody else's act is no gap
    session.add(
        Call(
            about=f"application:{first.id}",
            by_user_id=1,
            at=NOW,
            minutes=3,
            reached=True,
            outbox_message_id=None,
        )
    )
    session.flush()
    assert values(session, run)["office_minutes_per_meeting"] == 3.0


def claim(printed):
    return Claim(programme_id=1, key="x", printed=printed, source="s", note_ja="", note_en="")


@pytest.mark.parametrize(
    ("key", "printed", "said"),
    [
        ("people_met", "2", True),
        ("people_met", "37", False),
        ("started", "約1", True),
        ("satisfied", "100%", True),
    ],
)
def test_a_printed_number_is_compared_as_exactly_as_it_was_printed(session, run, key, printed, said):
    figure = next(figure for figure in compute_figures(session, run) if figure.key == key)
    assert agrees(figure, claim(printed)) is said
