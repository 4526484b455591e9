"""The days that were lost, told apart by side: for the office alone, which asks how it can help."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.core.i18n import LazyText, gettext, lazy
from mentorlink.engagements.models import Engagement, Side
from mentorlink.scheduling.queries import absences_of

WHO: dict[Side, LazyText] = {Side.APPLICANT: lazy("相談者の方"), Side.SUPPORTER: lazy("講師・メンター")}


def absences_in_words(session: Session, application_id: int) -> list[str]:
    """A line for each side that has lost a day; none before there is a support."""
    engagement_id = session.scalar(select(Engagement.id).where(Engagement.application_id == application_id))
    if engagement_id is None:
        return []
    absences = absences_of(session, engagement_id)
    return [
        gettext(
            "%(who)sのご都合：直前の中止 %(late)s回、お会いできなかった日 %(missed)s回（続けて %(row)s回）",
            who=gettext(who),
            late=absences[side].late,
            missed=absences[side].missed,
            row=absences[side].in_a_row,
        )
        for side, who in WHO.items()
        if absences[side].late or absences[side].missed
    ]
