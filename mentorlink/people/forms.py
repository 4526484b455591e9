"""What a supporter says about themselves, and when they rest."""

from datetime import date
from typing import Any

from wtforms.validators import ValidationError

from mentorlink.core import taxonomy
from mentorlink.core.forms import Choice, Choices, ComingDay, HouseForm, ListChoice, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.core.messages import message_of
from mentorlink.core.rooms import is_room_address
from mentorlink.people.models import Receiving, Supporter

SKILLS = [
    ("0", lazy("お受けしない")),
    ("1", lazy("少し話せる")),
    ("2", lazy("経験がある")),
    ("3", lazy("得意")),
]
SKILL_FIELDS = {each.code: f"skill_{each.code}" for each in taxonomy.terms("category")}
RECEIVING = [
    (Receiving.OPEN.value, lazy("受付中")),
    (Receiving.FEW.value, lazy("少なめに")),
    (Receiving.PAUSED.value, lazy("お休みする")),
]
TERM_FIELDS = {
    "theme": "themes",
    "target": "targets",
    "stage": "stages",
    "mode": "modes",
    "accommodation": "accommodations",
}


def _choices(scheme: str) -> list[tuple[str, Any]]:
    return [(each.code, each) for each in taxonomy.terms(scheme)]


def _numbers(first: int, last: int) -> list[tuple[str, str]]:
    return [(str(n), str(n)) for n in range(first, last + 1)]


class ProfileForm(HouseForm):
    introduction = TextBlock(lazy("自己紹介"), 1000, required=True)
    prefecture = ListChoice(
        lazy("活動している都道府県"), choices=[(each.code, each) for each in taxonomy.prefectures()]
    )
    setting = Choice(lazy("まわりの様子"), choices=_choices("setting"), required=False)
    themes = Choices(lazy("活動のテーマ"), choices=_choices("theme"))
    targets = Choices(lazy("どんな人と"), choices=_choices("target"))
    stages = Choices(lazy("どの段階の方とお話しできますか"), choices=_choices("stage"))
    modes = Choices(lazy("お話しの方法"), choices=_choices("mode"), required=True)
    accommodations = Choices(lazy("できる配慮"), choices=_choices("accommodation"))
    capacity_month = ListChoice(lazy("1か月に何人まで"), choices=_numbers(0, 30))
    capacity_week = ListChoice(lazy("1週間に何人まで"), choices=_numbers(0, 10))
    meeting_url = TextLine(lazy("オンラインでお話しする場所（URL）"), 500)

    def validate_meeting_url(self, field: TextLine) -> None:
        if field.value is None:
            return
        if not is_room_address(field.value):
            raise ValidationError(lazy("「https://」で始まる住所を入れてください。"))

    @classmethod
    def of(cls, supporter: Supporter) -> "ProfileForm":
        skills = {field: str(supporter.skills.get(code, 0)) for code, field in SKILL_FIELDS.items()}
        terms = {field: supporter.codes(scheme) for scheme, field in TERM_FIELDS.items()}
        columns = ("introduction", "prefecture", "setting", "meeting_url")
        values = {name: getattr(supporter, name) for name in columns}
        capacity = {name: str(getattr(supporter, name)) for name in ("capacity_month", "capacity_week")}
        return cls(formdata=None, **skills, **terms, **values, **capacity)

    @property
    def skills(self) -> dict[str, int]:
        return {code: int(self[field].data) for code, field in SKILL_FIELDS.items()}

    @property
    def chosen(self) -> dict[str, list[str]]:
        return {scheme: list(dict.fromkeys(self[field].data or [])) for scheme, field in TERM_FIELDS.items()}

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "introduction": self.introduction.text,
            "prefecture": self.prefecture.data,
            "setting": self.setting.data or None,
            "capacity_month": int(self.capacity_month.data),
            "capacity_week": int(self.capacity_week.data),
            "meeting_url": self.meeting_url.value,
        }


for _each in taxonomy.terms("category"):
    setattr(ProfileForm, SKILL_FIELDS[_each.code], ListChoice(_each, choices=SKILLS))  # type: ignore[arg-type]


class PauseForm(HouseForm):
    receiving = Choice(lazy("いまの受け付け"), choices=RECEIVING)
    until = ComingDay(lazy("いつまでお休みしますか"))

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today

    @classmethod
    def of(cls, supporter: Supporter, today: date) -> "PauseForm":
        """A pause that is over shows as 受付中: it ended by itself."""
        rests = supporter.receiving is not Receiving.PAUSED or not supporter.receives_on(today)
        receiving = supporter.receiving if rests else Receiving.OPEN
        until = supporter.paused_until if rests else None
        return cls(formdata=None, today=today, receiving=receiving.value, until=until)

    def validate_until(self, field: ComingDay) -> None:
        if self.receiving.data == Receiving.PAUSED.value and field.day is not None and field.day < self.today:
            raise ValidationError(lazy(message_of("pause_in_past")))

    @property
    def chosen(self) -> Receiving:
        return Receiving(self.receiving.data)
