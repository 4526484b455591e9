"""What happens to an engagement, one verb each; ``now`` is the instant, ``by`` who did it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import Application, ApplicationState, Flag, FlagKind
from mentorlink.applications.services import close_application, raise_flag, watch_over
from mentorlink.core.errors import RuleViolation
from mentorlink.core.state import change_state
from mentorlink.engagements import notices
from mentorlink.engagements.models import (
    TRANSITIONS,
    Engagement,
    EngagementState,
    EngagementSupporter,
    Pause,
    PauseReason,
    Side,
    ThreadPost,
)
from mentorlink.people.services import pause_supporter

ENDED = (
    EngagementState.COMPLETED,
    EngagementState.STOPPED,
    EngagementState.FOLLOWING,
    EngagementState.FINISHED,
)


def open_engagement(
    session: Session, application: Application, supporter_ids: list[int], *, by: str, now: datetime
) -> Engagement:
    """The support of an application begins to be prepared.

    An application that went back to the desk keeps its engagement: the supporters change, the history stays.
    Raises RuleViolation ``no_supporter``.
    """
    if not supporter_ids:
        raise RuleViolation("no_supporter")
    engagement = session.scalar(select(Engagement).where(Engagement.application_id == application.id))
    if engagement is not None:
        _take_up_again(session, engagement, by=by, now=now)
    else:
        engagement = _new_engagement(application, now)
        session.add(engagement)
        session.flush()
    _place_supporters(session, engagement, supporter_ids, now)
    return engagement


def start_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The first talk took place. Where it is running already nothing changes."""
    if engagement.state is not EngagementState.RUNNING:
        change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now)


def complete_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """It ends as planned; its application ends with it."""
    change_state(session, engagement, EngagementState.COMPLETED, TRANSITIONS, by=by, now=now, ended_at=now)
    _close_application(session, engagement, by=by, now=now)


def stop_engagement(
    session: Session, engagement: Engagement, *, why: str | None = None, by: str, now: datetime
) -> None:
    """It ends before it was planned to; ``why`` is a code of 終わり方, and none of them is a failure."""
    change_state(
        session, engagement, EngagementState.STOPPED, TRANSITIONS, by=by, now=now, why=why, ended_at=now
    )
    _end_pause(session, engagement, now)
    _close_application(session, engagement, by=by, now=now)


def follow_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """What came of it is asked from now on."""
    change_state(session, engagement, EngagementState.FOLLOWING, TRANSITIONS, by=by, now=now)


def finish_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """The last question about it was asked."""
    change_state(session, engagement, EngagementState.FINISHED, TRANSITIONS, by=by, now=now)


def pause_engagement(
    session: Session, engagement: Engagement, reason: PauseReason, *, by: str, now: datetime
) -> Pause:
    """休止: it stands still with a reason, until somebody resumes it."""
    change_state(session, engagement, EngagementState.PAUSED, TRANSITIONS, by=by, now=now, why=reason.value)
    pause = Pause(engagement_id=engagement.id, reason=reason, since=now, until=None)
    session.add(pause)
    session.flush()
    return pause


def resume_engagement(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    """Raises RuleViolation ``engagement_not_paused`` where there is nothing to resume."""
    if engagement.state is not EngagementState.PAUSED:
        raise RuleViolation("engagement_not_paused")
    change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now)
    _end_pause(session, engagement, now)


def post_message(  # noqa: PLR0917 - side, author, text and token, in the order of the form
    session: Session,
    engagement: Engagement,
    side: Side,
    author_person_id: int | None,
    body: str,
    submission: str,
    *,
    now: datetime,
) -> ThreadPost:
    """Write into the thread and tell the other side. The same ``submission`` again is the same message.

    Raises RuleViolation ``message_empty``.
    """
    if not body.strip():
        raise RuleViolation("message_empty")
    post = _posted(session, engagement, submission)
    if post is not None:
        return post
    post = ThreadPost(
        engagement_id=engagement.id,
        side=side,
        author_person_id=author_person_id,
        body=body,
        at=now,
        submission=submission,
    )
    try:
        with session.begin_nested():
            session.add(post)
    except IntegrityError:  # the same form, sent twice at the same moment
        return _posted(session, engagement, submission) or post
    notices.announce_post(session, engagement, post, now=now)
    if side is not Side.OFFICE and speaks_of_crisis(body):
        watch_over(session, engagement.application, by=f"person:{author_person_id}", now=now)
    return post


def report_concern(
    session: Session,
    engagement: Engagement,
    text: str,
    *,
    by: str,
    now: datetime,
    side: Side = Side.APPLICANT,
) -> Flag:
    """Somebody was treated badly, or something was sold to them: the office alone learns of it.

    The supporter is asked nothing new until the office has looked, unless it was the supporter who reported.
    """
    flag: Flag = raise_flag(session, engagement.application, FlagKind.CONCERN, note=text, by=by, now=now)
    session.flush()
    if side is not Side.SUPPORTER:
        for place in engagement.supporters:
            if place.until is None:
                pause_supporter(session, place.supporter, until=None)
    notices.announce_concern(session, engagement, flag, now=now)
    return flag


def _new_engagement(application: Application, now: datetime) -> Engagement:
    return Engagement(
        application_id=application.id,
        programme_id=application.programme_id,
        recipient_id=application.person_id,
        opened_at=now,
        ended_at=None,
    )


def _take_up_again(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    if engagement.state in (EngagementState.COMPLETED, EngagementState.STOPPED):
        follow_engagement(session, engagement, by=by, now=now)
    if engagement.state in ENDED:
        change_state(session, engagement, EngagementState.RUNNING, TRANSITIONS, by=by, now=now, ended_at=None)


def _place_supporters(
    session: Session, engagement: Engagement, supporter_ids: list[int], now: datetime
) -> None:
    known = {place.supporter_id: place for place in engagement.supporters}
    for supporter_id, place in known.items():
        place.until = None if supporter_id in supporter_ids else place.until or now
    for supporter_id in supporter_ids:
        if supporter_id not in known:
            session.add(
                EngagementSupporter(
                    engagement_id=engagement.id, supporter_id=supporter_id, since=now, until=None
                )
            )
    session.flush()
    session.refresh(engagement, ["supporters"])


def _posted(session: Session, engagement: Engagement, submission: str) -> ThreadPost | None:
    query = select(ThreadPost).where(
        ThreadPost.engagement_id == engagement.id, ThreadPost.submission == submission
    )
    return session.scalar(query)


def _end_pause(session: Session, engagement: Engagement, now: datetime) -> None:
    open_pauses = select(Pause).where(Pause.engagement_id == engagement.id, Pause.until.is_(None))
    for pause in session.scalars(open_pauses):
        pause.until = now


def _close_application(session: Session, engagement: Engagement, *, by: str, now: datetime) -> None:
    if engagement.application.state is ApplicationState.MATCHED:
        close_application(session, engagement.application, by=by, now=now)
