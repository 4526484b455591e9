"""What the pages about time send back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

from mentorlink.applications.models import DayPart
from mentorlink.core.dates import FIRST_YEAR, LAST_YEAR, BadDate, parse_date
from mentorlink.core.forms import Check, Choice, HouseForm, TextBlock
from mentorlink.core.i18n import LazyText, lazy
from mentorlink.core.text_input import message_for
from mentorlink.engagements.models import Side
from mentorlink.scheduling.models import OfferedSlot, SlotOffer
from mentorlink.scheduling.queries import MonthPlan

WEEKDAYS: tuple[LazyText, ...] = (
    lazy("月曜日"),
    lazy("火曜日"),
    lazy("水曜日"),
    lazy("木曜日"),
    lazy("金曜日"),
    lazy("土曜日"),
    lazy("日曜日"),
)
PARTS: tuple[tuple[DayPart, LazyText], ...] = (
    (DayPart.MORNING, lazy("朝 9〜12時")),
    (DayPart.AFTERNOON, lazy("昼 12〜17時")),
    (DayPart.EVENING, lazy("夜 17〜21時")),
)


class DateParts(Field):
    """年・月・日 in three fields; ``day`` after ``validate()``, None where all are empty."""

    PARTS = ("year", "month", "day")

    def process(self, formdata: MultiDict[str, str] | None, data: Any = None, **_more: Any) -> None:
        self.process_errors: list[str] = []
        self.day: date | None = None
        self.data = {part: single(formdata or MultiDict(), f"{self.name}-{part}") for part in self.PARTS}

    def pre_validate(self, form: Any) -> None:
        parts = [self.data[part].strip() for part in self.PARTS]
        if not any(parts):
            return
        try:
            self.day = parse_date("-".join(parts))
        except BadDate as problem:
            raise StopValidation(lazy(message_for(problem.code))) from problem


class RecordForm(HouseForm):
    went_well = TextBlock(lazy("できたこと"), 1000)
    difficult = TextBlock(lazy("困っていること"), 1000)
    next_promise = TextBlock(lazy("次の約束"), 1000)
    promise_on = DateParts(lazy("いつまでに"))
    was_heavy = Check(lazy("重いお話しでした"))
    worry = Check(lazy("気になることがあるので、事務局にも見てほしい"))
    worry_note = TextBlock(lazy("気になること（事務局だけが読みます）"), 2000)

    def __init__(self, *args: Any, today: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.today = today

    def validate(self, extra_validators: object = None) -> bool:
        if not super().validate():
            return False
        if self.went_well.value or self.difficult.value or self.next_promise.value:
            return True
        self.went_well.errors = [lazy("どれか一つに、ひとことだけ書いてください。")]
        return False

    def validate_promise_on(self, field: DateParts) -> None:
        if field.day is None:
            return
        if not self.next_promise.value:
            raise ValidationError(lazy("約束のことばも、ひとこと書いてください。"))
        if field.day < self.today:
            raise ValidationError(lazy("きょうより後の日にしてください。"))

    @property
    def columns(self) -> dict[str, Any]:
        """What ``record_meeting`` keeps."""
        lines = {name: self[name].value or "" for name in ("went_well", "difficult", "next_promise")}
        return lines | {"promise_on": self.promise_on.day, "was_heavy": bool(self.was_heavy.data)}

    @property
    def has_worry(self) -> bool:
        return bool(self.worry.data or self.worry_note.value)


class AbsenceForm(HouseForm):
    who = Choice(
        lazy("どちらのご都合でしたか"),
        choices=[
            (Side.APPLICANT.value, lazy("相談者の方")),
            (Side.SUPPORTER.value, lazy("講師・メンター")),
        ],
    )

    @property
    def side(self) -> Side:
        return Side(self.who.data)


def chosen_slot(offer: SlotOffer, sent: MultiDict[str, str]) -> OfferedSlot | None:
    """The slot of this offer that was chosen; None where none was, or one that is not of it."""
    chosen = single(sent, "slot")
    return next((slot for slot in offer.slots if str(slot.id) == chosen), None)


def chosen_start(sent: MultiDict[str, str], starts: Iterable[datetime]) -> datetime | None:
    chosen = single(sent, "start")
    return next((start for start in starts if start.isoformat() == chosen), None)


def sent_instant(sent: MultiDict[str, str], name: str) -> datetime | None:
    """An instant as our pages write it; None for anything else."""
    try:
        found = datetime.fromisoformat(single(sent, name))
    except ValueError:
        return None
    return found if found.tzinfo is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def shown_sequence(sent: MultiDict[str, str]) -> int | None:
    """Which state of the meeting the page showed."""
    text = single(sent, "sequence")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def ticked_times(sent: MultiDict[str, str]) -> list[tuple[int, DayPart]] | None:
    """(weekday, part) of every ticked box; None where one is unknown."""
    known = {f"{weekday}:{part.value}": (weekday, part) for weekday in range(7) for part, _word in PARTS}
    ticked = sent.getlist("times")
    return [known[each] for each in ticked] if all(each in known for each in ticked) else None


@dataclass(frozen=True)
class PlanRow:
    """A month to plan: what can be chosen for it, what is chosen (an ISO instant, "" for later), what is wrong."""

    plan: MonthPlan
    chosen: str
    gone: datetime | None = None
    is_unknown: bool = False

    @property
    def name(self) -> str:
        return f"start-{self.plan.month.key}"

    @property
    def start(self) -> datetime | None:
        """The instant that was chosen, if it is one that this month offers."""
        talks = [talk.starts_at for talk in self.plan.month.talks]
        return next((each for each in self.plan.starts + talks if each.isoformat() == self.chosen), None)


@dataclass(frozen=True)
class PlanForm:
    """One list for each month to come; an empty choice leaves the month for later."""

    rows: list[PlanRow]
    nothing_chosen: bool = False

    @classmethod
    def of(cls, plans: Iterable[MonthPlan]) -> "PlanForm":
        return cls([PlanRow(plan, _iso(plan.suggested)) for plan in plans])

    @classmethod
    def read(cls, sent: MultiDict[str, str], plans: Iterable[MonthPlan]) -> "PlanForm":
        rows = [_read_row(PlanRow(plan, ""), sent) for plan in plans]
        return cls(rows, nothing_chosen=not any(row.chosen or row.gone or row.is_unknown for row in rows))

    def without(self, gone: Iterable[datetime]) -> "PlanForm":
        """The same choices, but hours that somebody else has meanwhile are named in their rows."""
        taken = frozenset(gone)
        return PlanForm([_gone_row(row, row.start) if row.start in taken else row for row in self.rows])

    @property
    def starts(self) -> list[datetime]:
        return [row.start for row in self.rows if row.start is not None]

    @property
    def is_stale(self) -> bool:
        return any(row.gone for row in self.rows)

    @property
    def is_complete(self) -> bool:
        return not (self.nothing_chosen or self.is_stale or any(row.is_unknown for row in self.rows))


def _read_row(row: PlanRow, sent: MultiDict[str, str]) -> PlanRow:
    """A choice that the month does not offer is an hour that has gone, or nothing that a page could have sent."""
    row = PlanRow(row.plan, single(sent, row.name))
    if not row.chosen or row.start is not None:
        return row
    try:
        gone = datetime.fromisoformat(row.chosen)
    except ValueError:
        return PlanRow(row.plan, "", is_unknown=True)
    if gone.tzinfo is None or not FIRST_YEAR <= gone.year <= LAST_YEAR:
        return PlanRow(row.plan, "", is_unknown=True)
    return _gone_row(row, gone)


def _gone_row(row: PlanRow, gone: datetime | None) -> PlanRow:
    return PlanRow(row.plan, _iso(row.plan.suggested if row.plan.suggested != gone else None), gone=gone)


def _iso(start: datetime | None) -> str:
    return start.isoformat() if start is not None else ""


def single(sent: MultiDict[str, str], name: str) -> str:
    """One value; no honest browser sends two."""
    values = sent.getlist(name)
    if len(values) > 1:
        abort(400)
    return values[0] if values else ""
