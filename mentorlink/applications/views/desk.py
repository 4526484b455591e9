"""The office's side of applications: the list, one application with all its acts, entry on somebody's behalf."""

import re
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.applications import services
from mentorlink.applications.forms import (
    DAY_PARTS,
    WEEKDAYS,
    CallForm,
    OnBehalfForm,
    QuestionForm,
    answer_form,
    on_behalf_form,
)
from mentorlink.applications.models import (
    TRANSITIONS,
    Application,
    ApplicationState,
    ClarifyingQuestion,
    Flag,
    Intake,
)
from mentorlink.applications.policies import office_application, office_flag, office_question
from mentorlink.applications.queries import (
    OPEN_STATES,
    answer_day,
    calls_of,
    counts_by_state,
    decision_of,
    flags_of,
    history_of,
    list_applications,
    open_question,
    questions_of,
)
from mentorlink.applications.summary import answers_to_questions, sections_of
from mentorlink.applications.views.blueprint import bp
from mentorlink.applications.words import FLAG_WORDS, INTAKE_WORDS, STATE_KINDS, STATE_WORDS
from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.local_path import HOME, local_path
from mentorlink.core.outbox import Call
from mentorlink.core.text_input import show_phone
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.people.models import REQUIRED_CONSENTS
from mentorlink.people.services import confirm_contact, give_consents
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import runs
from mentorlink.programmes.words import name_with_year

_S = ApplicationState
MOST_PAGES = 100_000


@bp.get("/office/applications")
@allow(office_only)
def show_list(_actor: Any) -> Any:
    wanted = request.args.get("state", "")
    states = [_S(wanted)] if wanted in set(_S) - {_S.DRAFT} else list(OPEN_STATES)
    if wanted == "all" or (request.args.get("q") and not wanted):
        states = [state for state in _S if state is not _S.DRAFT]
    page = min(max(1, request.args.get("page", 1, type=int)), MOST_PAGES)
    return render_template(
        "applications/list.html",
        found=list_applications(db(), states, request.args.get("q", ""), page),
        counts=counts_by_state(db()),
        wanted=wanted,
        words=request.args.get("q", ""),
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        open_states=OPEN_STATES,
    )


@bp.get("/office/applications/<int:application_id>")
@allow(office_application)
def show_application(application: Application) -> Any:
    """The audit row that the story was read is written before the story is shown."""
    application_id = application.id
    with transaction(db()):
        audit.record(db(), actor(), "read_story", f"application:{application_id}", now=now())
    return _render(db().get_one(Application, application_id))


@bp.post("/office/applications/<int:application_id>/question")
@allow(office_application)
def create_question(application: Application) -> Any:
    form = QuestionForm()
    if not form.validate():
        return _render(application, question_form=form), 422
    with _act(application, "ask") as row:
        services.ask_applicant(
            db(),
            row,
            form.question.text,
            first_choice=form.first_choice.value,
            second_choice=form.second_choice.value,
            by_user_id=_user_id(),
            by=actor().name_in_history,
            now=now(),
        )
    return _back(application, gettext("おたずねを送りました。"))


@bp.post("/office/questions/<int:question_id>/answer")
@allow(office_question)
def create_answer_heard(question: ClarifyingQuestion) -> Any:
    """What the applicant said on the telephone: whoever has no mail can answer too."""
    form, question_id = answer_form(question), question.id
    application = db().get_one(Application, question.application_id)
    if not form.validate():
        return _render(application, answer_form=form), 422
    with _act(application, "answer_heard"):
        asked = db().get_one(ClarifyingQuestion, question_id)
        services.answer_question(db(), asked, form.said(), by=actor().name_in_history, now=now())
    return _back(application, gettext("お返事を記録しました。"))


@bp.post("/office/applications/<int:application_id>/matching")
@allow(office_application)
def create_matching(application: Application) -> Any:
    with _act(application, "begin_matching") as row:
        services.begin_matching(db(), row, by=actor().name_in_history, now=now())
    return _back(application, gettext("お相手をさがし始めました。"))


@bp.get("/office/applications/<int:application_id>/withdrawal")
@allow(office_application)
def confirm_withdrawal(application: Application) -> Any:
    return render_template("applications/office_withdrawal.html", application=application)


@bp.post("/office/applications/<int:application_id>/reopening")
@allow(office_application)
def create_reopening(application: Application) -> Any:
    with _act(application, "reopen") as row:
        services.reopen_application(db(), row, by=actor().name_in_history, now=now())
    return _back(application, gettext("もう一度、受け付けました。"))


@bp.post("/office/applications/<int:application_id>/calls")
@allow(office_application)
def create_call(application: Application) -> Any:
    form = CallForm()
    if not form.validate():
        return _render(application, call_form=form), 422
    with _act(application, "call") as row:
        about, reached = f"application:{row.id}", bool(form.reached.data)
        db().add(
            Call(
                about=about, by_user_id=_user_id(), at=now(), minutes=int(form.minutes.text), reached=reached
            )
        )
        if reached and row.person is not None and row.person.email is None:
            confirm_contact(db(), row.person, now=now())
    return _back(application, gettext("電話を記録しました。"))


@bp.post("/office/flags/<int:flag_id>/resolution")
@allow(office_flag)
def create_flag_resolution(flag: Flag) -> Any:
    flag_id, application = flag.id, db().get_one(Application, flag.application_id)
    with _act(application, "resolve_flag"):
        services.resolve_flag(db(), db().get_one(Flag, flag_id), by_user_id=_user_id(), now=now())
    flash(gettext("見守りを「済み」にしました。"))
    here = url_for(".show_application", application_id=application.id)
    wanted = local_path(request.form.get("next"))
    return redirect(here if wanted == HOME else wanted, code=303)


@bp.get("/office/applications/new")
@allow(office_only)
def show_on_behalf(_actor: Any) -> Any:
    wanted = request.args.get("programme", "")
    data = {"intake": Intake.PHONE.value, "programme_id": wanted, "contact_channel": "phone"}
    form = on_behalf_form(_programme(wanted))(formdata=None, data=data)
    return _render_on_behalf(form)


@bp.post("/office/applications")
@allow(office_only)
def create_on_behalf(_actor: Any) -> Any:
    """The same state machine as on the web: a draft, its answers, consents, sent."""
    form = on_behalf_form(_programme(request.form.get("programme_id", "")))()
    form.programme_id.choices = _programmes()
    if request.form.get("then") == "questions":
        return _render_on_behalf(form)
    if not form.validate():
        return _render_on_behalf(form), 422
    with transaction(db()):
        programme = db().get_one(Programme, int(form.programme_id.data))
        application = services.start_draft(db(), programme, intake=Intake(form.intake.data), now=now())
        services.save_answers(db(), application, form.answers(), now=now())
        services.save_selection_answers(db(), application, form.written())
        if application.person is not None:
            give_consents(db(), application.person, REQUIRED_CONSENTS, now=now())
        services.submit_application(db(), application, by=actor().name_in_history, now=now())
        audit.record(db(), actor(), "enter_on_behalf", f"application:{application.id}", now=now())
        application_id = application.id
    flash(gettext("受け付けました。"))
    return redirect(url_for(".show_application", application_id=application_id), code=303)


class _act:  # noqa: N801 — reads as a verb in `with`
    """A transaction on one application that leaves its audit row: acts are how office minutes are measured."""

    def __init__(self, application: Application, verb: str):
        self.application_id, self.verb = application.id, verb
        self.block = transaction(db())

    def __enter__(self) -> Application:
        self.block.__enter__()
        audit.record(db(), actor(), self.verb, f"application:{self.application_id}", now=now())
        return db().get_one(Application, self.application_id)

    def __exit__(self, *error: Any) -> None:
        self.block.__exit__(*error)


def _render(application: Application, **forms: Any) -> str:
    allowed = TRANSITIONS[application.state]
    forms.setdefault("question_form", QuestionForm(formdata=None))
    forms.setdefault("call_form", CallForm(formdata=None))
    waiting = open_question(db(), application) if application.state is _S.ASKING else None
    person = application.person
    forms.setdefault("answer_form", answer_form(waiting, empty=True) if waiting else None)
    return render_template(
        "applications/detail.html",
        application=application,
        sections=sections_of(application, story=False),
        own_answers=answers_to_questions(application),
        questions=questions_of(db(), application),
        waiting=waiting,
        decision=decision_of(db(), application),
        flags=flags_of(db(), application),
        history=history_of(db(), application),
        calls=calls_of(db(), application),
        number=show_phone(person.phone) if person and person.phone else None,
        answer_day=answer_day(db(), application),
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        flag_words=FLAG_WORDS,
        intake_words=INTAKE_WORDS,
        may_match=_S.MATCHING in allowed and not _waits_for_selection(application),
        may_decide=_waits_for_selection(application) or _S.SELECTED in allowed,
        may={state.value for state in allowed},
        **forms,
    )


def _waits_for_selection(application: Application) -> bool:
    selected = (_S.SELECTED, _S.MATCHED, _S.MATCHING)
    return (
        application.programme.has_selection
        and application.state in OPEN_STATES
        and (application.state not in selected)
    )


def _render_on_behalf(form: OnBehalfForm) -> str:
    form.programme_id.choices = _programmes()
    programme = _programme(form.programme_id.data or "")
    return render_template(
        "applications/on_behalf.html",
        form=form,
        questions=programme.questions if programme is not None else [],
        weekdays=WEEKDAYS,
        day_parts=DAY_PARTS,
    )


def _programme(wanted: str) -> Programme | None:
    return db().get(Programme, int(wanted)) if re.fullmatch(r"[0-9]{1,9}", wanted) else None


def _programmes() -> list[tuple[str, str]]:
    return [(str(each.id), name_with_year(each)) for each in runs(db()) if each.opened_at is not None]


def _user_id() -> int:
    return actor().user_id or 0


def _back(application: Application, words: str) -> Any:
    flash(words)
    return redirect(url_for(".show_application", application_id=application.id), code=303)
