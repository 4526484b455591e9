from datetime import date

import pytest

from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.programmes.queries import by_code, leading_to, open_programmes, runs
from mentorlink.programmes.services import create_programme, open_programme

FROM = date(2026, 4, 1)


def make(session, template, now, *, year=2026, **columns):
    return create_programme(
        session, template, code=f"{template}-{year}", fiscal_year=year, opens_on=FROM, now=now, **columns
    )


def test_a_run_takes_its_numbers_from_the_template(session, now):
    run = make(session, "consultation", now)
    assert (run.meeting_minutes, run.meetings_min, run.team_max, run.has_selection) == (60, 1, 1, False)
    assert (run.points_theme, run.points_similar_most, run.search_days) == (3, 2, 5)


def test_an_override_wins_over_the_template(session, now):
    assert make(session, "mentorship", now, target_number=8).target_number == 8


def test_an_unknown_override_is_refused(session, now):
    with pytest.raises(TypeError, match="minutes"):
        make(session, "consultation", now, minutes=90)


def test_the_half_year_has_five_milestones_in_order(session, now):
    run = make(session, "mentorship", now)
    assert [step.code for step in run.milestones] == ["01", "02", "03", "04", "05"]
    assert [step.due_after_days for step in run.milestones] == [30, 60, 100, 150, 180]


def test_the_half_year_asks_its_own_questions_and_names_what_reviewers_look_at(session, now):
    run = make(session, "mentorship", now)
    assert [question.code for question in run.questions] == ["open", "tried", "company", "time", "hope"]
    assert [(criterion.name_ja, criterion.most) for criterion in run.criteria] == [
        ("思いの根", 4),
        ("届けたい人", 4),
        ("一歩の具体", 4),
        ("続ける見通し", 4),
    ]
    assert run.reviewers_min == 2


@pytest.mark.parametrize("order", [("consultation", "mentorship"), ("mentorship", "consultation")])
def test_a_run_leads_to_the_other_of_its_year_whichever_came_first(session, now, order):
    made = {template: make(session, template, now) for template in order}
    make(session, "mentorship", now, year=2025)
    session.refresh(made["consultation"])
    assert made["consultation"].leads_to_id == made["mentorship"].id
    assert leading_to(session, made["mentorship"]) == [made["consultation"]]


def test_a_code_is_used_once(session, now):
    make(session, "consultation", now)
    with pytest.raises(Conflict, match="programme_exists"):
        make(session, "consultation", now)


@pytest.mark.parametrize("code", ["", "Talk", "a b", "-a", "../x", "a" * 99, "a\n"])
def test_a_code_that_is_no_address_is_refused(session, now, code):
    with pytest.raises(RuleViolation, match="programme_code_wrong"):
        create_programme(session, "consultation", code=code, fiscal_year=2026, opens_on=FROM, now=now)


def test_a_run_that_would_close_before_it_opens_is_refused(session, now):
    with pytest.raises(RuleViolation, match="programme_dates_wrong"):
        make(session, "consultation", now, closes_on=date(2026, 3, 31))


def test_only_opened_runs_between_their_dates_take_applications(session, now):
    talk = make(session, "consultation", now, closes_on=date(2027, 3, 31))
    year = make(session, "mentorship", now)
    open_programme(session, talk, now=now)
    assert open_programmes(session, date(2026, 11, 25)) == [talk]
    assert open_programmes(session, date(2026, 3, 31)) == open_programmes(session, date(2027, 4, 1)) == []
    open_programme(session, year, now=now)
    assert open_programmes(session, date(2027, 3, 31)) == [talk, year]


def test_a_run_opens_once(session, now):
    run = make(session, "consultation", now)
    open_programme(session, run, now=now)
    with pytest.raises(RuleViolation, match="programme_already_open"):
        open_programme(session, run, now=now)


def test_a_run_is_found_by_its_code(session, now):
    run = make(session, "consultation", now)
    older = make(session, "consultation", now, year=2025)
    assert by_code(session, run.code) == run
    assert by_code(session, "no-such-run") is None
    assert runs(session) == [run, older]
