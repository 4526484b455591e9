"""The office sees what will go out and what is stuck, and may try again or stop it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core import dates
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import mark, plain
from mentorlink.core.outbox import MessageState, OutboxMessage
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.home import tasks
from mentorlink.home.message_words import MESSAGE_WORDS
from mentorlink.home.paging import asked_page
from mentorlink.home.policies import office_mail
from mentorlink.home.views import bp

SHOWN = (MessageState.PLANNED, MessageState.PARKED, MessageState.SENT)
STATE_WORDS = {
    "planned": mark("これから送るもの"),
    "parked": mark("送れなかったもの"),
    "sent": mark("送ったもの"),
}
_NOT_BY_LINE = mark("LINEに届けられませんでした")
_UNKNOWN_BY_LINE = mark("LINEに届いたかどうか分かりません")
LINE_PROBLEMS = {
    "line_quota": mark("LINEの今月の分を使い切りました"),
    "line_off": mark("LINEの設定がありません"),
    "line_401": mark("LINEの設定が合っていません"),
    "line_late": _UNKNOWN_BY_LINE,
    **{f"line_{code}": _NOT_BY_LINE for code in (400, 403, 404, 429)},
    **{
        f"line_{code}": _UNKNOWN_BY_LINE
        for code in (500, 502, 503, 504, "TimeoutError", "RemoteDisconnected")
    },
}
PROBLEM_WORDS = {
    "ambiguous": mark("届いたかどうか分かりません"),
    "no_address": mark("送り先のアドレスがありません"),
    "no_context": mark("文面の用意がありません"),
    "quiet_hours": mark("夜は送らない決まりで、朝では間に合いません"),
    **LINE_PROBLEMS,
}


@bp.get("/office/messages")
@allow(office_only)
def show_messages(_office: Actor) -> Any:
    counts = {state: tasks.count_messages(db(), state) for state in SHOWN}
    state = _state(counts)
    page = asked_page()
    found = tasks.list_messages(db(), state, page=page)
    return render_template(
        "home/messages.html",
        messages=found,
        people=tasks.people_to_call(db(), found),
        counts=counts,
        late=tasks.count_late_by_night(db()),
        state=state,
        page=page,
        pages=max(1, -(-counts[state] // tasks.PAGE_SIZE)),
        state_words=STATE_WORDS,
        problem_words=PROBLEM_WORDS,
        message_words=MESSAGE_WORDS,
        dates=dates,
    )


@bp.post("/office/messages/<int:message_id>/retry")
@allow(office_mail)
def create_retry(message: OutboxMessage) -> Any:
    with transaction(db()):
        record(db(), actor(), "retry_message", tasks.about_application(db(), message), now=now())
        tasks.retry_message(db(), message, now=now())
    flash(plain("もう一度送ります。"), "ok")
    return redirect(url_for("home.show_messages", state="parked"), code=303)


@bp.post("/office/messages/<int:message_id>/stop")
@allow(office_mail)
def create_stop(message: OutboxMessage) -> Any:
    state = message.state.value
    with transaction(db()):
        record(db(), actor(), "stop_message", tasks.about_application(db(), message), now=now())
        tasks.stop_message(db(), message)
    flash(plain("送るのをやめました。"), "ok")
    return redirect(url_for("home.show_messages", state=state), code=303)


def _state(counts: dict[MessageState, int]) -> MessageState:
    """The one asked for; else what is stuck, where something is."""
    wanted = request.args.get("state", "")
    if wanted in {state.value for state in SHOWN}:
        return MessageState(wanted)
    return MessageState.PARKED if counts[MessageState.PARKED] else MessageState.PLANNED
