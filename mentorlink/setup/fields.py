"""Fields for days and numbers, as people write them."""

import unicodedata
from datetime import date
from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core.dates import BadDate, parse_date
from mentorlink.core.forms import Label, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.core.text_input import message_for


class DayLine(TextLine):
    """``day`` is the date that was written, in any common way; None where nothing was."""

    def __init__(self, label: Label, required: bool = False, **kwargs: Any):
        super().__init__(label, 40, required, **kwargs)
        self.day: date | None = None

    def _value(self) -> str:
        return self.data.isoformat() if isinstance(self.data, date) else super()._value()

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        try:
            self.day = parse_date(self.cleaned) if self.cleaned else None
        except BadDate as problem:
            raise StopValidation(lazy(message_for(problem.code))) from problem


class NumberLine(TextLine):
    """``number`` is the whole number that was written, full-width too; None where nothing was."""

    def __init__(self, label: Label, least: int, most: int, required: bool = True, **kwargs: Any):
        super().__init__(label, 20, required, **kwargs)
        self.least, self.most = least, most
        self.number: int | None = None

    def _value(self) -> str:
        return str(self.data) if isinstance(self.data, int) else super()._value()

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        if self.cleaned is None:
            return
        text = unicodedata.normalize("NFKC", self.cleaned)
        if not (text.isascii() and text.isdecimal()):
            raise StopValidation(lazy("数字で書いてください。"))
        if not self.least <= int(text) <= self.most:
            raise StopValidation(
                lazy("%(least)sから%(most)sまでの数にしてください。", least=self.least, most=self.most)
            )
        self.number = int(text)

    @property
    def whole(self) -> int:
        """The same for a required field; 0 where nothing was written."""
        return self.number or 0
