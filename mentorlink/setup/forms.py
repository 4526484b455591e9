"""What the office writes of a run: the beginning of one, its columns, a file, a change."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import FileField, HiddenField
from wtforms.validators import StopValidation, ValidationError

from mentorlink.core.forms import Check, Choice, DayLine, HouseForm, TextBlock, TextLine
from mentorlink.core.i18n import lazy
from mentorlink.programmes.models import MatchMode
from mentorlink.programmes.services import dates_are_in_order
from mentorlink.setup.amendable import AMENDABLE, OFF, ON, PASSAGES, POINTS, Value, as_text, value_of
from mentorlink.setup.fields import NumberLine
from mentorlink.setup.words import FIELD_LABELS, MATCH_WORDS


class _Dated(HouseForm):
    """A form with the three days of a run, in their order."""

    def validate_closes_on(self, field: DayLine) -> None:
        opens_on = self["opens_on"].day
        if opens_on is not None and not dates_are_in_order(opens_on, field.day, None):
            raise ValidationError(lazy("受付のはじまりより後の日にしてください。"))

    def validate_result_on(self, field: DayLine) -> None:
        opens_on, closes_on = self["opens_on"].day, self["closes_on"].day
        if opens_on is not None and not dates_are_in_order(
            opens_on, closes_on and max(opens_on, closes_on), field.day
        ):
            raise ValidationError(lazy("受付が終わってからの日にしてください。"))


class NewRunForm(_Dated):
    """All that a small office has to say; everything else comes from what it begins with."""

    source = HiddenField()
    name_ja = TextLine(lazy("事業の名前"), 60, required=True)
    opens_on = DayLine(lazy("受付のはじまり"), required=True)
    closes_on = DayLine(lazy("受付のおわり"))
    result_on = DayLine(lazy("選考結果をお伝えする日"))


class PartForm(HouseForm):
    """One part of a run. ``base`` tells whether somebody changed it since the page was opened."""

    base = HiddenField()

    def columns(self) -> dict[str, Any]:
        """What was written, by column of the run."""
        return {
            field.name: getattr(field, _VALUES.get(type(field), "data"))
            for field in self
            if field.name not in ("base", "csrf_token")
        }


class BasicsForm(PartForm, _Dated):
    name_ja = TextLine(FIELD_LABELS["name_ja"], 60, required=True)
    name_en = TextLine(FIELD_LABELS["name_en"], 60, required=True)
    opens_on = DayLine(FIELD_LABELS["opens_on"], required=True)
    closes_on = DayLine(FIELD_LABELS["closes_on"])
    result_on = DayLine(FIELD_LABELS["result_on"])
    target_number = NumberLine(FIELD_LABELS["target_number"], 1, 10_000, required=False)
    introduction_ja = TextBlock(FIELD_LABELS["introduction_ja"], 1000)
    introduction_en = TextBlock(FIELD_LABELS["introduction_en"], 1000)
    talk_ja = TextLine(FIELD_LABELS["talk_ja"], 60, required=True)
    talk_en = TextLine(FIELD_LABELS["talk_en"], 60, required=True)


class ShapeForm(PartForm):
    meeting_minutes = NumberLine(lazy("一回の長さ（分）"), 5, 480)
    meetings_min = NumberLine(lazy("少なくとも何回"), 1, 1000)
    months = NumberLine(lazy("何か月つづくか"), 0, 60)
    team_min = NumberLine(lazy("一組の講師・メンター：少なくとも"), 1, 20)
    team_max = NumberLine(lazy("一組の講師・メンター：多くても"), 1, 20)
    match_mode = Choice(
        lazy("お相手の決め方"), choices=[(mode.value, lazy(MATCH_WORDS[mode])) for mode in MatchMode]
    )
    has_selection = Check(lazy("申し込みのあとに、選考をする"))
    answer_hours = NumberLine(FIELD_LABELS["answer_hours"], 1, 10_000)
    offer_hours = NumberLine(FIELD_LABELS["offer_hours"], 1, 10_000)
    search_days = NumberLine(FIELD_LABELS["search_days"], 1, 10_000)
    horizon_days = NumberLine(FIELD_LABELS["horizon_days"], 1, 180)
    nightly_round = Check(FIELD_LABELS["nightly_round"])

    def validate_team_max(self, field: NumberLine) -> None:
        if field.number is not None and field.number < self.team_min.whole:
            raise ValidationError(lazy("「少なくとも」と同じか、それより多い数にしてください。"))

    def columns(self) -> dict[str, Any]:
        return super().columns() | {"match_mode": MatchMode(self.match_mode.data)}


class PointsForm(PartForm):
    """One number for each of the matching's criteria."""


for _name in POINTS:
    setattr(PointsForm, _name, NumberLine(FIELD_LABELS[_name], 0, 100))

_VALUES: Mapping[type, str] = {TextLine: "value", TextBlock: "value", DayLine: "day", NumberLine: "number"}


SWITCHED = ((ON, lazy("する")), (OFF, lazy("しない")))


class RunFileForm(HouseForm):
    file = FileField(lazy("書き出したファイル（.toml）"))

    def validate_file(self, field: FileField) -> None:
        if not field.data or not field.data.filename:
            raise StopValidation(lazy("ファイルをえらんでください。"))


class AmendmentForm(HouseForm):
    """A change of one field; ``amendment_form`` gives it the field's own control."""

    field = HiddenField()
    effective_on = DayLine(lazy("いつから"), required=True)
    reason = TextLine(lazy("変えるわけ"), 200, required=True)

    def new_value(self) -> Value:
        control = self["value"]
        if isinstance(control, Choice):
            return value_of(self.field.data, control.data)
        value: Value = getattr(control, _VALUES[type(control)])
        return value


def amendment_form(name: str, *, is_promised: bool, **kwargs: Any) -> AmendmentForm:
    """The form for changing the column ``name``, one of AMENDABLE; a promised day cannot be left empty."""
    rule, label = AMENDABLE[name], lazy("新しい内容")
    if rule.kind is date:
        control: Any = DayLine(label, required=is_promised or not rule.optional)
    elif rule.kind is bool:
        control = Choice(label, choices=SWITCHED)
        kwargs |= {"value": as_text(kwargs["value"])} if "value" in kwargs else {}
    elif rule.kind is int:
        control = NumberLine(label, rule.least, rule.most, required=not rule.optional)
    else:
        control = (TextBlock if name in PASSAGES else TextLine)(label, rule.most, required=not rule.optional)
    kind = type("AmendmentOfOneField", (AmendmentForm,), {"value": control})
    form: AmendmentForm = kind(**kwargs)
    return form


def shown_value(name: str, text: str | None) -> Value:
    """A stored text of an amendment as the value that a template shows."""
    return value_of(name, text) if name in AMENDABLE else text
