"""Fields for numbers, as people write them."""

import unicodedata
from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core.forms import Label, TextLine
from mentorlink.core.i18n import lazy


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
