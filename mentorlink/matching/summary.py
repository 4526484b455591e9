"""What a supporter reads of an application before they have accepted: no name, no contact, no story."""

from dataclasses import dataclass

from mentorlink.applications.models import Application
from mentorlink.core import taxonomy
from mentorlink.core.taxonomy import Prefecture, Term


@dataclass(frozen=True, slots=True)
class Summary:
    prefecture: Prefecture | None
    stage: Term | None
    themes: tuple[Term, ...]
    targets: tuple[Term, ...]
    categories: tuple[Term, ...]
    modes: tuple[Term, ...]
    accommodations: tuple[Term, ...]
    any_target: bool
    unsure_category: bool


def summary_of(application: Application) -> Summary:
    def chosen(scheme: str) -> tuple[Term, ...]:
        return tuple(taxonomy.term(scheme, code) for code in application.codes(scheme))

    return Summary(
        prefecture=taxonomy.prefecture(application.prefecture) if application.prefecture else None,
        stage=taxonomy.term("stage", application.stage) if application.stage else None,
        themes=chosen("theme"),
        targets=chosen("target"),
        categories=chosen("category"),
        modes=chosen("mode"),
        accommodations=chosen("accommodation"),
        any_target=application.any_target,
        unsure_category=application.unsure_category,
    )
