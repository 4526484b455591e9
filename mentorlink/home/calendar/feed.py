"""The secret address at which a calendar program reads one person's talks, and the page where they make it."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor, Role
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import gettext
from mentorlink.core.links import BUSY_FEED, address_of
from mentorlink.core.web import actor, allow, anybody, db, now, web_session
from mentorlink.home.consents import own_person
from mentorlink.home.views import bp
from mentorlink.people.models import Person
from mentorlink.scheduling.add_links import add_feed
from mentorlink.scheduling.calendar_files import write_feed
from mentorlink.scheduling.policies import own_week
from mentorlink.scheduling.queries.feeds import feed_entries, feed_link_of, find_feed
from mentorlink.scheduling.services.feeds import make_feed, stop_feed

MADE = "feed_made"  # in the visit: the link whose address is shown once
HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Content-Disposition": 'inline; filename="calendar.ics"'}


def own_calendar(session: Session, actor: Actor) -> Person | None:
    """An applicant or a supporter, each for themselves: nobody at the office makes or sees an address."""
    supporter = own_week(session, actor)
    return supporter.person if supporter is not None else own_person(session, actor)


@bp.get("/calendar/<token>.ics")
@allow(anybody)
def show_feed(ids: dict[str, str]) -> Any:
    """Plain, without a visit or a cookie; one answer for all that is not a feed, or no longer one."""
    feed = find_feed(db(), ids["token"], now())
    if feed is None:
        return Response("not found\n", 404, HEADERS, mimetype="text/plain")
    body = write_feed(feed_entries(db(), feed.person_id, now=now()), busy_only=feed.busy_only)
    response = Response(body, headers=HEADERS, content_type="text/calendar; charset=utf-8")
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/calendar-feed")
@allow(own_calendar)
def show_own_feed(person: Person) -> Any:
    """The address itself only right after it was made; later it can be renewed, not read."""
    link, made = feed_link_of(db(), person.id, now()), web_session().pop(MADE, None)
    address = address_of(link, "feed") if link is not None and link.id == made else None
    return render_template(
        "home/calendar_feed.html",
        person=person,
        link=link,
        is_busy_only=person.safe_contact or (link is not None and link.purpose == BUSY_FEED),
        is_supporter=actor().role is Role.SUPPORTER,
        address=address,
        add=add_feed(address, discreet=person.safe_contact or link.purpose == BUSY_FEED)
        if address and link
        else None,
    )


@bp.post("/calendar-feed")
@allow(own_calendar)
def create_own_feed(person: Person) -> Any:
    person_id, busy_only = person.id, request.form.get("says") != "talks"
    with transaction(db()):
        link = make_feed(db(), db().get_one(Person, person_id), busy_only=busy_only, now=now())
        record(db(), actor(), "make_feed", f"person:{person_id}", now=now())
        link_id = link.id
    web_session()[MADE] = link_id
    return redirect(url_for(".show_own_feed"), code=303)


@bp.post("/calendar-feed/closure")
@allow(own_calendar)
def create_feed_closure(person: Person) -> Any:
    person_id = person.id
    with transaction(db()):
        stop_feed(db(), db().get_one(Person, person_id), now=now())
        record(db(), actor(), "stop_feed", f"person:{person_id}", now=now())
    flash(gettext("カレンダーへのお知らせを止めました。前のアドレスは、もう使えません。"))
    return redirect(url_for(".show_own_feed"), code=303)
