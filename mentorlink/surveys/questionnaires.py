"""Questionnaires as they stand in ``seed/surveys/*.toml``: read, checked, and made into rows once."""

import tomllib
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core import taxonomy
from mentorlink.core.paths import resource
from mentorlink.surveys.models import Question, QuestionKind, QuestionOption, Survey

CHOSEN_FROM_OPTIONS = (QuestionKind.SINGLE, QuestionKind.MULTIPLE)


class BadQuestionnaire(ValueError):
    """A file that cannot be a questionnaire, with the reason."""


def load_files(session: Session, folder: Path | None = None) -> list[Survey]:
    """Make the surveys that are not there yet; a version that is there is never changed."""
    found = (tomllib.loads(path.read_text("utf-8")) for path in sorted(_files(folder)))
    known = {(survey.code, survey.version): survey for survey in session.scalars(select(Survey))}
    surveys = []
    for data in found:
        survey = known.get((data["code"], data["version"]))
        if survey is None:
            survey = survey_from(data)
            session.add(survey)
        surveys.append(survey)
    session.flush()
    return surveys


def survey_from(data: dict[str, Any]) -> Survey:
    """A new survey with its questions. Raises BadQuestionnaire on options that are missing or not wanted."""
    lists = data.get("option_lists", {})
    return Survey(
        code=data["code"],
        version=data["version"],
        title_ja=data["title_ja"],
        title_en=data["title_en"],
        questions=[
            _question(position, question, lists) for position, question in enumerate(data["questions"], 1)
        ],
    )


def _files(folder: Path | None) -> list[Path]:
    return list((folder or resource("seed", "surveys")).glob("*.toml"))


def _question(position: int, data: dict[str, Any], lists: dict[str, Any]) -> Question:
    kind = QuestionKind(data["kind"])
    options = _options(data, lists)
    if bool(options) != (kind in CHOSEN_FROM_OPTIONS):
        raise BadQuestionnaire(f"{data['code']}: options do not fit the kind {kind}")
    return Question(
        position=position,
        code=data["code"],
        kind=kind,
        required=data["required"],
        text_ja=data["text_ja"],
        text_en=data["text_en"],
        text_easy=data.get("text_easy"),
        options=options,
    )


def _options(data: dict[str, Any], lists: dict[str, Any]) -> list[QuestionOption]:
    if "options_from" in data:
        left_out = data.get("leave_out", [])
        choices = [choice for choice in _choices_from(data["options_from"]) if choice["code"] not in left_out]
    elif "options_like" in data:
        choices = lists[data["options_like"]]
    else:
        choices = data.get("options", [])
    return [
        QuestionOption(
            position=position,
            code=choice["code"],
            label_ja=choice["ja"],
            label_en=choice["en"],
            label_easy=choice.get("easy") or None,
            leads_on=choice.get("leads_on", False),
        )
        for position, choice in enumerate(choices, 1)
    ]


def _choices_from(scheme: str) -> list[dict[str, str]]:
    """A list of the field's words; where it has whole sentences, those are the choices."""
    if scheme == "prefecture":
        return [{"code": each.code, "ja": each.ja, "en": each.en} for each in taxonomy.prefectures()]
    return [
        {"code": term.code, "ja": term.said("ja"), "en": term.said("en"), "easy": term.easy}
        for term in taxonomy.terms(scheme)
    ]
