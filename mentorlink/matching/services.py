"""打診: ask supporters in the approved order until the team is complete."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import begin_matching, mark_matched, return_to_desk
from mentorlink.core.actor import SYSTEM
from mentorlink.core.business_time import add_business_days, add_business_hours
from mentorlink.core.dates import local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement
from mentorlink.engagements.services import open_engagement
from mentorlink.matching.models import (
    INVITATION_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    WAITING_FOR_ANSWER,
    DeclineReason,
    Invitation,
    InvitationState,
    Proposal,
    ProposalState,
)
from mentorlink.matching.notices import (
    about,
    tell_honest_word,
    tell_invited,
    tell_settled,
    tell_talk_wanted,
)
from mentorlink.matching.queries import (
    Candidate,
    accepted_this_month,
    month_loads,
    open_proposal,
    rank_candidates,
)
from mentorlink.people.services import pause_supporter
from mentorlink.scheduling.services import offer_slots

PROPOSAL_LOCK = (
    31  # the answers to one proposal come one after the other: each changes the places and the others
)
SUPPORTER_LOCK = 32  # so do one supporter's acceptances: their month's limit is counted under it


def approve_proposal(
    session: Session, application: Application, supporter_ids: Sequence[int], *, by: str, now: datetime
) -> Proposal:
    """Approve these supporters in this order and ask the first (as many at once as the team needs).

    An application that is not being searched for yet begins to be. Raises RuleViolation ``nobody_chosen``,
    ``chosen_twice`` or ``cannot_be_asked``, Conflict ``proposal_open`` where one is under way.
    """
    _require_order(supporter_ids)
    if application.state is not ApplicationState.MATCHING:
        begin_matching(session, application, by=by, now=now)
    if open_proposal(session, application.id) is not None:
        raise Conflict("proposal_open")
    chosen = _chosen(rank_candidates(session, application, now=now), supporter_ids)
    proposal = Proposal(
        application_id=application.id,
        places_left=application.programme.team_min - len(_found_so_far(session, application)),
        approved_by=by,
        approved_at=now,
        invitations=[_place(position, candidate) for position, candidate in enumerate(chosen)],
    )
    _add_the_only_open_one(session, proposal)
    _ask_next(session, proposal, by=by, now=now)
    return proposal


def accept_invitation(
    session: Session, invitation: Invitation, *, by: str, now: datetime
) -> Engagement | None:
    """Accept. The acceptance that completes the team opens the engagement, which is returned.

    Raises Conflict ``invitation_closed`` where it was answered, expired or settled meanwhile, and RuleViolation
    ``month_full`` where the supporter's own limit for the month is reached.
    """
    _lock(session, invitation.proposal)
    lock_keys(session, SUPPORTER_LOCK, [invitation.supporter_id])
    _require_waiting(invitation, now)
    if accepted_this_month(session, invitation.supporter_id, now) >= invitation.supporter.capacity_month:
        raise RuleViolation("month_full")
    _answer(session, invitation, InvitationState.ACCEPTED, by=by, now=now, answered_at=now)
    proposal = invitation.proposal
    proposal.places_left -= 1
    session.flush()  # the version column lets one of two last acceptances win
    return _complete_team(session, proposal, by=by, now=now) if proposal.places_left == 0 else None


def decline_invitation(
    session: Session,
    invitation: Invitation,
    reason: DeclineReason,
    *,
    pause_until: date | None = None,
    by: str,
    now: datetime,
) -> None:
    """Decline, perhaps with a pause; the next approved supporter is asked. Raises as ``accept_invitation``."""
    _lock(session, invitation.proposal)
    _require_waiting(invitation, now)
    if pause_until is not None:
        if pause_until < local_date(now, invitation.supporter.person.zone):
            raise RuleViolation("pause_in_past")
        pause_supporter(session, invitation.supporter, until=pause_until)
    _answer(
        session,
        invitation,
        InvitationState.DECLINED,
        by=by,
        now=now,
        why=reason,
        answered_at=now,
        decline_reason=reason,
    )
    _ask_next(session, invitation.proposal, by=by, now=now)


def want_talk(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """話したい: the deadline stands still and the office calls. Saying it twice is saying it once."""
    _lock(session, invitation.proposal)
    _require_waiting(invitation, now)
    if invitation.state is InvitationState.TALK_WANTED:
        return
    _answer(session, invitation, InvitationState.TALK_WANTED, by=by, now=now, deadline_at=None)
    tell_talk_wanted(session, invitation, now=now)


def resume_after_talk(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """The office has called: a whole new deadline runs, and the invitation comes once more."""
    _lock(session, invitation.proposal)
    if invitation.state is not InvitationState.TALK_WANTED:
        raise Conflict("invitation_closed")
    cancel_messages(session, about(invitation))
    _ask(session, invitation, by=by, now=now)


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


def _expire(session: Session, invitation: Invitation, now: datetime) -> bool:
    _lock(session, invitation.proposal)
    late = invitation.deadline_at is not None and invitation.deadline_at <= now
    if invitation.state is not InvitationState.ASKED or not late:
        return False  # answered while this worker waited for the lock
    _answer(session, invitation, InvitationState.EXPIRED, by=SYSTEM, now=now)
    _ask_next(session, invitation.proposal, by=SYSTEM, now=now)
    return True


def ask_next(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """The office waits no longer: those asked are released with thanks, the next approved one is asked."""
    _lock(session, proposal)
    _require_open(proposal)
    for invitation in _waiting(proposal):
        _release(session, invitation, by=by, now=now)
    _ask_next(session, proposal, by=by, now=now)


def withdraw_proposal(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """The office takes it back, for another list or another way. Those asked are told."""
    _lock(session, proposal)
    _require_open(proposal)
    change_state(session, proposal, ProposalState.WITHDRAWN, PROPOSAL_TRANSITIONS, by=by, now=now)
    _release_rest(session, proposal, by=by, now=now)


def say_honest_word(session: Session, now: datetime) -> int:
    """M29 once, where nobody was found within the programme's business days. How many were told."""
    query = select(Application).where(
        Application.state.in_((ApplicationState.MATCHING, ApplicationState.CHECKING)),
        Application.honest_word_at.is_(None),
        Application.searching_since.is_not(None),
    )
    told = 0
    for application in session.scalars(query).unique():
        since = application.searching_since
        if since is None or now < add_business_days(since, application.programme.search_days):
            continue
        application.honest_word_at = now
        tell_honest_word(session, application, now=now)
        told += 1
    return told


def _require_order(supporter_ids: Sequence[int]) -> None:
    if not supporter_ids:
        raise RuleViolation("nobody_chosen")
    if len(set(supporter_ids)) != len(supporter_ids):
        raise RuleViolation("chosen_twice")


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


def _found_so_far(session: Session, application: Application) -> list[int]:
    """Who accepted for this application, in the order of the lists: an exhausted list may have found some."""
    query = (
        select(Invitation.supporter_id)
        .join(Invitation.proposal)
        .where(
            Proposal.application_id == application.id,
            Proposal.state.in_((ProposalState.OPEN, ProposalState.EXHAUSTED)),
            Invitation.state == InvitationState.ACCEPTED,
        )
        .order_by(Proposal.id, Invitation.position)
    )
    return list(session.scalars(query))


def _add_the_only_open_one(session: Session, proposal: Proposal) -> None:
    try:
        with session.begin_nested():
            session.add(proposal)
    except IntegrityError:
        raise Conflict("proposal_open") from None


def _lock(session: Session, proposal: Proposal) -> None:
    """Nobody else changes this proposal until the transaction ends; what was read before is read again."""
    session.flush()
    lock_keys(session, PROPOSAL_LOCK, [proposal.id])
    session.expire_all()


def _require_open(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.OPEN:
        raise Conflict("proposal_closed")


def _require_waiting(invitation: Invitation, now: datetime) -> None:
    late = invitation.deadline_at is not None and invitation.deadline_at <= now
    if invitation.state not in WAITING_FOR_ANSWER or late:
        raise Conflict("invitation_closed")
    if invitation.proposal.application.state is not ApplicationState.MATCHING:
        raise Conflict("invitation_closed")
    _require_open(invitation.proposal)


def _answer(
    session: Session,
    invitation: Invitation,
    new: InvitationState,
    *,
    by: str,
    now: datetime,
    why: str | None = None,
    **values: object,
) -> None:
    change_state(session, invitation, new, INVITATION_TRANSITIONS, by=by, now=now, why=why, **values)
    cancel_messages(session, about(invitation))


def _waiting(proposal: Proposal) -> list[Invitation]:
    return [each for each in proposal.invitations if each.state in WAITING_FOR_ANSWER]


def _ask_next(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    listed = [each for each in proposal.invitations if each.state is InvitationState.LISTED]
    while len(_waiting(proposal)) < proposal.places_left and listed:
        _ask_or_skip(session, listed.pop(0), by=by, now=now)
    if not _waiting(proposal):
        _exhaust(session, proposal, by=by, now=now)


def _ask_or_skip(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """Weeks may lie between approving and asking: whoever has paused or is full by now is left in peace."""
    supporter = invitation.supporter
    load = month_loads(session, now).get(supporter.id, 0)
    if supporter.receives_on(local_date(now, supporter.person.zone)) and load < supporter.capacity_month:
        _ask(session, invitation, by=by, now=now)
    else:
        _answer(session, invitation, InvitationState.WITHDRAWN, by=by, now=now, why="not_receiving")


def _ask(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    hours = invitation.proposal.application.programme.answer_hours
    deadline = add_business_hours(now, hours, invitation.supporter.person.zone)
    change_state(
        session,
        invitation,
        InvitationState.ASKED,
        INVITATION_TRANSITIONS,
        by=by,
        now=now,
        asked_at=invitation.asked_at or now,
        deadline_at=deadline,
    )
    tell_invited(session, invitation, now=now)


def _exhaust(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    change_state(session, proposal, ProposalState.EXHAUSTED, PROPOSAL_TRANSITIONS, by=by, now=now)
    return_to_desk(session, proposal.application, by=by, now=now)


def _complete_team(session: Session, proposal: Proposal, *, by: str, now: datetime) -> Engagement:
    team = _found_so_far(session, proposal.application)
    change_state(session, proposal, ProposalState.FILLED, PROPOSAL_TRANSITIONS, by=by, now=now)
    _release_rest(session, proposal, by=by, now=now)
    engagement = open_engagement(session, proposal.application, team, by=by, now=now)
    mark_matched(session, proposal.application, by=by, now=now)
    offer_slots(session, engagement, now=now)
    return engagement


def _release_rest(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    for invitation in proposal.invitations:
        if invitation.state in (InvitationState.LISTED, *WAITING_FOR_ANSWER):
            _release(session, invitation, by=by, now=now)


def _release(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    was_asked = invitation.state in WAITING_FOR_ANSWER
    _answer(session, invitation, InvitationState.WITHDRAWN, by=by, now=now)
    if was_asked:
        tell_settled(session, invitation, now=now)


def _close_pointless(session: Session, now: datetime) -> None:
    """The application was withdrawn, referred or taken back: nobody needs to think about it any more."""
    query = (
        select(Proposal)
        .join(Proposal.application)
        .where(Proposal.state == ProposalState.OPEN, Application.state != ApplicationState.MATCHING)
    )
    for proposal in session.scalars(query):
        withdraw_proposal(session, proposal, by=SYSTEM, now=now)
