"""A browser comes in: by password, by link, with or without a second step."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from flask import Response, current_app, redirect, request, url_for

from mentorlink.accounts.entrances import DISCREET_LIFETIME, SCOPE_LIFETIME, Entrance
from mentorlink.accounts.keys import keys
from mentorlink.accounts.models import User
from mentorlink.accounts.services import NEEDS_TOTP, needs_second_step
from mentorlink.core.actor import Role
from mentorlink.core.links import TO_ACCOUNT, Link
from mentorlink.core.local_path import HOME, local_path
from mentorlink.core.sessions import LIFETIME, OFFICE_LIFETIME
from mentorlink.core.web import db, now, settings, web_session

HALF_WAY = timedelta(minutes=10)
CHOOSING = timedelta(minutes=30)
DEVICE_LIFETIME = timedelta(days=365)
FIRST_PAGES = {
    Role.APPLICANT: "/my",
    Role.SUPPORTER: "/supporter",
    Role.OFFICE: "/office",
    Role.LEAD: "/office",
    Role.ADMIN: "/office/colleagues",
}


def device_cookie() -> str:
    return "__Host-mentorlink-device" if settings().secure else "mentorlink-device"


def welcome(user: User, wanted: str | None = None) -> Response:
    """Sign the user in, or send them to the second step first."""
    if not needs_second_step(user, demo=settings().demo):
        return sign_in(user, wanted)
    until = (now() + HALF_WAY).isoformat()
    web_session().stay_visitor(half_way=user.id, until=until, next=local_path(wanted))
    page = "accounts.show_totp" if user.totp_secret else "accounts.show_totp_setup"
    return _to(url_for(page))


def sign_in(user: User, wanted: str | None = None) -> Response:
    web_session().sign_in(user.id, OFFICE_LIFETIME if user.role in NEEDS_TOTP else LIFETIME)
    next_path = local_path(wanted)
    response = _to(FIRST_PAGES.get(user.role, HOME) if next_path == HOME else next_path)
    response.set_cookie(
        device_cookie(),
        keys().new_device_mark(user.email),
        max_age=DEVICE_LIFETIME,
        secure=settings().secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def half_way_user() -> User | None:
    """Who has shown the first of two proofs, in this browser, in the last ten minutes."""
    return _waiting("half_way")


def joining_user() -> User | None:
    """Who has opened a link to choose a password."""
    return _waiting("joining")


def begin_joining(user: User) -> Response:
    web_session().stay_visitor(joining=user.id, until=(now() + CHOOSING).isoformat())
    return _to(url_for("accounts.show_join"))


def enter(link: Link, entrance: Entrance) -> Response:
    """Open a visit to what the link is for; it stays short where safe contact was asked for."""
    discreet = current_app.extensions["is_discreet"](db(), entrance.concept, link.row_id)
    lifetime = DISCREET_LIFETIME if discreet else SCOPE_LIFETIME
    web_session().enter_scope(entrance.concept, link.row_id, lifetime)
    answer = request.args.get("answer")
    return _to(entrance.page_of(link) + (f"?{urlencode({'answer': answer})}" if answer else ""))


def _waiting(name: str) -> User | None:
    user_id, until = web_session().get(name), web_session().get("until")
    if user_id is None or until is None or now() >= datetime.fromisoformat(until):
        return None
    user = db().get(User, user_id)
    return user if user is not None and user.disabled_at is None else None


def _to(path: str) -> Response:
    return redirect(path, code=303)  # type: ignore[return-value]


def lets_in(link: Link) -> bool:
    """Whether there is anything behind it; of a calendar's feed there is not."""
    return link.purpose in TO_ACCOUNT or entrance_of(link) is not None


def entrance_of(link: Link) -> Entrance | None:
    found: Entrance | None = current_app.extensions["entrances"].get(link.purpose)
    return found if found is not None and link.opens.startswith(f"{found.concept}:") else None
