"""Where an applicant's mails about choosing an hour lead: their link knows the application, not the offer."""

from typing import Any

from flask import redirect, url_for
from sqlalchemy import select

from mentorlink.applications.models import Application
from mentorlink.applications.policies import own_sent_application
from mentorlink.core.web import allow, db, now
from mentorlink.engagements.models import Engagement
from mentorlink.scheduling import queries
from mentorlink.scheduling.views.blueprint import bp


@bp.get("/my/applications/<int:application_id>/slots")
@allow(own_sent_application)
def show_own_slots(application: Application) -> Any:
    return redirect(_page_of_hours(application), code=303)


def _page_of_hours(application: Application) -> str:
    """The hours that can be chosen now; once one is settled, that talk; else the page that says what comes next."""
    engagement = db().scalar(select(Engagement).where(Engagement.application_id == application.id))
    if engagement is not None and (offer := queries.open_offer(db(), engagement.id)):
        return url_for(".show_slots", offer_id=offer.id)
    if engagement is not None and (meeting := queries.next_meeting(db(), engagement.id, after=now())):
        return url_for(".show_meeting", meeting_id=meeting.id)
    if engagement is not None and (last := queries.last_offer(db(), engagement.id)):
        return url_for(".show_slots", offer_id=last.id)
    return url_for("home.show_applicant", application=application.id)
