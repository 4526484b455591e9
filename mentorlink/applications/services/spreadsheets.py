"""Bringing in a spreadsheet: first a look at all of it, then everything or nothing."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mentorlink.applications.models import ImportBatch, ImportKind, Intake
from mentorlink.applications.services.intake import save_answers, start_draft, submit_application
from mentorlink.applications.sheets import Sheet, read_sheet
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.people.models import REQUIRED_CONSENTS, ContactChannel
from mentorlink.people.services import create_person, give_consents, register_supporter
from mentorlink.programmes.models import Programme

KEPT = timedelta(days=1)  # an upload that nobody confirmed is forgotten


class Preview(NamedTuple):
    """What would happen. ``batch`` is None where a row is bad: then nothing was kept."""

    sheet: Sheet
    batch: ImportBatch | None


def preview_import(
    session: Session,
    data: bytes,
    kind: ImportKind,
    programme: Programme | None,
    *,
    by_user_id: int,
    now: datetime,
) -> Preview:
    """Read the file and keep it for the confirmation if all is well. Raises ``core.tabular.TooLarge`` (413)."""
    if kind is ImportKind.APPLICATIONS and programme is None:
        raise RuleViolation("programme_needed")
    session.execute(
        delete(ImportBatch).where(ImportBatch.imported_at.is_(None), ImportBatch.uploaded_at < now - KEPT)
    )
    sheet = read_sheet(data, kind)
    if sheet.problems:
        return Preview(sheet, None)
    programme_id = programme.id if programme and kind is ImportKind.APPLICATIONS else None
    file_hash = hashlib.sha256(f"{kind}\0{programme_id}\0".encode() + data).hexdigest()
    batch = session.scalar(select(ImportBatch).where(ImportBatch.file_hash == file_hash))
    if batch is None:
        batch = ImportBatch(
            file_hash=file_hash,
            kind=kind,
            programme_id=programme_id,
            row_count=len(sheet.rows),
            by_user_id=by_user_id,
            uploaded_at=now,
            content=data,
        )
        session.add(batch)
        session.flush()
    return Preview(sheet, batch)


def confirm_import(session: Session, batch: ImportBatch, *, by: str, now: datetime) -> int:
    """Everything of the file in this one transaction; the number of rows. The second time nothing happens again."""
    if batch.content is None:
        return batch.row_count
    sheet = read_sheet(batch.content, batch.kind)
    if sheet.problems:
        raise Conflict("changed_meanwhile")  # the lists of words changed between the two steps
    programme = session.get(Programme, batch.programme_id) if batch.programme_id else None
    for row in sheet.rows:
        if programme is not None:
            _import_application(session, programme, row.values, by=by, now=now)
        else:
            _import_supporter(session, row.values, now=now)
    batch.imported_at, batch.content = now, None
    session.flush()
    return batch.row_count


def _import_application(
    session: Session, programme: Programme, values: dict[str, Any], *, by: str, now: datetime
) -> None:
    answers = {key: value for key, value in values.items() if key != "submitted_at"}
    at = min(values.get("submitted_at") or now, now)
    application = start_draft(session, programme, intake=Intake.IMPORT, now=at)
    save_answers(session, application, answers | {"contact_channel": _channel(values)}, now=now)
    if application.person is None:
        raise RuleViolation("answers_missing")
    give_consents(session, application.person, REQUIRED_CONSENTS, now=now)
    submit_application(session, application, by=by, now=now)


def _import_supporter(session: Session, values: dict[str, Any], *, now: datetime) -> None:
    about_person = {
        key: values[key] for key in ("display_name", "display_kana", "email", "phone") if values.get(key)
    }
    person = create_person(session, contact_channel=_channel(values), now=now, **about_person)
    lists = ("themes", "targets", "stages", "accommodations", "funding")
    capacity = (
        {"capacity_month": values["capacity_month"]} if values.get("capacity_month") is not None else {}
    )
    register_supporter(
        session,
        person,
        introduction=values.get("introduction") or "",
        prefecture=values["prefecture"],
        skills=values["skills"],
        modes=values.get("modes") or ("online",),
        now=now,
        **{name: values.get(name) or () for name in lists},
        **capacity,
    )


def _channel(values: dict[str, Any]) -> ContactChannel:
    return ContactChannel.MAIL if values.get("email") else ContactChannel.PHONE
