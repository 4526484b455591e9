from datetime import date

import pytest
from sqlalchemy import func, select

from mentorlink.core.errors import RuleViolation
from mentorlink.programmes.models import MilestoneTemplate, Programme
from mentorlink.programmes.templates import CriterionRow, MilestoneRow, QuestionRow, SurveyRow, load_template
from mentorlink.setup.queries import contents_of, missing_of, phase_of, runs_page, schedules_of
from mentorlink.setup.services import (
    change_draft,
    draft_run,
    open_run,
    remove_draft,
    replace_criteria,
    replace_milestones,
    replace_questions,
    replace_surveys,
)
from mentorlink.setup.words import Phase
from mentorlink.surveys.models import Survey, SurveySchedule
from tests.factories import make_application, make_programme
from tests.setup.test_exchange import make_draft

TODAY = date(2026, 11, 25)


@pytest.fixture
def draft(session):
    return make_draft(session)


def test_a_draft_has_all_of_its_template_and_its_surveys(session, draft):
    assert contents_of(session, draft).model_dump(exclude={"run"}) == load_template("mentorship").model_dump()
    assert (draft.opened_at, draft.fiscal_year) == (None, 2027)


def test_last_years_run_is_copied_with_what_was_changed_in_it(session, draft):
    replace_milestones(session, draft, [MilestoneRow(code="02", due_after_days=14)])
    change_draft(session, draft, {"meeting_minutes": 90})
    copy = draft_run(session, contents_of(session, draft), template=draft.template, opens_on=date(2028, 4, 1))
    assert [(step.code, step.due_after_days) for step in copy.milestones] == [("02", 14)]
    assert (copy.meeting_minutes, copy.fiscal_year, copy.code) == (90, 2028, "mentorship-2028")


@pytest.mark.both_databases
def test_rows_of_a_draft_are_replaced_whole(session, draft):
    replace_milestones(session, draft, [MilestoneRow(code="05", due_after_days=1)])
    replace_questions(
        session,
        draft,
        [QuestionRow(code="q1", length="line", required=False, maximum=50, text_ja="何を", text_en="What")],
    )
    replace_criteria(session, draft, [CriterionRow(code="c1", most=3, name_ja="思い", name_en="Wish")])
    replace_surveys(
        session, draft, [SurveyRow(code="s1", audience="applicant", anchor="meeting_end", after_minutes=5)]
    )
    session.expire(draft)
    assert [step.code for step in draft.milestones] == ["05"]
    assert ([q.code for q in draft.questions], [c.code for c in draft.criteria]) == (["q1"], ["c1"])
    assert [each.survey.code for each in schedules_of(session, draft)] == ["s1"]


def test_opening_freezes_the_newest_version_of_each_survey(session, draft, now):
    session.add(Survey(code="s3", version=99, title_ja="新しい版", title_en="New"))
    session.flush()
    open_run(session, draft, now=now)
    assert {each.survey.version for each in schedules_of(session, draft) if each.survey.code == "s3"} == {99}


CHANGES = [
    lambda session, run: change_draft(session, run, {"meeting_minutes": 30}),
    lambda session, run: replace_milestones(session, run, []),
    lambda session, run: replace_questions(session, run, []),
    lambda session, run: replace_criteria(session, run, []),
    lambda session, run: replace_surveys(session, run, []),
    remove_draft,
]


@pytest.mark.parametrize("change", CHANGES)
def test_an_open_run_is_not_edited(session, draft, now, change):
    open_run(session, draft, now=now)
    before = contents_of(session, draft)
    with pytest.raises(RuleViolation, match="programme_frozen"):
        change(session, draft)
    assert contents_of(session, draft) == before


def test_what_a_run_is_is_not_a_column_to_change(session, draft):
    with pytest.raises(TypeError, match="opened_at"):
        change_draft(session, draft, {"opened_at": None})


def test_dates_of_a_draft_stay_in_order(session, draft):
    with pytest.raises(RuleViolation, match="programme_dates_wrong"):
        change_draft(session, draft, {"result_on": date(2027, 4, 2)})


@pytest.mark.parametrize(
    ("columns", "missing"),
    [
        ({"closes_on": None}, ("closing", "basics")),
        ({"result_on": None}, ("result", "basics")),
        ({"months": 3}, ("late_step", "milestones")),
        ({"opens_on": date(2026, 4, 1), "closes_on": date(2026, 5, 1)}, ("past", "basics")),
    ],
)
def test_a_run_opens_only_when_nothing_is_missing(session, draft, now, columns, missing):
    change_draft(session, draft, columns)
    assert missing_of(draft, TODAY) == [missing]
    with pytest.raises(RuleViolation, match="programme_not_ready"):
        open_run(session, draft, now=now)


def test_a_selection_wants_questions_and_criteria(session, draft):
    replace_questions(session, draft, [])
    replace_criteria(session, draft, [])
    assert [what for what, _part in missing_of(draft, TODAY)] == ["questions", "criteria"]


def test_a_run_opens_once(session, draft, now):
    open_run(session, draft, now=now)
    with pytest.raises(RuleViolation, match="programme_already_open"):
        open_run(session, draft, now=now)


@pytest.mark.both_databases
def test_a_draft_is_removed_without_a_trace(session, draft):
    talk = make_draft(session, "consultation")
    assert talk.leads_to_id == draft.id
    remove_draft(session, draft)
    session.refresh(talk)
    left = [
        session.scalar(select(func.count(model.id)).where(model.programme_id == draft.id))
        for model in (MilestoneTemplate, SurveySchedule)
    ]
    assert (talk.leads_to_id, left) == (None, [0, 0])


@pytest.mark.parametrize(
    ("columns", "phase"),
    [
        ({"opened_at": None}, Phase.PREPARING),
        ({"opens_on": date(2026, 11, 26)}, Phase.OPENING_SOON),
        ({"closes_on": TODAY}, Phase.OPEN),
        ({"closes_on": date(2026, 11, 24)}, Phase.CLOSED),
    ],
)
def test_a_run_stands_at_one_of_four_places(session, columns, phase):
    assert phase_of(make_programme(session, **columns), TODAY) is phase


def test_runs_are_listed_with_how_many_applied_those_in_preparation_first(session, draft):
    run = make_programme(session)
    make_application(session, programme=run)
    make_application(session, programme=run, state="draft", reference=None, submitted_at=None)
    found = runs_page(session, number=1, size=50)
    assert list(found.rows) == [draft, run]
    assert found.applications == {run.id: 1}


def test_a_page_beyond_the_last_is_the_last(session, draft):
    make_programme(session)
    assert (runs_page(session, number=9, size=1).number, runs_page(session, number=9, size=1).pages) == (2, 2)


def test_two_runs_of_one_year_have_codes_of_their_own(session):
    assert [make_draft(session).code for _ in range(3)] == [
        "mentorship-2027",
        "mentorship-2027-2",
        "mentorship-2027-3",
    ]
    assert session.scalar(select(func.count(Programme.id))) == 3
