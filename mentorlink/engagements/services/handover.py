"""A change of supporter: nobody asks why, the recipient alone says what goes along, the half-year stays as it is."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.models import ApplicationState, FlagKind
from mentorlink.applications.services import begin_matching, mark_matched, raise_flag, return_to_desk
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements import handover_notices as notices
from mentorlink.engagements.models import (
    HANDOVER_TRANSITIONS,
    Engagement,
    EngagementState,
    Handover,
    HandoverState,
    Side,
)

OPEN = (HandoverState.ASKED, HandoverState.CHOSEN)
GOES_ON = (EngagementState.PREPARING, EngagementState.RUNNING, EngagementState.PAUSED)


def ask_handover(
    session: Session, engagement: Engagement, wished_by: Side, *, by: str, now: datetime
) -> Handover:
    """Somebody of the three wishes for another supporter. Wishing twice is one wish.

    The office sees it on its desk. The supporter hears nothing of a wish that is not theirs before the next one has
    been found. Raises RuleViolation ``engagement_ended``.
    """
    if engagement.state not in GOES_ON:
        raise RuleViolation("engagement_ended")
    handover = open_handover(session, engagement)
    if handover is not None:
        return handover
    handover = Handover(
        engagement=engagement, wished_by=wished_by, wished_at=now, chosen_at=None, done_at=None
    )
    try:
        with session.begin_nested():
            session.add(handover)
    except IntegrityError:  # two sides wished at the same moment
        return open_handover(session, engagement) or handover
    raise_flag(session, engagement.application, FlagKind.CHANGE, by=by, now=now)
    notices.tell_asked(session, handover, now=now)
    return handover


def choose_handover(
    session: Session,
    handover: Handover,
    *,
    talks: bool,
    thread: bool,
    evidence: bool,
    by: str,
    now: datetime,
) -> None:
    """The recipient says what the next supporter may read of the time before; choosing again is possible until then.

    With the first choice the application is searched for again, as if it were new. Raises RuleViolation
    ``handover_not_chosen`` where the change was made or called off.
    """
    if handover.state is HandoverState.CHOSEN:
        handover.talks, handover.thread, handover.evidence = talks, thread, evidence
        session.flush()
        return
    change_state(
        session,
        handover,
        HandoverState.CHOSEN,
        HANDOVER_TRANSITIONS,
        by=by,
        now=now,
        chosen_at=now,
        talks=talks,
        thread=thread,
        evidence=evidence,
    )
    _search_again(session, handover.engagement, by=by, now=now)
    notices.tell_chosen(session, handover, now=now)


def cancel_handover(session: Session, handover: Handover, *, by: str, now: datetime) -> None:
    """They stay together. What is asked of others meanwhile, the caller takes back first.

    Raises RuleViolation ``handover_needs_supporter`` where the supporter has gone already, ``handover_not_cancelled``
    where the change was made.
    """
    if not handover.engagement.supporter_ids():
        raise RuleViolation("handover_needs_supporter")
    drop_handover(session, handover.engagement, by=by, now=now)
    notices.tell_cancelled(session, handover, now=now)


def drop_handover(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """Close a wish that is open, without a word: the half-year ends, or the two stay together."""
    handover = open_handover(session, engagement)
    if handover is None:
        return
    change_state(session, handover, HandoverState.CANCELLED, HANDOVER_TRANSITIONS, by=by, now=now)
    notices.forget(session, handover)
    application = engagement.application
    if application.state is ApplicationState.CHECKING:  # a list came to its end meanwhile
        begin_matching(session, application, by=by, now=now)
    if application.state is ApplicationState.MATCHING:
        mark_matched(session, application, by=by, now=now)


def finish_handover(session: Session, engagement: Engagement, *, by: str, now: datetime) -> Handover | None:
    """The next supporter has begun. None where nobody had wished for a change, or nothing was chosen yet."""
    handover = open_handover(session, engagement)
    if handover is None or handover.state is not HandoverState.CHOSEN:
        return None
    change_state(session, handover, HandoverState.DONE, HANDOVER_TRANSITIONS, by=by, now=now, done_at=now)
    return handover


def open_handover(session: Session, engagement: Engagement) -> Handover | None:
    query = select(Handover).where(Handover.engagement_id == engagement.id, Handover.state.in_(OPEN))
    return session.scalar(query)


def _search_again(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The honest word about a long search counts from here, not from the first search of months ago."""
    application = engagement.application
    if application.state is ApplicationState.MATCHED:
        return_to_desk(session, application, by=by, now=now, why="handover")
    application.searching_since, application.honest_word_at = now, None
    session.flush()
