"""Signing in and out, links from mails, and how somebody likes to read."""

from typing import Any

import segno
from flask import abort, flash, g, redirect, render_template, request, url_for

from mentorlink.accounts import colleagues, services, visits
from mentorlink.accounts.blueprint import bp
from mentorlink.accounts.forms import CodeForm, JoinForm, LinkForm, PasswordForm, SignInForm
from mentorlink.accounts.keys import keys
from mentorlink.accounts.limits import buckets_for, count_attempt
from mentorlink.accounts.models import User
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext, lazy
from mentorlink.core.links import FEEDS, TO_ACCOUNT, Link, LinkKind, find_link, use_link
from mentorlink.core.local_path import local_path
from mentorlink.core.preferences import COOKIE
from mentorlink.core.web import actor, allow, anybody, db, now, settings, signed_in, web_session

__all__ = ["bp", "colleagues"]  # the latter puts its pages on the blueprint
ONE_YEAR = 365 * 24 * 3600


@bp.get("/sign-in")
@allow(anybody)
def show_sign_in(_ids: dict[str, Any]) -> Any:
    form = SignInForm(formdata=None, next=local_path(request.args.get("next")))
    return render_template("accounts/sign_in.html", form=form, link_form=LinkForm(formdata=None, prefix=""))


@bp.post("/sign-in")
@allow(anybody)
def create_sign_in(_ids: dict[str, Any]) -> Any:
    form = SignInForm()
    if not form.validate():
        return _sign_in_again(form)
    if not _may_try("sign_in", form.email.text.lower()):
        abort(429)
    user = services.check_password(db(), form.email.text, form.password.data)
    if user is None:
        form.form_errors.append(
            lazy("メールアドレスか合言葉が、登録と合いませんでした。もう一度お試しください。")
        )
        return _sign_in_again(form)
    return visits.welcome(user, form.next.data)


@bp.post("/sign-in/link")
@allow(anybody)
def create_sign_in_link(_ids: dict[str, Any]) -> Any:
    form = LinkForm()
    if not form.validate():
        again = SignInForm(formdata=None)
        return render_template("accounts/sign_in.html", form=again, link_form=form), 422
    with transaction(db()):
        services.request_sign_in_link(db(), form.email.text, address=request.remote_addr, now=now())
    return redirect(url_for(".show_link_sent"), code=303)


@bp.get("/sign-in/link")
@allow(anybody)
def show_link_sent(_ids: dict[str, Any]) -> Any:
    return render_template("accounts/link_sent.html")


@bp.get("/totp")
@allow(anybody)
def show_totp(_ids: dict[str, Any]) -> Any:
    user = visits.half_way_user()
    if user is None or user.totp_secret is None:
        return redirect(url_for(".show_sign_in"), code=303)
    return render_template("accounts/totp.html", form=CodeForm(formdata=None))


@bp.post("/totp")
@allow(anybody)
def create_totp(_ids: dict[str, Any]) -> Any:
    user, form, wanted = visits.half_way_user(), CodeForm(), web_session().get("next")
    if user is None or user.totp_secret is None:
        return redirect(url_for(".show_sign_in"), code=303)
    if not form.validate():
        return render_template("accounts/totp.html", form=form), 422
    if not _may_try("totp", user.email):
        abort(429)
    with transaction(db()):
        right = services.verify_totp(db(), user, form.code.text, now=now())
    if right:
        return visits.sign_in(user, wanted)
    return _code_again("accounts/totp.html", form)


@bp.get("/totp/setup")
@allow(anybody)
def show_totp_setup(_ids: dict[str, Any]) -> Any:
    user = visits.half_way_user()
    if user is None or user.totp_secret is not None:
        return redirect(url_for(".show_sign_in"), code=303)
    return _render_setup(user, CodeForm(formdata=None))


@bp.post("/totp/setup")
@allow(anybody)
def create_totp_setup(_ids: dict[str, Any]) -> Any:
    user, form, wanted = visits.half_way_user(), CodeForm(), web_session().get("next")
    if user is None or user.totp_secret is not None:
        return redirect(url_for(".show_sign_in"), code=303)
    if not form.validate():
        return _render_setup(user, form), 422
    if not _may_try("totp", user.email):
        abort(429)
    with transaction(db()):
        done = services.set_up_totp(db(), user, _new_secret(), form.code.text, now=now())
    if done:
        return visits.sign_in(user, wanted)
    form.code.errors = [_wrong_code()]
    return _render_setup(user, form), 422


@bp.get("/join")
@allow(anybody)
def show_join(_ids: dict[str, Any]) -> Any:
    user = visits.joining_user() or abort(410)
    return render_template("accounts/join.html", form=JoinForm(formdata=None), user=user)


@bp.post("/join")
@allow(anybody)
def create_join(_ids: dict[str, Any]) -> Any:
    user, form = visits.joining_user() or abort(410), JoinForm()
    if not form.validate():
        return render_template("accounts/join.html", form=form, user=user), 422
    with transaction(db()):
        services.change_password(db(), user, form.password.data)
    flash(gettext("ようこそ。準備ができました。"))
    return visits.welcome(user)


@bp.get("/password")
@allow(signed_in)
def show_password(_actor: Any) -> Any:
    return render_template("accounts/password.html", form=PasswordForm(formdata=None))


@bp.post("/password")
@allow(signed_in)
def update_password(_actor: Any) -> Any:
    user, form = db().get_one(User, actor().user_id), PasswordForm()
    if form.validate() and not _may_try("sign_in", user.email):
        abort(429)
    if form.errors or services.check_password(db(), user.email, form.current.data) is None:
        form.current.errors = form.current.errors or [
            lazy("いまの合言葉を、もう一度確かめていただけますか。")
        ]
        return render_template("accounts/password.html", form=form), 422
    with transaction(db()):
        services.change_password(db(), user, form.password.data)
    flash(gettext("合言葉を変えました。ほかの画面では、もう一度お入りください。"))
    return visits.sign_in(user)


@bp.post("/sign-out")
@allow(anybody)
def create_sign_out(_ids: dict[str, Any]) -> Any:
    web_session().leave()
    return redirect("/", code=303)


@bp.post("/preferences")
@allow(anybody)
def update_preferences(_ids: dict[str, Any]) -> Any:
    response = redirect(local_path(request.form.get("next")), code=303)
    wishes = g.preferences.changed(request.form)
    response.set_cookie(
        COOKIE, wishes.write(), max_age=ONE_YEAR, secure=settings().secure, httponly=True, samesite="Lax"
    )
    return response


@bp.get("/e/<token>")
@allow(anybody)
def show_entrance(ids: dict[str, str]) -> Any:
    """Only a button: programs that scan mails follow links, and see nothing here and do nothing.

    The secret of a calendar's address lets nobody in: whoever opens it by hand is told where it belongs.
    """
    link = find_link(db(), ids["token"], now()) or abort(410)
    if link.purpose in FEEDS:
        return render_template("accounts/calendar_secret.html")
    return render_template("accounts/entrance.html") if visits.lets_in(link) else abort(410)


@bp.post("/e/<token>")
@allow(anybody)
def enter(ids: dict[str, str]) -> Any:
    link = find_link(db(), ids["token"], now()) or abort(410)
    if link.purpose in TO_ACCOUNT:
        return _enter_account(link)
    entrance = visits.entrance_of(link) or abort(410)
    with transaction(db()):
        if link.kind is LinkKind.ACT and not use_link(db(), link, now()):
            abort(410)
        if entrance.act is not None:
            entrance.act(db(), link, now())
    return visits.enter(link, entrance)


def _enter_account(link: Link) -> Any:
    with transaction(db()):
        user = db().get(User, link.row_id)
        if user is None or user.disabled_at is not None or not use_link(db(), link, now()):
            abort(410)
    return visits.begin_joining(user) if link.purpose == "join" else visits.welcome(user)


def _may_try(what: str, account: str) -> bool:
    mark = request.cookies.get(visits.device_cookie())
    buckets = buckets_for(what, account, address=request.remote_addr, device=mark)
    with transaction(db()):
        return count_attempt(db(), buckets, now=now())


def _sign_in_again(form: SignInForm) -> Any:
    return render_template("accounts/sign_in.html", form=form, link_form=LinkForm(formdata=None)), 422


def _wrong_code() -> Any:
    return lazy("数字が合いませんでした。アプリに出ている新しい数字でお試しください。")


def _code_again(template: str, form: CodeForm) -> Any:
    form.code.errors = [_wrong_code()]
    return render_template(template, form=form), 422


def _new_secret() -> str:
    """Kept, encrypted, with the visit until the device has shown that it knows it."""
    stored = keys().decrypt(web_session().get("totp_secret", ""))
    if stored is None:
        stored = services.new_totp_secret()
        web_session()["totp_secret"] = keys().encrypt(stored)
    return stored


def _render_setup(user: User, form: CodeForm) -> str:
    secret = _new_secret()
    picture = segno.make(services.totp_address(user, secret)).svg_data_uri(scale=5)
    return render_template("accounts/totp_setup.html", form=form, secret=secret, picture=picture)
