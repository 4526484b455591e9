"""もう一度相談: a new draft that knows what was said before, in the run that holds such talks today."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.applications.models import Application
from mentorlink.applications.services.intake import save_answers, start_draft
from mentorlink.core.dates import local_date
from mentorlink.programmes.models import Programme
from mentorlink.programmes.queries import open_programmes

MOST_CATEGORIES = 3  # as many as the form takes


def start_again(
    session: Session, origin: Application, *, categories: Sequence[str] = (), now: datetime
) -> Application:
    """A draft for another talk. ``categories`` are what it will be about, where somebody said so already.

    After a half-year it is a talk as everybody can have it, not another selection. Raises RuleViolation
    ``programme_closed`` where no run is open.
    """
    draft = start_draft(session, _run_for_talks(session, origin, now), origin=origin, now=now)
    if categories:
        save_answers(session, draft, {"categories": tuple(categories)[:MOST_CATEGORIES]}, now=now)
    return draft


def _run_for_talks(session: Session, origin: Application, now: datetime) -> Programme:
    own, today = origin.programme, local_date(now)
    if own.is_open_on(today) and not own.has_selection:
        return own
    return next((each for each in open_programmes(session, today) if not each.has_selection), own)
