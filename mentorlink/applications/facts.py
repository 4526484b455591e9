"""An application becomes the facts that ``fit`` looks at."""

from collections.abc import Collection
from datetime import datetime

from mentorlink.applications.models import Application
from mentorlink.fit.profiles import ApplicantFacts


def applicant_facts(
    application: Application, organisations: Collection[int], now: datetime
) -> ApplicantFacts:
    """What the application asks for; ``organisations`` are those that its person belongs to today."""
    submitted = application.submitted_at or application.created_at
    return ApplicantFacts(
        id=application.id,
        prefecture=application.prefecture,
        stage=application.stage,
        themes=frozenset(application.codes("theme")),
        targets=frozenset(application.codes("target")),
        anyone=application.any_target,
        categories=tuple(application.codes("category")),
        modes=frozenset(application.codes("mode")),
        accommodations=frozenset(application.codes("accommodation")) - {"other"},
        prefer=frozenset(application.codes("preference")),
        organisations=frozenset(organisations),
        avoid=frozenset(each.organisation_id for each in application.avoided if each.organisation_id),
        waiting_days=max(0, (now - submitted).days),
    )
