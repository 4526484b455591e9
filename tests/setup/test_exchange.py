import tomllib
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from mentorlink.core.text_input import BadText, clean_text
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code
from mentorlink.programmes.templates import SurveyRow, load_template, template_names
from mentorlink.setup.files import LARGEST_FILE, BadRunFile, FileTooLarge, read_run
from mentorlink.setup.services import draft_run, export_run, import_run
from mentorlink.setup.toml import write_toml
from mentorlink.setup.words import ANCHOR_WORDS, AUDIENCE_WORDS, problem_words
from mentorlink.surveys.models import Anchor, Audience

OPENS = date(2027, 4, 1)


def make_draft(session, template="mentorship", **columns):
    days = {"opens_on": OPENS, "closes_on": date(2027, 4, 30), "result_on": date(2027, 5, 20)}
    return draft_run(session, load_template(template), template=template, **(days | columns))


def count_runs(session):
    return session.scalar(select(func.count(Programme.id)))


@pytest.mark.both_databases
@pytest.mark.parametrize("template", template_names())
def test_what_is_written_is_read_and_written_again_byte_for_byte(session, template):
    text = export_run(session, make_draft(session, template))
    again = import_run(session, text.encode())
    assert export_run(session, again) == text
    assert again.opened_at is None


def test_a_copy_gets_a_code_of_its_own_and_the_file_names_none(session):
    first = make_draft(session)
    text = export_run(session, first)
    assert "mentorship-2027" not in text
    assert [first.code, import_run(session, text.encode()).code] == ["mentorship-2027", "mentorship-2027-2"]


def readable(text):
    try:
        return bool(text) and clean_text(text, maximum=60, required=True) == text
    except BadText:
        return False


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=st.text(max_size=60).filter(readable))
def test_any_name_that_can_be_typed_survives_the_journey(session, name):
    text = export_run(session, make_draft(session, "consultation", name_ja=name))
    again = import_run(session, text.encode())
    assert (again.name_ja, export_run(session, again)) == (name, text)


@given(
    st.dictionaries(st.from_regex(r"\A[a-z_]{1,9}\Z"), st.text() | st.integers() | st.booleans() | st.dates())
)
def test_written_toml_is_read_back_as_it_was(values):
    assert tomllib.loads(write_toml({"table": values, "rows": [values]}))["rows"] == [values]


def problems_of(session, text):
    before = count_runs(session)
    with pytest.raises(BadRunFile) as refused:
        import_run(session, text.encode() if isinstance(text, str) else text)
    assert count_runs(session) == before
    assert all(str(problem_words(problem)) for problem in refused.value.problems)
    return [(problem.key, problem.what) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("minutes = 60", 'minutes = "sixty"', [("meetings.minutes", "int_type")]),
        ("minutes = 60", "minutes = 99999999999999999999", [("meetings.minutes", "less_than_equal")]),
        ("minutes = 60", "minutes = nan", [("meetings.minutes", "int_type")]),
        ("[team]", "role = 1\n[team]", [("run.role", "extra_forbidden")]),
        ("opens_on = 2027-04-01", "opens_on = 2027-06-01", [("run", "dates_order")]),
        ("opens_on = 2027-04-01", "opens_on = 9999-01-01", [("run.opens_on", "less_than_equal")]),
        (
            'template = "mentorship"',
            'template = "../../etc/passwd"',
            [("run.template", "string_pattern_mismatch")],
        ),
        ('code = "s3"', 'code = "s99"', [("surveys.0.code", "survey_unknown")]),
        ('code = "05"', 'code = "99"', [("milestones.4.code", "milestone_unknown")]),
        ('code = "tried"', 'code = "open"', [("questions", "code_twice")]),
        ('name_en = "Half', 'name_en = "\\u202eHalf', [("name_en", "text_bidi")]),
        ('name_en = "Half', 'name_en = "\\u0000Half', [("name_en", "text_nul")]),
        ("reviewers_min = 2", 'reviewers_min = 2\nleads_to = "nowhere"', [("leads_to", "leads_to_unknown")]),
    ],
)
def test_a_wrong_file_is_refused_by_its_key_and_makes_nothing(session, old, new, found):
    text = export_run(session, make_draft(session))
    assert old in text
    assert problems_of(session, text.replace(old, new, 1)) == found


def test_every_problem_of_a_file_is_named_at_once(session):
    text = export_run(session, make_draft(session))
    wrong = text.replace("minutes = 60", "minutes = 0").replace("most = 4", "most = 99")
    assert len(problems_of(session, wrong)) == 5


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "missing"),
        (b"\xff\xfe", "encoding"),
        (b"[run", "toml"),
        (b"a = " + b"[" * 5000, "toml"),
        (b"a = " + b"9" * 5000, "toml"),
        (b'a = "\x00"', "toml"),
    ],
)
def test_what_is_no_run_at_all_is_refused(session, content, what):
    assert problems_of(session, content)[0][1] == what


def test_a_file_that_is_too_large_is_not_even_read():
    with pytest.raises(FileTooLarge):
        read_run(b"#" * (LARGEST_FILE + 1))


def test_a_run_stays_itself_when_its_link_onward_cannot_be_made_yet(session):
    talk = make_draft(session, "consultation")
    assert 'leads_to = "mentorship"' in export_run(session, talk)
    assert talk.leads_to_id is None
    half_year = make_draft(session)
    session.refresh(talk)
    assert talk.leads_to_id == half_year.id


def test_every_kind_of_survey_row_has_words_and_a_place_in_a_file():
    fields = SurveyRow.model_fields
    assert set(fields["anchor"].annotation.__args__) == set(Anchor) == set(ANCHOR_WORDS)
    assert set(fields["audience"].annotation.__args__) == set(Audience) == set(AUDIENCE_WORDS)


def test_an_unknown_code_finds_nothing(session):
    assert by_code(session, "../mentorship-2027") is None
