"""A survey's questions as one form; its fields are named by their place: q1, q2, …"""

from typing import Any

from mentorlink.core import forms
from mentorlink.core.forms import Choice, Choices, HouseForm, TextBlock, TextLine
from mentorlink.core.i18n import current_language, lazy
from mentorlink.surveys.models import Question, QuestionKind, QuestionOption, Survey, Target
from mentorlink.surveys.services import Answers

LONGEST_ANSWER = 2000
LARGEST_NUMBER = 100_000


class AnswersForm(HouseForm):
    """Made for one survey by ``form_for``."""

    questions: tuple[Question, ...] = ()

    def answers(self) -> Answers:
        """Question code → chosen codes or text; questions without an answer are left out."""
        given = {question.code: _given(self[field_name(question)]) for question in self.questions}
        return {code: values for code, values in given.items() if values}


class NumberLine(TextLine):
    """A whole number that is not negative, in any width of digits."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        text = (self.cleaned or "").replace(",", "")
        if not text:
            return
        if not text.isdecimal() or int(text) > LARGEST_NUMBER:
            raise ValueError(lazy("数字だけで教えてください（例：3）。"))
        self.cleaned = str(int(text))


class DayLine(forms.DayLine):
    """Kept as ISO, however it was written."""

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        self.cleaned = self.day.isoformat() if self.day else None


def form_for(target: Target, **arguments: Any) -> AnswersForm:
    survey: Survey = target.survey
    fields = {field_name(question): _field(question) for question in survey.questions}
    made = type("SurveyForm", (AnswersForm,), fields | {"questions": tuple(survey.questions)})
    form: AnswersForm = made(**arguments)
    return form


def field_name(question: Question) -> str:
    return f"q{question.position}"


def in_language(japanese: str, english: str, easy: str | None = None) -> str:
    """What of a survey's words the reader reads; やさしい日本語 where somebody wrote it."""
    language = current_language()
    if language.code == "en":
        return english
    return easy if language.easy and easy else japanese


def question_words(question: Question) -> str:
    return in_language(question.text_ja, question.text_en, question.text_easy)


def option_words(option: QuestionOption) -> str:
    return in_language(option.label_ja, option.label_en, option.label_easy)


def _field(question: Question) -> Any:
    label = question_words(question)
    choices = [(option.code, option_words(option)) for option in question.options]
    required = question.required
    match question.kind:
        case QuestionKind.SINGLE:
            return Choice(label, choices=choices, required=required)
        case QuestionKind.MULTIPLE:
            return Choices(label, choices=choices, required=required)
        case QuestionKind.NUMBER:
            return NumberLine(label, 20, required=required)
        case QuestionKind.DATE:
            return DayLine(label, required=required)
        case QuestionKind.TEXT:
            return TextBlock(label, LONGEST_ANSWER, required=required)


def _given(field: Any) -> list[str] | str:
    if isinstance(field, Choice | Choices):
        data: Any = field.data or []
        return [data] if isinstance(data, str) else list(data)
    return field.value or ""
