"""わたしの半年, on paper: for a partner, a bank or a landlord, with what the mentee chooses to show and nothing else."""

from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from mentorlink.core.actor import Actor
from mentorlink.core.language import current_language
from mentorlink.core.web import allow, db, now
from mentorlink.engagements.models import Evidence, Side
from mentorlink.engagements.policies import Seat
from mentorlink.engagements.words import title_of
from mentorlink.home.half_year import seat_at_half_year
from mentorlink.home.half_year_page import HalfYear, half_year_of
from mentorlink.home.milestone_page import talks_to_show
from mentorlink.home.views import bp

WAREKI, WESTERN = "wareki", "western"


def own_half_year(session: Session, actor: Actor, engagement_id: int) -> Seat | None:
    """The mentee alone: what goes to others on paper is theirs to choose."""
    seat = seat_at_half_year(session, actor, engagement_id)
    return seat if seat is not None and seat.side is Side.APPLICANT else None


@bp.get("/engagements/<int:engagement_id>/print")
@allow(own_half_year)
def show_print(seat: Seat) -> Any:
    """Ids of evidence in the address say what is shown; without any the sheet has steps and dates alone."""
    half_year, chosen = half_year_of(db(), seat, now()), set(request.args.getlist("show", type=int))
    talks = {talk.id: talk for talk in talks_to_show(db(), seat.engagement.id)}
    offered = evidence_to_show(half_year)
    return render_template(
        "home/half_year_print.html",
        half_year=half_year,
        is_wareki=_years(request.args.get("years")) == WAREKI,
        offered=offered,
        chosen={each.id for each in offered} & chosen,
        goal_shown="goal" in request.args or "chosen" not in request.args,
        talks=talks,
        title_of=title_of,
    )


def _years(asked: str | None) -> str:
    """Papers for an authority, a bank or a landlord count years by eras here; whoever reads English does not."""
    if asked in (WAREKI, WESTERN):
        return asked
    return WAREKI if current_language().code == "ja" else WESTERN


def evidence_to_show(half_year: HalfYear) -> list[Evidence]:
    """What the mentee brought to reached steps. A talk is a day and no word; notes and checks are never on paper."""
    reached = [step for step in half_year.steps if step.reached_at is not None]
    return [each for step in reached for each in step.evidence if each.side is not Side.SUPPORTER]
