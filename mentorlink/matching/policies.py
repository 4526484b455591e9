"""Who may answer an invitation, and who may propose."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.core.actor import Actor, Role
from mentorlink.matching.models import Invitation, InvitationState, Proposal
from mentorlink.matching.queries import has_left, supporter_of
from mentorlink.people.models import Supporter


def own_invitation(session: Session, actor: Actor, invitation_id: int) -> Invitation | None:
    """The invitation of the signed-in supporter, or of the link in the mail; one not asked yet is nobody's."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None or invitation.asked_at is None or invitation.supporter.person.erased_at is not None:
        return None
    owns = actor.role is Role.SUPPORTER and invitation.supporter.person_id == actor.person_id
    return invitation if owns or actor.holds("invitation", invitation_id) else None


def own_supporter(session: Session, actor: Actor) -> Supporter | None:
    """The signed-in supporter's own profile."""
    return supporter_of(session, actor.person_id) if actor.role is Role.SUPPORTER else None


def searching_application(session: Session, actor: Actor, application_id: int) -> Application | None:
    """For the office: any application that was sent. Drafts belong to their writer alone."""
    if not actor.is_office:
        return None
    return session.scalar(
        select(Application).where(
            Application.id == application_id,
            Application.state != ApplicationState.DRAFT,
            Application.person_id.is_not(None),
        )
    )


def office_proposal(session: Session, actor: Actor, proposal_id: int) -> Proposal | None:
    return session.get(Proposal, proposal_id) if actor.is_office else None


def office_invitation(session: Session, actor: Actor, invitation_id: int) -> Invitation | None:
    return session.get(Invitation, invitation_id) if actor.is_office else None


def story_for(session: Session, invitation: Invitation) -> str | None:
    """The applicant's story, for whoever has accepted and has not left since; nothing before that."""
    if invitation.state is not InvitationState.ACCEPTED or has_left(session, invitation):
        return None
    return invitation.proposal.application.story
