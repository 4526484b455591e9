"""Who could talk with whom, who was asked and what waits for an answer. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from mentorlink.applications.facts import applicant_facts
from mentorlink.applications.models import Application, Flag, FlagKind
from mentorlink.core.dates import local_date, localise
from mentorlink.engagements.models import Engagement, EngagementSupporter, Handover, HandoverState
from mentorlink.fit.points import score_pair
from mentorlink.fit.profiles import ApplicantFacts, SupporterFacts
from mentorlink.fit.reasons import Obstacle, Reason, Sentence, obstacles, office_reasons, unscored_wishes
from mentorlink.fit.rules import Rule
from mentorlink.matching.facts import starts_as_steps, weights_of
from mentorlink.matching.models import (
    WAITING_FOR_ANSWER,
    Invitation,
    InvitationState,
    Proposal,
    ProposalState,
)
from mentorlink.matching.words import supporter_reasons
from mentorlink.organisations.models import Affiliation
from mentorlink.people.facts import supporter_facts
from mentorlink.people.models import Person, Supporter
from mentorlink.scheduling.models import Meeting
from mentorlink.scheduling.queries import choose_three, common_starts_of_many, held_hour

LIKELY = 12
RESTS_FOR = timedelta(days=7)  # after an invitation, before the next one is asked by itself
COUNTS_AS_LOAD = (*WAITING_FOR_ANSWER, InvitationState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One supporter seen from one application.

    ``starts`` None means 時間は相談; ``asked`` is an earlier answer; ``was_asked_lately`` looks at other applications.
    """

    supporter: Supporter
    score: int
    reasons: tuple[Reason, ...]
    obstacles: tuple[Obstacle, ...]
    starts: list[datetime] | None
    load: int
    asked: InvitationState | None
    was_asked_lately: bool = False

    @property
    def can_be_asked(self) -> bool:
        return not self.obstacles and self.asked is None

    @property
    def left_this_month(self) -> int:
        return max(0, self.supporter.capacity_month - self.load)


def rank_candidates(
    session: Session, application: Application, *, now: datetime, among: Collection[int] | None = None
) -> list[Candidate]:
    """Every supporter, or those ``among`` these ids: those who can be asked first, the rested before the lately asked,
    by score, then the less busy.

    A constant number of queries.
    """
    supporters = _supporters(session, application, among)
    starts = common_starts_of_many(session, application, supporters, now=now)
    return _ranked(session, application, supporters, starts, now=now)


def best_candidates(
    session: Session, application: Application, *, now: datetime, most: int = 3
) -> list[Candidate]:
    """The first few who can be asked: hours are looked for among the likeliest only, which is most of the work."""
    supporters = _supporters(session, application)
    ranked = _ranked(session, application, supporters, dict.fromkeys(each.id for each in supporters), now=now)
    likely = [candidate for candidate in ranked if candidate.can_be_asked][:LIKELY]
    starts = common_starts_of_many(session, application, [each.supporter for each in likely], now=now)
    timed = [replace(candidate, starts=starts[candidate.supporter.id]) for candidate in likely]
    return [candidate for candidate in timed if candidate.starts != []][:most]


def _ranked(
    session: Session,
    application: Application,
    supporters: list[Supporter],
    starts: Mapping[int, list[datetime] | None],
    *,
    now: datetime,
) -> list[Candidate]:
    loads = month_loads(session, now, except_application=application.id)
    organisations = _organisations(session, local_date(now))
    refused = _refused(session, application)
    asked, lately = _asked_before(session, application), asked_lately(session, now, application.id)
    applicant = applicant_facts(application, organisations[application.person_id or 0], now)
    found = []
    for supporter in supporters:
        facts = supporter_facts(
            supporter,
            organisations=organisations[supporter.person_id],
            load=loads.get(supporter.id, 0),
            refused=[application.id] if supporter.id in refused else (),
            now=now,
        )
        known: dict[str, Any] = {"starts": starts[supporter.id], "asked": asked.get(supporter.id)}
        known["was_asked_lately"] = supporter.id in lately
        found.append(_candidate((applicant, facts), application, supporter, **known))
    return sorted(found, key=_rank)


def _rank(candidate: Candidate) -> tuple[bool, bool, int, int, int]:
    unfit, tired = not candidate.can_be_asked, candidate.was_asked_lately
    return unfit, tired, -candidate.score, candidate.load, candidate.supporter.id


def _candidate(
    pair: tuple[ApplicantFacts, SupporterFacts],
    application: Application,
    supporter: Supporter,
    *,
    starts: list[datetime] | None,
    asked: InvitationState | None,
    was_asked_lately: bool,
) -> Candidate:
    weights, steps = weights_of(application.programme), starts_as_steps(starts)
    timed = replace(pair[0], times=steps), replace(pair[1], times=steps)
    return Candidate(
        supporter=supporter,
        score=score_pair(*pair, weights),
        reasons=office_reasons(*pair, weights),
        obstacles=_obstacles(*timed),
        starts=starts,
        load=pair[1].load,
        asked=asked,
        was_asked_lately=was_asked_lately,
    )


def _obstacles(applicant: ApplicantFacts, supporter: SupporterFacts) -> tuple[Obstacle, ...]:
    """Who is not receiving, or has no place left, gives no hours for that: it is no second obstacle."""
    found = obstacles(applicant, supporter)
    is_closed = any(each.rule in (Rule.NOT_RECEIVING, Rule.NO_CAPACITY) for each in found)
    return tuple(each for each in found if not (is_closed and each.rule is Rule.NO_COMMON_TIME))


def wishes_to_check(application: Application, *, now: datetime) -> tuple[Sentence, ...]:
    """Wishes that no point is given for: the office looks at them by hand."""
    return unscored_wishes(applicant_facts(application, (), now))


def reasons_for_supporter(invitation: Invitation, *, now: datetime) -> tuple[Sentence, ...]:
    application = invitation.proposal.application
    return supporter_reasons(
        applicant_facts(application, (), now),
        supporter_facts(invitation.supporter, now=now),
        weights_of(application.programme),
    )


def first_starts(session: Session, invitation: Invitation, *, now: datetime) -> list[datetime]:
    """Up to three hours that both have in common, as far apart as they come; the one that a round kept is the first."""
    application = invitation.proposal.application
    starts = common_starts_of_many(session, application, [invitation.supporter], now=now)
    zone = invitation.supporter.person.zone
    free = choose_three(starts[invitation.supporter_id] or [], application.programme.meeting_minutes, zone)
    kept = held_hour(session, f"invitation:{invitation.id}", now=now)
    return free if kept is None else [kept, *free[:2]]


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """The first instants of this month and of the next in Tokyo, where capacity is counted."""
    first = local_date(now).replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return _midnight(first), _midnight(following)


def month_loads(
    session: Session, now: datetime, *, except_application: int | None = None
) -> Mapping[int, int]:
    """How many talks of this month each supporter was asked for or has accepted."""
    begins, ends = month_of(now)
    query = (
        select(Invitation.supporter_id, func.count())
        .join(Invitation.proposal)
        .where(
            Invitation.state.in_(COUNTS_AS_LOAD), Invitation.asked_at >= begins, Invitation.asked_at < ends
        )
        .group_by(Invitation.supporter_id)
    )
    if except_application is not None:
        query = query.where(Proposal.application_id != except_application)
    return {one: other for one, other in session.execute(query)}  # noqa: C416 - rows are no tuples for mypy


def accepted_this_month(session: Session, supporter_id: int, now: datetime) -> int:
    begins, ends = month_of(now)
    count = select(func.count()).where(
        Invitation.supporter_id == supporter_id,
        Invitation.state == InvitationState.ACCEPTED,
        Invitation.answered_at >= begins,
        Invitation.answered_at < ends,
    )
    return session.scalar(count) or 0


def open_proposal(session: Session, application_id: int) -> Proposal | None:
    return session.scalar(
        select(Proposal).where(
            Proposal.application_id == application_id, Proposal.state == ProposalState.OPEN
        )
    )


def proposals_of(session: Session, application_id: int) -> list[Proposal]:
    """All that was tried for an application, the newest first."""
    query = (
        select(Proposal)
        .where(Proposal.application_id == application_id)
        .options(selectinload(Proposal.invitations))
        .order_by(Proposal.id.desc())
    )
    return list(session.scalars(query))


def invitations_waiting_for(session: Session, supporter_id: int) -> list[Invitation]:
    """What waits for this supporter's answer, the next deadline first."""
    query = (
        select(Invitation)
        .where(Invitation.supporter_id == supporter_id, Invitation.state.in_(WAITING_FOR_ANSWER))
        .options(joinedload(Invitation.proposal).joinedload(Proposal.application))
        .order_by(Invitation.deadline_at, Invitation.id)
    )
    return list(session.scalars(query))


def supporter_of(session: Session, person_id: int | None) -> Supporter | None:
    if person_id is None:
        return None
    return session.scalar(select(Supporter).where(Supporter.person_id == person_id))


def _supporters(
    session: Session, application: Application, among: Collection[int] | None = None
) -> list[Supporter]:
    query = (
        select(Supporter)
        .join(Supporter.person)
        .where(Person.erased_at.is_(None), Person.id != application.person_id)
        .order_by(Supporter.id)
    )
    if among is not None:
        query = query.where(Supporter.id.in_(among))
    return list(session.scalars(query).unique())


def _organisations(session: Session, today: date) -> Mapping[int, set[int]]:
    query = select(Affiliation.person_id, Affiliation.organisation_id).where(
        Affiliation.since <= today, or_(Affiliation.until.is_(None), Affiliation.until >= today)
    )
    return _grouped(session.execute(query))


def _grouped(pairs: Iterable[Any]) -> Mapping[int, set[int]]:
    groups: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        groups[one].add(other)
    return groups


def _refused(session: Session, application: Application) -> set[int]:
    """Supporters of this person's earlier engagements in which a concern was reported."""
    query = (
        select(EngagementSupporter.supporter_id)
        .join(Engagement, Engagement.id == EngagementSupporter.engagement_id)
        .join(Flag, Flag.application_id == Engagement.application_id)
        .where(Flag.kind == FlagKind.CONCERN, Engagement.recipient_id == application.person_id)
    )
    return set(session.scalars(query))


def asked_lately(session: Session, now: datetime, except_application: int) -> set[int]:
    """Supporters who have a letter to answer, or had one within a week, for somebody else: they are to rest."""
    lately = lately_asked_for(session, now)
    return {supporter for supporter, people in lately.items() if people - {except_application}}


def lately_asked_for(session: Session, now: datetime) -> Mapping[int, set[int]]:
    """Per supporter the applications for which they have a letter to answer, or had one within a week. One query."""
    since = now - RESTS_FOR
    unanswered = (Invitation.state == InvitationState.EXPIRED) & (Invitation.deadline_at >= since)
    query = (
        select(Invitation.supporter_id, Proposal.application_id)
        .join(Invitation.proposal)
        .where(Invitation.state.in_(WAITING_FOR_ANSWER) | (Invitation.answered_at >= since) | unanswered)
    )
    return _grouped(session.execute(query))


def handover_of(session: Session, application_id: int) -> Handover | None:
    """The wish for another supporter that is open for the application's engagement."""
    query = select(Handover).join(Handover.engagement).where(Engagement.application_id == application_id)
    return session.scalar(query.where(Handover.state.in_((HandoverState.ASKED, HandoverState.CHOSEN))))


def change_wished_at(session: Session, application_id: int) -> datetime | None:
    handover = handover_of(session, application_id)
    return handover.wished_at if handover is not None else None


def _asked_before(session: Session, application: Application) -> Mapping[int, InvitationState]:
    """Earlier answers; in a change of supporter those since the wish, and those who sit there now or did at the wish."""
    query = (
        select(Invitation.supporter_id, Invitation.state)
        .join(Invitation.proposal)
        .where(Proposal.application_id == application.id, Invitation.asked_at.is_not(None))
        .order_by(Invitation.id)
    )
    wished_at = change_wished_at(session, application.id)
    if wished_at is None:
        return {one: other for one, other in session.execute(query)}  # noqa: C416 - rows are no tuples for mypy
    places = select(EngagementSupporter.supporter_id).join(EngagementSupporter.engagement)
    places = places.where(Engagement.application_id == application.id)
    sits = EngagementSupporter.until.is_(None) | (EngagementSupporter.until >= wished_at)
    since = {one: other for one, other in session.execute(query.where(Proposal.approved_at >= wished_at))}  # noqa: C416
    return dict.fromkeys(session.scalars(places.where(sits)), InvitationState.ACCEPTED) | since


def _midnight(day: date) -> datetime:
    return localise(datetime(day.year, day.month, day.day), "Asia/Tokyo")  # noqa: DTZ001 — localise gives it its zone


def has_left(session: Session, invitation: Invitation) -> bool:
    """Whether the supporter had a place in the application's engagement and has given it up."""
    place = select(EngagementSupporter.until).join(EngagementSupporter.engagement)
    place = place.where(
        Engagement.application_id == invitation.proposal.application_id,
        EngagementSupporter.supporter_id == invitation.supporter_id,
    )
    return session.scalar(place) is not None


def what_came_of(session: Session, invitation: Invitation) -> dict[str, Any]:
    """The engagement that the acceptance led to and its latest meeting, where its supporter still has a place."""
    query = select(Engagement).where(Engagement.application_id == invitation.proposal.application_id)
    engagement = session.scalar(query)
    is_accepted = invitation.state is InvitationState.ACCEPTED
    if engagement is None or not is_accepted or invitation.supporter_id not in engagement.supporter_ids():
        return {"engagement": None, "meeting": None}
    latest = select(Meeting).where(Meeting.engagement_id == engagement.id).order_by(Meeting.starts_at.desc())
    return {"engagement": engagement, "meeting": session.scalar(latest.limit(1))}
