"""Parts of a run that are lists: each row a small form, one empty one at the end, whole without a script."""

import re
from collections.abc import Sequence
from typing import Any

from flask import abort, request
from wtforms import FieldList, FormField, HiddenField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from mentorlink.core import taxonomy
from mentorlink.core.forms import Check, Choice, ListChoice, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.programmes.models import QuestionLength
from mentorlink.programmes.templates import (
    MOST_ROWS,
    MOST_SURVEYS,
    CriterionRow,
    MilestoneRow,
    QuestionRow,
    SurveyRow,
)
from mentorlink.setup.fields import NumberLine
from mentorlink.setup.forms import PartForm
from mentorlink.setup.words import ANCHOR_WORDS, AUDIENCE_WORDS, UNITS, after_words, in_units

OWN_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,29}")


class RowForm(PlainForm):
    """A row of a list. An empty one is nobody's mistake; one that is ticked to go is not looked at."""

    wanted: tuple[str, ...] = ()  # without all of these the row is empty

    code = HiddenField()
    place = NumberLine(lazy("順番"), 1, 99, required=False)
    remove = Check(lazy("なくす"))

    class Meta:
        locales = ("ja",)

    @property
    def title(self) -> str:
        """What a closed row is known by."""
        first = self[self.wanted[0]]
        return chosen_word(first) if isinstance(first, ListChoice) else str(first.data or "")

    @property
    def counts(self) -> bool:
        return not self.remove.data and any(str(self[name].data or "").strip() for name in self.wanted)

    def validate(self, extra_validators: Any = None) -> bool:
        return super().validate(extra_validators) if self.counts else True


class MilestoneForm(RowForm):
    wanted = ("step", "due_after_days")

    @property
    def title(self) -> str:
        days = self.due_after_days.data
        return f"{super().title}　{after_words(days, 'days')}" if days else super().title

    step = ListChoice(
        lazy("節目"), choices=[("", "—"), *((each.code, each) for each in taxonomy.terms("milestone"))]
    )
    due_after_days = NumberLine(lazy("はじまりから何日後"), 0, 10_000)

    def row(self, _code: str) -> MilestoneRow:
        return MilestoneRow(code=self.step.data, due_after_days=self.due_after_days.whole)

    @staticmethod
    def shown(row: Any) -> dict[str, Any]:
        return {"step": row.code, "due_after_days": row.due_after_days}


class QuestionForm(RowForm):
    wanted = ("text_ja", "text_en", "help_ja", "help_en")

    text_ja = TextBlock(lazy("質問"), 300, required=True)
    help_ja = TextBlock(lazy("添えることば"), 300)
    text_en = TextBlock(lazy("質問（英語）"), 300)
    help_en = TextBlock(lazy("添えることば（英語）"), 300)
    length = Choice(
        lazy("書くところ"),
        choices=[
            (QuestionLength.BLOCK.value, lazy("何行か書ける")),
            (QuestionLength.LINE.value, lazy("一行")),
        ],
        default=QuestionLength.BLOCK.value,
    )
    maximum = NumberLine(lazy("何文字まで"), 1, 5000, default=600)
    required = Check(lazy("かならず答えていただく"))

    def row(self, code: str) -> QuestionRow:
        return QuestionRow(
            code=code,
            length=QuestionLength(self.length.data),
            required=bool(self.required.data),
            maximum=self.maximum.whole,
            text_ja=one_line(self.text_ja.text),
            text_en=one_line(self.text_en.text or self.text_ja.text),
            help_ja=one_line(self.help_ja.text) or None,
            help_en=one_line(self.help_en.text) or None,
        )

    @staticmethod
    def shown(row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in QuestionRow.model_fields}


class CriterionForm(RowForm):
    wanted = ("name_ja", "name_en", "guide_ja", "guide_en")

    name_ja = TextLine(lazy("見るところ"), 60, required=True)
    guide_ja = TextBlock(lazy("点のめやす"), 300)
    name_en = TextLine(lazy("見るところ（英語）"), 60)
    guide_en = TextBlock(lazy("点のめやす（英語）"), 300)
    most = NumberLine(lazy("一番高い点"), 1, 10, default=4)

    def row(self, code: str) -> CriterionRow:
        return CriterionRow(
            code=code,
            most=self.most.whole,
            name_ja=self.name_ja.text,
            name_en=self.name_en.text or self.name_ja.text,
            guide_ja=one_line(self.guide_ja.text) or None,
            guide_en=one_line(self.guide_en.text) or None,
        )

    @staticmethod
    def shown(row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in CriterionRow.model_fields}


class SurveyForm(RowForm):
    wanted = ("survey",)

    survey = ListChoice(lazy("アンケート"), choices=[])
    audience = Choice(
        lazy("どなたに"),
        choices=[(key, lazy(word)) for key, word in AUDIENCE_WORDS.items()],
        default="applicant",
    )
    anchor = ListChoice(lazy("いつ"), choices=[(key, lazy(word)) for key, word in ANCHOR_WORDS.items()])
    after = NumberLine(lazy("どれだけ後"), 0, 10_000, default=0)
    unit = ListChoice(
        lazy("単位"),
        choices=[("minutes", lazy("分")), ("hours", lazy("時間")), ("days", lazy("日"))],
        default="days",
    )
    remind_after_days = NumberLine(
        lazy("お返事がないとき、何日後に一度だけお知らせするか"), 1, 365, required=False
    )

    @property
    def title(self) -> str:
        """One questionnaire may go out several times: its name, to whom, and when."""
        words = [chosen_word(field) for field in (self.survey, self.audience, self.anchor)]
        when = after_words(self.after.data, self.unit.data or "days")
        return "　".join([*words, when]).strip()

    def validate_unit(self, field: ListChoice) -> None:
        if self.after.whole * UNITS[field.data] > UNITS["days"] * 3650:
            raise ValidationError(lazy("10年より先にはできません。"))

    def row(self, _code: str) -> SurveyRow:
        return SurveyRow(
            code=self.survey.data,
            audience=self.audience.data,
            anchor=self.anchor.data,
            after_minutes=self.after.whole * UNITS[self.unit.data],
            remind_after_days=self.remind_after_days.number,
        )

    @staticmethod
    def shown(row: Any) -> dict[str, Any]:
        after, unit = in_units(row.after_minutes)
        values = {name: getattr(row, name) for name in ("audience", "anchor", "remind_after_days")}
        return values | {"survey": row.code, "after": after, "unit": unit}


class ListForm(PartForm):
    """A part that is a list; ``rows`` are as many as there are, and one more."""

    most = MOST_ROWS
    rows: FieldList

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if request and any(
            len(values) > 1 for name, values in request.form.lists() if name.startswith("rows-")
        ):
            abort(400)

    @classmethod
    def row_kind(cls) -> Any:
        """The class of its rows' forms."""
        return cls.rows.args[0].args[0]

    def add_empty(self) -> None:
        if len(self.rows) < self.most:
            self.rows.append_entry({"place": len(self.rows) + 1})

    def made_rows(self, known: set[str]) -> list[Any]:
        """The rows that count, in the order of their places. A code that the run does not know becomes a new one."""
        counting = sorted(
            (entry.form for entry in self.rows if entry.form.counts), key=lambda row: row.place.number or 99
        )
        free = (f"q{number}" for number in range(1, 1000) if f"q{number}" not in known)
        found, taken = [], set[str]()
        for row in counting:
            code = row.code.data if row.code.data in known - taken else next(free)
            taken.add(code)
            found.append(row.row(code))
        return found

    def validate_rows(self, field: FieldList) -> None:
        keys = [self.key_of(entry.form) for entry in field if entry.form.counts]
        if len(set(keys)) < len(keys):
            raise ValidationError(lazy("同じものが二つあります。一つにしてください。"))

    @staticmethod
    def key_of(row: Any) -> Any:
        """What no two rows share."""
        return id(row)


class MilestonesForm(ListForm):
    rows = FieldList(FormField(MilestoneForm), max_entries=MOST_ROWS)

    @staticmethod
    def key_of(row: Any) -> Any:
        return row.step.data


class QuestionsForm(ListForm):
    rows = FieldList(FormField(QuestionForm), max_entries=MOST_ROWS)


class CriteriaForm(ListForm):
    reviewers_min = NumberLine(lazy("一件を何人で見ますか"), 1, 9)
    rows = FieldList(FormField(CriterionForm), max_entries=MOST_ROWS)


class SurveysForm(ListForm):
    most = MOST_SURVEYS
    rows = FieldList(FormField(SurveyForm), max_entries=MOST_SURVEYS)

    def offer(self, surveys: Sequence[tuple[str, str]]) -> None:
        for entry in self.rows:
            entry.form.survey.choices = [("", "—"), *surveys]

    @staticmethod
    def key_of(row: Any) -> Any:
        minutes = row.after.whole * UNITS.get(row.unit.data, 0)
        return row.survey.data, row.audience.data, row.anchor.data, minutes


def one_line(text: str) -> str:
    """Sentences stand on one line in a file and on the page."""
    return "　".join(text.split("\n"))


def chosen_word(field: ListChoice | Choice) -> str:
    """The label of what is chosen; "" where that is nothing or nothing known."""
    return next(
        (str(label) for value, label, *_rest in field.iter_choices() if value and value == field.data), ""
    )
