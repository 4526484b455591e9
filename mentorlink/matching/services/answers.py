"""What the asked ones answer, and what follows from it."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from mentorlink.applications.services import mark_matched
from mentorlink.core.dates import local_date
from mentorlink.core.db import lock_keys
from mentorlink.core.errors import Conflict, RuleViolation
from mentorlink.core.outbox import cancel_messages
from mentorlink.core.state import change_state
from mentorlink.engagements.models import Engagement, EngagementState
from mentorlink.engagements.services import open_engagement
from mentorlink.matching.models import (
    PROPOSAL_TRANSITIONS,
    DeclineReason,
    Invitation,
    InvitationState,
    Proposal,
    ProposalState,
)
from mentorlink.matching.notices import about, tell_talk_wanted
from mentorlink.matching.queries import accepted_this_month
from mentorlink.matching.services.changes import end_talks_of_leaving
from mentorlink.matching.services.steps import (
    ask_next_listed,
    ask_supporter,
    found_so_far,
    lock_proposal,
    note_answer,
    release_rest,
    require_waiting,
)
from mentorlink.people.services import pause_supporter
from mentorlink.scheduling.queries import held_hour
from mentorlink.scheduling.services import offer_slots

SUPPORTER_LOCK = (
    32  # one supporter's acceptances come one after the other: their month's limit is counted under it
)


def accept_invitation(
    session: Session, invitation: Invitation, *, by: str, now: datetime
) -> Engagement | None:
    """Accept. The acceptance that completes the team opens the engagement, which is returned.

    Raises Conflict ``invitation_closed`` where it was answered, expired or settled meanwhile, and RuleViolation
    ``month_full`` where the supporter's own limit for the month is reached.
    """
    lock_proposal(session, invitation.proposal)
    lock_keys(session, SUPPORTER_LOCK, [invitation.supporter_id])
    require_waiting(invitation, now)
    if accepted_this_month(session, invitation.supporter_id, now) >= invitation.supporter.capacity_month:
        raise RuleViolation("month_full")
    note_answer(session, invitation, InvitationState.ACCEPTED, by=by, now=now, answered_at=now)
    proposal = invitation.proposal
    hour = _kept_hour(session, proposal, now)
    proposal.places_left -= 1
    session.flush()  # the version column lets one of two last acceptances win
    return _complete_team(session, proposal, hour, by=by, now=now) if proposal.places_left == 0 else None


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
    lock_proposal(session, invitation.proposal)
    require_waiting(invitation, now)
    if pause_until is not None:
        if pause_until < local_date(now, invitation.supporter.person.zone):
            raise RuleViolation("pause_in_past")
        pause_supporter(session, invitation.supporter, until=pause_until)
    note_answer(
        session,
        invitation,
        InvitationState.DECLINED,
        by=by,
        now=now,
        why=reason,
        answered_at=now,
        decline_reason=reason,
    )
    ask_next_listed(session, invitation.proposal, by=by, now=now)


def want_talk(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """話したい: the deadline stands still and the office calls. Saying it twice is saying it once."""
    lock_proposal(session, invitation.proposal)
    require_waiting(invitation, now)
    if invitation.state is InvitationState.TALK_WANTED:
        return
    note_answer(session, invitation, InvitationState.TALK_WANTED, by=by, now=now, deadline_at=None)
    tell_talk_wanted(session, invitation, now=now)


def resume_after_talk(session: Session, invitation: Invitation, *, by: str, now: datetime) -> None:
    """The office has called: a whole new deadline runs, and the invitation comes once more."""
    lock_proposal(session, invitation.proposal)
    if invitation.state is not InvitationState.TALK_WANTED:
        raise Conflict("invitation_closed")
    cancel_messages(session, about(invitation))
    ask_supporter(session, invitation, by=by, now=now)


def _kept_hour(session: Session, proposal: Proposal, now: datetime) -> datetime | None:
    """That a round kept for all who have accepted; None where one of them came later and may not have it."""
    accepted = [each for each in proposal.invitations if each.state is InvitationState.ACCEPTED]
    hours = {held_hour(session, about(each), now=now) for each in accepted}
    return hours.pop() if len(hours) == 1 else None


def _complete_team(
    session: Session, proposal: Proposal, hour: datetime | None, *, by: str, now: datetime
) -> Engagement:
    """Where the application had supporters before, their talks end here and their places with them.

    ``hour`` is what a round kept for both: it comes first in the offer.
    """
    application = proposal.application
    team = found_so_far(session, application)
    change_state(session, proposal, ProposalState.FILLED, PROPOSAL_TRANSITIONS, by=by, now=now)
    release_rest(session, proposal, by=by, now=now)
    end_talks_of_leaving(session, application, team, by=by, now=now)
    engagement = open_engagement(session, application, team, by=by, now=now)
    mark_matched(session, application, by=by, now=now)
    if engagement.state is not EngagementState.PAUSED:  # a rest asks for no hour
        offer_slots(session, engagement, first=hour, now=now)
    return engagement
