"""What a scheme is made of, read from ``seed/programmes/*.toml``. A wrong file is refused by its name and key."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from mentorlink.core import taxonomy
from mentorlink.core.paths import resource
from mentorlink.core.text_input import BadText, clean_text
from mentorlink.programmes.models import MatchMode, QuestionLength

Count = Annotated[int, Field(ge=1, le=10_000)]
FromZero = Annotated[int, Field(ge=0, le=10_000)]
Point = Annotated[int, Field(ge=0, le=100)]


def _readable(text: str, *, multiline: bool = False) -> str:
    """As ``clean_text`` leaves it. A file from elsewhere is no better than what somebody types."""
    try:
        return clean_text(text, multiline=multiline, maximum=len(text) + 1, required=True)
    except BadText as problem:
        raise PydanticCustomError(f"text_{problem.code}", "unreadable text") from None


def _readable_lines(text: str) -> str:
    return _readable(text, multiline=True)


Words = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_readable)]
Sentence = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_readable)]
Passage = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_readable_lines)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,29}$")]
TEN_YEARS = 10 * 365 * 24 * 60  # minutes
MOST_ROWS = 10
MOST_SURVEYS = 20

OWN_COLUMNS = (
    "name_ja",
    "name_en",
    "talk_ja",
    "talk_en",
    "introduction_ja",
    "introduction_en",
    "match_mode",
    "has_selection",
    "target_number",
    "reviewers_min",
    "nightly_round",
)  # of Programme, under the same name in a file


class TemplateError(ValueError):
    """A template file cannot be used; the text names the file, the key and what is wrong with it."""


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Team(Table):
    min: Count = 1
    max: Count = 1

    @model_validator(mode="after")
    def _in_order(self) -> "Team":
        if self.min > self.max:
            raise PydanticCustomError("team_order", "min is more than max")
        return self


class Meetings(Table):
    minutes: Annotated[int, Field(ge=5, le=480)]
    least: Count = 1
    months: Annotated[int, Field(ge=0, le=60)] = 0


class Deadlines(Table):
    """Hours and days are business hours and business days; the horizon counts every day."""

    answer_hours: Count
    offer_hours: Count
    search_days: Count
    horizon_days: Annotated[int, Field(ge=1, le=180)]


class Points(Table):
    theme: Point
    target: Point
    main_category: Point
    other_category: Point
    stage: Point
    similar: Point
    similar_most: Point
    region: Point


class MilestoneRow(Table):
    code: str
    due_after_days: FromZero

    @field_validator("code")
    @classmethod
    def _is_known(cls, code: str) -> str:
        if code not in taxonomy.codes("milestone"):
            raise PydanticCustomError("milestone_unknown", "no such milestone in taxonomies.csv")
        return code


class SurveyRow(Table):
    """Which questionnaire goes to whom, so many minutes after what; ``surveys`` plans it."""

    code: Annotated[str, Field(min_length=1, max_length=60)]
    audience: Literal["applicant", "supporter"]
    anchor: Literal["meeting_end", "engagement_start", "engagement_end"]
    after_minutes: Annotated[int, Field(ge=0, le=TEN_YEARS)]
    remind_after_days: Annotated[int, Field(ge=1, le=365)] | None = None


class QuestionRow(Table):
    """A question that only this programme's form asks; ``maximum`` counts characters."""

    code: Code
    length: Annotated[QuestionLength, Field(strict=False)]
    required: bool
    maximum: Annotated[int, Field(ge=1, le=5000)]
    text_ja: Sentence
    text_en: Sentence
    help_ja: Sentence | None = None
    help_en: Sentence | None = None


class CriterionRow(Table):
    """What reviewers look at, scored from 0 to ``most``."""

    code: Code
    most: Annotated[int, Field(ge=1, le=10)]
    name_ja: Words
    name_en: Words
    guide_ja: Sentence | None = None
    guide_en: Sentence | None = None


class Template(Table):
    name_ja: Words
    name_en: Words
    talk_ja: Words
    talk_en: Words
    match_mode: Annotated[MatchMode, Field(strict=False)]
    has_selection: bool
    target_number: Count | None = None
    introduction_ja: Passage | None = None
    introduction_en: Passage | None = None
    reviewers_min: Annotated[int, Field(ge=1, le=9)] = 2
    nightly_round: bool = False
    leads_to: str | None = None
    team: Team
    meetings: Meetings
    deadlines: Deadlines
    points: Points
    milestones: tuple[MilestoneRow, ...] = Field(default=(), strict=False, max_length=MOST_ROWS)
    questions: tuple[QuestionRow, ...] = Field(default=(), strict=False, max_length=MOST_ROWS)
    criteria: tuple[CriterionRow, ...] = Field(default=(), strict=False, max_length=MOST_ROWS)
    surveys: tuple[SurveyRow, ...] = Field(default=(), strict=False, max_length=MOST_SURVEYS)

    @field_validator("milestones", "questions", "criteria")
    @classmethod
    def _are_different(cls, rows: tuple[Any, ...]) -> tuple[Any, ...]:
        if len({row.code for row in rows}) < len(rows):
            raise PydanticCustomError("code_twice", "a code is there twice")
        return rows

    @field_validator("surveys")
    @classmethod
    def _ask_once(cls, rows: tuple[SurveyRow, ...]) -> tuple[SurveyRow, ...]:
        if len({(row.code, row.audience, row.anchor, row.after_minutes) for row in rows}) < len(rows):
            raise PydanticCustomError("survey_twice", "the same survey is asked twice at one time")
        return rows

    def columns(self) -> dict[str, Any]:
        """The values of ``Programme``'s columns."""
        return {
            **{name: getattr(self, name) for name in OWN_COLUMNS},
            "team_min": self.team.min,
            "team_max": self.team.max,
            "meeting_minutes": self.meetings.minutes,
            "meetings_min": self.meetings.least,
            "months": self.meetings.months,
            **self.deadlines.model_dump(),
            **{f"points_{name}": value for name, value in self.points.model_dump().items()},
        }


def template_names() -> tuple[str, ...]:
    """Every template that ships, in alphabetical order."""
    return tuple(sorted(path.stem for path in resource("seed", "programmes").glob("*.toml")))


@lru_cache
def load_template(name: str) -> Template:
    """One template that ships. Raises TemplateError for an unknown name and for a file that is wrong."""
    if name not in template_names():
        raise TemplateError(f"no programme template {name!r}; there are: {', '.join(template_names())}")
    template = read_template(resource("seed", "programmes", f"{name}.toml"))
    if template.leads_to is not None and template.leads_to not in template_names():
        raise TemplateError(f"{name}.toml: leads_to: no programme template {template.leads_to!r}")
    return template


def read_template(path: Path) -> Template:
    """The template in a file. Raises TemplateError with every problem of it, one a line."""
    try:
        return Template.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name}: {error}") from None
    except ValidationError as error:
        problems = (f"{path.name}: {'.'.join(map(str, p['loc']))}: {p['msg']}" for p in error.errors())
        raise TemplateError("\n".join(problems)) from None
