"""Call tasks of the office: whom to call, what to say, what came of it."""

from typing import Any

from flask import flash, redirect, render_template, url_for

from mentorlink.core import dates
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import plain
from mentorlink.core.outbox import OutboxMessage
from mentorlink.core.text_input import show_phone
from mentorlink.core.web import actor, allow, db, now, office_only, settings
from mentorlink.home import tasks
from mentorlink.home.contexts import all_contexts
from mentorlink.home.paging import asked_page
from mentorlink.home.policies import office_call
from mentorlink.home.task_forms import CallForm
from mentorlink.home.views import bp


@bp.get("/office/calls")
@allow(office_only)
def show_calls(_office: Actor) -> Any:
    pages = max(1, -(-tasks.count_due_calls(db(), now()) // tasks.PAGE_SIZE))
    page = min(asked_page(), pages)
    messages = tasks.due_calls(db(), now(), page=page)
    people = tasks.people_to_call(db(), messages)
    return render_template(
        "home/calls.html", messages=messages, people=people, page=page, pages=pages, dates=dates
    )


@bp.get("/office/calls/<int:message_id>")
@allow(office_call)
def show_call(message: OutboxMessage) -> Any:
    about = tasks.about_application(db(), message)
    message_id = message.id
    with transaction(db()):
        record(db(), actor(), "open_call", about, now=now())
    return _page(db().get_one(OutboxMessage, message_id), CallForm(formdata=None))


@bp.post("/office/calls/<int:message_id>/completion")
@allow(office_call)
def create_call_completion(message: OutboxMessage) -> Any:
    form = CallForm()
    if not form.validate_on_submit():
        return _page(message, form), 422
    with transaction(db()):
        record(db(), actor(), "finish_call", tasks.about_application(db(), message), now=now())
        tasks.finish_call(
            db(),
            message,
            minutes=form.minutes_spent(),
            reached=form.outcome.data == "reached",
            by_user_id=actor().user_id or 0,
            now=now(),
        )
    flash(plain("電話を記録しました。"), "ok")
    return redirect(url_for("home.show_calls"), code=303)


@bp.post("/office/calls/<int:message_id>/postponement")
@allow(office_call)
def create_call_postponement(message: OutboxMessage) -> Any:
    with transaction(db()):
        record(db(), actor(), "postpone_call", tasks.about_application(db(), message), now=now())
        tasks.postpone_call(db(), message, now=now())
    flash(plain("あとでまた出します。"), "ok")
    return redirect(url_for("home.show_calls"), code=303)


def _page(message: OutboxMessage, form: CallForm) -> str:
    task = tasks.call_task(db(), message, all_contexts(), settings())
    about = tasks.about_application(db(), message)
    return render_template(
        "home/call.html",
        task=task,
        form=form,
        application_id=about.partition(":")[2] if about.startswith("application:") else None,
        number=show_phone(task.person.phone) if task.person and task.person.phone else None,
        dates=dates,
    )
