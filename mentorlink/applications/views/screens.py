"""申込: six screens without an account, from the first name to the receipt, and where to begin."""

import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mentorlink.accounts.entrances import DISCREET_LIFETIME, SCOPE_LIFETIME
from mentorlink.applications.crisis import helplines, speaks_of_crisis
from mentorlink.applications.forms import SCREENS, ConsentForm, ContactForm, ScreenForm, fingerprint
from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.policies import Screen, current_application, open_screen
from mentorlink.applications.queries import answer_day, given_consents, missing_answers, missing_questions
from mentorlink.applications.services import continue_elsewhere, save_answers, start_draft, submit_application
from mentorlink.applications.summary import sections_of
from mentorlink.applications.views.blueprint import bp
from mentorlink.applications.views.steps import (
    LAST,
    address_of_screen,
    minutes_of,
    next_number,
    order_of,
    step_of,
)
from mentorlink.core.actor import Actor
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import Conflict
from mentorlink.core.i18n import gettext, mark
from mentorlink.core.web import actor, allow, anybody, db, for_everybody, now, settings, web_session
from mentorlink.people.line import wishes_line
from mentorlink.people.models import Person, Purpose
from mentorlink.people.services import give_consents
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import by_code, nearby_programmes, open_programmes

OPENERS = (
    mark("いま、気になっているのは、"),
    mark("こんな場所があったらいいな、と思っています。"),
    mark("きっかけは、"),
    mark("一番困っているのは、"),
    mark("まだ何も決まっていませんが、"),
)


@for_everybody
def known_programme(session: Session, actor: Actor, code: str) -> Programme | None:
    """A run that was opened, whether or not it takes applications today."""
    programme = by_code(session, code)
    return programme if programme is not None and programme.opened_at is not None else None


@bp.get("/apply")
@allow(anybody)
def show_start(_ids: dict[str, Any]) -> Any:
    today = local_date(now())
    draft = current_application(db(), actor())
    if draft is not None and draft.state is not ApplicationState.DRAFT:
        draft = None
    return render_template(
        "applications/start.html",
        programmes=open_programmes(db(), today),
        others=nearby_programmes(db(), today),
        draft=draft,
        is_open=draft is not None and draft.programme.is_open_on(today),
        today=today,
        minutes_of=minutes_of,
    )


@bp.get("/apply/<code>")
@allow(known_programme)
def show_programme(programme: Programme) -> Any:
    """What one run offers; after its closing date, when that was and what else there is."""
    today = local_date(now())
    return render_template(
        "applications/programme.html",
        programme=programme,
        is_open=programme.is_open_on(today),
        today=today,
        others=[each for each in open_programmes(db(), today) if each is not programme],
        minutes=minutes_of(programme),
        screens=len(order_of(programme)),
    )


@bp.post("/apply/<code>")
@allow(known_programme)
def create_draft(programme: Programme) -> Any:
    """Somebody unknown gets a visit to this one draft; somebody signed in stays who they are."""
    if not programme.is_open_on(local_date(now())):
        return redirect(url_for(".show_programme", code=programme.code), code=303)
    if actor().is_office:
        return redirect(url_for(".show_on_behalf", programme=programme.id), code=303)
    programme_id, person_id = programme.id, actor().person_id
    with transaction(db()):
        person = db().get(Person, person_id) if person_id else None
        draft = start_draft(db(), db().get_one(Programme, programme_id), person=person, now=now())
        draft_id = draft.id
    if person_id is None:
        web_session().enter_scope("application", draft_id, SCOPE_LIFETIME)
    return redirect(url_for(".show_screen", screen=1), code=303)


@bp.get("/apply/screens/<int:screen>")
@allow(open_screen)
def show_screen(place: Screen) -> Any:
    if other := elsewhere(place):
        return redirect(other, code=303)
    return _render(place, _filled(place))


@bp.post("/apply/screens/<int:screen>")
@allow(open_screen)
def save_screen(place: Screen) -> Any:
    if other := elsewhere(place):
        return redirect(other, code=303)
    form = SCREENS[place.number]()
    if not form.validate():
        _keep(place, form)
        return _render(place, form), 422
    if is_stale(place, form):
        return _render(place, form, newer=True), 409
    if isinstance(form, ConsentForm):
        return _send(place, form)
    _keep(place, form)
    if isinstance(form, ContactForm) and form.safe_contact.data and web_session().scope is not None:
        web_session().enter_scope("application", draft_of(place).id, DISCREET_LIFETIME)
    return redirect(_next(place), code=303)


@bp.post("/apply/autosave/<int:screen>")
@allow(open_screen)
def autosave(place: Screen) -> Any:
    """Keeps what is in order so far; what is not yet, the page itself keeps."""
    if place.number == LAST or elsewhere(place):
        return "", 204
    form = SCREENS[place.number]()
    form.validate()
    if is_stale(place, form):
        return "", 409
    _keep(place, form)
    return "", 204


@bp.post("/apply/other/<code>")
@allow(known_programme)
def create_other_draft(programme: Programme) -> Any:
    """The draft's programme has closed: what was written goes along into another one."""
    draft, programme_id = current_application(db(), actor()), programme.id
    if draft is None or draft.state is not ApplicationState.DRAFT or draft.person is None:
        return redirect(url_for(".show_programme", code=programme.code), code=303)
    by_link, draft_id = actor().user_id is None, draft.id
    with transaction(db()):
        draft, into = db().get_one(Application, draft_id), db().get_one(Programme, programme_id)
        going_on_id = continue_elsewhere(db(), draft, into, now=now()).id
    if by_link:
        web_session().enter_scope("application", going_on_id, SCOPE_LIFETIME)
    return redirect(url_for(".show_screen", screen=1), code=303)


@bp.get("/apply/thanks")
@allow(anybody)
def show_thanks(_ids: dict[str, Any]) -> Any:
    application = current_application(db(), actor())
    if application is None or application.state is ApplicationState.DRAFT:
        return redirect(url_for(".show_start"), code=303)
    day = answer_day(db(), application)
    person = application.person
    wants_line = settings().has_line and person is not None and wishes_line(db(), person)
    return render_template(
        "applications/thanks.html", application=application, answer_day=day, wants_line=wants_line
    )


def elsewhere(place: Screen) -> str | None:
    """Where to, when this screen is not the one to show: the start, the thanks, or one that comes before."""
    if place.application is None:
        flash(gettext("時間がたったので、はじめの画面に戻りました。"), "wait")
        return url_for(".show_start")
    if place.application.state is not ApplicationState.DRAFT:
        return url_for(".show_thanks")
    if place.number != 1 and place.application.person is None:
        return url_for(".show_screen", screen=1)
    if place.number == LAST and _questions_untouched(place.application):
        return url_for(".show_questions")
    return None


def _questions_untouched(application: Application) -> bool:
    """Coming back to a draft leads to the programme's own questions before everything is looked over."""
    return bool(missing_questions(application)) and not application.selection_answers


def _next(place: Screen) -> str:
    to_review = request.form.get("then") == "review"
    return address_of_screen(LAST if to_review else next_number(place.number, draft_of(place).programme))


def _filled(place: Screen) -> ScreenForm:
    kind, application = SCREENS[place.number], draft_of(place)
    stored = kind.stored(application)
    if kind is ConsentForm or kind is ContactForm:
        given = given_consents(db(), application.person_id)
        consents: dict[str, Any] = {purpose.value: True for purpose in given}
        stored = stored | (
            consents if kind is ConsentForm else {"may_remind": Purpose.LATER_CONTACT in given}
        )
    base = fingerprint(kind.stored(application))
    return kind(formdata=None, data=stored | {"base": base, "tab": secrets.token_hex(6)})


def takes_drafts(draft: Application) -> bool:
    """Whether the programme of the draft still takes applications today."""
    return draft.programme.is_open_on(local_date(now()))


def is_stale(place: Screen, form: ScreenForm) -> bool:
    """Whether another page has saved other answers since this one was opened."""
    stored = fingerprint(form.stored(draft_of(place)))
    if not form.base.data or form.base.data == stored:
        return False
    return bool(web_session().get(f"tab{place.number}") != form.tab.data)


def _keep(place: Screen, form: ScreenForm) -> None:
    if isinstance(form, ConsentForm):
        return
    answers, application_id = form.answers(), draft_of(place).id
    reminds = isinstance(form, ContactForm) and bool(form.may_remind.data)
    with transaction(db()):
        application = db().get_one(Application, application_id)
        save_answers(db(), application, answers, now=now())
        application.screen = max(application.screen, min(place.number + 1, LAST))
        if reminds and application.person is not None:
            give_consents(db(), application.person, [Purpose.LATER_CONTACT], now=now())
    web_session()[f"tab{place.number}"] = form.tab.data


def _send(place: Screen, form: ConsentForm) -> Any:
    application_id = draft_of(place).id
    draft = draft_of(place)
    if missing_answers(draft) or missing_questions(draft) or not takes_drafts(draft):
        return _render(place, form), 422
    try:
        with transaction(db()):
            application = db().get_one(Application, application_id)
            if application.person is not None and application.state is ApplicationState.DRAFT:
                give_consents(db(), application.person, form.given(), now=now())
                submit_application(db(), application, by=actor().name_in_history, now=now())
    except Conflict:  # the same button, pressed twice: the first one sent it
        db().rollback()
    return redirect(url_for(".show_thanks"), code=303)


def draft_of(place: Screen) -> Application:
    if place.application is None:
        raise Conflict("changed_meanwhile")
    return place.application


def _render(place: Screen, form: ScreenForm, *, newer: bool = False) -> str:
    application = draft_of(place)
    if newer:
        form.base.data = fingerprint(form.stored(application))
    story = form.story.data if place.number == 4 else application.story
    return render_template(
        f"applications/screen_{place.number}.html",
        form=form,
        step=step_of(place.number, application.programme),
        application=application,
        newer=differences(form, application) if newer else None,
        openers=OPENERS,
        helplines=helplines() if place.number >= 4 and speaks_of_crisis(story) else (),
        missing=missing_answers(application) if place.number == LAST else [],
        unanswered=missing_questions(application) if place.number == LAST else [],
        sections=sections_of(application) if place.number == LAST else [],
        **closing(application),
    )


def closing(application: Application) -> dict[str, Any]:
    """What a screen says about the closing date; after it, where what was written can still go."""
    today = local_date(now())
    is_open = application.programme.is_open_on(today)
    return {"is_open": is_open, "programmes": [] if is_open else open_programmes(db(), today)}


def differences(form: ScreenForm, application: Application) -> list[tuple[Any, str]]:
    """(label, what is stored now) of every field in which page and store differ."""
    found = []
    for name, value in form.stored(application).items():
        if name not in form:
            continue
        field = form[name]
        if (field.data or None) != (value or None):
            choices = {str(key): label for key, label, *_ in getattr(field, "iter_choices", list)()}
            parts = value if isinstance(value, list) else [value]
            words = [str(choices.get(str(part), part)) for part in parts if part not in (None, False)]
            found.append((field.label.text, "、".join(words) or "—"))
    return found
