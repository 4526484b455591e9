"""選考の結果: prepared for one application, looked over, told to everybody in one act."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from mentorlink.applications import services
from mentorlink.applications.models import Application, ApplicationState, Decision
from mentorlink.applications.queries import decision_of
from mentorlink.applications.selection_queries import (
    is_undecided,
    names_of_users,
    prepared_decision,
    prepared_decisions,
    review_lines_of,
    submitted_reviews,
    undecided_number,
    waiting_list,
)
from mentorlink.applications.spread import spread_of
from mentorlink.applications.words import STATE_KINDS, STATE_WORDS
from mentorlink.core import audit
from mentorlink.core.actor import Role
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext, ngettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.home.selection.forms import DecisionForm, PlaceForm, SendForm, WaitingForm, name_of
from mentorlink.home.selection.letters import letters_of
from mentorlink.home.selection.policies import (
    application_of_lead,
    readable_applications,
    run_of_lead,
    selected_application,
)
from mentorlink.home.selection.words import AGREEMENT_KINDS, AGREEMENT_WORDS, REASONS
from mentorlink.home.views import bp
from mentorlink.programmes.models import Programme

_S = ApplicationState


@bp.get("/office/applications/<int:application_id>/decision")
@allow(selected_application)
def show_decision(application: Application) -> Any:
    """The scores of one application with all comments, for whoever may read them; the lead's form below."""
    return _render(application, _filled(application))


@bp.post("/office/applications/<int:application_id>/decision")
@allow(application_of_lead)
def create_decision(application: Application) -> Any:
    """Prepared only; the end of a wait is told at once."""
    application_id, code = application.id, application.programme.code
    form = WaitingForm() if application.state is _S.WAITING else DecisionForm()
    if not form.validate():
        return _render(application, form), 422
    with transaction(db()):
        row = db().get_one(Application, application_id)
        _decide(row, form)
    flash(
        gettext("お知らせしました。")
        if isinstance(form, WaitingForm)
        else gettext("結果を用意しました。まだ、だれにも届いていません。")
    )
    return redirect(url_for(".show_selection", code=code), code=303)


@bp.post("/office/applications/<int:application_id>/decision/cancellation")
@allow(application_of_lead)
def drop_decision(application: Application) -> Any:
    application_id, code = application.id, application.programme.code
    with transaction(db()):
        services.drop_decision(db(), db().get_one(Application, application_id))
        audit.record(db(), actor(), "drop_decision", f"application:{application_id}", now=now())
    flash(gettext("用意した結果を、取りやめました。"))
    return redirect(url_for(".show_selection", code=code), code=303)


@bp.get("/office/selections/<code>/decisions")
@allow(run_of_lead)
def show_decisions(programme: Programme) -> Any:
    return _render_letters(programme, SendForm(formdata=None))


@bp.post("/office/selections/<code>/decisions")
@allow(run_of_lead)
def send_decisions(programme: Programme) -> Any:
    form, programme_id, code = SendForm(), programme.id, programme.code
    if not form.validate():
        return _render_letters(programme, form), 422
    despite = bool(form.despite_missing.data)
    with transaction(db()):
        told = services.send_decisions(
            db(),
            db().get_one(Programme, programme_id),
            partly=bool(form.partly.data),
            despite_missing=despite,
            by_user_id=actor().user_id or 0,
            by=actor().name_in_history,
            now=now(),
        )
        for decision in told:
            audit.record(db(), actor(), "decide", f"application:{decision.application_id}", now=now())
        number = len(told)
    flash(ngettext("%(n)s人に、結果をお知らせしました。", number))
    return redirect(url_for(".show_selection", code=code), code=303)


@bp.get("/office/selections/<code>/waiting")
@allow(run_of_lead)
def show_waiting(programme: Programme) -> Any:
    reason = gettext("席があきました。お待ちくださって、ありがとうございました。")
    return _render_waiting(programme, PlaceForm(formdata=None, data={"reason": reason}))


@bp.post("/office/selections/<code>/waiting")
@allow(run_of_lead)
def move_up_waiting(programme: Programme) -> Any:
    form, programme_id, code = PlaceForm(), programme.id, programme.code
    if not form.validate():
        return _render_waiting(programme, form), 422
    with transaction(db()):
        application = services.move_up_waiting(
            db(),
            db().get_one(Programme, programme_id),
            form.reason.text,
            by_user_id=actor().user_id or 0,
            by=actor().name_in_history,
            now=now(),
        )
        audit.record(db(), actor(), "decide", f"application:{application.id}", now=now())
    flash(gettext("席があいたことを、お知らせしました。"))
    return redirect(url_for(".show_selection", code=code), code=303)


def _decide(application: Application, form: DecisionForm | WaitingForm) -> None:
    outcome, reason = _S(form.outcome.data), form.reason.text
    who: dict[str, Any] = {"by_user_id": actor().user_id or 0, "by": actor().name_in_history, "now": now()}
    about = f"application:{application.id}"
    if isinstance(form, WaitingForm):
        services.decide_waiting(db(), application, outcome, reason, **who)
        audit.record(db(), actor(), "decide", about, now=now())
        return
    despite = bool(form.despite_missing.data) and services.reviews_are_missing(db(), application)
    services.prepare_decision(
        db(), application, outcome, reason, position=form.place(), despite_missing=despite, **who
    )
    verb = "prepare_decision_without_reviews" if despite else "prepare_decision"
    audit.record(db(), actor(), verb, about, now=now())


def _filled(application: Application) -> DecisionForm | WaitingForm:
    if application.state is _S.WAITING:
        return WaitingForm(formdata=None)
    prepared = prepared_decision(db(), application)
    data = {}
    if prepared is not None:
        position = str(prepared.waiting_position or "")
        data = {"outcome": prepared.outcome, "reason": prepared.reason, "position": position}
    return DecisionForm(formdata=None, data=data)


def _render(application: Application, form: DecisionForm | WaitingForm) -> str:
    programme, lines = application.programme, review_lines_of(db(), application)
    is_readable = application.id in readable_applications(db(), actor(), {application.id: lines})
    reviews = submitted_reviews(db(), [application.id])[application.id] if is_readable else []
    most = {criterion.id: criterion.most for criterion in programme.criteria}
    points = [{score.criterion_id: score.points for score in review.scores} for review in reviews]
    return render_template(
        "applications/decision.html",
        application=application,
        programme=programme,
        form=form,
        is_readable=is_readable,
        reviews=reviews,
        points=points,
        spread=spread_of(points, most),
        criteria=[(criterion.id, name_of(criterion), criterion.most) for criterion in programme.criteria],
        names=names_of_users(db(), {line.user_id for line in lines}),
        lines=lines,
        told=decision_of(db(), application),
        prepared=prepared_decision(db(), application) if application.state is _S.SELECTING else None,
        is_lead=actor().role is Role.LEAD,
        may_decide=is_undecided(application) or application.state is _S.WAITING,
        reviews_missing=services.reviews_are_missing(db(), application),
        reasons=REASONS,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        agreement_words=AGREEMENT_WORDS,
        agreement_kinds=AGREEMENT_KINDS,
    )


def _render_letters(programme: Programme, form: SendForm) -> str:
    decisions = prepared_decisions(db(), programme)
    return render_template(
        "applications/selection_letters.html",
        programme=programme,
        form=form,
        letters=letters_of(db(), decisions, now()),
        counts=_counts(decisions),
        undecided=undecided_number(db(), programme),
        unscored=[each for each in decisions if services.reviews_are_missing(db(), _application(each))],
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
    )


def _counts(decisions: list[Decision]) -> list[tuple[str, int]]:
    outcomes = (_S.SELECTED, _S.WAITING, _S.NOT_SELECTED)
    return [(each.value, len([d for d in decisions if d.outcome == each.value])) for each in outcomes]


def _application(decision: Decision) -> Application:
    return db().get_one(Application, decision.application_id)


def _render_waiting(programme: Programme, form: PlaceForm) -> str:
    line = [(decision, _application(decision)) for decision in waiting_list(db(), programme)]
    return render_template("applications/selection_waiting.html", programme=programme, form=form, line=line)
