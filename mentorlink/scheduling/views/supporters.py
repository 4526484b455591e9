"""The office looks up a supporter, to see or set when they are free."""

from typing import Any

from flask import render_template, request

from mentorlink.core.actor import Actor
from mentorlink.core.dates import local_date
from mentorlink.core.web import allow, db, now, office_only
from mentorlink.scheduling import queries, shown_week
from mentorlink.scheduling.forms import WeekForm
from mentorlink.scheduling.views.blueprint import bp

MOST_PAGES = 100_000


@bp.get("/office/supporters")
@allow(office_only)
def show_supporters(_office: Actor) -> Any:
    words, asked = request.args.get("q", "").strip()[:100], request.args.get("page", 1, type=int)
    found = queries.list_supporters(db(), words, min(max(1, asked), MOST_PAGES))
    rows = [
        (
            each,
            shown_week.week_text(WeekForm.of(windows).windows),
            each.receives_on(local_date(now(), each.person.zone)),
        )
        for each, windows in found.rows
    ]
    return render_template("scheduling/supporters.html", found=found, rows=rows, words=words)
