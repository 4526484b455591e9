"""わたしたちの半年: one page for mentee, mentor and office, each with their own words and one next thing."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import helplines_after
from mentorlink.applications.models import Application
from mentorlink.applications.policies import own_sent_application
from mentorlink.applications.queries import selection_answer
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now
from mentorlink.engagements import services
from mentorlink.engagements.models import Engagement, Side
from mentorlink.engagements.policies import Seat, seat_at_thread
from mentorlink.engagements.step_forms import GoalForm, StepForm
from mentorlink.engagements.words import STEP_STATES, STEP_TAGS, title_of
from mentorlink.home.half_year_next import next_for
from mentorlink.home.half_year_page import half_year_of
from mentorlink.home.views import bp

HOPE = "hope"  # the selection question whose answer may become the goal


def seat_at_half_year(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """A programme of one talk keeps its own page: it has no half-year."""
    seat = seat_at_thread(session, actor, engagement_id)
    return seat if seat is not None and seat.engagement.programme.months else None


def mentee_or_office(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """The goal is the mentee's; the office writes it down for somebody on the telephone."""
    seat = seat_at_half_year(session, actor, engagement_id)
    return None if seat is None or seat.side is Side.SUPPORTER else seat


@bp.get("/engagements/<int:engagement_id>")
@allow(seat_at_half_year)
def show_half_year(seat: Seat) -> Any:
    note_office_act(seat, "read_half_year")
    return half_year_page(seat)


@bp.get("/my/applications/<int:application_id>/half-year")
@allow(own_sent_application)
def show_way_to_half_year(application: Application) -> Any:
    """Where mails to the mentee lead; without a half-year it is the page that everybody has."""
    query = select(Engagement).where(Engagement.application_id == application.id)
    engagement = db().scalar(query)
    if engagement is None or not engagement.programme.months:
        return redirect(url_for(".show_applicant", application=application.id), code=303)
    return redirect(url_for(".show_half_year", engagement_id=engagement.id), code=303)


@bp.post("/engagements/<int:engagement_id>/goal")
@allow(mentee_or_office)
def update_goal(seat: Seat) -> Any:
    form, side, engagement_id = GoalForm(), seat.side, seat.engagement.id
    if not form.validate():
        return half_year_page(seat, goal_form=form), 422
    with transaction(db()):
        note_act(seat, "write_goal")
        engagement = db().get_one(Engagement, engagement_id)
        by = actor().name_in_history
        services.set_goal(db(), engagement, form.goal.text, side=side, by=by, now=now())
    flash(gettext("目標を書きとめました。いつでも書き直せます。"))
    return redirect(url_for(".show_half_year", engagement_id=engagement_id), code=303)


@bp.post("/engagements/<int:engagement_id>/milestones")
@allow(seat_at_half_year)
def create_milestone(seat: Seat) -> Any:
    form, engagement_id = StepForm(), seat.engagement.id
    if not form.validate() or form.due_on.day is None:
        return half_year_page(seat, step_form=form), 422
    with transaction(db()):
        note_act(seat, "add_step")
        engagement = db().get_one(Engagement, engagement_id)
        title, day, by = form.title.text, form.due_on.day, actor().name_in_history
        services.add_milestone(db(), engagement, title, day, by=by, now=now())
    flash(gettext("一歩をふやしました。"))
    return redirect(url_for(".show_half_year", engagement_id=engagement_id), code=303)


def half_year_page(
    seat: Seat, *, goal_form: GoalForm | None = None, step_form: StepForm | None = None
) -> str:
    goal, half_year = seat.engagement.goal, half_year_of(db(), seat, now())
    first_words = goal or _hoped_for(seat)
    return render_template(
        "home/half_year.html",
        half_year=half_year,
        next=next_for(half_year),
        goal_form=goal_form or GoalForm(formdata=None, goal=first_words),
        step_form=step_form or StepForm(formdata=None),
        step_states=STEP_STATES,
        step_tags=STEP_TAGS,
        title_of=title_of,
        helplines=helplines_after(goal) if seat.side is Side.APPLICANT else (),
    )


def _hoped_for(seat: Seat) -> str | None:
    """What the mentee wrote when they asked for the half-year; nobody else sees it before they save it as the goal."""
    if seat.side is not Side.APPLICANT:
        return None
    return selection_answer(db(), seat.engagement.application_id, HOPE)


def note_office_act(seat: Seat, verb: str) -> None:
    """Reading by the office leaves a trace before anything is shown."""
    if seat.side is Side.OFFICE:
        with transaction(db()):
            note_act(seat, verb)


def note_act(seat: Seat, verb: str) -> None:
    """Inside the transaction of the act itself."""
    if seat.side is Side.OFFICE:
        record(db(), actor(), verb, f"application:{seat.engagement.application_id}", now=now())
