"""A supporter's own profile, and the rest that they take."""

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
    until = supporter.paused_until.isoformat() if supporter.paused_until else None
    form = PauseForm(formdata=None, receiving=supporter.receiving.value, until=until)
    return render_template("people/pause.html", form=form, supporter=supporter)


@bp.post("/supporter/pause")
@allow(own_supporter)
def update_pause(supporter: Supporter) -> Any:
    form = PauseForm()
    if not form.validate():
        return render_template("people/pause.html", form=form, supporter=supporter), 422
    today, wanted = local_date(now(), supporter.person.zone), Receiving(form.receiving.data)
    with transaction(db()):
        set_receiving(db(), supporter, wanted, until=form.until_day, today=today)
    flash(
        gettext("保存しました。ゆっくりなさってください。")
        if wanted is Receiving.PAUSED
        else gettext("保存しました。")
    )
    return redirect(url_for(".show_pause"), code=303)


def _render_profile(form: ProfileForm, supporter: Supporter) -> str:
    skills = [form[field] for field in SKILL_FIELDS.values()]
    return render_template("people/profile.html", form=form, supporter=supporter, skills=skills)
