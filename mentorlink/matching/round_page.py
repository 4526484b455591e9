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
from mentorlink.matching.round_help import Part, RoundHelp
from mentorlink.matching.round_queries import hour_of, searched_for
from mentorlink.matching.rounds import facts_of, proposed_by
from mentorlink.matching.teams import most_teams
from mentorlink.people.models import Supporter

PAGE = 40


@dataclass(frozen=True, slots=True)
class Seat:
    """One supporter of a card. ``is_tired``: they had a letter within a week before the round, for somebody else."""

    supporter: Supporter
    score: int
    reasons: tuple[Reason, ...]
    is_pinned: bool
    is_tired: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One application of the round. Without ``seats`` it has no pair: ``reason`` and ``help`` say why and what helps.

    ``is_waiting``: it can still be asked; ``proposal``: the latest of it since the round, if it was asked.
    ``asked_before``: how many were asked for it in vain.
    """

    application: Application
    seats: tuple[Seat, ...]
    hour: datetime | None
    is_waiting: bool
    proposal: Proposal | None
    asked_before: int
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
    def most_teams(self) -> int:
        """However they are put together, there are no more."""
        return most_teams(facts_of(self.run), (self.run.teams or {"size": 1})["size"], self.run.matched)

    @property
    def can_be_asked(self) -> list[Card]:
        return [each for each in self.cards if each.seats and each.is_waiting]


def round_page(session: Session, run: MatchRun, *, page: int, ask: int | None) -> RoundPage:
    """One page of a round, pairs first, both sides by id. ``ask``: the application whose other choices are shown."""
    people = _People(session, run)
    pages = max(1, -(-len(people.facts.applicants) // PAGE))
    number = min(max(page, 1), pages)
    asked_about = ask if ask in people.applications else None
    return RoundPage(
        run,
        _cards(people)[(number - 1) * PAGE : number * PAGE],
        newer=len(people.waiting - set(people.facts.rows)),
        number=number,
        pages=pages,
        asked_about=asked_about,
        answers=_answers(run, people.applications, people.supporters, asked_about),
        supporters=people.supporters,
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


def _cards(people: "_People") -> list[Card]:
    cards = []
    for each in proposed_by(people.run):
        if each.application_id in people.applications and people.supporters.keys() >= set(each.supporter_ids):
            seats = tuple(people.seat(each.application_id, *member) for member in each.members)
            cards.append(people.card(each.application_id, seats, hour_of(each.hour)))
    return cards + _cards_without(people)  # whoever was erased since is left out


def _cards_without(people: "_People") -> list[Card]:
    found = RoundHelp(
        people.run,
        people.facts,
        lambda each: _parts(people.applications[each]) if each in people.applications else frozenset(),
        lambda each: _name(people.supporters, each),
    )
    return [
        people.card(each.application_id, (), None, reason=each.reason, help=each.help)
        for each in found.unmatched()
        if each.application_id in people.applications
    ]


class _People:
    """What cards are made of: the rows of a run, who still waits, and what was before."""

    def __init__(self, session: Session, run: MatchRun) -> None:
        self.run, self.facts = run, facts_of(run)
        self.applications = {each.id: each for each in _applications(session, list(self.facts.rows))}
        self.supporters = {each.id: each for each in _supporters(session, list(self.facts.columns))}
        self.waiting = {each.id for each in searched_for(session, run.programme)}
        self._proposals = _proposals_since(session, run)
        self._lately = lately_asked_for(session, run.made_at)
        self._asked = Counter(application for application, _supporter in self.facts.asked)

    def card(self, application_id: int, seats: tuple[Seat, ...], hour: datetime | None, **words: str) -> Card:
        return Card(
            self.applications[application_id],
            seats,
            hour,
            is_waiting=application_id in self.waiting,
            proposal=self._proposals.get(application_id),
            asked_before=self._asked[application_id],
            **words,
        )

    def seat(self, application_id: int, supporter_id: int, score: int) -> Seat:
        facts = self.facts
        pair = facts.applicants[facts.rows[application_id]], facts.supporters[facts.columns[supporter_id]]
        return Seat(
            self.supporters[supporter_id],
            score,
            office_reasons(*pair, facts.weights),
            is_pinned=facts.pins.get(application_id) == supporter_id,
            is_tired=bool(self._lately.get(supporter_id, set()) - {application_id}),
        )


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
    ids = [each.application_id for each in proposed_by(run)]
    query = select(Proposal).where(Proposal.application_id.in_(ids), Proposal.approved_at >= run.made_at)
    return {each.application_id: each for each in session.scalars(query.order_by(Proposal.id))}
