"""わたしのメモ: one's own until shared by an act of its own; the office reads shared ones only."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import helplines_after
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements import queries, services
from mentorlink.engagements.models import Engagement, Note, Side
from mentorlink.engagements.policies import Seat, seat_at_thread, zone_of
from mentorlink.engagements.step_forms import AdditionForm, NoteForm
from mentorlink.engagements.views.blueprint import bp


def seat_at_notes(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """Notes belong to a half-year; a single talk has none."""
    seat = seat_at_thread(session, actor, engagement_id)
    return seat if seat is not None and seat.engagement.programme.months else None


def author_of_notes(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    seat = seat_at_notes(session, actor, engagement_id)
    return seat if seat is not None and seat.side is not Side.OFFICE and seat.person_id is not None else None


def own_note(session: Session, actor: Actor, note_id: int) -> Note | None:
    """Its author alone: shared or not, nobody else changes a note."""
    note = session.get(Note, note_id)
    seat = author_of_notes(session, actor, note.engagement_id) if note is not None else None
    return note if note is not None and seat is not None and seat.person_id == note.author_person_id else None


@bp.get("/engagements/<int:engagement_id>/notes")
@allow(seat_at_notes)
def show_notes(seat: Seat) -> Any:
    if seat.side is Side.OFFICE:
        with transaction(db()):
            record(db(), actor(), "read_notes", f"application:{seat.engagement.application_id}", now=now())
    return _notes_page(seat, NoteForm(formdata=None))


@bp.post("/engagements/<int:engagement_id>/notes")
@allow(author_of_notes)
def create_note(seat: Seat) -> Any:
    form, engagement_id, person_id = NoteForm(), seat.engagement.id, seat.person_id
    if not form.validate() or person_id is None:
        return _notes_page(seat, form), 422
    with transaction(db()):
        engagement = db().get_one(Engagement, engagement_id)
        services.write_note(db(), engagement, person_id, form.body.text, now=now())
    flash(gettext("メモを書きとめました。あなただけが読めます。"))
    return redirect(url_for(".show_notes", engagement_id=engagement_id), code=303)


@bp.get("/notes/<int:note_id>")
@allow(own_note)
def show_note(note: Note) -> Any:
    is_shared = note.shared_at is not None
    form = AdditionForm(formdata=None) if is_shared else NoteForm(formdata=None, body=note.body)
    return _note_page(note, form)


@bp.post("/notes/<int:note_id>")
@allow(own_note)
def update_note(note: Note) -> Any:
    """One's own is written anew; a shared one is only added to."""
    form, note_id = AdditionForm() if note.shared_at else NoteForm(), note.id
    if not form.validate():
        return _note_page(note, form), 422
    with transaction(db()):
        note, by = db().get_one(Note, note_id), actor().name_in_history
        if isinstance(form, AdditionForm):
            services.amend_note(db(), note, form.body.text, by=by, now=now())
        else:
            services.change_note(db(), note, form.body.text, now=now())
    flash(gettext("メモを書きとめました。"))
    return redirect(url_for(".show_notes", engagement_id=note.engagement_id), code=303)


@bp.post("/notes/<int:note_id>/sharing")
@allow(own_note)
def create_sharing(note: Note) -> Any:
    note_id, engagement_id = note.id, note.engagement_id
    with transaction(db()):
        services.share_note(db(), db().get_one(Note, note_id), by=actor().name_in_history, now=now())
    flash(gettext("メモを共有しました。お相手に、内容なしのお知らせが届きます。"))
    return redirect(url_for(".show_notes", engagement_id=engagement_id), code=303)


@bp.get("/notes/<int:note_id>/discarding")
@allow(own_note)
def show_discarding(note: Note) -> Any:
    if note.shared_at is not None:
        return redirect(url_for(".show_note", note_id=note.id), code=303)
    return render_template("engagements/note_discarding.html", note=note)


@bp.post("/notes/<int:note_id>/discarding")
@allow(own_note)
def create_discarding(note: Note) -> Any:
    note_id, engagement_id = note.id, note.engagement_id
    with transaction(db()):
        services.discard_note(db(), db().get_one(Note, note_id))
    flash(gettext("メモを消しました。"))
    return redirect(url_for(".show_notes", engagement_id=engagement_id), code=303)


def _notes_page(seat: Seat, form: NoteForm) -> str:
    page = max(1, min(request.args.get("page", 1, type=int), 100_000))
    notes = queries.notes_for(db(), seat, page)
    own = [note.body for note, _name in notes if note.author_person_id == seat.person_id]
    return render_template(
        "engagements/notes.html",
        seat=seat,
        zone=zone_of(seat),
        notes=notes,
        form=form,
        helplines=helplines_after(*own),
        page=page,
        pages=max(1, -(-queries.count_notes(db(), seat) // queries.NOTES_ON_A_PAGE)),
    )


def _note_page(note: Note, form: NoteForm | AdditionForm) -> str:
    return render_template("engagements/note.html", note=note, form=form)
