"""What is written where a half-year rests, or somebody else comes to support it."""

from datetime import date

from mentorlink.core.forms import Choice, Choices, DayLine, HouseForm
from mentorlink.core.i18n import lazy
from mentorlink.engagements.models import Handover, PauseReason

REASONS = [
    (PauseReason.FAMILY.value, lazy("家のこと")),
    (PauseReason.HEALTH.value, lazy("からだや気持ちのこと")),
    (PauseReason.WORK.value, lazy("仕事や活動のこと")),
    (PauseReason.DISASTER.value, lazy("災害")),
    (PauseReason.OTHER.value, lazy("そのほか・言わないでおく")),
]
KEPT = [
    ("talks", lazy("お話しの記録（3行の記録と約束）")),
    ("thread", lazy("やりとり")),
    ("evidence", lazy("一歩ごとにのせたもの（言葉、写真、書類など）")),
]
UNTIL_THEN = "until_then"
AT_ONCE = "at_once"
PARTINGS = [
    (UNTIL_THEN, lazy("次の方が決まるまで、いまの方と続ける")),
    (AT_ONCE, lazy("いまの方とは、ここまでにする")),
]


class RestForm(HouseForm):
    reason = Choice(lazy("近いものを一つ選んでください"), choices=REASONS)
    until = DayLine(lazy("いつごろまで、お休みしますか"))

    @property
    def until_day(self) -> date | None:
        return self.until.day


class HandoverForm(HouseForm):
    """Nothing is handed over that was not ticked."""

    kept = Choices(lazy("次の方に、お渡ししてよいもの"), choices=KEPT)
    parting = Choice(lazy("いまの方とは、どうしますか"), choices=PARTINGS, required=False)

    @classmethod
    def of(cls, handover: Handover | None) -> "HandoverForm":
        chosen = [name for name, _words in KEPT if handover is not None and getattr(handover, name)]
        return cls(formdata=None, kept=chosen, parting=UNTIL_THEN)

    @property
    def chosen(self) -> dict[str, bool]:
        return {name: name in (self.kept.data or []) for name, _words in KEPT}

    @property
    def parts_at_once(self) -> bool:
        return bool(self.parting.data == AT_ONCE)
