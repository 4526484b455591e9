"""A run in words, part by part, as the office reads it back."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from mentorlink.core import taxonomy
from mentorlink.core.dates import format_date
from mentorlink.core.i18n import current_language, gettext, plain
from mentorlink.programmes.models import Programme
from mentorlink.setup.amendable import POINTS, SWITCHES
from mentorlink.setup.words import (
    ANCHOR_WORDS,
    AUDIENCE_WORDS,
    FIELD_WORDS,
    MATCH_WORDS,
    PART_WORDS,
    after_words,
    in_units,
)
from mentorlink.surveys.models import SurveySchedule

Line = tuple[str, str]


class Section(NamedTuple):
    part: str
    title: str
    lines: list[Line]


def sections_of(programme: Programme, schedules: Sequence[SurveySchedule]) -> list[Section]:
    """Every part that this run has, with its lines (label, value)."""
    found = {
        "basics": _basics(programme),
        "shape": _shape(programme),
        "milestones": _milestones(programme),
        "questions": _numbered([row.text_en if _english() else row.text_ja for row in programme.questions]),
        "criteria": _criteria(programme),
        "surveys": [_survey(each) for each in schedules],
        "points": [(gettext(FIELD_WORDS[name]), str(getattr(programme, name))) for name in POINTS],
    }
    if not programme.has_selection:
        del found["questions"], found["criteria"]
    if not programme.months and not programme.milestones:
        del found["milestones"]
    return [Section(part, gettext(PART_WORDS[part][0]), lines) for part, lines in found.items()]


def shown_value(value: object) -> str:
    """A column as a person reads it: a day with its weekday, nothing as —."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("する") if value else gettext("しない")
    return format_date(value) if isinstance(value, date) else str(value)


def _basics(programme: Programme) -> list[Line]:
    names = ["opens_on", "closes_on", "result_on"] if programme.has_selection else ["opens_on", "closes_on"]
    names += ["target_number", "introduction_en" if _english() else "introduction_ja"]
    return [(gettext(FIELD_WORDS[name]), shown_value(getattr(programme, name))) for name in names]


def _shape(programme: Programme) -> list[Line]:
    lines = [
        (gettext("一回の長さ"), gettext("%(n)s分", n=programme.meeting_minutes)),
        (gettext("回数"), gettext("%(n)s回から", n=programme.meetings_min)),
    ]
    if programme.months:
        lines.append((gettext("期間"), gettext("%(n)sか月", n=programme.months)))
    least, most = programme.team_min, programme.team_max
    team = str(least) if least == most else f"{least}〜{most}"
    return [
        *lines,
        (gettext("一組の講師・メンター"), gettext("%(n)s人", n=team)),
        (gettext("お相手の決め方"), gettext(MATCH_WORDS[programme.match_mode])),
        (gettext("選考"), shown_value(programme.has_selection)),
        *((gettext(FIELD_WORDS[name]), shown_value(getattr(programme, name))) for name in SWITCHES),
    ]


def _milestones(programme: Programme) -> list[Line]:
    words = {each.code: str(each) for each in taxonomy.terms("milestone")}
    return [
        (words.get(step.code, step.code), gettext("はじまりから%(n)s日後", n=step.due_after_days))
        for step in programme.milestones
    ]


def _criteria(programme: Programme) -> list[Line]:
    return [
        (row.name_en if _english() else row.name_ja, gettext("0〜%(n)s点", n=row.most))
        for row in programme.criteria
    ] + [(gettext("一件を見る人"), gettext("%(n)s人", n=programme.reviewers_min))]


def _survey(schedule: SurveySchedule) -> Line:
    after, unit = in_units(schedule.after_minutes)
    title = schedule.survey.title_en if _english() else schedule.survey.title_ja
    return (
        title,
        f"{plain(AUDIENCE_WORDS[schedule.audience])}　{plain(ANCHOR_WORDS[schedule.anchor])} {after_words(after, unit)}",
    )


def _numbered(texts: Sequence[str]) -> list[Line]:
    return [(str(number), text) for number, text in enumerate(texts, start=1)]


def _english() -> bool:
    return current_language().code == "en"
