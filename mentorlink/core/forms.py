"""The house's form fields: text is cleaned and judged once, the same way on every screen."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import abort, request
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from mentorlink.core.dates import BadDate, parse_date
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.spoken import parse_coming_date
from mentorlink.core.text_input import BadText, clean_text, message_for, normalise_email, normalise_phone

Label = str | LazyText


class HouseForm(FlaskForm):
    """A form that refuses a repeated single value with 400: no honest browser sends one."""

    class Meta(FlaskForm.Meta):
        locales = ("ja",)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self:
            if (
                request
                and not isinstance(field, SelectMultipleField)
                and len(request.form.getlist(field.name)) > 1
            ):
                abort(400)


class _Cleaned(StringField):
    """Runs a cleaner over the text; a BadText becomes the field's error, and the text stays as typed."""

    def __init__(self, label: Label, clean: Callable[[str], str | None], required: bool, **kwargs: Any):
        super().__init__(label, **kwargs)
        self.clean = clean
        self.required = self.flags.required = required
        self.cleaned: str | None = None

    def pre_validate(self, form: Any) -> None:
        typed = self.data or ""
        try:
            self.cleaned = self.clean(typed) or None
        except BadText as problem:
            raise StopValidation(lazy(message_for(problem.code), **problem.params)) from problem
        if self.required and self.cleaned is None:
            raise StopValidation(lazy("ここを教えてください。"))

    @property
    def value(self) -> str | None:
        """What is to be stored; None where nothing was written. Valid after ``validate()``."""
        return self.cleaned

    @property
    def text(self) -> str:
        """The same for a required field; "" where nothing was written."""
        return self.cleaned or ""


class TextLine(_Cleaned):
    def __init__(self, label: Label, maximum: int, required: bool = False, **kwargs: Any):
        super().__init__(label, lambda text: clean_text(text, maximum=maximum), required, **kwargs)
        self.maximum = maximum


class TextBlock(_Cleaned, TextAreaField):
    def __init__(self, label: Label, maximum: int, required: bool = False, **kwargs: Any):
        super().__init__(
            label, lambda text: clean_text(text, maximum=maximum, multiline=True), required, **kwargs
        )
        self.maximum = maximum


class DayLine(TextLine):
    """A day in any common way of writing it, full-width and 令和 included; ``day`` after ``validate()``, None where
    nothing was written. What was written stays as it was.
    """

    def __init__(self, label: Label, required: bool = False, **kwargs: Any):
        super().__init__(label, 40, required=required, **kwargs)
        self.day: date | None = None

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, date) else super()._value()

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        try:
            self.day = self.read(self.cleaned, form) if self.cleaned else None
        except BadDate as problem:
            raise StopValidation(lazy(message_for(problem.code))) from problem

    def read(self, text: str, form: Any) -> date:
        return parse_date(text)

    @property
    def is_plain(self) -> bool:
        """Whether a native date field can show what was written."""
        try:
            return not self.data or date.fromisoformat(self.data).isoformat() == self.data
        except (TypeError, ValueError):
            return isinstance(self.data, date)


class ComingDay(DayLine):
    """A day to come, also without its year, and as あした. The form knows its ``today``."""

    def read(self, text: str, form: Any) -> date:
        return parse_coming_date(text, form.today)


class EmailLine(_Cleaned):
    def __init__(self, label: Label, required: bool = False, **kwargs: Any):
        super().__init__(
            label, lambda text: normalise_email(text) if text.strip() else None, required, **kwargs
        )


class PhoneLine(_Cleaned):
    def __init__(self, label: Label, required: bool = False, **kwargs: Any):
        super().__init__(
            label, lambda text: normalise_phone(text) if text.strip() else None, required, **kwargs
        )


def _as_options(choices: Any) -> Any:
    """Pairs of value and label as the objects that WTForms wants from 3.4 on."""
    if choices is None or callable(choices):
        return choices
    return [SelectChoice(*each) if isinstance(each, tuple) else each for each in choices]


class _Options(SelectField):
    """Its choices may be given as pairs, at once or later."""

    def __init__(self, label: Label, choices: Any, **kwargs: Any):
        super().__init__(label, choices=_as_options(choices), validate_choice=False, **kwargs)

    @property
    def choices(self) -> Any:
        return SelectField.choices.fget(self)

    @choices.setter
    def choices(self, value: Any) -> None:
        SelectField.choices.fset(self, _as_options(value))


class Choice(_Options, RadioField):
    """One of a few, as radio buttons."""

    def __init__(self, label: Label, choices: Any = None, required: bool = True, **kwargs: Any):
        super().__init__(label, choices, **kwargs)
        self.required = self.flags.required = required

    def pre_validate(self, form: Any) -> None:
        _check_known(self, [self.data] if self.data else [])
        if self.required and not self.data:
            raise StopValidation(lazy("ひとつ選んでください。"))


class ListChoice(_Options):
    """One of many, as a list to open."""

    def __init__(self, label: Label, choices: Any = None, required: bool = True, **kwargs: Any):
        super().__init__(label, choices, **kwargs)
        self.required = self.flags.required = required

    def pre_validate(self, form: Any) -> None:
        _check_known(self, [self.data] if self.data else [])
        if self.required and not self.data:
            raise StopValidation(lazy("ひとつ選んでください。"))


class Choices(_Options, SelectMultipleField):
    """Several of a few, as checkboxes, at most ``most``."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(
        self,
        label: Label,
        choices: Any = None,
        most: int | None = None,
        required: bool = False,
        **kwargs: Any,
    ):
        super().__init__(label, choices, **kwargs)
        self.most = most
        self.required = self.flags.required = required

    def pre_validate(self, form: Any) -> None:
        chosen = self.data or []
        _check_known(self, chosen)
        if self.most is not None and len(set(chosen)) > self.most:
            raise ValidationError(lazy("%(most)sつまで選べます。", most=self.most))
        if self.required and not chosen:
            raise StopValidation(lazy("ひとつ以上選んでください。"))


class Check(BooleanField):
    def __init__(self, label: Label, required: bool = False, **kwargs: Any):
        super().__init__(label, **kwargs)
        self.required = self.flags.required = required

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise StopValidation(lazy("ここにチェックを入れてください。"))


def _check_known(field: Any, chosen: list[str]) -> None:
    known = {str(value) for value, *_rest in field.iter_choices()}
    if any(str(value) not in known for value in chosen):
        raise StopValidation(lazy("この中からえらんでください。"))
