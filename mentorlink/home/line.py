"""LINEで受けとる: how somebody connects their LINE, sees that it is connected, and lets it go again."""

from typing import Any

import segno
from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from mentorlink.applications.policies import current_application
from mentorlink.core.actor import Actor
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, settings
from mentorlink.home.navigation import first_page
from mentorlink.home.views import bp
from mentorlink.people.line import issue_code, leave_line, open_code, words_of
from mentorlink.people.models import ContactChannel, Person


def own_reachable_person(session: Session, actor: Actor) -> Person | None:
    """Who is asking, on either side: signed in, or by the entry link of one application."""
    if actor.scope is not None:
        application = current_application(session, actor) if actor.scope[0] == "application" else None
        return application.person if application is not None else None
    return session.get(Person, actor.person_id) if actor.person_id is not None else None


@bp.get("/line")
@allow(own_reachable_person)
def show_line(person: Person) -> Any:
    if not settings().has_line:
        return redirect(_home(), code=303)
    code = open_code(db(), person, now())
    return render_template(
        "home/line.html",
        person=person,
        is_connected=person.contact_channel is ContactChannel.LINE,
        code=code,
        code_words=words_of(code) if code is not None else None,
        picture=_picture(settings().line_account_url),
        account_url=settings().line_account_url,
        home=_home(),
    )


@bp.post("/line/code")
@allow(own_reachable_person)
def create_line_code(person: Person) -> Any:
    """A new code each time it is asked for; the one before is dead then."""
    if settings().has_line:
        person_id = person.id
        with transaction(db()):
            issue_code(db(), db().get_one(Person, person_id), now=now())
    return redirect(url_for(".show_line"), code=303)


@bp.post("/line/leaving")
@allow(own_reachable_person)
def create_line_leaving(person: Person) -> Any:
    person_id = person.id
    with transaction(db()):
        leave_line(db(), db().get_one(Person, person_id), now=now(), by=actor().name_in_history)
    flash(gettext("LINEでのお知らせを、やめました。これからは、メールかお電話でお知らせします。"))
    return redirect(url_for(".show_line"), code=303)


def _picture(address: str) -> str | None:
    """The account as a picture for the telephone's camera."""
    return segno.make(address).svg_data_uri(scale=4) if address else None


def _home() -> str:
    """Their own first page."""
    return "/my" if actor().scope is not None else first_page(actor().role)
