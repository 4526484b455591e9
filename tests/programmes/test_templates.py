import re
from pathlib import Path

import pytest

import mentorlink
from mentorlink.core.paths import resource
from mentorlink.programmes.templates import TemplateError, load_template, read_template, template_names


@pytest.fixture
def edited(tmp_path):
    """A copy of the shipped template with one text replaced."""

    def edited(old: str, new: str) -> Path:
        text = resource("seed", "programmes", "consultation.toml").read_text(encoding="utf-8")
        assert old in text
        path = tmp_path / "mine.toml"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return edited


def test_every_shipped_template_is_right():
    assert [load_template(name).meetings.minutes for name in template_names()] == [60, 60]


def test_an_unknown_template_is_refused_with_the_ones_that_exist():
    with pytest.raises(
        TemplateError, match="no programme template 'concert'; there are: consultation, mentorship"
    ):
        load_template("concert")


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("minutes = 60", 'minutes = "sixty"', r"mine\.toml: meetings\.minutes: "),
        ("minutes = 60", "minutes = 0", r"mine\.toml: meetings\.minutes: "),
        ("months = 0", "months = 0\nweeks = 2", r"mine\.toml: meetings\.weeks: Extra inputs"),
        ("has_selection = false", "has_selection = 0", r"mine\.toml: has_selection: "),
        ('match_mode = "coordinator"', 'match_mode = "lottery"', r"mine\.toml: match_mode: "),
        ("max = 1", "max = 0", r"mine\.toml: team\.max: "),
        ("min = 1", "min = 2", r"mine\.toml: team: .*min is more than max"),
        ('anchor = "meeting_end"', 'anchor = "birthday"', r"mine\.toml: surveys\.0\.anchor: "),
        ("theme = 3", "theme = -3", r"mine\.toml: points\.theme: "),
        ('name_ja = "60分の個別相談"', "", r"mine\.toml: name_ja: Field required"),
        ("[team]", "[team", r"mine\.toml: "),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(edited, old, new, named):
    with pytest.raises(TemplateError, match=named):
        read_template(edited(old, new))


def test_every_problem_of_a_file_is_named_at_once(edited):
    path = edited("minutes = 60", "minutes = -1\nweeks = 1")
    with pytest.raises(TemplateError) as problem:
        read_template(path)
    assert len(str(problem.value).splitlines()) == 2


def test_no_source_file_names_a_programme():
    names = re.compile(rf"""["']({"|".join(template_names())})(-\d+)?["']""")
    source = Path(mentorlink.__file__).parent
    named = [path.name for path in source.rglob("*.py") if names.search(path.read_text(encoding="utf-8"))]
    assert named == []
