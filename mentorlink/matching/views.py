"""The office proposes, the supporter answers."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from mentorlink.applications.models import Application
from mentorlink.core import dates
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import plain
from mentorlink.core.messages import message_of
from mentorlink.core.web import actor, allow, db, now
from mentorlink.matching import policies, queries, services
from mentorlink.matching.forms import DeclineForm, chosen_order
from mentorlink.matching.models import WAITING_FOR_ANSWER, Invitation, Proposal
from mentorlink.matching.summary import summary_of
from mentorlink.matching.words import DECLINE_WORDS, INVITATION_WORDS, PROPOSAL_WORDS

bp = Blueprint("matching", __name__)

WORDS = {
    "dates": dates,
    "asked_words": INVITATION_WORDS,
    "proposal_words": PROPOSAL_WORDS,
    "decline_words": DECLINE_WORDS,
}
ANSWERS = {
    "accept": "matching.confirm_acceptance",
    "decline": "matching.show_decline",
    "talk": "matching.confirm_talk",
}


# ---- the supporter


@bp.get("/invitations/<int:invitation_id>")
@allow(policies.own_invitation)
def show_invitation(invitation: Invitation) -> Any:
    answer = request.args.get("answer", "")
    if answer in ANSWERS and _is_open(invitation):
        return redirect(url_for(ANSWERS[answer], invitation_id=invitation.id), code=303)
    return render_template("matching/invitation.html", **_shown(invitation))


@bp.get("/invitations/<int:invitation_id>/acceptance")
@allow(policies.own_invitation)
def confirm_acceptance(invitation: Invitation) -> Any:
    return _confirm("matching/acceptance.html", invitation)


@bp.post("/invitations/<int:invitation_id>/acceptance")
@allow(policies.own_invitation)
def create_acceptance(invitation: Invitation) -> Any:
    with transaction(db()):
        services.accept_invitation(db(), invitation, by=actor().name_in_history, now=now())
    return _back_to(invitation)


@bp.get("/invitations/<int:invitation_id>/decline")
@allow(policies.own_invitation)
def show_decline(invitation: Invitation) -> Any:
    return _confirm("matching/decline.html", invitation, form=DeclineForm())


@bp.post("/invitations/<int:invitation_id>/decline")
@allow(policies.own_invitation)
def create_decline(invitation: Invitation) -> Any:
    form = DeclineForm()
    if not form.validate_on_submit():
        return _confirm("matching/decline.html", invitation, form=form), 422
    reason, pause = form.chosen_reason(), form.chosen_pause()
    with transaction(db()):
        services.decline_invitation(
            db(), invitation, reason, pause_until=pause, by=actor().name_in_history, now=now()
        )
    return _back_to(invitation)


@bp.get("/invitations/<int:invitation_id>/talk")
@allow(policies.own_invitation)
def confirm_talk(invitation: Invitation) -> Any:
    return _confirm("matching/talk.html", invitation)


@bp.post("/invitations/<int:invitation_id>/talk")
@allow(policies.own_invitation)
def create_talk(invitation: Invitation) -> Any:
    with transaction(db()):
        services.want_talk(db(), invitation, by=actor().name_in_history, now=now())
    return _back_to(invitation)


# ---- the office


@bp.get("/office/applications/<int:application_id>/candidates")
@allow(policies.searching_application)
def show_candidates(application: Application) -> Any:
    _note("open_candidates", application)
    return render_template("matching/candidates.html", **_desk(application))


@bp.post("/office/applications/<int:application_id>/proposal")
@allow(policies.searching_application)
def create_proposal(application: Application) -> Any:
    try:
        with transaction(db()):
            record(db(), actor(), "propose", _about(application), now=now())
            order = chosen_order(request.form)
            services.approve_proposal(db(), application, order, by=actor().name_in_history, now=now())
    except (RuleViolation, ValueError) as problem:
        fault = message_of(getattr(problem, "code", "same_place"))
        return render_template("matching/candidates.html", fault=fault, **_desk(application)), 422
    flash(plain("打診をお送りしました。"), "ok")
    return redirect("/office", code=303)


@bp.get("/office/proposals/<int:proposal_id>")
@allow(policies.office_proposal)
def show_proposal(proposal: Proposal) -> Any:
    _note("open_proposal", proposal.application)
    return render_template("matching/proposal.html", proposal=proposal, now=now(), **WORDS)


@bp.post("/office/proposals/<int:proposal_id>/next")
@allow(policies.office_proposal)
def create_next_invitation(proposal: Proposal) -> Any:
    with transaction(db()):
        record(db(), actor(), "ask_next", _about(proposal.application), now=now())
        services.ask_next(db(), proposal, by=actor().name_in_history, now=now())
    flash(plain("待つのをやめて、次へ進めました。"), "ok")
    return redirect(url_for("matching.show_proposal", proposal_id=proposal.id), code=303)


@bp.post("/office/proposals/<int:proposal_id>/withdrawal")
@allow(policies.office_proposal)
def create_withdrawal(proposal: Proposal) -> Any:
    with transaction(db()):
        record(db(), actor(), "withdraw_proposal", _about(proposal.application), now=now())
        services.withdraw_proposal(db(), proposal, by=actor().name_in_history, now=now())
    return redirect(url_for(".show_candidates", application_id=proposal.application_id), code=303)


@bp.post("/office/invitations/<int:invitation_id>/resumption")
@allow(policies.office_invitation)
def create_resumption(invitation: Invitation) -> Any:
    with transaction(db()):
        record(db(), actor(), "resume_invitation", _about(invitation.proposal.application), now=now())
        services.resume_after_talk(db(), invitation, by=actor().name_in_history, now=now())
    flash(plain("期限をあらためて、もう一度お送りしました。"), "ok")
    return redirect(url_for("matching.show_proposal", proposal_id=invitation.proposal_id), code=303)


@bp.post("/office/invitations/<int:invitation_id>/acceptance")
@allow(policies.office_invitation)
def create_acceptance_by_phone(invitation: Invitation) -> Any:
    with transaction(db()):
        record(db(), actor(), "accept_by_phone", _about(invitation.proposal.application), now=now())
        services.accept_invitation(db(), invitation, by=actor().name_in_history, now=now())
    flash(plain("お引き受けを記録しました。候補の日にちを相談者にお送りしました。"), "ok")
    return redirect(url_for("matching.show_proposal", proposal_id=invitation.proposal_id), code=303)


def _confirm(template: str, invitation: Invitation, **values: Any) -> Any:
    """A confirm page; whoever comes late reads what became of the invitation instead."""
    if not _is_open(invitation):
        return redirect(url_for(".show_invitation", invitation_id=invitation.id), code=303)
    return render_template(template, **_shown(invitation), **values)


def _is_open(invitation: Invitation) -> bool:
    late = invitation.deadline_at is not None and invitation.deadline_at <= now()
    return invitation.state in WAITING_FOR_ANSWER and not late


def _shown(invitation: Invitation) -> dict[str, Any]:
    application = invitation.proposal.application
    return {
        "invitation": invitation,
        "application": application,
        "summary": summary_of(application),
        "reasons": queries.reasons_for_supporter(invitation, now=now()),
        "starts": queries.first_starts(db(), invitation, now=now()) if _is_open(invitation) else [],
        "is_open": _is_open(invitation),
        "joins_on_the_way": queries.handover_of(db(), application.id) is not None,
        "story": policies.story_for(db(), invitation),
        **queries.what_came_of(db(), invitation),
        "zone": invitation.supporter.person.zone,
        "signed_in": actor().user_id is not None,
        **WORDS,
    }


def _desk(application: Application) -> dict[str, Any]:
    candidates = queries.rank_candidates(db(), application, now=now())
    return {
        "application": application,
        "summary": summary_of(application),
        "candidates": [each for each in candidates if each.can_be_asked],
        "others": [each for each in candidates if not each.can_be_asked],
        "proposals": queries.proposals_of(db(), application.id),
        "wishes": queries.wishes_to_check(application, now=now()),
        "typed": request.form,
        **WORDS,
    }


def _note(verb: str, application: Application) -> None:
    """Office minutes are measured from these rows."""
    about = _about(application)
    with transaction(db()):
        record(db(), actor(), verb, about, now=now())


def _about(application: Application) -> str:
    return f"application:{application.id}"


def _back_to(invitation: Invitation) -> Any:
    return redirect(url_for(".show_invitation", invitation_id=invitation.id), code=303)
