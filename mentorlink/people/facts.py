"""A supporter becomes the facts that ``fit`` looks at."""

from collections.abc import Collection
from datetime import datetime

from mentorlink.core.dates import local_date
from mentorlink.fit.profiles import SupporterFacts
from mentorlink.people.models import Supporter


def supporter_facts(
    supporter: Supporter,
    *,
    organisations: Collection[int] = (),
    load: int = 0,
    refused: Collection[int] = (),
    now: datetime,
) -> SupporterFacts:
    """What the supporter offers at this moment; ``load`` counts the month's other invitations."""
    today = local_date(now, supporter.person.zone)
    return SupporterFacts(
        id=supporter.id,
        organisations=frozenset(organisations),
        prefecture=supporter.prefecture,
        setting=supporter.setting,
        funding=frozenset(supporter.codes("funding")),
        legal_form=supporter.legal_form,
        themes=frozenset(supporter.codes("theme")),
        targets=frozenset(supporter.codes("target")),
        anyone=supporter.any_target,
        skills=supporter.skills,
        stages=frozenset(supporter.codes("stage")),
        modes=frozenset(supporter.codes("mode")),
        accommodations=frozenset(supporter.codes("accommodation")),
        capacity=supporter.capacity_month,
        load=load,
        receiving=supporter.receives_on(today),
        training_valid=supporter.training_valid_until >= today,
        refused=frozenset(refused),
    )
