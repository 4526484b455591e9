"""同意: what an applicant agreed to, and taking it back. Here, because an entry link names an application."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.core.actor import Actor, Role
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext, mark
from mentorlink.core.web import actor, allow, db, now
from mentorlink.home.views import bp
from mentorlink.people.models import REQUIRED_CONSENTS, Person, Purpose
from mentorlink.people.queries import open_consents
from mentorlink.people.services import give_consents, withdraw_consent
from mentorlink.surveys.services import stop_asking_later

WORDS = {
    Purpose.PERSONAL_DATA: mark("お申し込みの内容をお預かりすること"),
    Purpose.SHARE_WITH_SUPPORTER: mark("担当と、お話しの相手にお見せすること"),
    Purpose.STATISTICS: mark("だれのことか分からない形で、統計に使うこと"),
    Purpose.QUOTE: mark("お名前を出さずに、ことばをご紹介すること"),
    Purpose.LATER_CONTACT: mark("後日、その後の様子をうかがう連絡をすること"),
}


def own_person(session: Session, actor: Actor) -> Person | None:
    """The applicant: signed in, or by the entry link of one application."""
    if actor.scope is not None and actor.scope[0] == "application":
        application = session.get(Application, actor.scope[1])
        return application.person if application is not None else None
    if actor.role is Role.APPLICANT and actor.person_id is not None:
        return session.get(Person, actor.person_id)
    return None


def own_consent(session: Session, actor: Actor, purpose: str) -> tuple[Person, Purpose] | None:
    person = own_person(session, actor)
    return (person, Purpose(purpose)) if person is not None and purpose in set(Purpose) else None


@bp.get("/my/consents")
@allow(own_person)
def show_consents(person: Person) -> Any:
    given = open_consents(db(), person.id)
    return render_template("people/consents.html", words=WORDS, given=given, required=REQUIRED_CONSENTS)


@bp.post("/my/consents/<purpose>")
@allow(own_consent)
def create_consent(subject: tuple[Person, Purpose]) -> Any:
    person, purpose = subject
    with transaction(db()):
        give_consents(db(), person, [purpose], now=now())
    flash(gettext("同意をいただきました。いつでも変えられます。"))
    return redirect(url_for(".show_consents"), code=303)


@bp.get("/my/consents/<purpose>/withdrawal")
@allow(own_consent)
def show_consent_withdrawal(subject: tuple[Person, Purpose]) -> Any:
    _person, purpose = subject
    if purpose not in REQUIRED_CONSENTS:
        abort(404)
    return render_template("people/consent_required.html", words=WORDS[purpose])


@bp.post("/my/consents/<purpose>/withdrawal")
@allow(own_consent)
def create_consent_withdrawal(subject: tuple[Person, Purpose]) -> Any:
    person, purpose = subject
    with transaction(db()):
        if purpose is Purpose.LATER_CONTACT:
            stop_asking_later(db(), person, by=actor().name_in_history, now=now())
        else:
            withdraw_consent(db(), person, purpose, now=now())
    flash(gettext("同意を取り消しました。いつでも元に戻せます。"))
    return redirect(url_for(".show_consents"), code=303)
