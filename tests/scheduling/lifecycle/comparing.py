"""The rows of a world, and what they say whichever database they are in."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, Table, select

from mentorlink.applications.models import Flag
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.state import StateChange
from mentorlink.engagements.models import Engagement, EngagementSupporter, Pause
from mentorlink.people.models import Supporter
from mentorlink.scheduling.models import (
    AvailabilityException,
    HourAnswer,
    HourAsk,
    Meeting,
    MeetingRecord,
    Occupancy,
    OfferedSlot,
    SlotOffer,
    WeeklyWindow,
)

READ = (
    Meeting, Occupancy, SlotOffer, OfferedSlot, OutboxMessage, StateChange, Engagement, EngagementSupporter,
    Supporter, Flag, Pause, MeetingRecord, WeeklyWindow, AvailabilityException, HourAsk, HourAnswer,
)  # fmt: skip
UNTOLD = {  # by chance, or made of it
    Meeting: ("uid",),
    OutboxMessage: ("event", "params", "queued_at"),
}
COUNTED = (Meeting, SlotOffer, HourAsk)
PLACED: dict[str, type] = {
    "meeting": Meeting, "after_meeting": Meeting, "slot_offer": SlotOffer, "offer": SlotOffer,
    "hour_ask": HourAsk, "ask": HourAsk,
}  # fmt: skip
IDS = {"meeting_id": Meeting, "offer_id": SlotOffer, "ask_id": HourAsk}
NAMES = ("about", "source")  # columns whose text names a row
NAMED = re.compile(r"^(meeting|after_meeting|offer|ask):(\d+)$")

Row = Any
Rows = dict[type, list[Row]]
Places = dict[
    type, dict[int, int]
]  # where a row stands among those of its table: its id in no database in particular


class Columns(NamedTuple):
    """The places of a table's columns in a row, by how they are compared."""

    plain: list[int]
    ids: list[tuple[int, type]]
    names: list[int]


def read_rows(connection: Connection) -> Rows:
    return {model: list(connection.execute(statement)) for model, statement in _STATEMENTS.items()}


def canonical(rows: Rows) -> dict[str, list[str]]:
    """The same for two databases whose rows mean the same: ids become places, chance is left out."""
    places = {model: {row.id: place for place, row in enumerate(rows[model])} for model in COUNTED}
    return {model.__tablename__: sorted(_told(model, rows[model], places)) for model in READ}


def _told(model: type, rows: list[Row], places: Places) -> Iterator[str]:
    columns = _COLUMNS[model]
    for row in rows:
        values = [row[each] for each in columns.plain]
        values += [places[concept][row[each]] for each, concept in columns.ids]
        values += [_named(row[each], places) for each in columns.names]
        if model is StateChange:
            known = places.get(PLACED.get(row.concept, StateChange), {})
            values.append(known.get(row.row_id, row.row_id))
        yield str(values)


def _named(value: str, places: Places) -> Any:
    found = NAMED.match(value)
    return (found[1], places[PLACED[found[1]]].get(int(found[2]), "gone")) if found else value


def _columns(model: Any) -> Columns:
    ids = IDS | ({"id": model} if model in COUNTED else {})
    left_out = {"id", *UNTOLD.get(model, ()), *ids, *NAMES, *(("row_id",) if model is StateChange else ())}
    names = [each.name for each in model.__table__.columns]
    return Columns(
        [place for place, name in enumerate(names) if name not in left_out],
        [(place, ids[name]) for place, name in enumerate(names) if name in ids],
        [place for place, name in enumerate(names) if name in NAMES],
    )


def _in_order(table: Table) -> Select[Any]:
    order = [table.c.id] if "id" in table.c else list(table.primary_key.columns)
    return select(*table.columns).order_by(*order)


_COLUMNS = {model: _columns(model) for model in READ}
_STATEMENTS = {model: _in_order(model.__table__) for model in READ}
