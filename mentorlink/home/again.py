"""また話す: the same person is asked again. Here, because asking belongs to matching, above the engagement."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.models import Application, ApplicationState, ApplicationTerm
from mentorlink.applications.services import begin_matching, start_draft, submit_application
from mentorlink.core.actor import Actor
from mentorlink.core.db import transaction
from mentorlink.core.errors import RuleViolation
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, web_session
from mentorlink.engagements.models import Engagement
from mentorlink.engagements.policies import own_as_recipient
from mentorlink.home.views import bp
from mentorlink.matching.services import approve_proposal
from mentorlink.scheduling.models import TOOK_PLACE, Meeting
from mentorlink.surveys.models import Audience, Target

_S = ApplicationState
SCOPE_LIFETIME = timedelta(days=14)
ENDED = (_S.CLOSED, _S.WITHDRAWN, _S.REFERRED, _S.NOT_SELECTED)


def own_support(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    """The support of its recipient, also by the link of the survey about it."""
    return own_as_recipient(session, actor, engagement_id) or _by_survey(session, actor, engagement_id)


@bp.get("/engagements/<int:engagement_id>/again")
@allow(own_support)
def show_talk_again(engagement: Engagement) -> Any:
    names = [place.supporter.person.display_name for place in engagement.supporters if place.until is None]
    return render_template("engagements/again.html", engagement=engagement, names=names)


@bp.post("/engagements/<int:engagement_id>/again")
@allow(own_support)
def create_talk_again(engagement: Engagement) -> Any:
    by, by_link, engagement_id = actor().name_in_history, actor().user_id is None, engagement.id
    with transaction(db()):
        application_id = _ask_again(db(), db().get_one(Engagement, engagement_id), by)
    if by_link:
        web_session().enter_scope("application", application_id, SCOPE_LIFETIME)
    flash(gettext("同じ方に、お願いしました。お返事が来たら、お知らせします。"))
    return redirect("/my", code=303)


def _ask_again(session: Session, engagement: Engagement, by: str) -> int:
    """Asking twice while the first asking is under way is one asking. Raises RuleViolation ``not_met_yet``."""
    origin = engagement.application
    talk = select(Meeting.id).where(Meeting.engagement_id == engagement.id, Meeting.state.in_(TOOK_PLACE))
    if session.scalar(talk.limit(1)) is None:
        raise RuleViolation("not_met_yet")
    under_way = select(Application.id).where(
        Application.origin_id == origin.id,
        Application.programme_id == origin.programme_id,
        Application.submitted_at.is_not(None),
        Application.state.not_in(ENDED),
    )
    known = session.scalar(under_way.limit(1))
    if known is not None:
        return known
    application = start_draft(session, origin.programme, origin=origin, now=now())
    application.story, application.unsure_category = origin.story, origin.unsure_category
    application.terms += [
        ApplicationTerm(scheme=term.scheme, code=term.code, position=term.position)
        for term in origin.terms
        if term.scheme == "category"
    ]
    session.flush()
    submit_application(session, application, by=by, now=now())
    begin_matching(session, application, by=by, now=now())
    approve_proposal(session, application, engagement.supporter_ids(), by=by, now=now())
    return application.id


def _by_survey(session: Session, actor: Actor, engagement_id: int) -> Engagement | None:
    if actor.scope is None or actor.scope[0] != "target":
        return None
    target = session.get(Target, actor.scope[1])
    if target is None or target.audience is not Audience.APPLICANT or target.engagement_id != engagement_id:
        return None
    return None if target.person.erased_at is not None else session.get(Engagement, engagement_id)
