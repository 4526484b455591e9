"""What the office sees of a round: pairs as cards, who has none, and the answers about one application."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, lazyload

from mentorlink.applications.models import Application
from mentorlink.fit.reasons import Reason, office_reasons
from mentorlink.matching.models import MatchRun, Proposal
from mentorlink.matching.queries import lately_asked_for
from mentorlink.matching.round_answers import Answer, RoundAnswers
from mentorlink.matching.round_facts import RoundFacts
from mentorlink.matching.round_help import Part, RoundHelp
from mentorlink.matching.round_queries import hour_of, searched_for
from mentorlink.matching.rounds import facts_of
from mentorlink.people.models import Supporter

PAGE = 40


@dataclass(frozen=True, slots=True)
class Card:
    """One application of the round. ``supporter`` None: no pair, then ``reason`` and ``help`` say why and what helps.

    ``is_waiting``: it can still be asked; ``proposal``: the latest of it since the round, if it was asked.
    ``asked_before``: how many were asked for it in vain; ``is_tired``: the supporter had a letter within a week
    before the round, for somebody else.
    """

    application: Application
    supporter: Supporter | None
    score: int | None
    reasons: tuple[Reason, ...]
    hour: datetime | None
    is_pinned: bool
    is_waiting: bool
    proposal: Proposal | None
    asked_before: int
    is_tired: bool = False
    reason: str | None = None
    help: str | None = None


@dataclass(frozen=True, slots=True)
class RoundPage:
    run: MatchRun
    cards: list[Card]
    newer: int  # applications that came after the round
    number: int
    pages: int
    asked_about: int | None
    answers: list[Answer]
    supporters: Mapping[int, Supporter]

    @property
    def can_be_asked(self) -> list[Card]:
        return [each for each in self.cards if each.supporter is not None and each.is_waiting]


def round_page(session: Session, run: MatchRun, *, page: int, ask: int | None) -> RoundPage:
    """One page of a round, pairs first, both sides by id. ``ask``: the application whose other choices are shown."""
    facts = facts_of(run)
    pages = max(1, -(-len(facts.applicants) // PAGE))
    number = min(max(page, 1), pages)
    applications = {each.id: each for each in _applications(session, list(facts.rows))}
    supporters = {each.id: each for each in _supporters(session, list(facts.columns))}
    waiting = {each.id for each in searched_for(session, run.programme)}
    past = _History(facts, _proposals_since(session, run), lately_asked_for(session, run.made_at))
    cards = _cards(run, facts, applications, supporters, waiting, past)
    asked_about = ask if ask in applications else None
    return RoundPage(
        run,
        cards[(number - 1) * PAGE : number * PAGE],
        newer=len(waiting - set(facts.rows)),
        number=number,
        pages=pages,
        asked_about=asked_about,
        answers=_answers(run, applications, supporters, asked_about),
        supporters=supporters,
    )


def _answers(
    run: MatchRun,
    applications: Mapping[int, Application],
    supporters: Mapping[int, Supporter],
    asked_about: int | None,
) -> list[Answer]:
    if asked_about is None:
        return []
    answers = RoundAnswers(
        run, lambda each: _reference(applications, each), lambda each: _name(supporters, each)
    )
    return answers.why_not(asked_about)


def _cards(  # noqa: PLR0917 - what one card is made of
    run: MatchRun,
    facts: RoundFacts,
    applications: Mapping[int, Application],
    supporters: Mapping[int, Supporter],
    waiting: set[int],
    past: "_History",
) -> list[Card]:
    cards = []
    for application_id, supporter_id, score, _sitting, step in run.pairs:
        if application_id not in applications or supporter_id not in supporters:
            continue  # erased since
        pair = facts.applicants[facts.rows[application_id]], facts.supporters[facts.columns[supporter_id]]
        cards.append(
            Card(
                applications[application_id],
                supporters[supporter_id],
                score,
                office_reasons(*pair, facts.weights),
                hour_of(step),
                is_pinned=facts.pins.get(application_id) == supporter_id,
                is_waiting=application_id in waiting,
                proposal=past.proposals.get(application_id),
                asked_before=past.asked[application_id],
                is_tired=past.is_tired(application_id, supporter_id),
            )
        )
    return cards + _cards_without(run, facts, applications, supporters, waiting, past)


def _cards_without(  # noqa: PLR0917 - as above
    run: MatchRun,
    facts: RoundFacts,
    applications: Mapping[int, Application],
    supporters: Mapping[int, Supporter],
    waiting: set[int],
    past: "_History",
) -> list[Card]:
    found = RoundHelp(
        run,
        facts,
        lambda each: _parts(applications[each]) if each in applications else frozenset(),
        lambda each: _name(supporters, each),
    )
    return [
        Card(
            applications[each.application_id],
            None,
            None,
            (),
            None,
            is_pinned=False,
            is_waiting=each.application_id in waiting,
            proposal=None,
            asked_before=past.asked[each.application_id],
            reason=each.reason,
            help=each.help,
        )
        for each in found.unmatched()
        if each.application_id in applications
    ]


class _History:
    """``proposals`` since the round by application; how many were asked for each one before it."""

    def __init__(
        self, facts: RoundFacts, proposals: Mapping[int, Proposal], lately: Mapping[int, set[int]]
    ) -> None:
        self.proposals, self._lately = proposals, lately
        self.asked = Counter(application for application, _supporter in facts.asked)

    def is_tired(self, application_id: int, supporter_id: int) -> bool:
        return bool(self._lately.get(supporter_id, set()) - {application_id})


def _parts(application: Application) -> frozenset[Part]:
    return frozenset((each.weekday >= 5, each.part) for each in application.times)


def _reference(applications: Mapping[int, Application], application_id: int) -> str:
    found = applications.get(application_id)
    return str(found.reference) if found is not None else "—"


def _name(supporters: Mapping[int, Supporter], supporter_id: int) -> str:
    found = supporters.get(supporter_id)
    return found.person.display_name if found is not None else "—"


def _applications(session: Session, ids: list[int]) -> list[Application]:
    query = select(Application).where(Application.id.in_(ids), Application.person_id.is_not(None))
    return list(session.scalars(query.options(lazyload(Application.avoided))).unique())


def _supporters(session: Session, ids: list[int]) -> list[Supporter]:
    query = select(Supporter).where(Supporter.id.in_(ids)).options(lazyload(Supporter.terms))
    return list(session.scalars(query).unique())


def _proposals_since(session: Session, run: MatchRun) -> Mapping[int, Proposal]:
    ids = [pair[0] for pair in run.pairs]
    query = select(Proposal).where(Proposal.application_id.in_(ids), Proposal.approved_at >= run.made_at)
    return {each.application_id: each for each in session.scalars(query.order_by(Proposal.id))}
