"""The screen that only some programmes have: their own questions, between the fifth and the last."""

import secrets
from typing import Any

from flask import redirect, render_template

from mentorlink.applications.crisis import helplines_after
from mentorlink.applications.forms import QuestionsForm, fingerprint, questions_form
from mentorlink.applications.models import Application
from mentorlink.applications.policies import Screen, open_questions
from mentorlink.applications.queries import earlier_talk
from mentorlink.applications.services import save_selection_answers
from mentorlink.applications.views.blueprint import bp
from mentorlink.applications.views.screens import closing, differences, draft_of, elsewhere, is_stale
from mentorlink.applications.views.steps import LAST, QUESTIONS, address_of_screen, step_of
from mentorlink.core.db import transaction
from mentorlink.core.web import allow, db, web_session


@bp.get("/apply/questions")
@allow(open_questions)
def show_questions(place: Screen) -> Any:
    if other := _elsewhere(place):
        return redirect(other, code=303)
    kind = _kind(place)
    stored = kind.stored(draft_of(place))
    form = kind(formdata=None, data=stored | {"base": fingerprint(stored), "tab": secrets.token_hex(6)})
    return _render(place, form)


@bp.post("/apply/questions")
@allow(open_questions)
def save_questions(place: Screen) -> Any:
    if other := _elsewhere(place):
        return redirect(other, code=303)
    form = _kind(place)()
    if not form.validate():
        _keep(place, form)
        return _render(place, form), 422
    if is_stale(place, form):
        return _render(place, form, newer=True), 409
    _keep(place, form)
    return redirect(address_of_screen(LAST), code=303)


@bp.post("/apply/questions/autosave")
@allow(open_questions)
def autosave_questions(place: Screen) -> Any:
    """Keeps what is in order so far."""
    if _elsewhere(place):
        return "", 204
    form = _kind(place)()
    form.validate()
    if is_stale(place, form):
        return "", 409
    _keep(place, form)
    return "", 204


def _elsewhere(place: Screen) -> str | None:
    if place.application is not None and not place.application.programme.questions:
        return address_of_screen(LAST)
    return elsewhere(place)


def _kind(place: Screen) -> type[QuestionsForm]:
    draft = draft_of(place)
    return questions_form(draft.programme, may_share=earlier_talk(db(), draft) is not None)


def _keep(place: Screen, form: QuestionsForm) -> None:
    application_id, shares = draft_of(place).id, form.shares()
    answers = form.written()
    with transaction(db()):
        application = db().get_one(Application, application_id)
        save_selection_answers(db(), application, answers, shares_talk=shares)
        application.screen = LAST
    web_session()[f"tab{QUESTIONS}"] = form.tab.data


def _render(place: Screen, form: QuestionsForm, *, newer: bool = False) -> str:
    application = draft_of(place)
    if newer:
        form.base.data = fingerprint(form.stored(application))
    return render_template(
        "applications/questions.html",
        form=form,
        step=step_of(QUESTIONS, application.programme),
        application=application,
        newer=differences(form, application) if newer else None,
        helplines=helplines_after(*form.written().values()),
        **closing(application),
    )
