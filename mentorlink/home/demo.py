"""The demo's own controls: be somebody with one click, let time pass, read the mail. Registered in the demo only."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from mentorlink.accounts.models import User
from mentorlink.accounts.visits import sign_in
from mentorlink.core import dates
from mentorlink.core.actor import Actor, Role
from mentorlink.core.clock import move_demo_clock
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.local_path import local_path
from mentorlink.core.outbox import InboxMail
from mentorlink.core.sessions import WebSession
from mentorlink.core.web import actor, allow, anybody, db, for_everybody, now, web_session
from mentorlink.home.events import next_event

bp = Blueprint("demo", __name__, url_prefix="/demo")
SHOWN = {  # what a button says: whom it makes of the visitor, the first that there is
    "applicant": (Role.APPLICANT,),
    "supporter": (Role.SUPPORTER,),
    "office": (Role.LEAD, Role.OFFICE),
    "colleague": (Role.OFFICE,),
}
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
A_MOMENT = timedelta(seconds=1)
PAGE_SIZE = 30
SEEN = "demo_seen"


@bp.post("/sign-in")
@allow(anybody)
def create_sign_in(_ids: dict[str, Any]) -> Any:
    wanted = request.form.get("role", "")
    if wanted not in SHOWN:
        abort(422)
    roles = SHOWN[wanted]
    query = select(User).where(User.role.in_(roles), User.disabled_at.is_(None))
    user = db().scalar(query.order_by(User.role != roles[0], User.id).limit(1))
    if user is None:
        abort(404)
    return sign_in(user)


@bp.post("/clock")
@allow(anybody)
def update_clock(_ids: dict[str, Any]) -> Any:
    """Time passes; the worker, which asks the same clock, does what is due within a few seconds."""
    wanted = request.form.get("by", "")
    if wanted != "next" and wanted not in STEPS:
        abort(422)
    with transaction(db()):
        step = STEPS.get(wanted) or _to_next_event(db(), now())
        move_demo_clock(db(), step)
        _keep_visits(db(), step)
    flash(gettext("時間が進みました。届いたメールは、数秒で見本のメールに入ります。"))
    return redirect(local_path(request.form.get("next")), code=303)


def _to_next_event(session: Session, instant: datetime) -> timedelta:
    event = next_event(session, instant)
    return timedelta() if event is None else event - instant + A_MOMENT


def _keep_visits(session: Session, step: timedelta) -> None:
    """Nobody is signed out because the visitor made a day pass."""
    visits = session.execute(select(WebSession.id, WebSession.expires_at)).all()
    if visits and step:
        session.execute(update(WebSession), [{"id": key, "expires_at": end + step} for key, end in visits])


@bp.get("/mail")
@allow(anybody)
def show_mails(_ids: dict[str, Any]) -> Any:
    page = max(1, request.args.get("page", 1, type=int))
    total = db().scalar(select(func.count(InboxMail.id))) or 0
    query = (
        select(InboxMail).options(defer(InboxMail.raw), defer(InboxMail.text)).order_by(InboxMail.id.desc())
    )
    mails = db().scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    seen = _seen()
    if page == 1 and mails:
        web_session()[SEEN] = mails[0].id
    pages = max(1, -(-total // PAGE_SIZE))
    return render_template(
        "demo/mails.html", mails=mails, seen=seen, page=page, pages=pages, total=total, dates=dates
    )


@for_everybody
def any_mail(session: Session, _actor: Actor, *, mail_id: int) -> InboxMail | None:
    return session.get(InboxMail, mail_id)


@bp.get("/mail/<int:mail_id>")
@allow(any_mail)
def show_mail(mail: InboxMail) -> Any:
    return render_template(
        "demo/mail.html",
        mail=mail,
        attachments=attachments_of(mail.raw),
        list_url=url_for(".show_mails"),
        dates=dates,
    )


def attachments_of(raw: bytes) -> list[str]:
    """The names of the files that came with a mail."""
    message = message_from_bytes(raw, policy=policy.default)
    return [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]


def _seen() -> int:
    return int(web_session().get(SEEN, 0))


def _unread() -> int:
    return db().scalar(select(func.count(InboxMail.id)).where(InboxMail.id > _seen())) or 0


def _button_of_actor() -> str:
    """Which button made the visitor who they are; the only office account is nobody's colleague."""
    return {Role.LEAD: "office", Role.OFFICE: "colleague"}.get(actor().role, actor().role.value)


@bp.app_context_processor
def fill_bar() -> dict[str, Any]:
    """What the strip on every page shows."""
    return {"demo": {"now": now, "unread": _unread, "role": _button_of_actor, "format": dates.format_instant}}
