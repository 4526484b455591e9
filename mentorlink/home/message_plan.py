"""Every message that will go out: to whom, when and why, with its words; and the one tap that stops it."""

import re
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.core import dates
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import lazy, plain
from mentorlink.core.mailer import Letter, Recipient, render_words
from mentorlink.core.outbox import Channel, OutboxMessage
from mentorlink.core.reminder_rules import OF_AN_ACT, PLANNED_AHEAD, RULES
from mentorlink.core.web import actor, allow, db, now, office_only, settings
from mentorlink.home import planned, rule_words, tasks
from mentorlink.home.contexts import all_contexts
from mentorlink.home.message_words import MESSAGE_WORDS
from mentorlink.home.paging import asked_page
from mentorlink.home.policies import office_planned
from mentorlink.home.views import bp

CHANNELS = {
    Channel.MAIL: lazy("メール"),
    Channel.LINE: lazy("LINE"),
    Channel.CALL: lazy("お電話"),
    Channel.DESK: lazy("画面"),
}
_KEY_OF_A_DOOR = re.compile(r"(/(?:e|calendar)/)[\w\-]+")


@bp.get("/office/messages/planned")
@allow(office_only)
def show_planned(_office: Actor) -> Any:
    wanted, page, at = _wanted(), asked_page(), now()
    found = planned.find_planned(db(), wanted, now=at, page=page)
    total = planned.count_planned(db(), wanted, now=at)
    return render_template(
        "home/planned.html",
        days=planned.by_day(found, dates.local_date),
        people=tasks.people_to_call(db(), found),
        wanted=wanted,
        asked=_asked(),
        total=total,
        late=tasks.count_late_by_night(db()),
        page=page,
        pages=max(1, -(-total // planned.PAGE_SIZE)),
        templates=planned.templates_planned(db(), now=at),
        **_words(),
    )


@bp.get("/office/messages/planned/<int:message_id>")
@allow(office_planned)
def show_planned_message(message: OutboxMessage) -> Any:
    """Its words as they would be now. Reading them is written down: a promise or a question may stand in them."""
    text = _preview(message)
    people = tasks.people_to_call(db(), [message])
    about, message_id = tasks.about_application(db(), message), message.id
    with transaction(db()):
        record(db(), actor(), "read_message", about, now=now())
    return render_template(
        "home/planned_message.html",
        message=db().get_one(OutboxMessage, message_id),
        person=people.get(message_id),
        text=text,
        now=now(),
        **_words(),
    )


@bp.post("/office/messages/planned/<int:message_id>/stop")
@allow(office_planned)
def create_planned_stop(message: OutboxMessage) -> Any:
    with transaction(db()):
        record(db(), actor(), "stop_message", tasks.about_application(db(), message), now=now())
        planned.stop_planned(db(), message, by=actor().name_in_history, now=now())
    flash(plain("送るのをやめました。予定の時間までは、「やっぱり送る」で戻せます。"), "ok")
    return redirect(url_for("home.show_planned", **_asked()), code=303)


@bp.post("/office/messages/planned/<int:message_id>/release")
@allow(office_planned)
def create_planned_release(message: OutboxMessage) -> Any:
    with transaction(db()):
        record(db(), actor(), "release_message", tasks.about_application(db(), message), now=now())
        planned.let_go_again(db(), message, by=actor().name_in_history, now=now())
    flash(plain("予定どおり送ります。"), "ok")
    return redirect(url_for("home.show_planned", **_asked()), code=303)


@bp.post("/office/messages/planned/stops")
@allow(office_only)
def create_planned_stops(_office: Actor) -> Any:
    """All that the page shows of one person or one half-year."""
    wanted = _wanted()
    if wanted.person_id is None and wanted.engagement_id is None:
        return redirect(url_for("home.show_planned"), code=303)
    about = f"person:{wanted.person_id}" if wanted.person_id else f"engagement:{wanted.engagement_id}"
    with transaction(db()):
        record(db(), actor(), "stop_messages", about, now=now())
        number = planned.stop_all(db(), wanted, by=actor().name_in_history, now=now())
    flash(plain("%(number)s件、送るのをやめました。", number=number), "ok")
    return redirect(url_for("home.show_planned", **_asked(), stopped=1), code=303)


@bp.get("/office/messages/rules")
@allow(office_only)
def show_rules(_office: Actor) -> Any:
    return render_template("home/rules.html", planned_ahead=PLANNED_AHEAD, of_an_act=OF_AN_ACT, **_words())


def _words() -> dict[str, Any]:
    return {
        "message_words": MESSAGE_WORDS,
        "channel_words": CHANNELS,
        "rules": RULES,
        "rule_words": rule_words,
        "dates": dates,
    }


def _wanted() -> planned.Wanted:
    given = request.values
    channel, template = given.get("channel", ""), given.get("template", "")
    return planned.Wanted(
        person_id=_number(given.get("person", "")),
        engagement_id=_number(given.get("engagement", "")),
        channel=Channel(channel) if channel in set(Channel) else None,
        template=template if template in RULES else None,
        until=_day(given.get("until", "")),
        stopped=given.get("stopped") == "1",
    )


def _asked() -> dict[str, Any]:
    """The filters as they stand in the address, for links that keep them."""
    names = ("person", "engagement", "channel", "template", "until")
    return {name: request.values[name] for name in names if request.values.get(name)}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return dates.parse_date(text) if text else None
    except dates.BadDate:
        return None


def _preview(message: OutboxMessage) -> str | None:
    """None where its occasion is gone. Nobody of the office gets the key to somebody's own page."""
    context = all_contexts().get(message.template)
    person = tasks.people_to_call(db(), [message]).get(message.id)
    if context is None or person is None:
        return None
    letter = Letter(message.id, message.queued_at, message.template, message.locale)
    recipient = Recipient(name=person.display_name, address=person.email or "", language=person.language)
    words = render_words(letter, recipient, context(db(), message), settings())
    return _KEY_OF_A_DOOR.sub(r"\1…", f"{words.subject}\n\n{words.text}")
