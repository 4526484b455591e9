"""The first page, help, and the way out. The three roles' own first pages stand in their own modules."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from mentorlink.applications.crisis import helplines
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import allow, anybody, db, now, settings, web_session
from mentorlink.home.forms import ReturnForm, ShowcaseForm
from mentorlink.home.returning import send_way_back
from mentorlink.programmes.queries import open_programmes

bp = Blueprint("home", __name__)
AWAY = "https://www.jma.go.jp/bosai/forecast/"


@bp.get("/")
@allow(anybody)
def show_landing(_ids: dict[str, Any]) -> Any:
    programmes = open_programmes(db(), local_date(now(), settings().zone))
    return render_template("home/landing.html", programmes=programmes)


@bp.get("/help")
@allow(anybody)
def show_help(_ids: dict[str, Any]) -> Any:
    return render_template("home/help.html", helplines=helplines())


@bp.post("/exit")
@allow(anybody)
def create_exit(_ids: dict[str, Any]) -> Any:
    """すぐにこの画面を閉じる: the visit ends, and the browser goes to a page about the weather."""
    web_session().leave()
    response = redirect(AWAY, code=303)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@bp.get("/return")
@allow(anybody)
def show_return(_ids: dict[str, Any]) -> Any:
    return render_template("home/return.html", form=ReturnForm(formdata=None))


@bp.post("/return")
@allow(anybody)
def create_return(_ids: dict[str, Any]) -> Any:
    """One answer for everybody: who asks does not learn which numbers exist."""
    form = ReturnForm()
    if not form.validate():
        return render_template("home/return.html", form=form), 422
    with transaction(db()):
        send_way_back(db(), form.reference.text, form.contact.text, now=now())
    flash(gettext("ご登録と合えば、続きのご案内をお送りします。数分たっても届かないときは、お電話ください。"))
    return redirect(url_for(".show_return"), code=303)


@bp.get("/components")
@allow(anybody)
def show_components(_ids: dict[str, Any]) -> Any:
    return render_template("components/showcase.html", form=ShowcaseForm(formdata=None))
