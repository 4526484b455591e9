"""見本: the screens of an applicant, filled with a run that may not be open yet. Nothing on them can be pressed."""

from types import SimpleNamespace
from typing import Any

from flask import render_template, request

from mentorlink.applications.forms import questions_form
from mentorlink.applications.views.steps import QUESTIONS, minutes_of, order_of, step_of
from mentorlink.core.dates import local_date
from mentorlink.core.web import allow, now
from mentorlink.programmes.models import Programme
from mentorlink.setup.policies import office_programme
from mentorlink.setup.views.blueprint import bp


@bp.get("/office/programmes/<code>/preview")
@allow(office_programme)
def show_preview(programme: Programme) -> Any:
    wants_questions = request.args.get("screen") == "questions" and programme.questions
    context = _questions(programme) if wants_questions else _introduction(programme)
    return render_template(**context, today=local_date(now()), programmes=[], is_open=True)


def _introduction(programme: Programme) -> dict[str, Any]:
    return {
        "template_name_or_list": "setup/preview_introduction.html",
        "programme": programme,
        "others": [],
        "minutes": minutes_of(programme),
        "screens": len(order_of(programme)),
    }


def _questions(programme: Programme) -> dict[str, Any]:
    return {
        "template_name_or_list": "setup/preview_questions.html",
        "form": questions_form(programme)(formdata=None),
        "step": step_of(QUESTIONS, programme),
        "application": SimpleNamespace(programme=programme),
        "helplines": (),
    }
