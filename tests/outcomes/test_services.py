"""What came of it: noted by hand or taken from an answer, resting and stopping included."""

from datetime import date, timedelta

import pytest

from mentorlink.core.errors import RuleViolation
from mentorlink.outcomes.models import Moment, Outcome
from mentorlink.outcomes.services import note_followups, record_outcome
from mentorlink.surveys.services import submit_response
from tests.factories import NOW, make_engagement
from tests.surveys.rows import make_target


@pytest.mark.parametrize(
    ("ending", "columns", "code"),
    [("99", {}, "ending_unknown"), ("05", {"started_on": date(2026, 4, 1)}, "not_started")],
)
def test_an_outcome_that_cannot_be_is_refused(session, ending, columns, code):
    with pytest.raises(RuleViolation, match=code):
        record_outcome(session, make_engagement(session), Moment.END, ending, by="t", now=NOW, **columns)


def test_noting_again_replaces_the_words_of_that_moment(session):
    engagement = make_engagement(session)
    record_outcome(session, engagement, Moment.END, "01", by="t", now=NOW, started_on=date(2026, 4, 1))
    record_outcome(session, engagement, Moment.END, "05", by="t", now=NOW)
    outcome = session.query(Outcome).one()
    assert (outcome.ending, outcome.started_on) == ("05", None)


@pytest.mark.both_databases
def test_an_answer_after_three_months_becomes_an_outcome_once(session):
    engagement = make_engagement(session, ended_at=NOW)
    target = make_target(session, engagement, code="s4", due_at=NOW + timedelta(days=90))
    answers = {
        "ending": "01",
        "started_on": "2027-01-15",
        "regular_visitors": "3",
        "started_prefecture": "20",
    }
    submit_response(session, target, answers, by="t", now=NOW)
    assert (note_followups(session, NOW), note_followups(session, NOW)) == (1, 0)
    outcome = session.query(Outcome).one()
    assert (outcome.moment, outcome.ending, outcome.started_on, outcome.regular_visitors) == (
        Moment.THREE_MONTHS,
        "01",
        date(2027, 1, 15),
        3,
    )
