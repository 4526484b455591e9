"""Words of crisis in what one side has written to be read: somebody of the office looks."""

from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.services import watch_over
from mentorlink.engagements.models import Engagement, Side


def heed_crisis(
    session: Session, engagement: Engagement, text: str | None, *, side: Side, by: str, now: datetime
) -> None:
    if side is not Side.OFFICE and speaks_of_crisis(text):
        watch_over(session, engagement.application, by=by, now=now)
