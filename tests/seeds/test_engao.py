from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from mentorlink.applications.models import Application
from mentorlink.core.dates import local_date
from mentorlink.core.outbox import OPEN, OutboxMessage
from mentorlink.engagements.models import (
    Engagement,
    EngagementState,
    MilestoneCheck,
    Pause,
    PauseReason,
)
from mentorlink.outcomes.figures import compute_figures
from mentorlink.outcomes.models import Claim, Outcome
from mentorlink.people.models import Person
from mentorlink.programmes.queries import by_code
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries import months_of
from mentorlink.seeds import SeedRefused, seed_engao_2023
from mentorlink.surveys.queries import answers_before_and_after
from mentorlink.surveys.services import plan_targets

PUBLISHED = {
    "consultation-2023": {
        "applications": 40,
        "people_met": 37,
        "supporters_met": 10,
        "meetings_held": 37,
        "satisfied": 0.96,
        "somewhat_satisfied": 0.04,
        "started": 10,
        "applied_next": 4,
        "selected_next": 2,
        "office_minutes_per_meeting": None,
    },
    "mentorship-2023": {
        "applications": 6,
        "selected": 4,
        "started": 3,
        "paused": 1,
        "target": 5,
        "months_mean": 6.0,
    },
}


@pytest.mark.both_databases
def test_the_rows_give_the_published_figures(sessions, session, settings):
    assert seed_engao_2023(sessions, settings) is True
    for code, published in PUBLISHED.items():
        figures = {figure.key: figure for figure in compute_figures(session, by_code(session, code))}
        assert {key: figures[key].value for key in published} == published
    n = {f.key: f.n for f in compute_figures(session, by_code(session, "consultation-2023"))}
    assert (n["satisfied"], n["somewhat_satisfied"]) == (25, 25)
    assert starts(session) == [("01", 6), ("20", 5), ("23", 7)]
    assert_what_stands_beside(session)
    assert_half_years_were_walked(session)
    assert_nothing_is_doubled(sessions, session, settings)


def starts(session):
    """Where the half-years led to a beginning, and after how many months."""
    run = by_code(session, "mentorship-2023")
    rows = session.execute(
        select(Outcome.prefecture, Outcome.started_on, Engagement.opened_at)
        .join(Engagement, Engagement.id == Outcome.engagement_id)
        .where(Engagement.programme_id == run.id, Outcome.started_on.is_not(None))
        .order_by(Outcome.prefecture)
    )
    return [(place, months_between(local_date(opened), began)) for place, began, opened in rows]


def months_between(first, last):
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


def assert_what_stands_beside(session):
    paused = session.scalars(select(Pause).where(Pause.until.is_(None))).one()
    assert paused.reason is PauseReason.DISASTER
    assert session.get(Engagement, paused.engagement_id).state is EngagementState.PAUSED
    run = by_code(session, "consultation-2023")
    assumed = session.scalars(select(Claim).filter_by(programme_id=run.id, key="satisfied")).one()
    assert (assumed.printed, "25人と仮定" in assumed.note_ja, "assumed" in assumed.note_en) == (
        "96%",
        True,
        True,
    )
    waiting = select(func.count(OutboxMessage.id)).where(OutboxMessage.state.in_(OPEN))
    assert session.scalar(waiting) == 0
    late = select(func.count(Meeting.id)).where(Meeting.starts_at > datetime(2024, 3, 31, tzinfo=UTC))
    assert session.scalar(late) == 0
    names = session.scalars(select(Person.display_name))
    assert [name for name in names if not name.startswith("見本の")] == []


def assert_half_years_were_walked(session):
    """6 → 4 → 3 from rows: steps with their days, some sent round once more, a talk in each month, words afterwards."""
    run = by_code(session, "mentorship-2023")
    figures = {figure.key: figure for figure in compute_figures(session, run)}
    assert [(figures[key].value, figures[key].n) for key in ("steps_reached", "ended", "in_touch")] == [
        (17, 20),
        (3, 4),
        (1.0, 3),
    ]
    turns = session.scalars(select(MilestoneCheck).where(MilestoneCheck.reached.is_(False)))
    assert len(turns.all()) == 2
    over = session.scalars(select(Engagement).where(Engagement.state == EngagementState.FINISHED))
    half_years = [each for each in over.all() if each.programme_id == run.id]
    months = [months_of(session, each, now=each.ended_at) for each in half_years]
    assert [month.first_day for each in months for month in each if month.is_empty] == []
    pairs = [pair for each in half_years for pair in answers_before_and_after(session, each)]
    assert [pair.question.code for pair in pairs if not pair.before or not pair.after] == []
    assert plan_targets(session, datetime(2026, 11, 25, 1, 0, tzinfo=UTC)) == 0  # nobody is asked today


def assert_nothing_is_doubled(sessions, session, settings):
    before = session.scalar(select(func.count(Application.id)))
    session.rollback()
    assert seed_engao_2023(sessions, settings) is False
    assert session.scalar(select(func.count(Application.id))) == before == 46


def test_a_database_that_writes_to_real_people_is_refused(sessions, session, settings):
    with pytest.raises(SeedRefused, match="MENTORLINK_MAIL_URL"):
        seed_engao_2023(sessions, settings.model_copy(update={"mail_url": "smtp://127.0.0.1"}))
    assert session.scalar(select(func.count(Application.id))) == 0
