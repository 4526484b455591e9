"""create_app: wires the slices, nothing else."""

from flask import Flask, g
from flask_wtf import CSRFProtect
from sqlalchemy import Engine

from mentorlink.accounts import keys
from mentorlink.app import compression, entrances, errors, frame, guards, headers, vendor
from mentorlink.app.logging import QuietFlask
from mentorlink.app.slices import blueprints
from mentorlink.core import i18n, links, rooms
from mentorlink.core.clock import Clock, demo_clock, system_clock
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.paths import resource
from mentorlink.core.settings import Settings
from mentorlink.core.web import allow, anybody, unguarded_endpoints
from mentorlink.core.web_session import ServerSessions

ENTRANCES = entrances.ENTRANCES
WEBHOOK = "mentorlink.home.line_webhook.receive_line"  # no form: believed by its signature

__all__ = ["ENTRANCES", "create_app"]


def create_app(settings: Settings, *, engine: Engine | None = None, clock: Clock | None = None) -> Flask:
    """The application on one database. Refuses to start while a route declares no policy."""
    _check(settings)
    app = QuietFlask(
        "mentorlink",
        static_folder=str(resource("static")),
        template_folder=str(resource("templates")),
    )
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SECURE=settings.secure,
        WTF_I18N_ENABLED=False,
        WTF_CSRF_TIME_LIMIT=None,  # it ends with the session
        WTF_CSRF_SSL_STRICT=False,  # pages send no Referer; guards.py looks at Origin and Sec-Fetch-Site
        MAX_CONTENT_LENGTH=guards.LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=guards.LARGEST_REQUEST,
    )
    _extend(app, settings, engine, clock)
    guards.install(app, settings)
    CSRFProtect(app).exempt(WEBHOOK)
    i18n.install(app.jinja_env)
    for blueprint in blueprints(demo=settings.demo):
        app.register_blueprint(blueprint)
    compression.install(app)
    for part in (errors, frame, headers, vendor):
        part.install(app, settings)
    app.teardown_appcontext(_close_database)
    app.view_functions["static"] = allow(anybody)(_static_view(app))
    if unguarded := unguarded_endpoints(app):
        raise RuntimeError(f"routes without a policy: {', '.join(sorted(unguarded))}")
    return app


def _check(settings: Settings) -> None:
    if not settings.secret_key.get_secret_value():
        raise RuntimeError("MENTORLINK_SECRET_KEY is empty")
    if settings.demo and settings.delivers_outside:
        raise RuntimeError("the demo delivers to its own mailbox only: MENTORLINK_MAIL_URL must stay inbox:")
    if settings.demo and settings.has_line and not settings.line_is_here:
        raise RuntimeError("the demo writes to nobody's LINE: leave MENTORLINK_LINE_CHANNEL_… empty")


def _extend(app: Flask, settings: Settings, engine: Engine | None, clock: Clock | None) -> None:
    sessions = make_sessions(engine or make_engine(settings.database_url))
    app.extensions |= {
        "settings": settings,
        "sessions": sessions,
        "clock": clock or (demo_clock(sessions) if settings.demo else system_clock),
        "entrances": entrances.ENTRANCES,
        "is_discreet": entrances.is_discreet,
        "load_actor": lambda db, browser: entrances.actor_of(db, browser.user_id, browser.scope),
    }
    secret_key = settings.secret_key.get_secret_value()
    links.configure(secret_key)
    links.configure_base(settings.base_url)
    rooms.configure(settings.meeting_base_url)
    keys.configure(secret_key)
    app.session_interface = ServerSessions()


def _static_view(app: Flask):  # type: ignore[no-untyped-def]
    return lambda values: app.send_static_file(values["filename"])


def _close_database(_error: BaseException | None) -> None:
    if "db" in g:
        g.pop("db").close()
