"""打診: ask supporters in the approved order until the team is complete."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import begin_matching
from mentorlink.core.actor import SYSTEM
from mentorlink.core.business_time import add_business_days
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements.models import HandoverState
from mentorlink.matching.models import (
    PROPOSAL_TRANSITIONS,
    Invitation,
    InvitationState,
    Proposal,
    ProposalState,
)
from mentorlink.matching.notices import tell_honest_word
from mentorlink.matching.queries import Candidate, handover_of, open_proposal, rank_candidates
from mentorlink.matching.services.steps import (
    ask_first_listed,
    ask_next_listed,
    found_so_far,
    lock_proposal,
    note_answer,
    release_invitation,
    release_rest,
    require_open,
    waiting_of,
)

LARGEST_ID = 2**31 - 1  # a form may send any number; a column takes no larger one


def approve_proposal(
    session: Session, application: Application, supporter_ids: Sequence[int], *, by: str, now: datetime
) -> Proposal:
    """Approve these supporters in this order and ask the first (as many at once as the team needs).

    An application that is not being searched for yet begins to be. Raises RuleViolation ``nobody_chosen``,
    ``chosen_twice`` or ``cannot_be_asked``, ``handover_open`` where a change of supporter is wished for and the
    recipient has not said yet what goes along, Conflict ``proposal_open`` where one is under way.
    """
    _require_order(supporter_ids)
    _require_choice(session, application)
    if application.state is not ApplicationState.MATCHING:
        begin_matching(session, application, by=by, now=now)
    if open_proposal(session, application.id) is not None:
        raise Conflict("proposal_open")
    known = [each for each in supporter_ids if each <= LARGEST_ID]
    ranked = rank_candidates(session, application, now=now, among=known)
    chosen = _chosen(ranked, supporter_ids)
    proposal = Proposal(
        application_id=application.id,
        places_left=application.programme.team_min - len(found_so_far(session, application)),
        approved_by=by,
        approved_at=now,
        invitations=[_place(position, candidate) for position, candidate in enumerate(chosen)],
    )
    _add_the_only_open_one(session, proposal)
    ask_first_listed(session, proposal, by=by, now=now)
    return proposal


def ask_next(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """The office waits no longer: those asked are released with thanks, the next approved one is asked."""
    lock_proposal(session, proposal)
    require_open(proposal)
    for invitation in waiting_of(proposal):
        release_invitation(session, invitation, by=by, now=now)
    ask_next_listed(session, proposal, by=by, now=now)


def withdraw_proposal(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """The office takes it back, for another list or another way. Those asked are told."""
    lock_proposal(session, proposal)
    require_open(proposal)
    change_state(session, proposal, ProposalState.WITHDRAWN, PROPOSAL_TRANSITIONS, by=by, now=now)
    release_rest(session, proposal, by=by, now=now)


def expire_invitations(session: Session, now: datetime) -> int:
    """Let deadlines take effect and ask the next ones; close what is asked for nobody. How many expired."""
    _close_pointless(session, now)
    query = (
        select(Invitation)
        .join(Invitation.proposal)
        .where(
            Invitation.state == InvitationState.ASKED,
            Invitation.deadline_at <= now,
            Proposal.state == ProposalState.OPEN,
        )
        .order_by(Proposal.id, Invitation.id)
    )
    return sum([_expire(session, invitation, now) for invitation in session.scalars(query).unique().all()])


def say_honest_word(session: Session, now: datetime) -> int:
    """Plan M29 once for the end of the programme's business days; whoever is found before never hears it.

    Returns for how many applications it is new.
    """
    query = select(Application).where(
        Application.state.in_((ApplicationState.MATCHING, ApplicationState.CHECKING)),
        Application.honest_word_at.is_(None),
        Application.searching_since.is_not(None),
    )
    applications = session.scalars(query).unique().all()
    for application in applications:
        since = application.searching_since or now
        searched_until = add_business_days(since, application.programme.search_days)
        application.honest_word_at = searched_until
        tell_honest_word(session, application, searched_until, now=now)
    return len(applications)


def _expire(session: Session, invitation: Invitation, now: datetime) -> bool:
    lock_proposal(session, invitation.proposal)
    late = invitation.deadline_at is not None and invitation.deadline_at <= now
    if invitation.state is not InvitationState.ASKED or not late:
        return False  # answered while this worker waited for the lock
    note_answer(session, invitation, InvitationState.EXPIRED, by=SYSTEM, now=now)
    ask_next_listed(session, invitation.proposal, by=SYSTEM, now=now)
    return True


def _require_order(supporter_ids: Sequence[int]) -> None:
    if not supporter_ids:
        raise RuleViolation("nobody_chosen")
    if len(set(supporter_ids)) != len(supporter_ids):
        raise RuleViolation("chosen_twice")


def _require_choice(session: Session, application: Application) -> None:
    handover = handover_of(session, application.id)
    if handover is not None and handover.state is HandoverState.ASKED:
        raise RuleViolation("handover_open")


def _chosen(candidates: list[Candidate], supporter_ids: Sequence[int]) -> list[Candidate]:
    known = {candidate.supporter.id: candidate for candidate in candidates}
    if any(each not in known or not known[each].can_be_asked for each in supporter_ids):
        raise RuleViolation("cannot_be_asked")
    return [known[each] for each in supporter_ids]


def _place(position: int, candidate: Candidate) -> Invitation:
    return Invitation(
        supporter_id=candidate.supporter.id,
        position=position,
        score=candidate.score,
        state=InvitationState.LISTED,
    )


def _add_the_only_open_one(session: Session, proposal: Proposal) -> None:
    try:
        with session.begin_nested():
            session.add(proposal)
    except IntegrityError:
        raise Conflict("proposal_open") from None


def _close_pointless(session: Session, now: datetime) -> None:
    """The application was withdrawn, referred or taken back: nobody needs to think about it any more."""
    query = (
        select(Proposal)
        .join(Proposal.application)
        .where(Proposal.state == ProposalState.OPEN, Application.state != ApplicationState.MATCHING)
    )
    for proposal in session.scalars(query):
        withdraw_proposal(session, proposal, by=SYSTEM, now=now)
