from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentorlink.core.dates import local_date
from mentorlink.core.errors import RuleViolation
from mentorlink.programmes.models import Programme
from mentorlink.setup.amendable import AMENDABLE
from mentorlink.setup.queries import amendments_of, contents_of
from mentorlink.setup.services import amend, apply_amendments, take_back_amendment
from tests.factories import make_programme, make_user

TODAY = date(2026, 11, 25)
LATER = date(2026, 12, 10)
FROZEN = {column.name for column in Programme.__table__.columns} - set(AMENDABLE)


@pytest.fixture
def run(session):
    return make_programme(session, closes_on=date(2027, 3, 31))


@pytest.fixture
def change(session, run, now):
    user = make_user(session)

    def change(field, value, effective_on=TODAY, at=now):
        return amend(
            session,
            run,
            field,
            value,
            effective_on=effective_on,
            reason="理事会で決めた",
            by_user_id=user.id,
            now=at,
        )

    return change


@pytest.mark.both_databases
def test_a_change_of_today_is_in_force_at_once(session, run, change, now):
    amendment = change("closes_on", date(2027, 2, 28))
    assert run.closes_on == date(2027, 2, 28)
    assert (amendment.old, amendment.new, amendment.applied_at) == ("2027-03-31", "2027-02-28", now)


@pytest.mark.both_databases
def test_a_later_change_waits_for_its_day_and_comes_once(session, run, change, now):
    change("points_theme", 5, LATER)
    assert (run.points_theme, apply_amendments(session, now)) == (3, 0)
    that_day = now + timedelta(days=15)
    assert (apply_amendments(session, that_day), run.points_theme) == (1, 5)
    run.points_theme = 4
    assert (apply_amendments(session, that_day), run.points_theme) == (0, 4)


def test_a_change_that_was_due_while_no_worker_ran_comes_before_a_new_one(session, run, change, now):
    change("points_theme", 5, LATER)
    newest = change("points_theme", 7, LATER + timedelta(days=1), at=now + timedelta(days=16))
    assert (run.points_theme, newest.old) == (7, "5")


@pytest.mark.both_databases
def test_the_nightly_round_is_switched_on_and_off_from_a_day_on(session, run, change, now):
    amendment = change("nightly_round", True, LATER)
    assert (amendment.old, amendment.new, run.nightly_round) == ("off", "on", False)
    apply_amendments(session, now + timedelta(days=15))
    assert run.nightly_round is True
    with pytest.raises(RuleViolation, match="amendment_changes_nothing"):
        change("nightly_round", True, LATER, at=now + timedelta(days=15))


@pytest.mark.parametrize("field", sorted(FROZEN))
def test_what_opening_froze_is_refused_by_name(change, field):
    with pytest.raises(RuleViolation, match="field_frozen"):
        change(field, 1)


def test_the_frozen_columns_are_the_ones_that_were_promised():
    assert {
        "id",
        "code",
        "template",
        "fiscal_year",
        "match_mode",
        "has_selection",
        "team_min",
        "team_max",
        "meeting_minutes",
        "meetings_min",
        "months",
        "leads_to_id",
        "opened_at",
    } == FROZEN


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("closes_on", "2027-01-01"),
        ("opens_on", None),
        ("name_ja", ""),
        ("name_ja", "あ" * 61),
        ("name_ja", "一行目\n二行目"),
        ("name_ja", "\u202e逆"),
        ("points_theme", -1),
        ("points_theme", True),
        ("points_theme", 10**30),
        ("horizon_days", 181),
        ("reviewers_min", 0),
        ("closes_on", date(2101, 1, 1)),
    ],
)
def test_a_value_that_the_column_cannot_have_is_refused(change, field, value):
    with pytest.raises(RuleViolation, match="amendment_value_wrong"):
        change(field, value)


@pytest.mark.parametrize("field", ["closes_on", "result_on"])
def test_a_day_that_was_promised_to_those_who_wait_is_moved_but_not_dropped(session, run, change, field):
    run.has_selection = True
    run.result_on = date(2027, 4, 30)
    session.flush()
    with pytest.raises(RuleViolation, match="amendment_value_wrong"):
        change(field, None)


def test_no_change_comes_into_force_in_the_past(change):
    with pytest.raises(RuleViolation, match="amendment_in_past"):
        change("target_number", 9, TODAY - timedelta(days=1))


def test_a_change_that_changes_nothing_is_refused(change):
    change("target_number", 9, LATER)
    with pytest.raises(RuleViolation, match="amendment_changes_nothing"):
        change("target_number", 9, LATER + timedelta(days=3))


def test_a_run_that_is_being_prepared_is_edited_instead(session, run, change):
    run.opened_at = None
    session.flush()
    with pytest.raises(RuleViolation, match="programme_not_open"):
        change("target_number", 9)


def test_dates_stay_in_order_on_every_day_to_come(change):
    change("opens_on", date(2027, 1, 10), LATER)
    with pytest.raises(RuleViolation, match="programme_dates_wrong"):
        change("closes_on", date(2027, 1, 9))


def test_a_waiting_change_is_taken_back(session, run, change, now):
    take_back_amendment(session, change("points_theme", 5, LATER))
    assert (apply_amendments(session, now + timedelta(days=30)), run.points_theme) == (0, 3)
    assert amendments_of(session, run) == []


def test_a_change_in_force_is_not_taken_back(session, change):
    with pytest.raises(RuleViolation, match="amendment_in_force"):
        take_back_amendment(session, change("points_theme", 5))


def test_a_change_on_which_another_rests_is_not_taken_back(session, change):
    first = change("closes_on", date(2027, 6, 30), LATER)
    change("opens_on", date(2027, 5, 1), LATER + timedelta(days=1))
    with pytest.raises(RuleViolation, match="programme_dates_wrong"):
        take_back_amendment(session, first)


VALUES = (
    st.integers(-5, 200)
    | st.dates(date(2026, 1, 1), date(2028, 1, 1))
    | st.text(max_size=70)
    | st.none()
    | st.booleans()
)
ACTS = st.tuples(st.sampled_from(sorted(FROZEN | set(AMENDABLE))), VALUES, st.integers(-2, 40), st.booleans())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(ACTS, max_size=12))
def test_no_sequence_of_changes_moves_a_frozen_field_or_the_order_of_dates(session, now, acts):
    run, user = make_programme(session, result_on=date(2027, 4, 30)), make_user(session)
    frozen = {name: getattr(run, name) for name in FROZEN}
    made_of = {
        name: getattr(contents_of(session, run), name) for name in ("milestones", "questions", "surveys")
    }
    for field, value, days, takes_back in acts:
        try:
            effective_on = local_date(now) + timedelta(days=days)
            made = amend(
                session,
                run,
                field,
                value,
                effective_on=effective_on,
                reason="試し",
                by_user_id=user.id,
                now=now,
            )
            if takes_back:
                take_back_amendment(session, made)
        except RuleViolation:
            continue
        if days > 20:
            now += timedelta(days=1)
            apply_amendments(session, now)
    apply_amendments(session, now + timedelta(days=60))
    session.expire(run)
    assert {name: getattr(run, name) for name in FROZEN} == frozen
    assert {name: getattr(contents_of(session, run), name) for name in made_of} == made_of
    assert run.closes_on is None or run.opens_on <= run.closes_on
