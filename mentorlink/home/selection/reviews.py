"""採点: one's own list, reading one application, scoring it for oneself."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from mentorlink.applications import services
from mentorlink.applications.models import Application, ApplicationState, Review, ReviewState
from mentorlink.applications.queries import earlier_talk
from mentorlink.applications.selection_queries import names_of_users, own_reviews, submitted_reviews
from mentorlink.applications.summary import answers_to_questions, sections_of
from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.engagements.models import Engagement
from mentorlink.home.selection.conflicts import bars_of
from mentorlink.home.selection.forms import ReviewForm, review_form
from mentorlink.home.selection.policies import own_review
from mentorlink.home.selection.words import REVIEW_WORDS
from mentorlink.home.views import bp
from mentorlink.scheduling.models import Meeting, MeetingRecord


@bp.get("/office/reviews")
@allow(office_only)
def show_reviews(_actor: Any) -> Any:
    user_id = actor().user_id or 0
    found = own_reviews(db(), user_id)
    involved = bars_of(db(), [each.application_id for each in found], [user_id])
    reviews = [each for each in found if (each.application_id, user_id) not in involved]
    left = len([each for each in reviews if each.state is ReviewState.ASKED])
    return render_template("applications/reviews.html", reviews=reviews, left=left, review_words=REVIEW_WORDS)


@bp.get("/office/reviews/<int:review_id>")
@allow(own_review)
def show_review(review: Review) -> Any:
    """The audit rows that the story was read are written before it is shown."""
    review_id = review.id
    talk = _shared_talk(db(), review.application)
    with transaction(db()):
        row = db().get_one(Review, review_id)
        audit.record(db(), actor(), "read_story", f"application:{row.application_id}", now=now())
        if talk is not None:
            audit.record(db(), actor(), "read_story", f"application:{talk.id}", now=now())
    review = db().get_one(Review, review_id)
    kind = review_form(review.application.programme)
    return _render(review, kind(formdata=None, data=kind.stored(review)))


@bp.post("/office/reviews/<int:review_id>")
@allow(own_review)
def submit_review(review: Review) -> Any:
    form, review_id = review_form(review.application.programme)(), review.id
    if review.state is ReviewState.SUBMITTED:  # the same button, pressed twice
        return redirect(url_for(".show_reviews"), code=303)
    if not form.validate():
        _keep(review_id, form)
        return _render(db().get_one(Review, review_id), form), 422
    with transaction(db()):
        row = db().get_one(Review, review_id)
        by, points, comment = actor().name_in_history, form.points(), form.comment.text
        services.submit_review(db(), row, points, comment, by=by, now=now())
        audit.record(db(), actor(), "submit_review", f"application:{row.application_id}", now=now())
    flash(gettext("採点を出しました。ありがとうございます。"))
    return redirect(url_for(".show_reviews"), code=303)


@bp.post("/office/reviews/<int:review_id>/draft")
@allow(own_review)
def save_review(review: Review) -> Any:
    """By the button, or by the page itself every few seconds."""
    form, review_id = review_form(review.application.programme)(), review.id
    form.validate()
    if form.comment.errors:
        return _render(review, form), 422
    _keep(review_id, form)
    if request.headers.get("X-Requested-With") == "autosave":
        return "", 204
    flash(gettext("途中まで、残しました。続きは、いつでもどうぞ。"))
    return redirect(url_for(".show_reviews"), code=303)


@bp.post("/office/reviews/<int:review_id>/conflict")
@allow(own_review)
def create_conflict(review: Review) -> Any:
    review_id = review.id
    with transaction(db()):
        row = db().get_one(Review, review_id)
        services.declare_conflict(db(), row, by=actor().name_in_history, now=now())
        audit.record(db(), actor(), "declare_conflict", f"application:{row.application_id}", now=now())
    flash(gettext("この申込の選考から外れました。教えてくださって、ありがとうございます。"))
    return redirect(url_for(".show_reviews"), code=303)


@bp.post("/office/reviews/<int:review_id>/retrieval")
@allow(own_review)
def take_back_review(review: Review) -> Any:
    review_id = review.id
    with transaction(db()):
        row = db().get_one(Review, review_id)
        services.take_back_review(db(), row, by=actor().name_in_history, now=now())
        audit.record(db(), actor(), "take_back_review", f"application:{row.application_id}", now=now())
    return redirect(url_for(".show_review", review_id=review_id), code=303)


def _keep(review_id: int, form: ReviewForm) -> None:
    """What is in order so far."""
    comment = "" if form.comment.errors else form.comment.text
    with transaction(db()):
        row = db().get_one(Review, review_id)
        services.save_review(db(), row, form.points(), comment)


def _render(review: Review, form: ReviewForm) -> str:
    application = review.application
    is_in = review.state is ReviewState.SUBMITTED
    others = _others(review) if is_in else None
    talk = _shared_talk(db(), application)
    return render_template(
        "applications/review.html",
        review=review,
        application=application,
        form=form,
        is_in=is_in,
        is_open=application.state is ApplicationState.SELECTING,
        sections=[each for each in sections_of(application, story=False) if each.screen != 1],
        own_answers=answers_to_questions(application),
        talk=talk,
        records=_records(db(), talk) if talk is not None else [],
        others=others,
        names=names_of_users(db(), {each.reviewer_user_id for each in others or ()}),
    )


def _others(review: Review) -> list[Review]:
    found = submitted_reviews(db(), [review.application_id])[review.application_id]
    return [each for each in found if each is not review]


def _shared_talk(session: Session, application: Application) -> Application | None:
    return earlier_talk(session, application) if application.shares_talk else None


def _records(session: Session, talk: Application) -> list[MeetingRecord]:
    """What the supporter wrote after each talk of that application."""
    query = (
        select(MeetingRecord)
        .join(Meeting, Meeting.id == MeetingRecord.meeting_id)
        .join(Engagement, Engagement.id == Meeting.engagement_id)
        .where(Engagement.application_id == talk.id)
    )
    return list(session.scalars(query.order_by(Meeting.starts_at)))
