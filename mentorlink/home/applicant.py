"""わたしのページ: where an applicant stands, who says something until when, and the one thing to do next."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.accounts.entrances import SCOPE_LIFETIME
from mentorlink.applications.forms import ContactForm, answer_form
from mentorlink.applications.models import Application, ApplicationState, ClarifyingQuestion
from mentorlink.applications.policies import (
    office_application,
    own_application,
    own_application_ids,
    own_applications,
    own_question,
    own_sent_application,
)
from mentorlink.applications.services import answer_question, change_contact, discard_draft
from mentorlink.applications.services.again import start_again
from mentorlink.core import audit
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.web import actor, allow, db, now, settings, web_session
from mentorlink.engagements.models import Side
from mentorlink.home.standing import standing_of
from mentorlink.home.views import bp
from mentorlink.home.withdrawal import refer_with_all, withdraw_everything
from mentorlink.people.models import ContactChannel
from mentorlink.scheduling.queries import next_talk_of

_S = ApplicationState


@bp.get("/my")
@allow(own_applications)
def show_applicant(applications: list[Application]) -> Any:
    """The newest that was sent; of several, the others are a list below. Only the newest draft is written on."""
    wanted = request.args.get("application", type=int)
    newest = next((each for each in applications if each.state is not _S.DRAFT), applications[0])
    shown = next((each for each in applications if each.id == wanted), newest)
    others = [standing_of(db(), each, now()) for each in applications if each is not shown]
    standing = standing_of(db(), shown, now())
    form = answer_form(standing.question, empty=True) if standing.question else None
    talk = next_talk_of(db(), [each.id for each in applications], now=now())
    page = {"standing": standing, "others": others, "writing": applications[0], "talk": talk}
    return render_template("home/applicant.html", form=form, **page)


@bp.get("/my/applications/<int:application_id>/discarding")
@allow(own_application)
def show_discarding(application: Application) -> Any:
    if application.state is not _S.DRAFT:
        return redirect(url_for(".show_applicant", application=application.id), code=303)
    return render_template("home/discarding.html", application=application)


@bp.post("/my/applications/<int:application_id>/discarding")
@allow(own_application)
def create_discarding(application: Application) -> Any:
    """Whoever came by a link goes back to the request that the draft was to follow, or is a visitor again."""
    by_link, draft_id, origin_id = actor().user_id is None, application.id, application.origin_id
    with transaction(db()):
        discard_draft(db(), db().get_one(Application, draft_id), now=now())
    has_others = bool(origin_id or own_application_ids(db(), actor()))
    if by_link and origin_id:
        web_session().enter_scope("application", origin_id, SCOPE_LIFETIME)
    elif by_link:
        web_session().leave()
        has_others = False
    flash(gettext("書きかけを消しました。また書きたくなったら、いつでもどうぞ。"))
    return redirect(url_for(".show_applicant" if has_others else "applications.show_start"), code=303)


@bp.get("/my/applications/<int:application_id>/withdrawal")
@allow(own_sent_application)
def show_withdrawal(application: Application) -> Any:
    return render_template("home/withdrawal.html", application=application)


@bp.post("/my/applications/<int:application_id>/withdrawal")
@allow(own_sent_application)
def create_withdrawal(application: Application) -> Any:
    """Twice is as good as once."""
    application_id = application.id
    with transaction(db()):
        row = db().get_one(Application, application_id)
        if row.state is not _S.WITHDRAWN:
            withdraw_everything(db(), row, side=Side.APPLICANT, by=actor().name_in_history, now=now())
    flash(gettext("取り消しました。お申し込みくださって、ありがとうございました。"))
    return redirect(url_for(".show_applicant", application=application_id), code=303)


@bp.post("/office/applications/<int:application_id>/withdrawal")
@allow(office_application)
def create_office_withdrawal(application: Application) -> Any:
    """Here and not with the desk, because supporters and hours hang on it."""
    application_id = application.id
    with transaction(db()):
        row = db().get_one(Application, application_id)
        audit.record(db(), actor(), "withdraw", f"application:{application_id}", now=now())
        withdraw_everything(db(), row, side=Side.OFFICE, by=actor().name_in_history, now=now())
    flash(gettext("取り下げました。ご本人にお知らせが届きます。"))
    return redirect(url_for("applications.show_application", application_id=application_id), code=303)


@bp.post("/office/applications/<int:application_id>/referral")
@allow(office_application)
def create_referral(application: Application) -> Any:
    application_id = application.id
    with transaction(db()):
        row = db().get_one(Application, application_id)
        audit.record(db(), actor(), "refer", f"application:{application_id}", now=now())
        refer_with_all(db(), row, by=actor().name_in_history, now=now())
    flash(gettext("ほかの窓口につないだことを記録しました。"))
    return redirect(url_for("applications.show_application", application_id=application_id), code=303)


@bp.post("/my/questions/<int:question_id>/answer")
@allow(own_question)
def create_answer(question: ClarifyingQuestion) -> Any:
    form, question_id = answer_form(question), question.id
    if question.answered_at is not None:
        return redirect(url_for(".show_applicant", application=question.application_id), code=303)
    if not form.validate():
        standing = standing_of(db(), db().get_one(Application, question.application_id), now())
        return render_template("home/applicant.html", standing=standing, others=[], form=form), 422
    with transaction(db()):
        question = db().get_one(ClarifyingQuestion, question_id)
        answer_question(db(), question, form.said(), by=actor().name_in_history, now=now())
    flash(gettext("お返事を受け取りました。ありがとうございます。"))
    return redirect(url_for(".show_applicant", application=question.application_id), code=303)


@bp.get("/my/applications/<int:application_id>/contact")
@allow(own_sent_application)
def show_contact(application: Application) -> Any:
    form = ContactForm(formdata=None, data=ContactForm.stored(application))
    return render_template("home/contact.html", application=application, form=form)


@bp.post("/my/applications/<int:application_id>/contact")
@allow(own_sent_application)
def update_contact(application: Application) -> Any:
    form, application_id = ContactForm(), application.id
    if not form.validate():
        return render_template("home/contact.html", application=application, form=form), 422
    with transaction(db()):
        change_contact(db(), db().get_one(Application, application_id), form.answers(), now=now())
    if settings().has_line and form.contact_channel.data == ContactChannel.LINE:
        return redirect(url_for(".show_line"), code=303)
    flash(gettext("連絡先を変えました。"))
    return redirect(url_for(".show_applicant", application=application_id), code=303)


@bp.post("/my/applications/<int:application_id>/again")
@allow(own_sent_application)
def create_again(application: Application) -> Any:
    """もう一度相談: a new draft that knows what was already said."""
    by_link, application_id = actor().user_id is None, application.id
    with transaction(db()):
        origin = db().get_one(Application, application_id)
        draft_id = start_again(db(), origin, now=now()).id
    if by_link:
        web_session().enter_scope("application", draft_id, SCOPE_LIFETIME)
    return redirect(url_for("applications.show_screen", screen=1), code=303)
