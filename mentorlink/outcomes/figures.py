"""Figures are computed from rows, never stored: each has a definition, a unit, its n and what is missing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.i18n import mark
from mentorlink.outcomes import rows
from mentorlink.outcomes.models import Claim
from mentorlink.outcomes.rows import Ask
from mentorlink.people.models import Person
from mentorlink.programmes.models import Programme

Value = int | float | None
PEOPLE, TIMES, ITEMS, MINUTES, MONTHS = mark("人"), mark("回"), mark("件"), mark("分"), mark("か月")
SHARE = mark("割合")


class Aggregate(StrEnum):
    COUNT = "count"
    SHARE = "share"  # the mean of zeros and ones, unrounded
    MEAN = "mean"  # rounded to one decimal
    PER_MEETING = "per_meeting"  # the sum of the amounts by the number of meetings held
    TARGET = "target"  # no count: what the run set itself


@dataclass(frozen=True)
class Definition:
    """One figure. ``of`` asks for the rows it is seen against (its n), ``missing`` for what is not known."""

    key: str
    label: str
    unit: str
    meaning: str
    rows: Ask
    aggregate: Aggregate = Aggregate.COUNT
    of: Ask | None = None
    missing: Ask | None = None
    applies: Callable[[Programme], bool] = lambda programme: True


@dataclass(frozen=True)
class Figure:
    """``label`` and ``unit`` are Japanese, and message ids for other languages. A share lies between 0 and 1."""

    key: str
    label: str
    unit: str
    value: Value
    n: int | None
    missing: int | None


@dataclass(frozen=True)
class FigureRow:
    """One row behind a figure, with the application that it opens."""

    application_id: int
    reference: str | None
    name: str | None
    at: datetime | None
    code: str | None
    amount: float | None


def _leads_on(programme: Programme) -> bool:
    return programme.leads_to_id is not None


def _selects(programme: Programme) -> bool:
    return programme.has_selection


def _lasts_months(programme: Programme) -> bool:
    return programme.months > 0


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "applications",
        mark("申込"),
        ITEMS,
        mark("受け付けた申込の数です。書きかけのものは数えません。"),
        rows.applications,
    ),
    Definition(
        "people_met",
        mark("面談した相談者"),
        PEOPLE,
        mark("面談を一度でも実施した相談者の数です。同じ方は一人と数えます。"),
        rows.people_met,
        of=rows.people_applied,
    ),
    Definition(
        "supporters_met",
        mark("面談した講師"),
        PEOPLE,
        mark("面談を一度でも実施した講師の数です。"),
        rows.supporters_met,
    ),
    Definition(
        "meetings_held",
        mark("実施した面談"),
        TIMES,
        mark("実施した面談の回数です。来られなかった回と中止の回は数えません。"),
        rows.meetings_held,
    ),
    Definition(
        "satisfied",
        mark("満足"),
        SHARE,
        mark("面談後の調査の第1問で「満足」と答えた割合です。"),
        rows.satisfaction_answers("satisfied"),
        Aggregate.SHARE,
        missing=rows.met_without_answer,
    ),
    Definition(
        "somewhat_satisfied",
        mark("まあ満足"),
        SHARE,
        mark("面談後の調査の第1問で「まあ満足」と答えた割合です。"),
        rows.satisfaction_answers("somewhat_satisfied"),
        Aggregate.SHARE,
        missing=rows.met_without_answer,
    ),
    Definition(
        "started",
        mark("動き出した方"),
        PEOPLE,
        mark("その後の記録に「活動が始まった」がある方の数です。"),
        rows.started,
        of=rows.with_outcome,
        missing=rows.without_outcome,
    ),
    Definition(
        "applied_next",
        mark("次の事業に申し込んだ方"),
        PEOPLE,
        mark("面談した方のうち、つづきの事業に申し込んだ方の数です。"),
        rows.applied_next,
        of=rows.people_met,
        applies=_leads_on,
    ),
    Definition(
        "selected_next",
        mark("次の事業に選ばれた方"),
        PEOPLE,
        mark("面談した方のうち、つづきの事業に選ばれた方の数です。"),
        rows.selected_next,
        of=rows.applied_next,
        missing=rows.undecided_next,
        applies=_leads_on,
    ),
    Definition(
        "selected",
        mark("選ばれた方"),
        PEOPLE,
        mark("選考で選ばれた方の数です。"),
        rows.selected,
        of=rows.people_applied,
        missing=rows.undecided,
        applies=_selects,
    ),
    Definition(
        "paused",
        mark("休止中の方"),
        PEOPLE,
        mark("いま支援がお休みになっている方の数です。"),
        rows.paused,
        of=rows.supported,
        applies=_selects,
    ),
    Definition(
        "target",
        mark("目標"),
        PEOPLE,
        mark("この事業が支援したいと決めた人数です。数えた値ではありません。"),
        rows.no_rows,
        Aggregate.TARGET,
        applies=_selects,
    ),
    Definition(
        "months_mean",
        mark("始まりまでの月数の平均"),
        MONTHS,
        mark("支援の始まりから活動の始まりまでの月数の平均です。"),
        rows.months_to_start,
        Aggregate.MEAN,
        missing=rows.started_without_day,
        applies=_selects,
    ),
    Definition(
        "steps_reached",
        mark("達成したステップ"),
        ITEMS,
        mark("達成になったステップの数です。見送ったものを除いた全部のステップのうち、いくつかを見ます。"),
        rows.steps_reached,
        of=rows.steps,
        applies=_lasts_months,
    ),
    Definition(
        "months_with_talk",
        mark("お話しのあった月の数の平均"),
        MONTHS,
        mark("一人の伴走で、お話しを一度でも実施した月の数の平均です。まだお話しのない方は0と数えます。"),
        rows.months_with_talk,
        Aggregate.MEAN,
        applies=_lasts_months,
    ),
    Definition(
        "ended",
        mark("ひと区切りになった方"),
        PEOPLE,
        mark("伴走が終わった方の数です。活動が始まった方も、やめた方も数えます。お休み中の方は数えません。"),
        rows.ended,
        of=rows.supported,
        applies=_lasts_months,
    ),
    Definition(
        "in_touch",
        mark("いまも連絡がある方"),
        SHARE,
        mark(
            "終わったあとの調査で、相談相手や仲間といまも連絡が「よくある」「ときどき」と答えた方の割合です。"
        ),
        rows.in_touch,
        Aggregate.SHARE,
        missing=rows.ended_without_word,
        applies=_lasts_months,
    ),
    Definition(
        "office_minutes_per_meeting",
        mark("面談1回あたりの事務の時間"),
        MINUTES,
        mark(
            "一人の担当が一つの申込に続けてした操作のあいだの時間（5分まで）と、電話の時間を足し、"
            "実施した面談の回数で割ったものです。"
        ),
        rows.office_minutes,
        Aggregate.PER_MEETING,
        of=rows.meetings_held,
        missing=rows.held_unmeasured,
    ),
)
_BY_KEY = {definition.key: definition for definition in DEFINITIONS}


def definition_of(key: str) -> Definition | None:
    return _BY_KEY.get(key)


def compute_figures(session: Session, programme: Programme) -> list[Figure]:
    """Every figure that this run has, each by one SQL aggregate."""
    return [compute_figure(session, programme, each) for each in DEFINITIONS if each.applies(programme)]


def compute_figure(session: Session, programme: Programme, definition: Definition) -> Figure:
    behind = definition.rows(programme).subquery()
    query = select(
        func.count(),
        func.sum(behind.c.amount),
        _count(definition.of, programme),
        _count(definition.missing, programme),
    ).select_from(behind)
    count, total, of, missing = session.execute(query).one()
    value, n = _value(programme, definition, count, total, of)
    if definition.aggregate is Aggregate.TARGET:
        return Figure(definition.key, definition.label, definition.unit, value, None, None)
    return Figure(definition.key, definition.label, definition.unit, value, n, missing or 0)


def rows_of(
    session: Session, programme: Programme, key: str, *, page: int = 1, size: int = 50
) -> list[FigureRow]:
    """One page of the rows behind a figure: the very rows that its value is counted over. Raises KeyError."""
    behind = _BY_KEY[key].rows(programme).subquery()
    query = (
        select(behind, Application.reference, Person.display_name)
        .join(Application, Application.id == behind.c.application_id)
        .outerjoin(Person, Person.id == Application.person_id)
        .order_by(behind.c.application_id, behind.c.identity)
        .limit(size)
        .offset((page - 1) * size)
    )
    return [_figure_row(found) for found in session.execute(query)]


def count_rows(session: Session, programme: Programme, key: str) -> int:
    behind = _BY_KEY[key].rows(programme).subquery()
    return session.scalar(select(func.count()).select_from(behind)) or 0


def agrees(figure: Figure, claim: Claim) -> bool | None:
    """Whether a printed number is what the rows give, as exactly as it was printed; None for words without a number."""
    match = re.search(r"[0-9]+(?:\.[0-9]+)?", claim.printed.replace(",", ""))
    if match is None or figure.value is None:
        return None
    decimals = len(match[0].partition(".")[2])
    value = Decimal(str(figure.value)) * (100 if figure.unit == SHARE else 1)
    return Decimal(match[0]) == round(value, decimals)


def _count(ask: Ask | None, programme: Programme) -> Any:
    """How many rows a question has, as a part of the one SELECT; NULL where nothing is asked."""
    if ask is None:
        return null()
    return select(func.count()).select_from(ask(programme).subquery()).scalar_subquery()


def _value(
    programme: Programme, definition: Definition, count: int, total: Any, of: int | None
) -> tuple[Value, int | None]:
    amount = float(total or 0)
    if definition.aggregate is Aggregate.TARGET:
        return programme.target_number, None
    if definition.aggregate is Aggregate.SHARE:
        return (amount / count if count else None), count
    if definition.aggregate is Aggregate.MEAN:
        return (round(amount / count, 1) if count else None), count
    if definition.aggregate is Aggregate.PER_MEETING:
        return (round(amount / of, 1) if count and of else None), of
    return count, count if of is None else of


def _figure_row(found: Any) -> FigureRow:
    amount = None if found.amount is None else float(found.amount)
    return FigureRow(found.application_id, found.reference, found.display_name, found.at, found.code, amount)
