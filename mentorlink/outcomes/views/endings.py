"""The pages of 終わり方: choosing, what it led to with its ways on, and taking it back."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session

from mentorlink.applications.queries import given_consents
from mentorlink.core import taxonomy
from mentorlink.core.audit import record
from mentorlink.core.dates import local_date
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements.models import Engagement, EngagementState, Side
from mentorlink.engagements.policies import Seat
from mentorlink.outcomes.forms import EndingForm
from mentorlink.outcomes.models import Outcome
from mentorlink.outcomes.policies import answered_engagement, seat_at_ending, seat_that_takes_back
from mentorlink.outcomes.queries import later_moments, outcomes_of
from mentorlink.outcomes.services import close_engagement, take_back_ending
from mentorlink.outcomes.services.endings import ALIVE
from mentorlink.outcomes.views.blueprint import bp
from mentorlink.people.models import Purpose
from mentorlink.surveys.forms import option_words, question_words
from mentorlink.surveys.queries import answers_before_and_after


@bp.get("/engagements/<int:engagement_id>/ending")
@allow(seat_at_ending)
def show_ending(seat: Seat) -> Any:
    """Where it still runs the choice, else what was chosen and what comes after it."""
    if seat.engagement.state not in ALIVE:
        return _ended_page(db(), seat)
    return _choice_page(seat, EndingForm(seat.side, local_date(now()), formdata=None))


@bp.post("/engagements/<int:engagement_id>/ending")
@allow(seat_at_ending)
def create_ending(seat: Seat) -> Any:
    """Sent twice it is one ending."""
    form, engagement_id = EndingForm(seat.side, local_date(now())), seat.engagement.id
    if seat.engagement.state in ALIVE:
        if not form.validate():
            return _choice_page(seat, form), 422
        _close(seat, form)
    return redirect(url_for(".show_ending", engagement_id=engagement_id), code=303)


@bp.post("/engagements/<int:engagement_id>/ending/withdrawal")
@allow(seat_that_takes_back)
def delete_ending(seat: Seat) -> Any:
    """やっぱり、つづける."""
    engagement_id, application_id = seat.engagement.id, seat.engagement.application_id
    with transaction(db()):
        engagement = db().get_one(Engagement, engagement_id)
        if engagement.state not in ALIVE:
            take_back_ending(db(), engagement, by=actor().name_in_history, now=now())
            _note_office_act("take_back_ending", seat.side, application_id)
    flash(gettext("つづきから、はじめます。お相手にもお知らせしました。"))
    return redirect(page_of(seat.engagement), code=303)


@bp.get("/engagements/<int:engagement_id>/answers")
@allow(answered_engagement)
def show_answers(engagement: Engagement) -> Any:
    """かわったこと・そのままのこと: the answers of the beginning beside those of the end."""
    if actor().is_office:
        with transaction(db()):
            _note_office_act("read_answers", Side.OFFICE, engagement.application_id)
    return render_template(
        "outcomes/answers.html",
        engagement=engagement,
        page=page_of(engagement),
        pairs=answers_before_and_after(db(), engagement),
        outcomes=outcomes_of(db(), engagement),
        ending_of=ending_of,
        question_words=question_words,
        option_words=option_words,
        for_office=actor().is_office,
    )


def ending_of(outcome: Outcome) -> taxonomy.Term:
    return taxonomy.term("ending", outcome.ending)


def page_of(engagement: Engagement) -> str:
    """Where both sides meet: the half-year's page, or the thread of a single talk."""
    address = f"/engagements/{engagement.id}"
    return address if engagement.programme.months else f"{address}/thread"


def _close(seat: Seat, form: EndingForm) -> None:
    engagement_id, application_id = seat.engagement.id, seat.engagement.application_id
    with transaction(db()):
        engagement = db().get_one(Engagement, engagement_id)
        by = actor().name_in_history
        close_engagement(db(), engagement, form.ending.data, side=seat.side, by=by, now=now(), **form.facts())
        _note_office_act("choose_ending", seat.side, application_id)


def _choice_page(seat: Seat, form: EndingForm) -> str:
    return render_template(
        "outcomes/ending.html",
        seat=seat,
        form=form,
        page=page_of(seat.engagement),
        rests=seat.engagement.state is EngagementState.PAUSED,
    )


def _ended_page(session: Session, seat: Seat) -> str:
    engagement = seat.engagement
    noted = outcomes_of(session, engagement)
    agreed = Purpose.LATER_CONTACT in given_consents(session, engagement.recipient_id)
    return render_template(
        "outcomes/ended.html",
        seat=seat,
        noted=noted,
        ending_of=ending_of,
        asked_later=later_moments(session, engagement) if agreed else [],
        page=page_of(engagement),
    )


def _note_office_act(verb: str, side: Side, application_id: int) -> None:
    if side is Side.OFFICE:
        record(db(), actor(), verb, f"application:{application_id}", now=now())
