"""What the office writes after a call."""

from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core.forms import Choice, HouseForm, TextLine
from mentorlink.core.i18n import lazy

MOST_MINUTES = 600


class CallForm(HouseForm):
    outcome = Choice(
        lazy("お話しできましたか"),
        choices=[("reached", lazy("話せた")), ("missed", lazy("つながらなかった"))],
    )
    minutes = TextLine(lazy("かかった時間（分）"), maximum=6, required=True, default="5")

    def validate_minutes(self, field: Any) -> None:
        text = field.value or ""
        if not text.isdecimal() or int(text) > MOST_MINUTES:
            raise StopValidation(lazy("0から600までの数字で書いてください。"))

    def minutes_spent(self) -> int:
        return int(self.minutes.value or 0)
