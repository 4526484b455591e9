"""Answering a survey: one page, two minutes; afterwards the same address thanks and shows the next step."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from mentorlink.applications.crisis import helplines_after
from mentorlink.applications.models import Application
from mentorlink.applications.services import start_draft
from mentorlink.applications.services.again import start_again
from mentorlink.core.audit import record
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, web_session
from mentorlink.engagements.models import Side
from mentorlink.scheduling.policies import Seat, seat_at_meeting
from mentorlink.surveys.forms import (
    AnswersForm,
    field_name,
    form_for,
    in_language,
    option_words,
    question_words,
)
from mentorlink.surveys.models import Answer, Target, TargetState
from mentorlink.surveys.policies import own_target, own_wish
from mentorlink.surveys.queries import answers_of, application_of, is_afterwards, open_target_about
from mentorlink.surveys.services import refuse_questions, submit_response

bp = Blueprint("surveys", __name__)
SCOPE_LIFETIME = timedelta(days=14)
NEXT_STEP, HELP_WANTED, TALK_AGAIN = "next_step", "help_wanted", "talk_again"
DIFFICULTIES = "difficulties"  # the question of later months that a new talk can begin with


@bp.get("/meetings/<int:meeting_id>/survey")
@allow(seat_at_meeting)
def show_survey_after_record(seat: Seat) -> Any:
    """Where the record leads: to the supporter's few questions while they are open, else to the meeting."""
    supports = actor().supports
    who = supports[1] if supports is not None else actor().person_id
    target = open_target_about(db(), seat.meeting.id, who) if who and seat.side is Side.SUPPORTER else None
    if target is None:
        return redirect(url_for("scheduling.show_meeting", meeting_id=seat.meeting.id), code=303)
    return redirect(url_for(".show_survey", target_id=target.id), code=303)


@bp.get("/surveys/<int:target_id>")
@allow(own_target)
def show_survey(target: Target) -> Any:
    if target.response is not None:
        return _thanks_page(target)
    if target.state is TargetState.VOID:
        return render_template("surveys/closed.html")
    return _survey_page(target, form_for(target, formdata=None))


@bp.post("/surveys/<int:target_id>")
@allow(own_target)
def create_response(target: Target) -> Any:
    form = form_for(target)
    if target.response is None and target.state is not TargetState.VOID and not form.validate():
        return _survey_page(target, form), 422
    if target.response is None and target.state is not TargetState.VOID:
        _store(target, form)
    return redirect(url_for(".show_survey", target_id=target.id), code=303)


@bp.post("/surveys/<int:target_id>/wish")
@allow(own_wish)
def create_wish(target: Target) -> Any:
    """The wish for what the programme leads to: its form, with what was said already."""
    return _start_from(target, onward=True)


@bp.post("/surveys/<int:target_id>/refusal")
@allow(own_wish)
def create_refusal(target: Target) -> Any:
    """答えない: this one is not asked again, and nothing later either."""
    target_id = target.id
    with transaction(db()):
        refuse_questions(db(), db().get_one(Target, target_id), by=actor().name_in_history, now=now())
    flash(gettext("わかりました。このあとは、こちらからたずねません。話したくなったら、いつでもどうぞ。"))
    return redirect(url_for("home.show_landing"), code=303)


@bp.post("/surveys/<int:target_id>/talk")
@allow(own_wish)
def create_talk(target: Target) -> Any:
    """もう一度相談: a new draft that knows what was already said."""
    return _start_from(target, onward=False)


def _start_from(target: Target, *, onward: bool) -> Any:
    by_link, target_id = actor().user_id is None, target.id
    with transaction(db()):
        draft_id = _draft_from(db().get_one(Target, target_id), onward=onward).id
    if by_link:
        web_session().enter_scope("application", draft_id, SCOPE_LIFETIME)
    return redirect(url_for("applications.show_screen", screen=1), code=303)


def _draft_from(target: Target, *, onward: bool) -> Application:
    origin = application_of(db(), target)
    if not onward:
        categories = answers_of(target.response).get(DIFFICULTIES, [])
        return start_again(db(), origin, categories=categories, now=now())
    if origin.programme.leads_to is None:
        raise RuleViolation("programme_closed")
    return start_draft(db(), origin.programme.leads_to, origin=origin, now=now())


def _store(target: Target, form: AnswersForm) -> None:
    target_id, answers = target.id, form.answers()
    with transaction(db()):
        fresh = db().get_one(Target, target_id)
        submit_response(db(), fresh, answers, by=actor().name_in_history, now=now())
        if actor().is_office:
            record(db(), actor(), "enter_answers", f"application:{application_of(db(), fresh).id}", now=now())


def _survey_page(target: Target, form: AnswersForm) -> str:
    return render_template(
        "surveys/survey.html",
        target=target,
        form=form,
        fields=[form[field_name(question)] for question in target.survey.questions],
        title=in_language(target.survey.title_ja, target.survey.title_en),
        on_behalf=actor().is_office,
        is_afterwards=is_afterwards(target),
    )


def _thanks_page(target: Target) -> str:
    answers = answers_of(target.response)
    application = application_of(db(), target)
    onward = application.programme.leads_to
    return render_template(
        "surveys/thanks.html",
        target=target,
        application=application,
        given=_in_words(target),
        next_step="".join(answers.get(NEXT_STEP, [])),
        wants_talk=TALK_AGAIN in answers.get(HELP_WANTED, []),
        is_afterwards=is_afterwards(target),
        difficulties=_words_of(target, DIFFICULTIES),
        onward=onward if onward is not None and _leads_on(target) else None,
        onward_open=onward is not None and onward.is_open_on(local_date(now())),
        on_behalf=actor().is_office,
        helplines=() if actor().is_office else helplines_after(*(each.text for each in _answers(target))),
    )


def _answers(target: Target) -> list[Answer]:
    return target.response.answers if target.response is not None else []


def _leads_on(target: Target) -> bool:
    return any(answer.option is not None and answer.option.leads_on for answer in _answers(target))


def _words_of(target: Target, code: str) -> list[str]:
    return [
        option_words(each.option) for each in _answers(target) if each.option and each.question.code == code
    ]


def _in_words(target: Target) -> list[tuple[str, list[str]]]:
    """Each question with its answers as they are read."""
    found: dict[int, list[str]] = {}
    for answer in _answers(target):
        option = answer.option
        words = option_words(option) if option is not None else answer.text or ""
        found.setdefault(answer.question_id, []).append(words)
    return [
        (question_words(question), found[question.id])
        for question in target.survey.questions
        if question.id in found
    ]
