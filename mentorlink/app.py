"""create_app: wires the slices, nothing else."""

from typing import Any

from flask import Flask, g, render_template
from flask_wtf import CSRFProtect
from sqlalchemy import Engine
from sqlalchemy.orm.exc import StaleDataError

from mentorlink.accounts import views as accounts
from mentorlink.applications import views as applications
from mentorlink.core import i18n, links
from mentorlink.core.actor import Actor
from mentorlink.core.clock import Clock, demo_clock, system_clock
from mentorlink.core.db import make_engine, make_sessions
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.paths import resource
from mentorlink.core.settings import Settings
from mentorlink.core.web import unguarded_endpoints
from mentorlink.core.web_session import ServerSessions
from mentorlink.engagements import views as engagements
from mentorlink.home import views as home
from mentorlink.matching import views as matching
from mentorlink.outcomes import views as outcomes
from mentorlink.people import views as people
from mentorlink.scheduling import views as scheduling
from mentorlink.surveys import views as surveys

SLICES = (accounts, people, applications, engagements, scheduling, matching, surveys, outcomes, home)
# What an entry link opens: purpose → endpoint of the page, given the id of the row.
ENTRANCES: dict[str, str] = {}


def create_app(settings: Settings, *, engine: Engine | None = None, clock: Clock | None = None) -> Flask:
    """The application on one database. Refuses to start while a route declares no policy."""
    app = Flask(
        "mentorlink",
        static_folder=str(resource("static")),
        template_folder=str(resource("templates")),
    )
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SECURE=settings.secure,
        WTF_I18N_ENABLED=False,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
    )
    sessions = make_sessions(engine or make_engine(settings.database_url))
    app.extensions |= {
        "settings": settings,
        "sessions": sessions,
        "clock": clock or (demo_clock(sessions) if settings.demo else system_clock),
        "entrances": ENTRANCES,
        "load_actor": lambda db, web_session: Actor(),
    }
    links.configure(settings.secret_key.get_secret_value())
    links.configure_base(settings.base_url)
    app.session_interface = ServerSessions()
    CSRFProtect(app)
    i18n.install(app.jinja_env)
    for slice_ in SLICES:
        app.register_blueprint(slice_.bp)
    app.register_error_handler(RuleViolation, _show_rule)
    app.register_error_handler(Conflict, _show_conflict)
    app.register_error_handler(StaleDataError, _show_conflict)
    app.teardown_appcontext(_close_database)
    app.jinja_env.globals["office_phone"] = settings.office_phone
    app.view_functions["static"].policy = True  # type: ignore[attr-defined]
    if unguarded := unguarded_endpoints(app):
        raise RuntimeError(f"routes without a policy: {', '.join(sorted(unguarded))}")
    return app


def _close_database(_error: BaseException | None) -> None:
    if "db" in g:
        g.pop("db").close()


def _show_rule(error: RuleViolation) -> tuple[str, int]:
    return render_template("errors/422.html", code=error.code), 422


def _show_conflict(error: Any) -> tuple[str, int]:
    return render_template("errors/409.html", code=getattr(error, "code", "changed_meanwhile")), 409
