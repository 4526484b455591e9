"""Rows become the facts that ``fit`` looks at."""

from collections.abc import Collection, Sequence
from datetime import datetime

from mentorlink.applications.models import Application
from mentorlink.core.dates import local_date
from mentorlink.fit.points import Weights
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.people.models import Supporter
from mentorlink.programmes.models import Programme

STEP = 1800  # seconds between two starts that fit knows


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


def starts_as_steps(starts: Sequence[datetime] | None) -> frozenset[int] | None:
    """Instants in ``fit``'s steps of 30 minutes; None (時間は相談) stays None."""
    return None if starts is None else frozenset(int(start.timestamp()) // STEP for start in starts)


def weights_of(programme: Programme) -> Weights:
    return Weights(
        theme=programme.points_theme,
        target=programme.points_target,
        main_category=programme.points_main_category,
        other_category=programme.points_other_category,
        stage=programme.points_stage,
        similar=programme.points_similar,
        similar_most=programme.points_similar_most,
        region=programme.points_region,
    )
