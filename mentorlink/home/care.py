"""支える人のためのページ: somebody to ask, and how a mentor is kept from too much."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import allow, db, now
from mentorlink.home.views import bp
from mentorlink.matching.policies import own_supporter
from mentorlink.matching.queries import RESTS_FOR
from mentorlink.matching.services import ask_for_care
from mentorlink.people.models import Supporter


@bp.get("/supporter/care")
@allow(own_supporter)
def show_care(supporter: Supporter) -> Any:
    return render_template("home/care.html", supporter=supporter, rest_days=RESTS_FOR.days)


@bp.post("/supporter/care")
@allow(own_supporter)
def create_care_call(supporter: Supporter) -> Any:
    supporter_id = supporter.id
    with transaction(db()):
        ask_for_care(db(), db().get_one(Supporter, supporter_id), now=now())
    flash(gettext("受け取りました。事務局から、お電話します。"))
    return redirect(url_for(".show_care"), code=303)
