"""What is written on the pages of an engagement."""

from wtforms import HiddenField
from wtforms.validators import Length

from mentorlink.core.forms import Choice, HouseForm, TextBlock
from mentorlink.core.i18n import gettext, lazy

LONGEST_MESSAGE = 3000
LONGEST_REPORT = 2000
CONCERNS = (
    ("harassment", lazy("いやなことを言われた・された")),
    ("soliciting", lazy("売り込みや勧誘を受けた")),
    ("other", lazy("そのほか、気になること")),
)


class MessageForm(HouseForm):
    body = TextBlock(lazy("メッセージ"), LONGEST_MESSAGE, required=True)
    submission = HiddenField(validators=[Length(min=8, max=64)])


class ConcernForm(HouseForm):
    kind = Choice(lazy("どんなことがありましたか"), choices=CONCERNS)
    text = TextBlock(lazy("くわしく教えてください（書ける範囲で）"), LONGEST_REPORT)

    def note(self) -> str:
        """What the office reads: the kind in words, then what was written."""
        words = gettext(dict(CONCERNS)[self.kind.data])
        return f"{words}\n{self.text.value}" if self.text.value else words
