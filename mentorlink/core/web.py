"""What every view needs: who is asking, what time it is, the database session, and the one door."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, cast

from flask import abort, current_app, g, redirect, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from mentorlink.core.actor import ANONYMOUS, Actor
from mentorlink.core.settings import Settings
from mentorlink.core.web_session import ServerSession

Policy = Callable[..., Any]
View = Callable[..., Any]


def now() -> datetime:
    """The instant of this request: asked once, so that one request knows one time."""
    if "now" not in g:
        g.now = current_app.extensions["clock"]()
    return cast(datetime, g.now)


def db() -> Session:
    """The database session of this request; closed when the request ends."""
    if "db" not in g:
        g.db = current_app.extensions["sessions"]()
    return cast(Session, g.db)


def settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])


def web_session() -> ServerSession:
    return cast(ServerSession, cast(Any, session)._get_current_object())


def actor() -> Actor:
    """Who is asking. Loaded once per request by the loader that ``create_app`` wires from accounts."""
    if "actor" not in g:
        g.actor = current_app.extensions["load_actor"](db(), web_session())
    return cast(Actor, g.actor)


def allow(policy: Policy) -> Callable[[View], View]:
    """Declare who may use a route.

    The policy is called with the database session, the actor and the ids of the URL, and returns the row
    (or anything true) for the view, or None. None is 404, never 403: a foreign row and an absent one answer
    alike. Somebody unknown is sent to sign in before anything is looked up, except by a policy for everybody.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**ids: Any) -> Any:
            who = actor()
            if not getattr(policy, "for_everybody", False) and not who.is_known:
                return _ask_to_sign_in()
            subject = policy(db(), who, **ids)
            if subject is None:
                abort(404)
            return view(subject)

        guarded.policy = policy  # type: ignore[attr-defined]
        return guarded

    return decorate


def for_everybody(policy: Policy) -> Policy:
    """Mark a policy that also lets people in who are not known."""
    policy.for_everybody = True  # type: ignore[attr-defined]
    return policy


@for_everybody
def anybody(session: Session, actor: Actor, **ids: Any) -> dict[str, Any]:
    """Everybody may; the view receives the URL's values as they are."""
    return ids


def signed_in(session: Session, actor: Actor) -> Actor | None:
    return actor if actor.user_id is not None else None


def office_only(session: Session, actor: Actor) -> Actor | None:
    return actor if actor.is_office else None


def supporter_only(session: Session, actor: Actor) -> Actor | None:
    return actor if actor.role == "supporter" else None


def unguarded_endpoints(app: Any) -> set[str]:
    """Endpoints without a policy; the application does not start while there is one."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "policy")
    }


def _ask_to_sign_in() -> BaseResponse:
    wanted = request.path if request.method == "GET" else None
    return redirect(url_for("accounts.show_sign_in", next=wanted), code=303)


def is_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


__all__ = [
    "ANONYMOUS",
    "actor",
    "allow",
    "anybody",
    "db",
    "for_everybody",
    "is_htmx",
    "now",
    "office_only",
    "settings",
    "signed_in",
    "supporter_only",
    "unguarded_endpoints",
    "web_session",
]
