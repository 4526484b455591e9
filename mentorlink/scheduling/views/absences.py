"""What an application's page says about days that were lost: it stands in a slice that knows nothing of meetings."""

from mentorlink.core.web import db
from mentorlink.scheduling import shown_absences
from mentorlink.scheduling.views.blueprint import bp


@bp.app_template_global()
def absences_in_words(application_id: int) -> list[str]:
    return shown_absences.absences_in_words(db(), application_id)
