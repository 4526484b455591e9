"""The field of a round, read from rows: a constant number of queries, however many people there are."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from mentorlink.applications.facts import applicant_facts
from mentorlink.applications.models import Application, ApplicationState, Flag, FlagKind
from mentorlink.core.dates import local_date
from mentorlink.engagements.models import Engagement, EngagementSupporter, Handover, HandoverState
from mentorlink.matching.facts import STEP, starts_as_steps, weights_of
from mentorlink.matching.models import Invitation, InvitationState, MatchRun, Proposal, ProposalState
from mentorlink.matching.queries import month_loads
from mentorlink.matching.round_facts import Pair, RoundFacts
from mentorlink.matching.sittings import Sitting, lay_out_sittings
from mentorlink.organisations.models import Affiliation
from mentorlink.people.facts import supporter_facts
from mentorlink.people.models import Person, Supporter
from mentorlink.programmes.models import Programme
from mentorlink.scheduling.queries import free_weeks_of_many, suited_starts_of_many

MIDNIGHT = 30  # Tokyo's, in steps of 30 minutes of a UTC day
_S = ApplicationState


def read_field(session: Session, programme: Programme, *, now: datetime) -> RoundFacts:
    """Who is looked for in this programme, and who could be asked, at this moment. People in the order of their ids."""
    return field_of(session, programme, searched_for(session, programme), now=now)


def field_of(
    session: Session, programme: Programme, applications: Sequence[Application], *, now: datetime
) -> RoundFacts:
    """These applications, in the order given, and every supporter."""
    supporters = _supporters(session)
    sittings = _sittings(session, programme, supporters, now)
    starts = {_moment(start) for each in sittings.values() for sitting in each for start in sitting}
    suited = suited_starts_of_many(session, applications, starts, now=now)
    organisations = _organisations(session, now)
    loads = month_loads(session, now)
    refused = _refused(session, applications, supporters)
    return RoundFacts(
        applicants=tuple(
            replace(
                applicant_facts(each, organisations.get(each.person_id or 0, ()), now),
                times=starts_as_steps(suited[each.id]),
            )
            for each in applications
        ),
        supporters=tuple(
            replace(
                supporter_facts(
                    each,
                    organisations=organisations.get(each.person_id, ()),
                    load=loads.get(each.id, 0),
                    refused=refused.get(each.id, ()),
                    now=now,
                ),
                times=frozenset(start for sitting in sittings[each.id] for start in sitting),
            )
            for each in supporters
        ),
        sittings=sittings,
        weights=weights_of(programme),
        asked=_asked(session, applications),
    )


def searched_for(session: Session, programme: Programme) -> list[Application]:
    """For whom somebody is to be found while nobody is being asked: as in the desk's お相手をさがす.

    Whoever wishes for another supporter is left to the candidates' page: what goes along is theirs to choose.
    """
    query = select(Application).where(Application.programme_id == programme.id, *_is_searched_for())
    return list(session.scalars(query.order_by(Application.id)).unique())


def searched_ids(session: Session, programme_ids: Collection[int]) -> set[int]:
    """The applications of ``searched_for`` in all of these programmes. One query."""
    query = select(Application.id).where(Application.programme_id.in_(programme_ids), *_is_searched_for())
    return set(session.scalars(query))


def waiting_by_programme(session: Session) -> list[tuple[Programme, int]]:
    """The open programmes, with how many people are searched for: the most first. One query."""
    number = func.count(Application.id)
    query = (
        select(Programme, number)
        .join(Application, and_(Application.programme_id == Programme.id, *_is_searched_for()), isouter=True)
        .where(Programme.opened_at.is_not(None))
        .group_by(Programme.id)
        .order_by(number.desc(), Programme.id.desc())
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _is_searched_for() -> tuple[ColumnElement[bool], ...]:
    asked = exists().where(Proposal.application_id == Application.id, Proposal.state == ProposalState.OPEN)
    changes = exists().where(
        Engagement.application_id == Application.id,
        Handover.engagement_id == Engagement.id,
        Handover.state.in_((HandoverState.ASKED, HandoverState.CHOSEN)),
    )
    begun = exists().where(  # a team of which a part is found: the rest is chosen on the candidates' page
        Proposal.application_id == Application.id,
        Proposal.state == ProposalState.EXHAUSTED,
        Invitation.proposal_id == Proposal.id,
        Invitation.state == InvitationState.ACCEPTED,
    )
    again = (Application.state == _S.CHECKING) & Application.searching_since.is_not(None)
    is_open = Application.state.in_((_S.MATCHING, _S.SELECTED)) | again
    return Application.person_id.is_not(None), is_open, ~asked, ~changes, ~begun


def latest_run(session: Session, programme: Programme) -> MatchRun | None:
    query = select(MatchRun).where(MatchRun.programme_id == programme.id)
    return session.scalar(query.order_by(MatchRun.id.desc()).limit(1))


def hour_of(step: int | None) -> datetime | None:
    """A stored start as an instant."""
    return None if step is None else _moment(step)


def _moment(step: int) -> datetime:
    return datetime.fromtimestamp(step * STEP, UTC)


def _supporters(session: Session) -> list[Supporter]:
    query = select(Supporter).join(Supporter.person).where(Person.erased_at.is_(None)).order_by(Supporter.id)
    return list(session.scalars(query).unique())


def _sittings(
    session: Session, programme: Programme, supporters: Sequence[Supporter], now: datetime
) -> Mapping[int, tuple[Sitting, ...]]:
    minutes = programme.meeting_minutes
    weeks = free_weeks_of_many(session, supporters, minutes, programme.horizon_days, now=now)
    return {
        each.id: lay_out_sittings(
            [(room, sorted(starts_as_steps(starts) or ())) for room, starts in weeks[each.id]],
            math.ceil((minutes + each.buffer_minutes) * 60 / STEP),
            MIDNIGHT,
        )
        for each in supporters
    }


def _organisations(session: Session, now: datetime) -> Mapping[int, set[int]]:
    today = local_date(now)
    query = select(Affiliation.person_id, Affiliation.organisation_id).where(
        Affiliation.since <= today, or_(Affiliation.until.is_(None), Affiliation.until >= today)
    )
    return _grouped((row[0], row[1]) for row in session.execute(query))


def _refused(
    session: Session, applications: Sequence[Application], supporters: Sequence[Supporter]
) -> Mapping[int, set[int]]:
    """Per supporter the applications of people with whom a concern was reported, and the supporter's own."""
    now_asked = aliased(Application)
    query = (
        select(EngagementSupporter.supporter_id, now_asked.id)
        .join(Engagement, Engagement.id == EngagementSupporter.engagement_id)
        .join(Flag, Flag.application_id == Engagement.application_id)
        .join(now_asked, now_asked.person_id == Engagement.recipient_id)
        .where(Flag.kind == FlagKind.CONCERN, now_asked.id.in_([each.id for each in applications]))
    )
    found = [(row[0], row[1]) for row in session.execute(query)]
    own = {each.person_id: each.id for each in supporters}
    found += [(own[each.person_id], each.id) for each in applications if each.person_id in own]
    return _grouped(found)


def _asked(session: Session, applications: Sequence[Application]) -> frozenset[Pair]:
    query = (
        select(Proposal.application_id, Invitation.supporter_id)
        .join(Invitation.proposal)
        .where(Invitation.asked_at.is_not(None))
        .where(Proposal.application_id.in_([each.id for each in applications]))
    )
    return frozenset((row[0], row[1]) for row in session.execute(query))


def _grouped(pairs: Iterable[Pair]) -> Mapping[int, set[int]]:
    groups: dict[int, set[int]] = {}
    for one, other in pairs:
        groups.setdefault(one, set()).add(other)
    return groups
