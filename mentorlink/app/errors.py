"""What people see when something did not go as meant. Every page keeps what was typed."""

import re
from typing import Any

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError

from mentorlink.core.actor import ANONYMOUS
from mentorlink.core.errors import Conflict, RuleViolation, TooMuch
from mentorlink.core.i18n import gettext
from mentorlink.core.messages import message_of
from mentorlink.core.settings import Settings
from mentorlink.core.tabular import TooLarge
from mentorlink.core.web import web_session

PAGES = (400, 403, 404, 405, 409, 410, 413, 422, 429, 500, 503)
RETRY_AFTER_SECONDS = "5"
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
_NEVER_REPEATED = re.compile(r"password|csrf|token|^code$|^otp$", re.IGNORECASE)


def install(app: Flask, _settings: Settings) -> None:
    app.register_error_handler(RuleViolation, show_rule)
    app.register_error_handler(Conflict, show_conflict)
    app.register_error_handler(StaleDataError, show_conflict)
    app.register_error_handler(TooLarge, show_too_large)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(InternalServerError, show_fault)
    app.register_error_handler(HTTPException, show_http)
    for kind in DATABASE_AWAY:
        app.register_error_handler(kind, show_unavailable)
    app.register_error_handler(DBAPIError, show_database)


def show_rule(error: RuleViolation) -> Response:
    status = 413 if isinstance(error, TooMuch) else 422
    return _page(status, message=gettext(message_of(error.code)), code=error.code, kept=typed())


def show_conflict(error: Conflict | StaleDataError) -> Response:
    code = error.code if isinstance(error, Conflict) else "changed_meanwhile"
    return _page(409, message=gettext(message_of(code)), code=code, kept=typed())


def show_too_large(_error: TooLarge) -> Response:
    return _page(413)


def show_expired_form(_error: CSRFError) -> Response:
    """The form's mark is missing or too old: everything typed is shown, one button sends it again."""
    g.went_wrong = True
    return make_response(
        render_template("errors/resend.html", kept=typed(), again=request.full_path.rstrip("?")), 400
    )


def show_http(error: HTTPException) -> Response:
    if error.response is not None:  # abort(Response(…)): somebody has answered already
        return make_response(error.get_response())
    status = error.code if error.code in PAGES else 400 if (error.code or 500) < 500 else 500
    response = _page(status, kept=typed() if status in (409, 422) else [])
    response.status_code = error.code or 500
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "Location"):
            response.headers[name] = value
    return response


def show_fault(error: InternalServerError) -> Response:
    original = error.original_exception
    if isinstance(original, DATABASE_AWAY) or _is_disconnect(original):
        return show_unavailable(original)
    return _page(500)


def show_database(error: DBAPIError) -> Response:
    if _is_disconnect(error):
        return show_unavailable(error)
    raise error


def show_unavailable(_error: BaseException | None) -> Response:
    """The database is away: nothing that asks it may be on this page."""
    g.actor = ANONYMOUS
    web_session().do_not_store()
    response = _page(503)
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def typed() -> list[tuple[str, str]]:
    """What the person sent, as name and value, without secrets."""
    if request.method not in ("POST", "PUT", "PATCH") or request.content_length is None:
        return []
    return [
        (name, value) for name, value in request.form.items(multi=True) if not _NEVER_REPEATED.search(name)
    ]


def _is_disconnect(error: Any) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _page(status: int, **context: Any) -> Response:
    g.went_wrong = True
    return make_response(render_template(f"errors/{status}.html", **context), status)
