"""事務局's first screen: 今日の仕事, and what is pressed on it."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from mentorlink.applications.models import Application, ApplicationState
from mentorlink.core import dates, taxonomy
from mentorlink.core.actor import Actor
from mentorlink.core.audit import record
from mentorlink.core.db import transaction
from mentorlink.core.i18n import plain
from mentorlink.core.web import actor, allow, db, now, office_only
from mentorlink.engagements.models import Engagement
from mentorlink.home import tasks
from mentorlink.home.board.lines import count_resting, count_silent
from mentorlink.home.desk import PAGE_SIZE, DeskItem, Queue, count_queues, list_queue
from mentorlink.home.desk_words import FLAG_WORDS, QUEUE_WORDS
from mentorlink.home.figures import desk_figures
from mentorlink.home.paging import asked_page
from mentorlink.home.policies import office_engagement
from mentorlink.home.views import bp
from mentorlink.matching.nightly import ready_rounds
from mentorlink.matching.queries import Candidate, best_candidates, open_proposal
from mentorlink.matching.summary import summary_of
from mentorlink.matching.words import INVITATION_WORDS
from mentorlink.scheduling.services import offer_slots

LOOKED_FOR = (
    ApplicationState.RECEIVED,
    ApplicationState.CHECKING,
    ApplicationState.SELECTED,
    ApplicationState.MATCHING,
)
CHOSEN = (ApplicationState.SELECTED, ApplicationState.MATCHING)


@bp.get("/office")
@allow(office_only)
def show_desk(_office: Actor) -> Any:
    counts = count_queues(db(), now())
    queue = _queue(counts)
    pages = max(1, -(-counts[queue] // PAGE_SIZE))
    page = min(asked_page(), pages)
    items = list_queue(db(), queue, page=page, now=now())
    if _was_opened(items):
        items = list_queue(db(), queue, page=page, now=now())
    return render_template(
        "home/office.html",
        counts=counts,
        queue=queue,
        items=items,
        page=page,
        pages=pages,
        calls=tasks.count_due_calls(db(), now()),
        parked=tasks.count_parked(db()),
        rounds=sum(ready_rounds(db(), now()).values()),
        silent=count_silent(db(), now=now()),
        resting=count_resting(db(), now=now()),
        figures=desk_figures(db(), now()),
        **_panel(items),
        **_words(),
    )


@bp.get("/office/flags")
@allow(office_only)
def show_flags(_office: Actor) -> Any:
    pages = max(1, -(-count_queues(db(), now())[Queue.WATCH] // PAGE_SIZE))
    page = min(asked_page(), pages)
    items = list_queue(db(), Queue.WATCH, page=page, now=now())
    flags = tasks.flags_of(db(), [item.ref_id for item in items])
    return render_template("home/flags.html", items=items, flags=flags, page=page, pages=pages, **_words())


@bp.post("/office/engagements/<int:engagement_id>/offer")
@allow(office_engagement)
def create_offer(engagement: Engagement) -> Any:
    with transaction(db()):
        record(db(), actor(), "offer_hours", f"application:{engagement.application_id}", now=now())
        offer_slots(db(), engagement, now=now())
    flash(plain("候補の日にちを相談者にお送りしました。"), "ok")
    return redirect(url_for("home.show_desk", queue=Queue.HOUR.value), code=303)


def _was_opened(items: list[DeskItem]) -> bool:
    """Opening a row of the desk is an act on its application: office minutes are measured from these."""
    opened = next((item for item in items if item.key == request.args.get("item", "")), None)
    if opened is None:
        return False
    about = f"application:{opened.application.id}"
    with transaction(db()):
        record(db(), actor(), "open_item", about, now=now())
    return True


def _queue(counts: Any) -> Queue:
    """The one asked for; else the first that holds something."""
    wanted = request.args.get("queue", "")
    if wanted in set(Queue):
        return Queue(wanted)
    return next((queue for queue in Queue if counts[queue]), Queue.LATE)


def _panel(items: list[DeskItem]) -> dict[str, Any]:
    """The side panel: the chosen row (the first, unless one was), and whom it could be given to."""
    wanted = request.args.get("item", "")
    chosen = next((item for item in items if item.key == wanted), items[0] if items else None)
    if chosen is None:
        return {"chosen": None, "best": [], "proposal": None, "summary": None}
    proposal = open_proposal(db(), chosen.application.id)
    return {
        "chosen": chosen,
        "best": [] if proposal else _best(chosen.application),
        "proposal": proposal,
        "summary": summary_of(chosen.application),
    }


def _best(application: Application) -> list[Candidate]:
    """The three to ask first, where the office may ask now."""
    if application.state not in LOOKED_FOR:
        return []
    if application.programme.has_selection and application.state not in CHOSEN:
        return []
    return best_candidates(db(), application, now=now())


def _words() -> dict[str, Any]:
    return {
        "dates": dates,
        "taxonomy": taxonomy,
        "now": now(),
        "asked_words": INVITATION_WORDS,
        "queue_words": QUEUE_WORDS,
        "flag_words": FLAG_WORDS,
        "queues_in_order": list(Queue),
    }
