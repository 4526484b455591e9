"""The steps that every act on a proposal is made of. Callers lock the proposal first."""

from collections.abc import Set
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.applications.services import return_to_desk
from mentorlink.core.business_time import add_business_hours
from mentorlink.core.dates import local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import Conflict
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.matching.models import (
    INVITATION_TRANSITIONS,
    PROPOSAL_TRANSITIONS,
    WAITING_FOR_ANSWER,
    Invitation,
    InvitationState,
    Proposal,
    ProposalState,
)
from mentorlink.matching.notices import about, tell_invited, tell_settled
from mentorlink.matching.queries import asked_lately, change_wished_at, month_loads
from mentorlink.scheduling.services import give_back_time

PROPOSAL_LOCK = (
    31  # the answers to one proposal come one after the other: each changes the places and the others
)


def lock_proposal(session: Session, proposal: Proposal) -> None:
    """Nobody else changes this proposal until the transaction ends; what was read before is read again."""
    session.flush()
    lock_keys(session, PROPOSAL_LOCK, [proposal.id])
    session.expire_all()


def require_open(proposal: Proposal) -> None:
    if proposal.state is not ProposalState.OPEN:
        raise Conflict("proposal_closed")


def require_waiting(invitation: Invitation, now: datetime) -> None:
    late = invitation.deadline_at is not None and invitation.deadline_at <= now
    if invitation.state not in WAITING_FOR_ANSWER or late:
        raise Conflict("invitation_closed")
    if invitation.proposal.application.state is not ApplicationState.MATCHING:
        raise Conflict("invitation_closed")
    require_open(invitation.proposal)


def note_answer(
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
    if new is not InvitationState.ACCEPTED:  # of a team, it is kept until the others have answered
        give_back_time(session, about(invitation))  # the hour that a round kept


def give_back_hours(session: Session, proposal: Proposal) -> None:
    """What a round kept for the members of a team, those who have accepted too."""
    for invitation in proposal.invitations:
        give_back_time(session, about(invitation))


def waiting_of(proposal: Proposal) -> list[Invitation]:
    return [each for each in proposal.invitations if each.state in WAITING_FOR_ANSWER]


def found_so_far(session: Session, application: Application) -> list[int]:
    """Who accepted for this application, in the order of the lists: an exhausted list may have found some.

    Where a change of supporter is wished for, those of before the wish do not count.
    """
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
    if (wished_at := change_wished_at(session, application.id)) is not None:
        query = query.where(Proposal.approved_at >= wished_at)
    return list(session.scalars(query))


def ask_first_listed(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """What the office has just approved with its own eyes: the first are asked, lately asked or not."""
    _ask_listed(session, proposal, set(), by=by, now=now)


def ask_next_listed(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    """By itself, without anybody's eyes: whoever was asked lately is left in peace, so that no chain begins.

    Somebody who has just said no to one person is not the automatic next for another, nor is somebody who still has
    a letter to answer. A list that comes to its end for that goes back to the desk, where a human being sees
    「最近お声がけしました」 beside the name and may ask all the same.
    """
    lately = asked_lately(session, now, except_application=proposal.application_id)
    _ask_listed(session, proposal, lately, by=by, now=now)


def _ask_listed(session: Session, proposal: Proposal, lately: Set[int], *, by: str, now: datetime) -> None:
    listed = [each for each in proposal.invitations if each.state is InvitationState.LISTED]
    while len(waiting_of(proposal)) < proposal.places_left and listed:
        _ask_or_skip(session, listed.pop(0), lately, by=by, now=now)
    if not waiting_of(proposal):
        _exhaust(session, proposal, by=by, now=now)


def _ask_or_skip(
    session: Session, invitation: Invitation, lately: Set[int], *, by: str, now: datetime
) -> None:
    """Weeks may lie between approving and asking: whoever has paused or is full by now is not asked."""
    supporter = invitation.supporter
    load = month_loads(session, now).get(supporter.id, 0)
    if not supporter.receives_on(local_date(now, supporter.person.zone)) or load >= supporter.capacity_month:
        _pass_over(session, invitation, "not_receiving", by=by, now=now)
    elif supporter.id in lately:
        _pass_over(session, invitation, "asked_lately", by=by, now=now)
    else:
        ask_supporter(session, invitation, by=by, now=now)


def _pass_over(session: Session, invitation: Invitation, why: str, *, by: str, now: datetime) -> None:
    note_answer(session, invitation, InvitationState.WITHDRAWN, by=by, now=now, why=why)


def ask_supporter(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
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
    give_back_hours(session, proposal)
    change_state(session, proposal, ProposalState.EXHAUSTED, PROPOSAL_TRANSITIONS, by=by, now=now)
    return_to_desk(session, proposal.application, by=by, now=now)


def release_rest(session: Session, proposal: Proposal, *, by: str, now: datetime) -> None:
    give_back_hours(session, proposal)
    for invitation in proposal.invitations:
        if invitation.state in (InvitationState.LISTED, *WAITING_FOR_ANSWER):
            release_invitation(session, invitation, by=by, now=now)


def release_invitation(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    was_asked = invitation.state in WAITING_FOR_ANSWER
    note_answer(session, invitation, InvitationState.WITHDRAWN, by=by, now=now)
    if was_asked:
        tell_settled(session, invitation, now=now)
