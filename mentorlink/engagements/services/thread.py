"""The thread between the two sides, and a word to the office that something was not right."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from mentorlink.applications.crisis import speaks_of_crisis
from mentorlink.applications.models import Flag, FlagKind
from mentorlink.applications.services import raise_flag, watch_over
from mentorlink.core.errors import RuleViolation
from mentorlink.engagements import notices
from mentorlink.engagements.models import Engagement, Side, ThreadPost
from mentorlink.people.services import pause_supporter


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


def _posted(session: Session, engagement: Engagement, submission: str) -> ThreadPost | None:
    query = select(ThreadPost).where(
        ThreadPost.engagement_id == engagement.id, ThreadPost.submission == submission
    )
    return session.scalar(query)
