"""An hour that somebody writes by hand, and what is asked where it is not clear or not free."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from werkzeug.datastructures import MultiDict

from mentorlink.core.dates import TimeFold, TimeGap, format_date, format_short_date, spoken_time
from mentorlink.core.i18n import LazyText, gettext, lazy
from mentorlink.core.text_input import MESSAGES, message_for
from mentorlink.scheduling.forms.hours import single
from mentorlink.scheduling.typed_hours import (
    HourFault,
    Part,
    SeveralHours,
    check_start,
    read_hour,
    read_instant,
)

LONGEST = 100  # characters: nobody writes a day or a time that is longer
FAULTS: dict[str, LazyText] = {
    "no_day": lazy("日にちを書いてください（例：11月30日、令和8年11月30日）。"),
    "no_time": lazy("時刻を書いてください（例：19:00、午後7時）。"),
    "over": lazy("その時刻は、もう過ぎています。これからの時刻を書いてください。"),
    "not_quarter": lazy("時刻は15分きざみで書いてください（例：19:00、19:15）。"),
}
UNKNOWN = lazy("この中からえらんでください。")


@dataclass(frozen=True)
class Tap:
    """One of the hours to choose from. ``words`` where it is more than its day and hours."""

    start: datetime
    words: str = ""


@dataclass(frozen=True)
class HourForm:
    """What was written stays as it was written. ``start`` is the hour that is meant, ``asks`` what there is to choose."""

    zone: str
    day: str = ""
    time: str = ""
    way: str = ""
    start: datetime | None = None
    is_sure: bool = False  # chosen although it lies outside of the hours that were given
    faults: Mapping[Part, str] = field(default_factory=dict)
    why: str = ""
    taps: tuple[Tap, ...] = ()
    may_insist: bool = False

    @classmethod
    def read(
        cls, sent: MultiDict[str, str], zones: list[str], *, now: datetime, until: datetime
    ) -> "HourForm":
        """The first of ``zones`` unless another of them was chosen."""
        chosen = single(sent, "zone")
        zone = chosen if chosen in zones else zones[0]
        day, time, way = (single(sent, name)[:LONGEST] for name in ("day", "time", "way"))
        form = cls(zone, day, time, way)
        if tapped := single(sent, "start") or single(sent, "sure"):
            return form.with_tap(tapped, is_sure=bool(single(sent, "sure")), now=now, until=until)
        try:
            return replace(form, start=read_hour(form.day, form.time, zone, now=now, until=until))
        except HourFault as fault:
            return form.with_fault(fault, until)
        except SeveralHours as several:
            return form.asking(_several_words(several), tuple(several.starts))
        except TimeGap as gap:
            return form.asking(_gap_words(gap, zone), gap.neighbours)
        except TimeFold as fold:
            return form._asking_which(fold)

    def with_tap(self, tapped: str, *, is_sure: bool, now: datetime, until: datetime) -> "HourForm":
        start = read_instant(tapped)
        if start is None:
            return replace(self, faults={"day": gettext(UNKNOWN)})
        try:
            check_start(start, now=now, until=until)
        except HourFault as fault:
            return self.with_fault(fault, until)
        return replace(self, start=start, is_sure=is_sure)

    def with_fault(self, fault: HourFault, until: datetime) -> "HourForm":
        return replace(
            self, faults={part: _fault_words(code, until, self.zone) for part, code in fault.faults.items()}
        )

    def asking(self, why: str, starts: tuple[datetime, ...], *, may_insist: bool = False) -> "HourForm":
        """Not this hour, but one of these; ``start`` stays where it may be insisted on."""
        start = self.start if may_insist else None
        return replace(self, start=start, why=why, taps=tuple(map(Tap, starts)), may_insist=may_insist)

    def _asking_which(self, fold: TimeFold) -> "HourForm":
        first, second = fold.choices
        time = spoken_time(first, self.zone)
        why = gettext(
            "%(day)sは時計がもどる日で、%(time)sが2回あります。どちらの%(time)sですか。",
            day=format_short_date(first, self.zone),
            time=time,
        )
        taps = (
            Tap(first, gettext("最初の%(time)s", time=time)),
            Tap(second, gettext("2回目の%(time)s", time=time)),
        )
        return replace(self, why=why, taps=taps)

    @property
    def is_clear(self) -> bool:
        return self.start is not None and not self.why

    @property
    def is_open(self) -> bool:
        """Whether there is something to read or to answer."""
        return bool(self.faults or self.why)


def _fault_words(code: str, until: datetime, zone: str) -> str:
    if code == "not_near":
        return gettext("きょうから%(last)sまでの日にちを書いてください。", last=format_date(until, zone))
    return gettext(message_for(code) if code in MESSAGES else FAULTS[code])


def _several_words(several: SeveralHours) -> str:
    if several.by_day:
        words = gettext("書かれた日にちと曜日が合っていません。")
        return words + (gettext("どの日ですか。") if len(several.starts) > 1 else gettext("この日ですか。"))
    return gettext("午前と午後の、どちらですか。")


def _gap_words(gap: TimeGap, zone: str) -> str:
    return gettext(
        "%(day)sは時計が先へ進む日で、その時刻がありません。すぐ前とすぐ後から、選んでください。",
        day=format_short_date(gap.neighbours[0], zone),
    )
