"""How the search for an hour stands, on the application's page of the office."""

from mentorlink.applications.models import Application
from mentorlink.core.web import db, now
from mentorlink.scheduling import queries
from mentorlink.scheduling.queries.standing import HourStanding
from mentorlink.scheduling.views.blueprint import bp


@bp.app_template_global()
def hour_standing_of(application: Application) -> HourStanding | None:
    return queries.hour_standing(db(), application.id, now=now())


@bp.app_template_global()
def wished_call_of(application: Application) -> int | None:
    return queries.wished_call(db(), application.id)
