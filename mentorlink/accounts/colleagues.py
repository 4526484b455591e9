"""担当者: who works in the office, inviting one more, and ending what somebody may do."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.accounts import services
from mentorlink.accounts.blueprint import bp
from mentorlink.accounts.forms import ROLE_WORDS, ColleagueForm
from mentorlink.accounts.models import User
from mentorlink.accounts.policies import colleague_below, looks_after_colleagues, roles_below
from mentorlink.accounts.queries import colleagues, count_colleagues
from mentorlink.core import audit
from mentorlink.core.actor import Role
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import gettext, lazy
from mentorlink.core.messages import message_of
from mentorlink.core.web import actor, allow, db, now

ON_A_PAGE = 50


@bp.get("/office/colleagues")
@allow(looks_after_colleagues)
def show_colleagues(_actor: Any) -> Any:
    return _render(ColleagueForm(formdata=None).offer(roles_below(actor().role)))


@bp.post("/office/colleagues")
@allow(looks_after_colleagues)
def create_colleague(_actor: Any) -> Any:
    form = ColleagueForm().offer(roles_below(actor().role))
    if not form.validate():
        return _render(form), 422
    try:
        _invite(form)
    except RuleViolation as refused:
        form.email.errors = [lazy(message_of(refused.code))]
        return _render(form), 422
    flash(gettext("招待のメールを送りました。7日のあいだ、そのメールから始められます。"))
    return redirect(url_for(".show_colleagues"), code=303)


@bp.post("/office/colleagues/<int:user_id>/invitation")
@allow(colleague_below)
def create_invitation(user: User) -> Any:
    with transaction(db()):
        services.invite_again(db(), user, now=now())
        audit.record(db(), actor(), "invite_colleague", f"user:{user.id}", now=now())
    flash(gettext("招待のメールを、もう一度送りました。"))
    return redirect(url_for(".show_colleagues"), code=303)


@bp.get("/office/colleagues/<int:user_id>/disabling")
@allow(colleague_below)
def show_disabling(user: User) -> Any:
    return render_template("accounts/disabling.html", user=user)


@bp.post("/office/colleagues/<int:user_id>/disabling")
@allow(colleague_below)
def create_disabling(user: User) -> Any:
    with transaction(db()):
        services.disable_user(db(), user, now=now())
        audit.record(db(), actor(), "disable_colleague", f"user:{user.id}", now=now())
    flash(gettext("入れないようにしました。ひらいていた画面も、終わりました。"))
    return redirect(url_for(".show_colleagues"), code=303)


def _invite(form: ColleagueForm) -> None:
    with transaction(db()):
        user = services.invite_colleague(
            db(),
            email=form.email.text,
            name=form.name.text,
            role=Role(form.role.data),
            invited_by=actor().role,
            now=now(),
        )
        audit.record(db(), actor(), "invite_colleague", f"user:{user.id}", now=now())


def _render(form: ColleagueForm) -> str:
    total = count_colleagues(db())
    pages = max(1, -(-total // ON_A_PAGE))
    page = max(1, min(request.args.get("page", 1, type=int), pages))
    return render_template(
        "accounts/colleagues.html",
        form=form,
        people=colleagues(db(), page=page, size=ON_A_PAGE),
        own_id=actor().user_id,
        below=roles_below(actor().role),
        role_words=ROLE_WORDS,
        page=page,
        pages=pages,
        total=total,
    )
