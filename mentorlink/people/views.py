"""A supporter's own profile, and the rest that they take."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import allow, db, now
from mentorlink.people.forms import SKILL_FIELDS, PauseForm, ProfileForm
from mentorlink.people.models import Receiving, Supporter
from mentorlink.people.policies import own_supporter
from mentorlink.people.services import set_receiving, update_supporter

bp = Blueprint("people", __name__)


@bp.get("/supporter/profile")
@allow(own_supporter)
def show_profile(supporter: Supporter) -> Any:
    return _render_profile(ProfileForm.of(supporter), supporter)


@bp.post("/supporter/profile")
@allow(own_supporter)
def update_profile(supporter: Supporter) -> Any:
    form = ProfileForm()
    if not form.validate():
        return _render_profile(form, supporter), 422
    with transaction(db()):
        update_supporter(db(), supporter, skills=form.skills, chosen=form.chosen, **form.columns)
    flash(gettext("プロフィールを保存しました。"))
    return redirect(url_for(".show_profile"), code=303)


@bp.get("/supporter/pause")
@allow(own_supporter)
def show_pause(supporter: Supporter) -> Any:
    return _render_pause(PauseForm.of(supporter, _today(supporter)), supporter)


@bp.post("/supporter/pause")
@allow(own_supporter)
def update_pause(supporter: Supporter) -> Any:
    today = _today(supporter)
    form = PauseForm(today=today)
    if not form.validate():
        return _render_pause(form, supporter), 422
    with transaction(db()):
        set_receiving(db(), supporter, form.chosen, until=form.until.day, today=today)
    is_resting = form.chosen is Receiving.PAUSED
    flash(gettext("保存しました。ゆっくりなさってください。") if is_resting else gettext("保存しました。"))
    return redirect(url_for(".show_pause"), code=303)


def _render_pause(form: PauseForm, supporter: Supporter) -> str:
    return render_template("people/pause.html", form=form, supporter=supporter)


def _today(supporter: Supporter) -> date:
    return local_date(now(), supporter.person.zone)


def _render_profile(form: ProfileForm, supporter: Supporter) -> str:
    skills = [form[field] for field in SKILL_FIELDS.values()]
    return render_template("people/profile.html", form=form, supporter=supporter, skills=skills)
