"""What is written on the pages of a half-year: its goal, its steps, what shows them, and notes."""

from typing import Any

from wtforms.validators import StopValidation

from mentorlink.core.forms import Choice, DayLine, HouseForm, ListChoice, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.core.messages import message_of
from mentorlink.engagements.models import EvidenceKind
from mentorlink.engagements.services.evidence import host_of
from mentorlink.engagements.words import MOVE_REASONS, OF_ITSELF

LONGEST_GOAL = 600
LONGEST_TITLE = 60
LONGEST_EVIDENCE = 2000
LONGEST_URL = 2000
LONGEST_WORDS = 1000
LONGEST_NOTE = 3000


class GoalForm(HouseForm):
    goal = TextBlock(lazy("半年たったとき、どうなっていたらうれしいですか"), LONGEST_GOAL, required=True)


class StepForm(HouseForm):
    title = TextLine(lazy("一歩の名前"), LONGEST_TITLE, required=True)
    due_on = DayLine(lazy("いつごろまでに"), required=True)


class MoveForm(HouseForm):
    due_on = DayLine(lazy("新しい日にち"), required=True)
    reason = Choice(
        lazy("いちばん近いわけ"),
        choices=[(each.value, words) for each, words in MOVE_REASONS.items() if each not in OF_ITSELF],
    )


class CheckForm(HouseForm):
    """One more turn asks for words; where it is reached they are a gift."""

    answer = Choice(
        lazy("見てみて、いかがですか"),
        choices=[("reached", lazy("できた")), ("one_more_turn", lazy("もうひとまわり"))],
    )
    words = TextBlock(lazy("ひとこと"), LONGEST_WORDS)

    @property
    def reached(self) -> bool:
        return bool(self.answer.data == "reached")

    def validate_words(self, field: TextBlock) -> None:
        if self.answer.data == "one_more_turn" and not field.value:
            raise StopValidation(lazy(message_of("words_needed")))


class EvidenceForm(HouseForm):
    """One of three kinds; a file comes by its own form."""

    kind = ListChoice(
        lazy("のせるもの"),
        choices=[
            (EvidenceKind.TEXT.value, lazy("ことば")),
            (EvidenceKind.LINK.value, lazy("リンク")),
            (EvidenceKind.MEETING.value, lazy("お話し")),
        ],
    )
    text = TextBlock(lazy("したこと、わかったこと"), LONGEST_EVIDENCE)
    url = TextLine(lazy("ページの住所（URL）"), LONGEST_URL)
    meeting_id = ListChoice(lazy("どのお話しですか"), required=False)

    def validate_text(self, field: TextBlock) -> None:
        self._must_be_there(EvidenceKind.TEXT, field)

    def validate_url(self, field: TextLine) -> None:
        self._must_be_there(EvidenceKind.LINK, field)
        if self.kind.data == EvidenceKind.LINK and host_of(field.text) is None:
            raise StopValidation(lazy(message_of("link_wrong")))

    def validate_meeting_id(self, field: ListChoice) -> None:
        if self.kind.data == EvidenceKind.MEETING and not field.data:
            raise StopValidation(lazy("ひとつ選んでください。"))

    def columns(self) -> dict[str, Any]:
        """What ``add_evidence`` takes for this kind."""
        if self.kind.data == EvidenceKind.TEXT:
            return {"text": self.text.value}
        if self.kind.data == EvidenceKind.LINK:
            return {"url": self.url.value}
        return {"meeting_id": int(self.meeting_id.data)}

    def _must_be_there(self, kind: EvidenceKind, field: TextLine | TextBlock) -> None:
        if self.kind.data == kind and not field.value:
            raise StopValidation(lazy("ここを教えてください。"))


class NoteForm(HouseForm):
    body = TextBlock(lazy("メモ"), LONGEST_NOTE, required=True)


class AdditionForm(HouseForm):
    body = TextBlock(lazy("書き足すこと"), LONGEST_NOTE, required=True)
