"""Who sits beside the recipient: places are taken and left, and the time before belongs to the recipient."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from mentorlink.core.links import revoke_links
from mentorlink.core.sessions import end_sessions_of_scope
from mentorlink.engagements import handover_notices as notices
from mentorlink.engagements.models import Engagement, EngagementSupporter, Handover
from mentorlink.engagements.services.handover import finish_handover
from mentorlink.engagements.services.milestones import milestones_of


def place_supporters(
    session: Session, engagement: Engagement, supporter_ids: Sequence[int], *, by: str, now: datetime
) -> None:
    """These support from now on, and nobody else: whoever is not named leaves at once.

    Somebody new, or back again, reads what was before only as far as it was handed over.
    """
    handover = finish_handover(session, engagement, by=by, now=now)
    leaving = [place for place in _of_now(engagement) if place.supporter_id not in supporter_ids]
    leave_places(session, engagement, leaving, now=now)
    known = {place.supporter_id: place for place in engagement.supporters}
    for supporter_id in supporter_ids:
        place = known.get(supporter_id)
        if place is None:
            place = EngagementSupporter(supporter_id=supporter_id, until=now)
            engagement.supporters.append(place)
        if place.until is not None:
            _take(place, handover, now)
    session.flush()
    session.refresh(engagement, ["supporters"])
    if handover is not None:
        notices.tell_done(session, handover, now=now)


def let_supporters_go(session: Session, engagement: Engagement, *, now: datetime) -> None:
    """The recipient wishes to stop with them now, before somebody else is found; the office is beside them."""
    leave_places(session, engagement, _of_now(engagement), now=now)


def leave_places(
    session: Session, engagement: Engagement, leaving: Sequence[EngagementSupporter], *, now: datetime
) -> None:
    """With thanks, and with every door of the engagement closed: its links open nothing from now on."""
    if not leaving:
        return
    for place in leaving:
        place.until = max(now, place.since)  # a clock may have been set back meanwhile
        notices.thank_supporter(session, engagement, place.supporter, now=now)
    session.flush()
    close_doors(session, "engagement", [engagement.id], now=now)
    close_doors(session, "milestone", [each.id for each in milestones_of(session, engagement)], now=now)


def close_doors(session: Session, concept: str, row_ids: Sequence[int], *, now: datetime) -> None:
    """Links that a supporter was sent, and the visits that they opened."""
    for row_id in row_ids:
        revoke_links(session, f"{concept}:{row_id}", now)
        end_sessions_of_scope(session, concept, row_id)


def _of_now(engagement: Engagement) -> list[EngagementSupporter]:
    return [place for place in engagement.supporters if place.until is None]


def _take(place: EngagementSupporter, handover: Handover | None, now: datetime) -> None:
    place.since, place.until = now, None
    place.sees_talks = handover is not None and handover.talks
    place.sees_thread = handover is not None and handover.thread
    place.sees_evidence = handover is not None and handover.evidence
