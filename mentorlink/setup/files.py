"""One run as one TOML file: a programme template, and when it was held. No codes, no names of people."""

import tomllib
from datetime import date
from typing import Annotated, Any, NamedTuple

from pydantic import Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from mentorlink.core.dates import FIRST_YEAR, LAST_YEAR
from mentorlink.programmes.services import dates_are_in_order
from mentorlink.programmes.templates import Table, Template
from mentorlink.setup.toml import write_toml

LARGEST_FILE = 256 * 1024  # bytes; a full run takes some ten thousand
TEMPLATE_NAME = r"^[a-z0-9](-?[a-z0-9]){0,39}$"

Day = Annotated[date, Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]


class Problem(NamedTuple):
    """What is wrong at ``key`` (``surveys.0.code``; "" for the whole file). ``what`` is a key of problem words."""

    key: str
    what: str
    details: dict[str, Any]


class BadRunFile(ValueError):
    """A file that is no run, with every problem of it."""

    def __init__(self, problems: list[Problem]):
        super().__init__("\n".join(f"{problem.key}: {problem.what}" for problem in problems))
        self.problems = problems


class FileTooLarge(ValueError):
    """More bytes than any run takes."""


class RunRow(Table):
    template: Annotated[str, Field(pattern=TEMPLATE_NAME)]
    fiscal_year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    opens_on: Day
    closes_on: Day | None = None
    result_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "RunRow":
        if not dates_are_in_order(self.opens_on, self.closes_on, self.result_on):
            raise PydanticCustomError(
                "dates_order", "closes before it opens, or tells results before it closes"
            )
        return self


class RunFile(Template):
    run: RunRow


def write_run(contents: RunFile) -> str:
    """The same run, byte for byte the same text."""
    values = contents.model_dump(exclude_none=True)
    run = values.pop("run")
    return write_toml({"run": run} | values)


def read_run(content: bytes) -> RunFile:
    """The run in a file. Raises FileTooLarge, and BadRunFile with every problem."""
    if len(content) > LARGEST_FILE:
        raise FileTooLarge
    try:
        return RunFile.model_validate(tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n")))
    except UnicodeDecodeError:
        raise BadRunFile([Problem("", "encoding", {})]) from None
    except ValidationError as error:
        raise BadRunFile(
            [Problem(".".join(map(str, p["loc"])), p["type"], p.get("ctx", {})) for p in error.errors()]
        ) from None
    except (ValueError, RecursionError):  # tomllib: its own error, a number of 10,000 digits, 10,000 brackets
        raise BadRunFile([Problem("", "toml", {})]) from None
