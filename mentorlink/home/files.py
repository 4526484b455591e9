"""Files of a half-year: brought to a step as what shows that it was taken, and handed out to who may see it."""

from contextlib import closing
from io import BytesIO
from typing import Any

from flask import flash, redirect, request, send_file

from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import gettext
from mentorlink.core.storage import LARGEST_FILE, StoredFile, store_file
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements import services
from mentorlink.engagements.models import EvidenceKind, Milestone
from mentorlink.engagements.policies import MilestoneSeat, readable_file, seat_at_milestone
from mentorlink.home.views import bp

HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


@bp.get("/files/<file_key>")
@allow(readable_file)
def show_file(file: StoredFile) -> Any:
    """Always as something to keep, never as a page of ours. (Every answer is private: ``no-store``.)"""
    content, media_type, name = file.content, file.media_type, file.name
    if actor().is_office:
        with transaction(db()):
            record(db(), actor(), "read_file", file.about, now=now())
    answer = send_file(
        BytesIO(content), mimetype=media_type, as_attachment=True, download_name=name, etag=False
    )
    answer.headers.update(HEADERS)
    return answer


@bp.post("/milestones/<int:milestone_id>/files")
@allow(seat_at_milestone)
def create_file(place: MilestoneSeat) -> Any:
    name, content = _sent()
    side, milestone_id = place.seat.side, place.milestone.id
    with transaction(db()):
        milestone, by = db().get_one(Milestone, milestone_id), actor().name_in_history
        about = f"engagement:{milestone.engagement_id}"
        stored = store_file(db(), about=about, name=name, content=content, by=by, now=now())
        if all(each.file_id != stored.id for each in milestone.evidence):  # twice is as good as once
            kind = EvidenceKind.FILE
            services.add_evidence(db(), milestone, kind, file_id=stored.id, side=side, by=by, now=now())
        if actor().is_office:
            record(db(), actor(), "add_file", about, now=now())
    flash(gettext("ファイルをのせました。写真の場所などの情報は、消してあります。"))
    return redirect(f"/milestones/{milestone_id}", code=303)


def _sent() -> tuple[str, bytes]:
    """Name and bytes, of which no more are read than are needed to see that they are too many."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise RuleViolation("file_empty")
    with closing(sent):
        return sent.filename, sent.read(LARGEST_FILE + 1)
